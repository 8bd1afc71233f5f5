"""Where in a settings file something stands, so that a message can name the line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_HEADER: Final = re.compile(r"\s*\[\[?\s*([\w.\-]+)\s*\]\]?")
_KEY: Final = re.compile(r"\s*[\"']?([\w\-]+)[\"']?\s*=")


@dataclass(frozen=True, slots=True)
class Lines:
    """The text of a file of [[shot]] tables; line numbers are those an editor shows."""

    name: str
    text: str

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
        first, last = self._table(0, len(self._rows()), "shot", shot)
        if area:
            first, last = self._table(first, last, f"shot.{area}", index)
        line = next((n for n in range(first, last) if self._key(n) == key), first) if key else first
        return f"{self.name}, line {line + 1}"

    def _rows(self) -> list[str]:
        return self.text.splitlines()

    def _table(self, first: int, last: int, header: str, index: int) -> tuple[int, int]:
        """The rows of one table, those of tables inside it included; all where it is not found."""
        rows = self._rows()
        found = [n for n in range(first, last) if _name(rows[n]) == header]
        if index >= len(found):
            return first, last
        others = (
            n
            for n in range(found[index] + 1, last)
            if (name := _name(rows[n])) and not name.startswith(f"{header}.")
        )
        return found[index], next(others, last)

    def _key(self, row: int) -> str:
        found = _KEY.match(self._rows()[row])
        return found[1] if found else ""


def _name(row: str) -> str:
    found = _HEADER.match(row)
    return found[1] if found else ""
