"""How well people are replaced who are seen from the waist up, as those of GRID are.

``python -m benchmarks.body_upper [--media DIR] [--every N] [--out SHEETS]``

GRID itself shows heads and shoulders, which `masquerade body` refuses. So both clips of media/body
are cut to a window in which the person ends at the waist; each drives its own person from one
picture, as in `benchmarks.body`. Pictures in which shoulders and hips are not all in the window are
left out, and so are photos that the program would refuse for a thing in them. Joints are those of
the arms.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from benchmarks import body as whole
from benchmarks.media import media_dir
from benchmarks.report import Bar, publish
from masquerade.bodies.figure import shown
from masquerade.bodies.photo_things import things_in
from masquerade.bodies.pose import ELBOWS, HIPS, SHOULDERS, WRISTS, BodyReader, find_bodies
from masquerade.media.read import read_frames
from masquerade.types import Frame

ARMS: Final = (*SHOULDERS, *ELBOWS, *WRISTS)
WINDOWS: Final = {"juggle_man": (480, 10, 960, 390), "dog_woman": (60, 10, 540, 390)}


def cut(path: Path, reader: BodyReader) -> Iterator[Frame]:
    """The frames of a clip in its window, from the first in which somebody is found."""
    x0, y0, x1, y1 = WINDOWS[path.stem]
    begun = False
    for frame in read_frames(path):
        part = np.ascontiguousarray(frame.pixels[y0:y1, x0:x1])
        begun = begun or bool(find_bodies(part, reader))
        if begun:
            yield replace(frame, pixels=part, planes=None)


def seen_in(clip: whole.Clip) -> list[int]:
    """Pictures in which shoulders and hips are all in the window."""
    high, wide = clip.frames[0].pixels.shape[:2]

    def inside(number: int) -> bool:
        torso = clip.bodies[number].joints[[*SHOULDERS, *HIPS], :2]
        return bool(((torso >= 0) & (torso < (wide, high))).all())

    return [number for number in range(len(clip.frames)) if inside(number)]


def empty_handed(clip: whole.Clip, number: int) -> bool:
    """Whether the program would take a picture as a photo, for all that is held in it."""
    cut_out = shown(clip.frames[number].pixels, clip.bodies[number], clip.covers[number])
    return cut_out is not None and not any(one.sure for one in things_in(cut_out))


def measure(
    clip: whole.Clip, other: whole.Clip, reader: BodyReader, out: Path | None
) -> dict[str, float]:
    """All numbers of one clip."""
    there = seen_in(clip)
    early, late = there[: len(there) // 2], there[len(there) // 2 :]
    lends = [number for number in early if empty_handed(clip, number)]
    _, photo = whole.photo_of(clip, lends or early)
    made = whole.drive(clip, photo, late, reader)
    if out:
        whole.sheet(clip, (made,), out / f"{clip.name}_upper.png")
    wanted = [clip.bodies[number] for number in late]
    union, edge = whole.matte_scores(clip, other.plate.pixels, reader, 6)
    return {
        "frames": len(clip.frames),
        "in_window": len(there),
        "photos": len(lends),
        "pck": whole.pck(made.found, wanted, ARMS),
        "pck_ceiling": whole.pck([clip.raw[number] for number in late], wanted, ARMS),
        "iou_photo": float(made.overlap.mean()),
        "matte_iou": union,
        "matte_boundary_f": edge,
    }


def main() -> None:
    """Measures both clips, prints bars and JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--media", type=Path)
    parser.add_argument("--every", type=int, default=8, help="take every n-th frame")
    parser.add_argument("--out", type=Path, help="folder for contact sheets")
    given = parser.parse_args()
    media = media_dir(given.media)
    cv2.setNumThreads(1)
    reader = BodyReader.open()
    paths = [media / "body" / f"{name}.mp4" for name in whole.CLIPS]
    clips = [whole.clip_of(one.stem, cut(one, reader), given.every, reader) for one in paths]
    found = {
        clip.name: measure(clip, other, reader, given.out)
        for clip, other in zip(clips, reversed(clips), strict=True)
    }

    def least(name: str) -> float:
        return min(one[name] for one in found.values())

    ceiling = min(one["pck"] / one["pck_ceiling"] for one in found.values())
    bars = [
        Bar("PCK@.1 of arms by the network's ceiling", ceiling, 0.88, ">="),
        Bar("mask IoU from one picture", least("iou_photo"), 0.8, ">="),
        Bar("matte IoU", least("matte_iou"), 0.975, ">="),
        Bar("matte boundary F at 2 px", least("matte_boundary_f"), 0.95, ">="),
    ]
    publish("body_upper", bars, found)


if __name__ == "__main__":
    main()
