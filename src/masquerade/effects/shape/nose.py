"""A wider nose, or a narrower one below zero."""

from __future__ import annotations

import math

from masquerade.effects.portrait import Portrait
from masquerade.effects.push import Push, pushed

RANGE = (-1.0, 1.0)
WORDS: tuple[str, ...] = ()


def apply(portrait: Portrait, amount: float, _word: str) -> Portrait:
    """Move the wings of the nose apart; the first half of the way counts for more.

    A nose tells who somebody is, so that the whole way is short, and half of it hardly seen.
    """
    far = math.copysign(0.056 * math.sqrt(abs(amount)), amount)
    return pushed(portrait, [Push(129, -far, 0, 0.11), Push(358, far, 0, 0.11)])
