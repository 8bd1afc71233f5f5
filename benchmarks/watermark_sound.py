"""What the mark in sound survives, what one hears of it, its cost, how often it is seen in vain.

``python -m benchmarks.watermark_sound [--media DIR] [--train DIR] [--clips N] [--docs]``

Clips of 15 s of LibriSpeech, at 48 kHz, are marked with a new id each, attacked, and read blind;
so are sounds made here (chords, a held organ tone, pink noise, drums), which have no bar. Quality:
signal to noise ratio, and PESQ (ITU-T P.862.2, wideband) and STOI where the packages are installed
(``pip install pesq pystoi``); neither is needed otherwise. Unmarked: windows of 10 s, each searched
in full with a key of its own. ``--docs`` writes the tables of docs/watermark-sound.md. The last
line is JSON.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import importlib.util
import itertools
import time
import tracemalloc
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.media import media_dir
from benchmarks.report import Bar, publish, timed
from benchmarks.sound_attacks import ATTACKS, resampled
from masquerade.media.audio import read_audio
from masquerade.provenance.watermark.chance import FALSE_ALARM
from masquerade.provenance.watermark.sound.decode import SoundDetection, read_sound
from masquerade.provenance.watermark.sound.embed import SoundMarker, marked
from masquerade.types import Audio

KEY = hashlib.sha256(b"benchmark of the sound watermark").digest()
PAGE = Path(__file__).resolve().parents[1] / "docs" / "watermark-sound.md"
CLIP_S, WINDOW_S, RATE = 15, 10, 48_000
PROMISED = ("MP3 64k", "Opus 24k", "resampled to 16 kHz")
JUDGED_EVERY = 3  # of the clips of speech, one in so many; PESQ takes longer than all the rest
MADE = ("chords", "organ tone", "pink noise", "drums")


@dataclass(frozen=True, slots=True)
class Trial:
    """One clip under one attack: whether exactly its id came back, and how long reading took."""

    attack: str
    right: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class Marked:
    """One marked clip, its trials, and what the mark did to it; PESQ and STOI may be nan."""

    kind: str
    trials: tuple[Trial, ...]
    snr_db: float
    pesq: float
    stoi: float


@dataclass(frozen=True, slots=True)
class Task:
    """A clip: LibriSpeech samples at 16 kHz, or the name of a sound to make; and its number."""

    number: int
    kind: str
    samples: NDArray[np.float32] | None = None


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark and print its JSON."""
    asked = _arguments(arguments)
    media = media_dir(asked.media)
    speech = _speech(media, asked.train or media.parent / "train")
    clips = [Task(n, "speech", clip) for n, clip in enumerate(_cut(speech, CLIP_S))][: asked.clips]
    clips += [Task(1000 + n, MADE[n % len(MADE)]) for n in range(asked.clips // 8)]
    with ProcessPoolExecutor(2) as pool:
        done = list(pool.map(_marked, clips))
        seen = list(pool.map(_searched, _windows(speech, asked.unmarked), chunksize=16))
    speed = _speed(speech)
    if asked.docs:
        _write_tables(done)
    _publish(done, seen, speed)


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--media", type=Path)
    parser.add_argument("--train", type=Path, help="more speech; usually beside the media")
    parser.add_argument("--docs", action="store_true", help="write docs/watermark-sound.md's table")
    parser.add_argument("--clips", type=int, default=105)
    parser.add_argument("--unmarked", type=int, default=1010)
    return parser.parse_args(arguments)


def _speech(media: Path, train: Path) -> NDArray[np.float32]:
    """(n,) all LibriSpeech there is, one utterance after the other, at 16 kHz."""
    files = sorted((media / "speech").rglob("libri*/*.flac"))
    files += sorted((train / "speech_real").rglob("*.flac"))
    return np.concatenate([read_audio(path, sr=16_000, mono=True).samples[0] for path in files])


def _cut(speech: NDArray[np.float32], length_s: int) -> Iterator[NDArray[np.float32]]:
    size = length_s * 16_000
    for start in range(0, len(speech) - size + 1, size):
        yield speech[start : start + size]


def _windows(speech: NDArray[np.float32], count: int) -> list[Task]:
    """Windows of 10 s that start everywhere, and overlap where there is not enough speech."""
    size = WINDOW_S * 16_000
    starts = np.linspace(0, len(speech) - size, count).astype(int)
    return [Task(n, "speech", speech[at : at + size]) for n, at in enumerate(starts)]


def _marked(task: Task) -> Marked:
    if task.samples is None:
        clip = _made_sound(task.kind, task.number)
    else:
        clip = resampled(Audio(task.samples[None], 16_000), RATE)
    payload = int.from_bytes(hashlib.sha256(f"clip {task.number}".encode()).digest()[:8], "big")
    made = _whole(marked([clip], payload, KEY))
    trials = []
    for name, attack in ATTACKS.items():
        attacked = attack(made)
        start = time.perf_counter()
        found = read_sound(attacked, KEY)
        trials.append(Trial(name, found.payload == payload, time.perf_counter() - start))
    noise = float(((made.samples - clip.samples) ** 2).sum())
    snr_db = 10 * np.log10(float((clip.samples**2).sum()) / noise)
    is_judged = task.samples is not None and task.number % JUDGED_EVERY == 0
    pesq, stoi = _heard(clip, made) if is_judged else (float("nan"), float("nan"))
    return Marked(task.kind, tuple(trials), snr_db, pesq, stoi)


def _whole(blocks: Iterator[Audio]) -> Audio:
    parts = list(blocks)
    return Audio(np.concatenate([part.samples for part in parts], axis=1), parts[0].sr)


def _heard(before: Audio, after: Audio) -> tuple[float, float]:
    """PESQ and STOI at 16 kHz; nan where a package is missing."""
    if not all(importlib.util.find_spec(name) for name in ("pesq", "pystoi")):
        return float("nan"), float("nan")
    one, two = (resampled(sound, 16_000).samples[0] for sound in (before, after))
    pesq = importlib.import_module("pesq").pesq(16_000, one, two, "wb")
    return float(pesq), float(importlib.import_module("pystoi").stoi(one, two, 16_000))


def _made_sound(kind: str, seed: int) -> Audio:
    """15 s of stereo at 48 kHz, another for each seed."""
    rng = np.random.default_rng(seed)
    count = CLIP_S * RATE
    seconds = np.arange(count) / RATE
    if kind == "pink noise":
        spectrum = np.fft.rfft(rng.normal(size=(2, count)))
        sound = np.fft.irfft(
            spectrum / np.sqrt(np.maximum(np.arange(spectrum.shape[1]), 20)), count
        )
    elif kind == "organ tone":
        pitch = 110 * 2 ** (rng.integers(0, 12) / 12)
        tone = sum(np.sin(2 * np.pi * pitch * n * seconds + n) / n for n in range(1, 50))
        sound = np.stack([tone, tone])
    elif kind == "chords":
        sound = np.stack([_struck(rng, seconds, tonal=True) for _ in range(2)])
    else:
        sound = np.stack([_struck(rng, seconds, tonal=False)] * 2)
    return Audio((0.9 * sound / np.abs(sound).max()).astype(np.float32), RATE)


def _struck(
    rng: np.random.Generator, seconds: NDArray[np.float64], *, tonal: bool
) -> NDArray[np.float64]:
    """Notes, or drum beats, twice a second, each dying away."""
    sound = np.zeros_like(seconds)
    for start in np.arange(0, CLIP_S, 0.5):
        since = np.maximum(seconds - start, 0) * (seconds >= start)
        fall = np.exp(-since * (3 if tonal else 14)) * (seconds >= start)
        if not tonal:
            sound += fall * rng.normal(size=len(seconds))
            continue
        for step in rng.choice(24, 3):
            pitch = 130.8 * 2 ** (step / 12)
            sound += fall * sum(np.sin(2 * np.pi * pitch * n * since) / n for n in range(1, 20))
    return sound


def _searched(task: Task) -> tuple[SoundDetection, float]:
    """What a full search with a fresh key finds where nothing is, and the seconds it took."""
    assert task.samples is not None
    key = hashlib.sha256(f"key {task.number}".encode()).digest()
    start = time.perf_counter()
    found = read_sound(Audio(task.samples[None], 16_000), key)
    return found, time.perf_counter() - start


def _speed(speech: NDArray[np.float32]) -> dict[str, float]:
    """Times faster than real time, and memory at two lengths."""
    minute = resampled(Audio(speech[None, : 60 * 16_000], 16_000), RATE)
    stereo = Audio(np.repeat(minute.samples, 2, axis=0), RATE)
    blocks = [Audio(part, RATE) for part in np.array_split(stereo.samples, 60, axis=1)]

    def mark(times: int) -> None:
        for _ in marked(itertools.chain.from_iterable([blocks] * times), 1, KEY):
            pass

    def peak_mb(times: int) -> float:
        tracemalloc.start()
        mark(times)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak / 2**20

    mono = SoundMarker(1, KEY, sr=16_000, channels=1)
    return {
        "mark 48 kHz stereo, x real time": 60 / timed(lambda: mark(1), runs=3).median_s,
        "mark 16 kHz mono, x real time": 60
        / timed(lambda: mono.mark(speech[None, : 60 * 16_000]), runs=3).median_s,
        "read 60 s without a mark, x real time": 60
        / timed(lambda: read_sound(iter(blocks), KEY), runs=1).median_s,
        "memory of marking 1 min, MB": peak_mb(1),
        "memory of marking 5 min, MB": peak_mb(5),
    }


def _rates(done: Sequence[Marked]) -> dict[str, float]:
    trials = [trial for one in done for trial in one.trials]
    right = {name: [trial.right for trial in trials if trial.attack == name] for name in ATTACKS}
    return {name: round(float(np.mean(row)), 4) for name, row in right.items() if row}


def _write_tables(done: Sequence[Marked]) -> None:
    """Puts what was measured between its marks in the page of the docs."""
    speech = [one for one in done if one.kind == "speech"]
    columns = [_rates(speech), *(_rates([o for o in done if o.kind == kind]) for kind in MADE)]
    survived = [["Ids read exactly, from 15 s", f"speech ({len(speech)} clips)", *MADE]]
    survived += [
        [name, *(f"{rates[name]:.0%}" if rates else "" for rates in columns)] for name in ATTACKS
    ]
    heard = [["Clips of speech, marked against original", "mean", "lowest"]]
    for name, field, digits in (("PESQ", "pesq", 2), ("STOI", "stoi", 3), ("SNR, dB", "snr_db", 1)):
        values = [value for one in speech if not np.isnan(value := getattr(one, field))]
        if values:
            heard.append([name, f"{np.mean(values):.{digits}f}", f"{min(values):.{digits}f}"])
    text = PAGE.read_text(encoding="utf-8")
    for mark, (head, *rows) in (("quality", heard), ("sound", survived)):
        lines = [head, ["---"] * len(head), *rows]
        body = "".join(f"| {' | '.join(row)} |\n" for row in lines)
        start, end = f"<!-- measured: {mark} -->\n", "<!-- end of measured -->"
        before, _, rest = text.partition(start)
        text = before + start + body + end + rest.partition(end)[2]
    PAGE.write_text(text, encoding="utf-8")


def _publish(
    done: Sequence[Marked],
    seen: Sequence[tuple[SoundDetection, float]],
    speed: dict[str, float],
) -> None:
    speech = [one for one in done if one.kind == "speech"]
    rates = _rates(speech)
    alarms = sum(found.is_found for found, _ in seen)
    growth = speed["memory of marking 5 min, MB"] / speed["memory of marking 1 min, MB"]
    bars = [
        *(Bar(f"exact ids, {name}", rates[name], 0.95, ">=") for name in PROMISED),
        Bar("clips of speech", len(speech), 100, ">="),
        Bar("unmarked windows searched", len(seen), 1000, ">="),
        Bar("false alarms among them", alarms, 0, "=="),
        Bar("bound on a false alarm", FALSE_ALARM, 1e-4),
        Bar(
            "marking 48 kHz stereo, x real time", speed["mark 48 kHz stereo, x real time"], 20, ">="
        ),
        Bar("memory at 5 min against 1 min", growth, 1.1),
    ]
    pesq = [one.pesq for one in speech if not np.isnan(one.pesq)]
    if pesq:
        bars.append(Bar("mean PESQ of speech", float(np.mean(pesq)), 4.4, ">="))
    results = {
        "speech": rates,
        **{kind: _rates([one for one in done if one.kind == kind]) for kind in MADE},
        "snr_db": round(float(np.mean([one.snr_db for one in speech])), 2),
        "pesq": _spread(pesq),
        "stoi": _spread([one.stoi for one in speech if not np.isnan(one.stoi)]),
        "best score without a mark": round(max(found.score for found, _ in seen), 2),
        "search of an unmarked window, s": round(float(np.median([s for _, s in seen])), 3),
        "false alarm rate, 95 % bound by counting": round(3 / max(1, len(seen)), 5),
        "speed": {name: round(value, 2) for name, value in speed.items()},
    }
    publish("watermark_sound", bars, results)


def _spread(values: Sequence[float]) -> dict[str, float] | str:
    if not values:
        return "not installed: pip install pesq pystoi"
    return {"mean": round(float(np.mean(values)), 4), "lowest": round(min(values), 4)}


if __name__ == "__main__":
    main()
