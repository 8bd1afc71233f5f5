"""A training of a mouth as it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from masquerade.faces.mouth.talker import Sight
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.provenance.consent.revocation import CHECKPOINTS
from masquerade.train.lips.options import LipsOptions
from masquerade.train.options import FREE
from masquerade.types import RGB, Embedding

METHOD: Final = "lipsync"
"""What the consent of whoever is learned has to cover."""


@dataclass(frozen=True, slots=True)
class LipsJob:
    """What is asked for.

    Attributes:
        out: The model file; checkpoints lie beside it in a folder of the same name.
        sights: What the footage shows of the person, in order of time within each of its files.
        inputs: SHA-256 of each file.
        identity: (128,) whose face it is.
        record: Under which it is learned.
        purpose: What for, as the record words it.
        photo: (H, W, 3) uint8 a frame that shows the face, for previews.
        options: How it is trained.
        anew: Begin again where checkpoints are there.
        overwrite: Replace `out` if it exists.
    """

    out: Path
    sights: Sequence[Sight]
    inputs: tuple[str, ...]
    identity: Embedding
    record: ConsentRecord
    purpose: str
    photo: RGB
    options: LipsOptions = field(default_factory=LipsOptions)
    anew: bool = False
    overwrite: bool = False

    @property
    def folder(self) -> Path:
        """Where checkpoints, curves and previews lie."""
        return self.out.with_suffix(CHECKPOINTS)

    @property
    def iterations(self) -> int:
        """How many in all."""
        return self.options.iterations

    @property
    def run(self) -> str:
        """Hash of all that decides the weights, but precision."""
        known = self.inputs, self.record.id, len(self.sights)
        return self.options.run_of(*known, free=FREE - {"batch"})
