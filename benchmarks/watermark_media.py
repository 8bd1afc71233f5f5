"""Which pictures, clips and windows the watermark benchmark takes from the shared media."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from masquerade.media.read import read_frames, read_image
from masquerade.types import RGB, Frame

LEAST_SIDE = 330
LARGE = 104
CLIP_FRAMES = 50
UNMARKED = 1050


@dataclass(frozen=True, slots=True)
class Picture:
    """A file, and its number among all: the same file comes again with another id."""

    path: Path
    number: int


@dataclass(frozen=True, slots=True)
class Clip:
    """Two seconds of a film from frame `start` on, scaled to 720p where it is of another size."""

    path: Path
    start: int
    number: int = 0

    def frames(self) -> Iterator[Frame]:
        """The frames: as the file has them where it is of 720p, else of pixels alone."""
        wanted = itertools.islice(read_frames(self.path), self.start, self.start + CLIP_FRAMES)
        for frame in wanted:
            width, height = frame.size_wh
            size = (1280, 720) if width > height else (720, 1280)
            if frame.size_wh == size:
                yield frame
            else:
                scaled = cv2.resize(frame.pixels, size, interpolation=cv2.INTER_CUBIC)
                yield Frame(np.asarray(scaled, np.uint8))


@dataclass(frozen=True, slots=True)
class Window:
    """A picture without a mark: a file, and which quarter of it (None: all of it)."""

    path: Path
    quarter: int | None = None

    def pixels(self) -> RGB:
        """(H, W, 3) uint8."""
        pixels = read_image(self.path).pixels
        if self.quarter is None:
            return pixels
        height, width = pixels.shape[0] // 2, pixels.shape[1] // 2
        y, x = self.quarter // 2 * height, self.quarter % 2 * width
        return np.ascontiguousarray(pixels[y : y + height, x : x + width])


def large(media: Path) -> list[Picture]:
    """Every photograph and portrait of at least `LEAST_SIDE` a side, in turn, `LARGE` in all.

    Of the C2PA fixtures only some: most are one photograph, and one is a page of text.
    """
    photos = [media / "c2pa" / name for name in ("C.jpg", "CA.jpg")]
    photos += sorted((media / "exif").glob("*.jpg"))
    kinds = [sorted((media / name).glob("*.jpg")) for name in ("personas", "portraits")]
    fit = [[path for path in kind if min(size_wh(path)) >= LEAST_SIDE] for kind in (*kinds, photos)]
    every = [path for row in itertools.zip_longest(*fit) for path in row if path]
    return [Picture(path, number) for number, path in zip(range(LARGE), itertools.cycle(every))]


def small(media: Path) -> list[Picture]:
    """Portraits below `LEAST_SIDE`, of 175 x 216 to 225 x 275."""
    found = sorted((media / "portraits").glob("*.jpg"))
    fit = [path for path in found if min(size_wh(path)) < LEAST_SIDE]
    return [Picture(path, number) for number, path in enumerate(fit)]


def clips(media: Path) -> list[Clip]:
    """Talking faces, people who move, other films: two windows of most, each with its own id."""
    talking = sorted((media / "talking").rglob("*.mpg"))
    starts = [(path, start) for start in (0, 25) for path in talking]
    starts += [(media / "body" / "dog_woman.mp4", 50 * number) for number in range(5)]
    starts += [(media / "body" / "juggle_man.mp4", 50 * number) for number in range(4)]
    starts += [(media / "c2pa" / "video1_no_manifest.mp4", 0)]
    starts += [(media / "exif" / "with-gps.mov", start) for start in (0, 50)]
    return [Clip(path, start, number) for number, (path, start) in enumerate(starts)]


def unmarked(media: Path, train: Path) -> list[Clip | Window]:
    """Films, quarters of photographs, and real faces."""
    films: list[Clip | Window] = [*clips(media)[20::4]]
    paths = dict.fromkeys(picture.path for picture in large(media))
    photos = [Window(path, quarter) for path in paths for quarter in range(4)]
    faces = [Window(path) for path in sorted((train / "faces_real").rglob("*.jpg"))]
    return [*films, *photos, *faces][:UNMARKED]


def size_wh(path: Path) -> tuple[int, int]:
    """Width and height of a picture; 0 where it cannot be read."""
    image = cv2.imread(str(path))
    return (0, 0) if image is None else (image.shape[1], image.shape[0])
