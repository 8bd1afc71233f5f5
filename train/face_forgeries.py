"""What manipulation does to a face, drawn anew every time, in memory only.

Most are a real face blended with a changed copy of itself (`train.self_blend`), so that nothing
but the traces of blending tells it from a real one. The others widen what is seen: patches of
other shapes, faces redrawn as decoders draw them or by a decoder (`train.face_neural`), faces bent
over a mesh, a face from another photo of the same person. Another person's face is put in where
both are volunteers or people who do not exist, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.mesh import LIPS, OVAL, SURFACE
from masquerade.faces.warp import dense_map, widen
from masquerade.types import RGB, Points
from train.face_degraded import jpeg
from train.face_material import Picture
from train.face_neural import Redrawer, sharpened
from train.self_blend import self_blend

Mask = NDArray[np.float32]
Rng = np.random.Generator

_WAYS: Final = (cv2.INTER_NEAREST, cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_AREA)
_RATIOS: Final = (0.5, 0.75, 1.0, 1.0, 1.0)
_INNER: Final = (70, 63, 105, 66, 107, 336, 296, 334, 293, 300, 454, 361, 152, 132, 234)


def forged(
    picture: Picture,
    rng: Rng,
    others: Sequence[Picture] = (),
    *,
    twin: Picture | None = None,
    redrawer: Redrawer | None = None,
) -> RGB:
    """(S, S, 3) the picture with its face manipulated in one way.

    Args:
        picture: A real one.
        rng: Decides everything.
        others: Of volunteers and of people who do not exist; used for volunteers only.
        twin: Another picture of the same person, if there is one.
        redrawer: Draws faces again, if it is there.

    Raises:
        ValueError: The twin is somebody else.
    """
    if twin is not None and twin.person != picture.person:
        raise ValueError(f"{twin.person} is not {picture.person}")
    made = _in_one_way(picture, rng, others, twin, redrawer)
    # Beyond the edge of the picture it was cut from all is black, in real ones too.
    there = picture.pixels.max(axis=2) > 0
    return np.where(there[..., None], made, np.uint8(0))


def _in_one_way(
    picture: Picture,
    rng: Rng,
    others: Sequence[Picture],
    twin: Picture | None,
    redrawer: Redrawer | None,
) -> RGB:
    if picture.volunteer and others and rng.random() < 0.3:
        return _bent(picture, others[int(rng.integers(len(others)))], rng)
    if twin is not None and rng.random() < 0.3:
        return _bent(picture, twin, rng)
    if redrawer is not None and rng.random() < 0.25:
        return _drawn_again(picture, redrawer, rng)
    chance = rng.random()
    if chance < 0.45:
        return self_blend(picture.pixels, picture.landmarks, rng)
    if chance < 0.55:
        return _laid_in(picture, _recoloured(picture.pixels, rng), rng)
    if chance < 0.75:
        return _laid_in(picture, _redrawn(picture, rng), rng)
    if chance < 0.88:
        return _laid_in(picture, _stored_apart(picture.pixels, rng), rng)
    return _bent(picture, picture, rng)


def _drawn_again(picture: Picture, redrawer: Redrawer, rng: Rng) -> RGB:
    """The face by a network, in whole or in part."""
    drawn, there = redrawer.drawn(picture, rng)
    drawn = sharpened(drawn, rng)
    if rng.random() < 0.5:
        drawn = _tinted(drawn, picture.pixels, there > 0.5, rng)
    if rng.random() < 0.25:
        return _laid_in(picture, _mixed(picture.pixels, drawn, there), rng)
    return _mixed(picture.pixels, drawn, there)


def _laid_in(picture: Picture, changed: RGB, rng: Rng) -> RGB:
    """A changed copy within one of several shapes."""
    shapes: tuple[Callable[[Picture, Rng], Mask], ...] = (_oval, _box, _inner, _lower)
    mask = shapes[int(rng.integers(len(shapes)))](picture, rng)
    wide = max(1.0, picture.face_px * float(rng.choice([0.01, 0.03, 0.06, 0.1])))
    soft = cv2.GaussianBlur(mask, (0, 0), wide)
    if rng.random() < 0.5:  # the whole of the edge within the shape, as eroded masks have it
        soft = np.clip(2 * soft - 1, 0, 1)
    return _mixed(picture.pixels, changed, soft * float(rng.choice(_RATIOS)))


def _bent(target: Picture, donor: Picture, rng: Rng) -> RGB:
    """A donor's face bent over the target's mesh, in the target's colours, as mesh swaps do it."""
    size = target.pixels.shape[0]
    points = target.landmarks.copy()
    if donor is target:
        points = _pushed(points, target.face_px, rng)
    box = (0, 0, size, size)
    places = dense_map(widen(points), widen(donor.landmarks)[:, :2], box, step=2.0)
    way = cv2.INTER_LINEAR if rng.random() < 0.5 else cv2.INTER_CUBIC
    looked = cv2.remap(donor.pixels, places[..., 0], places[..., 1], way)
    drawn = np.asarray(looked, np.uint8)
    there = cv2.erode((places.sum(axis=2) > 0).astype(np.uint8), np.ones((3, 3), np.uint8))
    mask = _oval(target, rng) * there
    if donor is not target:
        drawn = _tinted(drawn, target.pixels, mask > 0.5, rng)
    if rng.random() < 0.5:
        drawn = _through_size(drawn, rng.uniform(1.2, 3), rng)
    wide = max(1.0, target.face_px * rng.uniform(0.01, 0.08))
    return _mixed(target.pixels, drawn, cv2.GaussianBlur(mask, (0, 0), wide) * there)


def _redrawn(picture: Picture, rng: Rng) -> RGB:
    """The face as a decoder gives it: through fewer pixels, a little smoothed, sharpened again."""
    made = picture.pixels
    if rng.random() < 0.4:
        flat = cv2.bilateralFilter(made, 5, rng.uniform(10, 50), rng.uniform(2, 6))
        made = np.asarray(flat, np.uint8)
    made = _through_size(made, rng.uniform(1.3, 4), rng)
    if rng.random() < 0.5:
        soft = cv2.GaussianBlur(made, (0, 0), rng.uniform(0.8, 2)).astype(np.float32)
        made = _bytes(made + rng.uniform(0.3, 1.2) * (made - soft))
    if rng.random() < 0.4:
        made = _bands_scaled(made, rng)
    return _recoloured(made, rng) if rng.random() < 0.5 else made


def _stored_apart(pixels: RGB, rng: Rng) -> RGB:
    """The face as it comes out of a file of its own: other blocks, another grain, other colours."""
    high, wide = pixels.shape[:2]
    before = rng.integers(0, 8, 2)
    room = ((int(before[0]), 8), (int(before[1]), 8), (0, 0))
    made = jpeg(np.pad(pixels, room, mode="edge"), int(rng.integers(25, 85)))
    made = made[before[0] : before[0] + high, before[1] : before[1] + wide]
    if rng.random() < 0.5:
        made = _bytes(made + rng.normal(0, rng.uniform(1, 5), (high, wide, 1)))
    return _recoloured(made, rng) if rng.random() < 0.3 else made


def _through_size(pixels: RGB, factor: float, rng: Rng) -> RGB:
    """Made smaller and larger again, each in one of several ways."""
    size = (pixels.shape[1], pixels.shape[0])
    small = (max(16, round(size[0] / factor)), max(16, round(size[1] / factor)))
    down, up = (_WAYS[int(rng.integers(len(_WAYS)))] for _ in range(2))
    made = cv2.resize(cv2.resize(pixels, small, interpolation=down), size, interpolation=up)
    return np.asarray(made, np.uint8)


def _bands_scaled(pixels: RGB, rng: Rng) -> RGB:
    """With some bands of frequency louder or softer, as networks' upsampling leaves them."""
    high, wide = pixels.shape[:2]
    y, x = np.fft.fftfreq(high)[:, None], np.fft.rfftfreq(wide)[None]
    radius = np.minimum(np.hypot(x, y) * 2, 1)
    curve = np.interp(radius, np.linspace(0, 1, 6), [1, 1, *rng.uniform(0.3, 1.6, 4)])
    spectrum = np.fft.rfft2(pixels.astype(np.float32), axes=(0, 1)) * curve[..., None]
    return _bytes(np.fft.irfft2(spectrum, (high, wide), axes=(0, 1)))


def _recoloured(pixels: RGB, rng: Rng) -> RGB:
    """With other light and tint."""
    made = pixels.astype(np.float32) + rng.uniform(-14, 14, 3)
    return _bytes((made - 128) * rng.uniform(0.88, 1.12) + 128 + rng.uniform(-12, 12))


def _tinted(drawn: RGB, goal: RGB, where: NDArray[np.bool_], rng: Rng) -> RGB:
    """With the mean and spread of another picture's colours (Reinhard et al., 2001)."""
    if int(where.sum()) < 100:
        return drawn
    one, other = drawn[where].astype(np.float32), goal[where].astype(np.float32)
    share = rng.uniform(0.6, 1)
    scale = 1 + share * (other.std(axis=0) / np.maximum(one.std(axis=0), 1) - 1)
    middle = one.mean(axis=0) + share * (other.mean(axis=0) - one.mean(axis=0))
    return _bytes((drawn.astype(np.float32) - one.mean(axis=0)) * scale + middle)


def _pushed(points: Points, face_px: float, rng: Rng) -> Points:
    """Landmarks a little elsewhere, neighbours together, as another look or person has them."""
    apart = np.linalg.norm(points[:, None, :2] - points[None, ::40, :2], axis=2)
    weight = np.exp(-np.square(apart / (0.25 * face_px)))
    push = weight @ rng.normal(0, 0.012 * face_px, (weight.shape[1], 2))
    moved = points.copy()
    moved[:, :2] += push.astype(np.float32)
    return moved


def _oval(picture: Picture, rng: Rng) -> Mask:
    """Within the outline, or a little inside or outside it."""
    rim = picture.landmarks[list(OVAL), :2]
    return _filled(picture, rim.mean(axis=0) + (rim - rim.mean(axis=0)) * rng.uniform(0.8, 1.1))


def _box(picture: Picture, rng: Rng) -> Mask:
    """A rectangle about the face, as pasted crops have it."""
    points = picture.landmarks[:SURFACE, :2]
    low, high = points.min(axis=0), points.max(axis=0)
    room = (high - low) * rng.uniform(-0.15, 0.12, 2)
    (x0, y0), (x1, y1) = (low - room).tolist(), (high + room).tolist()
    return _filled(picture, np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]))


def _inner(picture: Picture, rng: Rng) -> Mask:
    """From the brows to the chin, as face swappers of one size fits all have it."""
    points = picture.landmarks[list(_INNER), :2]
    hull = cv2.convexHull(points * np.float32(rng.uniform(0.995, 1.005)))[:, 0]
    return _filled(picture, np.asarray(hull, np.float32))


def _lower(picture: Picture, rng: Rng) -> Mask:
    """About the mouth, as lip synchronisers have it."""
    lips = picture.landmarks[list(LIPS), :2]
    middle = lips.mean(axis=0)
    half = np.array([0.32, 0.26]) * picture.face_px * rng.uniform(0.7, 1.3)
    made = np.zeros(picture.pixels.shape[:2], np.float32)
    place = tuple(np.rint(middle).astype(int).tolist())
    axes = tuple(np.rint(half).astype(int).tolist())
    cv2.ellipse(made, place, axes, 0.0, 0.0, 360.0, 1.0, -1)
    return made


def _filled(picture: Picture, outline: NDArray[np.floating]) -> Mask:
    made = np.zeros(picture.pixels.shape[:2], np.float32)
    cv2.fillPoly(made, [np.rint(outline).astype(np.int32)], 1.0)
    return made


def _mixed(under: RGB, over: RGB, share: NDArray[np.floating]) -> RGB:
    part = share[..., None].astype(np.float32)
    return _bytes(over.astype(np.float32) * part + under.astype(np.float32) * (1 - part))


def _bytes(values: NDArray[np.floating]) -> RGB:
    return np.asarray(np.clip(np.rint(values), 0, 255), np.uint8)
