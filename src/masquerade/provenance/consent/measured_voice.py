"""The voices in a file as this installation measures them itself, whatever a draft states.

All of a file is listened to, up to a length above which it is refused: ten minutes are in memory at
once, and of speech only what it measures is kept.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import ConsentError, InputError, LimitError, ModelError, PolicyError
from masquerade.hashing import BlockHashes, block_hashes
from masquerade.media.audio import sound_blocks
from masquerade.media.probe import probe
from masquerade.models.speaker import SR
from masquerade.models.store import Progress
from masquerade.models.talkers import Talkers
from masquerade.provenance.consent.channels_heard import to_hear
from masquerade.provenance.consent.voice_reader import VoiceReader
from masquerade.provenance.consent.voices_apart import (
    TOGETHER_S,
    Listened,
    MeasuredVoice,
    told_apart,
)
from masquerade.telling import no_progress
from masquerade.types import Audio

MOST_S: Final = 3 * 3600
"""Longer files are not listened to, so that nobody in them is overheard."""
MOST_BENEATH_S: Final = 1.0
"""In half a minute of speech, that may be under another's (`benchmarks.voice_consent`)."""
_PART_S: Final = 600  # in memory at once
_AT_ONCE: Final = 64


@dataclass(frozen=True, slots=True)
class _Asked:
    """A file to listen to; whoever is told how far it is makes no other file of it."""

    path: Path
    sha256: str
    say: Progress = field(compare=False)


def voices_in(
    path: Path, sha256: str, progress: Progress = no_progress
) -> tuple[MeasuredVoice, ...]:
    """Everybody who speaks in a file, who speaks most first; nobody where there is no speech.

    All of it is listened to, in memory that does not grow with it; once, while it is remembered.

    Args:
        path: A sound or video file.
        sha256: Its hash, as the recipe names it.
        progress: Told how many seconds were listened to.

    Raises:
        ConsentError: The file cannot be measured, is longer than `MOST_S`, somebody speaks in it
            under another and never alone, or a network is not there.
        PolicyError: It is not the file of that hash.
    """
    return _voices_in(_Asked(path, sha256, progress))


@lru_cache(maxsize=_AT_ONCE)
def _voices_in(asked: _Asked) -> tuple[MeasuredVoice, ...]:
    path = asked.path
    try:
        reader = _reader(threading.get_ident())
        known = _known(path, asked.sha256)
        talkers = _talkers(threading.get_ident())
        heard: list[Listened] = []
        for part, tell in _parts(path, known, asked.say):
            channels = to_hear(part, reader)
            while len(heard) < len(channels):
                heard.append(Listened(reader, talkers))
            for share, number, speech in _slices(channels):
                heard[number].take(speech)
                tell(share)
                _check_nobody_beneath(path, heard)
        for one in heard:
            one.end()
        _check_nobody_beneath(path, heard)
        return told_apart(heard)
    except (InputError, ModelError) as error:
        raise ConsentError(
            f"the voices in {path.name} cannot be measured: {error.found}",
            error.expected or "a file whose voices can be held against a consent record",
            error.todo,
        ) from error


def _known(path: Path, sha256: str) -> BlockHashes:
    """What the file has to hold while it is listened to.

    Raises:
        PolicyError: It is not the file of that hash.
    """
    try:
        known = block_hashes(path)
    except OSError as error:
        raise PolicyError(f"the input {path.name} cannot be read any more") from error
    if known.sha256 != sha256:
        raise PolicyError(f"the input {path.name} was changed", f"SHA-256 {sha256[:16]}")
    return known


def voices_of(
    speech: NDArray[np.float32], reader: VoiceReader, *channels: NDArray[np.float32]
) -> tuple[MeasuredVoice, ...]:
    """The same for speech without its pauses, (n,) at 16 kHz, and that of channels besides."""
    heard = [Listened(reader) for _ in (speech, *channels)]
    for one, samples in zip(heard, (speech, *channels), strict=True):
        one.take(samples)
    return told_apart(heard)


def _check_nobody_beneath(path: Path, heard: Sequence[Listened]) -> None:
    """Passes where nobody is heard who cannot be measured: under another, and never alone.

    Raises:
        ConsentError: Somebody is.
    """
    most = max(heard, key=lambda one: max(one.beneath_s, default=0.0), default=None)
    beneath = most.beneath_s if most else []
    if max(beneath, default=0.0) > MOST_BENEATH_S:
        raise ConsentError(
            f"in {path.name} two voices are heard at once for {sum(beneath):.0f} s, and one of"
            " them never alone, so that nobody can tell whose it is",
            "one voice at a time",
            "cut that out, or give a recording of each person alone, without a voice or song"
            " behind them",
        )


def _slices(
    channels: Sequence[NDArray[np.float32]],
) -> Iterator[tuple[float, int, NDArray[np.float32]]]:
    """Half minutes of speech, each with the number of its channel, and how far one is with it."""
    size, done = round(TOGETHER_S * SR), 0
    total = max(1, sum(map(len, channels)))
    for number, speech in enumerate(channels):
        for at in range(0, len(speech), size):
            done += len(speech[at : at + size])
            yield done / total, number, speech[at : at + size]


def _parts(
    path: Path, known: BlockHashes, say: Progress
) -> Iterator[tuple[Audio, Callable[[float], None]]]:
    """All of the sound, ten minutes at a time, each with what is told how far one is with it.

    Raises:
        LimitError: It is longer than what is listened to.
    """
    info = probe(path, known=known)
    if not info.audio:
        return
    said_s = info.audio[0].duration_s or info.duration_s
    total = round(said_s or 0)
    _check_length(path, float(said_s or 0))
    held: list[Audio] = []
    heard_s = part_s = 0.0
    with closing(sound_blocks(path, sr=SR, known=known)) as blocks:
        for block in blocks:
            held.append(block)
            part_s += block.samples.shape[1] / SR
            _check_length(path, heard_s + part_s)
            if part_s >= _PART_S:
                yield _joined(held), partial(_tell, say, heard_s, part_s, total)
                held, heard_s, part_s = [], heard_s + part_s, 0.0
    if held:
        yield _joined(held), partial(_tell, say, heard_s, part_s, total)


def _tell(say: Progress, before_s: float, part_s: float, total: int, share: float) -> None:
    say("listening to whose voice it is", int(before_s + share * part_s), total)


def _joined(blocks: Sequence[Audio]) -> Audio:
    return Audio(np.concatenate([one.samples for one in blocks], axis=1), SR)


def _check_length(path: Path, length_s: float) -> None:
    """Passes where a file is not too long to be listened to.

    Raises:
        LimitError: It is.
    """
    if length_s > MOST_S:
        raise LimitError(
            f"{path.name} is longer than {MOST_S / 3600:.0f} hours",
            f"at most {MOST_S / 3600:.0f} hours of sound, all of which is listened to",
            "cut out the part that is used, or give it in parts",
        )


@lru_cache(maxsize=2)
def _reader(_thread: int) -> VoiceReader:
    """Loaded networks; those of one thread, since they are not made for several at once."""
    return VoiceReader.open()


@lru_cache(maxsize=2)
def _talkers(_thread: int) -> Talkers:
    """The same, of who speaks when."""
    return Talkers.open()
