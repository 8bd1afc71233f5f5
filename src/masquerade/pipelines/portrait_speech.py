"""A recording studied for a talking portrait: what lips do, how loud it is, when it is spoken."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import numpy as np

from masquerade.errors import InputError, LimitError, UsageError
from masquerade.generate.portrait import Lines
from masquerade.hashing import file_sha256
from masquerade.media.audio import read_audio
from masquerade.media.probe import probe
from masquerade.models.phone_recogniser import PhoneRecogniser
from masquerade.models.store import Progress
from masquerade.models.voice_activity import VoiceActivity
from masquerade.speech.loudness import loudness
from masquerade.speech.phones import BILABIALS, phones
from masquerade.speech.visemes import lips_of
from masquerade.speech.voice_activity import speech_spans, spoken_s
from masquerade.types import Audio, InputUse

if TYPE_CHECKING:
    from pathlib import Path

Language: TypeAlias = Literal["en", "other"]

SR: Final = 16_000
MOST_S: Final = 30 * 60
_LEAST_S: Final = 1.0  # of speech, below which nobody is thought to talk


@dataclass(frozen=True, slots=True)
class Speech:
    """A recording, studied.

    Attributes:
        input: The file.
        sound: As it is to be heard.
        lines: What the mouth does, on the clock of a video that begins with it.
        count: Pictures of that video.
    """

    input: InputUse
    sound: Audio
    lines: Lines
    count: int


def read_speech(path: Path, language: Language, fps: int, say: Progress) -> Speech:
    """What a recording asks of whoever speaks it.

    Args:
        path: A sound file, or a video with sound.
        language: Where it is English, lips are closed on b, m and p.
        fps: Pictures in a second.
        say: Told (what, done, in all or 0).

    Raises:
        UsageError: It holds no sound.
        InputError: Nobody speaks in it; LimitError where it is too long.
    """
    info = probe(path)
    if not info.audio:
        raise UsageError(f"{path.name} holds no sound", "a recording of speech")
    if (info.audio[0].duration_s or info.duration_s or 0) > MOST_S:
        raise LimitError(
            f"{path.name} is longer than {MOST_S // 60} minutes",
            "a shorter recording",
            "cut it, and make a video of each part",
        )
    activity = VoiceActivity.open(progress=say)
    say("listening to the recording", 0, 0)
    heard = read_audio(path, sr=SR, mono=True)
    heard = Audio(heard.samples, heard.sr)  # the video begins with its first sample
    spans = speech_spans(heard, activity)
    if spoken_s(spans) < _LEAST_S:
        raise InputError(
            f"nobody is heard to speak in {path.name}",
            "a recording of somebody who speaks, without music over it",
            "use another recording",
        )
    sound = read_audio(path)
    count = max(1, ceil(Fraction(sound.samples.shape[1], sound.sr) * fps))
    lines = _lines(heard, spans, language, count, fps)
    return Speech(InputUse("driving", path.name, file_sha256(path), path), sound, lines, count)


def _lines(
    heard: Audio, spans: list[tuple[float, float]], language: Language, count: int, fps: int
) -> Lines:
    times_s = np.arange(count) / fps
    loud = loudness(heard, times_s)
    spoken = phones(heard, PhoneRecogniser.open())
    shut = [(one.start_s, one.end_s) for one in spoken if one.name in BILABIALS]
    return Lines(
        times_s,
        lips_of(spoken, times_s, loud),
        loud,
        tuple(spans),
        np.array(shut if language == "en" else [], np.float64).reshape(-1, 2),
    )
