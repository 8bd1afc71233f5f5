"""A training as it is asked for, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Generic, TypeVar

from masquerade.errors import OutputError, UsageError
from masquerade.models.trained.swap_shape import SwapShape
from masquerade.provenance.consent.revocation import CHECKPOINTS
from masquerade.train import checkpoint as checkpoints
from masquerade.train.history import Entry
from masquerade.train.swap.options import TrainOptions
from masquerade.train.swap.presets import PRESETS, Preset
from masquerade.train.swap.start import StartFrom

P = TypeVar("P")

_SUFFIX: Final = ".safetensors"


@dataclass(frozen=True, slots=True)
class Job:
    """What is asked for.

    Attributes:
        source: Faceset of the person whose face is shown in the end.
        target: Faceset of the person whose place it takes.
        out: The model file; checkpoints lie beside it in a folder of the same name.
        start: What it begins with; see `masquerade.train.swap.start.start_of`.
        options: How it is trained.
        anew: Begin again where checkpoints are there.
        overwrite: Replace `out` if it exists.
    """

    source: Path
    target: Path
    out: Path
    start: StartFrom = "base"
    options: TrainOptions = field(default_factory=TrainOptions)
    anew: bool = False
    overwrite: bool = False

    @property
    def folder(self) -> Path:
        """Where checkpoints, curves and previews lie."""
        return self.out.with_suffix(CHECKPOINTS)

    @property
    def preset(self) -> Preset:
        """The preset that was chosen."""
        return PRESETS[self.options.preset]

    @property
    def shape(self) -> SwapShape:
        """Sizes of the network."""
        shape = self.preset.shape
        return shape.model_copy(update={"side": self.options.side or shape.side})

    @property
    def iterations(self) -> int:
        """How many in all."""
        return self.options.iterations or self.preset.iterations

    def check_out(self) -> None:
        """Passes when the model file may be written.

        Raises:
            UsageError: It has another ending, or exists and is not to be replaced.
            OutputError: Its folder does not exist.
        """
        check_model_out(self.out, self.folder, overwrite=self.overwrite)

    def chosen(self) -> TrainOptions:
        """The options, without image features and critic where the preset has no use for them."""
        if self.preset.details:
            return self.options
        left_out = {"perceptual", "critic"} - self.options.model_fields_set
        return self.options.model_copy(update=dict.fromkeys(left_out, 0.0))


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
