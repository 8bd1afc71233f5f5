"""The account of a saved output."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from masquerade.provenance.canonical import Json
from masquerade.provenance.label import Label


@dataclass(frozen=True, slots=True)
class SaveReport:
    """What was written.

    Attributes:
        path: The output.
        sidecar: Its manifest, where the file format cannot hold one.
        sha256: Of the output.
        ledger_id: The row that speaks of it.
        label: The visible label's preset, language and text.
        watermark: The invisible mark's id, and whether it was read back.
        sound_s: Seconds of sound that was made, without what is said of it.
        frames: Pictures written.
        segments: Segments they came in.
        resumed: How many of those an earlier run had finished.
        covered_frames: Pictures in which every place had a face, so that the label covers a part.
        tallies: What the draft said came of each segment, by index.
        sound_tallies: The same of each piece of sound.
        notes: What the file format could not keep of the input, in sentences.
    """

    path: Path
    sidecar: Path | None
    sha256: str
    ledger_id: str
    label: Label
    watermark: str
    frames: int
    segments: int
    resumed: int
    covered_frames: int
    tallies: tuple[tuple[int, str], ...]
    notes: tuple[str, ...]
    sound_s: Fraction = Fraction(0)
    sound_tallies: tuple[tuple[int, str], ...] = ()

    def lines(self) -> list[str]:
        """The report in plain words."""
        beside = f", manifest in {self.sidecar.name}" if self.sidecar else ""
        lines = [
            f"sealed: signed{beside}, {self.label.in_words}, ledger {self.ledger_id}",
            f"watermark: {self.watermark}",
        ]
        if self.resumed:
            lines.append(f"{self.resumed} of {self.segments} parts were there from a run before")
        if self.covered_frames:
            lines.append(
                f"the label covers a part of a face in {self.covered_frames} of {self.frames}"
                " frames: every place had one"
            )
        return [*lines, *(f"note: {note}" for note in self.notes)]

    def as_json(self) -> dict[str, Json]:
        """The report for programs."""
        return {
            "out": str(self.path),
            "sidecar": str(self.sidecar) if self.sidecar else None,
            "sha256": self.sha256,
            "ledger": self.ledger_id,
            "label": self.label.text,
            "label_preset": self.label.preset,
            "label_language": self.label.language,
            "watermark": self.watermark,
            "frames": self.frames,
            "sound_s": round(float(self.sound_s), 3),
            "segments": self.segments,
            "resumed": self.resumed,
            "covered_frames": self.covered_frames,
            "notes": list(self.notes),
        }
