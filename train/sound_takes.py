"""Recordings of speech and copies of them, kept so that a run that was stopped goes on.

People are parted by the SHA-256 of their name: every fifth is held out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.forensics.signals.learned_sound import LEAST_LOUD
from masquerade.forensics.voice_traces import windows
from masquerade.media.audio import read_audio
from masquerade.types import Audio
from train.decoded import Decoder, opened
from train.sound_degraded import degraded
from train.vocoders import VOCODERS, nearer

Floats = NDArray[np.float32]

SR: Final = 16_000
HELD_OUT: Final = 5
MOST_S: Final = 4
MOST_OF_ONE: Final = 10  # recordings of one person
MOST_SAID: Final = 60  # sentences of one synthesiser
COPIES: Final = 2  # vocoders of signal processing that each recording is copied by
NEARER: Final = 0.5  # share of copies that are brought nearer to the original
DECODED: Final = "vits"
SAID: Final = "vits_said"
CHANGED: Final = 3  # forms each recording and copy is tried in: as it is, then changed
_ENDINGS: Final = {".flac", ".wav", ".mp3", ".mpg", ".mp4"}
_FULL: Final = 32_000


@dataclass(frozen=True, slots=True)
class Take:
    """One recording or copy of it, in one of its changed forms.

    Attributes:
        person: Who speaks.
        recording: Which recording it is or was copied from.
        vocoder: What copied it; empty for the recording itself.
        plain: Whether it was not changed.
        traces: (windows, TRACES) as from `traces`.
    """

    person: str
    recording: str
    vocoder: str
    plain: bool
    traces: Floats


def recordings(folders: Sequence[Path], *, most: int = MOST_OF_ONE) -> list[tuple[str, Path]]:
    """(Person, file) of recordings, in an order that mixes people, a few of each."""
    found = (place for folder in folders for place in folder.rglob("*"))
    places = [place for place in found if place.suffix.lower() in _ENDINGS]
    kept: list[tuple[str, Path]] = []
    seen: dict[str, int] = {}
    for place in sorted(places, key=lambda one: mixed(one.name)):
        who = person(place)
        seen[who] = seen.get(who, 0) + 1
        if seen[who] <= most:
            kept.append((who, place))
    return kept


def person(place: Path) -> str:
    """Who speaks: LibriSpeech's number, else the folder's name."""
    first = place.stem.partition("-")[0]
    return first if first.isdigit() else place.parent.name


def held_out(who: str) -> bool:
    """Whether a person is kept from training: every fifth, by the hash of the name."""
    return fifth(who) == 0


def fifth(who: str) -> int:
    """Which of the five parts of all people somebody is in."""
    return mixed(who) % HELD_OUT


def mixed(name: str) -> int:
    """A number that a name always gives."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:6])


def takes(
    files: Sequence[tuple[str, Path]], folder: Path, wheel: Path | None, *, workers: int
) -> Iterator[Take]:
    """Every take of every recording, from `folder` where it was made before.

    Args:
        files: From `recordings`.
        folder: Keeps copies, traces, and what was learnt for the decoder.
        wheel: Of the voice whose decoder copies too, and what it said counts as copied.
        workers: Processes that make what is missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    missing = [place for _, place in files if not _known(folder, place).is_file()]
    if wheel is not None and not (folder / "said-0.traces.npz").is_file():
        _said(opened(wheel, folder / "voice"), folder)
    with ProcessPoolExecutor(workers) as pool:
        shares = [missing[first::workers] for first in range(min(workers, len(missing)))]
        list(pool.map(partial(_made, folder=folder, wheel=wheel), shares))
    for who, place in files:
        yield from _read(who, place.stem, _known(folder, place))
    for known in sorted(folder.glob("said-*.traces.npz")) if wheel is not None else ():
        yield from _read("said", known.name.partition(".")[0], known)


def synthetic(folder: Path, work: Path) -> Iterator[Take]:
    """Takes of what another synthesiser said, which the folder is named after.

    Args:
        folder: With its sentences.
        work: Keeps their traces.
    """
    for _, place in recordings([folder], most=MOST_SAID):
        known = work / f"{folder.name}-{place.stem}.traces.npz"
        if not known.is_file():
            _keep(known, _forms({folder.name: part(place)}, mixed(place.name)))
        yield from _read(folder.name, place.stem, known)


def part(place: Path) -> Floats:
    """(n,) up to six seconds of a recording, always the same."""
    sound = read_audio(place, sr=SR, mono=True, span_s=(Fraction(0), Fraction(2 * MOST_S)))
    room = max(sound.samples.shape[1] - MOST_S * SR, 0)
    first = mixed(place.name) % (room + 1)
    return sound.samples[0, first : first + MOST_S * SR]


def copied(samples: Floats, decoder: Decoder | None, rng: np.random.Generator) -> dict[str, Floats]:
    """Copies of a recording by vocoder, some brought nearer to it.

    Args:
        samples: (n,) at 16 kHz.
        decoder: Copies too, where there is one.
        rng: Draws which vocoders, and how.
    """
    found = {}
    for name in rng.permutation(sorted(VOCODERS))[:COPIES].tolist():
        found[name] = VOCODERS[name](samples, rng)
    if decoder is not None:
        found[DECODED] = decoder(samples, rng)
    return {
        name: nearer(samples, copy, rng) if rng.random() < NEARER else copy
        for name, copy in found.items()
    }


def heard(sound: Floats) -> Floats:
    """(windows, TRACES) of the windows in which something sounds, as the signal takes them.

    Args:
        sound: (n,) at 16 kHz.
    """
    found = windows(Audio(sound[None], SR))
    return found.traces[found.loud >= LEAST_LOUD]


def _known(folder: Path, place: Path) -> Path:
    """Where the traces of a recording and of its copies are kept."""
    return folder / f"{place.stem}.traces.npz"


def _made(places: Sequence[Path], *, folder: Path, wheel: Path | None) -> None:
    """Copies and traces of recordings.

    Copies are kept as sound, so that other traces can be tried.
    """
    decoder = opened(wheel, folder / "voice") if wheel is not None else None
    for number, place in enumerate(places):
        kept = folder / f"{place.stem}.sound.npz"
        if not kept.is_file():
            samples = part(place)
            rng = np.random.default_rng(mixed(place.name))
            sounds = {"": samples, **copied(samples, decoder, rng)}
            _keep(kept, {f"{name} ": _whole(sound) for name, sound in sounds.items()})
        with np.load(kept, allow_pickle=False) as held:
            sounds = {name[:-1]: held[name].astype(np.float32) / _FULL for name in held.files}
        _keep(_known(folder, place), _forms(sounds, mixed(place.name) + 1))
        print(f"copied {number + 1} of {len(places)}", flush=True)


def _said(decoder: Decoder, folder: Path) -> None:
    """Traces of what the voice said; the first comes last, as the sign that all are there."""
    for number in reversed(range(len(decoder.spoken))):
        known = folder / f"said-{number}.traces.npz"
        _keep(known, _forms({SAID: decoder.spoken[number][: MOST_S * SR]}, mixed(known.name)))


def _forms(sounds: dict[str, Floats], seed: int) -> dict[str, Floats]:
    """Traces of sounds as they are and changed on their way, by ``vocoder form``.

    The changes are the same for a recording and its copies.
    """
    return {
        f"{name} {form}": heard(
            degraded(sound, np.random.default_rng((seed, form))) if form else sound
        )
        for name, sound in sounds.items()
        for form in range(CHANGED)
    }


def _read(who: str, recording: str, known: Path) -> Iterator[Take]:
    with np.load(known, allow_pickle=False) as held:
        for key in held.files:
            vocoder, _, form = key.rpartition(" ")
            if len(held[key]):
                yield Take(who, recording, vocoder, form == "0", held[key])


def _keep(place: Path, arrays: Mapping[str, NDArray[np.generic]]) -> None:
    fresh = place.with_suffix(".part.npz")
    np.savez(fresh, **arrays)  # type: ignore[arg-type]
    fresh.replace(place)


def _whole(sound: Floats) -> NDArray[np.int16]:
    loud = max(float(np.abs(sound).max()), 1e-6)
    return np.asarray(np.rint(sound / loud * _FULL), np.int16)
