"""A mesh at rest whose mouth does what somebody says, known by two numbers at each moment.

How far the lips are apart and how far the corners are drawn out is most of what can be seen of
speech (the first components of lip motion of every talker: Yehia, Rubin and Vatikiotis-Bateson,
1998). Jaw, chin and cheeks go along as the skull has them; nothing above the nose moves.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.faces.mesh import INNER_LIPS, LIPS, SURFACE
from masquerade.faces.mouth.shape import MouthSpace, moving, on_skull, opening
from masquerade.faces.pose import HeadFit, fit_head
from masquerade.types import Points

Floats = NDArray[np.float32]

CLOSED: Final = -0.006
"""Opening of lips that are shut, by the mesh."""
WIDEST: Final = 0.34
"""Opening of the lips beyond which no mouth is drawn, in interocular distances."""
_RAISED: Final = 0.16  # share of an opening that the upper lip makes
_JAW: Final = 0.8  # of what the lower lip goes down, that the chin does
_CHEEK: Final = 0.17  # likewise, that the skin beside the corners of the mouth does
_REACH: Final = 0.30  # of a corner's pull into the cheek
_DRAWN_IN: Final = 0.12  # of an opening, by which each corner comes inwards
_ROUNDED: Final = 0.1  # of each corner inwards, at which lips are as round as they get
_PARTED: Final = 0.08  # opening from which they may be so round
_FULLER: Final = 0.02  # by which a rounded lip's rim goes outwards
_OVER_TEETH: Final = 0.018  # by which rounded lips lie lower
_RIGHT, _LEFT = 61, 291
_CHIN = 152


@dataclass(frozen=True, slots=True)
class Mouth:
    """What a mouth does at one moment, in interocular distances.

    Attributes:
        opening: How far the inner lips are apart; 0 closed.
        spread: How far each corner is drawn out, from rest; below 0 inwards.
        jaw: The opening that the jaw has come to: it is slower than the lips, which can close
            over it. None: that of the lips.
    """

    opening: float = 0.0
    spread: float = 0.0
    jaw: float | None = None


def lips_of(space: MouthSpace, shapes: Floats) -> Floats:
    """(n, 2) float32 what mouths of a space do: opening from shut lips, spread of each corner.

    Args:
        space: Of somebody's shapes.
        shapes: (n, 10) in it.
    """
    index, _ = moving()
    right, left = (int(np.flatnonzero(index == corner)[0]) for corner in (_RIGHT, _LEFT))
    wide = (space.parts[:, left, 0] - space.parts[:, right, 0]) / 2
    spread = (shapes - space.rest) @ wide
    return np.stack([space.openings(shapes) - np.float32(space.closed), spread], axis=1)


def spoken(landmarks: Points, mouth: Mouth, head: HeadFit | None = None) -> Points:
    """(478, 3) the mesh with that mouth.

    Args:
        landmarks: (478, 3) in pixels, at rest.
        mouth: What it does.
        head: From `masquerade.faces.pose.fit_head`, where it is known already.

    Example:
        >>> from masquerade.faces.mesh import topology
        >>> wide = spoken(topology().neutral, Mouth(opening=0.2))
        >>> round(opening(on_skull(wide)), 2)
        0.2
    """
    fit = head or fit_head(landmarks)
    skull = on_skull(landmarks, fit)
    change = np.zeros_like(skull)
    change[:, 0] += _across(skull, mouth)
    own = opening(skull)
    parting = _parting(skull)
    middle = np.zeros_like(skull)
    middle[:, 1] = parting
    size = max(opening(middle), 0.5)
    lips = list(_lip_rows()[0] + _lip_rows()[1])
    jaw = mouth.opening if mouth.jaw is None else mouth.jaw
    more = np.full(len(skull), (min(jaw, WIDEST) - own) / size, np.float32)
    more[lips] = (min(mouth.opening, WIDEST) - own) / size
    change[:, 1] += more * parting + _pouted(skull, mouth)
    return np.asarray(landmarks + change @ (fit.turn.T * fit.scale), np.float32)


def _across(skull: Points, mouth: Mouth) -> Floats:
    """(478,) how far each point goes to the picture's right."""
    out = mouth.spread - _DRAWN_IN * max(mouth.opening, 0.0)
    made = np.zeros(len(skull), np.float32)
    for corner, side in ((_RIGHT, -1.0), (_LEFT, 1.0)):
        away = skull[:, :2] - skull[corner, :2]
        made += np.float32(side * out) * np.exp(-(away**2).sum(axis=1) / (2 * _REACH**2))
    made[SURFACE:] = 0
    return np.asarray(made * _below_nose(skull), np.float32)


def _pouted(skull: Points, mouth: Mouth) -> Floats:
    """(478,) how far each point goes down where corners go inwards: rounded lips are fuller.

    What lips lose across they gain upright; the upper one comes down over the teeth. Lips that meet
    stay as they are, for b, m and p must be seen shut.
    """
    made = np.zeros(len(skull), np.float32)
    pout = float(np.clip(-mouth.spread / _ROUNDED, 0, 1) * np.clip(mouth.opening / _PARTED, 0, 1))
    if not pout:
        return made
    half = float(abs(skull[_LEFT, 0] - skull[_RIGHT, 0])) / 2
    middle = float(skull[_LEFT, 0] + skull[_RIGHT, 0]) / 2
    bent = np.clip(1 - ((skull[:, 0] - middle) / max(half, 1e-3)) ** 2, 0, 1)
    upper, lower = _lip_rows()
    made[[*upper, *lower]] = _OVER_TEETH
    made[list(LIPS[1:10])] = -_FULLER
    made[list(LIPS[11:])] = _OVER_TEETH + _FULLER
    return np.asarray(made * bent * pout, np.float32)


def _below_nose(skull: Points) -> Floats:
    """(478,) 0 above the nostrils, 1 from the upper lip on."""
    nose, lip = float(skull[2, 1]), float(skull[0, 1])
    share = np.clip((skull[:, 1] - nose) / max(lip - nose, 1e-3) + 0.35, 0, 1)
    return np.asarray(share, np.float32)


def _parting(skull: Points) -> Floats:
    """(478,) how far each point goes down for an opening of 1: the upper lip's go up."""
    seam = float(skull[[13, 14], 1].mean())
    half = float(abs(skull[_LEFT, 0] - skull[_RIGHT, 0])) / 2
    middle = float(skull[_LEFT, 0] + skull[_RIGHT, 0]) / 2
    across = np.abs(skull[:, 0] - middle) / max(half, 1e-3)
    down = np.clip((skull[:, 1] - seam) / max(float(skull[_CHIN, 1]) - seam, 1e-3), 0, None)
    round_off = np.clip(1 - across**2, 0, 1)
    jaw = np.clip(1.12 - 0.36 * across**2, 0, 1) * np.clip(2.2 * down, 0, 1) * _JAW
    upper, lower = _lip_rows()
    beside = ((across - 1.25) / 0.5) ** 2 + ((skull[:, 1] - seam) / 0.3) ** 2
    made = np.maximum(np.where(down > 0, jaw, 0), _CHEEK * np.exp(-beside))
    made[lower] = (1 - _RAISED) * round_off[lower]
    made[upper] = -_RAISED * round_off[upper]
    lifted = np.clip(1 - (seam - skull[:, 1]) / 0.28, 0, 1) * (skull[:, 1] < seam)
    free = np.ones(len(skull), np.bool_)
    free[[*upper, *lower]] = False
    made -= free * _RAISED * 0.7 * lifted * np.clip(1 - across**2 / 1.6, 0, 1)
    made[SURFACE:] = 0
    return np.asarray(made, np.float32)


@cache
def _lip_rows() -> tuple[list[int], list[int]]:
    """Points of the upper and of the lower lip, corners left out."""
    upper = {*LIPS[1:10], *INNER_LIPS[1:10], *_BETWEEN_UPPER}
    lower = {*LIPS[11:], *INNER_LIPS[11:], *_BETWEEN_LOWER}
    return sorted(upper), sorted(lower)


_BETWEEN_UPPER: Final = (
    184, 74, 73, 72, 11, 302, 303, 304, 408, 183, 42, 41, 38, 12, 268, 271, 272, 407,
)  # fmt: skip
_BETWEEN_LOWER: Final = (
    77, 90, 180, 85, 16, 315, 404, 320, 307, 96, 89, 179, 86, 15, 316, 403, 319, 325,
)  # fmt: skip
