"""What somebody says in the voice of another, with pitch, timing and loudness of who says it.

Baas, van Niekerk and Kamper, "Voice Conversion With Just Nearest Neighbors" (2023), with what each
neighbour's speaker made of the sound in place of its features: the colours of the eight units of
the voice that are most like each unit of the speech are averaged. What averaging flattens is spread
again; what is quicker than a fortieth of a second, such as the burst of a p, stays the speaker's
own, which keeps words apart. How loud a sound is beside those next to it is the voice's; how
loudness rises and falls over more than a fifth of a second is the speaker's.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import InputError
from masquerade.speech.content import content_units
from masquerade.speech.mono import SR
from masquerade.speech.readers import SpeechReader
from masquerade.speech.tape import Tape
from masquerade.speech.voice import LEVEL, Manner, Voice, hear, manner_of
from masquerade.speech.voice_activity import speech_spans, spoken_s, spoken_samples
from masquerade.speech.world import Frames, f0_of, log_power, put_together, with_power_of
from masquerade.types import Audio

__all__ = ["Converter", "SpeechReader", "Voice", "colour_by", "convert"]

_NEIGHBOURS: Final = 8
_SHARPNESS: Final = 4  # power of a neighbour's likeness by which it counts
_SLOW: Final = 5  # frames over which the change of colour is smoothed: 25 ms
_COURSE: Final = 81  # frames, weighed by Hann's window, that make the course of loudness: 0.2 s
_LOUDER: Final = 3.0  # most that counts of a difference of power, as a natural logarithm: 13 dB
_PAUSE: Final = (-7.5, -5.0)
"""Power beside the loudest sounds', as a logarithm: from pauses (-33 dB) to speech (-22 dB)."""
_LEVELLED: Final = 1.5  # most by which a part is made louder or softer
_LOWEST_HZ: Final = 50.0
_HIGHEST_HZ: Final = 450.0
_LEARNED: Final = 90 * SR  # of the speaker, before anything is converted
_PATIENCE: Final = 600 * SR  # sound without speech before it is given up
LEAST_S: Final = 1.0
"""Seconds of speech by which a speaker is known well enough to be converted."""
_PART: Final = 10 * SR
_SLACK: Final = 3 * SR  # how far before its end a part may be cut, to cut in a pause
_AROUND: Final = SR // 2 // 256 * 256
_FADE: Final = SR // 100
_QUIET: Final = SR // 20
_KNEE: Final = 0.9  # samples above are bent to stay below 1


def convert(sound: Audio, voice: Voice, reader: SpeechReader) -> Audio:
    """The sound in another voice, as long as it was.

    Args:
        sound: Speech of one person, mono at 16 kHz.
        voice: From `build_voice` or `read_voice`.
        reader: From `SpeechReader.open`.

    Returns:
        Mono at 16 kHz, its first sample where the sound's is.

    Raises:
        UsageError: The sound is of another rate, or not mono.
        InputError: Nobody speaks in it.
        ModelError: The package that brings WORLD is not there.

    Example:
        >>> made = convert(sound, voice, SpeechReader.open())  # doctest: +SKIP
    """
    made = [part.samples for part in Converter(voice, reader)(iter([sound]))]
    silence = np.zeros((1, 0), np.float32)
    return Audio(np.concatenate([silence, *made], axis=1), SR, sound.start_s)


class Converter:
    """Turns speech that comes in blocks into another voice, with little of it held at once.

    The speaker is learned from the first minute and a half; then parts of seven to ten seconds are
    converted one by one, cut where it is quietest. How the blocks come changes nothing.

    Args:
        voice: The voice.
        reader: From `SpeechReader.open`.
    """

    def __init__(self, voice: Voice, reader: SpeechReader) -> None:
        self._voice, self._reader = voice, reader
        self._bank = voice.units.astype(np.float32)

    def __call__(self, blocks: Iterator[Audio]) -> Iterator[Audio]:
        """The new sound, in parts without gaps.

        Args:
            blocks: Mono at 16 kHz, without gaps.

        Raises:
            UsageError: A block is of another form.
            InputError: Nobody speaks in it.
            ModelError: The package that brings WORLD is not there.
        """
        tape = Tape(blocks)
        if not tape.reach(0, 1):
            return
        level, manner = self._speaker(tape)
        start, tail = 0, np.zeros(0, np.float32)
        while tape.reach(start, 1):
            end = tape.cut(start, _PART, _SLACK, _QUIET)
            before = max(0, start - _AROUND)
            heard = tape.between(before, end + _AROUND) * np.float32(level)
            made = self._part(heard, manner, before) / np.float32(level)
            piece = made[start - before : end - before]
            if len(tail):
                rise = np.linspace(0, 1, len(tail) + 2, dtype=np.float32)[1:-1]
                count = min(len(tail), len(piece))
                piece[:count] = piece[:count] * rise[:count] + (tail * (1 - rise))[:count]
            tail = made[end - before : end - before + _FADE].copy()
            yield Audio(_bent(piece)[None], SR, tape.start_s + Fraction(start, SR))
            start = end
            tape.forget(start - _AROUND)

    def _speaker(self, tape: Tape) -> tuple[float, Manner]:
        """What brings the speech to the level that is learned at, and how the person speaks."""
        wanted = _LEARNED
        while True:
            whole = tape.reach(0, wanted)
            sound = Audio(tape.between(0, wanted)[None], SR)
            spans = speech_spans(sound, self._reader.activity)
            if spoken_s(spans) >= LEAST_S:
                break
            if not whole or wanted >= _PATIENCE:
                raise InputError(
                    f"{spoken_s(spans):.1f} s of speech are found in {wanted // SR} s of sound"
                    if whole
                    else f"{spoken_s(spans):.1f} s of speech are found in it",
                    "somebody who speaks, loud enough to be told from noise and music",
                    "give a recording of speech, or a longer text, or cut off what is before it",
                )
            wanted += _LEARNED
        speech = spoken_samples(sound, spans)[: _LEARNED // 2]
        level = LEVEL / float(np.sqrt(np.mean(speech.astype(np.float64) ** 2)))
        loud = speech * np.float32(level)
        units = content_units(Audio(loud[None], SR), self._reader.content)
        return level, manner_of(units, f0_of(loud, self._reader.pitch))

    def _part(
        self, samples: NDArray[np.float32], manner: Manner, start: int
    ) -> NDArray[np.float32]:
        """Speech of the level that is learned at, in the voice."""
        if len(samples) < _QUIET:
            return samples
        passage = hear(samples, self._reader.content, self._reader.pitch)
        voice = self._voice
        theirs, breath = colour_by(manner.normal(passage.units), self._bank, voice)
        cepstra = voice.middle + (theirs - voice.middle) * voice.gain
        own = passage.cepstra
        cepstra = with_power_of(own + _slow(cepstra - own, _SLOW), own)
        power = log_power(own)
        cepstra[:, 0] += _quick(log_power(theirs) - power, power)
        f0 = _moved(passage.f0, manner.log_f0, voice.manner.log_f0)
        made = put_together(Frames(f0, cepstra, breath), len(samples))
        return _as_loud(voice.finish(made, start=start), samples)


def colour_by(
    units: NDArray[np.float32],
    bank: NDArray[np.float32],
    voice: Voice,
    barred: slice | None = None,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Colour and breath that a voice gives these units, smoothed a little.

    Args:
        units: (n, 384) float32 from `Manner.normal`.
        bank: (m, 384) float32, the voice's units.
        voice: The voice.
        barred: Units of the voice that must not be taken.

    Returns:
        (2 n, 60) and (2 n,) float32.
    """
    alike = units @ bank.T
    if barred is not None:
        alike[:, barred] = -1
    nearest = np.argpartition(-alike, _NEIGHBOURS, axis=1)[:, :_NEIGHBOURS]
    share = np.maximum(np.take_along_axis(alike, nearest, 1), 0) ** _SHARPNESS + 1e-9
    share = (share / share.sum(axis=1, keepdims=True)).astype(np.float32)
    cepstra = np.einsum("nk,nkhc->nhc", share, voice.cepstra[nearest].astype(np.float32))
    noise = 10 ** (voice.breath[nearest].astype(np.float32) / 20)
    breath = 20 * np.log10(np.maximum(np.einsum("nk,nkh->nh", share, noise), 1e-4))
    return _smoothed(cepstra.reshape(2 * len(units), -1)), breath.reshape(-1)


def _smoothed(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    padded = np.pad(rows, ((1, 1), (0, 0)), mode="edge")
    return np.asarray(0.25 * padded[:-2] + 0.5 * rows + 0.25 * padded[2:], np.float32)


def _slow(change: NDArray[np.float32], frames: int) -> NDArray[np.float32]:
    """The part of a change (n, c) that takes more than about half of so many frames."""
    weights = np.hanning(frames + 2)[1:-1]
    weights /= weights.sum()
    padded = np.pad(change, ((frames // 2, frames // 2), (0, 0)), mode="edge")
    count = len(change)
    slow = np.zeros_like(change)
    for place, weight in enumerate(weights):
        slow += np.float32(weight) * padded[place : place + count]
    return slow


def _quick(louder: NDArray[np.float32], power: NDArray[np.float32]) -> NDArray[np.float32]:
    """What a voice's sounds (n,) are louder by than the speaker's, without its slow course.

    Pauses, and the silence before a p, stay as quiet as the speaker's (n,) are.
    """
    bounded = np.clip(louder, -_LOUDER, _LOUDER)
    quick = bounded - _slow(bounded[:, None], _COURSE)[:, 0]
    pause, speech = _PAUSE
    spoken = np.clip((power - np.percentile(power, 95) - pause) / (speech - pause), 0, 1)
    return np.where(quick > 0, quick * spoken, quick).astype(np.float32)


def _as_loud(made: NDArray[np.float32], speech: NDArray[np.float32]) -> NDArray[np.float32]:
    """The samples as loud as the speech; WORLD and the finish leave them about 1 dB softer."""
    own, wanted = (float(np.sqrt(np.mean(x.astype(np.float64) ** 2))) for x in (made, speech))
    return made * np.float32(np.clip(wanted / max(own, 1e-9), 1 / _LEVELLED, _LEVELLED))


def _moved(
    f0: NDArray[np.float32], own: tuple[float, float], other: tuple[float, float]
) -> NDArray[np.float32]:
    """The pitch contour where the other's voice lies, as lively as theirs."""
    logarithm = np.log(np.maximum(f0, 1.0))
    wide = np.clip(other[1] / own[1], 0.5, 2.0)
    moved = np.exp((logarithm - own[0]) * wide + other[0])
    return np.where(f0 > 0, np.clip(moved, _LOWEST_HZ, _HIGHEST_HZ), 0).astype(np.float32)


def _bent(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """The samples, those near full scale bent smoothly so that none is clipped."""
    over = np.abs(samples) - _KNEE
    room = 1 - _KNEE
    bent = np.sign(samples) * (_KNEE + room * np.tanh(np.maximum(over, 0) / room))
    return np.where(over > 0, bent, samples).astype(np.float32)
