"""Learns what the figures of signals are worth, and writes it beside them.

``python -m train.calibrate_signals STEP [--media DIR] [--figures FILE] [--first N] [--count N]``

STEP is one of

- ``spectrum``: the spectra of real faces, from half of the people in ``train/faces_real``;
- ``stills``, ``splices``, ``clips``, ``speech``: figures on recorded and manipulated examples,
  added to FILE;
- ``checks``: how often ``sound_edits`` and ``thumbnail`` err, which are never weighed;
- ``fit``: the calibrations, from all figures in FILE.

People are parted into two halves by their name, and each half's fit is tried on the other; where
there are fewer than twenty of a side, each person is tried in turn on the fit of all others. What
comes of it is the stated error rate. A signal gets no ratio on a kind of material, and is shown
only, where there are fewer than `LEAST_RECORDED` people, where the lower end of the interval of the
area under the curve is not above `LEAST_AUC`, or where it costs more than `MOST_COST` of the bit
that knowing nothing costs (Cllr). What ships is the fit on everybody; examples are counted as
people, because several of one person are hardly more than one. Manipulated material is made in
memory (`train.signal_material`).
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.detect import find_faces
from masquerade.faces.readers import FaceReader
from masquerade.forensics.calibration import Bin, Calibration, fit
from masquerade.forensics.resaved import resaved
from masquerade.forensics.sample import cut_out
from masquerade.forensics.signals import sound_edits, spectrum, thumbnail
from masquerade.media.audio import read_audio
from masquerade.media.read import read_image
from masquerade.media.thumbnail import read_thumbnail
from masquerade.types import Audio, Frame
from train.signal_material import Seen, clips, speech, splices, stills, synthetic

LEAST_AUC = 0.6
MOST_COST = 0.88
LEAST_RECORDED = 10
LEAST_PEOPLE = 20
RESAMPLES = 400
OUT = Path("src/masquerade/forensics/calibrations")
PERSONAS = ("a00", "b02", "b11", "c06", "c11", "c16", "c23", "c34", "a01", "c32")
SPLICE_S = 0.8
SYNTHETIC_PX = 275
LARGE_PX = spectrum.LEAST_PX

Floats = NDArray[np.float64]


def main(arguments: Sequence[str] | None = None) -> None:
    """One step."""
    parser = argparse.ArgumentParser(description=__doc__)
    steps = {
        "spectrum": _spectrum, "stills": _stills, "splices": _splices, "clips": _clips,
        "speech": _speech, "checks": _checks, "fit": _fit,
    }  # fmt: skip
    parser.add_argument("step", choices=steps)
    parser.add_argument("--media", type=Path, default=Path("../shared"))
    parser.add_argument("--figures", type=Path, default=Path("signal_figures.jsonl"))
    parser.add_argument("--made", default="", help="date that is written into the calibrations")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=10_000)
    given = parser.parse_args(arguments)
    steps[given.step](given)


def half(person: str, *, cut: int = 0) -> int:
    """In which half somebody is, 0 or 1; `cut` numbers ways of halving that know nothing of others.

    The first makes what signals hold faces against, the second what they are worth.
    """
    return hashlib.sha256(person.encode()).digest()[cut] % 2


def _real(given: argparse.Namespace) -> list[tuple[Path, str]]:
    """Real stills and whose they are: a name is all that files of one person share."""
    places = [*(given.media / "train" / "faces_real").rglob("*.jpg")]
    places += (given.media / "media" / "portraits").glob("*.jpg")
    return [(path, path.stem.partition("_")[0]) for path in sorted(places, key=_mixed)]


def _mixed(path: Path) -> bytes:
    return hashlib.sha256(path.name.encode()).digest()[8:]


def _spectrum(given: argparse.Namespace) -> None:
    reader, rng = FaceReader.open(), np.random.default_rng(6)
    found: list[Floats] = []
    for path, person in _real(given):
        if half(person) == 0 and len(found) < 240:
            picture = resaved(read_image(path).pixels, int(rng.integers(70, 98)))
            faces = [one for one in find_faces(picture, reader)[:1] if one.size_px >= LARGE_PX]
            found += [spectrum.profile([cut_out(Frame(picture), face)]) for face in faces]
    stored = {
        "faces": len(found),
        "mean": np.round(np.mean(found, axis=0), 4).tolist(),
        "deviation": np.round(np.std(found, axis=0), 4).tolist(),
    }
    OUT.mkdir(exist_ok=True)
    (OUT / "spectrum_real.json").write_text(json.dumps(stored, indent=1) + "\n")


def _stills(given: argparse.Namespace) -> None:
    reader = FaceReader.open()
    some = _real(given)[given.first : given.first + given.count]
    seen = (
        one
        for path, person in some
        for one in stills(path, person, reader, np.random.default_rng(list(_mixed(path)[:4])))
        if one.signal != "spectrum" or half(person) == 1
    )
    _add(given.figures, seen)
    if given.first == 0:
        for path in sorted((given.media / "media" / "personas").glob("*.jpg")):
            _add(given.figures, synthetic(path, reader, SYNTHETIC_PX))


def _splices(given: argparse.Namespace) -> None:
    some = _real(given)[given.first : given.first + given.count]
    for number, (path, person) in enumerate(some):
        other = some[(number + len(some) // 2) % len(some)][0]
        rng = np.random.default_rng(list(_mixed(path)[4:8]))
        _add(given.figures, splices(path, other, person, rng))


def _talking(given: argparse.Namespace) -> list[tuple[Path, str]]:
    """Volunteers' clips and who speaks: each file of ``grid_others`` is somebody else."""
    folder = given.media / "media" / "talking"
    others = [(path, path.stem) for path in sorted((folder / "grid_others").glob("*.mpg"))]
    return others + [(path, "s1") for path in sorted((folder / "grid_s1").glob("*.mpg"))]


def _clips(given: argparse.Namespace) -> None:
    reader, media = FaceReader.open(), given.media / "media"
    every = list(enumerate(_talking(given)))
    for number, (path, person) in every[given.first : given.first + given.count]:
        persona = PERSONAS[number % len(PERSONAS)]
        _add(given.figures, clips(path, person, persona, media, reader))
        print(path.name, flush=True)


def _speech(given: argparse.Namespace) -> None:
    more = sorted((given.media / "train" / "talking").rglob("*.mpg"))
    paths = _talking(given) + [(path, "s1") for path in more[:16]]
    _add(given.figures, speech(paths, FaceReader.open(), np.random.default_rng(7)))


def _checks(given: argparse.Namespace) -> None:
    for name, data, told in (_copied_words(given.media), _changed_photos(given.media)):
        _write(Calibration(name, _command(given), data, told, ()))
        print(name, told)


def _copied_words(media: Path) -> tuple[str, str, str]:
    rng, found, false, seconds = np.random.default_rng(8), 0, 0, 0.0
    paths = sorted((media / "train" / "speech_real").rglob("*.flac"))[::4][:40]
    for path in paths:
        sound = read_audio(path, sr=16_000, mono=True)
        samples = sound.samples[0][: 16_000 * 12]
        seconds += len(samples) / 16_000
        false += bool(sound_edits.repeats(Audio(samples[None], 16_000)))
        loud = np.convolve(samples**2, np.ones(12_800), "valid")
        start = int(np.argmax(loud[: len(loud) // 2]))
        place = int(rng.integers(len(samples) * 2 // 3, len(samples)))
        word = samples[start : start + int(SPLICE_S * 16_000)]
        made = np.concatenate([samples[:place], word, samples[place:]])[None]
        found += bool(sound_edits.repeats(Audio(made, 16_000)))
    count = len(paths)
    told = (
        f"Not weighed. A copied stretch of {SPLICE_S} s of speech was found in {found} of {count}"
        f" recordings; {false} of {count} untouched ones ({seconds:.0f} s) showed one too."
    )
    return "sound_edits", "read speech of as many people (LibriSpeech)", told


def _changed_photos(media: Path) -> tuple[str, str, str]:
    pairs = []
    for path in sorted((media / "media" / "exif").glob("*.jpg")):
        small = read_thumbnail(path)
        if small is not None and thumbnail.compare(read_image(path).pixels, small) is not None:
            pairs.append((read_image(path).pixels, small))
    false = found = 0
    for number, (picture, small) in enumerate(pairs):
        other = pairs[(number + 3) % len(pairs)][0]
        made, (high, wide) = picture.copy(), (side // 3 for side in picture.shape[:2])
        made[high : 2 * high, wide : 2 * wide] = cv2.resize(other, (wide, high))
        values = [thumbnail.compare(one, small) for one in (picture, made)]
        false += values[0] is not None and values[0][0] > thumbnail.OTHER
        found += values[1] is not None and values[1][0] > thumbnail.OTHER
    told = (
        f"Not weighed, for want of examples. Of {len(pairs)} camera photos, {false} seemed to show"
        f" something else than their thumbnails; with a ninth replaced, {found} did."
    )
    return "thumbnail", "photos of as many models of cameras", told


def _fit(given: argparse.Namespace) -> None:
    seen = [Seen(**json.loads(line)) for line in given.figures.read_text().splitlines()]
    signals: dict[str, dict[str, list[Seen]]] = defaultdict(lambda: defaultdict(list))
    for one in seen:
        signals[one.signal][one.kind].append(one)
    for name, kinds in sorted(signals.items()):
        bins, told = [], {}
        for kind, some in sorted(kinds.items()):
            found, words = _of_kind(kind, some)
            told[kind] = f"{words[:1].upper()}{words[1:]}"
            print(f"{name}: {kind}: {words}")
            if found is not None:
                bins.append(found)
        made = sorted({one.how for one in seen if one.signal == name and one.made})
        data = f"real faces and volunteers' clips against {', '.join(made)}"
        every = " ".join(f"{kind}: {words}" for kind, words in told.items())
        made_by = _command(given)
        _write(Calibration(name, made_by, data, every, tuple(bins), tuple(told.items())))


def _of_kind(kind: str, some: Sequence[Seen]) -> tuple[Bin | None, str]:
    """A bin for a kind of material if it tells anything, and how it does on the other half."""
    held: list[tuple[float, bool, str]] = []
    for tested in _folds(some):
        train = [one for one in some if one.person not in tested]
        test = [one for one in some if one.person in tested]
        sides = [[one.value for one in train if one.made is made] for made in (True, False)]
        if min(len(values) for values in sides) < 5 or not test:
            return None, "Too few people to tell."
        trained = fit(kind, *sides)
        held += [(trained.log10_lr(one.value)[0], one.made, one.how) for one in test]
    ratios = np.array([ratio for ratio, _, _ in held])
    made = np.array([made for _, made, _ in held])
    auc, (low, high) = area(ratios[made], ratios[~made])
    cost = cllr(ratios[made], ratios[~made])
    limit = float(np.quantile(ratios[~made], 0.95, method="higher"))
    hit = float(np.mean(ratios[made] > limit))
    apart = ", ".join(_by_way(held, ratios[~made]))
    words = (
        f"on people held out, area under the curve {auc:.2f} ({low:.2f} to {high:.2f};"
        f" {apart}), {100 * hit:.0f} in 100 found at 5 in 100 false alarms, Cllr {cost:.2f};"
        f" {int(made.sum())} manipulated and {int((~made).sum())} recorded."
    )
    people = [len({one.person for one in some if one.made is made}) for made in (True, False)]
    if people[1] < LEAST_RECORDED:
        return None, f"{words} Not weighed: only {people[1]} people."
    if low <= LEAST_AUC or cost >= MOST_COST:
        return None, f"{words} Not weighed: too near chance."
    sides = [[one.value for one in some if one.made is made] for made in (True, False)]
    found = fit(kind, *sides)
    weight = round(max(0.0, 1 - cost), 4)
    return replace(found, weight=weight, manipulated=people[0], recorded=people[1]), words


def _folds(some: Sequence[Seen]) -> list[set[str]]:
    """People who are tried together: two halves, or each in turn where there are few."""
    people = {one.person for one in some}
    each = [len({one.person for one in some if one.made is made}) for made in (True, False)]
    if min(each) < LEAST_PEOPLE:
        return [{person} for person in sorted(people)]
    return [{person for person in people if half(person, cut=1) == side} for side in (0, 1)]


def _by_way(held: Sequence[tuple[float, bool, str]], recorded: Floats) -> Iterator[str]:
    for how in sorted({how for _, made, how in held if made}):
        some = np.array([ratio for ratio, _, one in held if one == how])
        yield f"{how} {area(some, recorded)[0]:.2f}"


def area(made: Floats, recorded: Floats) -> tuple[float, tuple[float, float]]:
    """Area under the curve, and its 95 % bootstrap interval."""
    rng = np.random.default_rng(0)

    def once(one: Floats, other: Floats) -> float:
        apart = one[:, None] - other[None, :]
        return float(np.mean((apart > 0) + 0.5 * (apart == 0)))

    again = [
        once(rng.choice(made, len(made)), rng.choice(recorded, len(recorded)))
        for _ in range(RESAMPLES)
    ]
    low, high = np.quantile(again, (0.025, 0.975))
    return once(made, recorded), (float(low), float(high))


def cllr(made: Floats, recorded: Floats) -> float:
    """Cost of the log likelihood ratio, in bits (Brummer and du Preez 2006)."""
    one = np.log2(1 + 10.0 ** -np.asarray(made)).mean()
    other = np.log2(1 + 10.0 ** np.asarray(recorded)).mean()
    return float((one + other) / 2)


def _add(path: Path, seen: Iterable[Seen]) -> None:
    with path.open("a", encoding="utf-8") as file:
        for one in seen:
            file.write(json.dumps(asdict(one)) + "\n")


def _command(given: argparse.Namespace) -> str:
    return f"{given.made} python -m train.calibrate_signals".strip()


def _write(one: Calibration) -> None:
    OUT.mkdir(exist_ok=True)
    (OUT / f"{one.signal}.json").write_text(one.as_json(), encoding="utf-8")


if __name__ == "__main__":
    main()
