"""How a person's skin looks when the face does this or that: a model made from their pictures.

Pictures are unrolled (`masquerade.faces.unrolled`), light is divided out, what covers the face is
weighted out, and what is left is a mean and a few ways to differ from it, which follow the
expression. Detail comes from the real picture that is nearest. No network is trained; after the
active appearance models of Cootes, Edwards and Taylor (2001).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.errors import FaceError
from masquerade.faces.bare import bare_face
from masquerade.faces.coverage import Measures, measure
from masquerade.faces.expression import ExpressionBasis
from masquerade.faces.eye_look import EyeLook, take_apart
from masquerade.faces.proportion import Proportion
from masquerade.faces.staging import height_px
from masquerade.faces.unrolled import SIDE, SMALL, layout, unroll
from masquerade.types import RGB, Mask, Points, SourcePicture

Maps: TypeAlias = NDArray[np.float32]

PARTS_SIDE: Final = 128
_PARTS: Final = 40
_EXAMPLES: Final = 160  # real pictures kept for detail
_KEYS: Final = 9  # clear pictures from which skin around the eyes and hair are learnt
_LARGEST_PX: Final = 320.0
_FLOOR: Final = 8.0  # added to brightness before logarithms, so that noise in the dark is small
_CALM: Final = 3.0  # times the usual difference, from which a place counts as covered
_ROUNDS: Final = 3
_UNSEEN: Final = 0.01  # weight of places seen from the side
_HAIR: Final = 0.4  # quantile of clear pictures in which a place must lie bare
_FRAYED: Final = 5  # pixels of the map by which hair frays
_RIDGE: Final = 0.02
_POSE_DEG: Final = 12.0
_FADED: Final = 0.35  # of a map's weight below which its mirror image helps out


@dataclass(frozen=True, slots=True)
class Example:
    """A real picture on the map.

    Attributes:
        pixels: (256, 256, 3) uint8, in the model's usual light.
        said: (m,) its expression in the model's basis.
        parts: (k,) the part of it that the model explains.
    """

    pixels: RGB
    said: NDArray[np.float32]
    parts: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Appearance:
    """A person's looks as a function of expression.

    Attributes:
        mean: (256, 256, 3) float32 in [0, 255], without eyes.
        parts: (k, 128 * 128 * 3) float32 ways to differ from the mean, on a smaller map: what is
            finer comes from real pictures.
        follows: (m + 3, k) float32: expression, yaw, pitch and 1 to the weight of each part.
        turns: (2, 2) least and greatest (yaw, pitch) seen, in degrees.
        bare: (256, 256) float32, 1 where the skin lies bare, 0 where hair covers it.
        eyes: The right and the left eye of a clear picture.
        eye_opening: How far they are open in it.
        examples: Real pictures, all different.
        expression: What the face is known to do.
        proportion: The face's mean proportions.
        widest: How far the mouth opens in the pictures, in interocular distances.
        face_px: Height of the face in the pictures.
        count: Pictures the model was made from.
        explained: Share of the variance that the parts explain.
    """

    mean: Maps
    parts: Maps
    follows: NDArray[np.float32]
    turns: NDArray[np.float32]
    bare: Mask
    eyes: tuple[EyeLook, EyeLook]
    examples: tuple[Example, ...]
    expression: ExpressionBasis
    proportion: Proportion
    widest: float
    face_px: float
    count: int
    explained: float

    def weights(
        self, said: NDArray[np.float32], pose_deg: tuple[float, float, float]
    ) -> NDArray[np.float32]:
        """(k,) how much there is of each part.

        Args:
            said: (m,) the expression, in the model's basis.
            pose_deg: Of the head; kept within what was seen.
        """
        yaw, pitch = np.clip(pose_deg[:2], self.turns[0], self.turns[1])
        known = np.array([yaw / _POSE_DEG, pitch / _POSE_DEG, 1.0], np.float32)
        return np.asarray(np.concatenate([said, known]) @ self.follows, np.float32)

    def change(self, weights: NDArray[np.float32]) -> Maps:
        """(256, 256, 3) float32 what so much of each part adds.

        Args:
            weights: (k,).
        """
        small = (weights @ self.parts).reshape(PARTS_SIDE, PARTS_SIDE, 3)
        return np.asarray(cv2.resize(small, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR))

    def nearest(self, said: NDArray[np.float32]) -> NDArray[np.float32]:
        """(examples,) how far each real picture's lips are from those of an expression."""
        lips = self.expression.lips()
        apart = (np.stack([one.said for one in self.examples]) - said) @ lips
        rest = np.linalg.norm(np.stack([one.said for one in self.examples]) - said, axis=1)
        return np.asarray(np.linalg.norm(apart, axis=1) + 0.3 * rest, np.float32)


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
    light = _lights(stack)
    _relight(stack, light)
    seen = _uncovered(stack)
    expression, said = ExpressionBasis.of([marks for _, marks in reduced])
    mean, parts, weights, explained = _decomposed(stack, seen)
    keys = _keys(measures, light)
    skin, bare, eyes = _around_eyes([reduced[k] for k in keys], [light[k] for k in keys])
    masked = layout().eyes[..., None]
    mean += masked * (skin - mean)
    poses = np.array([one.face.pose_deg[:2] for one in pictures], np.float32)
    chosen = _spread(said, measures)
    return Appearance(
        mean=mean,
        parts=_without_eyes(parts),
        follows=_regressed(said, poses, weights, seen),
        turns=np.stack([poses.min(axis=0), poses.max(axis=0)]),
        bare=bare,
        eyes=eyes,
        examples=tuple(
            Example(_with_skin(uncovered, skin), said[k], weights[k])
            for k, uncovered in zip(
                chosen, _repaired(stack, seen, mean, parts, weights, chosen), strict=True
            )
        ),
        expression=expression,
        proportion=Proportion(
            np.mean([Proportion.of(marks).points for _, marks in reduced], axis=0)
        ),
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


def _lights(stack: _Stack) -> NDArray[np.float32]:
    """(n, 9, 3) light of each picture against the usual one, in logarithms.

    Fitted twice: what differs much from the usual after the first time (hair, a hand) does not
    count in the second.
    """
    here = layout()
    index = np.flatnonzero((here.skin * here.face).ravel() > 0.5)
    waves = here.harmonics.reshape(-1, 9)[index].astype(np.float64)
    values = np.log(stack.small.reshape(len(stack.full), -1, 3)[:, index] + _FLOOR)
    weights = stack.seen.reshape(len(stack.full), -1)[:, index].astype(np.float64)
    level = np.median(values, axis=1, keepdims=True)
    usual = np.median(values - level, axis=0) + np.median(level, axis=0)
    found = np.zeros((len(values), 9, 3))
    for k, one in enumerate(values):
        apart, weight = (one - usual).astype(np.float64), weights[k]
        for _ in range(2):
            square = waves.T @ (weight[:, None] * waves) + 0.5 * np.eye(9)
            found[k] = np.linalg.solve(square, waves.T @ (weight[:, None] * apart))
            left = np.abs(apart - waves @ found[k]).mean(axis=1)
            weight = weights[k] / (1 + (left / (3 * np.median(left) + 1e-3)) ** 4)
    return found.astype(np.float32)


def _relight(stack: _Stack, light: NDArray[np.float32]) -> None:
    """Divide the light out, in place."""
    for k, one in enumerate(light):
        small = _field(one)
        stack.small[k] = (stack.small[k] + _FLOOR) * small - _FLOOR
        stack.full[k] = _relit(stack.full[k], one)


def _field(light: NDArray[np.float32]) -> Maps:
    """(64, 64, 3) factors that undo a light."""
    return np.asarray(np.exp(-np.clip(layout().harmonics @ light, -1.2, 1.2)), np.float32)


def _relit(pixels: RGB, light: NDArray[np.float32]) -> RGB:
    factor = cv2.resize(_field(light), (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
    made = (pixels + np.float32(_FLOOR)) * factor - np.float32(_FLOOR)
    return np.asarray(np.clip(np.rint(made), 0, 255), np.uint8)


def _uncovered(stack: _Stack) -> Maps:
    """(n, 64, 64) weight of each place: squarely seen, on skin like in the others."""
    usual = np.median(stack.small, axis=0)
    apart = np.abs(stack.small - usual).mean(axis=3)
    apart = np.stack([cv2.GaussianBlur(one, (0, 0), 1.0) for one in apart])
    scale = _CALM * (1.5 * np.median(apart, axis=0) + 3)
    likely = 1 / (1 + (apart / scale) ** 4)
    skin = layout().skin
    return np.asarray(stack.seen * (1 - skin * (1 - likely)), np.float32)


def _decomposed(stack: _Stack, seen: Maps) -> tuple[Maps, Maps, NDArray[np.float32], float]:
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
    mean = _mirrored(mean, total)
    face = np.repeat(layout().face.ravel(), 3)
    count, made = min(_PARTS, max(n - 1, 1)), np.zeros_like(values)
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
    return full_mean, parts, weights, explained


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


def _mirrored(mean: NDArray[np.float32], total: NDArray[np.float32]) -> NDArray[np.float32]:
    """The small mean, filled from the other half of the face where hardly anything was seen."""
    places = mean.reshape(SMALL, SMALL, 3)
    weight = (total / max(float(total.max()), 1e-6)).reshape(SMALL, SMALL, 3)
    other, there = places[:, ::-1], weight[:, ::-1]
    lacking = np.clip(1 - weight / _FADED, 0, 1) * np.clip(there / _FADED, 0, 1)
    return np.asarray((places + lacking * (other - places)).ravel(), np.float32)


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
    pictures: Sequence[tuple[RGB, Points]], light: Sequence[NDArray[np.float32]]
) -> tuple[Maps, Mask, tuple[EyeLook, EyeLook]]:
    """(256, 256, 3) skin with covered eyes, (256, 256) where skin lies bare, and the eyes."""
    skins, bares, looks = [], [], []
    for (image, marks), one in zip(pictures, light, strict=True):
        covered, eyes = take_apart(image, marks)
        skins.append(_relit(unroll(covered, marks)[0], one))
        hairless = np.asarray(np.rint(bare_face(image, marks) * 255), np.uint8)
        bares.append(unroll(np.dstack([hairless] * 3), marks)[0][..., 0])
        looks.append(eyes)
    bare = np.asarray(np.quantile(bares, _HAIR, axis=0) / 255, np.float32)
    bare = np.asarray(cv2.erode(bare, np.ones((_FRAYED, _FRAYED), np.uint8)), np.float32)
    bare = np.asarray(cv2.GaussianBlur(bare, (0, 0), _FRAYED / 3), np.float32)
    return np.asarray(np.mean(skins, axis=0), np.float32), bare, looks[0]


def _without_eyes(parts: Maps) -> Maps:
    size = (PARTS_SIDE, PARTS_SIDE)
    shown = 1 - np.asarray(cv2.resize(layout().eyes, size, interpolation=cv2.INTER_AREA))
    return np.asarray(parts * np.repeat(shown.ravel(), 3), np.float32)


def _repaired(
    stack: _Stack,
    seen: Maps,
    mean: Maps,
    parts: Maps,
    weights: NDArray[np.float32],
    chosen: Sequence[int],
) -> Iterator[RGB]:
    """Real pictures, with what the model says where something covers the face."""
    usual = np.median(seen, axis=0) + np.float32(0.02)
    for k in chosen:
        share = np.clip(1.25 * (seen[k] + 0.02) / usual, 0, 1).astype(np.float32)
        large = cv2.resize(share, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
        small = (weights[k] @ parts).reshape(PARTS_SIDE, PARTS_SIDE, 3)
        model = mean + cv2.resize(small, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
        whole = stack.full[k].astype(np.float32)
        made = cv2.blendLinear(whole, model.astype(np.float32), large, 1 - large)
        yield np.asarray(np.clip(np.rint(made), 0, 255), np.uint8)


def _with_skin(pixels: RGB, skin: Maps) -> RGB:
    made = pixels + layout().eyes[..., None] * (skin - pixels)
    return np.asarray(np.clip(np.rint(made), 0, 255), np.uint8)


def _regressed(
    said: NDArray[np.float32], poses: NDArray[np.float32], weights: NDArray[np.float32], seen: Maps
) -> NDArray[np.float32]:
    """(m + 3, k) ridge regression of the parts' weights; pictures seen badly count less."""
    known = np.column_stack([said, poses / _POSE_DEG, np.ones(len(said))]).astype(np.float64)
    trust = seen.mean(axis=(1, 2)).astype(np.float64)
    trust /= max(float(trust.mean()), 1e-6)
    ridge = np.full(known.shape[1], _RIDGE)
    ridge[-3:-1] = 1.0
    ridge[-1] = 1e-4
    square = known.T @ (trust[:, None] * known) / len(said) + np.diag(ridge * 0.01)
    return np.linalg.solve(square, known.T @ (trust[:, None] * weights) / len(said)).astype(
        np.float32
    )


def _spread(said: NDArray[np.float32], measures: Sequence[Measures]) -> list[int]:
    """Pictures that differ most in expression, begun with the sharpest; none that is blurred."""
    sharp = np.array([one.sharpness for one in measures])
    fit = np.flatnonzero(sharp >= 0.6 * np.median(sharp))
    chosen = [int(fit[sharp[fit].argmax()])]
    away = np.linalg.norm(said[fit] - said[chosen[0]], axis=1)
    while len(chosen) < min(_EXAMPLES, len(fit)):
        chosen.append(int(fit[away.argmax()]))
        away = np.minimum(away, np.linalg.norm(said[fit] - said[chosen[-1]], axis=1))
    return chosen


def map_face_px() -> float:
    """Height of a face on the map, in its pixels."""
    return height_px(layout().points)
