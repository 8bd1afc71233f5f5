"""A training of a swap as it is asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from masquerade.models.trained.swap_shape import SwapShape
from masquerade.provenance.consent.revocation import CHECKPOINTS
from masquerade.train.outcome import check_model_out
from masquerade.train.swap.options import TrainOptions
from masquerade.train.swap.presets import PRESETS, Preset
from masquerade.train.swap.start import StartFrom


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
