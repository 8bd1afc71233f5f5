"""Loaded networks, and photos with one face each."""

from pathlib import Path

import pytest

from masquerade.faces.detect import find_faces
from masquerade.faces.readers import FaceReader
from masquerade.media.read import read_image
from masquerade.types import RGB, Face


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
