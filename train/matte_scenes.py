"""People pasted before places that are known, nearly as in footage: what `train.matte_edge` learns.

People are those of portraits and of people who talk, made small; places are photos and drawn
textures. A part of the places is seen shifted, noisy, blurred, brighter, compressed, in shadow,
with things that came or went, or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.bodies.cutout import around, fine_matte
from masquerade.bodies.figure import largest_part
from masquerade.bodies.pose import Body, BodyReader, Place, find_bodies, read_with_mask
from masquerade.bodies.track import Cover
from masquerade.media.read import read_frames, read_image
from masquerade.types import RGB, Mask

Floats = NDArray[np.float32]

_CROP_PX: Final = 256  # side of the mask that the network gives
_PIXELS: Final = (1.5, 4.5)  # of the picture to one of that mask
_LARGER: Final = 1.3  # than it is, no picture is made
_CLOSER: Final = 0.85  # as `masquerade.bodies.pose.closely_masked` looks
_ALIKE: Final = 0.7  # overlap with the truth, below which the network saw somebody else
_ROOM: Final = 0.12
_LEAST_PX: Final = 240  # side of a photo that is a place


@dataclass(frozen=True, slots=True)
class Scene:
    """A person before a place.

    Attributes:
        picture: (h, w, 3) uint8 RGB, cut to the person.
        coarse: (h, w) in [0, 1] what the network says.
        place: (h, w, 3) uint8 RGB, as it is thought to be.
        known: (h, w) bool where that was seen.
        truth: (h, w) in [0, 1] where the person was pasted.
    """

    picture: RGB
    coarse: Mask
    place: RGB
    known: NDArray[np.bool_]
    truth: Mask


def places_of(media: Path) -> list[RGB]:
    """Photos of a folder of test media that can stand behind somebody."""
    photos = [*sorted((media / "exif").glob("*.jpg")), *sorted((media / "c2pa").glob("*.jpg"))]
    photos += sorted((media / "personas").glob("*.jpg"))[::3]
    read = [read_image(path).pixels for path in photos if path.stat().st_size > 9000]
    return [one for one in read if min(one.shape[:2]) >= _LEAST_PX]


def people_of(media: Path) -> list[RGB]:
    """Portraits, and frames of people who talk."""
    shown = [read_image(path).pixels for path in sorted((media / "personas").glob("*.jpg"))]
    clips = sorted((media / "talking").rglob("*.mpg"))[::2]
    return shown + [frame.pixels for path in clips for frame in islice(read_frames(path), 4, 9, 4)]


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes scenes of one picture after the other; what chance gives goes with the picture.

    Attributes:
        media: The folder of test media.
        each: How many scenes of each picture.
    """

    media: Path
    each: int

    def __call__(self, part: tuple[int, int]) -> list[Scene]:
        """The scenes of every so many pictures, from one on.

        Args:
            part: The first picture's number; from one to the next.
        """
        cv2.setNumThreads(1)
        reader, places = BodyReader.open(), places_of(self.media)
        people = people_of(self.media)
        found = []
        for number in range(part[0], len(people), part[1]):
            chance = np.random.default_rng((1, number))
            whole = find_bodies(people[number], reader)
            for _ in range(self.each if whole else 0):
                made = _small(people[number], whole[0], chance)
                one = _scene(*made, places, reader, chance)
                found += [one] if one is not None else []
        return found


def scenes(media: Path, each: int, workers: int) -> list[Scene]:
    """Each person before so many places, made by so many processes."""
    with ProcessPoolExecutor(workers) as pool:
        parts = pool.map(Maker(media, each), [(one, workers) for one in range(workers)])
        return [one for part in parts for one in part]


def _small(picture: RGB, body: Body, chance: np.random.Generator) -> tuple[RGB, Body]:
    """A picture at a size at which people are filmed from head to foot."""
    factor = chance.uniform(*_PIXELS) * _CROP_PX / body.place.size_px
    if factor >= _LARGER:
        return picture, body
    made = _sized(picture, factor)
    by = np.float32(len(made) / len(picture))
    return made, replace(body, place=Place(body.place.hips * by, body.place.reach * by))


def _scene(
    picture: RGB,
    body: Body,
    places: Sequence[RGB],
    reader: BodyReader,
    chance: np.random.Generator,
) -> Scene | None:
    truth = largest_part(fine_matte(picture, _looked(picture, body, 1.0, reader)))
    place = _place(truth.shape, places, chance)
    behind = place.astype(np.float32)
    if chance.random() < 0.35:
        behind = _in_shadow(behind, truth, chance)
    if chance.random() < 0.25:
        behind = _with_thing(behind, places, chance)
    person = picture.astype(np.float32)
    if chance.random() < 0.5:
        person *= (chance.uniform(0.75, 1.25) * chance.uniform(0.93, 1.07, 3)).astype(np.float32)
    both, seen = person * truth[..., None] + behind * (1 - truth[..., None]), place
    if chance.random() > 0.3:
        both, seen = _filmed(both, seen, chance)
    shot = np.clip(both, 0, 255).astype(np.uint8)
    known, seen = _partly_known(seen, chance)
    coarse = _looked(shot, body, 1.0, reader)
    if chance.random() < 0.6:
        nearer = _looked(shot, body, _CLOSER, reader)
        coarse = np.asarray((coarse + nearer) / 2, np.float32)
    box = around(coarse, room=_ROOM)
    there, real = coarse > 0.5, truth > 0.5
    if box is None or (there & real).sum() < _ALIKE * (there | real).sum():
        return None
    x0, y0, x1, y1 = box
    part = slice(y0, y1), slice(x0, x1)
    kept = (np.ascontiguousarray(one[part]) for one in (shot, coarse, seen, known, truth))
    return Scene(*kept)  # type: ignore[arg-type]


def _looked(picture: RGB, body: Body, share: float, reader: BodyReader) -> Mask:
    """(H, W) what the network says from so near."""
    reach = body.place.hips + (body.place.reach - body.place.hips) * np.float32(share)
    _, mask, crop = read_with_mask(picture, Place(body.place.hips, reach), reader)
    return Cover(mask, crop).in_frame((picture.shape[0], picture.shape[1]))


def _place(shape: tuple[int, ...], places: Sequence[RGB], chance: np.random.Generator) -> RGB:
    """(h, w, 3) a part of a photo, or a drawn texture."""
    high, wide = shape[:2]
    if chance.random() < 0.25:
        return _texture(high, wide, chance)
    photo = places[int(chance.integers(len(places)))]
    least = max(high / photo.shape[0], wide / photo.shape[1])
    factor = least * chance.uniform(1, 1.8) if least > 0.5 else chance.uniform(max(least, 0.3), 1)
    photo = _sized(photo, max(float(factor), least * 1.001))
    y = int(chance.integers(0, max(photo.shape[0] - high, 0) + 1))
    x = int(chance.integers(0, max(photo.shape[1] - wide, 0) + 1))
    part = photo[y : y + high, x : x + wide]
    if part.shape[:2] != (high, wide):
        part = np.asarray(cv2.resize(part, (wide, high)), np.uint8)
    if chance.random() < 0.5:
        part = part[:, ::-1]
    if chance.random() < 0.4:
        lit = part * chance.uniform(0.6, 1.3, 3) + chance.uniform(-20, 20)
        part = np.clip(lit, 0, 255).astype(np.uint8)
    return np.ascontiguousarray(part)


def _texture(high: int, wide: int, chance: np.random.Generator) -> RGB:
    """Noise of many sizes, with a few lines."""
    made = np.zeros((high, wide, 3), np.float32) + chance.uniform(20, 230, 3).astype(np.float32)
    for step in (2, 4, 8, 16, 32, 64):
        colours = 1 if chance.random() < 0.6 else 3
        grain = chance.normal(0, 1, (max(high // step, 2), max(wide // step, 2), colours))
        large = cv2.resize(grain.astype(np.float32), (wide, high), interpolation=cv2.INTER_CUBIC)
        made += large.reshape(high, wide, colours) * np.float32(chance.uniform(0, 18))
    for _ in range(int(chance.integers(0, 8))):
        ends = chance.integers(0, (wide, high), (2, 2)).tolist()
        colour = chance.uniform(0, 255, 3).tolist()
        cv2.line(made, ends[0], ends[1], colour, int(chance.integers(1, 12)))
    return np.clip(made, 0, 255).astype(np.uint8)


def _spot(
    shape: tuple[int, ...], middle: tuple[int, int], size: float, chance: np.random.Generator
) -> Floats:
    """(h, w) in [0, 1] an ellipse."""
    made = np.zeros(shape[:2], np.float32)
    axes = max(int(size), 1), max(int(size * chance.uniform(0.2, 1)), 1)
    cv2.ellipse(made, middle, axes, float(chance.uniform(0, 180)), 0, 360, 1.0, -1)
    return made


def _in_shadow(behind: Floats, truth: Mask, chance: np.random.Generator) -> Floats:
    """The place with a shadow that the person throws, or one that touches them."""
    high, wide = truth.shape
    if chance.random() < 0.5:
        rows, columns = np.nonzero(truth > 0.5)
        at = int(chance.integers(len(rows)))
        middle = int(columns[at]), int(rows[at])
        dark = _spot(truth.shape, middle, chance.uniform(0.05, 0.25) * high, chance)
    else:
        lean, tall = chance.uniform(-0.6, 0.6), chance.uniform(0.3, 1)
        x = chance.uniform(-0.15, 0.15) * wide - lean * high * 0.7
        y = chance.uniform(-0.1, 0.2) * high
        bent = np.array([[1, lean, x], [0, tall, y]])
        dark = np.asarray(cv2.warpAffine(truth, bent, (wide, high)), np.float32)
    soft = cv2.GaussianBlur(dark, (0, 0), chance.uniform(1, 0.03 * high + 1.5))
    less = chance.uniform(0.1, 0.6) * chance.uniform(0.9, 1.1, 3)
    return np.asarray(behind * (1 - soft[..., None] * less), np.float32)


def _with_thing(behind: Floats, places: Sequence[RGB], chance: np.random.Generator) -> Floats:
    """The place with something that was not there when it was seen."""
    high, wide = behind.shape[:2]
    middle = int(chance.integers(wide)), int(chance.integers(high))
    spot = _spot(behind.shape, middle, chance.uniform(0.03, 0.15) * high, chance)
    share = cv2.GaussianBlur(spot, (0, 0), 1.0)[..., None]
    other = _place(behind.shape, places, chance).astype(np.float32)
    return np.asarray(behind + share * (other - behind), np.float32)


def _filmed(both: Floats, place: RGB, chance: np.random.Generator) -> tuple[Floats, RGB]:
    """Picture and place as footage gives them, not quite alike."""
    both = both + chance.normal(0, chance.uniform(0, 4), both.shape).astype(np.float32)
    seen = place.astype(np.float32)
    if chance.random() < 0.5:
        both = np.asarray(cv2.GaussianBlur(both, (0, 0), chance.uniform(0.3, 0.7)), np.float32)
    if chance.random() < 0.6:
        by = np.eye(2, 3)
        by[:, 2] = chance.uniform(-0.8, 0.8, 2)
        size = seen.shape[1], seen.shape[0]
        seen = np.asarray(cv2.warpAffine(seen, by, size, borderMode=cv2.BORDER_REPLICATE))
    if chance.random() < 0.4:
        seen = seen + chance.normal(0, chance.uniform(0, 3), seen.shape).astype(np.float32)
    if chance.random() < 0.4:
        seen = seen + chance.uniform(-4, 4, 3).astype(np.float32)
    if chance.random() < 0.2:
        seen = np.asarray(cv2.GaussianBlur(seen, (0, 0), chance.uniform(0.3, 1)), np.float32)
    if chance.random() < 0.7:
        shot = np.clip(both, 0, 255).astype(np.uint8)
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(chance.integers(60, 97))]
        packed = cv2.imencode(".jpg", shot, quality)[1]
        both = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.float32)
    return both, np.clip(seen, 0, 255).astype(np.uint8)


def _partly_known(place: RGB, chance: np.random.Generator) -> tuple[NDArray[np.bool_], RGB]:
    """Where the place was seen, and the place as it is guessed elsewhere."""
    high, wide = place.shape[:2]
    known = np.ones((high, wide), np.bool_)
    if chance.random() < 0.8:
        return known, place
    for _ in range(int(chance.integers(1, 4))):
        middle = int(chance.integers(wide)), int(chance.integers(high))
        known &= _spot(place.shape, middle, chance.uniform(0.03, 0.2) * high, chance) == 0
    smooth = cv2.GaussianBlur(place, (0, 0), 6.0)
    return known, np.where(known[..., None], place, smooth).astype(np.uint8)


def _sized(picture: RGB, factor: float) -> RGB:
    way = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    small = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=way)
    return np.ascontiguousarray(small, np.uint8)
