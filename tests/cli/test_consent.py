"""Consent records are made, shown, checked, trusted and revoked; asked for on a terminal."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from masquerade import personas
from masquerade.cli import consent, main
from masquerade.errors import ModelError
from masquerade.provenance.consent.records import Kind, load


@pytest.fixture
def photo(media_dir: Path) -> Path:
    return media_dir / "personas" / "persona_b00.jpg"


ESTATE = ["--kind", "estate", "--representative", "Max", "--authority", "will"]
ESTATE += ["--evidence", "registry 17", "--died-on", "2019-03-01"]
MINOR = ["--guardian", "Eva", "--relation", "mother", "--of-age-on", "2036-05-04"]
CTRL_C, CTRL_D = "\x03", "\x04"


def _new(out: Path, *more: object) -> list[str]:
    words = ["consent", "new", "-o", out, "--name", "Ada", "--grantee", "tests"]
    return [str(word) for word in (*words, "--purpose", "test", *more)]


@pytest.mark.parametrize(
    ("more", "code", "words"),
    [
        (["--face", "missing.jpg"], 2, "of age"),
        (["--adult"], 2, "--face is missing"),
        (["--adult", "--kind", "persona", "--face", "x.jpg"], 2, "--proof is missing"),
        (["--adult", "--kind", "ghost", "--face", "x.jpg"], 2, "invalid choice"),
        (["--adult", "--kind", "estate", "--face", "x.jpg"], 2, "--representative is missing"),
        ([*ESTATE[:-1], "long ago", "--adult", "--face", "x.jpg"], 2, "is no day"),
        (["--adult", "--guardian", "Eva", "--face", "x.jpg"], 2, "both --adult and a guardian"),
        (["--guardian", "Eva", "--face", "x.jpg"], 2, "--relation is missing"),
        ([*MINOR[:-2], "--face", "x.jpg"], 2, "--of-age-on is missing"),
        ([*MINOR, "--relation", "x", "--face", "x.jpg"], 2, "1 guardian(s), 2 relation(s)"),
        ([*MINOR, "--statement", "I consent", "--face", "x.jpg"], 2, "does not hold that name"),
        (["--adult", "--face", "x.jpg", "--until", "tomorrow"], 2, "is no day"),
        (["--adult", "--face", "x.jpg", "--until", "9999-12-31"], 2, "is no day"),
    ],
)
def test_what_is_missing_is_named(more, code, words, tmp_path, capsys) -> None:
    out = tmp_path / "ada.consent"
    assert main([*_new(out, *more), "--json"]) == code
    assert words in json.loads(capsys.readouterr().out)["error"]["found"]
    assert not out.exists()


def test_a_missing_folder_is_told_before_anything_is_asked(tmp_path, capsys) -> None:
    assert main([*_new(tmp_path / "none" / "ada.consent"), "--json"]) == 2
    assert "there is no folder" in json.loads(capsys.readouterr().out)["error"]["found"]


@pytest.mark.weights
def test_a_folder_is_no_photo(tmp_path, capsys) -> None:
    words = _new(tmp_path / "ada.consent", "--adult", "--face", tmp_path)
    assert main([*words, "--json"]) == 2
    assert "is a folder" in json.loads(capsys.readouterr().out)["error"]["found"]


@pytest.mark.media
@pytest.mark.weights
def test_photos_of_two_people_make_no_record(media_dir, tmp_path, capsys) -> None:
    one, other = (media_dir / "personas" / f"persona_{name}.jpg" for name in ("a00", "b10"))
    out = tmp_path / "two.consent"
    assert main([*_new(out, "--adult", "--face", one, "--face", other), "--json"]) == 4
    assert "show different people" in json.loads(capsys.readouterr().out)["error"]["found"]
    assert not out.exists()


@pytest.mark.media
@pytest.mark.weights
def test_a_record_through_its_life(photo, media_dir, tmp_path, capsys) -> None:
    out = tmp_path / "ada lovelace.consent"

    def run(*words: object) -> tuple[int, dict]:
        code = main([*map(str, words), "--json"])
        return code, json.loads(capsys.readouterr().out)

    code, told = run(*_new(out, "--adult", "--face", photo))
    assert (code, told["record"]["subject"]) == (0, "Ada")
    assert "faces" not in told["record"]
    assert run("consent", "show", out)[0] == 0
    assert run("consent", "verify", out, "--face", photo)[0] == 0
    code, told = run("consent", "verify", out, "--face", photo.with_name("persona_b10.jpg"))
    assert (code, told["error"]["kind"]) == (3, "ConsentError")
    assert run("consent", "trust", out, "--name", "me")[0] == 0
    code, told = run("consent", "revoke", out)
    assert (code, told["outputs_sha256"]) == (0, [])
    assert run("consent", "verify", out)[0] == 3
    assert "REVOKED since 20" in run("consent", "show", out)[1]["notes"][0]
    assert run(*_new(out, "--adult", "--face", photo))[0] == 2  # it exists


def _talk(words: list[str], answers: dict[str, str]) -> tuple[int, str]:
    """Exit code and everything shown of a command on a terminal that answers its questions."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "masquerade", *words]
    running = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown, until, waiting = "", time.monotonic() + 60, dict(answers)
    again = float("inf")
    while time.monotonic() < until:
        if time.monotonic() > again and running.poll() is None:
            # Python misses a signal that comes just before it waits; people press Ctrl-C again.
            running.send_signal(signal.SIGINT)
            again = time.monotonic() + 5
        if select.select([ours], [], [], 0.1)[0]:
            try:
                shown += os.read(ours, 4096).decode()
            except OSError:  # the other end is closed
                break
        for question in [one for one in waiting if one in shown]:
            answer = waiting.pop(question)
            if answer == CTRL_C:  # the terminal is not the program's own, so it sends no signal
                running.send_signal(signal.SIGINT)
                again = time.monotonic() + 5
            else:
                os.write(ours, f"{answer}\n".encode())
    os.close(ours)
    return running.wait(timeout=10), shown


@pytest.mark.media
@pytest.mark.weights
def test_on_a_terminal_it_asks_for_what_is_not_given(photo, media_dir, tmp_path) -> None:
    out = tmp_path / "ada.consent"
    code, shown = _talk(
        ["consent", "new", "-o", str(out)],
        {
            "Whose face or voice is it?": "persona",
            "What may be used?": "",
            "Last day (": "2030-02-01",
            "Name or pseudonym": "Ada Ü",
            "Who may use": "tests",
            "What for": "test, film",
            "Photo of": str(photo),
            "File that shows": str(media_dir / "MANIFEST.csv"),
            "Who declares": "SFHQ",
            "of age": "yes",
        },
    )
    assert code == 0, shown
    record = load(out)
    assert (record.kind, record.subject) == ("persona", "Ada Ü")
    assert record.purposes == ("test", "film")
    assert record.valid_until == datetime(2030, 2, 2, tzinfo=UTC)


def test_a_wrong_answer_is_asked_for_again_and_ctrl_d_ends_with_2(tmp_path) -> None:
    out = tmp_path / "ada.consent"
    code, shown = _talk(
        ["consent", "new", "-o", str(out)],
        {
            "Whose face or voice is it?": "ghost",
            "ghost: one of subject": "",
            "What may be used?": "hair",
            "hair: one of face, voice": "voice",
            "Name or pseudonym": CTRL_D,
        },
    )
    assert code == 2, shown
    assert "the questions were broken off" in shown
    assert "Traceback" not in shown
    assert not out.exists()


@pytest.mark.parametrize("word", ["nosuch", "mqc-fake1", "ada.consnet"])
def test_revoking_what_is_no_record_says_so(word, capsys, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["consent", "revoke", word]) == 2
    assert "nothing was revoked" in capsys.readouterr().err


@pytest.mark.media
@pytest.mark.weights
@pytest.mark.parametrize(
    ("more", "shown"),
    [
        ([*ESTATE, "--adult"], "Max, named in the will (registry 17); died on 2019-03-01"),
        (MINOR, "Eva (mother), signed on "),
        (
            [*MINOR, "--statement", "I, Eva, agree.", "--signed-on", "2026-01-02"],
            "Eva (mother), signed on 2026-01-02: “I, Eva, agree.”",
        ),
    ],
)
def test_who_speaks_for_the_person_is_shown(more, shown, photo, tmp_path, capsys) -> None:
    out = tmp_path / "one.consent"
    assert main(_new(out, "--face", photo, *more)) == 0
    assert shown in capsys.readouterr().out
    assert main(["consent", "show", str(out)]) == 0
    assert shown in capsys.readouterr().out


@pytest.mark.media
@pytest.mark.weights
def test_the_dialogue_asks_who_consents_for_a_minor(photo, tmp_path) -> None:
    out = tmp_path / "mia.consent"
    code, shown = _talk(
        ["consent", "new", "-o", str(out), "--name", "Mia", "--grantee", "tests"],
        {
            "Whose face or voice is it?": "",
            "What may be used?": "",
            "What for": "school film",
            "of age, and do you attest": "no",
            "Is a guardian here": "yes",
            "Name of the guardian": "Eva",
            "What they are": "mother",
            "From which day": "2036-05-04",
            "Last day (": "",
            "Photo of": f"{tmp_path}/nosuch.jpg",
            "there is no file": f"'{photo}'",
            "Eva says": "",
        },
    )
    assert code == 0, shown
    assert load(out).guardians[0].statement.startswith("I, Eva, mother of Mia, consent")


def test_ctrl_c_while_asking_leaves_nothing(tmp_path) -> None:
    from masquerade.provenance.home import home_place

    out = tmp_path / "ada.consent"
    code, shown = _talk(
        ["consent", "new", "-o", str(out)],
        {"Whose face or voice is it?": "", "What may be used?": "", "Name or pseudonym": CTRL_C},
    )
    assert code == 130, shown
    assert "Traceback" not in shown
    assert not list(tmp_path.iterdir())
    assert not home_place().exists() or not list(home_place().iterdir())


def test_an_unknown_id_is_not_revoked_by_a_slip(capsys) -> None:
    words = ["consent", "revoke", "mqc-0123456789abcdef"]
    assert main(words) == 2
    assert "no record mqc-0123456789abcdef was ever made or used here" in capsys.readouterr().err
    assert main([*words, "--unknown"]) == 0
    assert "refuse" not in capsys.readouterr().out


def test_a_revocation_goes_from_machine_to_machine(tmp_path, capsys, monkeypatch) -> None:
    told = tmp_path / "told.revoked"
    words = ["consent", "revoke", "mqc-0123456789abcdef", "--unknown", "--why", "she asked"]
    assert main([*words, "--export", str(told)]) == 0
    assert main(["consent", "revoke", str(told), "--json"]) == 0
    monkeypatch.setenv("MASQUERADE_HOME", str(tmp_path / "other"))
    capsys.readouterr()
    assert main(["consent", "revoke", str(told)]) == 3
    assert "signed by an unknown key" in capsys.readouterr().err


@pytest.mark.parametrize("paper", ["a4", "letter"])
def test_a_record_is_exported_as_a_page_to_sign(paper, tmp_path, capsys) -> None:
    pytest.importorskip("reportlab")
    out = tmp_path / "ada.pdf"
    record = personas.load("ada").consent
    words = ["consent", "export", str(record), "-o", str(out), "--paper", paper]
    assert main(words) == 0
    assert out.read_bytes().startswith(b"%PDF")
    assert "on one page to sign" in capsys.readouterr().out
    assert main(words) == 1  # it exists
    assert main(["consent", "export", "-o", str(tmp_path / "blank.pdf")]) == 0
    assert "a blank form" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("methods", "purposes", "body", "command"),
    [
        (("any",), ("film",), False, "swap ada.jpg TARGET"),
        (("any",), ("film",), True, "body ada.jpg TARGET"),
        (("lipsync", "voice_convert"), ("film",), False, "lipsync TARGET --speech SOUND"),
        (("portrait",), ("film",), False, "portrait ada.jpg --speech SOUND"),
        (("any",), ("examination",), False, "person enrol NAME FOOTAGE..."),
    ],
)
def test_what_a_record_is_for_is_named(
    methods: tuple[str, ...], purposes: tuple[str, ...], body: bool, command: str
) -> None:
    given = SimpleNamespace(face=[Path("ada.jpg")], body=body)
    record = SimpleNamespace(methods=methods, purposes=purposes)

    assert consent._used(given, record).startswith(command)  # type: ignore[arg-type]


def test_a_photo_that_cannot_lend_a_body_is_told_with_the_record() -> None:
    ada = Path(personas.__file__).parent / "ada" / "picture.jpg"
    given = SimpleNamespace(face=[ada], body=True)
    record = SimpleNamespace(kind=Kind.SUBJECT, methods=("any",), purposes=("film",))

    unfit = consent._unfit(given, record)  # type: ignore[arg-type]

    assert "picture.jpg itself cannot lend the body: " in unfit[ada]
    assert consent._used(given, record, unfit).startswith("body PHOTO TARGET")  # type: ignore[arg-type]


def test_a_record_is_told_where_nobody_can_look_at_its_photo(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(**_: object) -> None:
        raise ModelError("body_pose is not here", "its weights")

    monkeypatch.setattr("masquerade.bodies.pose.BodyReader.open", missing)
    given = SimpleNamespace(face=[Path("ada.jpg")], body=True)

    (told,) = consent._unfit(given, SimpleNamespace(kind=Kind.SUBJECT)).values()  # type: ignore[arg-type]

    assert told.endswith(
        "ada.jpg itself can lend the body was not looked at: body_pose is not here"
    )
