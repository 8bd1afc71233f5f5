"""Trains `covered_mouth`: whether a mouth is seen, or a mask, a bar or a hand lies over it.

``python -m train.covered_mouth FACES --media FOLDER [--covers N] [--ship]``

FACES is a folder of portraits; each is read as it is and with its mouth covered in a few ways
(`train.mouth_covers`), at a size of its own and compressed again. The folder of test media holds
people who are never learnt from: pictures, and clips of people who talk. It is told how they are
judged; ``--ship`` writes weights and card into the package.
"""

from __future__ import annotations

import argparse
import hashlib
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from masquerade.faces.detect import find_faces
from masquerade.faces.mesh import interocular_px
from masquerade.faces.mouth.unrolled import unroll_mouth
from masquerade.faces.readers import FaceReader
from masquerade.media.read import read_frames, read_image
from masquerade.models.covered_mouth import NAME, told
from masquerade.models.own_weights import OwnCard
from masquerade.types import RGB, Points
from train.mouth_covers import KINDS, bearded, covered

Floats = NDArray[np.float32]

OWN: Final = Path("src/masquerade/models/own")
_RIDGE: Final = 10_000.0
_AT: Final = -0.16
"""The border between -1, covered, and 1, seen: no mouth that is seen is to be refused."""
_SIZES_PX: Final = (22.0, 110.0)  # distance of the eyes
_GREY: Final = 0.25  # share of faces that are learnt in grey, too
_BEARDS: Final = 0.4  # likewise, with a beard drawn around their lips
_EVERY: Final = 18  # frames of a clip between two that are judged


@dataclass(frozen=True, slots=True)
class Mouth:
    """A mouth: what the regression is told of it, what covers it (empty: nothing), whose it is."""

    rows: tuple[Floats, Floats]
    cover: str
    name: str


def main(arguments: Sequence[str] | None = None) -> None:
    """Read, train, try, and ship if asked."""
    given = _given(arguments)
    cv2.setNumThreads(1)
    reader = FaceReader.open()
    known = list(mouths(_pictures([given.faces]), given.covers, given.media, reader))
    weights, offset = fitted(known)
    talking = given.media / "talking"
    others = [given.media / "personas", given.media / "portraits"]
    strangers = list(mouths(_pictures(others), given.covers, given.media, reader))
    strangers += mouths(_filmed(talking), given.covers, given.media, reader)
    quality = judged(strangers, weights, offset)
    print(quality)
    if given.ship:
        data = save({"weights": weights, "offset": np.array([offset], np.float32)})
        command = (
            f"python -m train.covered_mouth FACES --media FOLDER --covers {given.covers} --ship"
        )
        (OWN / f"{NAME}.safetensors").write_bytes(data)
        card = _card(data, command, quality, known).as_toml()
        (OWN / f"{NAME}.toml").write_text(card, encoding="utf-8")


def mouths(
    pictures: Iterable[tuple[str, RGB]], covers: int, media: Path, reader: FaceReader
) -> Iterator[Mouth]:
    """Mouths as they are, and with so many covers each."""
    for name, image in pictures:
        marks = _marks(image, reader)
        if marks is None:
            continue
        chance = np.random.default_rng(zlib.crc32(name.encode()))
        shown = [("", image)]
        if chance.random() < _GREY:
            grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
            shown.append(("", np.dstack([grey] * 3).astype(np.uint8)))
        if chance.random() < _BEARDS:
            shown.append(("", bearded(image, marks, chance)))
        for number in chance.permutation(len(KINDS))[:covers]:
            kind = KINDS[number]
            shown.append((kind, covered(image, marks, kind, chance, media)))
        for cover, pixels in shown:
            worn = _worn(np.asarray(pixels, np.uint8), marks, chance)
            found = _marks(worn, reader)
            if found is not None:
                on_map = unroll_mouth(worn, found)
                yield Mouth((told(on_map), told(on_map[:, ::-1])), cover, name)


def fitted(known: Sequence[Mouth]) -> tuple[Floats, float]:
    """(n,) weights and the offset of a ridge regression; both kinds of mouths weigh the same."""
    rows = np.stack([row for one in known for row in one.rows]).astype(np.float64)
    seen = np.repeat([not one.cover for one in known], 2)
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-3
    even = (rows - mean) / spread
    share = len(rows) / 2 * np.where(seen, 1 / seen.sum(), 1 / (~seen).sum())
    weighed = even * share[:, None]
    square = weighed.T @ even + _RIDGE * np.eye(even.shape[1])
    slope = np.linalg.solve(square, weighed.T @ np.where(seen, 1.0, -1.0)) / spread
    return slope.astype(np.float32), float(-mean @ slope - _AT)


def judged(strangers: Sequence[Mouth], weights: Floats, offset: float) -> str:
    """How people are judged who were never learnt from, in sentences."""
    scores = np.array([float(one.rows[0] @ weights) + offset for one in strangers])
    seen = np.array([not one.cover for one in strangers])
    for kind in KINDS:
        mine = scores[[one.cover == kind for one in strangers]]
        print(f"{kind}: {len(mine)}, found {_found(mine)} %")
    hard = ("mosaic", "open hand", "card", "coloured")
    easy = np.array([bool(one.cover) and one.cover not in hard for one in strangers])
    return (
        f"single pictures and frames of people never learnt from: {np.sum(scores[seen] < 0)} of"
        f" {seen.sum()} mouths that are seen taken for covered, least score"
        f" {scores[seen].min():.2f}; of {(~seen).sum()} covered ones"
        f" {_found(scores[~seen])} % found, of those under bars of one tone, masks,"
        f" microphones, mugs and a hand of their own {_found(scores[easy])} %"
    )


def _found(scores: NDArray[np.float64]) -> int:
    """How many of a hundred covers are found."""
    return round(100 * np.count_nonzero(scores < 0) / max(len(scores), 1))


def _pictures(folders: Sequence[Path]) -> Iterator[tuple[str, RGB]]:
    for folder in folders:
        for path in sorted(folder.rglob("*.jpg")):
            yield f"{path.parent.name}/{path.name}", read_image(path).pixels


def _filmed(folder: Path) -> Iterator[tuple[str, RGB]]:
    for path in sorted(folder.rglob("*.mpg")):
        for number, frame in enumerate(read_frames(path)):
            if number % _EVERY == 5:
                yield f"{path.name}#{number}", frame.pixels


def _marks(image: RGB, reader: FaceReader) -> Points | None:
    faces = find_faces(image, reader, smallest_px=min(image.shape[:2]) / 8, tilts=(0.0,))
    return max(faces, key=lambda one: one.size_px).landmarks if faces else None


def _worn(image: RGB, marks: Points, chance: np.random.Generator) -> RGB:
    """The picture at another size, compressed."""
    low, high = np.log(_SIZES_PX)
    scale = float(np.exp(chance.uniform(low, high))) / max(interocular_px(marks), 1.0)
    if scale < 1:
        size = [max(16, round(scale * side)) for side in image.shape[1::-1]]
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(chance.integers(35, 92))]
    _, packed = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), quality)
    read = cv2.imdecode(packed, cv2.IMREAD_COLOR)
    return np.asarray(cv2.cvtColor(np.asarray(read), cv2.COLOR_BGR2RGB), np.uint8)


def _given(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("faces", type=Path)
    parser.add_argument("--media", type=Path, required=True)
    parser.add_argument("--covers", type=int, default=3)
    parser.add_argument("--ship", action="store_true")
    return parser.parse_args(arguments)


def _card(data: bytes, command: str, quality: str, known: Sequence[Mouth]) -> OwnCard:
    people = len({one.name for one in known})
    return OwnCard(
        task="Says whether a mouth is seen or covered by a mask, a bar, a hand.",
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        licence="Apache-2.0",
        data=f"{people} official portraits of US authorities, in the public domain, each as it"
        f" is, some in grey or with a beard drawn on, and covered: {len(known)} mouths. No picture"
        " is in the file.",
        command=command,
        made=date.today().isoformat(),
        quality=quality + ".",
        limits="Covers are drawn, or cut from two videos; printed cards, bars with a pattern, thin"
        " hands and a mosaic are missed more often; half a mouth is a mouth.",
        paper="Hoerl and Kennard, 1970, for the regression",
        input="(144, 160, 3) uint8 the lower face as faces.mouth.unrolled lays it flat",
        output="a number, below 0 where something covers the mouth",
    )


if __name__ == "__main__":
    main()
