"""Questions on a terminal for what the command line does not say."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from datetime import date

from masquerade.errors import UsageError


class Asker:
    """Takes a value from a flag, or asks for it where somebody can answer.

    Args:
        given: The flags; where ``json`` is set, or without a terminal, nobody is asked.
    """

    def __init__(self, given: argparse.Namespace) -> None:
        self._given = given
        self._talks = sys.stdin.isatty() and not getattr(given, "json", False)

    def text(self, name: str, question: str) -> str:
        """One answer that is not empty.

        Raises:
            UsageError: There is none.
        """
        value = str(getattr(self._given, name) or (self._ask(question) if self._talks else ""))
        if not value:
            raise UsageError(
                f"{_flag(name)} is missing",
                question.rstrip("?"),
                "give it, or run this in a terminal",
            )
        return value

    def one_of(self, name: str, question: str, among: Mapping[str, str]) -> str:
        """One of some words, each with what it means; the first where the answer is empty.

        Raises:
            UsageError: The answer is none of them.
        """
        first = next(iter(among))
        value = getattr(self._given, name)
        if not value and self._talks:
            print(question, file=sys.stderr)
            for word, meaning in among.items():
                print(f"  {word:10} {meaning}", file=sys.stderr)
            value = self._ask(f"One of these ({first} if empty)?")
        value = str(value or first)
        if value not in among:
            raise UsageError(f"{_flag(name)} {value}", "one of " + ", ".join(among))
        return value

    def day(self, name: str, question: str) -> date:
        """A day, such as 2027-06-30.

        Raises:
            UsageError: The answer is none.
        """
        value = self.text(name, f"{question} (as 2027-06-30)?")
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise UsageError(f"{_flag(name)} {value} is no day", "such as 2027-06-30") from None

    def several(self, name: str, question: str) -> list[str]:
        """One answer or more, with commas between them.

        Raises:
            UsageError: There is none.
        """
        value: Sequence[object] = getattr(self._given, name)
        if value:
            return [str(one) for one in value]
        return [one.strip() for one in self.text(name, question).split(",") if one.strip()]

    def yes(self, question: str) -> bool:
        """Whether the answer is yes; no where nobody can be asked."""
        return self._talks and self._ask(question).lower() in ("y", "yes")

    def more(self, question: str, default: str) -> str:
        """The answer, or the default where it is empty or nobody can be asked."""
        return (self._ask(question) if self._talks else "") or default

    def _ask(self, question: str) -> str:
        print(question, end=" ", file=sys.stderr, flush=True)
        return sys.stdin.readline().strip()


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")
