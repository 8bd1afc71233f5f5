"""Every error becomes words and an exit code; none becomes a traceback."""

import errno
import json

import pytest

from masquerade.cli import main
from masquerade.cli.reply import failed, show
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
