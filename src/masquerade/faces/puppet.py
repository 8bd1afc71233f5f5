"""Moves the head in one photo: turns, nods, blinks, speaks and looks about, by the mesh alone.

Two smooth maps are chained. The first bends the face's own surface: lids, irises, lips and jaw,
triangle by triangle. The second turns the head in space: each pixel has the depth of the mesh,
carried on beyond it, and moves as the head does within the head, less and less down the neck and
into the background, where it stays. Since the second map is smooth and small it cannot tear, and
nothing has to be painted in behind the head. Good to some 15 degrees.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.living.eye_look import EyeLook, take_apart
from masquerade.faces.living.eyes import put_together
from masquerade.faces.mesh import (
    INNER_LIPS,
    LEFT_BROW,
    LEFT_EYE,
    LEFT_IRIS,
    OVAL,
    RIGHT_BROW,
    RIGHT_EYE,
    RIGHT_IRIS,
    interocular_px,
)
from masquerade.faces.mouth.closed import inside_mouth
from masquerade.faces.pose import rotation
from masquerade.faces.warp import dense_map, widen
from masquerade.types import RGB, Face, Points

Field: TypeAlias = NDArray[np.float32]

LIMIT_DEG: Final = 15.0
_UPPER_LIDS: Final = (RIGHT_EYE[1:8], LEFT_EYE[1:8])
_LOWER_LIDS: Final = (RIGHT_EYE[:8:-1], LEFT_EYE[:8:-1])
_TAKEN_OVER: Final = 0.2  # of a blink, by which the photo's eyes have given way to drawn ones
_WIDEST: Final = 0.26  # how far the lower lip goes down, in distances of the eyes
_HINGES: Final = (234, 454)  # beside the ears, where the jaw turns
_TURNS: Final = 6  # steps of the fixed-point inversion; each divides the error by at least 3
_CHEEKS: Final = (50, 280, 205, 425)


@dataclass(frozen=True, slots=True)
class Gesture:
    """What a head does at one moment, relative to the photo.

    Attributes:
        yaw_deg: Turned to the viewer's right.
        pitch_deg: Bent down.
        roll_deg: Tilted clockwise in the picture.
        blink: 0 eyes as they are, 1 closed.
        mouth: 0 as it is, 1 wide open.
        gaze_x: Eyes from -1 (viewer's left) to 1.
        gaze_y: Eyes from -1 (up) to 1.
    """

    yaw_deg: float = 0.0
    pitch_deg: float = 0.0
    roll_deg: float = 0.0
    blink: float = 0.0
    mouth: float = 0.0
    gaze_x: float = 0.0
    gaze_y: float = 0.0


@dataclass(frozen=True, slots=True)
class Puppet:
    """A photo made ready to move.

    Attributes:
        picture: (H, W, 3) uint8 RGB, the photo.
        covered: (H, W, 3) uint8 RGB, the same with skin over the eyes.
        eyes: The right and the left eye, taken apart.
        landmarks: (478, 3) mesh in pixels of the photo.
        depth: (H, W) float32 pixels away from the camera, smooth.
        hold: (H, W) float32 in [0, 1]: 1 on the head, 0 where nothing moves.
        pivot: (3,) what the head turns about, in pixels.
        unit_px: Distance of the eyes.
    """

    picture: RGB
    covered: RGB
    eyes: tuple[EyeLook, EyeLook]
    landmarks: Points
    depth: Field
    hold: Field
    pivot: Field
    unit_px: float


def puppet(picture: RGB, face: Face) -> Puppet:
    """A photo made ready to move.

    Args:
        picture: (H, W, 3) uint8 RGB, the face towards the camera.
        face: The face in it.

    Example:
        >>> from masquerade.faces.mesh import topology
        >>> mesh = topology().neutral * 40 + np.float32([100, 90, 0])
        >>> face = Face((50.0, 40.0, 150.0, 160.0), 1.0, mesh, (0.0, 0.0, 0.0))
        >>> photo = np.zeros((200, 200, 3), np.uint8)
        >>> moved(puppet(photo, face), Gesture(yaw_deg=10)).shape
        (200, 200, 3)
    """
    mesh, size_hw = face.landmarks, (picture.shape[0], picture.shape[1])
    unit = interocular_px(mesh)
    hinge = mesh[list(_HINGES)].mean(axis=0)
    jaw = (mesh[152, 1] - hinge[1]) * 0.75
    pivot = np.array([mesh[list(OVAL), 0].mean(), hinge[1] + jaw, hinge[2]], np.float32)
    depth, hold = _depth(mesh, size_hw), _hold(mesh, size_hw)
    return Puppet(picture, *take_apart(picture, mesh), mesh, depth, hold, pivot, unit)


def moved(of: Puppet, gesture: Gesture) -> RGB:
    """(H, W, 3) uint8 the photo with the head moved.

    Args:
        of: The photo made ready.
        gesture: What the head does; angles beyond `LIMIT_DEG` are cut to it.
    """
    back = _turned_back(of, gesture)
    bent = of.landmarks + _bend(of, replace(gesture, blink=0.0))
    places = back + sampled(_surface_offset(of.landmarks, bent, of.depth.shape), back)
    out = sampled(_blinking(of, gesture.blink), places, cv2.INTER_CUBIC)
    if gesture.mouth > 0:
        out = _with_mouth(of, bent, back, out) + 0.5
    return np.asarray(np.clip(out, 0, 255), np.uint8)


def sampled(
    picture: NDArray[Any], places: NDArray[Any], interpolation: int = cv2.INTER_LINEAR
) -> NDArray[Any]:
    """(h, w, ...) what a picture shows at places, its edge carried on beyond it.

    Args:
        picture: (H, W) or (H, W, K), uint8 or float32.
        places: (h, w, 2) x and y in pixels.
        interpolation: OpenCV's.
    """
    x, y = (np.ascontiguousarray(places[..., k], np.float32) for k in (0, 1))
    return np.asarray(
        cv2.remap(picture, x, y, interpolation, borderMode=cv2.BORDER_REPLICATE), picture.dtype
    )


def moved_mesh(of: Puppet, gesture: Gesture) -> Points:
    """(478, 3) where the mesh comes to lie, in pixels: the truth to measure a reader against."""
    bent = of.landmarks + _bend(of, gesture)
    turned = (bent - of.pivot) @ _rotation(gesture).T + of.pivot
    return np.asarray(turned, np.float32)


def _rotation(gesture: Gesture) -> Field:
    """(3, 3) the turn of a gesture, with the signs and order of `Face.pose_deg`."""
    angles = (gesture.yaw_deg, gesture.pitch_deg, gesture.roll_deg)
    return rotation(*np.clip(angles, -LIMIT_DEG, LIMIT_DEG).tolist()).astype(np.float32)


def _turned_back(of: Puppet, gesture: Gesture) -> Field:
    """(H, W, 2) for each pixel of the moved picture, where it lies before the head turns.

    Solved on every other pixel, since it is smooth.
    """
    height, width = of.depth.shape
    hold, depth = of.hold[::2, ::2], of.depth[::2, ::2]
    y, x = np.mgrid[0:height:2, 0:width:2].astype(np.float32)
    from_pivot = np.stack([x - of.pivot[0], y - of.pivot[1], depth - of.pivot[2]], axis=-1)
    change = (_rotation(gesture) - np.eye(3, dtype=np.float32))[:2]
    forward = np.ascontiguousarray((from_pivot @ change.T) * hold[..., None] / 2)
    here = np.stack([x, y], axis=-1) / 2
    back = here - forward
    for _ in range(_TURNS):
        back = here - sampled(forward, back)
    offset = (back - here) * 2
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    full = np.stack([x, y], axis=-1)
    return np.asarray(full + sampled(offset, full / 2), np.float32)


def _depth(mesh: Points, size_hw: tuple[int, int]) -> Field:
    """The mesh's depth at each pixel, carried on beyond its outline, smooth."""
    height, width = size_hw
    points = widen(mesh)
    drawn = dense_map(points, points[:, 2:] - mesh[:, 2].min() + 1, (0, 0, width, height), step=1.0)
    known = drawn[..., 0] > 0
    rim = float(mesh[list(OVAL), 2].mean())
    depth = np.where(known, drawn[..., 0] + mesh[:, 2].min() - 1, rim).astype(np.float32)
    sigma = interocular_px(mesh) * 0.12
    smooth = cv2.GaussianBlur(depth, (0, 0), sigma * 3)
    inner = np.clip(cv2.GaussianBlur(known.astype(np.float32), (0, 0), sigma * 2) * 2 - 1, 0, 1)
    fine = cv2.GaussianBlur(depth, (0, 0), sigma * 0.5)
    return np.asarray(smooth + (fine - smooth) * inner, np.float32)


def _hold(mesh: Points, size_hw: tuple[int, int]) -> Field:
    """1 on head and hair, falling to 0 into the background and down the neck."""
    height, width = size_hw
    rim = mesh[list(OVAL), :2]
    low, high = rim.min(axis=0), rim.max(axis=0)
    half = (high - low) / 2
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    across = (x - (low[0] + high[0]) / 2) / half[0]
    down = (y - (low[1] + high[1]) / 2) / half[1]
    radius = np.where(down < 0, np.hypot(across / 1.35, down / 1.4), np.hypot(across / 1.35, down))
    end = np.where(down < 0, 1.9, 1.75)
    share = np.clip((end - radius) / (end - 1.0), 0, 1)
    hold = share * share * (3 - 2 * share)
    hold = cv2.GaussianBlur(hold.astype(np.float32), (0, 0), 0.05 * width)
    edge = np.minimum.reduce([x, y, width - 1 - x, height - 1 - y]) / (0.08 * width)
    edge = np.clip(edge, 0, 1)
    return np.asarray(hold * edge * edge * (3 - 2 * edge), np.float32)


def _bend(of: Puppet, gesture: Gesture) -> Points:
    """(478, 3) movement of the mesh for lids, eyes and jaw, before the head turns."""
    mesh, unit = of.landmarks, of.unit_px
    move = np.zeros_like(mesh)
    for upper, lower in zip(_UPPER_LIDS, _LOWER_LIDS, strict=True):
        meet = mesh[list(lower), :2] * 0.85 + mesh[list(upper), :2] * 0.15
        move[list(upper), :2] += gesture.blink * (meet - mesh[list(upper), :2])
        move[list(lower), :2] += gesture.blink * (meet - mesh[list(lower), :2])
    gaze = np.array([0.075 * gesture.gaze_x, 0.04 * gesture.gaze_y], np.float32) * unit
    gaze = gaze * (1 - 0.9 * gesture.blink)
    move[list(RIGHT_IRIS + LEFT_IRIS), :2] += gaze
    move[:, 1] += _jaw_share(mesh) * gesture.mouth * _WIDEST * unit
    move[_brows(), 1] -= 0.02 * unit * gesture.mouth
    return move


def _jaw_share(mesh: Points) -> Field:
    """(478,) how far each point goes along when the jaw opens: 1 at chin and lower lip."""
    seam = (mesh[13, 1] + mesh[14, 1]) / 2
    corner = (mesh[61, 0] + mesh[291, 0]) / 2, abs(mesh[291, 0] - mesh[61, 0]) / 2
    chin = mesh[152, 1]
    across = np.abs(mesh[:, 0] - corner[0]) / corner[1]
    below = np.clip((mesh[:, 1] - seam) / (chin - seam), 0, None)
    share = np.where(below > 0, np.clip(1.15 - 0.45 * across**2, 0, 1), 0)
    lip = np.zeros(len(mesh), np.float32)
    lip[list(_lower_lip_points())] = 1
    fall = np.clip(1 - across**2, 0, 1) ** 0.8
    return np.asarray(np.where(lip > 0, fall, share * np.minimum(1, below * 2)), np.float32)


def _lower_lip_points() -> tuple[int, ...]:
    """Points of the lower lip, corners of the mouth left out."""
    return (
        95, 88, 178, 87, 14, 317, 402, 318, 324,
        96, 89, 179, 86, 15, 316, 403, 319, 325,
        77, 90, 180, 85, 16, 315, 404, 320, 307,
        146, 91, 181, 84, 17, 314, 405, 321, 375,
    )  # fmt: skip


def _brows() -> list[int]:
    return [*RIGHT_BROW, *LEFT_BROW]


def _surface_offset(mesh: Points, bent: Points, size_hw: tuple[int, int]) -> Field:
    """(H, W, 2) what to add to a place on the bent face to come to the photo's, 0 beyond it."""
    height, width = size_hw
    still = widen(mesh)
    points = still.copy()
    points[: len(bent)] = bent
    rim = len(OVAL)
    points[len(bent) : len(bent) + rim] += 0.6 * (bent - mesh)[list(OVAL)]
    carried = (still - points)[:, :2]
    low = np.floor(points[:, :2].min(axis=0)).astype(int) - 2
    high = np.ceil(points[:, :2].max(axis=0)).astype(int) + 3
    x0, y0 = np.maximum(low, 0).tolist()
    x1, y1 = min(int(high[0]), width), min(int(high[1]), height)
    offset = np.zeros((height, width, 2), np.float32)
    offset[y0:y1, x0:x1] = dense_map(points, carried, (x0, y0, x1, y1), step=2.0)
    return offset


def _blinking(of: Puppet, blink: float) -> RGB:
    """(H, W, 3) uint8 the photo with its eyes closed so far."""
    if blink <= 0:
        return of.picture
    drawn = of.covered.copy()
    put_together(drawn, of.eyes, of.landmarks + _bend(of, Gesture(blink=blink)))
    share = min(1.0, blink / _TAKEN_OVER)
    return np.asarray(cv2.addWeighted(of.picture, 1 - share, drawn, share, 0), np.uint8)


def _with_mouth(of: Puppet, bent: Points, back: Field, out: NDArray[Any]) -> Field:
    """(H, W, 3) the moved picture with the inside of the mouth drawn in.

    Args:
        of: The photo made ready.
        bent: (478, 3) the mesh before the head turns.
        back: (H, W, 2) where each pixel lies before the head turns.
        out: (H, W, 3) the moved picture.
    """
    skin = np.median(sampled(of.picture, of.landmarks[None, list(_CHEEKS), :2]), axis=(0, 1))
    light = float(np.clip(0.45 + 0.7 * skin.mean() / 255, 0.5, 1.0))
    inside, opening = inside_mouth(bent[list(INNER_LIPS), :2], of.unit_px, of.depth.shape)
    share = sampled(opening, back)[..., None]
    made = out.astype(np.float32)
    made += (sampled(inside * 255 * light, back) - made) * share
    return np.asarray(made, np.float32)
