"""One face through a shot while it is being followed: what is known of it so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

import numpy as np

from masquerade.faces.align import Affine, crop, moved, square_crop
from masquerade.faces.clarity import Portraits
from masquerade.faces.following.glimpse import Glimpse, alike, glimpse
from masquerade.faces.landmarks import Place, place_of
from masquerade.types import RGB, Face, Frame

PORTRAIT_EVERY: Final = 5
LOOKS_SAME: Final = 0.8  # likeness; plain talk stays above 0.95 for half a second
LOOKS_THERE: Final = 0.6  # blur leaves more, a hand or a black frame less
_SHREDS_PX: Final = 72
_SHREDS_REACH: Final = 3.0  # sizes of the face


@dataclass(frozen=True, slots=True)
class Shred:
    """A small picture of where a lost face was last seen, to tell later whether it was there.

    Attributes:
        pixels: (72, 72, 3) uint8.
        shred_from_frame: (2, 3).
    """

    pixels: RGB
    shred_from_frame: Affine

    @classmethod
    def of(cls, image: RGB, around: Place) -> Shred:
        """The part of a picture around a place."""
        size = around.size_px * _SHREDS_REACH
        shred_from_frame = square_crop(around.centre, size, around.angle, _SHREDS_PX)
        return cls(crop(image, shred_from_frame, _SHREDS_PX), shred_from_frame)

    def shows(self, place: Place, before: Glimpse, after: Glimpse) -> bool:
        """Whether at a place of the frame there still is what was seen before or after."""
        centre = moved(place.centre[None], self.shred_from_frame)[0]
        a, c = self.shred_from_frame[0, 0], self.shred_from_frame[1, 0]
        size = place.size_px * float(np.hypot(a, c))
        here = glimpse(self.pixels, Place(centre, size, place.angle + float(np.arctan2(c, a))))
        return max(alike(here, before), alike(here, after)) >= LOOKS_THERE


@dataclass(slots=True)
class Trail:
    """One face through a shot, so far.

    Attributes:
        faces: Face by pts, where it was seen.
        last_s: When it was last seen.
        lost: Not seen in the last frame.
        portraits: Its clearest pictures.
        recent: The last one or two faces, from which the next place is foretold.
        looks: How it looked in each frame since its person was last known.
        proof: How it looked when its person was last known.
        checked: How it looked when the detector last saw it.
        doubts: How often in a row it did not resemble its person.
        shreds: What was to be seen in frames in which it was lost.
        rims: How it looked at both ends of each gap.
        likeness: By pts, how much it looked like itself, in [-1, 1].
    """

    faces: dict[int, Face] = field(default_factory=dict)
    last_s: Fraction = Fraction(0)
    lost: bool = False
    portraits: Portraits = field(default_factory=Portraits)
    recent: list[Face] = field(default_factory=list)
    looks: dict[int, Glimpse] = field(default_factory=dict)
    proof: Glimpse | None = None
    checked: Glimpse | None = None
    doubts: int = 0
    shreds: dict[int, Shred] = field(default_factory=dict)
    rims: dict[int, Glimpse] = field(default_factory=dict)
    likeness: dict[int, float] = field(default_factory=dict)

    def add(self, frame: Frame, face: Face, look: Glimpse) -> None:
        """The face was seen in this frame, and looked so."""
        if self.proof is None:
            self.proof = self.checked = look
        if len(self.faces) % PORTRAIT_EVERY == 0 and not self.doubts:
            self.portraits.offer(frame.pixels, face)
        if self.lost:
            self.rims[frame.pts] = look
        self.faces[frame.pts] = face
        self.looks[frame.pts] = look
        self.likeness[frame.pts] = alike(look, self.proof)
        self.last_s, self.lost = frame.time_s, False
        self.recent = [*self.recent[-1:], face]

    def lose(self, frame: Frame) -> None:
        """The face was not seen in this frame."""
        if not self.faces:
            return
        last = max(self.faces)
        if last in self.looks:
            self.rims[last] = self.looks[last]
        self.shreds[frame.pts] = Shred.of(frame.pixels, place_of(self.recent[-1].landmarks))
        self.lost = True

    def drop(self, frame: Frame) -> None:
        """What was added in this frame was another face: all that was taken from it goes."""
        for seen in (self.faces, self.looks, self.likeness, self.rims):
            seen.pop(frame.pts, None)
        self.lost = True
        if self.faces:
            order = sorted(self.faces)
            self.recent = [self.faces[pts] for pts in order[-2:]]
            self.last_s = order[-1] * frame.time_base
            self.lose(frame)

    def expected(self) -> Place:
        """Where the face should be in the next frame, if it goes on as it went."""
        here = place_of(self.recent[-1].landmarks)
        if len(self.recent) < 2 or self.lost:
            return here
        before = place_of(self.recent[0].landmarks)
        return Place(2 * here.centre - before.centre, here.size_px, here.angle)

    def trust(self, frame: Frame, look: Glimpse) -> None:
        """In this frame it is its person, who looks so."""
        self.proof, self.doubts = look, 0
        self.looks = {frame.pts: self.looks[frame.pts]}

    def parted(self) -> Trail | None:
        """The latest faces, which are another person's, as a trail of their own.

        They are those that look more like the last one than like what was known of this person;
        None where there are none.
        """
        if self.proof is None or not self.looks:
            return None
        order = sorted(self.looks)
        now, began = self.looks[order[-1]], order[-1]
        for pts in reversed(order):
            if alike(self.looks[pts], now) <= alike(self.looks[pts], self.proof):
                break
            began = pts
        taken = sorted(pts for pts in self.faces if pts >= began)
        other = Trail(last_s=self.last_s, recent=self.recent)
        other.faces = {pts: self.faces.pop(pts) for pts in taken}
        other.proof = other.checked = now
        self.recent = [self.faces[pts] for pts in sorted(self.faces)[-2:]] or self.recent
        self.lost, self.doubts = True, 0
        self.looks.clear()
        return other
