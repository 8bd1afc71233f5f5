"""Where in a settings file something stands, so that a message can name the line."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import Final

_HEADER: Final = re.compile(r"\s*\[\[?\s*([\w.\-]+)\s*\]\]?")
_KEY: Final = re.compile(r"\s*[\"']?([\w\-]+)[\"']?\s*=")


class Lines:
    """The text of a file of [[shot]] tables; line numbers are those an editor shows.

    Args:
        name: Of the file, for messages.
        text: All of it.
    """

    def __init__(self, name: str, text: str) -> None:
        self.name, self._rows = name, text.splitlines()
        self._headers = [(n, said) for n, row in enumerate(self._rows) if (said := _name(row))]
        self._shots = [n for n, said in self._headers if said == "shot"]

    def told(self, shot: int, key: str = "", *, area: str = "", index: int = 0) -> str:
        r"""A place in words; that of the table where the key itself is not found.

        Args:
            shot: Which [[shot]] table, counted from 0.
            key: A key of it.
            area: The name of a table inside it, such as ``front`` for [[shot.front]].
            index: Which of those, counted from 0.

        Example:
            >>> Lines("shots.toml", "[[shot]]\nnumber = 1\ncolor = 2").told(0, "color")
            'shots.toml, line 3'
        """
        first, last = self._shot(shot)
        if area:
            first, last = self._area(first, last, f"shot.{area}", index)
        line = self._row(first, last, key) if key else first
        return f"{self.name}, line {line + 1}"

    def _row(self, first: int, last: int, key: str) -> int:
        """The row of a key, or of a table of that name inside the [[shot]]; else the first."""
        inside = (n for n, said in self._headers if first <= n < last and said == f"shot.{key}")
        return next((n for n in range(first, last) if self._key(n) == key), next(inside, first))

    def _shot(self, index: int) -> tuple[int, int]:
        """The rows of one [[shot]], those of tables inside it included; all if it is not found."""
        if index >= len(self._shots):
            return 0, len(self._rows)
        following = self._shots[index + 1 : index + 2]
        return self._shots[index], following[0] if following else len(self._rows)

    def _area(self, first: int, last: int, header: str, index: int) -> tuple[int, int]:
        """The rows of one table inside a [[shot]]; all of that where it is not found."""
        inside = self._headers[
            bisect_left(self._headers, (first,)) : bisect_left(self._headers, (last,))
        ]
        found = [k for k, (_, name) in enumerate(inside) if name == header]
        if index >= len(found):
            return first, last
        at = found[index]
        return inside[at][0], inside[at + 1][0] if at + 1 < len(inside) else last

    def _key(self, row: int) -> str:
        found = _KEY.match(self._rows[row])
        return found[1] if found else ""


def _name(row: str) -> str:
    found = _HEADER.match(row)
    return found[1] if found else ""
