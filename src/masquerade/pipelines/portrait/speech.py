"""A recording studied for a talking portrait: what lips do, how loud it is, when it is spoken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import InputError, LimitError
from masquerade.faces.mesh import topology
from masquerade.faces.mouth.generic import space_around
from masquerade.faces.mouth.spoken_mesh import lips_of
from masquerade.generate.portrait import Lines
from masquerade.models.generic_lips import GenericLips
from masquerade.models.phone_recogniser import PhoneRecogniser
from masquerade.models.speech_content import SpeechContent
from masquerade.models.store import Progress
from masquerade.models.voice_activity import VoiceActivity
from masquerade.pipelines.voice.new_speech import NewSpeech
from masquerade.speech.anybody import AnybodysArticulation
from masquerade.speech.heard import hear
from masquerade.speech.loudness import loudness
from masquerade.speech.phones import phones, shut_spans
from masquerade.speech.voice_activity import speech_spans, spoken_s
from masquerade.types import Audio

Language: TypeAlias = Literal["en", "other"]

SR: Final = 16_000
MOST_S: Final = 30 * 60
LIVELIER: Final = 1.6
"""By how much people move their lips more than a network says that has learned to be cautious."""
_LEAST_S: Final = 1.0  # of speech, below which nobody is thought to talk


@dataclass(frozen=True, slots=True)
class Speech:
    """A recording, studied.

    Attributes:
        new: What is heard, and what lips follow.
        lines: What the mouth does, on the clock of a video that begins with it.
        count: Pictures of that video.
        lips: SHA-256 of the network that says what mouths do.
    """

    new: NewSpeech
    lines: Lines
    count: int
    lips: str


def read_speech(new: NewSpeech, language: Language, fps: int, say: Progress) -> Speech:
    """What speech asks of whoever speaks it.

    Args:
        new: What is to be said.
        language: Where it is English, lips are closed on b, m and p.
        fps: Pictures in a second.
        say: Told (what, done, in all or 0).

    Raises:
        InputError: Nobody speaks in it; LimitError where it is too long.
    """
    activity, content = VoiceActivity.open(progress=say), SpeechContent.open(progress=say)
    net = GenericLips.open()
    say("listening to what is said", 0, 0)
    heard = _whole(new.followed())
    spans = speech_spans(heard, activity)
    if spoken_s(spans) < _LEAST_S:
        raise _too_little(new, spoken_s(spans))
    count = max(1, ceil(Fraction(heard.samples.shape[1], SR) * fps))
    times_s = np.arange(count) / fps
    shut_s = shut_lips(heard) if language == "en" else np.zeros((0, 2))
    loud = loudness(heard, times_s)
    lines = Lines(times_s, lips_heard(heard, times_s, content, net), loud, tuple(spans), shut_s)
    return Speech(new, lines, count, net.sha256)


def _too_little(new: NewSpeech, speech_s: float) -> InputError:
    if new.is_recorded:
        return InputError(
            f"nobody is heard to speak in {new.name}",
            "a recording of somebody who speaks, without music over it",
            "use another recording",
        )
    return InputError(
        f"the text takes {speech_s:.1f} s to say",
        f"at least {_LEAST_S:.0f} s",
        "give a longer text, such as a whole sentence",
    )


def lips_heard(
    heard: Audio, times_s: NDArray[np.float64], content: SpeechContent, net: GenericLips
) -> NDArray[np.float32]:
    """(n, 2) float32 what anybody's lips do with a sound: opening, spread of each corner.

    Args:
        heard: Mono at 16 kHz.
        times_s: (n,) seconds on its clock.
        content: The loaded network of speech.
        net: Which says how mouths move with it.
    """
    space = space_around([topology().neutral], net.basis)
    shapes = AnybodysArticulation(net)(hear(heard, content), times_s)
    return np.asarray(lips_of(space, shapes) * np.float32(LIVELIER), np.float32)


def _whole(blocks: Iterator[Audio]) -> Audio:
    """What is said, mono at 16 kHz, in one piece; the video begins with its first sample.

    Raises:
        LimitError: It is too long.
    """
    parts, lasts = list[NDArray[np.float32]](), 0
    for block in blocks:
        parts.append(block.samples)
        lasts += block.samples.shape[1]
        if lasts > MOST_S * SR:
            raise LimitError(
                f"what is said takes more than {MOST_S // 60} minutes",
                "a shorter recording",
                "cut it, and make a video of each part",
            )
    return Audio(np.concatenate(parts or [np.zeros((1, 0), np.float32)], axis=1), SR)


def shut_lips(heard: Audio) -> NDArray[np.float64]:
    """(m, 2) seconds from when to when lips are shut for b, m and p, by recognised phones.

    Args:
        heard: Mono at 16 kHz, in English.
    """
    return shut_spans(phones(heard, PhoneRecogniser.open()))
