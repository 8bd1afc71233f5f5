"""Uploads: sent in parts, checked, bounded, seen by their owner alone, erased for good."""

from __future__ import annotations

import errno
import hashlib
import io
import threading
from pathlib import Path
from typing import Any

import pytest

from masquerade.errors import DiskFullError, InputError, LimitError, MasqueradeError, UsageError
from masquerade.jobs.endings import plain_name
from masquerade.jobs.erase import erase
from masquerade.jobs.files import Files, Upload
from masquerade.jobs.queue import Queue
from masquerade.jobs.sweep import Keep, forget_results, sweep
from masquerade.jobs.types import State
from masquerade.models.lock import locked

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
RECORD = b'{"schema_version": 1}'


def sent(files: Files, owner: str = "ada", name: str = "a.png", data: bytes = PNG) -> Upload:
    upload = files.begin(owner, name, len(data))
    return files.complete(files.append(upload, 0, data), "")


def test_a_file_sent_in_parts_is_whole(files: Files) -> None:
    upload = files.begin("ada", "My photo.png", len(PNG))
    upload = files.append(upload, 0, PNG[:100])
    upload = files.append(upload, 50, PNG[50:200])  # sent again after a lost answer
    assert upload.received == 200
    with pytest.raises(UsageError, match="are there"):
        files.complete(upload, "")
    with pytest.raises(UsageError, match="from 200 on"):
        files.append(upload, 201, b"x")
    with pytest.raises(UsageError, match="up to"):
        files.append(upload, 200, PNG)
    upload = files.append(upload, 200, PNG[200:])
    with pytest.raises(InputError, match="SHA-256"):
        files.complete(upload, "0" * 64)
    upload = files.complete(upload, hashlib.sha256(PNG).hexdigest())
    assert files.path_of(upload).read_bytes() == PNG
    assert files.path_of(upload).name == "My_photo.png"
    assert files.path_of(upload).stat().st_mode & 0o077 == 0
    with pytest.raises(UsageError, match="is complete"):
        files.append(upload, 0, b"x")


class Full(io.FileIO):
    """A file on a disk that takes ten bytes more."""

    def write(self, data: Any) -> int:
        if len(data) > 10:
            return super().write(bytes(data)[:-10])
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_loses_nothing_of_an_upload(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = files.append(files.begin("ada", "a.png", len(PNG)), 0, PNG[:100])
    with monkeypatch.context() as full:
        full.setattr(Path, "open", lambda path, mode, **_more: Full(path, mode))
        with pytest.raises(DiskFullError, match="no room"):
            files.append(upload, 100, PNG[100:])
    assert files.upload(upload.id, "ada").received == 100
    upload = files.append(upload, 100, PNG[100:])
    assert files.complete(upload, hashlib.sha256(PNG).hexdigest()).complete
    with monkeypatch.context() as full:
        full.setattr(Path, "touch", _no_room)
        with pytest.raises(DiskFullError):
            files.begin("ada", "b.png", 10)
    assert [one.id for one in files.uploads("ada")] == [upload.id]


def test_one_upload_is_written_by_one_process_at_a_time(files: Files) -> None:
    upload = files.begin("ada", "a.png", 10)
    other = Files(files.folder, files._database, quota_bytes=10**9, upload_bytes=10**6)
    thread = threading.Thread(target=other.append, args=(upload, 0, b"x" * 10))
    with locked(files.folder / "uploads" / upload.id / ".lock"):  # as another process holds it
        thread.start()
        thread.join(0.2)
        assert thread.is_alive()
        assert files.upload(upload.id, "ada").received == 0
    thread.join()
    assert files.upload(upload.id, "ada").received == 10


def _no_room(*_given: object, **_named: object) -> None:
    raise OSError(errno.EDQUOT, "Disk quota exceeded")


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.png", PNG, None),
        ("ada.consent", RECORD, None),
        ("a.exe", PNG, InputError),
        ("cards.toml", b"x = 1", InputError),
        ("a.png", b"[network]\nfile = '/etc/passwd'\n", InputError),
        ("a.safetensors", b'{"is": "text"}', InputError),
        ("a.consent", PNG, InputError),
        ("a.consent", b"file = 1", InputError),
        ("a.png", b"", LimitError),
        ("a.png", PNG * 5, LimitError),
    ],
)
def test_only_what_the_ending_says_is_taken(
    files: Files, name: str, data: bytes, kind: type[MasqueradeError] | None
) -> None:
    if kind is None:
        assert sent(files, name=name, data=data).complete
    else:
        with pytest.raises(kind):
            sent(files, name=name, data=data)


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        ("../../etc/passwd.png", "passwd.png"),
        ("C:\\clips\\a b.MP4", "a_b.MP4"),
        ("...png", "file.png"),
        ("\x00\n.jpg", "file.jpg"),
        ("é" * 300 + ".wav", "é" * 80 + ".wav"),
        ("𝒜" * 300 + ".wav", "𝒜" * 40 + ".wav"),
        ("x" + "𝒜" * 300 + ".wav", "x" + "𝒜" * 39 + ".wav"),
    ],
)
def test_names_cannot_be_taken_amiss(given: str, plain: str) -> None:
    assert plain_name(given) == plain


def test_a_part_that_comes_late_does_not_change_what_was_checked(files: Files) -> None:
    begun = files.append(files.begin("ada", "a.png", len(PNG)), 0, PNG)
    files.complete(begun, "")
    with pytest.raises(UsageError, match="is complete"):
        files.append(begun, 0, b"#EXTM3U")  # as it was known when its request began
    assert files.path_of(files.upload(begun.id, "ada")).read_bytes() == PNG


def test_uploads_are_their_owners_alone(files: Files, lite: Queue) -> None:
    upload = sent(files)
    assert files.uploads("ben") == []
    with pytest.raises(UsageError, match="no upload"):
        files.upload(upload.id, "ben")
    assert files.resolved(f"upload:{upload.id}", "ada") == files.path_of(upload)
    with pytest.raises(UsageError, match="no upload"):
        files.resolved(f"upload:{upload.id}", "ben")
    assert files.resolved("/etc/passwd", "ada") is None
    job = lite.submit("make", {}, owner="ada").job
    with pytest.raises(UsageError, match="no job"):
        files.resolved(f"job:{job.id}", "ben")
    with pytest.raises(InputError, match="has no file"):
        files.resolved(f"job:{job.id}/../../links.key", "ada") or files.result(job.id)


def test_the_quota_holds_for_what_was_only_announced(files: Files) -> None:
    files.quota_bytes = 25_000
    files.begin("ada", "a.png", 10_000)
    files.begin("ben", "b.png", 10_000)
    with pytest.raises(LimitError, match="are used"):
        files.begin("cora", "c.png", 10_000)


def test_one_owner_leaves_room_for_others(files: Files) -> None:
    files.quota_bytes = 20_000
    files.begin("ada", "a.png", 4_000)
    with pytest.raises(LimitError, match="so that others have room"):
        files.begin("ada", "b.png", 2_000)
    files.begin("ben", "b.png", 2_000)


def test_what_is_erased_is_written_over(tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("stays")
    folder = tmp_path / "gone"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "a.bin").write_bytes(b"secret")
    (folder / "link").symlink_to(outside)
    with (folder / "deep" / "a.bin").open("rb") as held:
        assert erase(folder) == 2
        assert held.read() == b""
    assert not folder.exists()
    assert outside.read_text() == "stays"
    assert erase(folder) == 0


def test_sweeping_erases_by_age_and_keeps_what_is_needed(files: Files, lite: Queue) -> None:
    old, needed = sent(files), sent(files)
    waits = lite.submit("verify", {"target": f"upload:{needed.id}"}, owner="ada").job
    made = {}
    for kind in ("make", "source"):
        job = lite.submit(kind, {}, owner="ada", digest=kind, priority=1).job
        lite.take("w")
        files.job_folder(job.id).mkdir(parents=True)
        (files.job_folder(job.id) / "out.bin").write_bytes(b"x" * 100)
        lite.finish(job.id, "w", State.DONE)
        made[kind] = job
    assert sweep(lite, files, Keep()).words == ""
    done = sweep(lite, files, Keep(inputs_days=0, biometric_days=0))
    assert (done.uploads, done.results, done.jobs) == (1, 1, 0)
    assert [one.id for one in files.uploads(None)] == [needed.id]
    assert not files.path_of(old).exists()
    assert files.results(made["source"].id) == []
    assert [path.name for path in files.results(made["make"].id)] == ["out.bin"]
    assert lite.submit("source", {}, owner="ada", digest="source").is_new
    with pytest.raises(UsageError, match="is waiting"):
        forget_results(lite, files, waits)


def test_sweeping_goes_on_past_a_job_of_an_unknown_kind(files: Files, lite: Queue) -> None:
    job = lite.submit("of_tomorrow", {}, owner="ada").job
    lite.cancel(job.id)
    assert sweep(lite, files, Keep()).jobs == 0
    assert lite.show(job.id).state is State.CANCELLED
