"""What came of a training, and whether the file that it ends in may be written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Generic, TypeVar

from masquerade.errors import OutputError, UsageError
from masquerade.train import checkpoint as checkpoints
from masquerade.train.history import Entry

P = TypeVar("P")

_SUFFIX: Final = ".safetensors"


@dataclass(frozen=True, slots=True)
class Trained(Generic[P]):
    """What came of it.

    Attributes:
        product: The model file; None in processes that do not lead, and where nothing was learned.
        iterations: Done in all.
        rollbacks: How often numbers were none, and the training went back.
        stalled: Share of the time in which the device waited for pictures.
        last: Row of the history.
        stopped: Whether it was stopped on request before its end.
    """

    product: P | None
    iterations: int
    rollbacks: int
    stalled: float
    last: Entry | None
    stopped: bool


def check_model_out(out: Path, folder: Path, *, overwrite: bool, suffix: str = _SUFFIX) -> None:
    """Passes when the file of a model may be written.

    Args:
        out: The file.
        folder: Of its checkpoints: where some are there, the training goes on; whether they are
            its own is asked once it is known, see `masquerade.train.beginning.checkpoint_of`.
        overwrite: Whether it may be replaced.
        suffix: Its ending.

    Raises:
        UsageError: It has another ending, or exists and is not to be replaced.
        OutputError: Its folder does not exist.
    """
    if out.suffix != suffix:
        raise UsageError(f"{out} is to hold a model", f"a name that ends in {suffix}")
    place = out.absolute().parent
    if not place.is_dir():
        raise OutputError(f"there is no folder {place}", "one that exists")
    check_new(out, overwrite=overwrite or checkpoints.has_some(folder))


def check_new(out: Path, *, overwrite: bool) -> None:
    """Passes when a file is not there, or may be replaced.

    Raises:
        UsageError: It is there.
    """
    if out.exists() and not overwrite:
        raise UsageError(f"{out} exists", "a new file", "choose another name, or add --overwrite")
