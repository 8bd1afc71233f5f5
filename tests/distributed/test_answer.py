"""What comes back is taken only from machines that are like this one."""

from __future__ import annotations

import pytest

from masquerade.distributed.answer import Answer, Asked, answer, given_by
from masquerade.distributed.likeness import likeness, traits
from masquerade.distributed.token import take_token, token_file
from masquerade.errors import FaceError, ProvenanceError, UsageError


def _adder(step: int):
    def add(one: int) -> int:
        if one < 0:
            raise FaceError("no face", "a face", "look again")
        return one + step

    return add


def test_a_piece_is_done_and_given() -> None:
    assert given_by(answer(Asked(_adder, 2), 3)) == 5


def test_an_error_keeps_its_kind_and_its_words() -> None:
    with pytest.raises(FaceError) as caught:
        given_by(answer(Asked(_adder, 2), -1))
    assert (caught.value.found, caught.value.todo) == ("no face", "look again")


@pytest.mark.parametrize("told", [Answer(5, None, "masquerade-other"), 5])
def test_an_unlike_machine_is_refused(told: object) -> None:
    with pytest.raises(ProvenanceError):
        given_by(told)  # type: ignore[arg-type]


def test_likeness_follows_versions_and_processor(monkeypatch) -> None:
    before = likeness()
    monkeypatch.setattr("masquerade.distributed.likeness.version", lambda _: "0")
    assert likeness() != before
    assert traits()["processor"]


def test_a_token_is_kept_once(tmp_path) -> None:
    given = token_file(tmp_path / "head")
    take_token(given, home=tmp_path / "other")
    take_token(given, home=tmp_path / "other")
    assert token_file(tmp_path / "other").read_bytes() == given.read_bytes()
    with pytest.raises(UsageError, match="another cluster's token"):
        take_token(token_file(tmp_path / "third"), home=tmp_path / "other")
    (tmp_path / "word").write_text("hello")
    with pytest.raises(UsageError, match="holds no token"):
        take_token(tmp_path / "word", home=tmp_path / "fourth")
