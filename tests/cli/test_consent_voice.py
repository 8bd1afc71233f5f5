"""Statements are printed, and records bound to the voice that reads them, on the command line."""

import io
import json
from pathlib import Path

import numpy as np
import pytest

from masquerade.cli import consent_voice, main
from masquerade.errors import ConsentError, InputError
from masquerade.models.card import card
from masquerade.provenance.consent import statement_check
from masquerade.provenance.consent.challenge import challenges
from masquerade.provenance.consent.heard_voice import HeardVoice
from masquerade.provenance.consent.records import load

TERMS = ["--name", "Ada Roth", "--grantee", "Studio North", "--purpose", "short film"]


class Terminal(io.StringIO):
    """Lines that somebody types."""

    def isatty(self) -> bool:
        return True


def _voice(*, challenge: str) -> HeardVoice:
    vector = np.ones(256, np.float32) / 16
    heard = "I, Ada Roth, consent" if challenge else ""
    return HeardVoice(vector, card("speaker").sha256, "e" * 64, 12.0, challenge, heard)


@pytest.fixture
def hears(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Recordings that were listened to; each is heard to say what was printed last."""
    heard: list[Path] = []

    def hear(path: Path, *_: object, **__: object) -> HeardVoice:
        heard.append(path)
        if path.name == "wrong.wav":
            raise ConsentError("something else is said", "the statement", "record it again")
        return _voice(challenge=challenges()[-1].id)

    def listen(path: Path, *_: object, **__: object) -> HeardVoice:
        heard.append(path)
        return _voice(challenge="")

    monkeypatch.setattr(statement_check, "hear_statement", hear)
    monkeypatch.setattr(statement_check, "hear_recording", listen)
    monkeypatch.setattr(statement_check.StatementReader, "open", lambda **_: None)
    monkeypatch.setattr("masquerade.provenance.consent.voice_reader.VoiceReader.open", _none)
    return heard


def _none(**_: object) -> None:
    """No network is opened."""


def _run(capsys, *words: object) -> tuple[int, dict]:
    code = main([*map(str, words), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_statement_is_printed_with_words_of_its_own(capsys) -> None:
    code, told = _run(capsys, "consent", "statement", *TERMS)
    assert code == 0
    start = (
        "I, Ada Roth, consent that Studio North makes and uses a synthetic version of my voice"
        " for short film. Today is "
    )
    assert told["statement"].startswith(start)
    assert told["statement"].endswith(f"My words are: {', '.join(told['words'])}.")
    assert main(["consent", "statement", *TERMS]) == 0
    shown = capsys.readouterr().out
    assert "masquerade consent new -o OUT.consent" in shown
    assert challenges()[0].id == told["id"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ([], "--name is missing"),
        (TERMS[:4], "--purpose is missing"),
        ([*TERMS[:4], "--purpose", "any"], "names no purpose"),
        ([*TERMS, "--language", "de"], "cannot be heard yet"),
    ],
)
def test_what_is_missing_is_named(more: list[str], words: str, capsys) -> None:
    code, told = _run(capsys, "consent", "statement", *more)
    assert (code, words in told["error"]["found"]) == (2, True)
    assert challenges() == ()


def test_a_record_of_a_voice_through_its_life(tmp_path, hears, capsys, monkeypatch) -> None:
    out = tmp_path / "ada.consent"
    new = ["consent", "new", "-o", out, *TERMS, "--adult", "--voice", tmp_path / "ada.wav"]
    _run(capsys, "consent", "statement", *TERMS)
    code, told = _run(capsys, *new)
    assert (code, told["record"]["modality"]) == (0, ["voice"])
    assert told["record"]["media"] == ["video", "audio"]
    assert "encrypted" not in told["record"]["voices"][0]
    assert "`masquerade examine` looks for" in told["notes"][-1]
    assert hears == [tmp_path / "ada.wav"]
    assert load(out).voices[0].challenge == challenges()[0].id
    code, told = _run(capsys, "consent", "verify", out, "--face", tmp_path / "none.jpg")
    assert code != 0
    for vector, expected in ((np.ones(256), 0), (np.eye(256)[0], 3)):
        voice = HeardVoice(vector.astype(np.float32), card("speaker").sha256, "e" * 64, 9.0)
        monkeypatch.setattr(consent_voice, "verify_voice", lambda _, voice=voice: voice)
        code, told = _run(capsys, "consent", "verify", out, "--voice", tmp_path / "other.wav")
        assert code == expected
    assert _run(capsys, "consent", "revoke", out)[0] == 0
    assert _run(capsys, "consent", "verify", out)[0] == 3


def test_a_recording_that_is_no_consent_makes_no_record(tmp_path, hears, capsys) -> None:
    out = tmp_path / "ada.consent"
    new = ["consent", "new", "-o", out, *TERMS, "--adult"]
    code, told = _run(capsys, *new, "--voice", tmp_path / "wrong.wav")
    assert (code, told["error"]["found"]) == (3, "something else is said")
    code, told = _run(capsys, *new, "--voice", "a.wav", "--voice", "b.wav")
    assert (code, "recordings of a statement" in told["error"]["found"]) == (2, True)
    assert not out.exists()


def test_no_recording_is_the_voice_of_a_persona(tmp_path, hears, capsys) -> None:
    out, proof = tmp_path / "eve.consent", tmp_path / "how.txt"
    proof.write_text("mixed by hand")
    words = ["consent", "new", "-o", out, "--kind", "persona", *TERMS, "--adult"]
    words += ["--proof", proof, "--declared-by", "Studio North", "--voice", "a.wav"]
    code, told = _run(capsys, *words)
    assert (code, told["error"]["found"]) == (2, "a recording for the voice of a persona")
    assert "personas list" in told["error"]["todo"]
    assert (out.exists(), hears) == (False, [])


def test_somebody_who_is_asked_is_shown_the_statement(tmp_path, hears, capsys, monkeypatch) -> None:
    typed = ["voice", "Ada Roth", "Studio North", "short film", "", "wrong.wav", "'ada.wav'"]
    monkeypatch.setattr("sys.stdin", Terminal("".join(f"{line}\n" for line in typed)))
    out = tmp_path / "ada.consent"
    assert main(["consent", "new", "-o", str(out), "--kind", "subject", "--adult"]) == 0
    told = capsys.readouterr()
    assert "reads this aloud" in told.err
    assert ", ".join(challenges()[0].words) in told.err
    assert "something else is said; record it again" in told.err
    assert [path.name for path in hears] == ["wrong.wav", "ada.wav"]


def test_a_recording_that_cannot_be_read_is_told(tmp_path) -> None:
    with pytest.raises(InputError, match=r"none\.wav cannot be read"):
        consent_voice.verify_voice(tmp_path / "none.wav")
