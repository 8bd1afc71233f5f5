"""Draws docs/img/body_faults.jpg: what still goes wrong when a whole person is replaced.

``python -m scripts.body_faults MEDIA``, from the root of the repository. The two clips of
media/body, of the demo gallery of SAM 2 (Apache-2.0), each drive their own person, as in
`benchmarks.body`: the real frame above, what is made of it below.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from benchmarks.body import CLIPS, Clip, drive, photo_of, read_clip, video_of
from masquerade.bodies.figure import Figure
from masquerade.bodies.pose import KNEES, BodyReader
from masquerade.types import RGB

OUT = Path(__file__).parents[1] / "docs" / "img" / "body_faults.jpg"
EVERY = 8
HIGH = 300
GAP = 6


def column(clip: Clip, figure: Figure, number: int, reader: BodyReader) -> RGB:
    """A frame around its person, above what is made of it."""
    made = drive(clip, figure, [number], reader).frames[0].pixels
    x0, y0, x1, y1 = clip.bodies[number].box
    room = 0.12 * (y1 - y0)
    rows = slice(max(int(y0 - 2 * room), 0), int(y1 + room))
    columns = slice(max(int(x0 - 1.5 * room), 0), int(x1 + 1.5 * room))
    tiles = []
    for picture in (clip.frames[number].pixels, made):
        part = picture[rows, columns]
        size = max(round(part.shape[1] * HIGH / part.shape[0]), 1), HIGH
        tile = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
        tiles.append(np.pad(tile, ((0, GAP), (0, GAP), (0, 0)), constant_values=255))
    return np.vstack(tiles)


def main() -> None:
    """Writes the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("media", type=Path)
    given = parser.parse_args()
    reader = BodyReader.open()
    man, woman = (read_clip(given.media / "body" / f"{n}.mp4", EVERY, reader) for n in CLIPS)
    half = len(man.frames) // 2
    late = range(half, len(man.frames))
    front = min(late, key=lambda n: man.bodies[n].yaw_deg)
    side = max(late, key=lambda n: man.bodies[n].yaw_deg)
    knee = min(late, key=lambda n: float(man.bodies[n].joints[list(KNEES), 1].min()))
    bent = min(range(len(woman.frames) // 2), key=lambda n: woman.bodies[n].height_px)
    photo = photo_of(man, range(half))[1]
    hers = photo_of(woman, range(len(woman.frames) // 2))[1]
    tiles = [
        column(man, photo, front, reader),
        column(man, photo, knee, reader),
        column(man, video_of(man, range(half), [side]), side, reader),
        column(woman, hers, bent, reader),
    ]
    quality = [cv2.IMWRITE_JPEG_QUALITY, 82]
    done, data = cv2.imencode(".jpg", np.hstack(tiles)[..., ::-1], quality)
    assert done
    OUT.write_bytes(data.tobytes())


if __name__ == "__main__":
    main()
