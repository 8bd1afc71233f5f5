"""PNG files with very many notes are refused before any program has to read them all."""

import struct
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from masquerade.errors import LimitError
from masquerade.media.png_notes import has_more_notes
from masquerade.media.read import read_image
from masquerade.provenance.c2pa.credentials import read_credentials


def _noted(path: Path, count: int) -> Path:
    Image.fromarray(np.full((8, 8, 3), 90, np.uint8)).save(path)
    data = path.read_bytes()
    text = b"k\0v"
    note = struct.pack(">I", len(text)) + b"tEXt" + text
    note += struct.pack(">I", zlib.crc32(b"tEXt" + text))
    path.write_bytes(data[:33] + note * count + data[33:])
    return path


def test_notes_are_counted_and_pixels_are_not(tmp_path: Path) -> None:
    path = _noted(tmp_path / "a.png", 5)
    assert has_more_notes(path, 6)
    assert not has_more_notes(path, 7)
    (tmp_path / "b.png").write_bytes(b"no png at all")
    assert not has_more_notes(tmp_path / "b.png", 0)


def test_a_png_of_very_many_notes_is_refused_at_once(tmp_path: Path) -> None:
    path = _noted(tmp_path / "a.png", 100_000)
    began = time.process_time()
    with pytest.raises(LimitError, match="10000 notes"):
        read_image(path)
    assert read_credentials(path).state == "unreadable"
    assert time.process_time() - began < 3
