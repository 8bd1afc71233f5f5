"""A face cut out of its frame, to be changed by one effect after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.effects.skin_tone import BARE, SkinTone, smooth
from masquerade.faces.mesh import (
    INNER_LIPS,
    LEFT_BROW,
    LEFT_EYE,
    LIPS,
    OVAL,
    RIGHT_BROW,
    RIGHT_EYE,
)
from masquerade.types import RGB, Face, Frame, Mask, PixelBox, Points

RIGHT_CORNER: Final = 33
LEFT_CORNER: Final = 263
ROOM: Final = 0.55
"""What is cut out around a face's box, in its sizes, unless an effect wants more."""
_LOOKED_AT_PX: Final = 160.0  # between the eyes' outer corners, at which skin is looked for
_ALIKE: Final = 2.2  # spreads of the skin's colour, from which a neck, ears or a scalp are none
_OWN: Final = 3.2  # the same within the face, where little but a beard or a fringe is none
_FADES: Final = 0.9  # spreads over which these fade
_TOLD_PX: Final = (80.0, 110.0)  # units at which beards begin to be told: noise decides in less
_CALM: Final = 0.025  # units over which colours are asked for
_EARS: Final = 0.25  # units beside the face, within which ears lie
_SCALP: Final = 0.8  # units above it, within which it may be bare
_EDGE: Final = 0.12  # of the cut-out's size, over which changes fade towards its border

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Portrait:
    """A face and some room around it.

    Attributes:
        pixels: (h, w, 3) uint8 RGB.
        points: (478, 2) float32 the mesh in its pixels.
        depth: (478,) float32 how far behind the face's middle each point lies, in the same.
        box: Where it lies in the frame.
        people: (h, w) in [0, 1] what is a person; None where no effect asked for it.
        hair: (h, w) in [0, 1] what is hair of the head, where that is known already.
        beside: (h, w) in [0, 1] what is skin beside the face, where that is known already.
        still: (h, w) in [0, 1] 1 where nothing moves, for something is in front; None: nowhere.
    """

    pixels: RGB
    points: Points
    depth: Floats
    box: PixelBox
    people: Mask | None = None
    hair: Mask | None = None
    beside: Mask | None = None
    still: Mask | None = None

    @classmethod
    def of(
        cls,
        frame: Frame,
        face: Face,
        *,
        room: float = ROOM,
        people: Mask | None = None,
        hair: Mask | None = None,
        beside: Mask | None = None,
    ) -> Self | None:
        """The portrait of a face; None where it lies outside the frame.

        Args:
            frame: It is cut out of that.
            face: Whose.
            room: Around the face's box, in its sizes.
            people: (H, W) what of the frame is a person, where effects need it.
            hair: (H, W) what of it is hair, where that is known.
            beside: (H, W) what of it is skin beside the face, where that is known.
        """
        width, height = frame.size_wh
        low, high = face.landmarks[:468, :2].min(axis=0), face.landmarks[:468, :2].max(axis=0)
        around = room * (high - low)
        x0, y0 = np.clip(np.floor(low - around), 0, (width, height)).astype(int).tolist()
        x1, y1 = np.clip(np.ceil(high + around), 0, (width, height)).astype(int).tolist()
        if x1 - x0 < 2 or y1 - y0 < 2:
            return None
        points = face.landmarks[:, :2] - np.array([x0, y0], np.float32)
        pixels = np.ascontiguousarray(frame.pixels[y0:y1, x0:x1])
        parts = [None if mask is None else mask[y0:y1, x0:x1] for mask in (people, hair, beside)]
        return cls(pixels, points, face.landmarks[:, 2], (x0, y0, x1, y1), *parts)

    @property
    def unit(self) -> float:
        """Distance of the eyes' outer corners in pixels, never less than the face is tall / 3.

        A face that turns away keeps its size in this measure.
        """
        across = float(np.linalg.norm(self.points[LEFT_CORNER] - self.points[RIGHT_CORNER]))
        return max(across, float(np.linalg.norm(self.points[10] - self.points[152])) / 3)

    @property
    def axes(self) -> tuple[Floats, Floats]:
        """Unit vectors of the face in the picture: to its left (the viewer's right), and down."""
        down = self.points[152] - self.points[10]
        down = down / np.linalg.norm(down)
        return np.array([down[1], -down[0]], np.float32), down.astype(np.float32)

    def area(self, rings: Sequence[Sequence[int]], soft: float) -> Mask:
        """(h, w) in [0, 1]: 1 inside rings of mesh points.

        Args:
            rings: Of point numbers, in order.
            soft: How wide the edge is, in units.
        """
        mask = np.zeros(self.pixels.shape[:2], np.float32)
        for ring in rings:
            outline = np.rint(self.points[list(ring)] * 8).astype(np.int32)
            cv2.fillPoly(mask, [outline], 1.0, cv2.LINE_AA, shift=3)
        return self.softened(mask, soft)

    def softened(self, mask: Mask, soft: float) -> Mask:
        """A mask with its edge blurred by `soft` units."""
        return np.asarray(cv2.GaussianBlur(mask, (0, 0), max(soft * self.unit, 0.4)), np.float32)

    def spot(self, point: int, reach: float, *, across: float = 1.0) -> Mask:
        """(h, w) in [0, 1]: a soft spot around a mesh point.

        Args:
            point: Number of the point.
            reach: At which distance in units it has fallen to 0.6.
            across: How much wider than tall it is.
        """
        rows, columns = np.indices(self.pixels.shape[:2], np.float32)
        left, down = self.axes
        x, y = columns - self.points[point, 0], rows - self.points[point, 1]
        wide = (x * left[0] + y * left[1]) / (reach * across * self.unit)
        tall = (x * down[0] + y * down[1]) / (reach * self.unit)
        return np.asarray(np.exp(-(wide**2 + tall**2) / 2), np.float32)

    def skin(self, soft: float = 0.04) -> Mask:
        """(h, w) in [0, 1]: the face without eyes, brows and lips."""
        face = self.area([OVAL], soft * 1.5)
        parts = self.area([LIPS, RIGHT_EYE, LEFT_EYE, RIGHT_BROW, LEFT_BROW], soft)
        return np.asarray(face * (1 - np.minimum(parts * 1.6, 1)), np.float32)

    def all_skin(self) -> Mask:
        """(h, w) in [0, 1]: the face's skin, bare scalp above it, neck below it and ears beside it.

        All of it has the colour of the cheeks, in light, in shade or where it shines; beards and
        hair have not. None of it is what is known to be no person. Large faces are looked at made
        smaller: all edges are soft.
        """
        beside = self.skin_beside() if self.beside is None else self.beside
        return np.asarray(np.maximum(self._looked_at(Portrait._own_skin), beside), np.float32)

    def skin_beside(self) -> Mask:
        """(h, w) in [0, 1]: the part of `all_skin` that only colour tells: scalp, neck, ears."""
        return self._looked_at(Portrait._skin_beside)

    def _looked_at(self, find: Callable[[Self], Mask]) -> Mask:
        """(h, w) what is found in the portrait, made smaller where it is large."""
        if self.unit <= _LOOKED_AT_PX:
            return find(self)
        size = self.pixels.shape[1], self.pixels.shape[0]
        found = find(self.smaller(_LOOKED_AT_PX / self.unit))
        return np.asarray(cv2.resize(found, size, interpolation=cv2.INTER_LINEAR), np.float32)

    def _own_skin(self) -> Mask:
        """(h, w) in [0, 1]: the face without what is told to be a beard or a fringe."""
        face = self.skin(0.08)
        colours = self._colours()
        if colours is None:
            return face
        told = np.clip((self.unit - _TOLD_PX[0]) / (_TOLD_PX[1] - _TOLD_PX[0]), 0, 1)
        other = np.clip((colours - _OWN) / _FADES + 1, 0, 1)
        own = self.softened(np.asarray(1 - told * other, np.float32), 0.04)
        return self._of_people(np.asarray(face * own, np.float32))

    def _skin_beside(self) -> Mask:
        """(h, w) in [0, 1]: what has the skin's colour where a scalp, a neck and ears may be."""
        apart = self._colours()
        if apart is None:
            return np.zeros(self.pixels.shape[:2], np.float32)
        up, beside = self._from_lip()
        neck = np.clip(-up / 0.1, 0, 1) * np.clip((0.85 - beside) / 0.2, 0, 1)
        ears = self._around(_EARS) * np.clip(up / 0.1, 0, 1) * np.clip((1.05 - up) / 0.1, 0, 1)
        scalp = self._around(_SCALP) * np.clip((up + self._under(17, 9)) / 0.1, 0, 1)
        scalp *= np.clip((0.75 - beside) / 0.2, 0, 1)
        near = np.maximum(np.maximum(neck, ears), scalp)
        alike = np.clip((_ALIKE - apart) / _FADES, 0, 1)
        lips = np.minimum(self.area([LIPS], 0.04) * 2, 1)
        found = self.softened(np.asarray(alike * near, np.float32), 0.03) * (1 - lips)
        return self._of_people(np.asarray(found, np.float32))

    def _colours(self) -> Floats | None:
        """(h, w) how many spreads each pixel lies from the cheeks' colour; None: none is seen."""
        lab = np.asarray(
            cv2.cvtColor(self.pixels.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32
        )
        above = self._from_lip()[0] > -self._under(17, 9)
        shines = np.asarray(above * smooth(lab[..., 0], self.unit), np.float32)
        calm = max(_CALM * self.unit, 0.5)
        lab = np.asarray(cv2.GaussianBlur(lab, (0, 0), calm), np.float32)  # noise comes and goes
        tone = SkinTone.of(lab, self.area(BARE, 0.005) > 0.95)
        return None if tone is None else tone.apart(lab, shines=shines)

    def _from_lip(self) -> tuple[Floats, Floats]:
        """(h, w) each, in units: how far above the lower lip's rim, and how far beside it."""
        rows, columns = np.indices(self.pixels.shape[:2], np.float32)
        left, down = self.axes
        x, y = columns - self.points[17, 0], rows - self.points[17, 1]
        up, beside = -(x * down[0] + y * down[1]), np.abs(x * left[0] + y * left[1])
        return np.asarray(up / self.unit), np.asarray(beside / self.unit)

    def _of_people(self, mask: Mask) -> Mask:
        """(h, w) what of a mask is a person, where that is known."""
        return np.asarray(mask if self.people is None else mask * self.people, np.float32)

    def smaller(self, scale: float) -> Self:
        """The same portrait with fewer pixels; of its masks only that of people is known."""
        height, width = self.pixels.shape[:2]
        size = max(round(width * scale), 2), max(round(height * scale), 2)
        both = np.array([size[0] / width, size[1] / height], np.float32)
        pixels = np.asarray(cv2.resize(self.pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
        people = self.people
        if people is not None:
            less = cv2.resize(people, size, interpolation=cv2.INTER_AREA)
            people = np.asarray(less, np.float32)
        points = np.asarray((self.points + 0.5) * both - 0.5, np.float32)
        depth = np.asarray(self.depth * both.mean(), np.float32)
        bare = replace(self, pixels=pixels, points=points, depth=depth, people=people)
        return replace(bare, hair=None, beside=None, still=None)

    def _under(self, one: int, other: int) -> float:
        """How far one point of the mesh lies under another, in units; below 0: above it."""
        way = self.points[other] - self.points[one]
        return float(way @ self.axes[1]) / self.unit

    def _around(self, wide: float) -> Mask:
        """(h, w) in [0, 1]: 1 in the face, falling to 0 so many units beside it."""
        inside = np.zeros(self.pixels.shape[:2], np.uint8)
        cv2.fillPoly(inside, [np.rint(self.points[list(OVAL)]).astype(np.int32)], 1)
        away = cv2.distanceTransform(1 - inside, cv2.DIST_L2, 3) / np.float32(wide * self.unit)
        return np.asarray(np.clip((1 - away) * 3, 0, 1), np.float32)

    def lips(self, soft: float = 0.015) -> Mask:
        """(h, w) in [0, 1]: both lips, not what is between them."""
        inside = np.clip(2 * self.area([INNER_LIPS], soft / 2) - 1, 0, 1)  # half a pixel is lip
        return np.asarray(self.area([LIPS], soft) * (1 - inside), np.float32)

    def with_pixels(self, pixels: NDArray[np.float32] | RGB) -> Self:
        """The same face with other pixels, rounded where they are real numbers."""
        if pixels.dtype == np.uint8:
            return replace(self, pixels=np.asarray(pixels, np.uint8))
        return replace(self, pixels=np.clip(np.rint(pixels), 0, 255).astype(np.uint8))

    def border(self, frame_wh: tuple[int, int] | None = None) -> Mask:
        """(h, w) in [0, 1]: 1 inside, fading to 0 at the border of the cut-out.

        Args:
            frame_wh: Size of the frame, at whose own border nothing fades; None: it does.
        """
        height, width = self.pixels.shape[:2]
        reach = max(_EDGE * min(height, width), 1.0)
        x0, y0, x1, y1 = self.box
        right, bottom = frame_wh or (0, 0)
        columns = _inward(width, low=not frame_wh or x0 > 0, high=x1 != right)
        rows = _inward(height, low=not frame_wh or y0 > 0, high=y1 != bottom)
        inward = np.minimum(rows[:, None], columns[None]) / reach
        return np.asarray(np.clip(inward, 0, 1), np.float32)


def _inward(length: int, *, low: bool, high: bool) -> Floats:
    """(length,) steps from the nearer end, of those that count."""
    steps = np.arange(length, dtype=np.float32)
    endless = np.full(length, np.inf, np.float32)
    return np.minimum(steps if low else endless, steps[::-1] if high else endless)
