"""Questions on a terminal for what the command line does not say."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TypeVar

from masquerade.errors import UsageError

T = TypeVar("T")


class Asker:
    """Takes a value from a flag, or asks for it where somebody can answer.

    A wrong flag is an error. A wrong answer is said to be wrong, and asked for again: nobody gives
    ten answers anew for a slip in the last one.

    Args:
        given: The flags; where ``json`` is set, or without a terminal, nobody is asked.
    """

    def __init__(self, given: argparse.Namespace) -> None:
        self._given = given
        self.talks = sys.stdin.isatty() and not getattr(given, "json", False)

    def text(self, name: str, question: str) -> str:
        """One answer that is not empty.

        Raises:
            UsageError: There is none.
        """
        return self._value(name, question, str)

    def one_of(self, name: str, question: str, among: Mapping[str, str]) -> str:
        """One of some words, each with what it means; the first where the answer is empty.

        Raises:
            UsageError: A flag is none of them.
        """

        def read(text: str) -> str:
            if text not in among:
                raise UsageError(f"{_flag(name)} {text}", "one of " + ", ".join(among))
            return text

        first = next(iter(among))
        if getattr(self._given, name) or not self.talks:
            return read(str(getattr(self._given, name) or first))
        print(question, file=sys.stderr)
        for word, meaning in among.items():
            print(f"  {word:10} {meaning}", file=sys.stderr)
        return self._value(name, f"One of these ({first} if empty)?", read, usual=first)

    def choice(self, question: str, among: Mapping[str, str]) -> str:
        """One of some words, each with what it means, where somebody can answer; else the first."""
        first = next(iter(among))
        if not self.talks:
            return first
        print(question, file=sys.stderr)
        for word, meaning in among.items():
            print(f"  {word:14} {meaning}", file=sys.stderr)
        while True:
            answer = self._ask(f"One of these ({first} if empty)?").lower() or first
            if answer in among:
                return answer
            self.say(f"{answer}: one of {', '.join(among)}")

    def day(self, name: str, question: str, usual: date | None = None) -> date:
        """A day, such as 2027-06-30; the usual one where the answer is empty or nobody is asked.

        Raises:
            UsageError: A flag is none.
        """

        def read(text: str) -> date:
            try:
                return date.fromisoformat(text)
            except ValueError:
                problem = f"{_flag(name)} {text} is no day"
                raise UsageError(problem, "such as 2027-06-30") from None

        form = f"{usual} if empty" if usual else "as 2027-06-30"
        return self._value(name, f"{question} ({form})?", read, usual=str(usual or ""))

    def several(self, name: str, question: str) -> list[str]:
        """One answer or more, with commas between them.

        Raises:
            UsageError: There is none.
        """
        value: Sequence[object] = getattr(self._given, name)
        if value:
            return [str(one) for one in value]
        while True:
            answers = [one.strip() for one in self.text(name, question).split(",") if one.strip()]
            if answers:
                return answers

    def yes(self, question: str) -> bool:
        """Whether the answer is yes; no where nobody can be asked."""
        while self.talks:
            answer = self._ask(question).lower()
            if answer in ("y", "yes", "n", "no"):
                return answer.startswith("y")
            self.say("please answer yes or no")
        return False

    def more(self, question: str, default: str) -> str:
        """The answer, or the default where it is empty or nobody can be asked."""
        return (self._ask(question) if self.talks else "") or default

    def say(self, words: str) -> None:
        """Tell whoever is asked what is wrong with an answer."""
        print(f"  {words}", file=sys.stderr)

    def _value(self, name: str, question: str, read: Callable[[str], T], usual: str = "") -> T:
        """What a flag or an answer says; `usual` stands for an empty one."""
        value = getattr(self._given, name)
        if value or (usual and not self.talks):
            return read(str(value or usual))
        while self.talks:
            answer = self._ask(question) or usual
            if not answer:
                continue
            try:
                return read(answer)
            except UsageError as error:
                self.say(f"{error.found.removeprefix(_flag(name)).strip()}: {error.expected}")
        raise UsageError(
            f"{_flag(name)} is missing",
            question.rstrip("?"),
            "give it, or run this in a terminal",
        )

    def _ask(self, question: str) -> str:
        """One line of an answer.

        Raises:
            UsageError: There is no line any more: the terminal was closed, or Ctrl-D pressed.
        """
        print(question, end=" ", file=sys.stderr, flush=True)
        line = sys.stdin.readline()
        if not line:
            raise UsageError(
                "the questions were broken off", todo="nothing was written; start anew"
            )
        return line.strip()


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")
