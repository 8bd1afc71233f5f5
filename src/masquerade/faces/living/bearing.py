"""How somebody holds their head, breathes and blinks while they speak, where nobody watched them.

Heads drift as 1/f noise, more so in speech, and stress what is loud with small nods (Hadar et al.,
"Kinematics of head movements accompanying speech during conversation", 1983; Munhall et al.,
"Visual prosody and speech intelligibility", 2004). With each phrase the head takes another
posture. Breath is drawn in pauses. Blinks come 10 to 26 times a minute, at the ends of phrases
most of all (Bentivoglio et al., 1997; Nakano and Kitazawa, 2010), close within a twelfth of a
second and open within a fifth (VanderWerf et al., 2003). All is drawn from a seed: the same speech
and seed always give the same movements.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]
Spans: TypeAlias = Sequence[tuple[float, float]]

_WAVES: Final = 28
_SLOWEST_HZ, _FASTEST_HZ = 0.06, 1.1
_DRIFT_DEG: Final = np.array([1.5, 0.8, 0.7])  # deviation of yaw, pitch and roll
_POSTURE_DEG: Final = np.array([2.4, 1.1, 1.4])  # of where a phrase takes them
_TAKES_S: Final = 0.7  # for the head to come to another posture
_NOD_DEG: Final = 2.2  # for the stress of one loud syllable
_STILL: Final = 0.45  # of the movement that is left in silence
_BREATH_S: Final = 4.2  # from one breath to the next at rest
_DRAWN_S: Final = 0.9  # for drawing it
_BREATH: Final = 0.035  # by which the chest rises, in distances of the eyes
_CLOSES_S, _SHUT_S, _OPENS_S = 0.08, 0.03, 0.17
_APART_S: Final = (1.2, 9.0)  # between two blinks


@dataclass(frozen=True, slots=True)
class Bearing:
    """What somebody does beside speaking, at evenly spaced times.

    Attributes:
        turn_deg: (n, 3) float32 yaw, pitch and roll.
        shift: (n, 2) float32 how far the head goes right and down, in distances of the eyes.
        breath: (n,) float32 how far the chest is raised, likewise.
        blink: (n,) float32 in [0, 1].
    """

    turn_deg: Floats
    shift: Floats
    breath: Floats
    blink: Floats


def bearing(
    times_s: NDArray[np.float64], loudness: Floats, spans: Spans, *, motion: float, seed: int
) -> Bearing:
    """What somebody does while that is said.

    Args:
        times_s: (n,) seconds, evenly spaced.
        loudness: (n,) in [0, 1] of the voice.
        spans: Stretches in which they speak, in seconds, in order.
        motion: How much the head moves; 0 holds it still, 1 as people do.
        seed: Of all that is drawn.

    Example:
        >>> still = bearing(np.arange(50) / 25, np.zeros(50, np.float32), [], motion=0, seed=1)
        >>> float(np.abs(still.turn_deg).max())
        0.0
    """
    random = np.random.default_rng(seed)
    waves = _drift(times_s, random)
    phrases = _phrases(spans)
    lively = _STILL + (1 - _STILL) * smoothed(_within(times_s, phrases), times_s, 0.5)
    turn = waves[:, :3] * _DRIFT_DEG * lively[:, None]
    turn += _postures(times_s, phrases, random)
    turn[:, 1] += _NOD_DEG * _stress(times_s, loudness)
    breath = _breaths(times_s, phrases, random)
    shift = waves[:, 3:] * np.array([0.012, 0.008]) * lively[:, None]
    shift[:, 1] -= 0.012 * breath
    # Whoever turns goes along a little.
    shift[:, 0] += 0.004 * turn[:, 0]
    return Bearing(
        np.asarray(motion * turn, np.float32),
        np.asarray(motion * shift, np.float32),
        np.asarray(min(1.0, 2 * motion) * _BREATH * breath, np.float32),
        _blinks(times_s, phrases, random),
    )


def smoothed(
    values: NDArray[np.float64], times_s: NDArray[np.float64], sigma_s: float
) -> NDArray[np.float64]:
    """(n,) values blurred in time.

    Args:
        values: (n,) at those times.
        times_s: (n,) seconds, evenly spaced.
        sigma_s: Deviation of the kernel.
    """
    if len(times_s) < 2:
        return values
    step = float(times_s[1] - times_s[0])
    reach = max(1, round(3 * sigma_s / step))
    weight = np.exp(-0.5 * (np.arange(-reach, reach + 1) * step / sigma_s) ** 2)
    padded = np.pad(values, reach, mode="edge")
    return np.convolve(padded, weight / weight.sum(), mode="valid")


def _drift(times_s: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.float64]:
    """(n, 5) noise of deviation 1 whose power falls with the square of its frequency."""
    hz = np.geomspace(_SLOWEST_HZ, _FASTEST_HZ, _WAVES) * random.uniform(0.95, 1.05, (5, _WAVES))
    size = 1 / hz * np.sqrt(hz)  # evenly spaced on a logarithmic scale
    size /= np.sqrt((size**2).sum(axis=1, keepdims=True) / 2)
    phase = random.uniform(0, 2 * np.pi, (5, _WAVES))
    made = np.empty((len(times_s), 5))
    for k in range(5):
        made[:, k] = sum(
            a * np.sin(2 * np.pi * f * times_s + p)
            for a, f, p in zip(size[k], hz[k], phase[k], strict=True)
        )
    return made


def _phrases(spans: Spans) -> list[tuple[float, float]]:
    """Stretches of speech that no pause of a quarter of a second parts."""
    found: list[tuple[float, float]] = []
    for start, end in spans:
        if found and start - found[-1][1] < 0.25:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def _within(times_s: NDArray[np.float64], spans: Spans) -> NDArray[np.float64]:
    made = np.zeros(len(times_s))
    for start, end in spans:
        made[(times_s >= start) & (times_s <= end)] = 1
    return made


def _postures(
    times_s: NDArray[np.float64], phrases: Spans, random: np.random.Generator
) -> NDArray[np.float64]:
    """(n, 3) degrees: each phrase, and each long silence, has a posture of its own."""
    made = np.zeros((len(times_s), 3))
    before = random.normal(0, 0.5, 3) * _POSTURE_DEG
    made += before
    for start, _ in phrases:
        after = np.clip(random.normal(0, 1, 3), -1.6, 1.6) * _POSTURE_DEG
        share = np.clip((times_s - start + 0.3) / _TAKES_S, 0, 1)
        made += (share * share * (3 - 2 * share))[:, None] * (after - before)
        before = after
    return made


def _stress(times_s: NDArray[np.float64], loudness: Floats) -> NDArray[np.float64]:
    """(n,) how far the voice is louder than around, for each stress a little nod."""
    near, wide = (smoothed(loudness.astype(np.float64), times_s, s) for s in (0.09, 0.6))
    return np.asarray(smoothed(np.clip(near - wide - 0.05, 0, 0.5), times_s, 0.06))


def _breaths(
    times_s: NDArray[np.float64], phrases: Spans, random: np.random.Generator
) -> NDArray[np.float64]:
    """(n,) in [0, 1] how full the chest is."""
    if not len(times_s):
        return np.zeros(0)
    made = np.zeros(len(times_s))
    starts = list(_breath_starts(phrases, float(times_s[0]), float(times_s[-1]), random))
    for start, after in zip(starts, [*starts[1:], starts[-1] + _BREATH_S], strict=True):
        here = (times_s >= start) & (times_s < after)
        drawn = np.clip((times_s[here] - start) / _DRAWN_S, 0, 1)
        left = np.clip(
            (times_s[here] - start - _DRAWN_S) / max(after - start - _DRAWN_S, 0.3), 0, 1
        )
        made[here] = np.where(
            drawn < 1, np.sin(np.pi / 2 * drawn) ** 2, (1 + np.cos(np.pi * left)) / 2
        )
    return smoothed(made, times_s, 0.1)


def _breath_starts(
    phrases: Spans, first: float, last: float, random: np.random.Generator
) -> Iterator[float]:
    """When breath is drawn: before each phrase, and evenly in silence."""
    now = first - float(random.uniform(0, _BREATH_S))
    yield now
    for start, end in (*phrases, (last, last)):
        while start - now > 1.6 * _BREATH_S:
            now += _BREATH_S * float(random.uniform(0.9, 1.1))
            yield now
        if start - now > 1.2 and start < last:
            now = start - 0.8 * _DRAWN_S
            yield now
        now = max(now, end - _BREATH_S)


def _blinks(times_s: NDArray[np.float64], phrases: Spans, random: np.random.Generator) -> Floats:
    """(n,) in [0, 1] how far the lids are shut."""
    made = np.zeros(len(times_s))
    for start in _blink_starts(times_s, phrases, random):
        since = times_s - start
        closing = np.clip(since / _CLOSES_S, 0, 1)
        opening = np.clip((since - _CLOSES_S - _SHUT_S) / _OPENS_S, 0, 1)
        lid = np.sin(np.pi / 2 * closing) ** 2 * np.cos(np.pi / 2 * opening) ** 2
        made = np.maximum(made, np.where(opening < 1, lid, 0))
    return np.asarray(made, np.float32)


def _blink_starts(
    times_s: NDArray[np.float64], phrases: Spans, random: np.random.Generator
) -> Iterator[float]:
    """When lids begin to close: one by one, drawn to the next end of a phrase where one is near."""
    if not len(times_s):
        return
    now, last = float(times_s[0]), float(times_s[-1])
    ends = np.array([end for _, end in phrases])
    while True:
        wait = float(np.clip(np.exp(random.normal(np.log(3.2), 0.5)), *_APART_S))
        wish = now + wait
        near = ends[(ends > now + _APART_S[0]) & (np.abs(ends - wish) < 1.2)] if len(ends) else ends
        if len(near):
            wish = float(near[np.argmin(np.abs(near - wish))]) + float(random.uniform(-0.05, 0.15))
        if wish > last - 0.1:
            return
        yield wish
        now = wish
