"""What a marked sound goes through before it is read: codecs, rates, cuts, noise, other sounds."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import TypeAlias

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from numpy.typing import NDArray

from masquerade.types import Audio

Attack: TypeAlias = Callable[[Audio], Audio]

TEMPO_WINDOW_S = 0.04
_COARSE = 6  # of so many samples one is compared when looking for the best fit


def _through(codec: str, container: str, bit_rate: int = 0, rate: int = 0) -> Attack:
    """Encoded and decoded again, at `rate` Hz where one is given."""
    return lambda sound: encoded(sound, codec, container, bit_rate=bit_rate, rate=rate)


def encoded(sound: Audio, codec: str, container: str, *, bit_rate: int, rate: int = 0) -> Audio:
    """The sound after a trip through an encoder, in memory."""
    rate = rate or sound.sr
    layout = "mono" if sound.samples.shape[0] == 1 else "stereo"
    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate)
        assert isinstance(stream, AudioStream)
        context = stream.codec_context
        context.layout = layout
        if bit_rate:
            context.bit_rate = bit_rate
        context.open()
        resampler = av.AudioResampler(
            context.format.name, layout, rate, frame_size=context.frame_size or None
        )
        for frame in (_frame(sound), None):
            for part in resampler.resample(frame):
                output.mux(stream.encode(part))
        output.mux(stream.encode(None))
    file.seek(0)
    with av.open(file, "r") as made:
        parts = [frame.to_ndarray() for frame in _floats(made.decode(audio=0), layout)]
        return Audio(_in_range(np.concatenate(parts, axis=1)), made.streams.audio[0].sample_rate)


def resampled(sound: Audio, rate: int) -> Audio:
    """The sound at another rate."""
    layout = "mono" if sound.samples.shape[0] == 1 else "stereo"
    resampler = av.AudioResampler("fltp", layout, rate)
    made = [*resampler.resample(_frame(sound)), *resampler.resample(None)]
    return Audio(_in_range(np.concatenate([one.to_ndarray() for one in made], axis=1)), rate)


def faster(sound: Audio, percent: float) -> Audio:
    """Played faster, pitch and all, by resampling."""
    fewer = resampled(sound, round(sound.sr / (1 + percent / 100)))
    return Audio(fewer.samples, sound.sr)


def tempo(sound: Audio, percent: float) -> Audio:
    """Faster at the same pitch: windows overlapped where they fit best (WSOLA)."""
    size = round(TEMPO_WINDOW_S * sound.sr) // 2 * 2
    hop, reach = size // 2, size // 4
    step = hop * (1 + percent / 100)
    source = np.pad(sound.samples, ((0, 0), (reach, 2 * size + reach)))
    shape = np.hanning(size + 1)[:-1]
    count = int(sound.samples.shape[1] / step) - 1
    made = np.zeros((source.shape[0], (count + 1) * hop), np.float64)
    place = reach
    for number in range(count):
        made[:, number * hop : number * hop + size] += source[:, place : place + size] * shape
        wanted = source[0, place + hop : place + hop + size]
        start = round((number + 1) * step)
        near = source[0, start : start + size + 2 * reach]
        fit = np.correlate(near[::_COARSE], wanted[::_COARSE], "valid").repeat(_COARSE)
        place = start + int(fit.argmax())
    return Audio(_in_range(made.astype(np.float32)), sound.sr)


def noisy(sound: Audio, snr_db: float) -> Audio:
    """White noise added, so many dB below the sound's mean power."""
    level = float(np.sqrt((sound.samples**2).mean())) * 10 ** (-snr_db / 20)
    noise = np.random.default_rng(1).normal(0, level, sound.samples.shape)
    return Audio(_in_range((sound.samples + noise).astype(np.float32)), sound.sr)


def mixed(sound: Audio, below_db: float) -> Audio:
    """Its own unrelated past, played backwards, added so many dB below."""
    other = np.roll(sound.samples[:, ::-1], sound.samples.shape[1] // 3, axis=1)
    return Audio(_in_range(sound.samples + other * np.float32(10 ** (-below_db / 20))), sound.sr)


def _cut(sound: Audio, start_s: float, length_s: float) -> Audio:
    start, length = round(start_s * sound.sr), round(length_s * sound.sr)
    return Audio(sound.samples[:, start : start + length], sound.sr)


ATTACKS: Mapping[str, Attack] = {
    "nothing": lambda sound: sound,
    "MP3 64k": _through("libmp3lame", "mp3", 64_000),
    "Opus 24k": _through("libopus", "ogg", 24_000, 48_000),
    "resampled to 16 kHz": lambda sound: resampled(sound, 16_000),
    "MP3 32k": _through("libmp3lame", "mp3", 32_000),
    "Opus 16k": _through("libopus", "ogg", 16_000, 48_000),
    "AAC 64k": _through("aac", "adts", 64_000),
    "8 kHz mu-law": _through("pcm_mulaw", "wav", rate=8000),
    "cut to 10 s": lambda sound: _cut(sound, 2.345, 10),
    "cut to 6 s": lambda sound: _cut(sound, 3.21, 6),
    "white noise at 20 dB, 48 kHz": lambda sound: noisy(sound, 20),
    "white noise at 20 dB, 16 kHz": lambda sound: noisy(resampled(sound, 16_000), 20),
    "volume 0.2": lambda sound: Audio(sound.samples * np.float32(0.2), sound.sr),
    "mixed with speech 15 dB below": lambda sound: mixed(sound, 15),
    "1 % faster": lambda sound: faster(sound, 1),
    "4 % faster (25 for 24 pictures a second)": lambda sound: faster(sound, 100 / 24),
    "tempo 1 % up, pitch kept": lambda sound: tempo(sound, 1),
}


def _frame(sound: Audio) -> AudioFrame:
    layout = "mono" if sound.samples.shape[0] == 1 else "stereo"
    frame = AudioFrame.from_ndarray(np.ascontiguousarray(sound.samples), "fltp", layout)
    frame.sample_rate, frame.pts, frame.time_base = sound.sr, 0, Fraction(1, sound.sr)
    return frame


def _floats(frames: Iterator[AudioFrame], layout: str) -> Iterator[AudioFrame]:
    resampler: av.AudioResampler | None = None
    for frame in frames:
        resampler = resampler or av.AudioResampler("fltp", layout, frame.sample_rate)
        yield from resampler.resample(frame)


def _in_range(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.clip(samples, -1, 1)
