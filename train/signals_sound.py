"""Trains the network of the signal `learned_sound`: recorded speech against copies of it.

``python -m train.signals_sound SPEECH [SPEECH ...] --work DIR [--test PAIRS] [--recorded FOLDER]
[--steps N] [--minutes N] [--seeds N] [--leave-one-out] [--ship]``

Each SPEECH is a folder of recordings. They are copied by vocoders (`train.vocoders`), both are
changed as files are on their way (`train.sound_degraded`), and what comes of it is kept in DIR, so
that a run that was stopped goes on where it was. People are parted by the SHA-256 of their name:
every fifth is held out. PAIRS, which is never learnt from, holds recorded and synthetic speech told
apart by ``ground-truth`` in the name; each FOLDER holds recordings alone. ``--leave-one-out`` also
trains without each vocoder in turn and tries the network on that one. ``--ship`` writes network,
card and calibration into the package.
"""

from __future__ import annotations

import argparse
import hashlib
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from masquerade.forensics.calibration import Calibration
from masquerade.forensics.canonical_sound import (
    BANDS,
    FRAMES,
    SR,
    canonical,
    centred,
    log_bands,
)
from masquerade.forensics.signals.learned_sound import listen
from masquerade.media.audio import read_audio
from masquerade.models.own_weights import OwnCard
from masquerade.models.session import OrtSession
from train.measured import Quality, quality
from train.neural_vocoder import Generator, copied, learnt
from train.sound_degraded import degraded
from train.sound_net import SoundNet, onnx_from
from train.vocoders import VOCODERS, nearer
from train.weighed import weighed_bin

PACKAGE = Path("src/masquerade")
HELD_OUT = 5
MOST_S = 6
COPIES = 4  # vocoders each recording is copied by
NEARER = 0.6  # share of copies that are brought nearer to the original
VARIANTS = (4, 2)  # ways each recording, each copy was changed; the first is as it is
BATCH = 48
RATE = 2e-3
OWN = "own_neural"
LEAST_SHIPPED = 0.9
ENDINGS = {".flac", ".wav", ".mp3", ".mpg", ".mp4"}

Bands = NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Take:
    """One recording or copy of it, in one of its changed forms.

    Attributes:
        person: Who speaks.
        recording: Which recording it is or was copied from.
        vocoder: What copied it; empty for the recording itself.
        plain: Whether it was not changed.
        bands: (BANDS, t) as from `log_bands`.
    """

    person: str
    recording: str
    vocoder: str
    plain: bool
    bands: Bands


def main(arguments: Sequence[str] | None = None) -> None:
    """Prepare, train, try, and ship if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("speech", type=Path, nargs="+")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--test", type=Path)
    parser.add_argument("--recorded", type=Path, nargs="*", default=[])
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--vocoder-steps", type=int, default=0)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--leave-one-out", action="store_true")
    parser.add_argument("--ship", action="store_true")
    given = parser.parse_args(arguments)
    torch.set_num_threads(given.threads)
    files = recordings(given.speech)[: given.files]
    takes = [*prepared(files, given), *neural(files, given)]
    known = [take for take in takes if not held_out(take.person)]
    unknown = [take for take in takes if held_out(take.person)]
    print(f"{len(known)} takes to learn from, {len(unknown)} of others to try it on")
    said = []
    for seed in range(given.seeds):
        net = trained(known, given, seed=seed, name=f"seed-{seed}")
        place = given.work / f"seed-{seed}.onnx"
        place.write_bytes(onnx_from(net))
        said.append(report(net, unknown, place, given))
    if given.leave_one_out:
        for name in sorted({take.vocoder for take in takes} - {""}):
            rest = [take for take in known if take.vocoder != name]
            net = trained(rest, given, seed=0, name=f"without-{name}")
            print(f"never heard {name}: {told_apart(unknown, on_takes(net, unknown), name)}")
    if given.ship:
        ship(given, said)


def recordings(folders: Sequence[Path]) -> list[tuple[str, Path]]:
    """(Person, file) of every recording, in an order that mixes people."""
    found = (place for folder in folders for place in folder.rglob("*"))
    places = [place for place in found if place.suffix.lower() in ENDINGS]
    return [(person(place), place) for place in sorted(places, key=lambda one: _mix(one.name))]


def person(place: Path) -> str:
    """Who speaks: LibriSpeech's number, else the folder's name."""
    first = place.stem.partition("-")[0]
    return first if first.isdigit() else place.parent.name


def held_out(who: str) -> bool:
    """Whether a person is kept from training: every fifth, by the hash of the name."""
    return _mix(who) % HELD_OUT == 0


def prepared(files: Sequence[tuple[str, Path]], given: argparse.Namespace) -> Iterator[Take]:
    """Every take of every recording, from the work folder where it was made before."""
    folder = given.work / "takes"
    folder.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(given.threads) as pool:
        done = pool.map(partial(_kept, folder), [place for _, place in files])
        for number, ((who, place), stored) in enumerate(zip(files, done, strict=True)):
            if number % 20 == 19:
                print(f"copied {number + 1} of {len(files)}", flush=True)
            yield from _takes(who, place, stored)


def _kept(folder: Path, place: Path) -> Path:
    """Where the bands of a recording lie, made if they were not there."""
    stored = folder / f"{place.stem}.npz"
    if not stored.is_file():
        fresh = stored.with_suffix(".part.npz")
        np.savez(fresh, **made(place))  # type: ignore[arg-type]
        fresh.replace(stored)
    return stored


def neural(files: Sequence[tuple[str, Path]], given: argparse.Namespace) -> Iterator[Take]:
    """Takes of copies by vocoders of our own, taught on the people that are not held out.

    None where no steps are given to their teaching: it takes longer than all else on few cores.
    """
    if not given.vocoder_steps:
        return
    folder = given.work / "neural"
    folder.mkdir(parents=True, exist_ok=True)
    nets: list[Generator] = []
    for number, (who, place) in enumerate(files):
        stored = folder / f"{place.stem}.npz"
        if not stored.is_file():
            nets = nets or own_vocoders(files, given)
            rng = np.random.default_rng(_mix(place.name) + 1)
            samples = part(place)
            copy = copied(nets[number % len(nets)], samples)
            if rng.random() < NEARER:
                copy = nearer(samples, copy, rng)
            np.savez(stored, **bands(copy, OWN, VARIANTS[1], rng))  # type: ignore[arg-type]
        yield from _takes(who, place, stored)


def own_vocoders(files: Sequence[tuple[str, Path]], given: argparse.Namespace) -> list[Generator]:
    """Two of them: one upsamples by transposed convolutions, the other by repeating."""
    sounds = [one for who, place in files if not held_out(who) and len(one := part(place)) > SR]
    return [
        learnt(sounds, given.work / f"vocoder-{seed}.pt", steps=given.vocoder_steps, seed=seed)
        for seed in range(2)
    ]


def _takes(who: str, place: Path, stored: Path) -> Iterator[Take]:
    with np.load(stored, allow_pickle=False) as held:
        for key in held.files:
            vocoder, _, variant = key.rpartition(" ")
            if held[key].shape[1] >= FRAMES:
                yield Take(who, place.stem, vocoder, variant == "0", held[key])


def made(place: Path) -> dict[str, Bands]:
    """The bands of one recording and of its copies, by ``vocoder variant``."""
    rng = np.random.default_rng(_mix(place.name))
    samples = part(place)
    found = bands(samples, "", VARIANTS[0], rng)
    for name in rng.permutation(sorted(VOCODERS))[:COPIES].tolist():
        copy = VOCODERS[name](samples, rng)
        if rng.random() < NEARER:
            copy = nearer(samples, copy, rng)
        found |= bands(copy, name, VARIANTS[1], rng)
    return found


def part(place: Path) -> NDArray[np.float32]:
    """(n,) up to six seconds of a recording, always the same."""
    sound = read_audio(place, sr=SR, mono=True, span_s=(Fraction(0), Fraction(2 * MOST_S)))
    room = max(sound.samples.shape[1] - MOST_S * SR, 0)
    first = _mix(place.name) % (room + 1)
    return sound.samples[0, first : first + MOST_S * SR]


def bands(
    copy: NDArray[np.float32], vocoder: str, count: int, rng: np.random.Generator
) -> dict[str, Bands]:
    """The bands of a sound, as it is and changed on its way, by ``vocoder variant``."""
    some = [copy, *(degraded(copy, rng) for _ in range(count - 1))]
    return {
        f"{vocoder} {variant}": log_bands(canonical(one)[0]).astype(np.float16)
        for variant, one in enumerate(some)
    }


def trained(takes: Sequence[Take], given: argparse.Namespace, *, seed: int, name: str) -> SoundNet:
    """The network, learnt or taken up where it was stopped."""
    torch.manual_seed(seed)
    net = SoundNet().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    steps = given.steps
    chosen = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=1e-2)
    rates = torch.optim.lr_scheduler.OneCycleLR(chosen, RATE, total_steps=steps + 1)
    place = given.work / f"{name}-{steps}.pt"
    first = 0
    if place.is_file():
        state = torch.load(place, weights_only=True)
        net.load_state_dict(state["net"])
        chosen.load_state_dict(state["optimizer"])
        rates.load_state_dict(state["rates"])
        first = int(state["step"])
    reals = [take for take in takes if not take.vocoder]
    fakes = [take for take in takes if take.vocoder]
    begun, sum_of, curve = time.monotonic(), 0.0, given.work / f"{name}.csv"
    net.train()
    for step in range(first, steps):
        rng = np.random.default_rng((seed, step))
        windows, wanted = batch(reals, fakes, rng)
        odds = net(windows)[:, 0, 0].mean(dim=1)
        loss = functional.binary_cross_entropy_with_logits(odds, wanted)
        chosen.zero_grad()
        loss.backward()
        chosen.step()
        rates.step()
        sum_of += float(loss.detach())
        spent = (time.monotonic() - begun) / 60 > given.minutes
        if (step + 1) % 50 == 0 or spent or step + 1 == steps:
            minutes = (time.monotonic() - begun) / 60
            print(f"{name} {step + 1} loss {sum_of / 50:.3f} {minutes:.1f} min", flush=True)
            with curve.open("a") as log:
                log.write(f"{step + 1},{sum_of / 50:.4f},{minutes:.2f}\n")
            sum_of = 0.0
            state = {
                "net": net.state_dict(), "optimizer": chosen.state_dict(),
                "rates": rates.state_dict(), "step": step + 1,
            }  # fmt: skip
            torch.save(state, place)
        if spent:
            break
    return net.eval()


def batch(
    reals: Sequence[Take], fakes: Sequence[Take], rng: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Windows of as many recordings as copies, some with bands or moments left out."""
    some = [takes[int(rng.integers(len(takes)))] for takes in (reals, fakes) * (BATCH // 2)]
    windows = np.stack([_window(take.bands, rng) for take in some])[:, None]
    wanted = np.tile(np.array([0.02, 0.98], np.float32), BATCH // 2)
    return torch.from_numpy(windows), torch.from_numpy(wanted)


def _window(bands: Bands, rng: np.random.Generator) -> NDArray[np.float32]:
    at = int(rng.integers(bands.shape[1] - FRAMES + 1))
    window = centred(bands[:, at : at + FRAMES].astype(np.float32))
    if rng.random() < 0.4:
        low, wide = int(rng.integers(BANDS)), int(rng.integers(4, 20))
        window[low : low + wide] = 0
    if rng.random() < 0.3:
        low, wide = int(rng.integers(FRAMES)), int(rng.integers(8, 32))
        window[:, low : low + wide] = 0
    return window


def report(
    net: SoundNet, unknown: Sequence[Take], onnx: Path, given: argparse.Namespace
) -> list[str]:
    """What the network does on people it never heard, and on speech of others, in lines."""
    odds = on_takes(net, unknown)
    lines = [f"copies of people never heard: {told_apart(unknown, odds)}"]
    changed = [place for place, take in enumerate(unknown) if not take.plain]
    some = [unknown[place] for place in changed]
    lines.append(f"the same, changed on their way: {told_apart(some, odds[changed])}")
    heard_of = sorted({take.vocoder for take in unknown} - {""})
    lines += [f"  by {name}: {told_apart(unknown, odds, name)}" for name in heard_of]
    if given.test is not None:
        fakes, reals = figures(given.test, onnx)
        lines.append(f"pairs of others: {quality(fakes, reals)}")
        lines.append(f"  fake {np.round(fakes, 1)} real {np.round(reals, 1)}")
    for folder in given.recorded:
        heard = np.array(heard_in(folder, onnx))
        lines.append(
            f"recordings in {folder.name}: {len(heard)}, of which"
            f" {100 * (heard > 0).mean():.0f} % above 0, highest {heard.max():.1f}"
        )
    print("\n".join(lines), flush=True)
    return lines


def on_takes(net: SoundNet, takes: Sequence[Take]) -> NDArray[np.float64]:
    """(n,) mean log odds of each take."""
    found = []
    with torch.no_grad():
        for take in takes:
            starts = range(0, take.bands.shape[1] - FRAMES + 1, FRAMES // 2)
            some = [centred(take.bands[:, at : at + FRAMES].astype(np.float32)) for at in starts]
            found.append(float(net(torch.from_numpy(np.stack(some)[:, None])).mean()))
    return np.array(found)


def told_apart(takes: Sequence[Take], odds: NDArray[np.float64], vocoder: str = "") -> Quality:
    """How well copies, by one vocoder or by all, are told from recordings."""
    pairs = list(zip(takes, odds.tolist(), strict=True))
    fakes = [one for take, one in pairs if take.vocoder and vocoder in ("", take.vocoder)]
    return quality(fakes, [one for take, one in pairs if not take.vocoder])


def figures(folder: Path, onnx: Path) -> tuple[list[float], list[float]]:
    """The signal's figures of (synthetic, recorded) files of a folder of pairs."""
    net = OrtSession("learned_sound", onnx, device="cpu", threads=1)
    scores: tuple[list[float], list[float]] = ([], [])
    for _, place in recordings([folder]):
        heard = listen(read_audio(place, sr=SR, mono=True), net)
        if len(heard.odds):
            scores["ground-truth" in place.stem].append(heard.figure)
    return scores


def heard_in(folder: Path, onnx: Path) -> list[float]:
    """The signal's figures of the files of a folder."""
    both = figures(folder, onnx)
    return [*both[0], *both[1]]


def ship(given: argparse.Namespace, said: Sequence[Sequence[str]]) -> None:
    """Network, card and calibration into the package, if it is good enough on the pairs."""
    onnx = given.work / "seed-0.onnx"
    if given.test is None:
        raise SystemExit("--ship needs --test")
    fakes, reals = figures(given.test, onnx)
    found = quality(fakes, reals)
    if found.auc < LEAST_SHIPPED:
        raise SystemExit(f"not shipped: {found}, and {LEAST_SHIPPED} is asked for")
    data = onnx.read_bytes()
    command = f"python -m train.signals_sound SPEECH --steps {given.steps} --seeds {given.seeds}"
    own = PACKAGE / "models" / "own"
    (own / "learned_sound.onnx").write_bytes(data)
    card = OwnCard(
        task="Tells speech that a vocoder copied from speech that was recorded.",
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        licence="Apache-2.0",
        data="LibriSpeech (CC BY 4.0) and GRID (CC BY 4.0), and copies by seven vocoders.",
        command=command,
        made=date.today().isoformat(),
        quality="; ".join([*said[0][:2], f"FastSpeech 2 with HiFi-GAN, never heard: {found}"]),
        limits="Taught on copies by signal processing alone; heavy compression hides much.",
        paper="Wang and Yamagishi, 2023, arXiv:2210.10570",
        input="(N, 1, 80, 128) log energies of bands, as forensics.canonical_sound gives them",
        output="(N, 1, 1, 16) log odds along the window",
    )
    (own / "learned_sound.toml").write_text(card.as_toml(), encoding="utf-8")
    known = Calibration(
        "learned_sound",
        f"{date.today().isoformat()}, {command}",
        "FastSpeech 2 with HiFi-GAN against recordings of the same speakers",
        f"On material never heard: {found}.",
        (weighed_bin("speech", fakes, reals),),
    )
    place = PACKAGE / "forensics" / "calibrations" / "learned_sound.json"
    place.write_text(known.as_json(), encoding="utf-8")


def _mix(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:6])


if __name__ == "__main__":
    main()
