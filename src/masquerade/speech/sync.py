"""Whether sound and lips of footage are in step, told from the footage alone.

How far lips are open is said from what is heard within a few hundredths of a second, by a ridge
regression that learns from one half of the footage and is asked about the other. It does best where
sound and pictures belong together; the lag of that peak is how far they are apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.speech.heard import STEP_S, Heard

MOST_S: Final = 0.6
"""Lags that are tried, early and late."""
LEAST_S: Final = 10.0
"""Footage below which nothing can be told."""
_CLEAR: Final = 0.35  # correlation that footage in step reaches
_ABOVE: Final = 0.08  # and by how much it exceeds that of lags far from the best
_FAR_S: Final = 0.3
_BESIDE: Final = (-2, 0, 2)  # rows around a moment that are heard
_KEPT: Final = 24
_RIDGE: Final = 30.0


@dataclass(frozen=True, slots=True)
class Lag:
    """How far sound comes after the lips it belongs to.

    Attributes:
        seconds: Positive where the sound is late.
        correlation: Of the opening that is said with the true one, at that lag.
        is_clear: Whether it stands out from other lags.
    """

    seconds: float
    correlation: float
    is_clear: bool


def footage_lag(
    heard: Heard, times_s: NDArray[np.float64], openings: NDArray[np.float32]
) -> Lag | None:
    """The lag of the sound; None where there is too little to tell it.

    Args:
        heard: The sound.
        times_s: (n,) seconds of the frames.
        openings: (n,) how far the lips are open in each.
    """
    inside = (times_s > heard.start_s + MOST_S) & (
        times_s < heard.start_s + len(heard) * float(STEP_S) - MOST_S
    )
    times_s, openings = times_s[inside], openings[inside]
    if len(times_s) < 50 or float(np.ptp(times_s)) < LEAST_S - 2 * MOST_S:
        return None
    rows = _rows(heard)
    steps = np.arange(round(-MOST_S / float(STEP_S)), round(MOST_S / float(STEP_S)) + 1, 2)
    lags = steps * float(STEP_S)
    scores = np.array([_score(rows, heard, times_s + lag, openings) for lag in lags])
    best = int(scores.argmax())
    far = np.abs(lags - lags[best]) > _FAR_S
    stands_out = float(scores[best] - scores[far].max()) if far.any() else 0.0
    clear = float(scores[best]) >= _CLEAR and stands_out >= _ABOVE
    return Lag(float(lags[best]), float(scores[best]), clear)


def _rows(heard: Heard) -> NDArray[np.float64]:
    """(n, d) what is heard in each row, in few numbers of about the same spread."""
    kinds = []
    for kind in (heard.mel, heard.early):
        values = kind.astype(np.float64)
        _, along = np.linalg.eigh(values.T @ values)
        few = values @ along[:, ::-1][:, :_KEPT]
        kinds.append(few / max(float(few.std()), 1e-9))
    return np.concatenate(kinds, axis=1)


def _score(
    rows: NDArray[np.float64],
    heard: Heard,
    times_s: NDArray[np.float64],
    openings: NDArray[np.float32],
) -> float:
    """How well openings at these times are said by halves that were not learned from."""
    place = np.rint((times_s - heard.start_s) / float(STEP_S)).astype(np.intp)
    around = np.clip(place[:, None] + np.array(_BESIDE), 0, len(rows) - 1)
    known = rows[around].reshape(len(place), -1)
    known = np.concatenate([known, np.ones((len(place), 1))], axis=1)
    blocks = np.arange(len(place)) * 8 // len(place) % 2
    said = np.empty(len(place))
    for half in (0, 1):
        taught = known[blocks != half]
        grown = taught.T @ taught + _RIDGE * np.eye(taught.shape[1])
        weights = np.linalg.solve(grown, taught.T @ openings[blocks != half])
        said[blocks == half] = known[blocks == half] @ weights
    return float(np.corrcoef(said, openings)[0, 1])
