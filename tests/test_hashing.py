"""The hash of a file is that of its bytes, however many there are."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from masquerade.errors import InputError
from masquerade.hashing import file_sha256, input_sha256, small_bytes


@pytest.mark.parametrize("count", [0, 1, 1 << 20, (1 << 20) + 1])
def test_hash_is_that_of_all_bytes(tmp_path: Path, rng, count: int) -> None:
    data = rng.bytes(count)
    (tmp_path / "a").write_bytes(data)
    assert file_sha256(tmp_path / "a") == hashlib.sha256(data).hexdigest()


def test_a_file_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        file_sha256(tmp_path / "a")


def test_a_file_that_a_user_names_is_told_of_in_words(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.mp4 cannot be read: No such file"):
        input_sha256(tmp_path / "a.mp4", "a video")


def _readers() -> list[Callable[[Path], object]]:
    return [file_sha256, small_bytes]


@pytest.mark.skipif(os.name != "posix", reason="devices of POSIX")
@pytest.mark.parametrize("read", _readers())
def test_pipes_and_devices_are_refused_at_once(tmp_path: Path, read) -> None:
    os.mkfifo(tmp_path / "pipe")
    for place in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(OSError, match="pipe, socket or device"):
            read(place)
    with pytest.raises(IsADirectoryError):
        read(tmp_path)
    with pytest.raises(OSError, match="no file can have this name"):
        read(tmp_path / "a\0b")


def test_small_files_have_a_limit(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    assert small_bytes(tmp_path / "a", max_bytes=5) == b"12345"
    with pytest.raises(OSError, match="larger than 4 bytes"):
        small_bytes(tmp_path / "a", max_bytes=4)
