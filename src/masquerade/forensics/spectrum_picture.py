"""A sound as a picture: frequency over time, with what signals found marked where it sounds.

Nothing in it is evidence alone. Marks are told in the caption too, which is what a screen reader
says in the picture's place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.forensics.drawing import png
from masquerade.forensics.evidence import Evidence, Figure
from masquerade.forensics.hearing import Floats, decibels, spectrogram
from masquerade.media.lettering import draw_words, width_px
from masquerade.types import RGB, Audio

LONG_S: Final = 20.0
"""From here on, what stands out most is shown once more by itself."""
_CLOSE_S: Final = 10.0
_PAGE_WH: Final = (760, 380)
_MARGINS: Final = (88, 74, 24, 52)  # left, top, right, foot
_RANGE_DB: Final = 70.0
_STEP_HZ: Final = 2000
_LETTERS_PX: Final = 20
_BAR_PX: Final = 10
_FAINT: Final = (190, 190, 198)
_UNHEARD: Final = (226, 228, 233)
_COPIED: Final = (176, 26, 38)
_SEAM: Final = (20, 90, 220)
_LOUD: Final = np.array(
    [[255, 255, 255], [214, 219, 229], [140, 150, 172], [70, 78, 102], [16, 18, 26]], np.float64
)  # print and screens alike: darker is louder
_MOST_TOLD: Final = 4


@dataclass(frozen=True, slots=True)
class Marks:
    """What is marked: (start, end) in seconds each.

    Attributes:
        copied: Where a voice sounds as if a vocoder had copied it.
        seams: Where a sound occurs twice, or breaks off within speech.
    """

    copied: tuple[tuple[float, float], ...] = ()
    seams: tuple[tuple[float, float], ...] = ()

    @classmethod
    def of(cls, evidence: Sequence[Evidence]) -> Marks:
        """What signals of the sound found.

        Args:
            evidence: Of one file.
        """
        spans: Mapping[str, list[tuple[float, float]]] = {
            one.signal: [
                (float(some.start_s), float(some.end_s)) for some in one.stretches if some.level > 0
            ]
            for one in evidence
        }
        return cls(_joined(spans.get("learned_sound", [])), tuple(spans.get("sound_edits", [])))

    def within(self, start_s: float, end_s: float) -> Marks:
        """Those that lie in a part of the sound, cut off at its ends."""
        both = (
            tuple((max(a, start_s), min(b, end_s)) for a, b in some if a < end_s and b > start_s)
            for some in (self.copied, self.seams)
        )
        return Marks(*both)

    def words(self) -> str:
        """What is marked, in a sentence."""
        told = []
        if self.copied:
            where = _listed([f"{a:.1f} to {b:.1f} s" for a, b in self.copied])
            told.append(
                f"red bars, where the voice network leans towards a copied voice ({where}; single"
                " ones occur in recordings too)"
            )
        if self.seams:
            where = _listed([f"{a:.2f} s" for a, _ in self.seams])
            told.append(f"blue dashed lines, repeats and gaps ({where})")
        return f"Marked: {'; '.join(told)}." if told else "Nothing is marked in it."


def spectrum_figures(sounds: Sequence[Audio], evidence: Sequence[Evidence]) -> tuple[Figure, ...]:
    """The sound as a picture; of a long one also the part that stands out most.

    Args:
        sounds: Stretches of one file's sound, mono, in order of time.
        evidence: What signals found in it.
    """
    heard = [one for one in sounds if one.samples.shape[1] > one.sr // 10]
    if not heard:
        return ()
    marks = Marks.of(evidence)
    start_s, end_s = float(heard[0].start_s), _end_s(heard[-1])
    whole = _figure(heard, marks, (start_s, end_s), "The sound that was examined")
    top = _loudest_claim(evidence)
    if end_s - start_s < LONG_S or top is None:
        return (whole,)
    first = min(max(start_s, top - _CLOSE_S / 2), end_s - _CLOSE_S)
    ends = (first, first + _CLOSE_S)
    title = "The ten seconds around what stands out most"
    return (whole, replace(_figure(heard, marks.within(*ends), ends, title), name="spectrum_close"))


def _figure(sounds: Sequence[Audio], marks: Marks, ends: tuple[float, float], title: str) -> Figure:
    highest = sounds[0].sr / 2
    caption = (
        f"{title}, as a spectrogram: time across, {ends[0]:.1f} to {ends[1]:.1f} s; frequency"
        f" upwards, 0 to {highest:.0f} Hz; darker is louder. {marks.words()} Not evidence alone."
    )
    return Figure("spectrum", _drawn(sounds, marks, ends), caption)


def _drawn(sounds: Sequence[Audio], marks: Marks, ends: tuple[float, float]) -> bytes:
    width, height = _PAGE_WH
    left, top, right, foot = _MARGINS
    page = np.full((height, width, 3), 255, np.uint8)
    inside = page[top : height - foot, left : width - right]
    inside[:] = _UNHEARD
    levels = [_levels(one, ends, inside.shape[1]) for one in sounds]
    loudest = max((float(level.max()) for _, level in levels if level.size), default=0.0)
    for first, level in levels:
        shade = np.clip((level - loudest) / _RANGE_DB + 1, 0, 1)
        size = (level.shape[1], inside.shape[0])
        small = np.asarray(cv2.resize(shade, size, interpolation=cv2.INTER_AREA), np.float64)
        inside[:, first : first + level.shape[1]] = _coloured(small[::-1])
    _axes(page, ends, sounds[0].sr / 2)
    _mark(page, marks, ends)
    return png(page)


def _levels(sound: Audio, ends: tuple[float, float], wide: int) -> tuple[int, Floats]:
    """(First column, (f, columns) level in dB) of a stretch of sound on a page's time axis."""
    per_s = wide / max(ends[1] - ends[0], 1e-9)
    power, hertz = spectrogram(sound, hop_s=min(max(0.25 / per_s, 0.002), 0.02))
    times_s = float(sound.start_s) + np.linspace(
        0, sound.samples.shape[1] / sound.sr, len(power), endpoint=False
    )
    columns = np.floor((times_s - ends[0]) * per_s).astype(int)
    keep = (columns >= 0) & (columns < wide)
    if not keep.any():
        return 0, np.zeros((len(hertz), 0))
    power, columns = power[keep], columns[keep]
    first, last = int(columns[0]), int(columns[-1])
    starts = np.searchsorted(columns, np.arange(first, last + 1))
    return first, decibels(np.maximum.reduceat(power, np.minimum(starts, len(power) - 1))).T


def _coloured(shade: NDArray[np.float64]) -> RGB:
    """(h, w) in [0, 1] as colours from white to dark."""
    steps = np.linspace(0, 1, len(_LOUD))
    some = np.stack([np.interp(shade, steps, _LOUD[:, part]) for part in range(3)], axis=2)
    return np.asarray(np.rint(some), np.uint8)


def _axes(page: RGB, ends: tuple[float, float], highest_hz: float) -> None:
    """Seconds below, Hz beside."""
    height, width = page.shape[:2]
    left, top, right, foot = _MARGINS
    cv2.rectangle(page, (left - 1, top - 1), (width - right, height - foot), _FAINT, 1)
    for hertz in range(0, int(highest_hz) + 1, _STEP_HZ):
        y = round(height - foot - hertz / highest_hz * (height - top - foot))
        cv2.line(page, (left - 6, y), (left - 1, y), _FAINT, 2)
        draw_words(page, str(hertz), (left - 9, y), size_px=_LETTERS_PX - 2, anchor="right")
    draw_words(page, "Hz", (left - 9, top - 24), size_px=_LETTERS_PX - 2, anchor="right")
    step = _step(ends[1] - ends[0])
    for tick in np.arange(np.ceil(ends[0] / step) * step, ends[1] + 1e-6, step):
        x = round(_across(float(tick), ends))
        cv2.line(page, (x, height - foot), (x, height - foot + 5), _FAINT, 2)
        draw_words(
            page, f"{tick:g}", (x, height - foot + 17), size_px=_LETTERS_PX - 2, anchor="middle"
        )
    middle = (left + width - right) / 2
    draw_words(page, "seconds", (middle, height - 12), size_px=_LETTERS_PX - 2, anchor="middle")


def _mark(page: RGB, marks: Marks, ends: tuple[float, float]) -> None:
    """Bars above the picture and lines through it, with words on what they are."""
    height = page.shape[0]
    left, top, _, foot = _MARGINS
    after = float(left)
    for spans, colour, words in (
        (marks.copied, _COPIED, "leans towards a copied voice"),
        (marks.seams, _SEAM, "repeat or gap"),
    ):
        if not spans:
            continue
        draw_words(page, words, (after, 20), size_px=_LETTERS_PX, colour=colour)
        after += width_px(words, _LETTERS_PX) + 28
        for a, b in spans:
            x, end = (round(_across(one, ends)) for one in (a, b))
            if colour == _COPIED:
                cv2.rectangle(page, (x, top - 4 - _BAR_PX), (max(end, x + 2), top - 4), colour, -1)
                for edge in (x, end):
                    cv2.line(page, (edge, top), (edge, height - foot), colour, 1)
            else:
                for y in range(top - 4 - 2 * _BAR_PX, height - foot, 10):
                    cv2.line(page, (x, y), (x, min(y + 5, height - foot)), colour, 2)
    if after == left:
        draw_words(page, "nothing marked", (after, 20), size_px=_LETTERS_PX, colour=(120, 120, 128))


def _across(time_s: float, ends: tuple[float, float]) -> float:
    """Where a moment lies on the page."""
    left, _, right, _ = _MARGINS
    share = (time_s - ends[0]) / max(ends[1] - ends[0], 1e-9)
    return left + min(max(share, 0.0), 1.0) * (_PAGE_WH[0] - left - right)


def _step(length_s: float) -> float:
    """From tick to tick, so that there are four to ten."""
    for step in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 3600):
        if length_s / step <= 10:
            return float(step)
    return length_s / 5


def _joined(spans: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Spans in order of time, those that touch made one."""
    found: list[tuple[float, float]] = []
    for a, b in sorted(spans):
        if found and a <= found[-1][1] + 0.01:
            found[-1] = (found[-1][0], max(found[-1][1], b))
        else:
            found.append((a, b))
    return tuple(found)


def _listed(words: Sequence[str]) -> str:
    """The first few, and how many there are beside them."""
    more = len(words) - _MOST_TOLD
    return ", ".join(words[:_MOST_TOLD]) + (f" and {more} more" if more > 0 else "")


def _loudest_claim(evidence: Sequence[Evidence]) -> float | None:
    """The middle of what stands out most, in seconds; None where nothing does."""
    some = [
        part
        for name in ("learned_sound", "sound_edits")
        for one in evidence
        if one.signal == name
        for part in one.stretches
        if part.level > 0
    ]
    if not some:
        return None
    best = max(some, key=lambda part: part.level)
    return (float(best.start_s) + float(best.end_s)) / 2


def _end_s(sound: Audio) -> float:
    return float(sound.start_s + Fraction(sound.samples.shape[1], sound.sr))
