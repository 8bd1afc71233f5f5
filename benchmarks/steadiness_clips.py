"""Hard clips for the benchmark of steadiness, made from clips of people who speak.

Each knows where every head really is, and in which frames it can be seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import cycle
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.following.track import track
from masquerade.faces.readers import FaceReader
from masquerade.media.read import read_frames
from masquerade.types import RGB, Frame, Points

RATE = 25
_SIZE_WH = (360, 288)
_BACKDROP = 96


@dataclass(frozen=True, slots=True)
class Head:
    """One person of a hard clip.

    Attributes:
        meshes: (n, 478, 3) where the face is in every frame, seen or not.
        seen: (n,) True where it can be seen.
        hidden: (n,) True where nothing of it can be seen; in between both are False.
    """

    meshes: Points
    seen: NDArray[np.bool_]
    hidden: NDArray[np.bool_]

    @classmethod
    def of(cls, meshes: Points, seen: NDArray[np.bool_]) -> Head:
        """A head that is either seen or not."""
        return cls(meshes, seen, ~seen)


@dataclass(frozen=True, slots=True)
class HardClip:
    """Pictures and the truth about them.

    Attributes:
        name: What is hard.
        pictures: The frames' pixels.
        heads: The people; none where the truth is not known.
        most_deg: Turn from the camera at which faces are left as they are.
        bounds: Frames that begin a shot.
    """

    name: str
    pictures: list[RGB]
    heads: list[Head] = field(default_factory=list)
    most_deg: float = 65.0
    bounds: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Speaker:
    """A plain clip of one person who speaks."""

    pictures: list[RGB]
    meshes: Points


def speaker(path: Path, reader: FaceReader) -> Speaker:
    """A clip of one person, followed."""
    frames = list(read_frames(path))
    one = max(track(iter(frames), reader), key=lambda other: len(other.faces))
    kept = [frame for frame in frames if frame.pts in one.faces]
    meshes = np.stack([one.faces[frame.pts].landmarks for frame in kept])
    return Speaker([frame.pixels for frame in kept], meshes)


def frames_of(pictures: Sequence[RGB]) -> list[Frame]:
    """Frames at `RATE` a second."""
    return [Frame(pixels, n, Fraction(1, RATE), 1) for n, pixels in enumerate(pictures)]


def hard_clips(media: Path, reader: FaceReader) -> Iterator[HardClip]:
    """All hard clips, one at a time."""
    folder = media / "talking"
    names = ("grid_others/lbax4n", "grid_others/brbk7n", "grid_others/sbwe5n", "grid_others/swiz3n")
    people = [speaker(folder / f"{name}.mpg", reader) for name in names]
    yield _plain("calm", people[0])
    yield _moved("pan with motion blur", people[0], _pan)
    yield _moved("turn in the picture", people[1], _turn)
    yield _moved("zoom", people[2], _zoom)
    yield _frozen(people[3])
    yield _blacked(people[0])
    yield _flashed(people[1])
    yield _smeared(people[2])
    yield _covered("hand over the face, 0.3 s", _wider(people[0]), 4)
    yield _covered("hand over the face, 0.9 s", _wider(people[1]), 22)
    yield _cut(people[:3])
    yield _soft_cut(people[0], people[2])
    yield _crossing(people[0], people[2])
    yield replace(_real(media / "body" / "dog_woman.mp4", 30, 119), most_deg=56.0)
    yield replace(_real(media / "body" / "juggle_man.mp4", 90, 246), most_deg=33.0)


def to_and_fro(one: Speaker, count: int) -> HardClip:
    """So many frames of one shot, the clip played to and fro."""
    order = [*range(len(one.pictures)), *range(len(one.pictures) - 2, 0, -1)]
    chosen = [n for n, _ in zip(cycle(order), range(count), strict=False)]
    seen = np.ones(count, np.bool_)
    pictures = [_shifted(one.pictures[n], i) for i, n in enumerate(chosen)]
    meshes = np.stack([one.meshes[n] + _drift(i) for i, n in enumerate(chosen)])
    return HardClip("long shot", pictures, [Head.of(meshes, seen)])


def _drift(number: int) -> NDArray[np.float32]:
    """By how much the camera has moved, whole pixels."""
    return np.rint([12 * np.sin(number / 40), 6 * np.sin(number / 27), 0]).astype(np.float32)


def _shifted(pixels: RGB, number: int) -> RGB:
    """The picture moved by a slow camera, slowly darker and brighter, with its own noise."""
    dx, dy, _ = _drift(number)
    matrix = np.array([[1, 0, dx], [0, 1, dy]], np.float64)
    made = cv2.warpAffine(pixels, matrix, _wh(pixels), borderMode=cv2.BORDER_REFLECT)
    noise = np.random.default_rng(number).normal(0, 1.5, made.shape[:2])[..., None]
    light = 1 + 0.12 * np.sin(number / 50)
    return np.asarray(np.clip(made * light + noise, 0, 255), np.uint8)


def _wh(pixels: RGB) -> tuple[int, int]:
    return pixels.shape[1], pixels.shape[0]


def _plain(name: str, one: Speaker) -> HardClip:
    return HardClip(name, one.pictures, [Head.of(one.meshes, np.ones(len(one.pictures), np.bool_))])


Motion = Callable[[float], tuple[float, float, float, float]]  # frame -> dx, dy, degrees, scale


def _pan(t: float) -> tuple[float, float, float, float]:
    return 70 * float(np.sin(t / 6)), 12 * float(np.sin(t / 9)), 0.0, 0.8


def _turn(t: float) -> tuple[float, float, float, float]:
    return 0.0, 0.0, 40 * float(np.sin(t / 10)), 0.8


def _zoom(t: float) -> tuple[float, float, float, float]:
    return 0.0, 0.0, 0.0, 0.75 * float(np.exp(0.55 * np.sin(t / 9)))


def _matrix(
    motion: tuple[float, float, float, float], size_wh: tuple[int, int]
) -> NDArray[np.float64]:
    dx, dy, degrees, scale = motion
    middle = (size_wh[0] / 2, size_wh[1] / 2)
    made = cv2.getRotationMatrix2D(middle, degrees, scale)
    made[:, 2] += np.array([dx, dy])
    return np.asarray(made, np.float64)


def _moved(name: str, one: Speaker, motion: Motion) -> HardClip:
    """A camera that moves; every picture is the mean over the time its shutter was open."""
    pictures, meshes = [], []
    for n, (pixels, mesh) in enumerate(zip(one.pictures, one.meshes, strict=True)):
        size = _wh(pixels)
        open_s = [_matrix(motion(n + share), size) for share in np.linspace(-0.25, 0.25, 9)]
        parts = [cv2.warpAffine(pixels, m, size, borderMode=cv2.BORDER_REFLECT) for m in open_s]
        pictures.append(np.rint(np.mean(parts, axis=0)).astype(np.uint8))
        m = _matrix(motion(n), size)
        flat = mesh[:, :2] @ m[:, :2].T + m[:, 2]
        depth = mesh[:, 2:] * np.sqrt(abs(np.linalg.det(m[:, :2])))
        meshes.append(np.concatenate([flat, depth], axis=1))
    truth = Head.of(np.asarray(meshes, np.float32), np.ones(len(pictures), np.bool_))
    return HardClip(name, pictures, [truth])


def _frozen(one: Speaker) -> HardClip:
    """Every now and then the same picture for 6 frames, then on from where time is."""
    held = [n - n % 20 if n % 20 < 6 else n for n in range(len(one.pictures))]
    seen = np.ones(len(held), np.bool_)
    return HardClip("frozen", [one.pictures[n] for n in held], [Head.of(one.meshes[held], seen)])


def _blacked(one: Speaker) -> HardClip:
    """Black frames: 1, 3, 6 and 10 of them."""
    black = np.zeros(len(one.pictures), np.bool_)
    for begin, count in ((8, 1), (18, 3), (32, 6), (50, 10)):
        black[begin : begin + count] = True
    pictures = [p * np.uint8(not out) for p, out in zip(one.pictures, black, strict=True)]
    return HardClip("black frames", pictures, [Head.of(one.meshes, ~black)])


def _flashed(one: Speaker) -> HardClip:
    """A photographer's flash, now and then."""
    pictures = [
        np.clip(p.astype(np.float32) * 2.2 + 30, 0, 255).astype(np.uint8) if n % 23 == 11 else p
        for n, p in enumerate(one.pictures)
    ]
    return HardClip("flash", pictures, [Head.of(one.meshes, np.ones(len(pictures), np.bool_))])


def _smeared(one: Speaker) -> HardClip:
    """Heavy blur for 7 frames, twice, as when a camera searches for focus."""
    sizes = np.zeros(len(one.pictures))
    for begin in (15, 45):
        sizes[begin : begin + 7] = (4, 9, 14, 16, 14, 9, 4)
    pictures = [
        np.asarray(cv2.GaussianBlur(p, (0, 0), size), np.uint8) if size else p
        for p, size in zip(one.pictures, sizes, strict=True)
    ]
    return HardClip("out of focus", pictures, [Head.of(one.meshes, np.ones(len(sizes), np.bool_))])


def _wider(one: Speaker) -> Speaker:
    """The clip with plain wall on both sides, so that a hand is no cut."""
    side = _SIZE_WH[0] // 2
    pictures = [
        np.asarray(cv2.copyMakeBorder(p, 0, 0, side, side, cv2.BORDER_REPLICATE), np.uint8)
        for p in one.pictures
    ]
    return Speaker(pictures, one.meshes + np.array([side, 0, 0], np.float32))


def _covered(name: str, one: Speaker, still: int) -> HardClip:
    """Something with the colour of skin comes from the right, stays for a while, and goes."""
    begin, way = 25, 4
    pictures, shares = [], np.zeros(len(one.pictures))
    for n, (pixels, mesh) in enumerate(zip(one.pictures, one.meshes, strict=True)):
        late = n - begin
        there = np.clip(min(late / way, (2 * way + still - late) / way), 0, 1)
        made = pixels.copy()
        if there > 0:
            low, high = mesh[:468, :2].min(axis=0), mesh[:468, :2].max(axis=0)
            size = float((high - low).max())
            middle = (low + high) / 2 + np.array([(1 - there) * 1.6 * size, 0])
            tone = pixels[tuple(np.rint(mesh[50, 1::-1]).astype(int))].astype(float)
            place = (float(middle[0]), float(middle[1]))
            cv2.ellipse(made, (place, (1.05 * size, 1.35 * size), 20.0), tone.tolist(), -1)
            made = np.asarray(cv2.GaussianBlur(made, (0, 0), 0.8), np.uint8)
        shares[n] = there
        pictures.append(made)
    return HardClip(name, pictures, [Head(one.meshes, shares < 0.3, shares > 0.95)])


def _cut(people: Sequence[Speaker]) -> HardClip:
    """From one person to the next, without a gap."""
    pictures: list[RGB] = []
    heads, bounds, before = [], [], 0
    total = 22 * len(people)
    for k, one in enumerate(people):
        meshes, seen = np.repeat(one.meshes[:1], total, axis=0), np.zeros(total, np.bool_)
        part = slice(22 * k, 22 * (k + 1))
        meshes[part], seen[part] = one.meshes[:22], True
        heads.append(Head.of(meshes, seen))
        pictures += one.pictures[:22]
        before += 22
        bounds.append(before)
    return HardClip("cuts between people", pictures, heads, bounds=(0, *bounds[:-1]))


def _soft_cut(one: Speaker, other: Speaker) -> HardClip:
    """One person becomes another within 8 frames, in the same place: no cut is found."""
    weights = np.clip((np.arange(70) - 30) / 8, 0, 1)
    shift = one.meshes[0, 168] - other.meshes[0, 168]
    pictures = []
    for n, weight in enumerate(weights):
        a, b = one.pictures[n], other.pictures[n]
        matrix = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], np.float64)
        moved = cv2.warpAffine(b, matrix, _wh(b), borderMode=cv2.BORDER_REFLECT)
        pictures.append(np.rint((1 - weight) * a + weight * moved).astype(np.uint8))
    heads = [
        Head.of(one.meshes[:70], weights <= 0),
        Head.of(other.meshes[:70] + shift, weights > 0.8),
    ]
    return HardClip("dissolve between people", pictures, heads)


def _crossing(one: Speaker, other: Speaker) -> HardClip:
    """Two heads pass each other, the second in front."""
    count, pictures = 60, []
    places = (np.linspace(130, 420, count), np.linspace(420, 130, count))
    meshes: tuple[list[Points], list[Points]] = ([], [])
    for n in range(count):
        picture = np.full((_SIZE_WH[1], 560, 3), _BACKDROP, np.uint8)
        for k, who in enumerate((one, other)):
            mesh, pixels = who.meshes[n], who.pictures[n]
            low, high = mesh[:468, :2].min(axis=0), mesh[:468, :2].max(axis=0)
            middle, size = (low + high) / 2, high - low
            shift = np.array([places[k][n], 130]) - middle
            mask = np.zeros(pixels.shape[:2], np.uint8)
            around = (float(1.5 * size[0]), float(1.75 * size[1]))
            place = (float(middle[0]), float(middle[1] - 0.1 * size[1]))
            cv2.ellipse(mask, (place, around, 0.0), 255, -1)
            matrix = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], np.float64)
            moved = cv2.warpAffine(pixels, matrix, (560, _SIZE_WH[1]))
            weight = cv2.GaussianBlur(
                cv2.warpAffine(mask, matrix, (560, _SIZE_WH[1])), (0, 0), 2.0
            )[..., None] / np.float32(255)
            picture = np.rint(picture * (1 - weight) + moved * weight).astype(np.uint8)
            meshes[k].append(np.asarray(mesh + np.array([*shift, 0]), np.float32))
        pictures.append(picture)
    apart = np.abs(places[0] - places[1])
    heads = [
        Head.of(np.stack(meshes[0]), apart > 75),
        Head.of(np.stack(meshes[1]), np.ones(count, np.bool_)),
    ]
    return HardClip("two people cross", pictures, heads)


def _real(path: Path, first: int, last: int) -> HardClip:
    """A part of a real clip in which a head turns to its limit and back; no truth is known."""
    pictures = [f.pixels for n, f in enumerate(read_frames(path)) if first <= n <= last]
    return HardClip(f"real turns, {path.stem}", pictures)
