"""Which effects are meant, and how strongly: ``smile=0.6``, ``lipstick=0.8:#a02040``, ``fresh``."""

from __future__ import annotations

import difflib
import importlib
import math
import pkgutil
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final, Protocol, cast

import masquerade.effects as effects
from masquerade.effects.portrait import ROOM, Portrait
from masquerade.effects.presets import PRESETS
from masquerade.errors import UsageError

KINDS: Final = ("shape", "age", "hair", "makeup", "medical")
ANY_COLOUR: Final = "#rrggbb"
_DECLARED: Final = ("RANGE", "WORDS", "apply")
_COLOUR: Final = re.compile(r"#[0-9a-f]{6}")


class Effect(Protocol):
    """What a module of an effect declares; see `masquerade.effects`."""

    RANGE: tuple[float, float]
    WORDS: tuple[str, ...]

    def apply(self, portrait: Portrait, amount: float, word: str) -> Portrait:
        """The portrait, changed, pixels and points; `word` is one of `WORDS` or a colour."""
        ...


@dataclass(frozen=True, slots=True)
class Wish:
    """An effect that is meant.

    Attributes:
        name: Of `effect_names`.
        amount: Within the effect's range.
        word: One of the effect's words, or a colour; empty where it has none.
    """

    name: str
    amount: float
    word: str = ""


@cache
def effect_names() -> dict[str, str]:
    """The name of every effect, in order of kinds, with the module it lies in; imports none."""
    found: dict[str, str] = {}
    for kind in KINDS:
        places = [f"{place}/{kind}" for place in effects.__path__]
        for item in sorted(pkgutil.iter_modules(places), key=lambda one: one.name):
            if not item.name.startswith("_"):
                found[item.name] = f"{effects.__name__}.{kind}.{item.name}"
    return found


def effect(name: str) -> Effect:
    """The effect of that name.

    Raises:
        UsageError: There is none, or its module lacks a declaration.
    """
    known = effect_names()
    if name not in known:
        raise UsageError(
            f"no effect is named {name!r}",
            "one of " + ", ".join((*known, *PRESETS)),
            _near(name, (*known, *PRESETS)),
        )
    module = importlib.import_module(known[name])
    missing = [what for what in _DECLARED if not hasattr(module, what)]
    if missing:
        raise UsageError(
            f"{module.__name__} does not declare {', '.join(missing)}",
            "a module of an effect declares " + ", ".join(_DECLARED),
        )
    return cast(Effect, module)


def room_of(wishes: Sequence[Wish]) -> float:
    """How much has to be cut out around a face for all these effects, in its box's sizes."""
    return max(getattr(effect(wish.name), "ROOM", ROOM) for wish in wishes)


def asks_for_hair(wishes: Sequence[Wish]) -> bool:
    """Whether any of these effects has to know where hair is."""
    return any(getattr(effect(wish.name), "HAIR", False) for wish in wishes)


def asks_for_skin(wishes: Sequence[Wish]) -> bool:
    """Whether any of these effects has to know where skin is beside the face."""
    return any(getattr(effect(wish.name), "SKIN", False) for wish in wishes)


def models_of(wishes: Sequence[Wish]) -> tuple[str, ...]:
    """Names of the weights that these effects work with, each once."""
    used = (name for wish in wishes for name in getattr(effect(wish.name), "MODELS", ()))
    return tuple(dict.fromkeys(used))


def summary(one: Effect) -> str:
    """What an effect does: the first line of its module's docstring."""
    return (one.__doc__ or "").partition("\n")[0]


def read_wishes(words: Sequence[str]) -> tuple[Wish, ...]:
    """The effects that are meant, in the order in which they are laid on; presets taken apart.

    Raises:
        UsageError: None is named, or one is not there, too strong, or said in another way.

    Example:
        >>> read_wishes(["smile=0.6", "ptosis=0.5:left"])[1]
        Wish(name='ptosis', amount=0.5, word='left')
    """
    if not words:
        raise UsageError(
            "no effect is named",
            "one or more effects or presets, or another background",
            "name it with its strength: --effect smile=0.6; `masquerade methods edit` lists them,"
            " `masquerade edit PHOTO --grid --consent RECORD -o sheet.png` shows them",
        )
    return tuple(wish for said in words for wish in _wishes(said.strip().lower()))


def rgb(word: str) -> tuple[int, int, int]:
    """A colour written as ``#rrggbb``, each part in [0, 255].

    Example:
        >>> rgb("#ff8000")
        (255, 128, 0)
    """
    return int(word[1:3], 16), int(word[3:5], 16), int(word[5:7], 16)


def _near(name: str, known: Sequence[str]) -> str:
    """What to do about a name that is none."""
    close = difflib.get_close_matches(name, known, 1, 0.6)
    return f"perhaps {close[0]}" if close else "`masquerade methods edit` says what each one does"


def _wishes(said: str) -> tuple[Wish, ...]:
    name, _, rest = said.partition("=")
    if name not in PRESETS:
        return (_wish(said),)
    try:
        share = float(rest or 1)
    except ValueError:
        share = math.nan
    if not 0 <= share <= 1:
        raise UsageError(f"the strength of {name} is {rest!r}", "a number from 0 to 1")
    whole = map(_wish, PRESETS[name].effects)
    return tuple(replace(wish, amount=share * wish.amount) for wish in whole)


def _wish(said: str) -> Wish:
    name, _, rest = said.partition("=")
    found = effect(name)
    number, _, word = rest.partition(":")
    try:
        amount = float(number) if number else found.RANGE[1]
    except ValueError:
        amount = math.nan
    low, high = found.RANGE
    if not low <= amount <= high:
        raise UsageError(
            f"the strength of {name} is {number!r}",
            f"a number from {low:g} to {high:g}",
            f"say --effect {name}={high / 2:g}",
        )
    return Wish(name, amount, _checked(name, word, found.WORDS))


def _checked(name: str, word: str, known: tuple[str, ...]) -> str:
    if not word:
        return known[0] if known else ""
    if word in known and word != ANY_COLOUR:
        return word
    if ANY_COLOUR in known and _COLOUR.fullmatch(word):
        return word
    raise UsageError(
        f"{name} was given {word!r}",
        " or ".join(known) if known else "a strength alone",
        f"leave {word!r} out" if not known else "",
    )
