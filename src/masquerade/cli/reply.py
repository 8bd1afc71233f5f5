"""What a command answers: lines for people, data for programs, an exit code."""

from __future__ import annotations

import errno
import io
import json
import os
import re
import shutil
import sys
import textwrap
import traceback
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from masquerade.errors import MasqueradeError, OutputError, is_short_of_memory

_INTERRUPTED = 130  # 128 and the number of the signal, as shells have it
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)
_NARROW = 40
_TURNS = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer of one command.

    Attributes:
        lines: For a person, one a line.
        data: The same for a program; JSON values only.
        exit_code: 0, or what `masquerade.errors` says.
        is_error: True where the lines belong on stderr.
    """

    lines: tuple[str, ...] = ()
    data: Mapping[str, object] = field(default_factory=dict)
    exit_code: int = 0
    is_error: bool = False


def show(reply: Reply, *, as_json: bool) -> int:
    """Print a reply and give its exit code; 1 where a full disk did not take the reply.

    Names, titles and claims come from files that anybody may have made: they are shown with
    escapes in place of what would steer a terminal or feign a line.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a file may be named by bytes that are no text
            stream.reconfigure(errors="backslashreplace")
    out = sys.stderr if reply.is_error and not as_json else sys.stdout
    if out is None:  # closed by whoever started the program, as in `masquerade methods >&-`
        return reply.exit_code
    if as_json:
        data = {**reply.data, "exit_code": reply.exit_code}
        lines = [json.dumps(data, indent=2, default=str)]
    else:
        lines = [plain_line(line) for line in reply.lines]
        if out.isatty():
            wide = shutil.get_terminal_size().columns
            lines = [part for line in lines for part in folded(line, wide)]
    try:
        for line in lines:
            print(line, file=out)
        out.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
        # A reader may go away, as in `masquerade methods | head`; a full disk is another matter.
        return reply.exit_code or int(not isinstance(error, BrokenPipeError))
    return reply.exit_code


def plain_line(text: str) -> str:
    r"""The text as one line that a terminal shows letter by letter.

    Example:
        >>> plain_line("\x1b[31mred\nline é")
        '\\x1b[31mred\\nline é'
    """
    return "".join(ascii(letter)[1:-1] if _steers(letter) else letter for letter in text)


def folded(line: str, wide: int) -> list[str]:
    """The line in parts that fit a terminal, each further one under the first one's last column.

    Names, hashes and commands stay whole, so that they can be copied.

    Example:
        >>> folded("  made from  a.mp4: the file that this one was made from", 40)
        ['  made from  a.mp4: the file that this', '             one was made from']
    """
    if len(line) <= wide or wide < _NARROW:
        return [line]
    columns = re.match(r"\s*(\S+( \S+){0,2} {2,})*", line)
    under = columns.end() if columns else 0
    if under > wide // 2:
        under = len(line) - len(line.lstrip())
    return textwrap.wrap(
        line,
        wide,
        subsequent_indent=" " * under,
        replace_whitespace=False,
        drop_whitespace=True,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _steers(letter: str) -> bool:
    """Controls, halves of letters, line separators, and what turns the direction of writing."""
    if unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp"):
        return True
    return unicodedata.bidirectional(letter) in _TURNS


def failed(error: Exception) -> Reply:
    """The reply to an error: found, expected, to do; a traceback only where we asked for one."""
    known = error if isinstance(error, MasqueradeError) else _known(error)
    return _told(known, type(known).__name__, known.exit_code)


def stopped(*, kept: str | None) -> Reply:
    """The reply to Ctrl-C.

    Args:
        kept: What was finished and kept, in words; empty where nothing was yet; None where the
            command keeps nothing or says itself what it keeps.
    """
    found, todo = "stopped on request", ""
    if kept:
        found, todo = f"{found}; {kept}", "give the same command again; it goes on from there"
    elif kept is not None:
        found, todo = f"{found}; nothing was finished yet", "the same command begins anew"
    return _told(MasqueradeError(found, todo=todo), "Stopped", _INTERRUPTED)


def _told(error: MasqueradeError, kind: str, exit_code: int) -> Reply:
    lines = [f"masquerade: {error.found}"]
    if error.expected:
        lines.append(f"  expected: {error.expected}")
    if error.todo:
        lines.append(f"  to do: {error.todo}")
    data = {"kind": kind, "found": error.found, "expected": error.expected, "todo": error.todo}
    return Reply(tuple(lines), {"error": data}, exit_code, is_error=True)


def _known(error: Exception) -> MasqueradeError:
    """An error nobody foresaw, in the form of one that was."""
    if os.environ.get("MASQUERADE_TRACEBACK"):
        traceback.print_exception(error)
    if isinstance(error, OSError):
        what = f"{error.strerror or error}" + (f": {error.filename}" if error.filename else "")
        todo = "free some space and give the same command again" if error.errno in _NO_SPACE else ""
        return OutputError(what, todo=todo)
    if is_short_of_memory(error):
        return MasqueradeError("not enough memory", todo="use a smaller picture or video")
    return MasqueradeError(
        f"internal error, {type(error).__name__}: {error}",
        todo="run again with MASQUERADE_TRACEBACK=1 and report what it prints",
    )
