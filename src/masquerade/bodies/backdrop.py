"""What is behind people, replaced: blurred, one colour, or a picture.

People's own colours at soft edges are told from those behind them by blurring each by itself
(Forte, "Approximate fast foreground colour estimation", ICIP 2021); else the old background
would shine through hair.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.errors import UsageError
from masquerade.types import RGB, Mask

_COLOUR: Final = re.compile(r"#[0-9a-f]{6}")
_BLURRED: Final = 0.03  # of the longer side: spread of the strongest blur
_ROUNDS: Final = (0.045, 0.006)  # of the longer side: reach of each round of telling colours apart
_LEAST: Final = 1e-3
_SURE: Final = (0.05, 0.95)  # of a person: below is none, above it one
_NOWHERE: Final = 0.01  # from which a mask is not sure
_NEARBY: Final = 0.04  # of the longer side: where colours are gathered
_ENOUGH: Final = 0.02  # of such a window, that has to be sure
_ALIKE: Final = 25.0  # levels between two colours, from which they can be told apart
_NOISE: Final = 0.12  # of the way between them, that is noise

Floats = NDArray[np.float32]
Draw = Callable[[Floats, Mask], Floats]


@dataclass(frozen=True, slots=True)
class Backdrop:
    """How to fill what is behind people.

    Attributes:
        draw: Makes a background, (h, w, 3) float32, from what is known of the old one, of that
            form, and from (h, w) how much of each pixel is a person.
    """

    draw: Draw

    @classmethod
    def read(cls, word: str, picture: RGB | None) -> Backdrop | None:
        """The backdrop that is meant; None where none is.

        Args:
            word: ``blur``, ``blur=0.5`` or a colour as ``#rrggbb``; may be empty.
            picture: (h, w, 3) uint8 instead; it covers the frame, cut at its sides.

        Raises:
            UsageError: It is none of these, or both are given.
        """
        word = word.strip().lower()
        if word and picture is not None:
            raise UsageError("a background and a picture of one are given", "the one or the other")
        if picture is not None:
            return cls(_covering(picture))
        if not word:
            return None
        if _COLOUR.fullmatch(word):
            return cls(_plain(bytes.fromhex(word[1:])))
        name, _, rest = word.partition("=")
        try:
            amount = float(rest or 1)
        except ValueError:
            amount = -1
        if name != "blur" or not 0 < amount <= 1:
            raise UsageError(
                f"the background {word!r}", "blur, blur=0.5 or a colour such as #203040"
            )
        return cls(_blurred(amount))

    def behind(self, picture: RGB, people: Mask) -> RGB:
        """A picture with what is behind its people replaced.

        Args:
            picture: (h, w, 3) uint8 RGB.
            people: (h, w) float32 in [0, 1], how much of each pixel is a person.
        """
        people = by_colour(picture, people)
        own, old = _apart(picture.astype(np.float32), people)
        share = people[..., None]
        made = share * own + (1 - share) * self.draw(old, people)
        return np.asarray(np.clip(np.rint(made), 0, 255), np.uint8)


def by_colour(picture: RGB, people: Mask) -> Mask:
    """How much of each pixel is a person, told by its colour where the mask is not sure.

    Between the colours of people and of what is behind them nearby, a pixel lies as far along as
    it is a person: no halo is left around hair, and strands stay. Where both look alike, the mask
    is kept.

    Args:
        picture: (h, w, 3) uint8 RGB.
        people: (h, w) in [0, 1].
    """
    whole = picture.astype(np.float32)
    size = max(round(_NEARBY * max(people.shape)), 1) * 2 + 1
    low, high = _SURE
    (own, is_near), (old, is_far) = (
        _nearby(whole, sure.astype(np.float32), size) for sure in (people > high, people < low)
    )
    way = own - old
    length = (way**2).sum(axis=2)
    along = ((whole - old) * way).sum(axis=2) / (length + _LEAST)
    share = np.clip((along - _NOISE) / (1 - 2 * _NOISE), 0, 1)
    told = np.clip((np.sqrt(length) - _ALIKE) / _ALIKE, 0, 1)
    told *= np.minimum(is_near, is_far) * ((people > _NOWHERE) & (people < 1 - _NOWHERE))
    return np.asarray(people + told * (share - people), np.float32)


def _nearby(whole: Floats, sure: Mask, size: int) -> tuple[Floats, Mask]:
    """(h, w, 3) the mean colour of what is sure nearby, and (h, w) 1 where there is some."""
    weight = cv2.blur(sure, (size, size))
    total = cv2.blur(whole * sure[..., None], (size, size))
    colours = total / np.maximum(weight, _LEAST * _ENOUGH)[..., None]
    return np.asarray(colours, np.float32), np.clip(weight / _ENOUGH, 0, 1)


def _apart(picture: Floats, people: Mask) -> tuple[Floats, Floats]:
    """(h, w, 3) each: the colours of people alone, and of what is behind them alone."""
    share = people[..., None]
    own = old = picture
    for reach in _ROUNDS:
        size = max(round(reach * max(people.shape)), 1) * 2 + 1
        weight = cv2.blur(people, (size, size))[..., None]
        near = cv2.blur(own * share, (size, size)) / (weight + _LEAST)
        old = cv2.blur(old * (1 - share), (size, size)) / (1 - weight + _LEAST)
        own = np.clip(near + share * (picture - share * near - (1 - share) * old), 0, 255)
    behind = np.where(share < _LEAST, picture, old)
    return np.asarray(own, np.float32), np.asarray(behind, np.float32)


def _plain(colour: bytes) -> Draw:
    def draw(old: Floats, _people: Mask) -> Floats:
        return np.full_like(old, np.frombuffer(colour, np.uint8).astype(np.float32))

    return draw


def _blurred(amount: float) -> Draw:
    def draw(old: Floats, people: Mask) -> Floats:
        spread = max(amount * _BLURRED * max(people.shape), 0.5)
        weight = (1 - people)[..., None]
        known = cv2.GaussianBlur(weight, (0, 0), spread)[..., None]
        soft = cv2.GaussianBlur(old * weight, (0, 0), spread)
        return np.asarray((soft + _LEAST * old) / (known + _LEAST), np.float32)

    return draw


def _covering(shown: RGB) -> Draw:
    def draw(old: Floats, _people: Mask) -> Floats:
        height, width = old.shape[:2]
        scale = max(height / shown.shape[0], width / shown.shape[1])
        size = max(round(shown.shape[1] * scale), width), max(round(shown.shape[0] * scale), height)
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        large = cv2.resize(shown, size, interpolation=way)
        x, y = (size[0] - width) // 2, (size[1] - height) // 2
        return np.asarray(large[y : y + height, x : x + width], np.float32)

    return draw
