"""The model file that a mouth's training ends in: weights, shapes, identity, and the consent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

import masquerade
from masquerade.faces.mouth.shape import MouthSpace
from masquerade.models.trained.lips import IDENTITY, KEY, LipsDescription, LipsSpace
from masquerade.provenance.consent.model_consent import mark_model
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.train.checkpoint import write_whole
from masquerade.train.lips.network import LipsNetwork
from masquerade.train.lips.trainer import Checked
from masquerade.train.swap.file import halved
from masquerade.types import Embedding


@dataclass(frozen=True, slots=True)
class LipsProduct:
    """A model that was written.

    Attributes:
        path: The file.
        size_bytes: Of it.
        drawn: DSSIM of frames never trained on, as the network draws them, and
        given: as they are drawn without it.
    """

    path: Path
    size_bytes: int
    drawn: float
    given: float


def write_lips(
    path: Path,
    network: LipsNetwork,
    space: MouthSpace,
    identity: Embedding,
    record: ConsentRecord,
    *,
    inputs: tuple[str, ...],
    frames: int,
    iterations: int,
    metrics: Mapping[str, float],
    checked: Checked,
) -> LipsProduct:
    """The model file, under the record of whoever it draws.

    Args:
        path: Where it goes; replaced if it is there, and only once it is complete.
        network: With the weights to be used.
        space: What the numbers it is told are of.
        identity: (128,) whose mouth it is.
        record: Their consent.
        inputs: SHA-256 of the footage.
        frames: It was trained on.
        iterations: It was trained for.
        metrics: Figures that describe it.
        checked: How good it is.

    Raises:
        ConsentError: The record does not hold any more.
        OutputError: It cannot be written.
    """
    about = LipsDescription(
        shape=network.shape,
        inputs=inputs,
        frames=frames,
        iterations=iterations,
        metrics={**metrics, "dssim_drawn": checked.drawn, "dssim_given": checked.given},
        made_by=f"Masquerade {masquerade.__version__}",
    )
    arrays = space_of(space).arrays() | {IDENTITY: np.asarray(identity, np.float32)}
    tensors = halved(network) | {
        name: torch.from_numpy(np.array(one, order="C")) for name, one in arrays.items()
    }

    def fill(fresh: Path) -> None:
        save_file(tensors, fresh, {KEY: about.model_dump_json()})
        mark_model(fresh, [record], name=path.name)
        fresh.chmod(0o600)  # it tells who somebody is

    write_whole(path, fill)
    return LipsProduct(path, path.stat().st_size, checked.drawn, checked.given)


def space_of(space: MouthSpace) -> LipsSpace:
    """The shapes of a mouth as they lie in a file."""
    closed = np.array([space.closed], np.float32)
    return LipsSpace(space.mean, space.parts, space.least, space.most, space.rest, closed)
