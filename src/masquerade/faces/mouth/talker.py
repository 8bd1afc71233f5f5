"""A person who talks, learned from their own footage: the shapes of the mouth, and its looks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import FaceError
from masquerade.faces.mouth.look import MOST, MouthLook
from masquerade.faces.mouth.shape import MouthSpace, on_skull
from masquerade.faces.mouth.unrolled import unroll_mouth
from masquerade.faces.staging import height_px, turn_deg
from masquerade.types import RGB, Face, Points, SourcePicture

MOST_TURN_DEG: Final = 30.0
"""Turn from the camera beyond which a frame teaches nothing of a mouth's looks."""


@dataclass(frozen=True, slots=True)
class Sight:
    """One frame of footage.

    Attributes:
        skull: (478, 3) float32 the mesh on the neutral face, in interocular distances.
        map: (144, 160, 3) uint8 the lower face unrolled; None where it was not looked at.
        time_s: In seconds, on the clock of the footage's sound.
        footage: Which footage it is of.
        face_px: Height of the face.
    """

    skull: Points
    map: RGB | None
    time_s: float
    footage: int
    face_px: float


@dataclass(frozen=True, slots=True)
class Talker:
    """What is known of how a person's mouth moves and looks."""

    space: MouthSpace
    look: MouthLook

    @classmethod
    def of(cls, sights: Sequence[Sight], *, space: MouthSpace | None = None) -> Talker:
        """What frames of footage show, in order of time within each footage.

        Args:
            sights: The frames.
            space: The person's shapes, where they are not to be learned from these frames.

        Raises:
            FaceError: There is none that shows the mouth.
        """
        mapped = [number for number, one in enumerate(sights) if one.map is not None]
        if not mapped:
            raise FaceError(
                "no frame shows the mouth well enough to learn it",
                f"a face turned less than {MOST_TURN_DEG:.0f} degrees, mouth visible",
                "add footage of the same person with --footage",
            )
        space = space or MouthSpace.of([one.skull for one in sights])
        kept = [mapped[place] for place in spread(len(mapped), MOST)]
        shapes = np.stack([space.shape_of(sights[number].skull) for number in kept])
        follows = np.array(
            [
                place > 0
                and kept[place - 1] == number - 1
                and sights[number - 1].footage == sights[number].footage
                for place, number in enumerate(kept)
            ]
        )
        maps = [made for number in kept if (made := sights[number].map) is not None]
        face_px = float(np.median([sights[number].face_px for number in kept]))
        return cls(space, MouthLook.of(maps, shapes, space.openings(shapes), follows, face_px))

    @classmethod
    def of_pictures(cls, pictures: Iterable[SourcePicture]) -> Talker:
        """What photos show, where there is no footage.

        Raises:
            FaceError: There is none.
        """
        return cls.of(
            [sight(one.pixels, one.face, 0.0, place) for place, one in enumerate(pictures)]
        )


def sight(
    pixels: RGB, face: Face, time_s: float, footage: int, *, with_looks: bool = True
) -> Sight:
    """What one frame shows of a person's mouth.

    Args:
        pixels: (H, W, 3) uint8.
        face: In it.
        time_s: In seconds, on the clock of the sound.
        footage: Which footage it is of.
        with_looks: Whether to unroll the face, too.
    """
    marks = face.landmarks
    frontal = with_looks and turn_deg(face) < MOST_TURN_DEG
    made = unroll_mouth(pixels, marks) if frontal else None
    return Sight(on_skull(marks), made, time_s, footage, height_px(marks))


def spread(count: int, most: int) -> NDArray[np.intp]:
    """Numbers of at most so many of them: whole runs of neighbours, evenly spread."""
    if count <= most:
        return np.arange(count)
    runs = max(1, most // 25)
    starts = np.linspace(0, count - 25, runs).astype(np.intp)
    return np.unique(starts[:, None] + np.arange(25))
