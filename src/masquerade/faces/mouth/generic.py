"""Mouth shapes of somebody hardly known: what people share, around their own neutral mouth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from masquerade.faces.mouth.shape import MouthSpace, moving, opening
from masquerade.models.generic_lips import MouthBasis
from masquerade.types import Points

_CALM: Final = 0.25  # share of a person's frames whose mouths are taken for neutral
_AJAR: Final = 0.02  # beyond the usual, by which a mouth is too far open to be neutral


def space_around(skulls: Sequence[Points], basis: MouthBasis) -> MouthSpace:
    """The space of a person's shapes: the mouth that is least open is taken for neutral.

    Where even that one is open, as in a photo of somebody who laughs, its lips are thought closed.

    Args:
        skulls: (468 or more, 3) each, from `masquerade.faces.mouth.shape.on_skull`; at least one.
        basis: From `GenericLips.open`.

    Example:
        >>> space = space_around([on_skull(face.landmarks)], lips.basis)  # doctest: +SKIP
    """
    index, _ = moving()
    gaps = np.array([opening(one) for one in skulls])
    calm = gaps <= np.quantile(gaps, _CALM)
    neutral = np.median(np.stack([one[index] for one in skulls])[calm], axis=0)
    gap = float(np.median(gaps[calm]))
    ajar = MouthSpace(
        np.asarray(neutral - np.tensordot(basis.rest, basis.parts, 1), np.float32),
        basis.parts,
        basis.least,
        basis.most,
        gap - basis.open_at_rest + basis.closed,
        basis.rest,
    )
    if gap <= basis.open_at_rest + _AJAR:
        return ajar
    wide = np.array([basis.open_at_rest], np.float32)
    shut = ajar.opened(basis.rest[None], wide, np.ones(1, np.float32))[0]
    moved = np.tensordot(shut - basis.rest, basis.parts, 1)
    return MouthSpace(
        np.asarray(ajar.mean + moved, np.float32),
        basis.parts,
        basis.least,
        basis.most,
        basis.closed,
        basis.rest,
    )
