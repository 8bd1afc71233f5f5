"""Facial palsy: one half hangs, as after Bell's palsy.

Sign: drooping corner of the mouth, flat fold beside the nose, lower brow and lower lid on the side
that is named (the person's own). In a stroke the brow is spared; this imitates the peripheral kind.
"""

from __future__ import annotations

from masquerade.effects.portrait import Portrait
from masquerade.effects.push import Push, pushed
from masquerade.effects.sides import LEFT, RIGHT, sides_of

RANGE = (0.0, 1.0)
WORDS: tuple[str, ...] = ("left", "right")


def apply(portrait: Portrait, amount: float, word: str) -> Portrait:
    """Let one half sag, and the other pull the mouth a little its own way."""
    (weak,) = sides_of(word)
    strong = RIGHT if weak is LEFT else LEFT
    return pushed(
        portrait,
        [
            Push(weak.mouth_corner, -weak.outward * 0.03 * amount, 0.115 * amount, 0.22),
            Push(weak.cheek, 0, 0.035 * amount, 0.2),
            Push(weak.brow, 0, 0.05 * amount, 0.16),
            Push(weak.lower_lid[4], 0, 0.022 * amount, 0.09),
            Push(strong.mouth_corner, strong.outward * 0.03 * amount, -0.037 * amount, 0.18),
        ],
    )
