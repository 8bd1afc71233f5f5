"""What happens to recordings and fakes alike on their way: rooms, microphones, codecs, lines."""

from __future__ import annotations

import io
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

SR: Final = 16_000
_CODECS: Final = (("mp3", "mp3", 16_000), ("ogg", "libopus", 16_000), ("adts", "aac", 16_000))
_BIT_RATES: Final = {"mp3": (32, 128), "libopus": (12, 64), "aac": (32, 96)}


def degraded(samples: Floats, rng: np.random.Generator) -> Floats:
    """The sound as it might be found, (n,) about as long.

    Args:
        samples: (n,) at 16 kHz.
        rng: Draws which of the changes are made, and how strong.
    """
    some = samples / np.float32(max(float(np.abs(samples).max()), 1e-6))
    if rng.random() < 0.3:
        some = resampled(some, float(rng.uniform(0.92, 1.08)))
    if rng.random() < 0.25:
        some = roomy(some, rng)
    if rng.random() < 0.4:
        some = _equalised(some, rng)
    if rng.random() < 0.5:
        some = noisy(some, float(rng.uniform(8, 45)), rng)
    if rng.random() < 0.15:
        some = narrow(some, float(rng.uniform(3400, 6500)))
    if rng.random() < 0.1:
        some = np.clip(some, -0.6, 0.6)
    if rng.random() < 0.4:
        container, codec, _ = _CODECS[int(rng.integers(len(_CODECS)))]
        some = coded(some, container, codec, int(rng.integers(*_BIT_RATES[codec])) * 1000)
    return np.ascontiguousarray(some, np.float32)


def coded(samples: Floats, container: str, codec: str, bit_rate: int) -> Floats:
    """Through a lossy codec and back.

    Args:
        samples: (n,) at 16 kHz in [-1, 1].
        container: FFmpeg's name of one that holds it.
        codec: FFmpeg's name of the encoder.
        bit_rate: Bits per second.

    Raises:
        ValueError: The encoder is none for sound.
    """
    file = io.BytesIO()
    peak = max(float(np.abs(samples).max()), 1e-6)
    with av.open(file, "w", format=container) as out:
        stream = out.add_stream(codec, rate=SR)
        if not isinstance(stream, av.AudioStream):
            raise ValueError(f"{codec} is no codec of sound")
        stream.bit_rate = bit_rate
        stream.layout = "mono"
        pcm = np.rint(samples / peak * 0.9 * 32767).astype(np.int16)[None]
        frame = av.AudioFrame.from_ndarray(pcm, "s16", "mono")
        frame.sample_rate = SR
        resampler = av.AudioResampler(stream.format, "mono", stream.rate, stream.frame_size or 0)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    file.seek(0)
    with av.open(file, "r") as back:
        resampler = av.AudioResampler("flt", "mono", SR)
        pieces = [
            one.to_ndarray()[0]
            for decoded in back.decode(audio=0)
            for one in resampler.resample(decoded)
        ]
    return np.concatenate(pieces).astype(np.float32)


def resampled(samples: Floats, factor: float) -> Floats:
    """`factor` times as many samples, by cutting or padding the spectrum."""
    length = round(len(samples) * factor)
    spectrum = np.fft.rfft(samples)
    made = np.zeros(length // 2 + 1, np.complex64)
    kept = min(len(made), len(spectrum))
    made[:kept] = spectrum[:kept]
    return (np.fft.irfft(made, length) * factor).astype(np.float32)


def roomy(samples: Floats, rng: np.random.Generator) -> Floats:
    """With the decaying echoes of a room of 0.1 to 0.6 s."""
    decay_s = rng.uniform(0.1, 0.6)
    times = np.arange(int(decay_s * SR)) / SR
    echoes = rng.standard_normal(len(times)) * np.exp(-6.9 * times / decay_s)
    echoes *= rng.uniform(0.1, 0.8) / np.sqrt(np.square(echoes).sum())
    echoes[0] = 1
    return _through(samples, echoes)


def _equalised(samples: Floats, rng: np.random.Generator) -> Floats:
    """With highs and lows as another microphone hears them: within 8 dB, smooth."""
    spectrum = np.fft.rfft(samples)
    knots = np.linspace(0, 1, 7)
    curve = np.interp(np.linspace(0, 1, len(spectrum)), knots, rng.uniform(-8, 8, 7))
    return np.fft.irfft(spectrum * 10 ** (curve / 20), len(samples)).astype(np.float32)


def noisy(samples: Floats, below_db: float, rng: np.random.Generator) -> Floats:
    """With noise so far below, from white to brown."""
    spectrum = np.fft.rfft(rng.standard_normal(len(samples)))
    slope = rng.uniform(0, 1)
    noise = np.fft.irfft(spectrum / np.maximum(np.arange(len(spectrum)), 50) ** slope, len(samples))
    ratio = 10 ** (-below_db / 20)
    scale = np.sqrt(np.square(samples).mean() / max(float(np.square(noise).mean()), 1e-20))
    return np.asarray(samples + noise * scale * ratio, np.float32)


def narrow(samples: Floats, top_hz: float) -> Floats:
    """Without what is above a frequency, as lines and low rates leave it."""
    spectrum = np.fft.rfft(samples)
    hertz = np.fft.rfftfreq(len(samples), 1 / SR)
    spectrum *= 1 / (1 + np.exp(np.clip((hertz - top_hz) / 60, -50, 50)))
    return np.fft.irfft(spectrum, len(samples)).astype(np.float32)


def _through(samples: Floats, response: NDArray[np.floating]) -> Floats:
    size = 1 << (len(samples) + len(response) - 1).bit_length()
    both = np.fft.rfft(samples, size) * np.fft.rfft(response, size)
    return np.fft.irfft(both, size)[: len(samples)].astype(np.float32)
