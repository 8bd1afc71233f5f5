"""Times as people write and read them: 1:02.5 is a minute and two and a half seconds."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

from masquerade.errors import UsageError

_FORM: Final = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d*)?|\.\d+)")
_LETTERS: Final = 32
_WANTED: Final = "seconds, or minutes and seconds: 62.5, 1:02.5, 1:00:02.5"


def clock(time_s: Fraction | float) -> str:
    """A time in words of minutes and seconds.

    Example:
        >>> clock(62.5)
        '1:02.50'
    """
    minutes, seconds = divmod(round(float(time_s), 2), 60)
    return f"{int(minutes)}:{seconds:05.2f}"


def seconds_of(text: str) -> Fraction:
    """The time that `text` says, in seconds.

    Raises:
        UsageError: It says none.

    Example:
        >>> seconds_of("1:02.5"), seconds_of("62.5"), seconds_of("1:00:02.5")
        (Fraction(125, 2), Fraction(125, 2), Fraction(7205, 2))
    """
    found = _FORM.fullmatch(text.strip()) if len(text) <= _LETTERS else None
    if found is None or (found[2] and float(found[3]) >= 60):
        raise UsageError(f"{text[:_LETTERS]!r} is no time", _WANTED)
    hours, minutes, seconds = (Fraction(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds
