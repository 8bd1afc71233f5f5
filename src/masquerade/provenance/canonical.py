"""The one text form of signed and hashed data: the same bytes for the same values."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


def canonical_bytes(value: Json) -> bytes:
    r"""UTF-8 JSON with sorted keys and no spaces.

    Raises:
        ValueError: A number is not finite.

    Example:
        >>> canonical_bytes({"b": 1, "a": "ä"}).decode()
        '{"a":"ä","b":1}'
    """
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode()


def named_twice(text: str | bytes) -> str:
    r"""The first name that an object in a JSON text holds twice; empty where none does.

    Of two values programs take the first or the last: people would read another than was signed.

    Args:
        text: JSON.

    Raises:
        ValueError: It is no JSON; RecursionError where it is nested too deep.

    Example:
        >>> named_twice('{"to": {"until": 2027, "until": 2030}}')
        'until'
    """
    twice: list[str] = []

    def look(pairs: list[tuple[str, object]]) -> None:
        counts = Counter(name for name, _ in pairs)
        twice.extend(name for name, count in counts.items() if count > 1)

    json.loads(text, object_pairs_hook=look)
    return twice[0] if twice else ""


def unicode_text(name: str) -> str:
    r"""A file's name as text that JSON can hold: bytes that are no UTF-8 become question marks.

    Example:
        >>> unicode_text("caf\udce9.mp4")
        'caf?.mp4'
    """
    return name.encode(errors="replace").decode()


def sha256_hex(data: bytes) -> str:
    """SHA-256 as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
