import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple, replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Timer

import numpy as np
import pytest

from masquerade.errors import ProvenanceError
from masquerade.provenance import ledger
from masquerade.provenance.home import home_dir
from masquerade.provenance.ledger import store

DROP = "DROP TRIGGER no_update; DROP TRIGGER no_delete;"


def _fill(count: int = 5) -> None:
    for number in range(count):
        ledger.append("output", f"hash {number}", "{}")


def _tamper(script: str) -> None:
    with sqlite3.connect(home_dir() / "ledger.sqlite") as connection:
        connection.executescript(DROP + script)
    connection.close()


def test_rows_come_back_in_order_and_whole() -> None:
    _fill()
    assert [row.subject for row in ledger.rows()] == [f"hash {n}" for n in range(5)]
    assert [row.seq for row in ledger.rows(newest=2)] == [4, 5]
    assert ledger.rows(kind="output", subject="hash 3")[0].seq == 4
    report = ledger.verify_ledger()
    assert not report.broken
    assert report.exit_code == 0
    assert report.rows == 5


def test_an_empty_ledger_is_whole() -> None:
    assert not ledger.verify_ledger().broken


def test_a_row_id_given_out_before_is_kept() -> None:
    name = ledger.new_row_id()
    ledger.append("output", "hash", "{}", row_id=name)
    found = ledger.row_by_id(name)
    assert found is not None
    assert found.subject == "hash"


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ("UPDATE rows SET body = '{\"x\":1}' WHERE seq = 2", "row 2 was changed"),
        ("UPDATE rows SET time = '1999' WHERE seq = 5", "row 5 was changed"),
        ("DELETE FROM rows WHERE seq = 3", "rows 3 to 3 are missing"),
        ("DELETE FROM rows WHERE seq = 1", "rows 1 to 1 are missing"),
        ("DELETE FROM rows WHERE seq > 3", "rows 4 to 5 were cut off at the end"),
        ("DELETE FROM rows", "rows 1 to 5 were cut off at the end"),
        (
            "UPDATE rows SET seq = 9 WHERE seq = 2; UPDATE rows SET seq = 2 WHERE seq = 3;"
            "UPDATE rows SET seq = 3 WHERE seq = 9",
            "row 2 does not follow",
        ),
        (
            "UPDATE rows SET seq = 3 WHERE seq = 4 AND 0; DELETE FROM rows WHERE seq = 3;"
            "UPDATE rows SET seq = seq - 1 WHERE seq > 3",
            "row 3 does not follow",
        ),
    ],
)
@pytest.mark.parametrize("every_signature", [True, False])
def test_a_changed_removed_or_reordered_row_is_found(
    script: str, found: str, every_signature: bool
) -> None:
    _fill()
    _tamper(script)
    report = ledger.verify_ledger(every_signature=every_signature)
    assert report.broken
    assert report.exit_code == 5
    assert any(found in problem for problem in report.problems), report.problems


def test_a_row_with_a_fitting_hash_but_without_our_key_is_found() -> None:
    _fill(1)
    last = ledger.rows()[-1]
    forged = ledger.LedgerRow(2, "mql-x", "t", "output", "h", "{}", last.hash, "", "")
    row = (*astuple(forged)[:-2], forged.expected_hash(), last.signature)
    with sqlite3.connect(home_dir() / "ledger.sqlite") as connection:
        connection.execute("INSERT INTO rows VALUES (?,?,?,?,?,?,?,?,?)", row)
    connection.close()
    for every in (True, False):
        report = ledger.verify_ledger(every_signature=every)
        assert "not written by this installation" in report.problems[0]


def test_a_chain_written_anew_without_our_key_is_found_by_the_head_alone() -> None:
    _fill(3)
    rows = list(ledger.rows())
    previous, forged = rows[0].previous, []
    for row in rows:
        other = replace(row, subject=f"not {row.subject}", previous=previous)
        other = replace(other, hash=other.expected_hash())
        forged.append(other)
        previous = other.hash
    _tamper("DELETE FROM rows")
    with sqlite3.connect(home_dir() / "ledger.sqlite") as connection:
        for row in forged:
            connection.execute("INSERT INTO rows VALUES (?,?,?,?,?,?,?,?,?)", astuple(row))
    connection.close()
    report = ledger.verify_ledger(every_signature=False)
    assert report.problems == ("row 3 is not the one the head speaks of",)


def test_a_changed_signature_alone_is_found_only_by_looking_at_every_one() -> None:
    _fill()
    _tamper("UPDATE rows SET signature = '' WHERE seq = 2")
    assert not ledger.verify_ledger(every_signature=False).broken
    assert "row 2 was not written" in ledger.verify_ledger().problems[0]


def test_rows_cannot_be_changed_by_plain_sql() -> None:
    _fill(1)
    with sqlite3.connect(home_dir() / "ledger.sqlite") as connection:
        for statement in ("UPDATE rows SET body = ''", "DELETE FROM rows"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                connection.execute(statement)
    connection.close()


def test_a_ledger_that_is_gone_with_its_head_is_not_begun_anew() -> None:
    _fill(2)
    for path in home_dir().glob("ledger.*"):
        path.unlink()
    for use in (ledger.rows, ledger.verify_ledger, ledger.check_ledger):
        with pytest.raises(ProvenanceError, match="the ledger is missing"):
            use()


@pytest.mark.parametrize("name", ["ledger.head", "ledger.sqlite"])
def test_a_missing_file_is_found(name: str) -> None:
    _fill(2)
    for path in home_dir().glob(f"{name}*"):
        path.unlink()
    if name == "ledger.sqlite":
        with pytest.raises(ProvenanceError, match="the ledger is missing"):
            ledger.append("output", "x", "{}")
    else:
        assert "head file is missing" in ledger.verify_ledger().problems[0]
        with pytest.raises(ProvenanceError, match="head file is missing"):
            ledger.append("output", "x", "{}")


def test_an_edited_head_is_found() -> None:
    _fill(2)
    path = home_dir() / "ledger.head"
    path.write_bytes(path.read_bytes().replace(b'"seq":2', b'"seq":1'))
    assert ledger.verify_ledger().problems == ("the head file was changed",)


def test_nothing_is_appended_to_a_ledger_cut_off() -> None:
    _fill()
    _tamper("DELETE FROM rows WHERE seq > 3")
    with pytest.raises(ProvenanceError, match="cut off"):
        ledger.append("output", "x", "{}")


def _append_many(count: int) -> None:
    _fill(count)


def test_processes_append_at_once() -> None:
    with ProcessPoolExecutor(3) as pool:
        list(pool.map(_append_many, [20] * 3))
    report = ledger.verify_ledger()
    assert report.rows == 60
    assert not report.broken


def test_a_new_file_that_others_are_setting_up_is_waited_for() -> None:
    """SQLite itself does not wait where a file is put into WAL mode."""
    path = home_dir() / "ledger.sqlite"
    path.parent.mkdir(parents=True, exist_ok=True)
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    soon = Timer(0.2, other.close)
    soon.start()
    ledger.append("output", "x", "{}")
    soon.join()
    assert ledger.verify_ledger().rows == 1


KILLED = """
from masquerade.provenance import ledger
print("ready", flush=True)
while True:
    ledger.append("output", "x", "{}")
"""


def _start() -> subprocess.Popen[bytes]:
    child = subprocess.Popen([sys.executable, "-c", KILLED], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    return child


def _kill(child: subprocess.Popen[bytes]) -> None:
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    assert child.stdout is not None
    child.stdout.close()


def test_kill_at_any_moment_leaves_a_whole_ledger(rng: np.random.Generator) -> None:
    """Two processes append at once, each is killed while the other goes on or after it."""
    home = home_dir()
    for wait_s in rng.uniform(0.001, 0.08, 6):
        both = [_start(), _start()]
        for child in both:
            time.sleep(wait_s)
            _kill(child)
        report = ledger.verify_ledger(home)
        assert not report.broken, report.problems
    before = ledger.verify_ledger().rows
    ledger.append("output", "after", "{}")
    assert ledger.verify_ledger().rows == before + 1


def test_a_clock_set_back_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    class Earlier(datetime):
        @classmethod
        def now(cls, tz=None):  # type: ignore[no-untyped-def,override]
            return datetime.now(tz) - timedelta(days=400)

    _fill(2)
    assert ledger.verify_ledger().notes == ()
    monkeypatch.setattr(store, "datetime", Earlier)
    _fill(2)
    report = ledger.verify_ledger()
    assert not report.broken
    assert report.notes == ("row 3: this machine's clock had been set back",)
    assert [row.kind for row in ledger.rows()] == ["output", "output", "clock", "output", "output"]
    assert "note: row 3" in "\n".join(report.lines())


def test_a_folder_without_permission_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_words: object) -> None:
        raise PermissionError(13, "Permission denied")

    _fill(1)
    shutil.copytree(home_dir(), tmp_path / "copy")
    monkeypatch.setattr(sqlite3, "connect", refuse)
    with pytest.raises(ProvenanceError, match="the ledger cannot be used"):
        ledger.append("output", "x", "{}", home=tmp_path / "copy")


def test_reading_needs_no_prior_ledger(tmp_path: Path) -> None:
    read: Callable[..., tuple[ledger.LedgerRow, ...]] = ledger.rows
    assert read(home=tmp_path) == ()


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on the size of files there")
def test_no_room_for_a_row_is_said_as_that(tmp_path: Path) -> None:
    script = """
import resource, signal
from masquerade.errors import OutputError
from masquerade.provenance import ledger
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
ledger.append("output", "first", "{}")
resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
try:
    for number in range(100):
        ledger.append("output", f"hash {number}", '"' + "y" * 3000 + '"')
except OutputError as error:
    print(error)
"""
    env = {**os.environ, "MASQUERADE_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [sys.executable, "-c", script], env=env, capture_output=True, text=True, check=True
    )
    assert "no room to write the ledger" in done.stdout
    assert not ledger.verify_ledger(home=tmp_path / "home").broken
