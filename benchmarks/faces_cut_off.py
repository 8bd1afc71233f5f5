"""Faces that fill their pictures: what the network makes of them, with black or mirrored edges.

::

    python -m benchmarks.faces_cut_off --train ../shared/train --media ../shared/media --count 30

Portraits are cut out closely around the face and stored as JPEGs: of people held out from
training, as they are and blended with themselves, and of the test media, which decided nothing.
Close cuts are brought to one size, small ones enlarged smoothly; ``--in-blocks`` enlarges them with
stairs along every edge, which the network takes for traces.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from train.face_degraded import jpeg
from train.face_material import held_out
from train.measured import area
from train.self_blend import self_blend

from masquerade.faces.detect import find_faces
from masquerade.faces.readers import FaceReader
from masquerade.forensics.calibration import calibration
from masquerade.forensics.face_input import SIDE, TAKEN, face_input
from masquerade.forensics.sample import CUT_PX, Cut, cut_out
from masquerade.forensics.signals.learned_face import LEAST_PX, NETWORK
from masquerade.media.read import read_image
from masquerade.models.own_weights import open_own
from masquerade.models.session import Session
from masquerade.types import RGB, Face, Frame

HALF = 0.55  # of a close cut's side, in sizes of the face's box
SIDE_PX = 224
QUALITY = 85


def main(arguments: Sequence[str] | None = None) -> int:
    """Print figures for whole pictures and for close cuts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", type=Path, help="people held out from training")
    parser.add_argument("--media", type=Path, help="portraits that decided nothing")
    parser.add_argument("--in-blocks", action="store_true", help="small faces are enlarged roughly")
    parser.add_argument("--count", type=int, default=30, help="people of each")
    given = parser.parse_args(arguments)
    reader, net = FaceReader.open(), open_own(NETWORK)
    for name, places in _places(given.train, given.media):
        rows: dict[str, list[tuple[float, ...]]] = {}
        chance = np.random.default_rng(11)
        for place in places[: given.count]:
            for way, row in _rows(
                read_image(place).pixels, reader, net, chance, in_blocks=given.in_blocks
            ):
                rows.setdefault(way, []).append(row)
        print(name)
        for way, some in rows.items():
            _tell(way, np.array(some))
    return 0


def _places(train: Path | None, media: Path | None) -> Iterator[tuple[str, list[Path]]]:
    """The name and the portraits of each set that is given, one of each person."""
    if train is not None:
        found = {one.stem: one for one in sorted((train / "faces_real").rglob("*.jpg"))}
        yield (
            "people held out from training",
            [place for person, place in found.items() if held_out(person)],
        )
    if media is not None:
        yield "test media", sorted((media / "portraits").rglob("*_a.jpg"))


def _rows(
    picture: RGB,
    reader: FaceReader,
    net: Session,
    chance: np.random.Generator,
    *,
    in_blocks: bool,
) -> Iterator[tuple[str, tuple[float, ...]]]:
    """(Way, log odds of the real and the blended face: with black edges each, then mirrored)."""
    faces = find_faces(picture, reader)
    if len(faces) != 1:
        return
    both = (picture, self_blend(picture, faces[0].landmarks, chance))
    for side_px in (0, SIDE_PX):
        cuts = [_seen(one, faces[0], side_px, reader, in_blocks=in_blocks) for one in both]
        if all(cuts):
            black = [_odds(net, _plain(cut.pixels)) for cut in cuts if cut]
            filled = [_odds(net, face_input([cut.pixels])) for cut in cuts if cut]
            yield (f"close, {side_px} pixels" if side_px else "whole"), (*black, *filled)


def _seen(
    picture: RGB, face: Face, side_px: int, reader: FaceReader, *, in_blocks: bool
) -> Cut | None:
    """The face as an examination cuts it out, of a close cut of that side or of the whole."""
    if side_px:
        x0, y0, x1, y1 = face.box
        half = HALF * max(x1 - x0, y1 - y0)
        (left, top), side = (max(0, round(at - half)) for at in _middle(face)), round(2 * half)
        part = picture[top : top + side, left : left + side]
        way = cv2.INTER_AREA if in_blocks or side > side_px else cv2.INTER_CUBIC
        picture = np.asarray(cv2.resize(part, (side_px, side_px), interpolation=way))
    picture = jpeg(picture, QUALITY)
    found = find_faces(picture, reader)
    if len(found) != 1 or found[0].size_px < LEAST_PX:
        return None
    return cut_out(Frame(picture), found[0])


def _middle(face: Face) -> tuple[float, float]:
    x0, y0, x1, y1 = face.box
    return float(x0 + x1) / 2, float(y0 + y1) / 2


def _plain(cut: RGB) -> np.ndarray:
    """As `face_input`, with what lies beyond the picture left black."""
    edge = (CUT_PX - TAKEN) // 2
    part = cut[edge : edge + TAKEN, edge : edge + TAKEN]
    small = cv2.resize(part, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(small.transpose(2, 0, 1)[None], np.float32)


def _odds(net: Session, seen: np.ndarray) -> float:
    return float(net(seen)[0].mean())


def _tell(way: str, some: np.ndarray) -> None:
    known = calibration(NETWORK)
    kind = known.bin("still") if known else None
    if kind is None:
        raise SystemExit("the calibration of stills is missing")
    for edge, made, real in (
        ("black", some[:, 1], some[:, 0]),
        ("mirrored", some[:, 3], some[:, 2]),
    ):
        worth = np.array([kind.log10_lr(value)[0] for value in real])
        mine = np.array([kind.log10_lr(value)[0] for value in made])
        print(
            f"  {way}, {edge}: {len(some)} people, area {area(made, real):.3f}; real: median"
            f" {np.median(real):.2f}, {(worth >= np.log10(3)).sum()} worth 3 to 1,"
            f" {(worth >= 1).sum()} worth 10 to 1, most {10 ** worth.max():.1f};"
            f" blended: {(mine >= np.log10(3)).sum()} worth 3 to 1, {(mine >= 1).sum()} worth 10"
        )


if __name__ == "__main__":
    raise SystemExit(main())
