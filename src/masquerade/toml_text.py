"""TOML that users bring, read with a limit on what a hostile file can cost; and values as TOML.

The reader of the standard library takes minutes over a key of some ten thousand parts.
"""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any, Final

MOST_PARTS: Final = 16
"""Parts of one key, as in ``a.b.c``."""
# Strings and comments as wholes, ended or not; then what ends a key, and the dots within one.
_TOKENS: Final = re.compile(
    r'"""(?:\\.|(?!""").)*+(?:""")?'
    r"|'''(?:(?!''').)*+(?:''')?"
    r'|"(?:\\.|[^"\\\n])*+"?'
    r"|'[^'\n]*+'?"
    r"|#[^\n]*+"
    r"|[=,\[\]{}\n]"
    r"|\.",
    re.DOTALL,
)


def read_toml(text: str) -> dict[str, Any]:
    """The tables of a TOML text.

    Raises:
        ValueError: It is none, is nested too deeply, or has a key of too many parts.

    Example:
        >>> read_toml("a.b = 1")
        {'a': {'b': 1}}
    """
    dots = 0
    for found in _TOKENS.finditer(text):
        part = found[0]
        if part == ".":
            dots += 1
            if dots >= MOST_PARTS:
                line = text.count("\n", 0, found.start()) + 1
                raise ValueError(f"a key of more than {MOST_PARTS} parts (line {line})")
        elif part in "=,[]{}\n":
            dots = 0
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def toml_value(value: object) -> str:
    r"""Text, a number, true or false, or a list of such, as TOML writes them.

    Example:
        >>> toml_value("a\tb"), toml_value((1.5, 2)), toml_value(True)
        ('"a\\tb"', '[1.5, 2]', 'true')
    """
    # JSON's are TOML's, but for the one control character that JSON leaves as it is.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
