"""Every command with --json prints one JSON object and nothing else, whatever its exit code."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from masquerade.cli import FIXED, build_parser, main
from masquerade.cli import doctor as doctor_command
from masquerade.cli import make as make_command
from masquerade.cli import methods as methods_command
from masquerade.cli.reply import Reply


def answer(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, dict]:
    """(exit code, what was printed) of a command line with --json."""
    code = main([*map(str, words), "--json"])
    out, _ = capsys.readouterr()
    told = json.loads(out)
    assert told["exit_code"] == code
    return code, told


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "ein Bild ü.png"
    Image.new("RGB", (64, 64), (9, 120, 200)).save(path)
    return path


@pytest.mark.parametrize(
    ("words", "code", "key"),
    [
        (["methods"], 0, "methods"),
        (["methods", "swap_mesh"], 0, "schema"),
        (["methods", "nope"], 2, "error"),
        (["methods", "one", "two"], 2, "error"),
        (["signals"], 0, "signals"),
        (["signals", "lip_sync"], 0, "error_rates"),
        (["signals", "container"], 0, "limits"),
        (["signals", "nope"], 2, "error"),
        (["models", "list"], 0, "models"),
        (["models", "verify", "face_mesh"], 0, "models"),
        (["models", "verify", "nope"], 2, "error"),
        (["models", "nope"], 2, "error"),
        (["ledger", "show"], 0, "rows"),
        (["ledger", "show", "--last", "0"], 2, "error"),
        (["ledger", "show", "--last", "9" * 40], 2, "error"),
        (["ledger", "show", "--since", "yesterday"], 2, "error"),
        (["ledger", "show", "mql-nope"], 2, "error"),
        (["ledger", "show", "--kind", "output", "--since", "2026-01-01"], 0, "rows"),
        (["ledger", "export", "ledger.txt"], 2, "error"),
        (["ledger", "export", "-o", "ledger.txt"], 2, "error"),
        (["ledger", "export", "one.csv", "-o", "other.csv"], 2, "error"),
        (["ledger", "export"], 2, "error"),
        (["ledger", "verify", "missing.csv"], 4, "error"),
        (["ledger", "verify", "--signer", "ed25519:x"], 2, "error"),
        (["certificate", "show"], 0, "valid_until"),
        (["certificate", "new"], 0, "serial"),
        (["certificate", "use", "--key", "missing.pem"], 2, "error"),
        (["certificate", "use", "--chain", "missing.pem", "--key", "missing.pem"], 2, "error"),
        (["certificate", "use", "--chain", "missing.pem", "--command", "'x"], 2, "error"),
        (["certificate", "use", "--signer", "nope"], 2, "error"),
        (["certificate", "timestamp", "--url", "ftp://x"], 2, "error"),
        (["certificate", "timestamp", "--off"], 0, "timestamps"),
        (["certificate", "reset"], 0, "source"),
        (["ledger", "verify"], 0, "head"),
        (["verify", "missing.mp4"], 4, "error"),
        (["verify", "."], 4, "error"),
        (["consent", "show", "missing.consent"], 3, "error"),
        (["consent", "show", "."], 3, "error"),
        (["consent", "verify", "missing.consent"], 3, "error"),
        (["consent", "trust", "missing.consent", "--name", "Bo"], 3, "error"),
        (["consent", "revoke", "no id"], 2, "error"),
        (["consent"], 2, "error"),
        (["swap"], 2, "error"),
        (["swap", "a.jpg", "b.mp4", "-o", "c.mp4", "--feather", "9"], 2, "error"),
        (["swap", "a.jpg", "b.mp4", "-o", "c.mp4", "--colour", "pink"], 2, "error"),
        (["swap", "a.jpg", "b.mp4", "-o", "missing/c.mp4"], 2, "error"),
        (["swap", ".", "b.mp4", "-o", "c.xyz"], 2, "error"),
        (["swap", "a.jpg", "b.mp4", "-o", "c.mp4"], 4, "error"),
        (["swap", "a.jpg", "b.mp4", "-o", "c.mp4", "--label", "none"], 2, "error"),
        (["swap", "a.jpg", "b.mp4", "-o", "c.mp4", "--label-language", "xx"], 2, "error"),
        (["personas", "list"], 0, "personas"),
        (["personas", "export", "nobody", "-o", "a.jpg"], 2, "error"),
        (["swap", "b.mp4", "-o", "c.mp4"], 2, "error"),
        (["swap", "b.mp4", "-o", "c.mp4", "--people", "missing.toml"], 2, "error"),
        (["nope"], 2, "error"),
    ],
)
def test_each_command_answers_in_json(words, code, key, capsys, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    got, told = answer(capsys, *words)
    assert got == code
    assert key in told
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("words", [["-o", "rows.csv"], ["rows.csv"]])
def test_the_ledger_is_exported_with_and_without_a_flag(
    words, capsys, tmp_path, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    got, told = answer(capsys, "ledger", "export", *words)
    assert got == 0
    assert told["out"] == "rows.csv"
    assert [path.name for path in tmp_path.iterdir()] == ["rows.csv"]


def test_a_file_without_marks_verifies_as_such(picture: Path, capsys) -> None:
    code, told = answer(capsys, "verify", picture)
    assert (code, told["manifest"], told["ledger"]) == (0, "none", "not ours")


def test_a_broken_ledger_ends_with_5(capsys) -> None:
    import sqlite3

    home = Path(os.environ["MASQUERADE_HOME"])
    answer(capsys, "certificate", "new")
    with sqlite3.connect(home / "ledger.sqlite") as connection:
        connection.execute("DROP TRIGGER no_update")
        connection.execute("UPDATE rows SET subject = 'x'")
    connection.close()
    code, told = answer(capsys, "ledger", "verify")
    assert code == 5
    assert told["problems"]


def test_a_consent_that_is_a_folder_is_refused(picture: Path, tmp_path: Path, capsys) -> None:
    words = ["swap", picture, picture, "-o", tmp_path / "out.png", "--consent", tmp_path]
    code, told = answer(capsys, *words)
    assert code == 3
    assert "cannot be read" in told["error"]["found"]


@pytest.mark.weights
def test_the_doctor_names_what_stopped_runs_left_and_removes_it(
    tmp_path, monkeypatch, capsys
) -> None:
    folder = tmp_path / ".a.mp4.parts-0123456789ab"
    folder.mkdir()
    (folder / "000000-0.part").write_bytes(bytes(2_000_000))
    (row,) = doctor_command._parts(tmp_path)
    assert (row.section, row.name) == ("stopped runs", str(folder))
    assert row.detail.startswith(
        "1 finished part, 2.0 MB, 0 days old; the command that was to make a"
    )
    code, told = answer(capsys, "doctor", "--remove-parts", str(folder))
    assert (code, told["removed"]) == (0, str(folder))
    assert not folder.exists()
    code, told = answer(capsys, "doctor", "--remove-parts", str(tmp_path))
    assert code == 2
    assert tmp_path.is_dir()


def test_the_doctor_answers_in_json(capsys) -> None:
    code, told = answer(capsys, "doctor")
    assert code == (0 if told["healthy"] else 1)
    assert {row["section"] for row in told["rows"]}


@pytest.mark.parametrize("words", [["swap", "--help"], ["--help"], ["--version"]])
def test_help_ends_with_0(words, capsys) -> None:
    assert main(words) == 0
    assert "masquerade" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("module", "words", "kept", "found", "todo"),
    [
        (
            make_command,
            ["swap", "a.jpg", "b.mp4", "-o", "c.mp4"],
            2,
            "; 2 finished parts, 0.0 MB kept",
            "give the same command again; it goes on from there",
        ),
        (
            make_command,
            ["swap", "a.jpg", "b.mp4", "-o", "c.mp4"],
            0,
            "; nothing was finished yet",
            "the same command begins anew",
        ),
        (methods_command, ["methods"], 0, "", ""),
    ],
)
def test_ctrl_c_is_told_and_promises_no_more_than_is_true(
    module, words, kept, found, todo, tmp_path, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / ".c.mp4.parts-0123456789ab"
    folder.mkdir()
    for number in range(kept):
        (folder / f"{number:06d}-0.part").write_bytes(b"x")

    def interrupted(_given: object) -> Reply:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "run", interrupted)
    code, told = answer(capsys, *words)
    assert code == 130
    assert told["error"]["kind"] == "Stopped"
    assert told["error"]["found"] == f"stopped on request{found}"
    assert told["error"]["todo"] == todo
    assert main(words) == 130
    out, err = capsys.readouterr()
    assert out == ""
    assert "stopped on request" in err


def test_every_command_has_the_flag(capsys) -> None:
    for command in (*FIXED, "swap"):
        assert main([command, "--help"]) == 0
        assert "--json" in capsys.readouterr().out, command
    assert build_parser([]).prog == "masquerade"


@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes on Linux only")
def test_a_name_that_is_no_text_is_printed_all_the_same(tmp_path: Path) -> None:
    name = tmp_path / os.fsdecode(b"\xff.png")
    Image.new("RGB", (64, 64)).save(tmp_path / "plain.png")
    (tmp_path / "plain.png").rename(name)
    for more in ([], ["--json"]):
        words = [sys.executable, "-m", "masquerade", "verify", name, *more]
        done = subprocess.run(words, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        assert b"Traceback" not in done.stderr
        assert b"udcff" in done.stdout


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = f"{sys.executable} -m masquerade methods --json | true"
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=False)
    assert done.stderr == b""


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="no such signal on this system")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_request_to_end_is_taken_like_ctrl_c(name, capsys, monkeypatch) -> None:
    def killed(*_given: object) -> None:
        os.kill(os.getpid(), getattr(signal, name))
        time.sleep(5)

    before = {one: signal.getsignal(getattr(signal, one)) for one in ("SIGTERM", "SIGHUP")}
    monkeypatch.setattr("masquerade.cli.methods.run", killed)
    try:
        assert main(["methods"]) == 130
    finally:
        for one, handler in before.items():
            signal.signal(getattr(signal, one), handler)
    assert "stopped" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "near"),
    [
        (["swap", "--consnet", "x", "a.jpg", "b.mp4", "-o", "c.mp4"], "--consent, perhaps"),
        (["swpa"], "swap, perhaps"),
        (["examine", "--zzzz"], "masquerade examine [-h]"),
        (["doctor", "--reason", "y"], "masquerade doctor [-h]"),
        (["consent", "revoke", "X", "--unknwn"], "--unknown, perhaps"),
    ],
)
def test_a_misspelt_flag_or_command_is_guessed(words, near, capsys) -> None:
    assert main([*words, "--json"]) == 2
    assert near in json.loads(capsys.readouterr().out)["error"]["expected"]


def test_options_of_a_method_are_told_each_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["methods", "swap_mesh"]) == 0
    said = capsys.readouterr().out
    assert "keeps more of the source's likeness" in said
    assert "\\n" not in said
