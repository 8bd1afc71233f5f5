"""A training of a body's renderer as it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from masquerade.bodies.footage import Moment
from masquerade.models.trained.body_shape import BodyShape
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.provenance.consent.revocation import CHECKPOINTS
from masquerade.train.body.options import BODY_PRESETS, BodyPreset, BodyTrainOptions
from masquerade.types import Embedding, InputUse


@dataclass(frozen=True, slots=True)
class BodyJob:
    """What is asked for.

    Attributes:
        out: The model file; checkpoints lie beside it in a folder of the same name.
        moments: Of the person, in order of time.
        source: The video they are from.
        identity: (128,) whose face was measured in it.
        record: Under which it is learned.
        purpose: What for.
        options: How it is trained.
        anew: Begin again where checkpoints are there.
        overwrite: Replace `out` if it exists.
    """

    out: Path
    moments: Sequence[Moment]
    source: InputUse
    identity: Embedding
    record: ConsentRecord
    purpose: str
    options: BodyTrainOptions = field(default_factory=BodyTrainOptions)
    anew: bool = False
    overwrite: bool = False

    @property
    def folder(self) -> Path:
        """Where checkpoints, curves and previews lie."""
        return self.out.with_suffix(CHECKPOINTS)

    @property
    def preset(self) -> BodyPreset:
        """The preset that was chosen."""
        return BODY_PRESETS[self.options.preset]

    @property
    def shape(self) -> BodyShape:
        """Sizes of the network."""
        shape = self.preset.shape
        return shape.model_copy(update={"side": self.options.side or shape.side})

    @property
    def iterations(self) -> int:
        """How many in all."""
        return self.options.iterations or self.preset.iterations

    @property
    def run(self) -> str:
        """Hash of all that decides the weights, but batch and precision."""
        known = [self.source.sha256, self.record.id, len(self.moments)]
        return self.options.run_of(self.shape.model_dump(), known)
