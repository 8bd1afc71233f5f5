"""What a label says, in the language that is asked for."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal, TypeAlias

from masquerade.errors import UsageError
from masquerade.types import Modality

Wording: TypeAlias = Literal["AI GENERATED", "AI MODIFIED"]
"""What became of the media; a label says it in its own language."""

ENGLISH: Final = "en"
_FILE = Path(__file__).with_name("words.toml")
_WITHOUT_SPACES = ("ja", "zh")
_NO_BREAK_INSIDE = re.compile(r"（[^）]*）|[A-Za-z]+|.[。、，：]?")


@dataclass(frozen=True, slots=True)
class Words:
    """All that labels say in one language; no entry is empty.

    Attributes:
        language: Its code in ISO 639-1.
        name: What its speakers call it.
        ai: The shortest label, for pictures too small for more.
        generated: Of media that are new as a whole.
        modified: Of media that were changed.
        sentence_generated: The same as a sentence.
        sentence_modified: The same as a sentence.
        what: What comes before the list of what was changed.
        face: An item of that list.
        voice: An item of that list.
        body: An item of that list.
    """

    language: str
    name: str
    ai: str
    generated: str
    modified: str
    sentence_generated: str
    sentence_modified: str
    what: str
    face: str
    voice: str
    body: str

    def plate(self, wording: Wording) -> str:
        """The two or three words that stand in a corner."""
        return self.modified if wording == "AI MODIFIED" else self.generated

    def card(self, wording: Wording, changed: Sequence[Modality]) -> tuple[str, ...]:
        """Headline, sentence, and what was changed where that is known."""
        if wording == "AI GENERATED":
            return (self.generated, self.sentence_generated)
        items = {"face": self.face, "voice": self.voice, "body": self.body}
        listed = (", " if self.language != "ar" else "، ").join(items[one] for one in changed)
        space = "" if self.language in _WITHOUT_SPACES else " "
        last = (f"{self.what}{space}{listed}",) if listed else ()
        return (self.modified, self.sentence_modified, *last)

    def pieces(self, text: str) -> list[str]:
        """The text cut where a line may end; joined again they are the text."""
        if self.language in _WITHOUT_SPACES:
            return _NO_BREAK_INSIDE.findall(text)
        parts = text.split(" ")
        return [*(part + " " for part in parts[:-1]), parts[-1]]


def languages() -> list[str]:
    """Sorted codes of the languages there are words for.

    Example:
        >>> languages()[:3]
        ['ar', 'bg', 'cs']
    """
    return sorted(_table())


def words(language: str) -> Words:
    """The words of one language.

    Raises:
        UsageError: There are none; the message lists the languages there are.

    Example:
        >>> words("de").plate("AI MODIFIED")
        'KI-VERÄNDERT'
    """
    table = _table()
    if language not in table:
        raise UsageError(
            f"no label is written in the language {language!r}",
            "one of " + ", ".join(sorted(table)),
            "choose one that most viewers read; `en` is the default",
        )
    return Words(language, **table[language])


@cache
def _table() -> dict[str, dict[str, str]]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))
