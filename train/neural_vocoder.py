"""A small neural vocoder of our own: waveforms from mel spectrograms, for a detector to learn from.

A generator in the manner of HiFi-GAN (Kong et al., 2020), taught by spectra at several resolutions
alone (Yamamoto et al., "Parallel WaveGAN", 2020). It need not sound well: what is wanted are the
traces that learnt upsampling leaves. It never ships.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from train.spectra import mel_filters, stft

Floats = NDArray[np.float32]

SR: Final = 16_000
HOP: Final = 256
MELS: Final = 80
_SIZE: Final = 1024
_WIDE: Final = (64, 32, 16, 8)
_FACTORS: Final = (8, 8, 4)
_FRAMES: Final = 40  # of a training example
_BATCH: Final = 12
_RATE: Final = 2e-3
_SLOPE: Final = 0.1


class Generator(nn.Module):
    """(N, 80, t) logarithms of mels to (N, 256 t) samples.

    Args:
        transposed: Whether it is upsampled by transposed convolutions or by repeating.
    """

    def __init__(self, *, transposed: bool) -> None:
        super().__init__()
        self.first = nn.Conv1d(MELS, _WIDE[0], 7, padding=3)
        ups, mixes = [], []
        for before, wide, factor in zip(_WIDE, _WIDE[1:], _FACTORS, strict=False):
            ups.append(
                nn.ConvTranspose1d(before, wide, 2 * factor, factor, factor // 2)
                if transposed
                else nn.Sequential(
                    nn.Upsample(scale_factor=factor), nn.Conv1d(before, wide, 7, 1, 3)
                )
            )
            mixes.append(
                nn.ModuleList(
                    nn.Conv1d(wide, wide, 5, padding=2 * gap, dilation=gap) for gap in (1, 3, 9)
                )
            )
        self.ups, self.mixes = nn.ModuleList(ups), nn.ModuleList(mixes)
        self.last = nn.Conv1d(_WIDE[-1], 1, 7, padding=3)

    def forward(self, mels: Tensor) -> Tensor:
        """Samples."""
        now = self.first(mels)
        for up, mix in zip(self.ups, self.mixes, strict=True):
            now = up(functional.leaky_relu(now, _SLOPE))
            for conv in mix:  # type: ignore[attr-defined]
                now = now + conv(functional.leaky_relu(now, _SLOPE))
        return torch.tanh(self.last(functional.leaky_relu(now, _SLOPE)))[:, 0]


def log_mels(samples: Floats) -> Floats:
    """(80, t) logarithms, the peak of the sound brought to .9.

    Args:
        samples: (n,) at 16 kHz.
    """
    loud = samples * np.float32(0.9 / max(float(np.abs(samples).max()), 1e-5))
    mels = np.abs(stft(loud, _SIZE, HOP)) @ mel_filters(MELS, _SIZE, SR).T
    return np.log(np.maximum(mels, 1e-5)).T.astype(np.float32)


def learnt(sounds: Sequence[Floats], place: Path, *, steps: int, seed: int) -> Generator:
    """A generator taught on some speech, from its file where it was taught before.

    Args:
        sounds: (n,) at 16 kHz each, a second or longer.
        place: Where it is kept.
        steps: Of teaching.
        seed: Also decides how it upsamples.
    """
    torch.manual_seed(seed)
    net = Generator(transposed=seed % 2 == 0)
    if place.is_file():
        net.load_state_dict(torch.load(place, weights_only=True))
        return net.eval()
    chosen = torch.optim.AdamW(net.parameters(), lr=_RATE, betas=(0.8, 0.99))
    rates = torch.optim.lr_scheduler.OneCycleLR(chosen, _RATE, total_steps=steps + 1)
    known = [(log_mels(one), one * np.float32(0.9 / np.abs(one).max())) for one in sounds]
    for step in range(steps):
        mels, wanted = _examples(known, np.random.default_rng((seed, step)))
        loss = _apart(net(mels), wanted)
        chosen.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        chosen.step()
        rates.step()
        if step % 100 == 99:
            print(f"own vocoder {seed}: {step + 1} of {steps}, loss {loss.item():.3f}", flush=True)
    torch.save(net.state_dict(), place)
    return net.eval()


def copied(net: Generator, samples: Floats) -> Floats:
    """(n,) the speech as the generator gives it.

    Args:
        net: From `learnt`.
        samples: (n,) at 16 kHz.
    """
    with torch.no_grad():
        made = net(torch.from_numpy(log_mels(samples))[None])[0].numpy()
    # Frame k is centred at k x HOP, and becomes the samples from there on.
    late = np.concatenate([np.zeros(HOP // 2, np.float32), made])[HOP:]
    return np.pad(late, (0, max(0, len(samples) - len(late))))[: len(samples)]


def _examples(
    known: Sequence[tuple[Floats, Floats]], rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    mels, sounds = [], []
    for _ in range(_BATCH):
        some, samples = known[int(rng.integers(len(known)))]
        at = int(rng.integers(1, len(samples) // HOP - _FRAMES - 1))
        mels.append(some[:, at : at + _FRAMES])
        first = at * HOP - HOP // 2
        sounds.append(samples[first : first + _FRAMES * HOP])
    return torch.from_numpy(np.stack(mels)), torch.from_numpy(np.stack(sounds))


def _apart(made: Tensor, wanted: Tensor) -> Tensor:
    """Distance of the spectra at three resolutions: convergence and logarithms."""
    total = torch.zeros(())
    for size in (256, 512, 1024):
        window = torch.hann_window(size)
        one, other = (
            torch.stft(x, size, size // 4, window=window, return_complex=True).abs().clamp(min=1e-4)
            for x in (made, wanted)
        )
        total = total + (one - other).norm() / other.norm()
        total = total + (one.log() - other.log()).abs().mean()
    return total
