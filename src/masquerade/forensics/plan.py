"""Which parts of a file are looked at: all of a short one, a stated sample of a long one."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from masquerade.media.probe import MediaInfo

GLANCES: Final = 24
RUNS: Final = 4
RUN_S: Final = Fraction(6)
SOUND_S: Final = Fraction(600)
_EDGE: Final = Fraction(1, 20)  # of a long file at each end, where titles stand


@dataclass(frozen=True, slots=True)
class Plan:
    """What is looked at.

    Attributes:
        glances: Pictures spread over the whole file.
        runs: (start, end) in seconds of the stretches in which faces are followed; each lies within
            one of sound, so that lips and voice are told of the same moments.
        sound: (start, end) in seconds of the stretches of sound that are listened to.
        whole: True where that is all there is.
    """

    glances: int
    runs: tuple[tuple[Fraction, Fraction], ...]
    sound: tuple[tuple[Fraction, Fraction], ...]
    whole: bool

    @property
    def words(self) -> str:
        """The plan in a sentence."""
        if self.whole:
            return "the whole file was looked at"
        seen = sum((end - start for start, end in self.runs), Fraction(0))
        heard = sum((end - start for start, end in self.sound), Fraction(0))
        parts = [f"{self.glances} pictures spread over the file"]
        if self.runs:
            parts.append(
                f"{float(seen):.0f} s in which faces are followed, with their sound, in"
                f" {len(self.runs)} stretches (from {_clock(self.runs)})"
            )
        if self.sound:
            parts.append(f"{float(heard):.0f} s of sound")
        return "looked at: " + ", ".join(parts)


def plan(info: MediaInfo) -> Plan:
    """The plan for a file; the same file gives the same plan.

    Args:
        info: What `probe` said of it.
    """
    length = info.duration_s or Fraction(0)
    sound = _spread(length, SOUND_S, RUNS) if info.audio else ()
    if info.kind == "still":
        return Plan(1, (), (), whole=True)
    if info.kind == "audio":
        return Plan(0, (), sound, whole=length <= SOUND_S)
    whole = length <= RUNS * RUN_S
    runs = _spread(length, RUNS * RUN_S, RUNS)
    if len(sound) == RUNS and not whole:
        runs = tuple(((a + b - RUN_S) / 2, (a + b + RUN_S) / 2) for a, b in sound)
    return Plan(GLANCES, runs, sound, whole=whole)


def evenly(
    length: Fraction, most: Fraction, part: Fraction
) -> tuple[tuple[Fraction, Fraction], ...]:
    """Stretches of a length, in seconds: all of it where it is short, else so much of it, spread.

    Args:
        length: Of the file.
        most: So much of it at most.
        part: Length of a stretch; the last may be shorter.

    Example:
        >>> [int(start) for start, _ in evenly(Fraction(25), Fraction(60), Fraction(10))]
        [0, 10, 20]
    """
    if length > most:
        return _spread(length, most, int(most / part))
    starts = [place * part for place in range(int(length // part) + 1)]
    return tuple((start, min(start + part, length)) for start in starts if start < length)


def _spread(
    length: Fraction, wanted: Fraction, count: int
) -> tuple[tuple[Fraction, Fraction], ...]:
    """The whole of a short length; else `count` equal stretches at even distances."""
    if length <= wanted:
        return ((Fraction(0), length),)
    part, inner = wanted / count, length * (1 - 2 * _EDGE)
    room = (inner - part) / max(count - 1, 1)
    starts = [length * _EDGE + place * room for place in range(count)]
    return tuple((start, start + part) for start in starts)


def _clock(runs: tuple[tuple[Fraction, Fraction], ...]) -> str:
    """Where stretches begin, as minutes and seconds."""
    starts = [int(start) for start, _ in runs]
    return ", ".join(f"{start // 60}:{start % 60:02d}" for start in starts)
