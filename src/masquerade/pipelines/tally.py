"""What came of every frame: changed, left as it was and why, and what was held in front."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from masquerade.errors import FaceError
from masquerade.faces.occlusion.corrections import Correction
from masquerade.pipelines.drawn_faces import Drawn
from masquerade.types import Frame, Miss, PixelBox

Held: TypeAlias = tuple[int, PixelBox]
"""The time of a frame, and a part of it that stays as it is in front of a face."""


@dataclass(slots=True)
class Tally:
    """What came of every frame, collected by piece while the frames stream by.

    `lines_of` gives a piece's tally as JSON, so that it can be kept beside finished work and be
    `restore`d when that work is taken up again.
    """

    pieces: dict[int, PieceTally] = field(default_factory=dict)
    damages: list[str] = field(default_factory=list)

    def damage(self, words: str) -> None:
        """Note damage of the target, in words; the same damage only once."""
        if words not in self.damages:
            self.damages.append(words)

    def lines_of(self, index: int) -> Callable[[], str]:
        """A function that gives the tally of piece `index` as JSON, once it is rendered."""
        return lambda: json.dumps(self.pieces[index].as_json()) if index in self.pieces else ""

    def restore(self, index: int, text: str) -> None:
        """Take up the tally of a piece rendered in an earlier run."""
        if index not in self.pieces and text:
            self.pieces[index] = PieceTally.from_json(json.loads(text))

    @property
    def frames(self) -> int:
        """Frames rendered or passed through."""
        return sum(piece.frames for piece in self.pieces.values())

    @property
    def swapped(self) -> int:
        """Frames in which at least one face was changed."""
        return sum(piece.swapped for piece in self.pieces.values())

    @property
    def empty(self) -> int:
        """Frames that stayed as they were because none of the people meant was seen."""
        return sum(piece.empty for piece in self.pieces.values())

    @property
    def skipped(self) -> int:
        """Frames that stayed as they were because settings by shot say so."""
        return sum(piece.skipped for piece in self.pieces.values())

    @property
    def corrected(self) -> int:
        """Frames in which an area that people drew said what stays in front."""
        return sum(piece.corrected for piece in self.pieces.values())

    @property
    def held(self) -> list[Held]:
        """Hands before faces that were found and left as they are, in order of time."""
        return [one for index in sorted(self.pieces) for one in self.pieces[index].held]

    @property
    def misses(self) -> list[Miss]:
        """Faces that were seen and meant but stayed as they were, in order of time."""
        return [miss for index in sorted(self.pieces) for miss in self.pieces[index].misses]

    @property
    def moved(self) -> float | None:
        """How far the identity of a face that was changed moved at most; None: not measured."""
        return max((one for piece in self.pieces.values() for one in piece.moved), default=None)

    @property
    def weak(self) -> list[Drawn]:
        """New faces that are more like the target than like the source, in order of time."""
        drawn = (one for index in sorted(self.pieces) for one in self.pieces[index].drawn)
        return [one for one in drawn if one.is_weak]

    def judge(self, tallies: Mapping[int, str]) -> None:
        """Passes when something was changed in at least one frame.

        Args:
            tallies: Of all pieces, as `lines_of` gave them, in this run or an earlier one.

        Raises:
            FaceError: Nothing was; the message lists the reasons.
        """
        for index, text in tallies.items():
            self.restore(index, text)
        if self.swapped:
            return
        reasons = Counter(miss.reason.partition(":")[0] for miss in self.misses)
        if self.empty:
            reasons["nobody meant was seen"] = self.empty
        if self.skipped:
            reasons["left as it is by the settings"] = self.skipped
        told = "; ".join(f"{why} (in {count})" for why, count in reasons.most_common())
        raise FaceError(
            f"nothing was changed in any of {self.frames} frames: {told or 'no reason is known'}",
            "at least one frame that can be changed",
            "nothing was written; choose another target, another --person, or other options",
        )


@dataclass(slots=True)
class PieceTally:
    """The tally of one piece."""

    frames: int = 0
    swapped: int = 0
    empty: int = 0
    misses: list[Miss] = field(default_factory=list)
    skipped: int = 0
    drawn: list[Drawn] = field(default_factory=list)
    corrected: int = 0
    moved: list[float] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)

    def add(
        self,
        frame: Frame,
        corrections: Sequence[Correction],
        missed: Sequence[Miss],
        *,
        is_changed: bool,
    ) -> None:
        """Take up one more frame.

        Args:
            frame: As it is given.
            corrections: What people said lies in front of faces, or is one.
            missed: Faces of it that were not drawn.
            is_changed: Whether any was.
        """
        self.frames += 1
        self.swapped += is_changed
        self.corrected += is_changed and any(one.holds(frame.time_s) for one in corrections)
        self.empty += not (is_changed or missed)
        self.misses += missed

    def as_json(self) -> dict[str, object]:
        """Plain values for JSON."""
        missed = [[miss.pts, miss.track_id, miss.reason] for miss in self.misses]
        return {
            "frames": self.frames,
            "swapped": self.swapped,
            "empty": self.empty,
            "misses": missed,
            "skipped": self.skipped,
            "drawn": [one.as_json() for one in self.drawn],
            "corrected": self.corrected,
            "moved": self.moved,
            "held": self.held,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, object]) -> PieceTally:
        """The tally that `as_json` wrote."""
        missed, drawn, moved = values["misses"], values["drawn"], values["moved"]
        held = values["held"]
        assert isinstance(moved, list)
        assert isinstance(held, list)
        assert isinstance(missed, list)
        assert isinstance(drawn, list)
        return cls(
            int(str(values["frames"])),
            int(str(values["swapped"])),
            int(str(values["empty"])),
            [Miss(int(pts), int(track_id), str(reason)) for pts, track_id, reason in missed],
            int(str(values["skipped"])),
            [Drawn.from_json(one) for one in drawn],
            int(str(values["corrected"])),
            [float(one) for one in moved],
            [(int(pts), _pixel_box(box)) for pts, box in held],
        )


def _pixel_box(edges: Sequence[int]) -> PixelBox:
    x0, y0, x1, y1 = (int(edge) for edge in edges)
    return x0, y0, x1, y1
