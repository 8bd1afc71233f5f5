"""The length that the header of a WAV file speaks of."""

import struct
from fractions import Fraction
from pathlib import Path

import pytest

from masquerade.hashing import block_hashes
from masquerade.media.probe import probe
from masquerade.media.wave_length import wave_length_s

FORMAT = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16)
NOTE = b"note" + struct.pack("<I", 3) + b"odd\0"


def wave(path: Path, said: int, there: int, kind: bytes = b"RIFF", chunks: bytes = NOTE) -> Path:
    head = kind + struct.pack("<I", 0xFFFFFFFF) + b"WAVE"
    data = b"data" + struct.pack("<I", said)
    path.write_bytes(head + chunks + FORMAT + data + bytes(there))
    return path


@pytest.mark.parametrize("there", [32_000, 8_000])
def test_it_is_told_whether_or_not_the_sound_is_there(tmp_path: Path, there: int) -> None:
    path = wave(tmp_path / "a.wav", 32_000, there)

    assert wave_length_s(path) == 2
    assert wave_length_s(path, block_hashes(path)) == 2
    assert probe(path).audio[0].duration_s == probe(path).duration_s == 2


def test_a_file_beyond_four_gigabytes_says_it_in_a_chunk_of_its_own(tmp_path: Path) -> None:
    wide = b"ds64" + struct.pack("<IQQQI", 28, 0, 16_000 * 400_000, 0, 0)

    path = wave(tmp_path / "a.wav", 0xFFFFFFFF, 100, b"RF64", wide)

    assert wave_length_s(path) == Fraction(400_000)


@pytest.mark.parametrize("said", [0, 0x7FFFF000, 0x80000000, 0xFFFFFFFF])
def test_what_was_streamed_does_not_say(tmp_path: Path, said: int) -> None:
    path = wave(tmp_path / "a.wav", said, 16_000)

    assert wave_length_s(path) is None
    assert probe(path).audio[0].duration_s in (None, 1)


@pytest.mark.parametrize("data", [b"", b"RIFF", b"RIFF\0\0\0\0WAVEfmt ", b"OggS" + bytes(60)])
def test_other_files_and_pieces_of_headers_say_nothing(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(data)

    assert wave_length_s(path) is None
