"""Where people, their hair and their skin are, held still over the frames of a shot.

Networks and graph cuts see each frame by itself, so that edges would jump from one to the next.
Masks are held as painted pictures are: what was found a frame ago moves along with what it shows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from masquerade.bodies.matte import person_matte
from masquerade.effects.ears import ears_of
from masquerade.effects.hair_region import ROOM, hair_of
from masquerade.effects.portrait import Portrait
from masquerade.models.person_mask import PersonMask
from masquerade.painting.steady import Steady
from masquerade.types import Face, Frame, Mask

_KEPT: Final = 0.75  # of a mask a frame ago, where motion can be trusted


@dataclass(frozen=True, slots=True)
class Masks:
    """What is known of one frame.

    Attributes:
        people: (H, W) in [0, 1].
        hair: (H, W) in [0, 1], of all faces asked for; None where nobody asked.
        beside: (H, W) in [0, 1], skin beside these faces; None likewise.
    """

    people: Mask
    hair: Mask | None
    beside: Mask | None


class SteadyMasks:
    """The masks of one shot, frame after frame.

    Args:
        network: That finds people.
        hair: Whether hair is asked for.
        skin: The room around faces, in their boxes' sizes, in which their skin is; None: nobody
            asks.
    """

    def __init__(self, network: PersonMask, *, hair: bool, skin: float | None = None) -> None:
        self._network, self._hair, self._skin = network, hair, skin
        self._steady = Steady(_KEPT)
        self._first = True

    def of(self, frame: Frame, faces: Sequence[Face]) -> Masks:
        """The masks of the next frame, with the hair of these faces."""
        self._steady.calmed(frame.pixels)
        people = _with_ears(frame, faces, person_matte(frame.pixels, self._network))
        hair = beside = np.zeros_like(people)
        if self._hair:
            hair = _of_all(faces, hair_of, frame, people, ROOM)
        if self._skin is not None:
            beside = _of_all(faces, Portrait.skin_beside, frame, people, self._skin)
        found = np.dstack([people, hair, beside])
        held = self._steady.held(np.rint(found * np.float32(255)).astype(np.uint8))
        if not self._first:  # the first is as it was found, not rounded
            found = held.astype(np.float32) / np.float32(255)
        self._first = False
        people, hair, beside = (np.ascontiguousarray(found[..., k]) for k in range(3))
        asked = self._skin is not None
        return Masks(people, hair if self._hair else None, beside if asked else None)


def _with_ears(frame: Frame, faces: Sequence[Face], people: Mask) -> Mask:
    for face in faces:
        one = Portrait.of(frame, face, people=people)
        if one is not None:
            x0, y0, x1, y1 = one.box
            people[y0:y1, x0:x1] = np.maximum(people[y0:y1, x0:x1], ears_of(one))
    return people


def _of_all(
    faces: Sequence[Face],
    find: Callable[[Portrait], Mask],
    frame: Frame,
    people: Mask,
    room: float,
) -> Mask:
    """(H, W) in [0, 1]: what is found in the portrait of any of the faces."""
    found = np.zeros_like(people)
    for face in faces:
        one = Portrait.of(frame, face, room=room, people=people)
        if one is not None:
            x0, y0, x1, y1 = one.box
            found[y0:y1, x0:x1] = np.maximum(found[y0:y1, x0:x1], find(one))
    return found
