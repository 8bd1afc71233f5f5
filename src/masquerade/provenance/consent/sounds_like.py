"""Whether words sound alike, and where in what was heard something sounds like a name.

A recogniser writes a name as it pleases: Roth may come back as Rot, Ross or wrath. So words are
compared letter by letter, in a spelling nearer to their sound and without spaces. Letters that are
easily taken for each other count as half a change, and so do vowels too many or too few.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

_TOGETHER: Final = (
    ("tch", "x"), ("sch", "x"), ("sh", "x"), ("ch", "x"), ("tion", "xan"), ("ph", "f"),
    ("ght", "t"), ("kn", "n"), ("wr", "r"), ("th", "t"), ("ck", "k"), ("qu", "k"), ("ce", "se"),
    ("ci", "si"), ("cy", "sy"), ("ß", "s"), ("æ", "a"), ("ø", "o"), ("đ", "d"), ("ł", "l"),
)  # fmt: skip
_LIKE: Final = ("aou", "eiy", "bp", "dt", "ckqg", "fv", "sz", "mn", "jx", "lr")
_GROUP: Final = {letter: number for number, one in enumerate(_LIKE) for letter in one}
_VOWELS: Final = frozenset("aeiouy")
_NEAR, _VOWEL, _FAINT = 0.4, 0.5, 0.4  # of a change: like letters, vowels, an h or w
_UNITS: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"),
    "nineteen",
)
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


@dataclass(frozen=True, slots=True)
class Found:
    """The stretch of a text that is most like what was looked for.

    Attributes:
        likeness: 1 where it sounds the same, 0 where nothing agrees.
        begin: First letter of the stretch in the rough spelling.
        end: The letter after its last.
    """

    likeness: float
    begin: int
    end: int


def rough(text: str) -> str:
    """The text in a spelling nearer to its sound, without spaces.

    Example:
        >>> rough("Ada Roth"), rough("Adda Wrot")
        ('adarot', 'adarot')
    """
    return "".join(_rough(word) for word in words(text))


def words(text: str) -> list[str]:
    """The words of a text in lower-case letters; numbers below 100 are spelt out.

    Example:
        >>> words("We don't, on the 22nd, at 10%.")
        ['we', 'dont', 'on', 'the', 'twenty', 'two', 'at', 'ten']
    """
    plain = unicodedata.normalize("NFKD", text.casefold()).replace("'", "").replace("’", "")
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    plain = re.sub(r"(\d+)(?:st|nd|rd|th)\b", r"\1", plain)
    plain = re.sub(r"\d{1,2}", lambda found: f" {_number(int(found[0]))} ", plain)
    return re.findall(r"[^\W\d_]+", plain)


def find(wanted: str, text: str, *, start: int = 0) -> Found:
    """The stretch of a text that takes the least change to become what is wanted.

    Args:
        wanted: In rough spelling.
        text: Likewise; looked through from `start` on.
        start: First letter of the text that counts.

    Source:
        Sellers, "The theory and computation of evolutionary distances", J. Algorithms 1, 1980.
    """
    letters = text[start:]
    row = [(0.0, place) for place in range(len(letters) + 1)]  # cost, and where it begins
    for letter in wanted:
        gap, above = _gap(letter), row
        row = [(above[0][0] + gap, 0)]
        for place, other in enumerate(letters):
            row.append(
                min(
                    (above[place][0] + _swap(letter, other), above[place][1]),
                    (above[place + 1][0] + gap, above[place + 1][1]),
                    (row[place][0] + _gap(other), row[place][1]),
                )
            )
    end = min(range(len(row)), key=lambda place: row[place][0])
    cost, begin = row[end]
    whole = sum(map(_gap, wanted))
    return Found(max(0.0, 1 - cost / whole) if whole else 1.0, start + begin, start + end)


def likeness(one: str, other: str) -> float:
    """How much of two texts in rough spelling sounds alike, from 0 to 1; the whole of both counts.

    Example:
        >>> likeness(rough("Ada Roth"), rough("Aida Ross")) > 0.6 > likeness("ada", "bob")
        True
    """
    longer = max(sum(map(_gap, one)), sum(map(_gap, other)))
    if not longer:
        return 1.0
    row = [*accumulate(map(_gap, other), initial=0.0)]
    for letter in one:
        above = row
        row = [above[0] + _gap(letter)]
        for place, against in enumerate(other):
            row.append(
                min(
                    above[place] + _swap(letter, against),
                    above[place + 1] + _gap(letter),
                    row[place] + _gap(against),
                )
            )
    return max(0.0, 1 - row[-1] / longer)


def alike(one: str, other: str) -> float:
    """How many letters of two words agree, from 0 to 1; the whole of both counts.

    For words that a recogniser knows, such as those of a challenge: it spells them right or not.

    Example:
        >>> alike("window", "widow") > 0.75 > alike("window", "winter")
        True
    """
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        before, row[0] = row[0], number
        for place, against in enumerate(other, 1):
            least = min(before + (letter != against), row[place] + 1, row[place - 1] + 1)
            before, row[place] = row[place], least
    return 1 - row[-1] / max(len(one), len(other), 1)


def _swap(one: str, other: str) -> float:
    """What it costs to take one letter for another."""
    if one == other:
        return 0.0
    if _GROUP.get(one, -1) == _GROUP.get(other, -2):
        return _NEAR
    return _VOWEL if one in _VOWELS and other in _VOWELS else 1.0


def _gap(letter: str) -> float:
    """What it costs to leave a letter out, or to put it in."""
    return _FAINT if letter in "hw" else _VOWEL if letter in _VOWELS else 1.0


def _rough(word: str) -> str:
    for letters, sound in _TOGETHER:
        word = word.replace(letters, sound)
    return re.sub(r"(.)\1+", r"\1", re.sub(r"[^a-z]", "", word))


def _number(value: int) -> str:
    if value < len(_UNITS):
        return _UNITS[value]
    tens, unit = divmod(value, 10)
    return _TENS[tens - 2] + (f" {_UNITS[unit]}" if unit else "")
