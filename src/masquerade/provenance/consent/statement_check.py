"""A recorded statement, held against what it has to say, and whose voice it is bound to.

The recording has to be clear and unmarked, one person's from beginning to end, in the words of the
statement that was printed here, with its random words at the end. What this cannot find: a machine
of somebody else that speaks the statement in the person's voice, and words of the person's own that
were cut together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from pathlib import Path
from typing import Final, Self

import numpy as np

from masquerade.errors import ConsentError, InputError
from masquerade.models.speaker import SR
from masquerade.models.store import Progress
from masquerade.models.word_recogniser import Word, WordRecogniser
from masquerade.provenance.consent.challenge import Challenge, answered, heard_of
from masquerade.provenance.consent.heard_voice import HeardVoice
from masquerade.provenance.consent.one_speaker import least_alike
from masquerade.provenance.consent.recording import Recording, read_recording
from masquerade.provenance.consent.sounds_like import words as plain_words
from masquerade.provenance.consent.statement import Statement, check_said
from masquerade.provenance.consent.voice_reader import VoiceReader, apart, voice_network
from masquerade.speech.words import words
from masquerade.types import Audio

LEAST_SPEECH_S: Final = 8.0
ONE_SPEAKER: Final = 0.2
"""Distance from the rest of a statement that four seconds of it may have."""
CHALLENGE_APART: Final = 0.22
"""Distance from the rest of a statement that its random words, three seconds or so, may have."""
SAME_VOICE: Final = 0.18
"""Distance of two recordings of one person."""
NOT_TOLD: Final = (
    "whether a machine of somebody else spoke it is not part of this check; `masquerade examine`"
    " looks for the traces of one in a recording, and can err"
)
_LEAST_CHALLENGE_S: Final = 1.5
_MOST_HEARD: Final = 4000


@dataclass(frozen=True, slots=True)
class StatementReader:
    """What listens to statements: whose voice, and which words."""

    voices: VoiceReader
    recogniser: WordRecogniser

    @classmethod
    def open(cls, *, progress: Progress | None = None) -> Self:
        """The networks with their weights loaded, fetched on first use.

        Raises:
            ModelError: They cannot be had: nothing is taken for a statement without them.
        """
        return cls(VoiceReader.open(progress=progress), WordRecogniser.open(progress=progress))


def hear_statement(
    path: Path,
    stated: Statement,
    reader: StatementReader,
    *,
    now: datetime | None = None,
    home: Path | None = None,
) -> HeardVoice:
    """The voice of somebody who said that statement, with the words drawn for it.

    Args:
        path: The recording.
        stated: What it has to say.
        reader: From `StatementReader.open`.
        now: The time of use.
        home: The installation's folder.

    Raises:
        InputError: The recording cannot be used; the message says what to do.
        ConsentError: It says something else, is old, of two people, or made by a machine.
        ModelError: A network failed.
        ProvenanceError: Keys or ledger cannot be relied on.
    """
    recording = read_recording(path, home=home)
    _check_one_speaker(recording, reader.voices)
    said = words(recording.sound, reader.recogniser, reader.voices.activity)
    heard = " ".join(word.text.strip() for word in said)
    check_said(stated, heard)
    spoken = [(plain, word) for word in said for plain in plain_words(word.text)]
    challenge = answered(stated, [plain for plain, _ in spoken], now=now, home=home)
    _check_challenge_voice(recording.sound, challenge, spoken, reader.voices)
    return _measured(recording, reader.voices, challenge.id, heard)


def hear_recording(path: Path, reader: VoiceReader, *, home: Path | None = None) -> HeardVoice:
    """The one voice of a recording that is no statement: of a persona, or of somebody who died.

    Raises:
        InputError: The recording cannot be used.
        ConsentError: It is of two people, or was made by a machine that says so.
        ModelError: A network failed.
        ProvenanceError: Keys or ledger cannot be relied on.
    """
    recording = read_recording(path, home=home)
    _check_one_speaker(recording, reader)
    return _measured(recording, reader, "", "")


def check_one_voice(heard: Sequence[HeardVoice]) -> None:
    """Passes when several recordings are of one person: a record is of nobody else.

    Raises:
        ConsentError: Two of them are of different people.
    """
    for one, other in combinations(heard, 2):
        distance = apart(one.embedding, other.embedding)
        if distance > SAME_VOICE:
            raise ConsentError(
                f"two of the recordings are of different people: distance {distance:.2f}",
                f"at most {SAME_VOICE:.2f}",
                "give recordings of one person",
            )


def _measured(recording: Recording, reader: VoiceReader, challenge: str, heard: str) -> HeardVoice:
    speech = reader.speech(recording.sound)
    return HeardVoice(
        reader.embedding(speech),
        voice_network(),
        recording.sha256,
        len(speech) / SR,
        challenge,
        heard[:_MOST_HEARD],
    )


def _check_one_speaker(recording: Recording, reader: VoiceReader) -> None:
    speech = reader.speech(recording.sound)
    speech_s = len(speech) / SR
    if speech_s < LEAST_SPEECH_S:
        raise InputError(
            f"{recording.name} holds {speech_s:.1f} s of speech"
            if speech_s
            else f"nobody speaks in {recording.name}: music or noise, perhaps",
            f"at least {LEAST_SPEECH_S:.0f} s",
            "read the whole statement, slowly, close to the microphone",
        )
    distance = least_alike(speech, reader)
    if distance > ONE_SPEAKER:
        raise ConsentError(
            f"{recording.name} does not sound like one person from beginning to end:"
            f" distance {distance:.2f}",
            f"at most {ONE_SPEAKER:.2f} between any four seconds and the rest",
            "record it in one go, in one room, with nobody else speaking",
        )


def _check_challenge_voice(
    sound: Audio,
    challenge: Challenge,
    spoken: Sequence[tuple[str, Word]],
    reader: VoiceReader,
) -> None:
    """Passes when the random words are said by whoever says the rest."""
    places = heard_of(challenge.words, [plain for plain, _ in spoken])
    start_s = float(sound.start_s)
    begin = max(0, round((spoken[places[0]][1].start_s - start_s) * SR))
    end = round((spoken[places[-1]][1].end_s - start_s) * SR)
    samples = sound.samples[0]
    inside = reader.speech(Audio(samples[None, begin:end], SR))
    rest = reader.speech(Audio(np.concatenate([samples[:begin], samples[end:]])[None], SR))
    if len(inside) < _LEAST_CHALLENGE_S * SR:
        raise ConsentError(
            "the random words at the end are said too fast to tell whose voice it is",
            f"at least {_LEAST_CHALLENGE_S} s of speech",
            "record the statement again, with a short pause after each of these words",
        )
    distance = apart(reader.embedding(inside), reader.embedding(rest))
    if distance > CHALLENGE_APART:
        raise ConsentError(
            "the random words at the end are not in the voice of the rest:"
            f" distance {distance:.2f}",
            f"at most {CHALLENGE_APART:.2f}",
            "record the whole statement in one go",
        )
