import json
import sqlite3
from datetime import UTC, datetime, timedelta
from itertools import combinations
from types import ModuleType

import pytest

from masquerade.errors import ConsentError, ProvenanceError
from masquerade.provenance import ledger
from masquerade.provenance.consent.challenge import (
    COUNT,
    WORDS,
    Challenge,
    answered,
    challenges,
    draw,
    heard_of,
    waiting,
)
from masquerade.provenance.consent.sounds_like import alike
from masquerade.provenance.consent.statement import statement
from masquerade.provenance.home import home_dir

STATED = statement("Ada Roth", "Studio North", ["short film"])
NOW = datetime.now(UTC)


def _said(drawn: Challenge) -> list[str]:
    return ["my", "words", "are", *drawn.words]


def test_no_two_words_are_taken_for_each_other() -> None:
    assert len(WORDS) == len(set(WORDS)) > 150
    assert max(alike(one, other) for one, other in combinations(WORDS, 2)) < 0.6


def test_words_differ_from_draw_to_draw_and_name_nobody_in_the_ledger() -> None:
    drawn = [draw(STATED) for _ in range(5)]
    assert len({one.words for one in drawn}) == 5
    assert all(len(set(one.words)) == COUNT for one in drawn)
    assert challenges() == tuple(drawn)
    assert "Ada" not in "".join(row.body for row in ledger.rows(kind="challenge"))


def test_the_words_heard_name_their_challenge() -> None:
    one, other = draw(STATED), draw(STATED)
    assert answered(STATED, _said(one)).id == one.id
    assert answered(STATED, _said(other)).id == other.id
    assert answered(STATED, [*_said(one)[:-1], "mumble"]).id == one.id


@pytest.mark.parametrize("change", ["two missing", "turned round", "none"])
def test_other_words_are_refused(change: str) -> None:
    drawn = list(draw(STATED).words)
    heard = {"two missing": drawn[2:], "turned round": drawn[::-1], "none": ["hello"]}[change]
    with pytest.raises(ConsentError, match="of the six words at the end of the statement"):
        answered(STATED, heard)


def test_an_old_recording_is_told_to_be_old() -> None:
    drawn = draw(STATED)
    with pytest.raises(ConsentError, match="the recording is too old"):
        answered(STATED, _said(drawn), now=NOW + timedelta(days=8))
    with pytest.raises(ConsentError, match="the clock was set back"):
        answered(STATED, _said(drawn), now=NOW - timedelta(days=1))


def test_words_are_good_for_one_record(scene: ModuleType) -> None:
    drawn = draw(STATED)
    assert waiting(STATED)
    record = scene.make_record(embeddings=(), voices=[scene.voice(challenge=drawn.id)])
    assert not waiting(STATED)
    with pytest.raises(ConsentError, match=f"were used for consent {record.id}"):
        answered(STATED, _said(drawn))


@pytest.mark.parametrize(
    "other",
    [
        statement("Bob Roth", "Studio North", ["short film"]),
        statement("Ada Roth", "Studio South", ["short film"]),
        statement("Ada Roth", "Studio North", ["short film", "advertising"]),
    ],
)
def test_words_of_another_statement_are_refused(other) -> None:
    drawn = draw(other)
    assert not waiting(STATED)
    with pytest.raises(ConsentError, match="drawn for another name, grantee or purpose"):
        answered(STATED, _said(drawn))


def test_without_a_printed_statement_nothing_is_taken() -> None:
    with pytest.raises(ConsentError, match="is waiting to be read"):
        answered(STATED, ["window"])


def test_a_ledger_that_was_edited_is_refused() -> None:
    drawn = draw(STATED)
    body = json.loads(ledger.rows(kind="challenge")[0].body) | {"until": "2040-01-01T00:00:00Z"}
    with sqlite3.connect(home_dir() / "ledger.sqlite") as connection:
        connection.execute("DROP TRIGGER no_update")
        connection.execute("UPDATE rows SET body = ?", [json.dumps(body)])
    with pytest.raises(ProvenanceError):
        answered(STATED, _said(drawn))


def test_a_word_written_as_two_is_heard() -> None:
    assert heard_of(["strawberry", "zebra"], ["straw", "berry", "zebra"]) == (0, 2)
    assert heard_of(["zebra"], []) == ()
