"""Whether words sound alike, and where in what was heard something sounds like a name.

A recogniser writes a name as it pleases: Roth may come back as Rot, Ross or wrath. So words are
compared by a rough spelling of their sound: vowels that are easily taken for each other are one
letter, such consonants are too, and spaces do not count.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

import numpy as np

_TOGETHER: Final = (
    ("tch", "x"), ("sch", "x"), ("sh", "x"), ("ch", "x"), ("tion", "xan"), ("ph", "f"),
    ("ght", "t"), ("kn", "n"), ("wr", "r"), ("th", "t"), ("ck", "k"), ("qu", "k"), ("ce", "se"),
    ("ci", "si"), ("cy", "sy"), ("ß", "s"), ("æ", "a"), ("ø", "a"), ("đ", "t"), ("ł", "l"),
)  # fmt: skip
_ONE_LETTER: Final = str.maketrans(
    {
        **dict.fromkeys("aou", "a"),
        **dict.fromkeys("eiy", "i"),
        **dict.fromkeys("bp", "p"),
        **dict.fromkeys("dt", "t"),
        **dict.fromkeys("ckqg", "k"),
        **dict.fromkeys("fv", "f"),
        **dict.fromkeys("sz", "s"),
        **dict.fromkeys("mn", "n"),
        "j": "x",
        "x": "x",
        **dict.fromkeys("hw", ""),
    }
)
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
    """The text by its sound, in few letters and without spaces.

    Example:
        >>> rough("Ada Roth"), rough("Aida Wrath")
        ('atarat', 'atarat')
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
    """The stretch of a text that takes the fewest changed letters to become what is wanted.

    Args:
        wanted: In rough spelling.
        text: Likewise; looked through from `start` on.
        start: First letter of the text that counts.

    Source:
        Sellers, "The theory and computation of evolutionary distances", J. Algorithms 1, 1980.
    """
    if not wanted:
        return Found(1.0, start, start)
    letters = text[start:]
    costs = np.zeros(len(letters) + 1, np.int64)
    begins = np.arange(len(letters) + 1)
    for row, letter in enumerate(wanted, 1):
        above, begun = costs.copy(), begins.copy()
        costs[0] = row
        for place, other in enumerate(letters, 1):
            change = above[place - 1] + (letter != other)
            less, more = above[place] + 1, costs[place - 1] + 1
            costs[place] = min(change, less, more)
            if costs[place] == change:
                begins[place] = begun[place - 1]
            elif costs[place] == less:
                begins[place] = begun[place]
            else:
                begins[place] = begins[place - 1]
    end = int(costs.argmin())
    likeness = max(0.0, 1 - int(costs[end]) / len(wanted))
    return Found(likeness, start + int(begins[end]), start + end)


def likeness(one: str, other: str) -> float:
    """How much of two texts in rough spelling agrees, from 0 to 1; the whole of both counts."""
    longer = max(len(one), len(other))
    return 1 - _changes(one, other) / longer if longer else 1.0


def alike(one: str, other: str) -> float:
    """How many letters of two words agree, from 0 to 1; the whole of both counts.

    For words that a recogniser knows, such as those of a challenge: it spells them right or not.

    Example:
        >>> alike("window", "widow") > 0.75 > alike("window", "winter")
        True
    """
    return likeness(one, other)


def _changes(one: str, other: str) -> int:
    """Letters to change, take out or put in (Levenshtein, 1966)."""
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        before, row[0] = row[0], number
        for place, against in enumerate(other, 1):
            least = min(before + (letter != against), row[place] + 1, row[place - 1] + 1)
            before, row[place] = row[place], least
    return row[-1]


def _rough(word: str) -> str:
    for letters, sound in _TOGETHER:
        word = word.replace(letters, sound)
    spelt = re.sub(r"[^a-z]", "", word.translate(_ONE_LETTER))
    spelt = re.sub(r"([ai])[ai]+", r"\1", spelt)
    return re.sub(r"(.)\1+", r"\1", spelt)


def _number(value: int) -> str:
    if value < len(_UNITS):
        return _UNITS[value]
    tens, unit = divmod(value, 10)
    return _TENS[tens - 2] + (f" {_UNITS[unit]}" if unit else "")
