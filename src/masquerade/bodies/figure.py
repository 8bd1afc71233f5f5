"""Whoever is seen instead: puppets of a person, and which of them goes with which pose."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.bodies.cutout import around, fine_matte, matte_before
from masquerade.bodies.limbs import completed, missing
from masquerade.bodies.plate import Plate, fitted
from masquerade.bodies.pose import Body
from masquerade.bodies.puppet import Puppet, cut_out, scaled
from masquerade.bodies.skeleton import Skeleton, build_of, shifted, skeleton_of
from masquerade.bodies.track import Cover
from masquerade.types import RGB, Mask

_FINER: Final = 1.1  # than the size asked for, a puppet's picture at most
_STEP: Final = 1.25  # from one size of puppets to the next
_SIZES: Final = 4  # that are kept
_TOLD_PX: Final = 80.0  # of a torso, at which it is told what is missing


class Figure(Protocol):
    """Somebody who can be drawn in any pose."""

    @property
    def build(self) -> NDArray[np.float32]:
        """(14,) float32 lengths of their bones in torsos."""
        ...

    def puppet(self, pts: int, torso_px: float) -> Puppet:
        """The puppet for a moment of the target, in which a torso has so many pixels."""
        ...


@dataclass(frozen=True, slots=True)
class Shown:
    """A person in one picture, cut to what is around them.

    Attributes:
        pixels: (h, w, 3) uint8 RGB.
        mask: (h, w) uint8, 255 where they are.
        skeleton: Their bones there.
    """

    pixels: RGB
    mask: NDArray[np.uint8]
    skeleton: Skeleton

    @property
    def matte(self) -> Mask:
        """(h, w) float32 in [0, 1] where they are."""
        return self.mask.astype(np.float32) / np.float32(255)

    def puppet(self, torso_px: float) -> Puppet:
        """As a puppet no finer than a torso of so many pixels needs."""
        return completed(self._cut(_FINER * torso_px))

    def missing(self) -> list[str]:
        """What is said of arms and legs that the picture does not show."""
        return missing(self._cut(_TOLD_PX))

    def _cut(self, torso_px: float) -> Puppet:
        factor = min(1.0, torso_px / self.skeleton.torso_px)
        return cut_out(*scaled(self.pixels, self.matte, self.skeleton, factor))


@dataclass(frozen=True, slots=True)
class Cut:
    """A person cut out of a picture, before anything is known of their bones.

    Attributes:
        pixels: (h, w, 3) uint8 RGB.
        mask: (h, w) uint8, 255 where they are.
        corner: Column and row of its left upper pixel in the picture.
        cover: What the network said.
    """

    pixels: RGB
    mask: NDArray[np.uint8]
    corner: tuple[int, int]
    cover: Cover

    def with_bones(self, body: Body) -> Shown:
        """The same, and their bones as read in the whole picture."""
        bones = shifted(skeleton_of(body), -self.corner[0], -self.corner[1])
        return Shown(self.pixels, self.mask, bones)


def cut(picture: RGB, cover: Cover, *, coarse: Mask | None = None) -> Cut | None:
    """A person cut out of a picture; None where hardly anything is seen of them.

    Args:
        picture: (H, W, 3) uint8 RGB.
        cover: Which pixels are theirs.
        coarse: (H, W) the same in the picture's own pixels, where that is known better.
    """
    if coarse is None:
        coarse = cover.in_frame((picture.shape[0], picture.shape[1]))
    box = around(coarse, room=0.12)
    if box is None:
        return None
    x0, y0, x1, y1 = box
    part = np.ascontiguousarray(picture[y0:y1, x0:x1])
    matte = largest_part(fine_matte(part, np.ascontiguousarray(coarse[y0:y1, x0:x1])))
    return Cut(part, np.rint(matte * 255).astype(np.uint8), (x0, y0), cover)


def before(one: Cut, plate: Plate, pts: int) -> Cut:
    """The same, its edge drawn anew where the place behind is known.

    Args:
        one: Cut out of a frame.
        plate: The place.
        pts: Of the frame.
    """
    x0, y0 = one.corner
    height, width = one.mask.shape
    box = (x0, y0, x0 + width, y0 + height)
    place, known = plate.at(pts, box)
    coarse = one.cover.in_box(box)
    place = fitted(place, one.pixels, (coarse > 0.1).astype(np.float32))
    matte = largest_part(matte_before(one.pixels, coarse, place, known))
    return replace(one, mask=np.rint(matte * 255).astype(np.uint8))


def shown(picture: RGB, body: Body, cover: Cover, *, coarse: Mask | None = None) -> Shown | None:
    """A person in a picture with their bones; None where hardly anything is seen of them.

    Args:
        picture: (H, W, 3) uint8 RGB.
        body: Where they are in it.
        cover: Which pixels are theirs.
        coarse: (H, W) the same in the picture's own pixels, where that is known better.
    """
    found = cut(picture, cover, coarse=coarse)
    return found.with_bones(body) if found else None


class PhotoFigure:
    """Somebody known from one photo.

    Args:
        photo: They in it.
        body: Their reading there.
        mirror: They as in a mirror.
        mirrored_at: The moments of the target at which that is shown.
    """

    def __init__(
        self,
        photo: Shown,
        body: Body,
        *,
        mirror: Shown | None = None,
        mirrored_at: Collection[int] = (),
    ) -> None:
        self.photo, self._build = photo, build_of([body])
        self._mirror, self._mirrored_at = mirror, frozenset(mirrored_at)
        self._made: dict[tuple[int, bool], Puppet] = {}

    @property
    def build(self) -> NDArray[np.float32]:
        """(14,) float32 lengths of their bones in torsos."""
        return self._build

    def puppet(self, pts: int, torso_px: float) -> Puppet:
        """The one puppet there is, or its mirror's, in a size that goes with the one asked for."""
        mirror = self._mirror if pts in self._mirrored_at else None
        key = size_level(torso_px), mirror is not None
        if key not in self._made:
            if len(self._made) >= _SIZES:
                self._made.clear()
            self._made[key] = (mirror or self.photo).puppet(stepped(key[0]))
        return self._made[key]


def size_level(torso_px: float) -> int:
    """Which step of sizes a torso takes: the same whatever was drawn before."""
    return math.ceil(math.log(max(torso_px, 1.0)) / math.log(_STEP))


def stepped(level: int) -> float:
    """Length of a torso of that step in pixels."""
    return float(_STEP**level)


def largest_part(matte: NDArray[np.float32]) -> NDArray[np.float32]:
    """The matte without specks: its largest connected part, and what nearly touches it."""
    sure = cv2.dilate((matte > 0.3).astype(np.uint8), np.ones((5, 5), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(sure)
    if count < 3:
        return matte
    areas: Sequence[int] = stats[1:, cv2.CC_STAT_AREA].tolist()
    return np.where(labels == 1 + int(np.argmax(areas)), matte, 0).astype(np.float32)
