"""Training of the head on a bank: minutes on one core, taken up after its last whole pass.

Real and manipulated faces of a pair stand in one batch. Beside the odds of each, the odds of one
against the other count, which content cannot lower (Burges et al., "Learning to rank using gradient
descent", 2005).
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from train.face_bank import Bank
from train.face_head import FaceHead, apart
from train.measured import area

RATE: Final = 2e-3
DECAY: Final = 0.05
PAIRS: Final = 16
AVERAGED: Final = 0.99
_SMOOTH: Final = 0.03
_RANKED: Final = 0.5


def learnt(bank: Bank, held: Bank, place: Path, *, passes: int, seed: int) -> FaceHead:
    """The head, its weights averaged over the last steps.

    Args:
        bank: Pairs to learn from.
        held: Pairs of people who are held out; only told about.
        place: Where the training is kept after each pass.
        passes: Over the bank.
        seed: Decides the first weights and the order.
    """
    torch.manual_seed(seed)
    head = FaceHead(_spread(bank))
    calm = torch.optim.swa_utils.AveragedModel(head, avg_fn=_averaged)
    chosen = torch.optim.AdamW(head.parameters(), lr=RATE, weight_decay=DECAY)
    steps = len(bank) // PAIRS
    rates = torch.optim.lr_scheduler.OneCycleLR(
        chosen, RATE, total_steps=passes * steps + 1, pct_start=0.1
    )
    parts = {"head": head, "calm": calm, "optimizer": chosen, "rates": rates}
    first = _taken_up(place, parts)
    for number in range(first, passes):
        begun, rng = time.process_time(), np.random.default_rng((seed, number))
        torch.manual_seed(1000 * seed + number)
        order, losses = rng.permutation(len(bank)), []
        head.train()
        for step in range(steps):
            some = bank.batch(np.sort(order[step * PAIRS : (step + 1) * PAIRS]))
            loss = lost(odds(head, some, flipped=rng.random() < 0.5))
            chosen.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(head.parameters(), 2.0)
            chosen.step()
            rates.step()
            calm.update_parameters(head)
            losses.append(loss.item())
        _keep(place, parts, number + 1)
        real, fake = scores(calm.module, held).T
        print(
            f"seed {seed}, pass {number + 1} of {passes}: loss {np.mean(losses):.3f},"
            f" area on people held out {area(fake, real):.3f},"
            f" {time.process_time() - begun:.0f} s",
            flush=True,
        )
    found: FaceHead = calm.module
    found.eval()
    found.usual = usual(found, bank)
    return found


def usual(head: FaceHead, bank: Bank, count: int = 100) -> Tensor:
    """(1, 1, 6, 6) the mean odds of the parts of real faces, less their mean.

    Args:
        head: Trained, in use.
        bank: Whose pairs.
        count: How many of them.
    """
    some = bank.batch(np.arange(min(count, len(bank))))
    with torch.no_grad():
        parts = head(*(one[::2] for one in some)).mean(dim=0, keepdim=True)
    return parts - parts.mean()


def odds(head: FaceHead, some: tuple[Tensor, Tensor], *, flipped: bool = False) -> Tensor:
    """(n, 2) log odds of real and manipulated faces of a batch of pairs.

    Args:
        head: In training or not.
        some: As `Bank.batch` gives them.
        flipped: Whether left and right change places.
    """
    fine, coarse = (one.flip(3) if flipped else one for one in some)
    ordered = torch.channels_last
    with torch.autocast("cpu", torch.bfloat16):
        parts = head(
            fine.contiguous(memory_format=ordered), coarse.contiguous(memory_format=ordered)
        )
    return parts.float().mean(dim=(1, 2, 3)).view(-1, 2)


def lost(pairs: Tensor) -> Tensor:
    """What (n, 2) log odds cost: each by itself, and one against the other."""
    goal = torch.tensor([_SMOOTH, 1 - _SMOOTH]).expand_as(pairs)
    each = functional.binary_cross_entropy_with_logits(pairs, goal)
    return each + _RANKED * functional.softplus(pairs[:, 0] - pairs[:, 1]).mean()


def scores(head: FaceHead, bank: Bank) -> NDArray[np.float64]:
    """(n, 2) log odds of all pairs of a bank."""
    head.eval()
    with torch.no_grad():
        parts = [
            odds(head, bank.batch(np.arange(first, min(first + PAIRS, len(bank)))))
            for first in range(0, len(bank), PAIRS)
        ]
    return torch.cat(parts).numpy().astype(np.float64)


def _averaged(mean: Tensor, now: Tensor, steps: Tensor | int) -> Tensor:
    """The running mean, over fewer steps at the start."""
    share = min(AVERAGED, (1 + int(steps)) / (10 + int(steps)))
    return mean * share + now * (1 - share)


def _spread(bank: Bank, count: int = 100) -> tuple[Tensor, Tensor]:
    """How far each channel of both traces is from a picture's mean."""
    some = bank.batch(np.unique(np.linspace(0, len(bank) - 1, count).astype(np.int64)))
    fine, coarse = (apart(one).square().mean(dim=(0, 2, 3)).sqrt() for one in some)
    return fine, coarse


def _taken_up(place: Path, parts: dict) -> int:
    """How many passes are done already, with all as it was then."""
    if not place.is_file():
        return 0
    state = torch.load(place, weights_only=True)
    for name, part in parts.items():
        part.load_state_dict(state[name])
    return int(state["passes"])


def _keep(place: Path, parts: dict, passes: int) -> None:
    state = {name: part.state_dict() for name, part in parts.items()}
    torch.save({**state, "passes": passes}, place.with_suffix(".part"))
    place.with_suffix(".part").replace(place)
