"""The hash of a file is that of its bytes, however many there are."""

import hashlib
from pathlib import Path

import pytest

from masquerade.hashing import file_sha256


@pytest.mark.parametrize("count", [0, 1, 1 << 20, (1 << 20) + 1])
def test_hash_is_that_of_all_bytes(tmp_path: Path, rng, count: int) -> None:
    data = rng.bytes(count)
    (tmp_path / "a").write_bytes(data)
    assert file_sha256(tmp_path / "a") == hashlib.sha256(data).hexdigest()


def test_a_file_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        file_sha256(tmp_path / "a")
