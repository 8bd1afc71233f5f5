"""One effect after the other, laid on a face below what it wears."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import groupby

from masquerade.effects.glasses import with_glasses_apart
from masquerade.effects.portrait import Portrait
from masquerade.effects.words import Wish, effect


def laid_on(portrait: Portrait, wishes: Sequence[Wish]) -> Portrait:
    """The portrait with effects laid on in their order; spectacles stay as they are.

    Where an effect moves the whole head, they go along.

    Args:
        portrait: The face.
        wishes: Effects, as `masquerade.effects.words.read_wishes` gives them.
    """
    made = portrait
    for moves_head, some in groupby(wishes, key=_moves_head):
        lay = partial(_all, wishes=tuple(some))
        made = lay(made) if moves_head else with_glasses_apart(made, lay)
    return made


def _all(portrait: Portrait, wishes: Sequence[Wish]) -> Portrait:
    for wish in wishes:
        portrait = effect(wish.name).apply(portrait, wish.amount, wish.word)
    return portrait


def _moves_head(wish: Wish) -> bool:
    return bool(getattr(effect(wish.name), "MOVES_HEAD", False))
