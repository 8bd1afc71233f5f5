"""A voice built from minutes of somebody's speech, in seconds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import InputError
from masquerade.speech.convert import colour_by
from masquerade.speech.finish import BANDS, Finish, learn_finish
from masquerade.speech.mono import SR, mono
from masquerade.speech.readers import SpeechReader
from masquerade.speech.speaker import voice_embedding
from masquerade.speech.voice import LEVEL, Passage, Voice, hear, manner_of
from masquerade.speech.voice_activity import speech_spans, spoken_s, spoken_samples
from masquerade.speech.world import (
    ORDER,
    Frames,
    breath_of,
    f0_of,
    put_together,
    with_power_of,
)
from masquerade.types import Audio

LEAST_S: Final = 60.0
"""Less speech makes no voice: every third word would be lost."""
WARN_S: Final = 120.0
"""With less, one word in eight is lost."""
MOST_S: Final = 600.0
"""More speech is left out: neighbours are hardly nearer, and every conversion slower."""
_PART_S: Final = 12.0
_PROBES: Final = 4  # parts that are converted into the voice's own speech, to see what is lost
_GAIN: Final = (0.8, 2.2)
_NO_FINISH: Final = np.zeros((BANDS, 2), np.float32)


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a recording: samples at the level that is learned at, and what is heard in it."""

    samples: NDArray[np.float32]
    spoken: NDArray[np.bool_]  # (n,) for each unit
    passage: Passage
    breath: NDArray[np.float32]  # (2 n,)


def build_voice(
    recordings: Sequence[Audio],
    reader: SpeechReader,
    *,
    progress: Callable[[str, int, int | None], None] | None = None,
) -> Voice:
    """The voice that is heard in recordings of one person.

    Args:
        recordings: Mono at 16 kHz; two minutes of speech in all make a usable voice, five a good
            one. What lies beyond ten minutes is left out.
        reader: From `SpeechReader.open`.
        progress: Told (what, done, in all).

    Raises:
        UsageError: A recording is of another rate, or not mono.
        InputError: There is less than a minute of speech in them.
        ModelError: The package that brings WORLD is not there.
    """
    parts: list[_Part] = []
    speech: list[NDArray[np.float32]] = []
    known_s = 0.0
    for number, sound in enumerate(recordings):
        if progress:
            progress("listening to recordings", number, len(recordings))
        for part, words in _parts(sound, reader, MOST_S - known_s):
            parts.append(part)
            speech.append(words)
            known_s += float(part.spoken.sum()) / 100
    if known_s < LEAST_S:
        raise InputError(
            f"{known_s:.0f} s of speech, pauses not counted, are found in what was given",
            f"at least {LEAST_S:.0f} s; {WARN_S:.0f} s and more sound better, 300 s sound good",
            "add recordings of the same person, in a quiet room",
        )
    if progress:
        progress("learning the voice", 0, None)
    embedding = voice_embedding(np.concatenate(speech), reader.speaker)
    if embedding is None:
        raise InputError("the recordings are silent", "somebody who speaks")
    return _finished(_bare(parts, embedding), parts)


def _parts(
    sound: Audio, reader: SpeechReader, most_s: float
) -> list[tuple[_Part, NDArray[np.float32]]]:
    """A recording in parts, each with its speech, up to so many seconds of speech."""
    spans = speech_spans(replace(sound, start_s=type(sound.start_s)(0)), reader.activity)
    samples = mono(sound)
    if not spans or most_s <= 0:
        return []
    words = spoken_samples(replace(sound, start_s=type(sound.start_s)(0)), spans)
    level = np.float32(LEVEL / float(np.sqrt(np.mean(words.astype(np.float64) ** 2))))
    parts = []
    for group in _groups(spans):
        if most_s <= 0:
            break
        first, last = int(group[0][0] * SR), int(group[-1][1] * SR)
        loud = samples[first:last] * level
        passage = hear(loud, reader.content, reader.pitch)
        times_s = first / SR + np.arange(len(passage.units)) / 100
        spoken = np.zeros(len(times_s), bool)
        for begin, end in group:
            spoken |= (times_s >= begin) & (times_s < end)
        said = [loud[int(b * SR) - first : int(e * SR) - first] for b, e in group]
        breath = breath_of(loud, f0_of(loud, reader.pitch))[: len(passage.f0)]
        parts.append((_Part(loud, spoken, passage, breath), np.concatenate(said)))
        most_s -= spoken_s(group)
    return parts


def _groups(spans: list[tuple[float, float]]) -> list[list[tuple[float, float]]]:
    """Stretches of speech in groups of at most 12 s, cut where one is longer."""
    groups: list[list[tuple[float, float]]] = []
    for begin, end in spans:
        while end - begin > _PART_S:
            groups.append([(begin, begin + _PART_S)])
            begin += _PART_S
        if groups and end - groups[-1][0][0] <= _PART_S:
            groups[-1].append((begin, end))
        else:
            groups.append([(begin, end)])
    return groups


def _bare(parts: list[_Part], embedding: NDArray[np.float32]) -> Voice:
    """The voice without what is learned from speaking with it."""
    units = np.concatenate([part.passage.units[part.spoken] for part in parts])
    pairs = [_pairs(part) for part in parts]
    f0, cepstra, breath = (np.concatenate([one[k] for one in pairs]) for k in range(3))
    manner = manner_of(units, f0.reshape(-1))
    return Voice(
        units=manner.normal(units).astype(np.float16),
        cepstra=cepstra.astype(np.float16),
        breath=breath.astype(np.float16),
        f0=f0.astype(np.float16),
        manner=manner,
        middle=np.zeros(ORDER, np.float32),
        gain=np.ones(ORDER, np.float32),
        finish=Finish(_NO_FINISH, _NO_FINISH, np.zeros(BANDS, np.float32)),
        embedding=embedding,
    )


def _pairs(part: _Part) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Pitch (n, 2), cepstra (n, 2, 60) and breath (n, 2) of the units that are speech."""
    chosen, count = part.spoken, len(part.spoken)
    return (
        part.passage.f0.reshape(count, 2)[chosen],
        part.passage.cepstra.reshape(count, 2, -1)[chosen],
        part.breath.reshape(count, 2)[chosen],
    )


def _finished(voice: Voice, parts: list[_Part]) -> Voice:
    """The voice with what it has learned from saying some of its own parts by the others."""
    counts = [int(part.spoken.sum()) for part in parts]
    firsts = np.concatenate([[0], np.cumsum(counts)])
    bank = voice.units.astype(np.float32)
    chosen = np.unique(np.linspace(0, len(parts) - 1, _PROBES + 2).astype(int)[1:-1])
    said = []
    for number in chosen:
        barred = slice(int(firsts[number]), int(firsts[number + 1]))
        normal = voice.manner.normal(parts[number].passage.units)
        said.append(colour_by(normal, bank, voice, barred))
    spoken = [np.repeat(parts[number].spoken, 2) for number in chosen]
    flat = np.concatenate([one[0][rows] for one, rows in zip(said, spoken, strict=True)])
    real = np.concatenate(
        [parts[n].passage.cepstra[rows] for n, rows in zip(chosen, spoken, strict=True)]
    )
    gain = np.clip(real.std(axis=0) / np.maximum(flat.std(axis=0), 1e-6), *_GAIN)
    gain[0] = 1.0
    middle = flat.mean(axis=0)
    made = []
    for number, (cepstra, breath) in zip(chosen, said, strict=True):
        heard = parts[number].passage
        loud = with_power_of(middle + (cepstra - middle) * gain, heard.cepstra)
        made.append(put_together(Frames(heard.f0, loud, breath), len(parts[number].samples)))
    finish = learn_finish([parts[number].samples for number in chosen], made, spoken)
    return replace(
        voice, middle=middle.astype(np.float32), gain=gain.astype(np.float32), finish=finish
    )
