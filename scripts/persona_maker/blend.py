"""One sharp picture out of many donors.

Coarse bands of the picture are the robust mean of all donors, so that colours and proportions are
nobody's. A mean has no pores, lashes or strands, so fine bands (Burt and Adelson 1983) are taken
for each part of the face from another donor, and nobody's face is in it as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces import mesh
from scripts.persona_maker.donors import ANGLES, LONG_HAIR, MIDDLE, RAYS, SIZE_WH, Layer, on_canvas
from scripts.persona_maker.matte import Picture, blurred
from scripts.persona_maker.shape import Shape

# How much of each band, from the finest (2 px) to the coarsest, comes from the part's own donor.
FROM_ONE = (1.0, 1.0, 1.0, 0.85, 0.45, 0.15, 0.0)
OTHERS = 0.04  # weight of each other donor in the fine bands
PART_EDGE_PX = 9.0  # softness of the borders between parts
BEYOND_FACE = 3.0  # how much farther parts of the face count outside its oval: ears are hair's
UNLIKE = 0.16  # colour difference from the mean at which a donor counts 1/e

PARTS: Mapping[str, tuple[int, ...]] = {
    "eyes": (*mesh.RIGHT_EYE, *mesh.LEFT_EYE, *mesh.RIGHT_BROW, *mesh.LEFT_BROW),
    "nose": (1, 2, 4, 5, 6, 195, 197, 98, 327, 64, 294, 48, 278, 168, 49, 279, 129, 358),
    "mouth": mesh.LIPS,
    "forehead": (10, 151, 108, 337, 69, 299, 104, 333, 67, 297, 9),
    "right_cheek": (50, 101, 205, 187, 123, 147, 117, 118, 213),
    "left_cheek": (280, 330, 425, 411, 352, 376, 346, 347, 433),
    "chin": (152, 175, 199, 200, 171, 396, 170, 395, 140, 369, 148, 377, 32, 262),
}


@dataclass(frozen=True, slots=True)
class Shares:
    """Which donors make which part.

    Attributes:
        mean: (n,) weight of each donor in the face's coarse bands.
        detail: Which donor leads the fine bands of each of `PARTS`.
        frame: (n,) weights of the donors of hair and ears; the largest leads.
        body: (n,) weights of the donors of neck and clothes; the largest leads.
        reach: Hair goes down to so many degrees from the vertical, seen from between the eyes.
    """

    mean: NDArray[np.float64]
    detail: Mapping[str, int]
    frame: NDArray[np.float64]
    body: NDArray[np.float64]
    reach: float


@dataclass(frozen=True, slots=True)
class Composite:
    """The persona before any backdrop.

    Attributes:
        colour: (640, 512, 3) float32 RGB.
        alpha: (640, 512) float32.
        fine_shares: (n,) part of the face's fine bands that comes from each donor; sums to 1.
    """

    colour: Picture
    alpha: Picture
    fine_shares: NDArray[np.float64]


def blend(
    layers: Sequence[Layer], shares: Shares, shape: Shape, outline: NDArray[np.float64]
) -> Composite:
    """The donors' layers as one picture.

    Args:
        layers: One a donor.
        shares: Which donors make which part.
        shape: (478, 2) the persona's shape.
        outline: (29,) the persona's outline.
    """
    places = on_canvas(shape)
    parts = part_maps(places, outline, shares.reach)
    face = _filled(places[list(mesh.OVAL)])
    pictures = same_skin([layer.colour for layer in layers], face, shares.mean)
    coarse, fine = _weights(layers, parts, shares)
    leading = fine / fine.sum(axis=0)
    alpha = _silhouette(layers, leading)
    if shares.reach < LONG_HAIR:
        alpha = alpha * (1 - parts["body"] * _above_jaw(places))
    solid = blurred(np.asarray(cv2.erode(face, np.ones((9, 9), np.uint8)), np.float32), 3)
    alpha = np.clip((np.maximum(alpha, solid) - 0.05) / 0.9, 0, 1).astype(np.float32)
    coarse = _robust(pictures, coarse)
    share = (leading * face).sum(axis=(1, 2))
    return Composite(_banded(pictures, coarse, leading), alpha, share / share.sum())


def _silhouette(layers: Sequence[Layer], leading: Picture) -> Picture:
    """(640, 512) the leading donors' outlines, with less of a mixture than their colours."""
    sharp = leading**4
    alphas = np.stack([layer.alpha for layer in layers])
    return np.asarray((alphas * sharp).sum(axis=0) / (sharp.sum(axis=0) + 1e-9))


def _above_jaw(places: Shape) -> Picture:
    """(640, 1) 1 above the corners of the jaw, where with short hair no body can be, 0 below."""
    corner = float(places[[172, 397], 1].mean())
    rows = np.arange(SIZE_WH[1], dtype=np.float32)[:, None]
    return np.asarray(np.clip((corner - 10 - rows) / 12, 0, 1), np.float32)


def part_maps(places: Shape, outline: NDArray[np.float64], reach: float) -> dict[str, Picture]:
    """(640, 512) weight of each part of `PARTS`, of `frame` and `body`; they sum to 1."""
    width, height = SIZE_WH
    seeds = {name: places[list(indices)] for name, indices in PARTS.items()}
    seeds["frame"] = _frame_seeds(places, outline, reach)
    seeds["body"] = _body_seeds(places, reach)
    y, x = np.mgrid[0:height:4, 0:width:4]
    grid = np.stack([x.ravel(), y.ravel()], axis=1).astype(np.float64)
    apart = np.stack(
        [np.linalg.norm(grid[:, None] - seed[None], axis=2).min(axis=1) for seed in seeds.values()]
    )
    apart[: len(PARTS)] += BEYOND_FACE * _outside(grid, places[list(mesh.OVAL)])
    weight = np.exp(-(apart - apart.min(axis=0)) / PART_EDGE_PX)
    weight = (weight / weight.sum(axis=0)).reshape(-1, height // 4, width // 4)
    large = [
        np.clip(cv2.resize(one.astype(np.float32), SIZE_WH, interpolation=cv2.INTER_CUBIC), 0, 1)
        for one in weight
    ]
    return dict(zip(seeds, large / np.sum(large, axis=0), strict=True))


def _outside(grid: Shape, ring: Shape) -> NDArray[np.float64]:
    """(n,) distance of each place to a ring, 0 inside it."""
    outline = ring.astype(np.float32)
    signed = [cv2.pointPolygonTest(outline, (float(x), float(y)), True) for x, y in grid]
    return np.asarray(np.maximum(-np.array(signed), 0))


def _frame_seeds(places: Shape, outline: NDArray[np.float64], reach: float) -> Shape:
    """Points between the face's oval and the hair's outline, and on the latter."""
    ring = places[list(mesh.OVAL)] - MIDDLE
    angle, radius = np.arctan2(ring[:, 0], -ring[:, 1]), np.linalg.norm(ring, axis=1)
    order = np.argsort(angle)
    inner = np.interp(ANGLES, angle[order], radius[order])
    used = np.abs(ANGLES) < np.radians(reach + 12)
    depth = np.where(outline > inner + 8, outline - inner, 30.0)
    start = np.where(outline > inner + 8, inner, inner + 8)
    rings = [MIDDLE + RAYS * (start + depth * share)[:, None] for share in (0.55, 0.8, 1.0)]
    return np.concatenate([ring[used] for ring in rings])


def _body_seeds(places: Shape, reach: float) -> Shape:
    """Points on neck, clothes and, with short hair, beside the jaw."""
    width, height = SIZE_WH
    chin = places[152, 1]
    below = [(x, y) for x in np.linspace(0, width, 16) for y in np.linspace(chin + 26, height, 8)]
    right = places[[172, 136, 150, 149, 176, 148]] + [-14, 16]
    left = places[[397, 365, 379, 378, 400, 377]] + [14, 16]
    seeds = [np.array(below), right, left]
    if reach < LONG_HAIR:
        columns = (*np.linspace(0, 90, 4), *np.linspace(width - 90, width, 4))
        rows = np.linspace(chin - 60, height, 6)
        seeds.append(np.array([(x, y) for x in columns for y in rows]))
    return np.concatenate(seeds)


def same_skin(
    pictures: Sequence[Picture], face: Picture, weights: NDArray[np.float64]
) -> list[Picture]:
    """The pictures with the mean skin colour of all, in and around the face and on the neck.

    Args:
        pictures: (640, 512, 3) float32 RGB.
        face: (640, 512) 1 within the face's oval.
        weights: (n,) how much each counts for the mean.
    """
    core = cv2.erode(face, np.ones((31, 31), np.uint8)) > 0
    labs = [cv2.cvtColor(picture, cv2.COLOR_RGB2LAB) for picture in pictures]
    own = np.stack([lab[core].mean(axis=0) for lab in labs])
    wanted = np.average(own, axis=0, weights=weights)
    soft = blurred(face, 8)
    out = []
    for lab, mean in zip(labs, own, strict=True):
        unlike = np.linalg.norm((lab - mean) / np.array([32, 11, 13]), axis=2)
        skin = blurred(np.exp(-(unlike**2) / 2).astype(np.float32), 3)
        amount = np.maximum(soft, skin)[..., None]
        moved = (lab + 0.9 * (wanted - mean) * amount).astype(np.float32)
        out.append(cv2.cvtColor(moved, cv2.COLOR_LAB2RGB))
    return out


def _weights(
    layers: Sequence[Layer], parts: Mapping[str, Picture], shares: Shares
) -> tuple[Picture, Picture]:
    """(n, 640, 512) weights of the donors in coarse and in fine bands."""
    count = len(layers)
    coarse = np.zeros((count, *layers[0].alpha.shape), np.float32)
    fine = np.zeros_like(coarse)
    for name, where in parts.items():
        many = {"frame": shares.frame, "body": shares.body}.get(name, shares.mean)
        few = np.zeros(count)
        if name in shares.detail:
            few = many / many.max() * OTHERS
            few[shares.detail[name]] = 1
        else:
            few[int(many.argmax())] = 1
        coarse += (many / many.sum())[:, None, None].astype(np.float32) * where
        fine += (few / few.sum())[:, None, None].astype(np.float32) * where
    known = np.stack([layer.known for layer in layers])
    present = np.stack([layer.alpha for layer in layers])
    return coarse * (known + 1e-4) * (present + 0.02), fine * (known + 1e-3)


def _robust(pictures: Sequence[Picture], weights: Picture) -> Picture:
    """Weights with what is unlike the mean (a hand, a strand of hair) taken back; sums to 1."""
    mean = _mean(pictures, weights / weights.sum(axis=0))
    for _ in range(2):
        unlike = np.stack([blurred(np.linalg.norm(p - mean, axis=2), 6) for p in pictures])
        trusted = weights * np.exp(-((unlike / UNLIKE) ** 2))
        trusted /= trusted.sum(axis=0) + 1e-9
        mean = _mean(pictures, trusted)
    return np.asarray(trusted, np.float32)


def _mean(pictures: Sequence[Picture], weights: Picture) -> Picture:
    out = np.zeros_like(pictures[0])
    for picture, weight in zip(pictures, weights, strict=True):
        out += picture * weight[..., None]
    return out


def _banded(pictures: Sequence[Picture], coarse: Picture, fine: Picture) -> Picture:
    """Each band with its own mixture of `coarse` and `fine` weights, put together again."""
    bands = [_bands(picture) for picture in pictures]
    made = []
    for level, share in enumerate(FROM_ONE):
        size_wh = bands[0][level].shape[1::-1]
        total = np.zeros_like(bands[0][level])
        for k, own in enumerate(bands):
            weight = share * fine[k] + (1 - share) * coarse[k]
            weight = cv2.resize(weight, size_wh, interpolation=cv2.INTER_AREA)
            weight = blurred(weight, 1.5)
            total += weight[..., None] * own[level]
        made.append(total)
    picture = made[-1]
    for band in made[-2::-1]:
        picture = cv2.pyrUp(picture, dstsize=band.shape[1::-1]) + band
    return np.asarray(np.clip(picture, 0, 1), np.float32)


def _bands(picture: Picture) -> list[Picture]:
    """Laplacian pyramid, the finest band first, what remains last."""
    out = []
    for _ in range(len(FROM_ONE) - 1):
        smaller = np.asarray(cv2.pyrDown(picture), np.float32)
        out.append(picture - cv2.pyrUp(smaller, dstsize=picture.shape[1::-1]))
        picture = smaller
    return [*out, picture]


def _filled(ring: Shape) -> Picture:
    """(640, 512) 1 inside a convex outline."""
    mask = np.zeros(SIZE_WH[::-1], np.float32)
    cv2.fillConvexPoly(mask, cv2.convexHull(ring.astype(np.float32)).astype(np.int32), 1)
    return mask
