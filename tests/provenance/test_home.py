from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from masquerade.errors import OutputError, ProvenanceError
from masquerade.provenance.home import create_once, home_dir, only_one, read_private


def test_home_is_private_and_files_in_it_too(tmp_path: Path) -> None:
    home = tmp_path / "new"
    assert home_dir(home) == home
    assert home.stat().st_mode & 0o777 == 0o700
    create_once(home / "key", lambda: b"secret")
    assert (home / "key").stat().st_mode & 0o777 == 0o600


def test_home_open_to_others_is_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    home_dir(tmp_path)
    assert tmp_path.stat().st_mode & 0o777 == 0o700


def test_home_that_is_a_file_is_an_error(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_text("")
    with pytest.raises(ProvenanceError, match="MASQUERADE_HOME"):
        home_dir(place)


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    create_once(tmp_path / "key", lambda: b"secret")
    (tmp_path / "key").chmod(0o644)
    with pytest.raises(ProvenanceError, match="chmod 600"):
        read_private(tmp_path / "key")


def test_create_once_keeps_what_is_there(tmp_path: Path) -> None:
    assert create_once(tmp_path / "key", lambda: b"first") == b"first"
    assert create_once(tmp_path / "key", lambda: b"second") == b"first"


def _create(path: Path) -> bytes:
    return create_once(path, lambda: __import__("os").urandom(16))


def test_processes_that_create_at_once_agree(tmp_path: Path) -> None:
    with ProcessPoolExecutor(4) as pool:
        made = set(pool.map(_create, [tmp_path / "key"] * 16))
    assert len(made) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_only_one_holds_the_lock(tmp_path: Path) -> None:
    with (
        only_one(tmp_path / "lock", what="out.mp4"),
        pytest.raises(OutputError, match=r"another run is at work on out\.mp4"),
        only_one(tmp_path / "lock", what="out.mp4"),
    ):
        pass
    with only_one(tmp_path / "lock", what="out.mp4"):
        pass
