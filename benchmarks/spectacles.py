"""Spectacles in front of new faces: how much of their frame stays, and how much skin with it.

Every person of the media folder who wears none is given spectacles of four kinds, which are drawn
over the photo. The rival draws the new face over them, as was done before.

    python -m benchmarks.spectacles [--media DIR] [--count N]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.drawn_glasses import FRAMES, worn
from benchmarks.media import media_dir
from benchmarks.report import Bar, publish
from masquerade.faces.detect import find_faces
from masquerade.faces.readers import FaceReader
from masquerade.media.read import read_image
from masquerade.pipelines.spectacles import Spectacles, wears_glasses
from masquerade.types import Face, Frame, Mask

_WEARS: Final = ("persona_c24.jpg",)  # who wears some already
_ROUND: Final = np.ones((3, 3), np.uint8)


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw, find, measure, publish."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--media", type=Path)
    parser.add_argument("--count", type=int, default=12, help="people; default 12")
    given = parser.parse_args(arguments)
    media, reader = media_dir(given.media), FaceReader.open()
    paths = [p for p in sorted((media / "personas").glob("*.jpg")) if p.name not in _WEARS]
    kept: dict[str, list[float]] = {name: [] for name in FRAMES}
    clean: dict[str, list[float]] = {name: [] for name in FRAMES}
    falsely = seen = asked = 0
    spent = 0.0
    for path in paths[: given.count]:
        photo = read_image(path)
        face = replace(find_faces(photo.pixels, reader)[0], track_id=1)
        falsely += wears_glasses(photo, face)
        for name, kind in FRAMES.items():
            one = worn(photo.pixels, face, kind)
            shown = Frame(one.pixels)
            asked += 1
            seen += wears_glasses(shown, face)
            began = time.perf_counter()
            found = _found(shown, face)
            spent += time.perf_counter() - began
            frame, inside = one.frame > 0.5, _inside(shown, face)
            kept[name].append(float(found[frame & inside].mean()))
            near = cv2.dilate(frame.astype(np.uint8), _ROUND) > 0
            held = found * inside
            clean[name].append(float(held[near].sum() / max(held.sum(), 1e-6)))
    every = [share for shares in kept.values() for share in shares]
    alone = [share for shares in clean.values() for share in shares]
    bars = [
        Bar("share of spectacles that are seen", seen / asked, 0.95, ">="),
        Bar("people without any who are said to wear some", falsely, 0, "=="),
        Bar("share of a frame within the face that stays, mean", float(np.mean(every)), 0.85, ">="),
        Bar("share of what stays that is frame, mean", float(np.mean(alone)), 0.8, ">="),
    ]
    results = {
        "people": len(paths[: given.count]),
        "kept": {name: round(float(np.mean(shares)), 3) for name, shares in kept.items()},
        "frame": {name: round(float(np.mean(shares)), 3) for name, shares in clean.items()},
        "least_kept": min(every),
        "rival_kept": 0.0,
        "ms": round(1000 * spent / asked, 1),
    }
    publish("spectacles", bars, results)


def _found(frame: Frame, face: Face) -> Mask:
    height, width = frame.pixels.shape[:2]
    found = Spectacles(frozenset({1})).before(frame, face, (0, 0, width, height))
    return np.zeros((height, width), np.float32) if found is None else found


def _inside(frame: Frame, face: Face) -> NDArray[np.bool_]:
    """(H, W) where a new face is drawn, about: the hull of the mesh."""
    mask = np.zeros(frame.pixels.shape[:2], np.uint8)
    hull = cv2.convexHull(np.rint(face.landmarks[:468, :2]).astype(np.int32))
    cv2.fillConvexPoly(mask, hull, 1)
    return mask > 0


if __name__ == "__main__":
    main()
