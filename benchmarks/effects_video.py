"""Whether effects hold still in videos of people who talk.

``python -m benchmarks.effects_video [--media DIR] [--frames N] [--only EFFECT ...] [--spectacles]``

Every effect of `masquerade edit`, and a background of one colour, is laid on the first frames of
volunteers' clips. How brightness jumps from frame to frame is held against the clip's own: in the
face, and, where hair or background are changed, in the whole frame. With ``--spectacles`` the
volunteers wear drawn ones, of another kind in each clip. The last line is JSON.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.drawn_glasses import FRAMES, worn
from benchmarks.media import media_dir
from benchmarks.report import Bar, publish
from masquerade.effects.words import effect_names
from masquerade.evaluate.flicker import face_luminance, flicker_ratio
from masquerade.faces.following.track import track
from masquerade.faces.readers import FaceReader
from masquerade.generate import edit
from masquerade.media.read import read_frames
from masquerade.pipelines.windows import windows
from masquerade.types import RGB, Face, Frame, Patch

CLIPS: Final = ("grid_others/id2_vcd_swwp2s.mpg", "grid_others/lbax4n.mpg", "grid_s1/bbaf2n.mpg")
BACKGROUND: Final = "background"
_WIDE: Final = ("hair", "turn", BACKGROUND)
_SIDE: Final = 192  # to which whole frames are shrunk
_CELLS: Final = 48
_MOST: Final = 1.10


def followed(path: Path, count: int, reader: FaceReader) -> tuple[list[Frame], list[Face]]:
    """The first frames of a clip, and the face in each that is seen all along."""
    frames = list(islice(read_frames(path), count))
    (one, *_) = sorted(track(frames, reader), key=lambda found: -len(found.faces))
    kept = [frame for frame in frames if frame.pts in one.faces]
    return kept, [one.faces[frame.pts] for frame in kept]


def wearing(frames: Sequence[Frame], faces: Sequence[Face], kind: str) -> list[Frame]:
    """The frames with spectacles of a kind drawn over the faces."""
    pairs = zip(frames, faces, strict=True)
    return [
        replace(frame, pixels=worn(frame.pixels, face, FRAMES[kind]).pixels)
        for frame, face in pairs
    ]


def edited(frames: Sequence[Frame], faces: Sequence[Face], name: str) -> Iterator[RGB]:
    """The frames with an effect at full strength."""
    given = {"background": "#3060a0"} if name == BACKGROUND else {"effect": (name,)}
    options = edit.Options.model_validate(given)
    chosen = {frame.pts: (face,) for frame, face in zip(frames, faces, strict=True)}
    made = edit.prepare({}, options)(windows(frames, chosen, edit.radius))
    for frame, items in zip(frames, made, strict=True):
        pixels = frame.pixels.astype(np.float32)
        for patch in items:
            if isinstance(patch, Patch):
                x0, y0, x1, y1 = patch.box
                share = patch.mask[..., None]
                pixels[y0:y1, x0:x1] += share * (patch.pixels - pixels[y0:y1, x0:x1])
        yield np.rint(pixels).astype(np.uint8)


def flicker(
    pictures: Sequence[RGB], frames: Sequence[Frame], faces: Sequence[Face], name: str
) -> float:
    """How much more than the clip its edited frames flicker; 1 means as steady."""
    before = [frame.pixels for frame in frames]
    if name in _WIDE:
        return flicker_ratio(_whole(pictures), _whole(before), cells=_CELLS)
    both = (
        np.stack(
            [face_luminance(one, face.landmarks) for one, face in zip(some, faces, strict=True)]
        )
        for some in (pictures, before)
    )
    return flicker_ratio(*both)


def _whole(pictures: Sequence[RGB]) -> NDArray[np.float32]:
    grey = (cv2.cvtColor(one, cv2.COLOR_RGB2GRAY) for one in pictures)
    small = [cv2.resize(one, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA) for one in grey]
    return np.stack(small).astype(np.float32)


def main(arguments: Sequence[str] | None = None) -> None:
    """Edit, measure, publish."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--media", type=Path)
    parser.add_argument("--frames", type=int, default=25, help="of each clip; default 25")
    names = [*effect_names(), BACKGROUND]
    parser.add_argument("--only", nargs="+", choices=names, metavar="EFFECT")
    parser.add_argument("--spectacles", action="store_true", help="drawn over the faces first")
    given = parser.parse_args(arguments)
    reader = FaceReader.open()
    found: dict[str, list[float]] = {name: [] for name in given.only or names}
    for clip, kind in zip(CLIPS, FRAMES, strict=False):
        frames, faces = followed(media_dir(given.media) / "talking" / clip, given.frames, reader)
        if given.spectacles:
            frames = wearing(frames, faces, kind)
        for name, ratios in found.items():
            ratios.append(flicker(list(edited(frames, faces, name)), frames, faces, name))
    worst = {name: max(ratios) for name, ratios in found.items()}
    bars = [Bar(f"{name}: flicker over the clip's own", one, _MOST) for name, one in worst.items()]
    publish(
        "effects_video",
        bars,
        {
            "clips": list(CLIPS),
            "frames": given.frames,
            "spectacles": given.spectacles,
            "ratios": found,
        },
    )


if __name__ == "__main__":
    main()
