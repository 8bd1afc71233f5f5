"""Talking faces with something moving in front of them, and where it is at every pixel.

Occluders move over recorded GRID speakers with motion blur, a soft shadow and the noise of the
clip, and the result is compressed again as H.264, so that nothing of the mixing shows. Scenes with
`tuning` were looked at while the finder was made; the others, in other pairs of people and things,
were only measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final, Literal

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.occluders import Occluder, occluder

_SHUTTER: Final = (-0.25, -0.125, 0.0, 0.125, 0.25)  # moments of an exposure, in frames
_SHADOW: Final = 0.3


@dataclass(frozen=True, slots=True)
class Scene:
    """One clip of the set.

    Attributes:
        speaker: File below ``talking/``.
        thing: Name of the occluder.
        start: Where its middle comes from, in heights of the face from the face's middle.
        rest: Where it stays for a while.
        turn_deg: How far it is turned in the picture.
        path: ``visit``: it comes, stays about a second, leaves; ``stay``: it is there all along.
    """

    speaker: str
    thing: str
    start: tuple[float, float]
    rest: tuple[float, float]
    turn_deg: float = 0.0
    path: Literal["visit", "stay"] = "visit"
    tuning: bool = False

    @property
    def name(self) -> str:
        """What it is called in reports."""
        return f"{self.thing}, {Path(self.speaker).stem}"


SCENES: Final = (
    Scene("grid_others/brbk7n.mpg", "open hand", (-1.6, 0.9), (-0.3, 0.15), -25, tuning=True),
    Scene("grid_others/lbbc2a.mpg", "ball", (1.2, -0.9), (0.2, 0.1), tuning=True),
    Scene("grid_others/swiz3n.mpg", "mug", (0.6, 1.5), (0.1, 0.35), 8, tuning=True),
    Scene("grid_s1/bbaf2n.mpg", "own hand", (0.9, 1.4), (0.25, 0.3), -18, tuning=True),
    Scene("grid_others/sbia1a.mpg", "microphone", (-0.3, 1.6), (-0.05, 0.7), 6, tuning=True),
    Scene("grid_others/pwij3p.mpg", "cloth", (1.3, 0.2), (-0.2, -0.15), tuning=True),
    Scene(
        "grid_others/sbwe5n.mpg", "hand with bracelet", (1.3, -0.6), (0.3, -0.1), 60, tuning=True
    ),
    Scene(
        "grid_others/lbax4n.mpg", "own pointing hand", (-0.6, 1.5), (-0.1, 0.35), 15, tuning=True
    ),
    Scene("grid_s1/swib5a.mpg", "card", (1.3, 0.8), (0.2, 0.3), 14, tuning=True),
    Scene("grid_others/lrwp9a.mpg", "hand with stick", (-1.4, 1.0), (-0.35, 0.2)),
    Scene("grid_s1/pgwzzp.mpg", "own hand", (-1.0, 1.3), (-0.2, 0.2), 28),
    Scene("grid_others/lwbsza.mpg", "microphone", (0.5, 1.6), (0.12, 0.68), -12),
    Scene("grid_others/id2_vcd_swwp2s.mpg", "mug", (-0.8, 1.5), (-0.15, 0.3), -6),
    Scene("grid_others/swiz3n.mpg", "open hand", (-1.7, -0.3), (-0.45, -0.1), 5),
    Scene("grid_others/lbbc2a.mpg", "lock of hair", (0.9, -0.3), (0.3, 0.0), -6),
    Scene("grid_others/sbwe5n.mpg", "sunglasses", (0.0, -1.4), (0.0, -0.17), 2),
    Scene("grid_others/brbk7n.mpg", "dog's head", (1.4, 0.9), (0.35, 0.35), 10),
    Scene("grid_s1/brim1a.mpg", "own pointing hand", (0.7, 1.5), (0.15, 0.3), -12),
    Scene("grid_others/lbax4n.mpg", "arm and apple", (-1.6, 0.2), (-0.25, -0.05), -10),
    Scene("grid_others/sbia1a.mpg", "hand with bracelet", (1.3, 0.9), (0.35, 0.3), 20),
    Scene("grid_others/lrwp9a.mpg", "card", (-1.3, 0.9), (-0.15, 0.35), -10),
    Scene("grid_others/pwij3p.mpg", "microphone", (0.2, 0.75), (0.0, 0.78), 4, "stay"),
    Scene("grid_s1/bgit5s.mpg", "own hand", (0.3, 0.5), (0.3, 0.45), -20, "stay"),
)


@dataclass(frozen=True, slots=True)
class Shot:
    """A scene as it was filmed.

    Attributes:
        frames: (H, W, 3) uint8 RGB each, with the occluder.
        covered: (H, W) float32 each, the share of the pixel that the occluder takes.
    """

    frames: tuple[NDArray[np.uint8], ...]
    covered: tuple[NDArray[np.float32], ...]


def film(
    scene: Scene,
    frames: list[NDArray[np.uint8]],
    faces: list[tuple[float, float, float]],
    skin: NDArray[np.float32],
    media: Path,
) -> Shot:
    """The scene, its occluder mixed in.

    Args:
        scene: Which.
        frames: Of its speaker.
        faces: (x, y, height) of the face in each, in pixels.
        skin: (3,) colour of the speaker's cheeks.
        media: The folder of test media.
    """
    middle = np.median(np.array(faces), axis=0)
    thing = _reduced(occluder(scene.thing, media, skin), float(middle[2]))
    rng = np.random.default_rng(len(scene.name))
    shots, masks = [], []
    worn = scene.thing == "sunglasses"
    for number, frame in enumerate(frames):
        x, y, size = faces[number] if worn else middle
        pixels, alpha = _exposed(scene, thing, (x, y, size), number, len(frames), frame.shape[:2])
        shade = cv2.GaussianBlur(alpha, (0, 0), 0.05 * size)
        moved = np.array([[1, 0, 0.03 * size], [0, 1, 0.05 * size]], np.float32)
        shade = cv2.warpAffine(shade, moved, frame.shape[1::-1])
        behind = frame * (1 - _SHADOW * shade)[..., None]
        noise = rng.normal(0, 2.0, (*alpha.shape, 1))
        mixed = behind * (1 - alpha[..., None]) + (pixels + noise * alpha[..., None])
        shots.append(np.clip(np.rint(mixed), 0, 255).astype(np.uint8))
        masks.append(alpha)
    return Shot(tuple(shots), tuple(masks))


def write_clip(shot: Shot, path: Path) -> None:
    """The shot as H.264."""
    height, width = shot.frames[0].shape[:2]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": "18", "threads": "1"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number, pixels in enumerate(shot.frames):
            picture = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            picture.pts, picture.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))


def _reduced(thing: Occluder, face_px: float) -> Occluder:
    """The occluder at about its size in the frame, so that nothing aliases."""
    height, width = thing.alpha.shape
    scale = 1.5 * thing.size * face_px / max(height, width)
    if scale >= 1:
        return thing
    size = (round(scale * width), round(scale * height))
    alpha = cv2.resize(thing.alpha, size, interpolation=cv2.INTER_AREA)
    pixels = cv2.resize(thing.pixels, size, interpolation=cv2.INTER_AREA)
    return Occluder(np.asarray(pixels, np.float32), np.asarray(alpha, np.float32), thing.size)


def _exposed(
    scene: Scene,
    thing: Occluder,
    face: tuple[float, float, float],
    number: int,
    count: int,
    shape_hw: tuple[int, int],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(H, W, 3) the occluder's light times alpha, (H, W) alpha, both over an exposure."""
    pixels = np.zeros((*shape_hw, 3), np.float32)
    alpha = np.zeros(shape_hw, np.float32)
    premultiplied = thing.pixels * thing.alpha[..., None]
    for moment in _SHUTTER:
        matrix = _placed(scene, thing, face, number + moment, count)
        wh = (shape_hw[1], shape_hw[0])
        pixels += cv2.warpAffine(premultiplied, matrix, wh, flags=cv2.INTER_LINEAR)
        alpha += cv2.warpAffine(thing.alpha, matrix, wh, flags=cv2.INTER_LINEAR)
    share = np.float32(1 / len(_SHUTTER))
    return pixels * share, np.asarray(np.clip(alpha * share, 0, 1), np.float32)


def _placed(
    scene: Scene,
    thing: Occluder,
    face: tuple[float, float, float],
    moment: float,
    count: int,
) -> NDArray[np.float64]:
    """(2, 3) from the occluder's pixels to the frame's at a moment counted in frames."""
    x, y, size = face
    at = moment / count
    come = np.clip((at - 0.15) / 0.15, 0, 1) if scene.path == "visit" else 1.0
    leave = np.clip((at - 0.62) / 0.15, 0, 1) if scene.path == "visit" else 0.0
    near = _ease(come) * (1 - _ease(leave))
    wobble = 0.05 * np.array([np.sin(14 * at), np.cos(11 * at)])
    place = np.array(scene.start) + near * (np.array(scene.rest) - scene.start) + wobble
    if scene.thing == "sunglasses":
        place -= wobble
    height, width = thing.alpha.shape
    scale = thing.size * size / max(height, width)
    turn = scene.turn_deg + (0 if scene.thing == "sunglasses" else 8 * np.sin(9 * at))
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), turn, scale)
    matrix[:, 2] += np.array([x, y]) + place * size - (width / 2, height / 2)
    return np.asarray(matrix)


def _ease(at: float) -> float:
    return float(at * at * (3 - 2 * at))
