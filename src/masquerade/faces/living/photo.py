"""A photo taken apart so that the person in it can move: a person in front, what lies behind.

The person is everything that the matte says is one, and the head that the mesh carries on to hair
and neck. Behind lies the photo itself, filled in where the person stands, and never moves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.living.eye_look import EyeLook, take_apart
from masquerade.faces.mesh import OVAL, interocular_px
from masquerade.faces.mouth.inside import MouthInside, mouth_inside
from masquerade.faces.pose import HeadFit, fit_head
from masquerade.faces.warp import dense_map, widen
from masquerade.types import RGB, Face, Mask, Points

Field: TypeAlias = NDArray[np.float32]

COARSE: Final = 4
"""Pixels of the photo for each at which smooth fields are kept."""
FINE: Final = 2
"""Pixels for each of the photo at which it is read while it moves: as sharp wherever it lies."""
_HINGES: Final = (234, 454)  # beside the ears, where the jaw turns
_CHIN: Final = 152
_NECK: Final = (0.0, 1.15)  # below the chin, in eye distances: from where less of the head's
# movement arrives, and where none does
_SHOULDERS: Final = 1.5  # below the chin, where breathing is widest
_SOFT: Final = 0.05  # over which the person's edge fades, in eye distances
_GROWN: Final = 0.05  # by which the matte is grown, so that no rim of hair stays behind
_SHARPENED: Final = 0.35  # makes up for what reading between fine pixels softens
_FILL_PX: Final = 320  # shorter side at which the background is filled in

# By eye, on the personas of the package, turned as far as the portrait turns them:
_PIVOT: Final = (0.9, 0.5)  # of the way from the ears' hinge to the chin; eye distances behind it
_FINE_SIGMA: Final = 1.2  # of the detail that is sharpened, in fine pixels
_HEAD_WIDE: Final = (1.35, 1.4)  # half axes of hair and head, by those of the face's outline
_TRUNK_WIDE: Final = 2.4  # half width of the shoulders, by that of the face
_TRUNK_LOW: Final = 1.6  # half heights of the face below the chin, the middle of the shoulders
_NECK_WIDE: Final = 0.75  # of the face's half width
_EDGE: Final = (1.1, 8.0)  # of those axes, where the outline ends, and how steeply
_MATTE: Final = (0.15, 0.3)  # of a matte, from where somebody is there, and over how much
_LEAST_SIGMA: Final = 0.6  # pixels: less softens nothing
_CLEARED: Final = (1.04, 0.02)  # stretches a blurred mask so that its ends are 0 and 1 again
_DEPTH_SIGMA: Final = 0.12  # eye distances, of which depth is smoothed over several
_FAR_SIGMAS: Final = 3.0  # of that: far from the mesh
_RIM_SIGMAS: Final = 2.0  # at its rim
_NEAR_SIGMAS: Final = 0.5  # within it
_HIGHER: Final = (
    0.45,
    0.6,
)  # eye distances that shoulders begin higher beside the neck; from where
_FADES: Final = (4.0, 0.6)  # eye distances over which breathing is less far down, and by how much
_SEEN: Final = 0.05  # of a mask, from which the background is filled in


@dataclass(frozen=True, slots=True)
class LivingPhoto:
    """A photo made ready to move.

    Attributes:
        picture: (H, W, 3) uint8 RGB, the photo.
        fine: (2 * H, 2 * W, 3) uint8 RGB, the same for reading between pixels.
        covered: (H, W, 3) uint8 RGB, the same with skin over the eyes.
        behind: (H, W, 3) uint8 RGB, the background, filled in where the person's edge is.
        cover: (h, w) float32 in [0, 1] the person, at a quarter of the size.
        eyes: The right and the left eye, taken apart.
        mouth: What is known of the mouth.
        landmarks: (478, 3) mesh in pixels of the photo.
        head: How the neutral face lies in it.
        depth: (h, w) float32 pixels away from the camera, smooth, at a quarter of the size.
        hold: (h, w) float32 in [0, 1] how far a place goes along with the head, likewise.
        chest: (h, w) float32 in [0, 1] how far it goes along with breathing, likewise.
        pivot: (3,) what the head turns about, in pixels.
        unit_px: Distance of the eyes.
    """

    picture: RGB
    fine: RGB
    covered: RGB
    behind: RGB
    cover: Mask
    eyes: tuple[EyeLook, EyeLook]
    mouth: MouthInside
    landmarks: Points
    head: HeadFit
    depth: Field
    hold: Field
    chest: Field
    pivot: Field
    unit_px: float


def living_photo(picture: RGB, face: Face, matte: Mask | None = None) -> LivingPhoto:
    """A photo made ready to move.

    Args:
        picture: (H, W, 3) uint8 RGB, the face towards the camera.
        face: The face in it.
        matte: (H, W) float32 in [0, 1] which pixels are people; without it, head and shoulders
            are what lies around the mesh.

    Example:
        >>> from masquerade.faces.mesh import topology
        >>> mesh = topology().neutral * 40 + np.float32([100, 90, 0])
        >>> face = Face((50.0, 40.0, 150.0, 160.0), 1.0, mesh, (0.0, 0.0, 0.0))
        >>> living_photo(np.zeros((200, 200, 3), np.uint8), face).cover.shape
        (50, 50)
    """
    mesh, shape = face.landmarks, picture.shape[:2]
    unit = interocular_px(mesh)
    small = (max(2, -(-shape[1] // COARSE)), max(2, -(-shape[0] // COARSE)))
    scaled = _scaled(mesh, shape, small)
    person = _person(scaled, small, matte)
    near = unit / COARSE
    cover = _soft(person, _GROWN * near, _SOFT * near)
    hinge = mesh[list(_HINGES)].mean(axis=0)
    down = (mesh[_CHIN, 1] - hinge[1]) * _PIVOT[0]
    pivot = np.array([mesh[list(OVAL), 0].mean(), hinge[1] + down, hinge[2] + _PIVOT[1] * unit])
    depth = _depth(scaled, small) * np.float32(COARSE)
    hold, chest = _hold(scaled, small)
    covered, eyes = take_apart(picture, mesh)
    return LivingPhoto(
        picture,
        finer(picture),
        covered,
        _behind(picture, person, near),
        cover,
        eyes,
        mouth_inside(picture, mesh),
        mesh,
        fit_head(mesh),
        depth,
        hold,
        chest,
        pivot.astype(np.float32),
        unit,
    )


def finer(picture: RGB) -> RGB:
    """(2 * H, 2 * W, 3) uint8 a picture for reading between its pixels."""
    height, width = picture.shape[:2]
    size = (FINE * width, FINE * height)
    large = cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC)
    blurred = cv2.GaussianBlur(large, (0, 0), _FINE_SIGMA)
    return np.asarray(cv2.addWeighted(large, 1 + _SHARPENED, blurred, -_SHARPENED, 0), np.uint8)


def _scaled(mesh: Points, shape_hw: tuple[int, ...], small_wh: tuple[int, int]) -> Points:
    """The mesh in pixels of the small fields, whose depth is scaled alike."""
    scale = np.array([small_wh[0] / shape_hw[1], small_wh[1] / shape_hw[0], 1 / COARSE], np.float32)
    half = np.array([0.5, 0.5, 0], np.float32)
    return np.asarray((mesh + half) * scale - half, np.float32)


def _person(mesh: Points, small_wh: tuple[int, int], matte: Mask | None) -> Mask:
    """(h, w) the person by the matte, and in any case the head's middle."""
    head = np.zeros(small_wh[::-1], np.float32)
    cv2.fillPoly(head, [np.rint(mesh[list(OVAL), :2]).astype(np.int32)], 1.0)
    if matte is None:
        x, y = _grid(small_wh)
        rim = mesh[list(OVAL), :2]
        low, high = rim.min(axis=0), rim.max(axis=0)
        middle, half = (low + high) / 2, (high - low) / 2
        across, down = (x - middle[0]) / half[0], (y - middle[1]) / half[1]
        away = np.hypot(across / _HEAD_WIDE[0], down / _HEAD_WIDE[1])
        low_down = (y - high[1] - _TRUNK_LOW * half[1]) / half[1]
        around = np.minimum(away, np.hypot(across / _TRUNK_WIDE, low_down))
        neck = (np.abs(across) < _NECK_WIDE) & (down > 0)
        edge = np.clip((_EDGE[0] - around) * _EDGE[1], 0, 1)
        return np.asarray(np.maximum(edge, neck), np.float32)
    people = cv2.resize(matte, small_wh, interpolation=cv2.INTER_AREA)
    people = np.clip((people - np.float32(_MATTE[0])) / np.float32(_MATTE[1]), 0, 1)
    sure = _only_theirs(people, head)
    return np.asarray(np.maximum(sure, head), np.float32)


def _only_theirs(people: Mask, head: Mask) -> Mask:
    """The part of a matte that hangs together with a head."""
    count, parts = cv2.connectedComponents((people > 0.5).astype(np.uint8))
    touched = np.unique(parts[(head > 0) & (parts > 0)])
    if count <= 2 or not len(touched):
        return people
    near = cv2.dilate(np.isin(parts, touched).astype(np.float32), np.ones((5, 5)))
    return np.asarray(people * near, np.float32)


def _soft(person: Mask, grown: float, soft: float) -> Mask:
    reach = max(1, round(grown))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    made = cv2.GaussianBlur(cv2.dilate(person, kernel), (0, 0), max(soft, _LEAST_SIGMA))
    return np.asarray(np.clip(made * np.float32(_CLEARED[0]) - np.float32(_CLEARED[1]), 0, 1))


def _grid(small_wh: tuple[int, int]) -> tuple[Field, Field]:
    x, y = np.meshgrid(
        np.arange(small_wh[0], dtype=np.float32), np.arange(small_wh[1], dtype=np.float32)
    )
    return x, y


def _depth(mesh: Points, small_wh: tuple[int, int]) -> Field:
    """The mesh's depth at each pixel, carried on beyond its outline, smooth."""
    points = widen(mesh)
    base = float(mesh[:, 2].min())
    drawn = dense_map(points, points[:, 2:] - base + 1, (0, 0, *small_wh), step=1.0)[..., 0]
    known = (drawn > 0).astype(np.float32)
    rim = float(mesh[list(OVAL), 2].mean())
    depth = np.where(drawn > 0, drawn + base - 1, rim).astype(np.float32)
    sigma = max(interocular_px(mesh) * _DEPTH_SIGMA, 0.5)
    smooth = cv2.GaussianBlur(depth, (0, 0), sigma * _FAR_SIGMAS)
    inner = np.clip(cv2.GaussianBlur(known, (0, 0), sigma * _RIM_SIGMAS) * 2 - 1, 0, 1)
    fine = cv2.GaussianBlur(depth, (0, 0), sigma * _NEAR_SIGMAS)
    return np.asarray(smooth + (fine - smooth) * inner, np.float32)


def _hold(mesh: Points, small_wh: tuple[int, int]) -> tuple[Field, Field]:
    """How far a place goes along with the head, and with breathing."""
    _, y = _grid(small_wh)
    unit = max(interocular_px(mesh), 1.0)
    x = _grid(small_wh)[0]
    rim = mesh[list(OVAL), :2]
    aside = np.abs(x - rim[:, 0].mean()) / max(float(np.ptp(rim[:, 0])) / 2, 1.0)
    # Beside the neck hair and shoulders begin higher than below the chin.
    chin = float(mesh[_CHIN, 1]) - _HIGHER[0] * unit * np.clip(aside - _HIGHER[1], 0, 0.6)
    below = (y - chin) / unit
    share = np.clip((_NECK[1] - below) / (_NECK[1] - _NECK[0]), 0, 1)
    chest = np.clip(below / _SHOULDERS, 0, 1)
    fade = np.clip((below - _SHOULDERS) / _FADES[0], 0, _FADES[1])
    smooth = [one * one * (3 - 2 * one) for one in (share, chest)]
    return smooth[0].astype(np.float32), (smooth[1] - fade).clip(0, 1).astype(np.float32)


def _behind(picture: RGB, person: Mask, unit: float) -> RGB:
    """(H, W, 3) the photo with the background carried on over the person's edge."""
    height, width = picture.shape[:2]
    scale = min(1.0, _FILL_PX / min(height, width))
    size = (max(2, round(width * scale)), max(2, round(height * scale)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    mask = np.asarray(cv2.resize(person, size, interpolation=cv2.INTER_LINEAR), np.float32)
    per_unit = unit * size[0] / person.shape[1]
    grown = _soft(mask, _GROWN * per_unit, _LEAST_SIGMA) > _SEEN
    if grown.all():
        return picture
    hole = grown.astype(np.uint8)
    filled = cv2.inpaint(small, hole, 3, cv2.INPAINT_TELEA)
    change = cv2.resize(filled, (width, height), interpolation=cv2.INTER_CUBIC)
    share = cv2.resize(grown.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    share = cv2.GaussianBlur(share, (0, 0), 1.0)[..., None]
    return np.asarray(np.rint(picture + share * (change.astype(np.float32) - picture)), np.uint8)
