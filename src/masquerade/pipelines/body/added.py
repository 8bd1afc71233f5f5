"""Faces that a trained renderer paints onto a body: in the output, where there is no head.

Its network never touches face and hair (`masquerade.bodies.refine`), so whoever is seen is whom the
pictures show. What else it paints is looked at on a few frames of each piece.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

import numpy as np

from masquerade.errors import ConsentError
from masquerade.faces.readers import FaceReader
from masquerade.pipelines.added_faces import added_boxes
from masquerade.pipelines.clock import clock
from masquerade.pipelines.pieces import Piece
from masquerade.types import Box, Frame

LOOKS: Final = 5
"""Frames of one piece that are looked at."""


@dataclass(slots=True)
class Added:
    """Holds some frames of an output against those of the target.

    Attributes:
        reader: The loaded face networks.
        heads: Where heads are in the frame of a pts.
        name: Of the model.
    """

    reader: FaceReader
    heads: Callable[[int], tuple[Box, ...]]
    name: str
    _before: Frame | None = field(default=None, init=False)

    def see(self, frame: Frame) -> None:
        """Notes a frame of the target, before what is made of it comes."""
        self._before = frame

    def watched(self, frames: Iterator[Frame], piece: Piece) -> Iterator[Frame]:
        """The same frames of a finished piece; some of them are looked at first.

        Raises:
            ConsentError: There is a face in one that neither the target has nor the body's head.
        """
        due = np.linspace(piece.first, piece.last, LOOKS + 1)[:-1].tolist()
        for frame in frames:
            if due and frame.pts >= due[0]:
                due = [one for one in due if one > frame.pts]
                self._look(frame)
            yield frame

    def _look(self, after: Frame) -> None:
        before = self._before
        if before is None or before.pts != after.pts:
            return
        heads = self.heads(after.pts)
        for x0, y0, x1, y1 in added_boxes(before.pixels, after.pixels, heads, self.reader):
            when = clock(Fraction(after.time_s))
            raise ConsentError(
                f"{self.name} draws a face where there is no head: at {when},"
                f" {max(x1 - x0, y1 - y0):.0f} px, around ({(x0 + x1) / 2:.0f},"
                f" {(y0 + y1) / 2:.0f})",
                "the face of whoever is seen, where their head is, and no other",
                "leave --model out, or train it anew",
            )
