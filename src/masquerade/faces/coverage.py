"""What pictures of one person show of them: views, expressions, light, sharpness, and what lacks.

Each picture is measured by itself (`measure`), the whole is judged afterwards (`judge`), so that
pictures can be streamed and forgotten.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.embed import chip
from masquerade.faces.lids import openings
from masquerade.faces.mesh import topology
from masquerade.faces.mouth import lips
from masquerade.faces.proportion import Proportion
from masquerade.types import RGB, Embedding, Face

YAW_EDGES: Final = (-60.0, -40.0, -25.0, -10.0, 10.0, 25.0, 40.0, 60.0)
PITCH_EDGES: Final = (-40.0, -25.0, -10.0, 10.0, 25.0, 40.0)
ENOUGH: Final = 20  # pictures from which an appearance model can be built
OUTLIER: Final = 0.5  # distance from the middle of all identities; that of consent
_LARGE_PX: Final = 150.0
_SHARP: Final = 5.0
_OPEN: Final = 0.14
_CLOSED: Final = 0.04
_SHUT: Final = 0.6  # of the usual opening of the eyes
_SMILE: Final = 0.09  # from the least smile to the widest, in interocular distances
_ONE_LIGHT: Final = 0.06  # change of the balance of light below which it always is the same


@dataclass(frozen=True, slots=True)
class Measures:
    """What one picture shows.

    Attributes:
        yaw_deg: Head turned to the viewer's right.
        pitch_deg: Head turned down.
        face_px: Size of the face.
        sharpness: Deviation of the Laplacian of a face of 150 pixels; sharp photos: 8 to 30.
        mouth: Distance of the inner lips, in interocular distances.
        eyes: Height between the lids over width, mean of both eyes.
        smile: How wide and high the corners of the mouth lie, against the average face at rest, in
            interocular distances.
        light: (2,) brightness of the face's right half less the left, of the lower less the
            upper, over the mean; right and left as the viewer sees them.
        brightness: Mean of the face in [0, 255].
    """

    yaw_deg: float
    pitch_deg: float
    face_px: float
    sharpness: float
    mouth: float
    eyes: float
    smile: float
    light: tuple[float, float]
    brightness: float

    def place(self) -> NDArray[np.float64]:
        """(6,) where the picture lies among others; 1 apart is a difference worth having."""
        return np.array(
            [
                self.yaw_deg / 8,
                self.pitch_deg / 8,
                self.mouth / 0.06,
                self.eyes / 0.1,
                self.smile / 0.06,
                self.light[0] / 0.15,
            ]
        )


@dataclass(frozen=True, slots=True)
class Coverage:
    """What all pictures of one person show together.

    Attributes:
        count: Pictures.
        heat: (7, 9) int64 how many there are at each pitch (looking up first) and yaw.
        missing: What lacks, a sentence each; empty where nothing does.
        ranges: Least, middle and greatest value of each measure, by its name.
    """

    count: int
    heat: NDArray[np.int64]
    missing: tuple[str, ...]
    ranges: dict[str, tuple[float, float, float]]


def measure(image: RGB, face: Face) -> Measures:
    """What one picture of a face shows.

    Args:
        image: (H, W, 3) uint8.
        face: The face in it.

    Raises:
        ValueError: The picture is not RGB of 8 bits.
    """
    if image.dtype != np.uint8 or image.ndim != 3:
        raise ValueError(f"a picture of {image.dtype} {image.shape}")
    shape = Proportion.of(face.landmarks).points
    small = cv2.cvtColor(chip(image, face), cv2.COLOR_RGB2GRAY)
    grey = np.asarray(small[40:130, 30:120], np.float64)
    mean = max(float(grey.mean()), 1.0)
    yaw, pitch, _ = face.pose_deg
    return Measures(
        yaw_deg=yaw,
        pitch_deg=pitch,
        face_px=face.size_px,
        sharpness=float(cv2.Laplacian(small, cv2.CV_32F).std()),
        mouth=lips.apart(shape),
        eyes=float(np.mean(openings(face.landmarks))),
        smile=lips.smile(shape) - lips.smile(topology().neutral),
        light=(
            float(grey[:, 45:].mean() - grey[:, :45].mean()) / mean,
            float(grey[45:].mean() - grey[:45].mean()) / mean,
        ),
        brightness=mean,
    )


def judge(measures: Sequence[Measures]) -> Coverage:
    """What the pictures show together, and what lacks.

    Args:
        measures: One for each picture; at least one.
    """
    yaw, pitch = (
        np.array([getattr(one, name) for one in measures]) for name in ("yaw_deg", "pitch_deg")
    )
    heat = np.zeros((len(PITCH_EDGES) + 1, len(YAW_EDGES) + 1), np.int64)
    np.add.at(heat, (np.digitize(pitch, PITCH_EDGES), np.digitize(yaw, YAW_EDGES)), 1)
    names = ("yaw_deg", "pitch_deg", "face_px", "sharpness", "mouth", "eyes", "smile", "brightness")
    ranges = {name: _range([getattr(one, name) for one in measures]) for name in names}
    missing = (*_views(yaw, pitch), *_expressions(measures), *_quality(measures))
    return Coverage(len(measures), heat, missing, ranges)


def outliers(embeddings: Sequence[Embedding]) -> list[tuple[int, float]]:
    """(index, distance) of pictures that show somebody else than most do.

    Args:
        embeddings: (128,) each.
    """
    if len(embeddings) < 2:
        return []
    known = np.stack(embeddings).astype(np.float64)
    apart = np.linalg.norm(known[:, None] - known[None], axis=-1) if len(known) <= 600 else None
    middle = known[int(np.median(apart, axis=1).argmin())] if apart is not None else known[0]
    near = known[np.linalg.norm(known - middle, axis=1) < OUTLIER]
    away = np.linalg.norm(known - near.mean(axis=0), axis=1)
    return [(int(k), float(away[k])) for k in np.flatnonzero(away > OUTLIER)]


def _range(values: Sequence[float]) -> tuple[float, float, float]:
    return float(np.min(values)), float(np.median(values)), float(np.max(values))


def _views(yaw: NDArray[np.float64], pitch: NDArray[np.float64]) -> list[str]:
    """Sentences on views that lack."""
    found = []
    if not (np.abs(yaw) < 12).any():
        found.append("no picture from the front: add some that look into the camera")
    sides = (
        ("towards the right of the picture", (yaw > 18).any()),
        ("towards the left of the picture", (yaw < -18).any()),
        ("down", (pitch > 10).any()),
        ("up", (pitch < -10).any()),
    )
    lacking = [side for side, there in sides if not there]
    if lacking:
        listed = " or ".join([", ".join(lacking[:-1]), lacking[-1]] if lacking[:-1] else lacking)
        found.append(f"no head turned {listed}: such frames will be drawn from the nearest view")
    return found


def _expressions(measures: Sequence[Measures]) -> list[str]:
    """Sentences on expressions that lack."""
    mouth, eyes, smile = (
        np.array([getattr(one, name) for one in measures]) for name in ("mouth", "eyes", "smile")
    )
    found = []
    if not (mouth > _OPEN).any():
        found.append("no mouth that is well open: teeth and tongue will be guessed")
    if not (mouth < _CLOSED).any():
        found.append("no closed mouth: add pictures of a calm face")
    if not (eyes < _SHUT * np.quantile(eyes, 0.8)).any():
        found.append("no shut eyes: add a blink, or a video that has one")
    if np.ptp(smile) < _SMILE:
        found.append("the corners of the mouth hardly move: add smiling and serious pictures")
    return found


def _quality(measures: Sequence[Measures]) -> list[str]:
    """Sentences on number, size, sharpness and light."""
    found = []
    if len(measures) < ENOUGH:
        pictures = "1 picture" if len(measures) == 1 else f"{len(measures)} pictures"
        found.append(
            f"{pictures}: an appearance model wants {ENOUGH} or more, best hundreds; a short video"
            " gives them"
        )
    small = sum(one.face_px < _LARGE_PX for one in measures)
    if 2 * small > len(measures):
        middle = float(np.median([one.face_px for one in measures]))
        found.append(
            f"most faces are small ({middle:.0f} px in the middle, better {_LARGE_PX:.0f} or more)"
        )
    blurred = sum(one.sharpness < _SHARP for one in measures)
    if blurred:
        found.append(f"{blurred} of {len(measures)} pictures are blurred")
    sides = np.array([one.light[0] for one in measures])
    if len(measures) > 1 and np.ptp(np.quantile(sides, (0.05, 0.95))) < _ONE_LIGHT:
        found.append("the light is always the same: add pictures in other light")
    return found
