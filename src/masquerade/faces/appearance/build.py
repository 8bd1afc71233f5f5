"""The model of a person's looks made from pictures, in seconds and without training.

Pictures are unrolled (`masquerade.faces.unrolled`), light is divided out, what covers the face is
weighted out, and skin that was never seen bare is carried on from around. What is left is a mean
and a few ways to differ from it, and real pictures for detail.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.errors import FaceError
from masquerade.faces.appearance.skin import (
    MOST_EXAMPLES,
    MOST_PARTS,
    PARTS_SIDE,
    POSE_DEG,
    Appearance,
    Example,
    Maps,
)
from masquerade.faces.carried_on import bare_skin, carried_on, without_shade
from masquerade.faces.coverage import Measures, measure
from masquerade.faces.expression import ExpressionBasis
from masquerade.faces.living.eye_look import EyeLook, take_apart
from masquerade.faces.map_light import lights, relit, relit_small
from masquerade.faces.proportion import Proportion
from masquerade.faces.staging import height_px
from masquerade.faces.unrolled import SIDE, SMALL, layout, unroll
from masquerade.types import RGB, Mask, Points, SourcePicture

_KEYS: Final = 9  # clear pictures from which skin around the eyes is learnt
_LARGEST_PX: Final = 320.0
_CALM: Final = 3.0  # times the usual difference, from which a place counts as covered
_ROUNDS: Final = 3
_UNSEEN: Final = 0.01  # weight of places seen from the side
_SIDELONG: Final = (0.0, 0.1)  # how squarely a place must be seen once, to count at all and fully
_SELDOM: Final = (0.05, 0.25)  # in what share of pictures skin must lie bare, likewise
_RIDGE: Final = 0.005


@dataclass(frozen=True, slots=True)
class _Stack:
    """All pictures on the map, on the way to a model.

    Attributes:
        full: (256, 256, 3) uint8 each.
        small: (n, 64, 64, 3) float32 the same, smaller.
        seen: (n, 64, 64) float32 weight of each place.
    """

    full: list[RGB]
    small: Maps
    seen: Maps


def build(pictures: Sequence[SourcePicture]) -> Appearance:
    """The model of a person's looks.

    Args:
        pictures: Of one person; from 20 on they make a model that moves, hundreds a good one.

    Raises:
        FaceError: There is no picture.
    """
    if not pictures:
        raise FaceError("there is no picture to make a model from", "at least one, best hundreds")
    reduced = [_reduced(one) for one in pictures]
    measures = [measure(image, one.face) for (image, _), one in zip(reduced, pictures, strict=True)]
    stack = _unrolled(reduced)
    light = lights(stack.small, stack.seen)
    _relight(stack, light)
    bare = _bare(stack)
    known = _known(stack, bare)
    uncovered = _uncovered(stack)
    seen = uncovered * bare
    expression, said = ExpressionBasis.of([marks for _, marks in reduced])
    mean, parts, weights, explained = _decomposed(stack, seen, known)
    keys = _keys(measures, light)
    skin, eyes = _around_eyes([reduced[k] for k in keys], [light[k] for k in keys])
    skin = carried_on(skin, known)
    masked = layout().eyes[..., None]
    mean += masked * (skin - mean)
    poses = np.array([one.face.pose_deg[:2] for one in pictures], np.float32)
    chosen = _spread(said, measures)
    kept = _shares(uncovered) * bare * _reduced_map(known)
    whole = _repaired(stack, kept, (mean, parts, weights), chosen)
    return Appearance(
        mean=mean,
        parts=_without_eyes(parts),
        follows=_regressed(said, poses, weights, seen),
        turns=np.stack([poses.min(axis=0), poses.max(axis=0)]),
        eyes=eyes,
        examples=tuple(
            Example(_with_skin(one, skin), said[k], weights[k])
            for k, one in zip(chosen, whole, strict=True)
        ),
        expression=expression,
        proportion=_proportion([marks for _, marks in reduced]),
        widest=float(np.quantile([one.mouth for one in measures], 0.97)),
        face_px=float(np.median([height_px(marks) for _, marks in reduced])),
        count=len(pictures),
        explained=explained,
    )


def _reduced(picture: SourcePicture) -> tuple[RGB, Points]:
    """A picture and its mesh, no larger than is of use."""
    marks = picture.face.landmarks
    factor = _LARGEST_PX / max(picture.face.size_px, 1.0)
    if factor >= 1:
        return picture.pixels, marks
    height, width = picture.pixels.shape[:2]
    size = (max(2, round(width * factor)), max(2, round(height * factor)))
    image = cv2.resize(picture.pixels, size, interpolation=cv2.INTER_AREA)
    moved = marks * np.float32(factor)
    moved[:, :2] += np.float32((factor - 1) / 2)
    return np.asarray(image, np.uint8), moved


def _unrolled(pictures: Sequence[tuple[RGB, Points]]) -> _Stack:
    full, small, seen = [], [], []
    for image, marks in pictures:
        pixels, weight = unroll(image, marks)
        full.append(pixels)
        small.append(cv2.resize(pixels, (SMALL, SMALL), interpolation=cv2.INTER_AREA))
        seen.append(weight)
    return _Stack(full, np.stack(small).astype(np.float32), np.stack(seen))


def _relight(stack: _Stack, light: Maps) -> None:
    """Divide the light out, in place."""
    for k, one in enumerate(light):
        stack.small[k] = relit_small(stack.small[k], one)
        stack.full[k] = relit(stack.full[k], one)


def _bare(stack: _Stack) -> Maps:
    """(n, 64, 64) where the skin lies bare in each picture."""
    size = (SMALL, SMALL)
    found = [
        cv2.resize(bare_skin(one, down_to="chin"), size, interpolation=cv2.INTER_AREA)
        for one in stack.full
    ]
    return np.asarray(np.clip(2 * np.stack(found) - 1, 0, 1), np.float32)  # hair frays


def _known(stack: _Stack, bare: Maps) -> Mask:
    """(256, 256) where bare skin was seen squarely in some pictures at least."""
    best = np.quantile(stack.seen, 0.95, axis=0)
    (sidelong, squarely), (seldom, often) = _SIDELONG, _SELDOM
    share = np.clip((best - sidelong) / (squarely - sidelong), 0, 1)
    share *= np.clip((bare.mean(axis=0) - seldom) / (often - seldom), 0, 1)
    share = without_shade(share.astype(np.float32), np.median(stack.small, axis=0))
    large = cv2.resize(share, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
    return np.asarray(large, np.float32)


def _reduced_map(known: Mask) -> Mask:
    """(64, 64) of (256, 256)."""
    small = cv2.resize(known, (SMALL, SMALL), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)


def _uncovered(stack: _Stack) -> Maps:
    """(n, 64, 64) weight of each place: squarely seen, on skin like in the others."""
    usual = np.median(stack.small, axis=0)
    apart = np.abs(stack.small - usual).mean(axis=3)
    apart = np.stack([cv2.GaussianBlur(one, (0, 0), 1.0) for one in apart])
    scale = _CALM * (1.5 * np.median(apart, axis=0) + 3)
    likely = 1 / (1 + (apart / scale) ** 4)
    skin = layout().skin
    return np.asarray(stack.seen * (1 - skin * (1 - likely)), np.float32)


def _decomposed(
    stack: _Stack, seen: Maps, bare: Mask
) -> tuple[Maps, Maps, NDArray[np.float32], float]:
    """Mean and parts at full size, (n, k) weights of the parts, and the share they explain.

    The parts are found on small maps, where places that were not seen are filled in turn with
    what the parts say; the large ones are those pictures' mean and parts with the same weights.
    """
    n = len(stack.full)
    values = stack.small.reshape(n, -1)
    known = np.repeat(seen.reshape(n, -1), 3, axis=1)
    total = known.sum(axis=0)
    rare = np.float32(_UNSEEN)  # what was never seen squarely is better than nothing
    mean = ((values * known).sum(axis=0) + rare * values.sum(axis=0)) / (total + rare * n)
    mean = carried_on(mean.reshape(SMALL, SMALL, 3), _reduced_map(bare)).ravel()
    face = np.repeat(layout().face.ravel(), 3)
    count, made = min(MOST_PARTS, max(n - 1, 1)), np.zeros_like(values)
    left, explained = np.zeros((n, count), np.float32), 1.0
    for _ in range(_ROUNDS):
        apart = known * (values - mean) + (1 - known) * made
        inside = apart * face
        powers, turned = np.linalg.eigh(inside @ inside.T)
        powers, left = np.maximum(powers[::-1], 0), turned[:, ::-1][:, :count]
        left = np.ascontiguousarray(left[:, powers[:count] > 1e-6 * max(powers[0], 1e-9)])
        explained = float(powers[: left.shape[1]].sum() / max(powers.sum(), 1e-9))
        made = left @ (left.T @ apart)
    size = np.sqrt(np.float32(n))
    weights = (left * size).astype(np.float32)
    full_mean, parts = _enlarged(stack, seen, mean, made, weights)
    return carried_on(full_mean, bare), _parts_carried_on(parts, bare), weights, explained


def _enlarged(
    stack: _Stack, seen: Maps, mean: Maps, made: Maps, weights: NDArray[np.float32]
) -> tuple[Maps, Maps]:
    """(256, 256, 3) mean and (k, 128 * 128 * 3) parts."""
    n = len(stack.full)
    total = np.zeros((SIDE, SIDE, 3), np.float32)
    rows = np.zeros((n, PARTS_SIDE * PARTS_SIDE * 3), np.float32)
    for k in range(n):
        share = cv2.resize(seen[k], (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
        filling = (mean + made[k]).reshape(SMALL, SMALL, 3)
        filled = cv2.resize(filling, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
        one = cv2.blendLinear(stack.full[k].astype(np.float32), filled, share, 1 - share)
        total += one
        half = cv2.resize(one, (PARTS_SIDE, PARTS_SIDE), interpolation=cv2.INTER_AREA)
        rows[k] = half.ravel()
    rows -= rows.mean(axis=0)
    parts = (weights - weights.mean(axis=0)).T @ rows / np.float32(n)
    return total / np.float32(n), np.asarray(parts, np.float32)


def _parts_carried_on(parts: Maps, bare: Mask) -> Maps:
    """The parts, smooth where the skin was never seen bare."""
    size = (PARTS_SIDE, PARTS_SIDE)
    known = np.asarray(cv2.resize(bare, size, interpolation=cv2.INTER_AREA), np.float32)
    filled = [carried_on(one.reshape(*size, 3), known).ravel() for one in parts]
    return np.asarray(np.stack(filled), np.float32)


def _keys(measures: Sequence[Measures], light: NDArray[np.float32]) -> list[int]:
    """Clear, frontal pictures with open eyes in the usual light, the best first."""
    eyes = np.array([one.eyes for one in measures])
    usual = max(float(np.quantile(eyes, 0.8)), 1e-3)
    sharp = np.array([one.sharpness for one in measures])
    turned = np.array([np.hypot(one.yaw_deg, one.pitch_deg) for one in measures])
    odd = np.abs(light).sum(axis=(1, 2))
    worth = np.minimum(eyes / usual, 1.05) ** 2 * (sharp / sharp.max()) * np.exp(-turned / 25)
    return [int(k) for k in np.argsort(-worth * np.exp(-odd / (odd.mean() + 0.2)))[:_KEYS]]


def _around_eyes(
    pictures: Sequence[tuple[RGB, Points]], light: Sequence[Maps]
) -> tuple[Maps, tuple[EyeLook, EyeLook]]:
    """(256, 256, 3) skin with covered eyes, and the eyes of the clearest picture."""
    skins, looks = [], []
    for (image, marks), one in zip(pictures, light, strict=True):
        covered, eyes = take_apart(image, marks)
        skins.append(relit(unroll(covered, marks)[0], one))
        looks.append(eyes)
    return np.asarray(np.mean(skins, axis=0), np.float32), looks[0]


def _without_eyes(parts: Maps) -> Maps:
    size = (PARTS_SIDE, PARTS_SIDE)
    shown = 1 - np.asarray(cv2.resize(layout().eyes, size, interpolation=cv2.INTER_AREA))
    return np.asarray(parts * np.repeat(shown.ravel(), 3), np.float32)


def _shares(uncovered: Maps) -> Maps:
    """(n, 64, 64) how much of each picture is kept at each place, against what is usual there."""
    usual = np.median(uncovered, axis=0) + np.float32(0.02)
    return np.asarray(np.clip(1.25 * (uncovered + np.float32(0.02)) / usual, 0, 1), np.float32)


def _repaired(
    stack: _Stack,
    shares: Maps,
    model: tuple[Maps, Maps, NDArray[np.float32]],
    chosen: Sequence[int],
) -> Iterator[RGB]:
    """Real pictures, with what the model says where something covers the face."""
    mean, parts, weights = model
    for k in chosen:
        large = cv2.resize(shares[k], (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
        small = (weights[k] @ parts).reshape(PARTS_SIDE, PARTS_SIDE, 3)
        said = mean + cv2.resize(small, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
        whole = stack.full[k].astype(np.float32)
        made = cv2.blendLinear(whole, said.astype(np.float32), large, 1 - large)
        yield np.asarray(np.clip(np.rint(made), 0, 255), np.uint8)


def _with_skin(pixels: RGB, skin: Maps) -> RGB:
    made = pixels + layout().eyes[..., None] * (skin - pixels)
    return np.asarray(np.clip(np.rint(made), 0, 255), np.uint8)


def _regressed(
    said: NDArray[np.float32], poses: NDArray[np.float32], weights: NDArray[np.float32], seen: Maps
) -> NDArray[np.float32]:
    """(m + 3, k) ridge regression of the parts' weights; pictures seen badly count less."""
    known = np.column_stack([said, poses / POSE_DEG, np.ones(len(said))]).astype(np.float64)
    trust = seen.mean(axis=(1, 2)).astype(np.float64)
    trust /= max(float(trust.mean()), 1e-6)
    ridge = np.full(known.shape[1], _RIDGE)
    ridge[-3:-1] = 1.0
    ridge[-1] = 1e-4
    square = known.T @ (trust[:, None] * known) / len(said) + np.diag(ridge * 0.01)
    return np.linalg.solve(square, known.T @ (trust[:, None] * weights) / len(said)).astype(
        np.float32
    )


def _proportion(meshes: Sequence[Points]) -> Proportion:
    points = np.mean([Proportion.of(marks).points for marks in meshes], axis=0)
    return Proportion(points.astype(np.float32))


def _spread(said: NDArray[np.float32], measures: Sequence[Measures]) -> list[int]:
    """Pictures that differ most in expression, begun with the sharpest; none that is blurred."""
    sharp = np.array([one.sharpness for one in measures])
    fit = np.flatnonzero(sharp >= 0.6 * np.median(sharp))
    chosen = [int(fit[sharp[fit].argmax()])]
    away = np.linalg.norm(said[fit] - said[chosen[0]], axis=1)
    while len(chosen) < min(MOST_EXAMPLES, len(fit)):
        chosen.append(int(fit[away.argmax()]))
        away = np.minimum(away, np.linalg.norm(said[fit] - said[chosen[-1]], axis=1))
    return chosen
