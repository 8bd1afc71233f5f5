"""Every error becomes words and an exit code; none becomes a traceback."""

import errno
import io
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from masquerade.cli import main
from masquerade.cli.reply import Reply, failed, folded, show
from masquerade.errors import ConsentError, FaceError, ProvenanceError, UsageError


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (UsageError("x"), 2, "x"),
        (ConsentError("x", "y", "z"), 3, "to do: z"),
        (FaceError("no face"), 4, "no face"),
        (ProvenanceError("broken"), 5, "broken"),
        (OSError(errno.ENOSPC, "No space left on device"), 1, "free some space"),
        (MemoryError(), 1, "not enough memory"),
        (ZeroDivisionError("secret"), 1, "internal error"),
    ],
)
def test_errors_have_their_exit_code(error, code, words, capsys) -> None:
    assert show(failed(error), as_json=False) == code
    printed = capsys.readouterr().err
    assert words in printed
    assert "Traceback" not in printed


def test_json_errors_are_json(capsys) -> None:
    assert main(["methods", "nope", "--json"]) == 2
    answer = json.loads(capsys.readouterr().out)
    assert answer["error"]["kind"] == "UsageError"
    assert answer["exit_code"] == 2


def test_usage_of_an_unknown_command_is_2(capsys) -> None:
    assert main(["nope"]) == 2
    assert "invalid choice" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("\x1b[31mred", r"\x1b[31mred"),
        ("a\n  manifest   whole", r"a\n  manifest   whole"),
        ("\udcff\x9b", r"\udcff\x9b"),
        ("gpj.\u202eexe", r"gpj.\u202eexe"),
        ("日本 é ✓", "日本 é ✓"),
    ],
)
def test_names_cannot_steer_the_terminal(name, shown, capsys) -> None:
    show(Reply((name,)), as_json=False)
    assert capsys.readouterr().out == shown + "\n"


@pytest.mark.skipif(os.name != "posix", reason="shell of POSIX")
@pytest.mark.parametrize(
    ("where", "code"), [(">&-", 0), ("2>&- >&-", 0), (">/dev/full", 1), ("| true", 0)]
)
def test_an_answer_nobody_can_read_is_no_traceback(where: str, code: int) -> None:
    if "full" in where and not Path("/dev/full").exists():
        pytest.skip("no /dev/full")
    line = f"{shlex.quote(sys.executable)} -m masquerade methods {where}"
    done = subprocess.run(line, shell=True, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert done.returncode == code


def test_letters_that_the_terminal_lacks_are_escaped(capsys, monkeypatch) -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", out)
    assert show(Reply(("日",)), as_json=False) == 0
    assert out.buffer.getvalue() == b"\\u65e5\n"


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("short", ["short"]),
        ("", [""]),
        (
            "  signed by  a certificate of this installation's own",
            ["  signed by  a certificate of this", "             installation's own"],
        ),
        ("  kept whole: /a/very/long/path/of/a/file/somewhere.mp4", None),
        ("out.mp4: 75 of 75 frames changed in 28 s", None),
    ],
)
def test_long_lines_are_folded_under_their_last_column(line, parts) -> None:
    found = folded(line, 40)
    assert " ".join(part.strip() for part in found).split() == line.split()  # nothing is cut
    assert parts is None or found == parts


def test_nothing_is_folded_in_a_file_or_a_pipe(capsys) -> None:
    show(Reply(("word " * 100,)), as_json=False)
    assert capsys.readouterr().out.count("\n") == 1
