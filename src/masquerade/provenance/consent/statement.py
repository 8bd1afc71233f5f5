"""What a person says to consent to the use of their voice, and whether a recording says that.

The words are printed by `masquerade consent statement`, read aloud, and written down again by a
recogniser, which mishears. So names are held against what was heard by their sound, and the rest by
how much of it comes back. A word that denies anything, and that the statement does not have, is
never taken for a slip.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from masquerade.errors import ConsentError, UsageError
from masquerade.provenance.consent.sounds_like import find, likeness, rough, words

LANGUAGES: Final = ("en",)
"""Languages the recogniser hears."""

NAME_LIKENESS: Final = 0.48
"""Of a name as it sounds; names are what a recogniser mishears most."""
PURPOSE_LIKENESS: Final = 0.7
"""Of a purpose, which is made of ordinary words."""
WHOLE_LIKENESS: Final = 0.65
"""Of all purposes together: nothing more may be said of them."""
_CONSENT: Final = rough("consent that")
_USE: Final = rough("makes and uses a synthetic version of my voice for")
_AFTER: Final = (rough("today is"), rough("my words are"))
_ANCHOR_LIKENESS: Final = 0.7
_LONGEST_I: Final = 3  # letters of the "I" before a name, as it may be heard
_DENIALS: Final = frozenset(
    (
        *("not", "no", "never", "neither", "nor", "nobody", "without", "unless", "except"),
        *("dont", "doesnt", "didnt", "wont", "wouldnt", "cant", "cannot", "isnt", "against"),
        *("refuse", "deny", "object", "withdraw", "revoke", "forbid", "stop"),
    )
)
_RECORDED_AGAIN: Final = "record the statement as it was printed, slowly, in a quiet room"


@dataclass(frozen=True, slots=True)
class Statement:
    """Whose voice may be used, by whom, for what.

    Attributes:
        name: The person's, as they say it.
        grantee: Who may use it.
        purposes: What for, each by name.
        language: Of the statement.
    """

    name: str
    grantee: str
    purposes: tuple[str, ...]
    language: str = "en"

    @property
    def consent(self) -> str:
        """The sentence that says it.

        Example:
            >>> Statement("Ada", "Studio North", ("short film",)).consent
            'I, Ada, consent that Studio North makes and uses a synthetic version of my voice for \
short film.'
        """
        return (
            f"I, {self.name}, consent that {self.grantee} makes and uses a synthetic version of my"
            f" voice for {_all(self.purposes)}."
        )

    def text(self, challenge: Sequence[str], day: date) -> str:
        """All that is to be read aloud.

        Args:
            challenge: Words drawn for it.
            day: On which they were drawn.
        """
        return (
            f"{self.consent} Today is {day.day} {day:%B %Y}. My words are: {', '.join(challenge)}."
        )


def statement(
    name: str, grantee: str, purposes: Sequence[str], *, language: str = "en"
) -> Statement:
    """A statement that can be read aloud and heard.

    Raises:
        UsageError: A part is missing or has no letters that are heard, or the recogniser does not
            hear that language.
    """
    if language not in LANGUAGES:
        raise UsageError(
            f"statements in the language {language!r} cannot be heard yet",
            " or ".join(LANGUAGES),
            "read it in English; names may be of any language",
        )
    made = Statement(
        " ".join(name.split()),
        " ".join(grantee.split()),
        tuple(" ".join(one.split()).lower() for one in purposes),
        language,
    )
    if not made.purposes or "any" in made.purposes:
        raise UsageError("the statement names no purpose", "what the voice may be used for")
    for part in (made.name, made.grantee, *made.purposes):
        if not rough(part):
            raise UsageError(
                f"{part!r} cannot be held against what is heard", "a name in Latin letters"
            )
    return made


def check_said(stated: Statement, heard: str) -> None:
    """Passes when what was heard is that statement.

    Args:
        stated: What should have been said.
        heard: What the recogniser wrote down, its last words included.

    Raises:
        ConsentError: A part of it is missing, is another, or is denied.
    """
    spoken = words(heard)
    denied = sorted(_DENIALS.intersection(spoken) - set(words(stated.consent)))
    if denied:
        raise ConsentError(
            f"the statement has the word {denied[0]!r} in it: {_shown(heard)}",
            stated.consent,
            "a statement that takes anything back is no consent",
        )
    heard_parts = _parts(stated, rough(heard))
    if heard_parts is None:
        raise ConsentError(
            f"the words of the statement are not heard: {_shown(heard)}",
            stated.consent,
            _RECORDED_AGAIN,
        )
    for what, wanted, sounds in (
        (f"the name {stated.name!r}", rough(stated.name), heard_parts.name),
        (f"the grantee {stated.grantee!r}", rough(stated.grantee), heard_parts.grantee),
    ):
        if likeness(wanted, sounds) < NAME_LIKENESS:
            raise _unheard(what, stated, heard)
    for purpose in stated.purposes:
        if find(rough(purpose), heard_parts.purposes).likeness < PURPOSE_LIKENESS:
            raise _unheard(f"the purpose {purpose!r}", stated, heard)
    if likeness(rough(_all(stated.purposes)), heard_parts.purposes) < WHOLE_LIKENESS:
        raise ConsentError(
            f"more is said of the purposes than was printed: {_shown(heard)}",
            stated.consent,
            "print a statement with all that it is to say",
        )


def _unheard(what: str, stated: Statement, heard: str) -> ConsentError:
    return ConsentError(
        f"{what} is not heard in {_shown(heard)}",
        stated.consent,
        f"{_RECORDED_AGAIN}; a name that is never understood can be a pseudonym",
    )


@dataclass(frozen=True, slots=True)
class _Parts:
    """What was heard in the places of the statement's own words, in rough spelling."""

    name: str
    grantee: str
    purposes: str


def _parts(stated: Statement, sounds: str) -> _Parts | None:
    """The stretches between the words that every statement has; None where those are missing."""
    consent = find(_CONSENT, sounds)
    use = find(_USE, sounds, start=consent.end)
    if min(consent.likeness, use.likeness) < _ANCHOR_LIKENESS:
        return None
    after = [find(one, sounds, start=use.end) for one in _AFTER]
    ends = [one.begin for one in after if one.likeness >= _ANCHOR_LIKENESS]
    end = min(ends, default=len(sounds))
    return _Parts(
        _name(rough(stated.name), sounds[: consent.begin]),
        sounds[consent.end : use.begin],
        sounds[use.end : end],
    )


def _name(wanted: str, before: str) -> str:
    """What is heard in the place of the name: all that comes before the consent but for the "I"."""
    rests = (before[length:] for length in range(_LONGEST_I + 1))
    return max(rests, key=lambda rest: likeness(wanted, rest))


def _shown(heard: str) -> str:
    return repr(heard if len(heard) <= 160 else f"{heard[:157]}...") if heard else "silence"


def _all(parts: Sequence[str]) -> str:
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last
