"""Sounds made for the tests: syllables of harmonics and hiss, a little like speech."""

import numpy as np

from masquerade.provenance.watermark.sound.embed import marked
from masquerade.types import Audio

KEY = bytes(range(32))


def babble(seconds: float, sr: int = 16_000, channels: int = 1, seed: int = 3) -> Audio:
    """Syllables of 0.15 s: gliding harmonics, hiss, pauses; (channels, n) float32."""
    rng = np.random.default_rng(seed)
    count = round(seconds * sr)
    sound = np.zeros(count)
    length = round(0.15 * sr)
    time = np.arange(length) / sr
    shape = np.hanning(length)
    for start in range(0, count - length, round(0.12 * sr)):
        pitch = rng.uniform(90, 220) * (1 + rng.uniform(-0.2, 0.2) * time / 0.15)
        phase = 2 * np.pi * np.cumsum(pitch) / sr
        tops = np.arange(1, 60)
        tops = tops[tops * 270 < sr / 2]
        weights = np.exp(-(((tops * 150 - rng.uniform(300, 3000)) / 1200) ** 2)) + 0.03
        voice = (weights[:, None] * np.sin(tops[:, None] * phase)).sum(axis=0)
        sound[start : start + length] += shape * (voice + 0.3 * rng.normal(size=length))
    sound += 0.01 * rng.normal(size=count)
    sound *= 0.5 / np.abs(sound).max()
    return Audio(np.repeat(sound[None].astype(np.float32), channels, axis=0), sr)


def with_mark(sound: Audio, payload: int, key: bytes = KEY) -> Audio:
    """The whole sound, marked."""
    parts = [part.samples for part in marked([sound], payload, key)]
    return Audio(np.concatenate(parts, axis=1), sound.sr)
