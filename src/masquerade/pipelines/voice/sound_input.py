"""A sound that is to be changed: what it is, whether it holds speech, and how it is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import MediaError
from masquerade.hashing import BlockHashes, block_hashes
from masquerade.media.audio import sound_blocks
from masquerade.media.probe import MediaInfo, probe
from masquerade.models.voice_activity import VoiceActivity
from masquerade.speech.mono import SR
from masquerade.speech.voice_activity import speech_spans, spoken_samples
from masquerade.types import Audio

LEAST_SR: Final = 8_000
MOST_SR: Final = 96_000
_STUDIO_SR: Final = 48_000
ENOUGH_S: Final = 20.0
"""Seconds of speech by which a voice is known; more are not looked for."""
_PART_S: Final = 30
_CLIPPED: Final = 0.999
_MOST_CLIPPED: Final = 0.001
_CUT_OFF_S: Final = 0.5
_CUT_OFF: Final = 0.01  # of its length: headers of files without an index estimate it


@dataclass(frozen=True, slots=True)
class SoundInput:
    """A file whose first sound stream is used.

    Attributes:
        path: The file.
        known: What it held when it was opened, and has to hold whenever it is read.
        info: What it is.
        sr: Samples per second at which it is read: its own, within 8000 to 96 000.
        channels: How many.
        start_s: When its first sample sounds, on the clock of the file.
        notes: What the user should know, in sentences.
        damages: What could not be read as it should, filled while it is read.
    """

    path: Path
    known: BlockHashes
    info: MediaInfo
    sr: int
    channels: int
    start_s: Fraction
    notes: tuple[str, ...]
    damages: list[str] = field(default_factory=list)

    @property
    def sha256(self) -> str:
        """Its hash."""
        return self.known.sha256

    @property
    def count(self) -> int | None:
        """Samples in all, as the header says; None where it does not."""
        length_s = self.info.audio[0].duration_s or self.info.duration_s
        return None if length_s is None else round(length_s * self.sr)

    def blocks(self) -> Iterator[Audio]:
        """The sound, about a second at a time, from 0 s on.

        Raises:
            PolicyError: The file is another one than was opened.
        """
        done, path = 0, self.path
        sound = sound_blocks(path, sr=self.sr, on_damage=self._note, known=self.known)
        with closing(sound) as blocks:
            for block in blocks:
                yield Audio(block.samples, self.sr, Fraction(done, self.sr))
                done += block.samples.shape[1]
        self._note_end(done)

    def speech(self) -> Iterator[Audio]:
        """The same as networks of speech hear it: mono at 16 kHz, the channels mixed."""
        for block in replace(self, sr=SR).blocks():
            mixed = block.samples.mean(axis=0, keepdims=True, dtype=np.float32)
            yield Audio(mixed, SR, block.start_s)

    def _note_end(self, done: int) -> None:
        """Notes that a file ends before its header says."""
        beside_pictures = self.info.kind == "video" and self.info.audio[0].duration_s is None
        said = None if beside_pictures else self.count  # these may go on after the sound's end
        if said is not None and said - done > max(_CUT_OFF_S * self.sr, _CUT_OFF * said):
            self._note(
                f"{self.path.name} ends after {done / self.sr:.1f} s, its header says"
                f" {said / self.sr:.1f} s: it was cut off"
            )

    def _note(self, words: str) -> None:
        if words not in self.damages:
            self.damages.append(words)


@dataclass(frozen=True, slots=True)
class Speech:
    """The beginning of what is said in a sound.

    Attributes:
        samples: (n,) mono at 16 kHz, the pauses taken out, about 20 s at most.
        notes: What is wrong with the sound, in sentences.
        clipped: Share of samples at full scale.
    """

    samples: NDArray[np.float32]
    notes: tuple[str, ...]
    clipped: float

    @property
    def seconds(self) -> float:
        """How much there is."""
        return len(self.samples) / SR


def open_sound(path: Path) -> SoundInput:
    """The sound of a file, when it has some.

    Raises:
        MediaError: It is missing, no media file, a picture, or a video without sound.
        LimitError: It is larger than the limits allow.
    """
    path = Path(path)
    probe(path)  # says in words what is wrong with a file that is missing or no media
    known = block_hashes(path)
    info = probe(path, known=known)
    if info.kind in ("still", "animation"):
        raise MediaError(f"{path.name} is a picture", "a sound file, or a video with sound")
    if not info.audio:
        raise MediaError(f"{path.name} is a video without sound", "a file with sound in it")
    stream = info.audio[0]
    sr, notes = stream.sr, []
    if not LEAST_SR <= sr <= MOST_SR:
        sr = LEAST_SR if sr < LEAST_SR else _STUDIO_SR
        notes.append(f"sound of {stream.sr} Hz is worked on, and written, at {sr} Hz")
    if stream.sr < SR:
        notes.append(f"sound of {stream.sr} Hz holds no treble: voices in it are less clear")
    with closing(sound_blocks(path, known=known)) as blocks:
        first = next(blocks, None)
    start_s = first.start_s if first is not None else Fraction(0)
    return SoundInput(path, known, info, sr, stream.channels, start_s, tuple(notes))


def find_speech(
    sound: SoundInput,
    activity: VoiceActivity,
    *,
    least_s: float,
    progress: Callable[[str, int, int | None], None],
) -> Speech:
    """The first speech of a sound; read until there is enough, in memory that does not grow.

    Args:
        sound: From `open_sound`.
        activity: Tells speech from everything else.
        least_s: So many seconds are needed.
        progress: Told how far it is.

    Raises:
        MediaError: It is silent, or holds too little speech; or its sound is broken.
    """
    spoken: list[NDArray[np.float32]] = []
    heard = peak = 0.0
    clipped = samples = 0
    for part in _parts(sound):
        heard += part.shape[1] / SR
        peak = max(peak, float(np.abs(part).max(initial=0.0)))
        clipped += int((np.abs(part) >= _CLIPPED).sum())
        samples += part.size
        mono = Audio(part.mean(axis=0, keepdims=True), SR)
        spoken.append(spoken_samples(mono, speech_spans(mono, activity)))
        progress("listening for speech", int(heard), None)
        if sum(len(one) for one in spoken) >= ENOUGH_S * SR:
            break
    found = np.concatenate([np.zeros(0, np.float32), *spoken])[: int(ENOUGH_S * SR)]
    if len(found) < least_s * SR:
        raise _no_speech(sound, len(found) / SR, heard, peak, least_s)
    notes: tuple[str, ...] = ()
    if clipped > _MOST_CLIPPED * samples:
        notes = ("the sound is clipped: its loudest parts were cut off when it was recorded",)
    return Speech(found, notes, clipped / max(samples, 1))


def _no_speech(
    sound: SoundInput, spoken_s: float, heard_s: float, peak: float, least_s: float
) -> MediaError:
    name = sound.path.name
    expected = f"at least {least_s:.0f} s of speech"
    if peak < 1e-4:
        return MediaError(f"{name} is silent, all {heard_s:.1f} s of it", expected)
    if spoken_s:
        digits = 1 if round(spoken_s, 1) < least_s else 2
        return MediaError(
            f"{name} holds {spoken_s:.{digits}f} s of speech in {heard_s:.1f} s",
            expected,
            "use a recording in which more is said, or join several to one file",
        )
    return MediaError(
        f"no speech was found in {name}, {heard_s:.1f} s long: music or noise, perhaps",
        expected,
        "cut out the part in which somebody speaks",
    )


def _parts(sound: SoundInput) -> Iterator[NDArray[np.float32]]:
    """(channels, n) at 16 kHz, half a minute at a time."""
    held: list[NDArray[np.float32]] = []
    with closing(sound_blocks(sound.path, sr=SR, known=sound.known)) as blocks:
        for block in blocks:
            held.append(block.samples)
            if sum(one.shape[1] for one in held) >= _PART_S * SR:
                yield np.concatenate(held, axis=1)
                held = []
    if held:
        yield np.concatenate(held, axis=1)
