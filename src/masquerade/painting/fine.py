"""A picture painted slowly, out of patches of a painting: real strokes instead of a network's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import cv2
import numpy as np

from masquerade.errors import InputError, LimitError, UsageError
from masquerade.faces.detect import find_faces
from masquerade.faces.embed import SAME_PERSON, distance, embed
from masquerade.faces.readers import FaceReader
from masquerade.media.read import read_image
from masquerade.painting.guides import face_guided, tone_guided
from masquerade.painting.painter import laid_over
from masquerade.painting.patches import as_planes, enlarged, painted, repainted
from masquerade.painting.wishes import Wish
from masquerade.types import RGB, Embedding, Face

WORK_PX: Final = 800
"""Longer side of the pictures in which patches are sought; larger ones are put together anew from
the same places of the larger painting."""
APART: Final = SAME_PERSON + 0.05
"""How far results stay from whoever sat for the painting, with room for labels and encoding."""
_LEAST_PX: Final = 64  # shorter side of picture and painting


@dataclass(frozen=True, slots=True)
class FinePainter:
    """Paints with the strokes of one picture.

    Attributes:
        style: (h, w, 3) uint8 RGB, the painting.
        reader: Finds the faces of both.
        portrait: Faces are guided by where in a face each patch lies.
        strength: 0 leaves the picture as it is, 1 is the painting alone.
        strokes: Size of the strokes against those of a painting as large as the picture.
        keep_colour: Only light and dark are painted.
    """

    style: RGB
    reader: FaceReader
    portrait: bool = False
    strength: float = 1.0
    strokes: float = 1.0
    keep_colour: bool = False

    @classmethod
    def of(
        cls,
        wishes: Sequence[Wish],
        reader: FaceReader,
        *,
        portrait: bool = False,
        strength: float = 1.0,
        strokes: float = 1.0,
        keep_colour: bool = False,
    ) -> Self:
        """The painter of this wish.

        Raises:
            UsageError: It is not one picture.
            InputError: The picture cannot be used.
            LimitError: It is too small to take strokes from.
        """
        if len(wishes) > 1 or wishes[0].picture is None:
            raise UsageError(
                "fine painting takes strokes from a picture, and "
                + (f"{len(wishes)} styles are named" if len(wishes) > 1 else "a preset has none"),
                "one picture, such as --style painting.jpg",
                "name one picture, or paint with --mode fast",
            )
        style = read_image(wishes[0].picture).pixels
        _refuse_specks(style, f"the painting {wishes[0].picture.name}")
        return cls(style, reader, portrait, strength, strokes, keep_colour)

    def __call__(self, picture: RGB) -> RGB:
        """(H, W, 3) uint8 RGB: the picture, painted.

        Args:
            picture: (H, W, 3) uint8 RGB.

        Raises:
            LimitError: It is smaller than patches are sought in.
            InputError: There is no face to be guided by, or the painting's face would take the
                place of the picture's.
        """
        _refuse_specks(picture, "the picture")
        height, width = picture.shape[:2]
        share = min(1.0, WORK_PX / max(height, width))
        small = _resized(picture, share)
        longer = max(small.shape[:2]) * self.strokes / max(self.style.shape[:2])
        longer = max(longer, _LEAST_PX / min(self.style.shape[:2]))
        style = _resized(self.style, longer)
        seen, shown = tone_guided(small, style)
        if self.portrait:
            seen, shown = face_guided(
                (seen, shown),
                self._largest(small, "the picture").landmarks,
                self._largest(style, "the painting").landmarks,
            )
        places = repainted(seen, shown)
        if share < 1:
            style = _resized(self.style, longer / share)
            top = style.shape[0] - 1, style.shape[1] - 1
            places = enlarged(places, (height, width), top)
        made = np.rint(painted(as_planes(style), places) * 255).astype(np.uint8)
        whole = laid_over(picture, made, self.strength, keep_colour=self.keep_colour)
        self._refuse_the_model(picture, whole)
        return whole

    def _refuse_the_model(self, picture: RGB, made: RGB) -> None:
        """Whoever sat for the painting has given no consent to be shown in the picture."""
        sitters = self._identities(self.style, find_faces(self.style, self.reader))
        if not sitters:
            return
        faces = [face for one in (picture, made) for face in find_faces(one, self.reader)]
        before, after = (self._identities(one, faces) for one in (picture, made))
        for was, now in zip(before, after, strict=True):
            for sitter in sitters:
                own = distance(was, sitter)
                if own >= SAME_PERSON and distance(now, sitter) < min(APART, own):
                    raise InputError(
                        "the painting's face would take the place of the picture's "
                        f"({distance(now, sitter):.2f} apart)",
                        f"a result at least {APART:.2f} from whoever the painting shows",
                        "paint with --mode fast, with a lower --strength, or after another "
                        "painting",
                    )

    def _identities(self, picture: RGB, faces: Sequence[Face]) -> list[Embedding]:
        return [embed(picture, face, self.reader) for face in faces]

    def _largest(self, picture: RGB, where: str) -> Face:
        faces = find_faces(picture, self.reader)
        if not faces:
            raise InputError(
                f"no face is found in {where}",
                "a face in both, to guide the strokes by",
                "take --mode fine, which needs none",
            )
        return faces[0]


def _resized(picture: RGB, share: float) -> RGB:
    if share == 1:
        return picture
    size = tuple(max(1, round(side * share)) for side in picture.shape[1::-1])
    how = cv2.INTER_AREA if share < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, size, interpolation=how), np.uint8)


def _refuse_specks(picture: RGB, what: str) -> None:
    height, width = picture.shape[:2]
    if min(height, width) < _LEAST_PX:
        raise LimitError(
            f"{what} has {width} x {height} pixels",
            f"at least {_LEAST_PX} pixels each way",
            "take a larger one",
        )
