"""Loaded networks, a photo with one face, and clips made of it."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from masquerade.faces.detect import find_faces
from masquerade.faces.readers import FaceReader
from masquerade.media.read import read_image
from masquerade.types import RGB, Face, Frame


@pytest.fixture(scope="session")
def reader() -> FaceReader:
    """All networks, loaded once."""
    return FaceReader.open()


@pytest.fixture(scope="session")
def portrait(media_dir: Path) -> RGB:
    """A photo of 335 x 410 pixels with one face of some 170."""
    return read_image(media_dir / "portraits" / "C001101_a.jpg").pixels


@pytest.fixture(scope="session")
def other_portrait(media_dir: Path) -> RGB:
    """Somebody else."""
    return read_image(media_dir / "portraits" / "N000015_a.jpg").pixels


@pytest.fixture(scope="session")
def face(portrait: RGB, reader: FaceReader) -> Face:
    """The face of `portrait`."""
    (found,) = find_faces(portrait, reader, tilts=(0.0,))
    return found


def clip_of(pictures: list[RGB]) -> Iterator[Frame]:
    """Frames at 25 a second."""
    for number, pixels in enumerate(pictures):
        yield Frame(pixels, pts=number, time_base=Fraction(1, 25), duration=1)


def on_canvas(pixels: RGB, x: float, y: float, scale: float, canvas: RGB) -> RGB:
    """`pixels` scaled and laid over a canvas with their corner at (x, y)."""
    place = np.array([[scale, 0, x], [0, scale, y]])
    made = cv2.warpAffine(
        pixels,
        place,
        (canvas.shape[1], canvas.shape[0]),
        dst=canvas.copy(),
        borderMode=cv2.BORDER_TRANSPARENT,
    )
    return np.asarray(made, np.uint8)
