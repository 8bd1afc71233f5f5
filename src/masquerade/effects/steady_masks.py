"""Where people and their hair are, held still over the frames of a shot.

Networks and graph cuts see each frame by itself, so that edges would jump from one to the next.
Masks are held as painted pictures are: what was found a frame ago moves along with what it shows.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    """

    people: Mask
    hair: Mask | None


class SteadyMasks:
    """The masks of one shot, frame after frame.

    Args:
        network: That finds people.
        hair: Whether hair is asked for.
    """

    def __init__(self, network: PersonMask, *, hair: bool) -> None:
        self._network, self._hair = network, hair
        self._steady = Steady(_KEPT)
        self._first = True

    def of(self, frame: Frame, faces: Sequence[Face]) -> Masks:
        """The masks of the next frame, with the hair of these faces."""
        self._steady.calmed(frame.pixels)
        people = _with_ears(frame, faces, person_matte(frame.pixels, self._network))
        hair = _hair(frame, faces, people) if self._hair else np.zeros_like(people)
        stack = np.dstack([people, hair, hair]) * np.float32(255)
        held = self._steady.held(np.rint(stack).astype(np.uint8))
        if not self._first:  # the first is as it was found, not rounded
            people, hair = (held[..., k].astype(np.float32) / np.float32(255) for k in (0, 1))
        self._first = False
        return Masks(people, hair if self._hair else None)


def _with_ears(frame: Frame, faces: Sequence[Face], people: Mask) -> Mask:
    for face in faces:
        one = Portrait.of(frame, face, people=people)
        if one is not None:
            x0, y0, x1, y1 = one.box
            people[y0:y1, x0:x1] = np.maximum(people[y0:y1, x0:x1], ears_of(one))
    return people


def _hair(frame: Frame, faces: Sequence[Face], people: Mask) -> Mask:
    hair = np.zeros_like(people)
    for face in faces:
        one = Portrait.of(frame, face, room=ROOM, people=people)
        if one is not None:
            x0, y0, x1, y1 = one.box
            hair[y0:y1, x0:x1] = np.maximum(hair[y0:y1, x0:x1], hair_of(one))
    return hair
