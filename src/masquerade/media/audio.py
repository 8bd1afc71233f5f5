"""Sound out of files, as float samples at the wanted rate, with its start kept exactly."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Final

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from numpy.typing import NDArray

from masquerade.errors import LimitError, MediaError
from masquerade.hashing import BlockHashes
from masquerade.media.container import WANTED, check_file, open_container, picture_format, reason
from masquerade.media.limits import DEFAULT_LIMITS, Limits
from masquerade.types import Audio

# Gaps shorter than this are the rounding of containers that count in milliseconds.
LEAST_GAP_S: Final = Fraction(1, 50)
MAX_SAMPLES: Final = 1 << 30


def read_audio(
    path: Path,
    *,
    sr: int | None = None,
    mono: bool = False,
    span_s: tuple[Fraction, Fraction] | None = None,
    limits: Limits = DEFAULT_LIMITS,
    on_damage: Callable[[str], None] | None = None,
    known: BlockHashes | None = None,
) -> Audio:
    """The first sound stream of a file, whole or a stretch of it.

    Silence is put where the file has a gap, so that sample n sounds at ``start_s + n / sr``.

    Args:
        path: A video or sound file.
        sr: Samples per second wanted; None for those of the file.
        mono: The average of all channels instead of each.
        span_s: Only what sounds from the first to before the second of these times; reading starts
            there without decoding all before it. What is returned may begin a little earlier.
        limits: Against hostile files.
        on_damage: Called with a sentence for what could not be read as it should.
        known: What the file has to hold still; None where that was not asked before.

    Returns:
        float32 (channels, n) in [-1, 1]; n is 0 where the file has no sound.

    Raises:
        MediaError: The file is of no use: missing, of another type, or its sound is broken.
        LimitError: It is larger or longer than the limits allow.
        PolicyError: It does not hold any more what it held.
    """
    path, report = Path(path), on_damage or _ignore
    with _first_stream(path, limits, known) as (container, stream):
        if stream is None:
            return _silence(container, path, sr)
        rate = sr or stream.sample_rate
        if span_s is not None and span_s[0] > 0:
            container.seek(int(span_s[0] / (stream.time_base or 1)), stream=stream)
        sounds = _decoded(container, stream, report)
        if span_s is not None:
            sounds = _until(sounds, span_s[1])
        first = next(sounds, None)
        if first is None and span_s is not None:
            return Audio(np.zeros((1, 0), np.float32), rate, span_s[0])
        if first is None:
            raise MediaError(f"the sound of {path} cannot be decoded", "sound that plays")
        start_s = _start_s(first)
        pieces = _resampled(chain([first], sounds), rate)
        laid_out = _laid_out(pieces, start_s, rate, path, limits)
        parts = [part.mean(axis=0, keepdims=True) if mono else part for part in laid_out]
        samples = np.ascontiguousarray(np.concatenate(parts, axis=1))
    _report_broken(_in_range(samples), report)
    return Audio(samples, rate, start_s)


def sound_blocks(
    path: Path,
    *,
    sr: int | None = None,
    limits: Limits = DEFAULT_LIMITS,
    on_damage: Callable[[str], None] | None = None,
    known: BlockHashes | None = None,
) -> Generator[Audio, None, None]:
    """The first sound stream of a file in blocks of a second, in memory that does not grow.

    Silence is put where the file has a gap; each block begins where the one before ended. Nothing
    is given where the file has pictures alone.

    Args:
        path: A video or sound file.
        sr: Samples per second wanted; None for those of the file.
        limits: Against hostile files; the length counts for each stream as it is decoded.
        on_damage: Called with a sentence for what could not be read as it should.
        known: What the file has to hold still; None where that was not asked before.

    Yields:
        float32 (channels, n) in [-1, 1], n > 0.

    Raises:
        MediaError: The file is of no use: missing, of another type, or its sound is broken.
        LimitError: It is larger or longer than the limits allow.
        PolicyError: It does not hold any more what it held.
    """
    path, report = Path(path), on_damage or _ignore
    with _first_stream(path, limits, known) as (container, stream):
        if stream is None:
            _silence(container, path, sr)
            return
        rate = sr or stream.sample_rate
        sounds = _decoded(container, stream, report)
        first = next(sounds, None)
        if first is None:
            raise MediaError(f"the sound of {path} cannot be decoded", "sound that plays")
        start_s = _start_s(first)
        pieces = _resampled(chain([first], sounds), rate)
        done = broken = 0
        for samples in _gathered(_laid_out(pieces, start_s, rate, path, limits), rate):
            broken += _in_range(samples)
            yield Audio(samples, rate, start_s + Fraction(done, rate))
            done += samples.shape[1]
        _report_broken(broken, report)


@contextmanager
def _first_stream(
    path: Path, limits: Limits, known: BlockHashes | None
) -> Iterator[tuple[InputContainer, AudioStream | None]]:
    """A file, open, and its first sound that can be decoded; None where it has none."""
    check_file(path, limits)
    if picture_format(path):
        raise MediaError(f"{path} is a picture", "a video or sound file")
    with open_container(path, limits, known=known) as container:
        yield container, next((s for s in container.streams.audio if s.codec_context), None)


def _start_s(first: AudioFrame) -> Fraction:
    return (first.pts or 0) * (first.time_base or Fraction(1, first.sample_rate))


def _gathered(parts: Iterator[NDArray[np.float32]], least: int) -> Iterator[NDArray[np.float32]]:
    """The same samples in parts of at least so many, and what is left."""
    held: list[NDArray[np.float32]] = []
    for part in parts:
        held.append(part)
        if sum(one.shape[1] for one in held) >= least:
            yield np.ascontiguousarray(np.concatenate(held, axis=1))
            held = []
    if held and any(one.shape[1] for one in held):
        yield np.ascontiguousarray(np.concatenate(held, axis=1))


def _in_range(samples: NDArray[np.float32]) -> int:
    """How many samples are no finite numbers; all are changed to lie in [-1, 1], these to 0."""
    broken = int(samples.size - np.count_nonzero(np.isfinite(samples)))
    if broken:
        np.nan_to_num(samples, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
    np.clip(samples, -1, 1, out=samples)
    return broken


def _report_broken(broken: int, report: Callable[[str], None]) -> None:
    """Tells of samples that files of floats may hold."""
    if broken:
        report(f"{broken} samples of sound are not numbers and were made silent")


def _silence(container: InputContainer, path: Path, sr: int | None) -> Audio:
    if not container.streams.video:
        raise MediaError(f"{path} holds neither pictures nor sound that can be decoded", WANTED)
    return Audio(np.zeros((1, 0), np.float32), sr or 48_000)


def _decoded(
    container: InputContainer, stream: AudioStream, report: Callable[[str], None]
) -> Iterator[AudioFrame]:
    """Decoded sound up to the end, or to where the file cannot be read.

    Sound of another rate, layout or sample format than the first is left out.
    """
    bad = odd = 0
    shape: tuple[str, int, str] | None = None
    for packet in _packets(container, stream, report):
        try:
            sounds = packet.decode()
        except EOFError:
            break
        except av.FFmpegError:
            bad += 1
            continue
        for sound in sounds:
            this = (sound.layout.name, sound.sample_rate, sound.format.name)
            shape = shape or this
            if this == shape and sound.samples:
                yield sound
            else:
                odd += 1
    if bad:
        report(f"{bad} packets of sound could not be decoded")
    if odd:
        report(f"{odd} stretches of sound of another layout or rate were left out")


def _until(sounds: Iterator[AudioFrame], stop_s: Fraction) -> Iterator[AudioFrame]:
    """The sounds that begin before a time; those that do not say when are taken."""
    for sound in sounds:
        base = sound.time_base or Fraction(1, sound.sample_rate)
        if sound.pts is not None and sound.pts * base >= stop_s:
            return
        yield sound


def _packets(
    container: InputContainer, stream: AudioStream, report: Callable[[str], None]
) -> Iterator[Packet[AudioStream]]:
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except av.FFmpegError as error:
            report(f"the sound cannot be read to its end: {reason(error)}")
            return
        if packet is None:
            return
        yield packet


def _resampled(
    sounds: Iterator[AudioFrame], sr: int
) -> Iterator[tuple[Fraction | None, NDArray[np.float32]]]:
    """Start in seconds and samples (channels, n) of each resampled stretch."""
    resampler = av.AudioResampler("flt", None, sr)
    for sound in chain(sounds, [None]):
        for made in resampler.resample(sound):
            base = made.time_base or Fraction(1, made.sample_rate)
            start_s = None if made.pts is None else made.pts * base
            # Interleaved: with eight planes or more PyAV 18 counts too many of them and crashes.
            values = np.asarray(made.to_ndarray(), np.float32)
            yield start_s, values.reshape(-1, made.layout.nb_channels).T


def _laid_out(
    pieces: Iterator[tuple[Fraction | None, NDArray[np.float32]]],
    start_s: Fraction,
    sr: int,
    path: Path,
    limits: Limits,
) -> Iterator[NDArray[np.float32]]:
    """The pieces with silence between them where time jumps, and without what overlaps."""
    total = 0
    for piece_s, samples in pieces:
        channels = samples.shape[0]
        ahead = 0 if piece_s is None else round((piece_s - start_s) * sr) - total
        end = total + max(ahead, 0) + samples.shape[1]
        if end > limits.max_duration_s * sr or end * channels > MAX_SAMPLES:
            raise LimitError(
                f"the sound of {path} is longer than {total / sr:.0f} s",
                f"at most {limits.max_duration_s} s and {MAX_SAMPLES} samples",
                "cut it, or read it at a lower rate",
            )
        if ahead > LEAST_GAP_S * sr:
            yield np.zeros((channels, ahead), np.float32)
            total += ahead
        elif -ahead > LEAST_GAP_S * sr:
            samples = samples[:, -ahead:]
        total += samples.shape[1]
        yield samples


def _ignore(text: str) -> None:
    """What is done with damage nobody asked to hear of."""
