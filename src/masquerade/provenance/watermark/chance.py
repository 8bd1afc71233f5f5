"""The bound on what chance could do, for marks in pictures and in sound alike.

What is said is bounded, not guessed. Media that were made without the key know nothing of the signs
that the key gives to what carries the bits; for any such media a sum of values with random signs
exceeds z times its root of squares with probability at most exp(-z^2 / 2) (Hoeffding 1963). There
are 2^64 ids, and each reading is a try, so the chance that any of them agrees as well as the one
found is at most tries x 2^64 x exp(-z^2 / 2). Only where that is below `FALSE_ALARM` is an id given
back.
"""

from __future__ import annotations

import math
from typing import Final

from masquerade.provenance.watermark.payload import ID_BITS

FALSE_ALARM: Final = 1e-9


def chance(score: float, tries: int) -> float:
    """Bound on the chance that any id agrees so well in any of the tries, in [0, 1].

    Args:
        score: Agreement of a whole code word in standard deviations; below 0 it disagrees.
        tries: Readings there are at most.

    Example:
        >>> chance(10.0, 512), chance(12.0, 512) < FALSE_ALARM
        (1.0, True)
    """
    exponent = math.log(tries) + ID_BITS * math.log(2) - score * abs(score) / 2
    return math.exp(min(0.0, exponent))
