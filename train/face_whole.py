"""Fine-tuning of the whole face network, every batch made anew: for those who have a GPU.

On two cores a step of 32 faces takes seconds; `train.face_learnt` is for them.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

from masquerade.forensics.face_input import face_input
from masquerade.train.image_features import stored
from train.face_net import FaceNet
from train.face_pairs import Known
from train.measured import area

RATE = 3e-4
AVERAGED = 0.998
SAVED_EVERY = 100


class Batches(Dataset[tuple[NDArray[np.float32], NDArray[np.float32]]]):
    """Batches by number: the same number gives the same batch.

    Args:
        known: What is learnt from.
        size: Of a batch, half real.
        seed: Of the training.
    """

    def __init__(self, known: Known, size: int, seed: int) -> None:
        self._known, self._size, self._seed = known, size, seed

    def __getitem__(self, step: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """(Pictures as the network takes them, 1 for manipulated ones)."""
        half = self._size // 2
        pairs = [self._known.pair(self._seed, step * half + place) for place in range(half)]
        return face_input([cut for one in pairs for cut in (one.real, one.fake)]), np.tile(
            np.array([0.0, 1.0], np.float32), half
        )

    def __len__(self) -> int:
        return 1 << 30


def trained(known: Known, given: argparse.Namespace, *, seed: int) -> FaceNet:
    """The network, its weights averaged over the last steps; learnt, or taken up where it stopped.

    AdamW with a cosine rate. Sharpness-aware steps would cost twice the time.
    """
    torch.manual_seed(seed)
    device = torch.device(given.device)
    net = FaceNet.begun(stored()).to(device)
    net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    calm = torch.optim.swa_utils.AveragedModel(
        net,
        multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(  # type: ignore[no-untyped-call]
            AVERAGED
        ),
    )
    chosen = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=1e-3)
    rates = torch.optim.lr_scheduler.OneCycleLR(
        chosen, RATE, total_steps=given.steps + 1, pct_start=0.05
    )
    parts: dict[str, Any] = {"net": net, "calm": calm, "optimizer": chosen, "rates": rates}
    place = given.work / f"seed-{seed}-{given.steps}.pt"
    first = _taken_up(parts, place, device)
    batches = DataLoader(
        Batches(known, given.batch, seed),
        batch_size=None,
        sampler=range(first, given.steps),
        num_workers=given.workers,
    )
    log = Log(given.work / f"seed-{seed}.csv", first, given.minutes)
    net.train()
    for step, (windows, wanted) in enumerate(batches, first + 1):
        pictures = windows.to(device, memory_format=torch.channels_last)
        odds = net(pictures).mean(dim=(1, 2, 3))
        goal = wanted.to(device) * 0.96 + 0.02
        loss = functional.binary_cross_entropy_with_logits(odds, goal)
        chosen.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        chosen.step()
        rates.step()
        calm.update_parameters(net)
        spent = log.after(step, float(loss.detach()), odds.detach().cpu(), wanted)
        if step % SAVED_EVERY == 0 or spent or step == given.steps:
            _keep(parts, place, step)
        if spent:
            break
    found = calm.module
    assert isinstance(found, FaceNet)
    return found.cpu().eval()


def _taken_up(parts: Mapping[str, Any], place: Path, device: torch.device) -> int:
    """How many steps were done before; the parts are as they were then."""
    if not place.is_file():
        return 0
    state = torch.load(place, map_location=device, weights_only=True)
    for name, part in parts.items():
        part.load_state_dict(state[name])
    return int(state["step"])


def _keep(parts: Mapping[str, Any], place: Path, step: int) -> None:
    """Writes them as a whole, or not at all."""
    state = {name: part.state_dict() for name, part in parts.items()}
    torch.save({**state, "step": step}, place.with_suffix(".part"))
    place.with_suffix(".part").replace(place)


class Log:
    """The curve of a training: printed, and kept as a table.

    Args:
        place: The table; added to.
        step: Where the training is.
        minutes: That it may take.
    """

    def __init__(self, place: Path, step: int, minutes: float) -> None:
        self._place, self._first, self._most = place, step, minutes
        self._begun = time.monotonic()
        self._losses: list[float] = []
        self._odds: tuple[list[float], list[float]] = ([], [])

    def after(self, step: int, loss: float, odds: torch.Tensor, wanted: torch.Tensor) -> bool:
        """Whether the minutes are spent, after a step."""
        self._losses.append(loss)
        for one, fake in zip(odds.tolist(), wanted.tolist(), strict=True):
            self._odds[bool(fake)].append(one)
        minutes = (time.monotonic() - self._begun) / 60
        spent = minutes > self._most
        if step % 20 == 0 or spent:
            auc = area(np.array(self._odds[1]), np.array(self._odds[0]))
            loss = float(np.mean(self._losses))
            each = 1000 * minutes / (step - self._first)
            print(
                f"step {step} loss {loss:.3f} AUC {auc:.3f} {minutes:.1f} min"
                f" ({each:.0f} min per 1000)",
                flush=True,
            )
            with self._place.open("a") as table:
                table.write(f"{step},{loss:.4f},{auc:.4f},{minutes:.2f}\n")
            self._losses.clear()
            self._odds[0].clear()
            self._odds[1].clear()
        return spent
