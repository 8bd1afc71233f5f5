"""A list that is put together from words a method knows: effects with how much of each, styles."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from nicegui import ui

from masquerade.server.ui.advice import in_page_words
from masquerade.server.ui.drop import PICTURES, drop_zone
from masquerade.server.ui.fields import Field, group, pick, slide, write_in
from masquerade.server.ui.pieces import block, button, part, text
from masquerade.server.ui.shelf import Kept, Shelf

_RANGE: Final = re.compile(r"(-?\d+(?:\.\d+)?) to (-?\d+(?:\.\d+)?)")
_COLOUR: Final = re.compile(r"#[0-9a-f]{6}")
_SIDES: Final = {"left": "to the left", "right": "to the right", "both": "on both sides"}


@dataclass(frozen=True, slots=True)
class Known:
    """A word that can be added, and what can be said about how much of it.

    Attributes:
        says: What it is.
        low: Least of it; None where nobody says how much.
        high: Most of it.
        words: What can be said besides, such as a side.
        colour: The colour that it has where nobody says another; empty where it has none.
    """

    says: str
    low: float | None = None
    high: float = 1.0
    words: tuple[str, ...] = ()
    colour: str = ""


def known_word(sentence: str) -> Known:
    """A word's sentence, taken apart.

    Example:
        >>> known_word("Bruise: a black eye. (0 to 1, left, right)")
        Known(says='Bruise: a black eye.', low=0.0, high=1.0, words=('left', 'right'), colour='')
        >>> known_word("Lips in another colour. (0 to 1, #a3243b, #rrggbb)").colour
        '#a3243b'
        >>> known_word("").low is None
        True
    """
    says, _, rest = sentence.rstrip(")").partition(" (")
    found = _RANGE.search(rest)
    if found is None:
        return Known(sentence)
    named = tuple(one for one in re.split(r"[,:]\s*", rest) if one.isalpha() and one != "preset")
    if rest.startswith("preset"):  # what follows is what it is made of
        named = ()
    colour = _COLOUR.search(rest) if "#rrggbb" in rest else None
    return Known(says, float(found[1]), float(found[2]), named, colour[0] if colour else "")


class WordList:
    """Words that were added so far; state of a part of one form."""

    def __init__(self, label: str, why: str, words: Mapping[str, str]) -> None:
        self._label, self._why = label, why
        self._words = {name: known_word(in_page_words(says)) for name, says in words.items()}
        self.field = Field([])
        self._much, self._more, self._colour = Field(""), Field(""), Field("")

    def draw(self, shelf: Shelf, most_bytes: int, *, drop: str = "") -> Field:
        """Puts it on the page; `drop` asks for pictures that can be added too."""
        with group(self._label, why=self._why, made=self.field):
            self._chips = ui.element("ul").classes("chips").props('aria-live="polite"')
            shown = {name: _shown(name, one) for name, one in self._words.items()}
            with part("grid2"):
                self._word = pick(f"{self._label}: which", shown)
                self._how = ui.element("div").classes("stack tight")
            self._word.told.append(self._ask)
            self._ask()
            button("Add it", self._add, name=f"Add it to: {self._label}")
            if drop:
                drop_zone(
                    shelf, self._picture, words=drop, kinds=PICTURES, most_bytes=most_bytes,
                    small=True,
                )  # fmt: skip
        self.field.told.append(self._show)
        self._show()
        return self.field

    def _ask(self) -> None:
        one = self._words[str(self._word.value)]
        self._much = self._more = self._colour = Field("")
        self._how.clear()
        if one.low is None:
            return
        with self._how:
            is_share = one.high <= 1
            step = 0.05 if is_share else 1.0
            first = 0.6 if is_share else round(one.high / 2)
            unit = "%" if is_share else "years"
            self._much = slide("How much", first, one.low, one.high, step=step, unit=unit)
            if one.words and one.words != ("grey",):
                self._more = pick("Where", {one: _SIDES.get(one, one) for one in one.words})
            if one.colour:
                self._colour = write_in("Colour", one.colour, kind="color")

    def _add(self) -> None:
        name, one = str(self._word.value), self._words[str(self._word.value)]
        words = name
        if one.low is not None:
            words = f"{name}={float(self._much.value):g}"
            said = str(self._more.value) or str(self._colour.value)
            words += f":{said}" if said and said != one.colour else ""
        kept = [old for old in self._listed() if re.split("[=:]", old)[0] != name]
        self.field.take([*kept, words])

    def _picture(self, kept: Kept) -> None:
        self.field.take([*self._listed(), str(kept.path)])

    def _listed(self) -> list[str]:
        value = self.field.value
        return list(value) if isinstance(value, list) else []

    def _away(self, words: str) -> None:
        self.field.take([one for one in self._listed() if one != words])

    def _show(self) -> None:
        self._chips.clear()
        with self._chips:
            for one in self._listed():
                said = said_of(one)
                with ui.element("li").classes("chip"):
                    block(text(said), tag="span")
                    made = block("<span aria-hidden='true'>×</span>", tag="button")
                    made.props("type=button")
                    made.props["aria-label"] = f"Take {said} away"
                    made.on("click", partial(_pressed, self._away, one))
            if not self._listed():
                block("None yet.", "soft small", tag="li")


def said_of(words: str) -> str:
    """A word as it was added, for people.

    Example:
        >>> said_of("smile=0.6"), said_of("bruise=1:left"), said_of("age=20"), said_of("/a/b.png")
        ('Smile 60 %', 'Bruise 100 %, left', 'Age 20 years', 'b.png')
    """
    if "/" in words:
        return Path(words).name
    name, _, rest = words.partition("=")
    much, _, more = rest.partition(":")
    told = name.replace("-", " ").capitalize()
    if much:
        share = float(much)
        told += f" {round(100 * share)} %" if abs(share) <= 1 else f" {share:g} years"
    return f"{told}, {more}" if more else told


def _shown(name: str, one: Known) -> str:
    told = name.replace("-", " ").capitalize()
    says = one.says.removeprefix(f"{told}: ").rstrip(".")
    return f"{told}: {says[:1].lower()}{says[1:]}" if says else told


def _pressed(away: Callable[[str], None], words: str, _event: object) -> None:
    away(words)
