"""A backup is whole, private, and put back only where nothing is lost by it."""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path

import pytest

from masquerade.errors import InputError, UsageError
from masquerade.jobs.backup import LIST, backup, restore
from masquerade.jobs.place import open_queue, studio_folder
from masquerade.provenance import ledger
from masquerade.provenance.ledger.store import verify_ledger


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with keys, a ledger, a job, and a file of the server."""
    place = tmp_path_factory.mktemp("kept") / "home"
    ledger.append("test", "a", "{}", home=place)
    queue = open_queue(home=place)
    queue.submit("verify", {"target": "a.png"})
    queue.close()
    (studio_folder(place) / "uploads").mkdir()
    (studio_folder(place) / "uploads" / "a.bin").write_bytes(b"large")
    return place


def test_what_was_kept_is_there_again(home: Path, tmp_path: Path) -> None:
    out, other = tmp_path / "state.tar", tmp_path / "new" / "home"
    kept = backup(out, home=home)
    assert out.stat().st_mode & 0o077 == 0
    ledger.append("test", "b", "{}", home=home)  # afterwards
    assert restore(out, home=other).files == kept.files
    assert not verify_ledger(other).broken
    assert [row.subject for row in ledger.rows(kind="test", home=other)] == ["a"]
    queue = open_queue(home=other)
    assert queue.list_jobs()[0].spec == {"target": "a.png"}
    queue.close()
    assert all(path.stat().st_mode & 0o077 == 0 for path in other.rglob("*"))
    assert not (studio_folder(other) / "uploads").exists()
    assert backup(tmp_path / "all.tar", with_files=True, home=home).files == kept.files + 1


def test_nothing_is_put_over_an_installation(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "state.tar"
    backup(out, home=home)
    with pytest.raises(UsageError, match="holds an installation"):
        restore(out, home=home)
    with pytest.raises(UsageError, match="exists"):
        backup(out, home=home)
    with pytest.raises(UsageError, match="lies in the folder"):
        backup(home / "state.tar", home=home)
    with pytest.raises(InputError, match="no keys"):
        backup(tmp_path / "b.tar", home=tmp_path / "empty")


def test_a_damaged_or_made_up_backup_is_refused(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "state.tar"
    backup(out, home=home)
    data = bytearray(out.read_bytes())
    with tarfile.open(out) as tar:
        place = tar.getmember("signing.pem").offset_data
    data[place] ^= 1
    (tmp_path / "changed.tar").write_bytes(data)
    with tarfile.open(tmp_path / "outside.tar", "w") as tar:
        tar.addfile(tarfile.TarInfo("../outside"))
    (tmp_path / "none.tar").write_bytes(b"no tar")
    for name, words in (
        ("changed", "damaged: signing.pem"),
        ("outside", "cannot be part"),
        ("none", "no whole backup"),
    ):
        with pytest.raises(InputError, match=words):
            restore(tmp_path / f"{name}.tar", home=tmp_path / "new")
        assert not (tmp_path / "new" / "signing.pem").exists()
    assert not (tmp_path / "outside").exists()


def test_a_backup_writes_into_no_file_that_lay_there(home: Path, tmp_path: Path) -> None:
    trap, out = tmp_path / "of_another", tmp_path / "state.tar"
    trap.write_bytes(b"")
    (tmp_path / ".state.tar.unfinished").symlink_to(trap)
    backup(out, home=home)
    assert trap.read_bytes() == b""
    assert not out.is_symlink()


def test_a_file_of_holes_is_no_part_of_a_backup(tmp_path: Path) -> None:
    out = tmp_path / "state.tar"
    with tarfile.open(out, "w", format=tarfile.PAX_FORMAT) as tar:
        info = tarfile.TarInfo("signing.pem")
        info.pax_headers = {
            "GNU.sparse.major": "0", "GNU.sparse.minor": "1", "GNU.sparse.map": "1000000,0",
            "GNU.sparse.size": "1000000",
        }  # fmt: skip
        tar.addfile(info)
    with pytest.raises(InputError, match="cannot be part"):
        restore(out, home=tmp_path / "home")


@pytest.mark.parametrize(
    ("name", "told", "words"),
    [
        ("weights/faces.onnx", "", "cannot be part"),
        (".", "", "cannot be part"),
        ("notes.txt", '{"masquerade": "1", "files": {"notes.txt": "HASH"}}', "holds no key"),
        ("notes.txt", "[" * 100_000, "no whole backup"),
    ],
)
def test_what_no_backup_holds_is_refused(tmp_path: Path, name: str, told: str, words: str) -> None:
    out = tmp_path / "state.tar"
    empty = hashlib.sha256(b"").hexdigest()
    with tarfile.open(out, "w") as tar:
        tar.addfile(tarfile.TarInfo(name))
        info, data = tarfile.TarInfo(LIST), told.replace("HASH", empty).encode()
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))
    with pytest.raises(InputError, match=words):
        restore(out, home=tmp_path / "home")
    assert not (tmp_path / "home").exists()


def test_a_backup_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.tar cannot be read"):
        restore(tmp_path / "none.tar", home=tmp_path / "home")
    assert not (tmp_path / "home").exists()
