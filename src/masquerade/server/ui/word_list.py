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
from masquerade.server.ui.pieces import block, button, text
from masquerade.server.ui.shelf import Kept, Shelf

_RANGE: Final = re.compile(r"(-?\d+(?:\.\d+)?) to (-?\d+(?:\.\d+)?)")
_COLOUR: Final = re.compile(r"#[0-9a-f]{6}")
_SIDES: Final = {"both": "both sides"}


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
    """Words that were chosen so far; state of a part of one form.

    The word that was picked last counts at once and follows its fields, until another is asked
    for: whoever walks through a list by arrow keys adds nothing on the way.
    """

    def __init__(self, label: str, why: str, words: Mapping[str, str]) -> None:
        self._label, self._why = label, why
        self._words = {name: known_word(in_page_words(says)) for name, says in words.items()}
        self.field = Field([])
        self._kept: list[str] = []
        self._picked = ""
        self._much, self._more, self._colour = Field(""), Field(""), Field("")

    def draw(self, shelf: Shelf, most_bytes: int, *, drop: str = "") -> Field:
        """Puts it on the page; `drop` asks for pictures that can be words too."""
        with group(self._label, why=self._why, made=self.field):
            self._chips = ui.element("ul").classes("chips").props('aria-live="polite"')
            shown = {name: _shown(name, one) for name, one in self._words.items()}
            self._word = pick(f"{self._label}: which", {"": "choose one", **shown})
            self._how = ui.element("div").classes("grid2")
            self._word.told.append(self._pick)
            button("Add another", self._keep, name=f"Add another to: {self._label}")
            if drop:
                drop_zone(
                    shelf, self._picture, words=drop, kinds=PICTURES, most_bytes=most_bytes,
                    small=True,
                )  # fmt: skip
        self.field.told.append(self._show)
        self._show()
        return self.field

    def _pick(self) -> None:
        self._picked = str(self._word.value)
        self._much = self._more = self._colour = Field("")
        self._how.clear()
        one = self._words.get(self._picked)
        if one is not None and one.low is not None:
            with self._how:
                self._ask(one, one.low)
        self._tell()

    def _ask(self, one: Known, low: float) -> None:
        """How much of it, and what can be said besides."""
        is_share = one.high <= 1
        first = 0.6 if is_share else round(one.high / 2)
        self._much = slide(
            "How much", first, low, one.high, step=0.05 if is_share else 1.0,
            unit="%" if is_share else "years",
        )  # fmt: skip
        if one.words and one.words != ("grey",):
            self._more = pick("Where", {one: _SIDES.get(one, one) for one in one.words})
        if one.colour:
            self._colour = write_in("Colour", one.colour, kind="color")
        for field in (self._much, self._more, self._colour):
            field.told.append(self._tell)

    def _tell(self) -> None:
        """What is chosen by now: what was kept, and what was picked last."""
        name, one = self._picked, self._words.get(self._picked)
        self._kept = [old for old in self._kept if not name or _name(old) != name]
        if one is None:
            self.field.take(list(self._kept))
            return
        words = name
        if one.low is not None:
            said = str(self._more.value) or str(self._colour.value)
            words = f"{name}={float(self._much.value):g}"
            words += f":{said}" if said and said != one.colour else ""
        self.field.take([*self._kept, words])

    def _keep(self) -> None:
        """What was picked last stays, and the next one comes beside it."""
        self._kept, self._picked = self._listed(), ""

    def _picture(self, kept: Kept) -> None:
        self._kept.append(str(kept.path))
        self._tell()

    def _listed(self) -> list[str]:
        value = self.field.value
        return list(value) if isinstance(value, list) else []

    def _away(self, words: str) -> None:
        if _name(words) == self._picked:
            self._picked = ""
        self._kept = [one for one in self._listed() if one != words]
        self.field.take(list(self._kept))

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


def _name(words: str) -> str:
    return re.split("[=:]", words)[0]


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
