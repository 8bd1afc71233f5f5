"""Swelling: cheek and lids are puffed up.

Sign: swollen cheek and lids, as with angio-oedema, an abscess or a blow.
"""

from __future__ import annotations

from masquerade.effects.lid import lowered
from masquerade.effects.portrait import Portrait
from masquerade.effects.push import Push, pushed
from masquerade.effects.sides import SIDES, sides_of

RANGE = (0.0, 1.0)
WORDS: tuple[str, ...] = SIDES


def apply(portrait: Portrait, amount: float, word: str) -> Portrait:
    """Push the cheek out, the lower lid up and let the upper lid down a little."""
    for side in sides_of(word):
        portrait = pushed(
            portrait,
            [
                Push(side.edge, side.outward * 0.12 * amount, 0, 0.24),
                Push(side.cheek, side.outward * 0.03 * amount, -0.02 * amount, 0.2),
                Push(side.lower_lid[4], 0, -0.02 * amount, 0.1),
            ],
        )
        portrait = lowered(portrait, side, 0.3 * amount)
    return portrait
