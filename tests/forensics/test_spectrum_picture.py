"""A sound as a picture: what sounds stands at its pitch and time, and marks are told in words."""

from fractions import Fraction

import cv2
import numpy as np
import pytest

from masquerade.forensics.evidence import Applies, Evidence, Family, Stretch
from masquerade.forensics.spectrum_picture import Marks, spectrum_figures
from masquerade.types import RGB, Audio

SR = 16_000
INSIDE = (slice(74, 328), slice(88, 736))  # of a page: 0 to 8000 Hz, and all of the time


def tone(hertz: float, length_s: float, start_s: float = 0) -> Audio:
    times_s = np.arange(round(length_s * SR)) / SR
    samples = 0.3 * np.sin(2 * np.pi * hertz * times_s)
    return Audio(samples[None].astype(np.float32), SR, Fraction(start_s))


def found(signal: str, *spans: tuple[float, float, float]) -> Evidence:
    parts = tuple(Stretch(Fraction(a), Fraction(b), level) for a, b, level in spans)
    return Evidence(signal, Family.SOUND, Applies.YES, "x", stretches=parts)


def page(png: bytes) -> RGB:
    return cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]


@pytest.mark.parametrize("hertz", [1000, 6000])
def test_a_tone_stands_at_its_frequency(hertz: int) -> None:
    (one,) = spectrum_figures([tone(hertz, 2)], ())
    inside = page(one.png)[INSIDE].astype(int).sum(axis=2)
    rows = np.argmin(inside[:, 100:500], axis=0)
    at = (1 - np.median(rows) / inside.shape[0]) * SR / 2
    assert abs(at - hertz) < 120
    assert "0.0 to 2.0 s" in one.caption
    assert "0 to 8000 Hz" in one.caption
    assert "Nothing is marked" in one.caption


def test_what_was_not_listened_to_is_neither_loud_nor_silent() -> None:
    (one,) = spectrum_figures([tone(1000, 2), tone(1000, 2, 8)], ())
    inside = page(one.png)[INSIDE]
    assert (inside[10:-10, 200:450] == (226, 228, 233)).all()
    assert not (inside[10:-10, 5:120] == (226, 228, 233)).all(axis=2).any()


def test_suspicious_windows_and_seams_are_marked_and_told() -> None:
    evidence = (
        found("learned_sound", (1, 2, 0.5), (2, 3, 0.2), (4, 5, 0.0)),
        found("sound_edits", (3.5, 3.9, 0.8)),
    )
    (one,) = spectrum_figures([tone(1000, 6)], evidence)
    assert "(1.0 to 3.0 s;" in one.caption
    assert "(3.50 s)" in one.caption
    bar = (page(one.png)[63] == (176, 26, 38)).all(axis=1)
    wide = 736 - 88
    assert np.flatnonzero(bar).min() == pytest.approx(88 + wide / 6, abs=2)
    assert np.flatnonzero(bar).max() == pytest.approx(88 + wide / 2, abs=2)
    blue = (page(one.png) == (20, 90, 220)).all(axis=2)
    assert blue[74:328].any(axis=0).argmax() == pytest.approx(88 + wide * 3.5 / 6, abs=2)


def test_of_a_long_sound_what_stands_out_most_is_shown_once_more() -> None:
    evidence = (found("learned_sound", (5, 6, 0.1), (30, 31, 0.9)),)
    whole, close = spectrum_figures([tone(1000, 40)], evidence)
    assert "0.0 to 40.0 s" in whole.caption
    assert "25.5 to 35.5 s" in close.caption
    assert "(30.0 to 31.0 s;" in close.caption
    assert len(spectrum_figures([tone(1000, 40)], ())) == 1


def test_only_the_first_marks_are_told_one_by_one() -> None:
    words = Marks(copied=tuple((float(n), n + 0.5) for n in range(9))).words()
    assert "and 5 more" in words


@pytest.mark.parametrize("sounds", [[], [tone(100, 0.01)]])
def test_of_no_sound_there_is_no_picture(sounds: list[Audio]) -> None:
    assert spectrum_figures(sounds, ()) == ()
