"""A base as a file, and as a part of the package: eight bits, measured, with its card."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import torch
from safetensors.numpy import save_file
from torch import Tensor

from masquerade.hashing import file_sha256
from masquerade.models.own_weights import OwnCard
from masquerade.models.trained.swap_base import SHIPPED, packed, read_base, words_of
from masquerade.train.checkpoint import Progress, write_whole
from masquerade.train.swap.base_mark import mark_base
from masquerade.train.swap.presets import PresetName
from masquerade.train.swap.trainer import SwapTrainer
from train.swap_crowd import Crowd

OWN: Final = Path("src/masquerade/models/own")


@dataclass(frozen=True, slots=True)
class About:
    """What a base learned from, and for how long.

    Attributes:
        crowd: The faces.
        done: How far it was trained.
        batch: Faces of each side in an iteration.
        device: On what.
        start: What it was begun with, in words; empty: with chance.
    """

    crowd: Crowd
    done: Progress
    batch: int
    device: str
    start: str = ""


def write_base(out: Path, trainer: SwapTrainer) -> None:
    """The averaged weights in eight bits, with the network's sizes and this installation's mark."""

    def fill(fresh: Path) -> None:
        _store(fresh, trainer)
        mark_base(fresh)

    write_whole(out, fill)


def _store(place: Path, trainer: SwapTrainer) -> None:
    weights = {name: one.cpu().numpy() for name, one in trainer.averaged().state_dict().items()}
    tensors = {name: np.ascontiguousarray(one) for name, one in packed(weights).items()}
    save_file(tensors, place, words_of(trainer.shape))


def ship(
    trainer: SwapTrainer, held: tuple[Tensor, Tensor], about: About, preset: PresetName
) -> str:
    """What was found of the base that now lies in the package.

    Args:
        trainer: With the trained weights.
        held: (n, 5, S, S) uint8 faces that it was not trained on, for both ways through it.
        about: What its card says of the training.
        preset: Whose base it is.
    """
    name = SHIPPED[preset]
    path = OWN / f"{name}.safetensors"
    before = trainer.check(held)
    write_whole(path, lambda fresh: _store(fresh, trainer))  # its card vouches for it
    stored = read_base(path)[1]
    trainer.begin_with({key: torch.tensor(one).float() for key, one in stored.items()})
    after = trainer.check(held)
    quality = (
        f"DSSIM of {len(held[0])} faces of people it was not trained on: {before[0]:.4f} (shared"
        f" layer alone) and {before[1]:.4f} in full precision, {after[0]:.4f} and {after[1]:.4f} in"
        " eight bits; what it saves: docs/training.md"
    )
    (OWN / f"{name}.toml").write_text(_card(path, about, quality).as_toml(), encoding="utf-8")
    return quality


def _card(path: Path, about: About, quality: str) -> OwnCard:
    crowd, done = about.crowd, about.done
    minutes = round(done.seconds / 60)
    return OwnCard(
        task="Draws any face on the map again: what the training of a swap begins with.",
        sha256=file_sha256(path),
        size_bytes=path.stat().st_size,
        licence="Apache-2.0",
        data=f"{crowd.found} portraits of {crowd.people} people: official portraits of members of"
        " the US Congress (public domain) and personas (SFHQ, MIT); and"
        f" {len(crowd.faces) - crowd.found} pictures made of those by the mesh, in drawn lights.",
        command=f"python -m train.swap_base PORTRAITS PERSONAS --out BASE --batch {about.batch}"
        f" --minutes {minutes} --ship{' --start BEFORE' * bool(about.start)}",
        made=date.today().isoformat(),
        quality=f"{done.step} iterations in {minutes} minutes on one thread of a shared Xeon"
        f" ({about.device}){about.start and f', begun with {about.start}'}; {quality}",
        limits="Few people are younger than 30 or photographed from the side; blurred by itself.",
        paper="Perov et al., DeepFaceLab, 2020, arXiv:2005.05535",
        input="(N, 3, 64, 64) RGB in [0, 1], faces on the map of masquerade.faces.trained_face",
        output="(N, 3, 128, 128) RGB and (N, 1, 128, 128) mask in [0, 1], for each way through it",
    )
