"""Questions: a wrong answer is asked for again, a wrong flag is an error, nobody else is asked."""

import argparse
import io
from datetime import date

import pytest

from masquerade.cli.asking import Asker
from masquerade.errors import UsageError

AMONG = {"will": "named in the will", "court": "appointed by a court"}


class Terminal(io.StringIO):
    """Lines that somebody types."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def asker(monkeypatch):
    """An asker of whom the flags and the lines typed are known; no lines: no terminal."""

    def make(*typed: str, **flags: object) -> Asker:
        lines = "".join(f"{line}\n" for line in typed)
        monkeypatch.setattr("sys.stdin", Terminal(lines) if typed else io.StringIO())
        return Asker(argparse.Namespace(**{"word": None, **flags}))

    return make


def test_what_is_no_day_or_none_of_the_words_is_asked_for_again(asker, capsys) -> None:
    assert asker("tomorrow", "2019-03-01").day("word", "When") == date(2019, 3, 1)
    assert asker("fate", "court").one_of("word", "By what right?", AMONG) == "court"
    assert asker("", "", "Ada").text("word", "Name?") == "Ada"
    assert asker(",", "a, b").several("word", "What for?") == ["a", "b"]
    assert asker("ja", "YES").yes("Is it so?")
    told = capsys.readouterr().err
    for words in ("tomorrow is no day: such as", "fate: one of will, court", "yes or no"):
        assert words in told


def test_an_empty_answer_is_the_usual_one(asker) -> None:
    usual = date(2030, 1, 2)
    assert asker("").day("word", "Last day", usual) == usual
    assert asker("").one_of("word", "By what right?", AMONG) == "will"
    assert asker("").more("Says?", "yes") == "yes"


def test_a_wrong_flag_is_an_error_at_once(asker) -> None:
    with pytest.raises(UsageError, match="--word fate"):
        asker("court", word="fate").one_of("word", "By what right?", AMONG)
    with pytest.raises(UsageError, match="--word soon is no day"):
        asker("2030-01-02", word="soon").day("word", "When")


def test_without_a_terminal_nobody_is_asked(asker) -> None:
    assert asker().one_of("word", "By what right?", AMONG) == "will"
    assert not asker().yes("Is it so?")
    with pytest.raises(UsageError, match="--word is missing"):
        asker().text("word", "Name?")


def test_the_end_of_the_answers_is_no_endless_question(asker) -> None:
    with pytest.raises(UsageError, match="broken off"):
        asker("").text("word", "Name?")
