"""Training of later blocks and head on a bank: on one core, taken up after its last whole pass.

Real and manipulated faces of a pair stand in one batch. Beside the odds of each, the odds of one
against the other count, which content cannot lower (Burges et al., "Learning to rank using gradient
descent", 2005), and so does where the face was touched (Li et al., "Face X-ray for more general
face forgery detection", 2020, learn the border likewise).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from train.face_bank import Bank, Some
from train.face_head import FaceLate, apart
from train.measured import area

RATE: Final = 1.5e-3
LATE_RATE: Final = 4e-4
CALMER: Final = 0.4
"""Of both rates, where a network goes on from another."""
DECAY: Final = 0.05
PAIRS: Final = 16
AVERAGED: Final = 0.99
_SMOOTH: Final = 0.03
_RANKED: Final = 0.5
_TOUCHED: Final = 0.5
_RIM_TOUCHED: Final = 0.4
"""Share of the outer parts above which it is not the face that was touched; not learnt from."""


def learnt(
    bank: Bank,
    held: Bank,
    place: Path,
    weights: Mapping[str, Tensor] | None,
    *,
    passes: int,
    seed: int,
    begun: Mapping[str, NDArray[np.float32]] | None = None,
    minutes: float = 1e9,
) -> FaceLate:
    """The network, its weights averaged over the last steps.

    Args:
        bank: Pairs to learn from.
        held: Pairs of people who are held out; only told about.
        place: Where the training is kept after each pass.
        weights: Of the card ``image_features``, by name; chance if None.
        passes: Over the bank.
        seed: Decides the first weights and the order.
        begun: Weights of a network of this signal to go on from, if not from ImageNet's alone.
        minutes: After which no further pass is begun; what there is then is returned.
    """
    torch.manual_seed(seed)
    net, since = FaceLate(weights), time.monotonic()
    spread(net, bank)
    if begun is not None:
        net.take_over(begun)
    parts = _begun(net, passes * (len(bank) // PAIRS), calmer=1.0 if begun is None else CALMER)
    found = parts["calm"].module
    assert isinstance(found, FaceLate)
    for number in range(_taken_up(place, parts), passes):
        if time.monotonic() - since > 60 * minutes:
            break
        spent = time.process_time()
        mean = _pass(parts, bank, seed, number)
        _keep(place, parts, number + 1)
        real, fake = scores(found, held).T
        print(
            f"seed {seed}, pass {number + 1} of {passes}: loss {mean:.3f},"
            f" area on people held out {area(fake, real):.3f},"
            f" {time.process_time() - spent:.0f} s",
            flush=True,
        )
    found.eval()
    found.usual = usual(found, bank)
    return found


def _begun(net: FaceLate, steps: int, *, calmer: float) -> dict[str, Any]:
    """Network, its running mean, optimizer and rates, by name, before the first step."""
    late = {id(one) for one in net.late.parameters()}
    tops = [calmer * RATE, calmer * LATE_RATE]
    chosen = torch.optim.AdamW(
        [
            {"params": [one for one in net.parameters() if id(one) not in late], "lr": tops[0]},
            {"params": list(net.late.parameters()), "lr": tops[1]},
        ],
        weight_decay=DECAY,
    )
    rates = torch.optim.lr_scheduler.OneCycleLR(chosen, tops, total_steps=steps + 1, pct_start=0.1)
    calm = torch.optim.swa_utils.AveragedModel(net, avg_fn=_averaged)
    return {"net": net, "calm": calm, "optimizer": chosen, "rates": rates}


def _pass(parts: dict[str, Any], bank: Bank, seed: int, number: int) -> float:
    """One pass over the bank; what it cost on average."""
    net, rng = parts["net"], np.random.default_rng((seed, number))
    torch.manual_seed(1000 * seed + number)
    order, losses = rng.permutation(len(bank)), []
    net.train()
    for step in range(len(bank) // PAIRS):
        loss = lost(net, bank.batch(np.sort(order[step * PAIRS : (step + 1) * PAIRS])))
        parts["optimizer"].zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        parts["optimizer"].step()
        parts["rates"].step()
        parts["calm"].update_parameters(net)
        losses.append(loss.item())
    return float(np.mean(losses))


def usual(net: FaceLate, bank: Bank, count: int = 96) -> Tensor:
    """(1, 1, 6, 6) the mean odds of the parts of real faces, less their mean.

    Args:
        net: Trained, in use.
        bank: Whose pairs.
        count: How many of them.
    """
    numbers = np.arange(min(count, len(bank)))
    parts = [
        _told(net, bank.batch(numbers[first : first + PAIRS]).traces[::2])[0]
        for first in range(0, len(numbers), PAIRS)
    ]
    mean = torch.cat(parts).mean(dim=0, keepdim=True)
    return mean - mean.mean()


def lost(net: FaceLate, some: Some) -> Tensor:
    """What the answers to a batch of pairs cost: each, one against the other, and where.

    Args:
        net: In training.
        some: Pairs.
    """
    with torch.autocast("cpu", torch.bfloat16):
        told = net(some.traces.bfloat16())
    pairs = told.parts.float().mean(dim=(1, 2, 3)).view(-1, 2)
    goal = torch.tensor([_SMOOTH, 1 - _SMOOTH]).expand_as(pairs)
    each = functional.binary_cross_entropy_with_logits(pairs, goal, reduction="none").mean(dim=1)
    each = _mean_of(each, some.told)
    ranked = functional.softplus(pairs[:, 0] - pairs[:, 1]).mean()
    inner = functional.pad(torch.zeros_like(some.touched[:, :, 1:-1, 1:-1]), [1] * 4, value=1.0)
    rim = (some.touched * inner).sum(dim=(1, 2, 3)) / inner.sum(dim=(1, 2, 3))
    known = rim < _RIM_TOUCHED
    where = functional.binary_cross_entropy_with_logits(
        told.touched.float(), some.touched, reduction="none"
    ).mean(dim=(1, 2, 3))
    return each + _RANKED * ranked + _TOUCHED * _mean_of(where, known)


def _mean_of(values: Tensor, there: Tensor) -> Tensor:
    """Of those values that are to be counted; 0 of none."""
    return (values * there).sum() / there.sum().clamp(min=1)


def scores(net: FaceLate, bank: Bank) -> NDArray[np.float64]:
    """(n, 2) log odds of all pairs of a bank."""
    net.eval()
    parts = [
        _told(net, bank.batch(np.arange(first, min(first + PAIRS, len(bank)))).traces)[0]
        for first in range(0, len(bank), PAIRS)
    ]
    return torch.cat(parts).mean(dim=(1, 2, 3)).view(-1, 2).numpy().astype(np.float64)


def spread(net: FaceLate, bank: Bank, count: int = 96) -> None:
    """Set how far each channel that the head sees is from a picture's mean.

    Args:
        net: As it begins.
        bank: Whose pairs.
        count: How many of them.
    """
    numbers = np.unique(np.linspace(0, len(bank) - 1, count).astype(np.int64))
    with torch.no_grad():
        seen = [
            net.seen(bank.batch(numbers[first : first + PAIRS]).traces.float())
            for first in range(0, len(numbers), PAIRS)
        ]
    fine, coarse = (
        apart(torch.cat(some)).square().mean(dim=(0, 2, 3)).sqrt().view(-1, 1, 1)
        for some in zip(*seen, strict=True)
    )
    net.fine_spread, net.coarse_spread = fine, coarse


def _told(net: FaceLate, traces: Tensor) -> tuple[Tensor, Tensor]:
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        told = net(traces.bfloat16())
    return told.parts.float(), told.touched.float()


def _averaged(mean: Tensor, now: Tensor, steps: Tensor | int) -> Tensor:
    """The running mean, over fewer steps at the start."""
    share = min(AVERAGED, (1 + int(steps)) / (10 + int(steps)))
    return mean * share + now * (1 - share)


def _taken_up(place: Path, parts: dict[str, Any]) -> int:
    """How many passes are done already, with all as it was then."""
    if not place.is_file():
        return 0
    state = torch.load(place, weights_only=True)
    for name, part in parts.items():
        part.load_state_dict(state[name])
    return int(state["passes"])


def _keep(place: Path, parts: dict[str, Any], passes: int) -> None:
    state = {name: part.state_dict() for name, part in parts.items()}
    torch.save({**state, "passes": passes}, place.with_suffix(".part"))
    place.with_suffix(".part").replace(place)
