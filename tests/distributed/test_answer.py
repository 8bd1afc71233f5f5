"""What comes back is taken only from machines that are like this one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import masquerade
from masquerade.distributed.answer import Answer, Asked, answer, given_by
from masquerade.distributed.likeness import likeness, traits
from masquerade.distributed.program import check_stamp, program, stamp
from masquerade.distributed.token import take_token, token_file
from masquerade.errors import FaceError, MasqueradeError, ProvenanceError, UsageError


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


@pytest.mark.parametrize(
    "fault", [(), ("FaceError",), (1, "a", "b", "c"), 7, ("FaceError", 1, 2, 3)]
)
def test_an_error_that_is_none_is_refused(fault: object) -> None:
    with pytest.raises(ProvenanceError, match="an error came back that is none"):
        given_by(Answer(None, fault, likeness()))  # type: ignore[arg-type]


def test_likeness_follows_versions_and_processor(monkeypatch) -> None:
    before = likeness()
    monkeypatch.setattr("masquerade.distributed.likeness.version", lambda _: "0")
    assert likeness() != before
    assert traits()["processor"]


def test_an_update_of_the_same_version_is_another_program(monkeypatch, tmp_path) -> None:
    before = likeness()
    monkeypatch.setattr("masquerade.distributed.likeness.program", lambda: "other")
    assert likeness() != before  # so that its pieces are refused, and it is given none
    package = tmp_path / "masquerade"
    (package / "jobs").mkdir(parents=True)
    monkeypatch.setattr(masquerade, "__file__", str(package / "__init__.py"))
    program.cache_clear()
    names = [program()]
    stamps = [stamp()]
    for text in ("a = 1", "a = 2"):
        (package / "jobs" / "code.py").write_text(text)
        os.utime(package / "jobs" / "code.py", (1, 1 + len(names)))
        program.cache_clear()
        names.append(program())
        stamps.append(stamp())
    program.cache_clear()
    assert len(set(names)) == len(set(stamps)) == 3
    check_stamp(stamps[-1])
    with pytest.raises(MasqueradeError, match="was updated"):
        check_stamp(stamps[0])


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
    with pytest.raises(UsageError, match="cannot be read"):
        take_token(Path("/dev/zero"), home=tmp_path / "fourth")  # which never ends
