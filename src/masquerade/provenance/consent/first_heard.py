"""The beginning of a long recording held against the records, so that a stranger's is refused soon.

The gates listen to all of a recording. That of somebody who has no record at all is told from its
first half minute of speech, with room to spare; whoever passes here has passed nothing yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import ConsentError, InputError, ModelError
from masquerade.media.audio import sound_blocks
from masquerade.media.probe import probe
from masquerade.models.speaker import SR
from masquerade.models.store import Progress
from masquerade.provenance.consent.bound_voice import open_voice
from masquerade.provenance.consent.channels_heard import to_hear
from masquerade.provenance.consent.check import VOICE_THRESHOLD
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.provenance.consent.voice_reader import VoiceReader, apart, voice_network
from masquerade.provenance.consent.voices_apart import Listened, MeasuredVoice, told_apart
from masquerade.telling import no_progress
from masquerade.types import Audio, Embedding

LONG_S: Final = 180.0
"""Recordings up to this are listened to as a whole at once."""
SURE: Final = VOICE_THRESHOLD + 0.07
"""Distance from every record beyond which half a minute is enough."""
_SPEECH_S: Final = 30.0
_LOOKED_S: Final = 600  # of sound, after which it is left to the gates
_STEP_S: Final = 60


def check_beginning(
    path: Path, records: Sequence[ConsentRecord], progress: Progress = no_progress
) -> None:
    """Passes unless whoever speaks first in a long recording is clearly nobody of the records.

    Args:
        path: A sound or video file.
        records: Those that are given.
        progress: Told how many seconds were listened to.

    Raises:
        ConsentError: It is a stranger, or no record covers a voice.
    """
    try:
        long_s = float(probe(path).duration_s or 0)
        if long_s <= LONG_S:
            return
        able = _able(path, records)
        known = _known(able)
        found = _first(path, round(long_s), progress) if known else []
    except (InputError, ModelError):
        return  # whatever is wrong, the gates say
    for one in found:
        nearest = min(apart(one.embedding, voice) for voice in known)
        if nearest > SURE:
            raise _stranger(path, nearest, one)


def _able(path: Path, records: Sequence[ConsentRecord]) -> list[ConsentRecord]:
    """The records that are bound to a voice.

    Raises:
        ConsentError: None is.
    """
    able = [one for one in records if "voice" in one.modality and one.voices]
    if not able:
        raise ConsentError(
            f"whoever speaks in {path.name} has no consent record: none of those given is bound to"
            " a voice",
            "a record of that person that covers the voice",
            "make one with `masquerade consent statement` and `masquerade consent new --voice`",
        )
    return able


def _known(records: Sequence[ConsentRecord]) -> list[Embedding]:
    """The voices of records; none where one cannot be compared, and the gates say why."""
    network = voice_network()
    voices = [(one, record.id) for record in records for one in record.voices]
    if any(one.network != network for one, _ in voices):
        return []
    try:
        return [open_voice(one, name) for one, name in voices]
    except ConsentError:
        return []


def _first(path: Path, total: int, say: Progress) -> list[MeasuredVoice]:
    """Who is heard through most of the first half minute of speech; nobody where there is less."""
    reader, held = VoiceReader.open(), list[NDArray[np.float32]]()
    speech: list[NDArray[np.float32]] = []
    with closing(sound_blocks(path, sr=SR)) as blocks:
        for number, block in enumerate(blocks, 1):
            held.append(block.samples)
            if number % _STEP_S:
                continue
            speech.append(to_hear(Audio(np.concatenate(held, axis=1), SR), reader)[0])
            held.clear()
            say("listening to whose voice it is", number, total)
            if sum(map(len, speech)) >= _SPEECH_S * SR or number >= _LOOKED_S:
                break
    heard = np.concatenate([np.zeros(0, np.float32), *speech])[: round(_SPEECH_S * SR)]
    if len(heard) < _SPEECH_S * SR:
        return []
    listened = Listened(reader)
    listened.take(heard)
    return [one for one in told_apart([listened]) if one.share > 0.5]


def _stranger(path: Path, nearest: float, voice: MeasuredVoice) -> ConsentError:
    return ConsentError(
        f"whoever speaks in the first minutes of {path.name} is nobody of the records given:"
        f" distance {nearest:.2f} from the nearest, after {voice.speech_s:.0f} s of speech",
        f"at most {VOICE_THRESHOLD:.2f}",
        "give the record of whoever speaks, or a recording of the person of the record; the rest"
        " was not listened to",
    )
