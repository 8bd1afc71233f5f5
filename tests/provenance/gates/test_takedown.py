"""Notices of takedown: what a valid one has, the clock, and a list that cannot be thinned out."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from masquerade.errors import PolicyError, ProvenanceError, UsageError
from masquerade.provenance import ledger
from masquerade.provenance.gates import takedown
from masquerade.provenance.gates.takedown import (
    BlockList,
    Notice,
    add,
    finish,
    new_notice,
    standings,
    withdraw,
)
from masquerade.provenance.home import home_dir

BITS = bytes(range(32))


def _notice(**changes: object) -> Notice:
    values: dict[str, object] = {
        "who": "Ann Example",
        "contact": "ann@example.org",
        "what": "a clip seen on a forum",
        "good_faith": "I believe in good faith that it was published without my consent.",
        "signature": "Ann Example",
        "signed_on": date(2026, 5, 2),
        "pictures": [BITS],
        "faces": [np.full(128, 0.1, np.float32)],
    }
    return new_notice(**(values | changes))  # type: ignore[arg-type]


def test_a_notice_is_listed_and_blocks() -> None:
    notice = _notice()
    add(notice)
    (standing,) = standings()
    assert (standing.id, standing.state, standing.notice) == (notice.id, "open", notice)
    listed = BlockList.read()
    assert listed.pictures.tobytes() == BITS
    assert listed.face_ids == listed.picture_ids == (notice.id,)
    assert np.allclose(listed.faces, 0.1)


@pytest.mark.parametrize("name", ["who", "contact", "what", "good_faith", "signature"])
@pytest.mark.parametrize("text", ["", "  "])
def test_a_notice_that_lacks_a_field_is_no_valid_one(name: str, text: str) -> None:
    with pytest.raises(UsageError, match=name):
        _notice(**{name: text})


@pytest.mark.parametrize(
    "changes",
    [
        {"pictures": [], "faces": []},
        {"faces": [np.full(128, np.nan, np.float32)]},
        {"faces": [np.zeros(128, np.float32)]},
        {"faces": [np.zeros(64, np.float32)]},
        {"signed_on": date(2999, 1, 1)},
        {"received": datetime(2999, 1, 1, tzinfo=UTC)},
    ],
)
def test_a_notice_of_nothing_or_of_the_future_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        _notice(**changes)


def test_the_clock_runs_from_receipt_for_48_hours_until_it_is_done() -> None:
    now = datetime.now(UTC)
    notice = _notice(received=now - timedelta(hours=40))
    standing = add(notice)
    assert standing.left(now) == timedelta(hours=8)
    assert "8.0 h left" in standing.line(now)
    assert "OVERDUE by 2.0 h" in standing.line(now + timedelta(hours=10))
    finish(notice.id, "removed from the site")
    (standing,) = standings()
    assert (standing.state, standing.left(now)) == ("done", None)
    assert len(BlockList.read().faces) == 1


def test_a_line_of_the_list_names_nobody() -> None:
    notice = _notice()
    line = add(notice).line(datetime.now(UTC))
    assert notice.id in line
    assert not {"Ann", "ann@example.org", "forum"} & set(line.replace(",", " ").split())


def test_nothing_of_a_notice_lies_open(tmp_path: Path) -> None:
    add(_notice(), home=tmp_path)
    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"Ann" not in stored
    assert BITS.hex().encode() not in stored
    for row in ledger.rows(home=tmp_path):
        assert "Ann" not in row.body


def test_a_withdrawn_notice_blocks_no_more_and_its_text_is_gone() -> None:
    notice = _notice()
    add(notice)
    withdraw(notice.id, "entered twice")
    (standing,) = standings()
    assert (standing.state, standing.notice) == ("withdrawn", None)
    assert not len(BlockList.read().faces)
    assert not list((home_dir() / "takedowns").iterdir())
    for act in (finish, withdraw):
        with pytest.raises(UsageError, match="already"):
            act(notice.id, "again")


@pytest.mark.parametrize("act", [finish, withdraw])
def test_ending_a_notice_takes_a_reason_and_a_notice(act: Callable[..., None]) -> None:
    notice = _notice()
    add(notice)
    with pytest.raises(UsageError, match="no reason"):
        act(notice.id, " ")
    with pytest.raises(UsageError, match="there is no notice"):
        act("mqt-0000000000000000", "why not")
    assert standings()[0].state == "open"


def _file(notice: Notice) -> Path:
    return home_dir() / "takedowns" / f"{notice.id}.notice"


@pytest.mark.parametrize("harm", ["removed", "emptied", "cut", "a byte", "another's", "folder"])
def test_a_list_that_was_touched_closes(harm: str) -> None:
    notice, other = _notice(), _notice()
    add(notice)
    add(other)
    path, data = _file(notice), _file(notice).read_bytes()
    if harm in ("removed", "folder"):
        path.unlink()
    if harm == "folder":
        _file(other).unlink()
        path.parent.rmdir()
    harmed = {
        "emptied": b"",
        "cut": data[: len(data) // 2],
        "a byte": data[:-1] + bytes([data[-1] ^ 1]),
        "another's": _file(other).read_bytes() if _file(other).exists() else b"",
    }
    if harm in harmed:
        path.write_bytes(harmed[harm])
    with pytest.raises(PolicyError, match=notice.id):
        BlockList.read()


def test_a_list_opened_to_others_closes() -> None:
    notice = _notice()
    add(notice)
    _file(notice).chmod(0o644)
    with pytest.raises(PolicyError, match="cannot be read"):
        BlockList.read()


def test_a_lost_notice_can_be_given_up_with_a_reason() -> None:
    notice = _notice()
    add(notice)
    _file(notice).unlink()
    withdraw(notice.id, "the disk failed")
    assert not len(BlockList.read().faces)
    assert "the disk failed" in ledger.rows(kind=takedown.WITHDRAWN)[0].body


def test_a_row_taken_out_of_the_ledger_closes() -> None:
    import sqlite3
    from contextlib import closing

    notice = _notice()
    add(notice)
    with closing(sqlite3.connect(home_dir() / "ledger.sqlite")) as connection:
        connection.execute("DROP TRIGGER no_delete")
        connection.execute("DELETE FROM rows")
        connection.commit()
    with pytest.raises(ProvenanceError):
        BlockList.read()


def test_a_file_without_a_row_closes_the_list() -> None:
    """An emptied ledger has forgotten its notices; their files give it away."""
    notice = _notice()
    add(notice)
    data = _file(notice).read_bytes()
    _file(notice).with_name("mqt-1111111111111111.notice").write_bytes(data)
    with pytest.raises(PolicyError, match="does not know the notice mqt-1111111111111111"):
        standings()
