"""Measures how well a person's face and ways of moving tell them from others and from swaps.

``python -m train.calibrate_person OWN HELD OTHERS [--clips N]``

Three folders of short clips: one person, who is enrolled; the same person, held out; and other
people. What others do is stored as the background that `masquerade.forensics.person` ships with:
how movements go together, by person, without names, faces or sounds. The person's face is put onto
the others' clips in memory, by two of our methods; nothing of that is written as media.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from pathlib import Path
from types import ModuleType

import numpy as np

from benchmarks.swap_measured import read_clip, swap
from masquerade.faces.embed import distance
from masquerade.faces.following.track import track
from masquerade.faces.readers import FaceReader
from masquerade.forensics.calibration import Calibration
from masquerade.forensics.person import Moved, Occasion, Person, moved
from masquerade.forensics.signals.person_of_interest import SURELY
from masquerade.generate import swap_appearance, swap_mesh
from masquerade.media.probe import probe
from masquerade.media.read import read_frames
from masquerade.pipelines.cast import read_sources
from masquerade.pipelines.examine.enrol_person import of_track
from masquerade.types import Frame, SourcePicture
from train.calibrate_signals import area
from train.signal_material import coded

FOLDER = Path("src/masquerade/forensics/calibrations")
BACKGROUND = FOLDER / "movements.npz"
OUT = FOLDER / "person_of_interest.json"
DATA = "clips of three seconds of volunteers who read sentences of one grammar (GRID)"
METHODS = ((swap_mesh, "mesh swap", 1), (swap_appearance, "appearance swap", 24))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, write background and calibration."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs=3, metavar="FOLDER")
    parser.add_argument("--clips", type=int, default=20, help="of the person's, at most")
    given = parser.parse_args(arguments)
    reader = FaceReader.open()
    own, held, others = ([*sorted(folder.glob("*.mpg"))] for folder in given.folders)
    enrolled = seen(own[: given.clips], reader)
    tried = seen(held, reader)
    people = by_person(seen(others, reader))
    _store(people)
    person = Person("one", "", "", (_joined(enrolled),))
    pictures = read_sources(own[:1], reader, videos=True, most=max(one[2] for one in METHODS))
    swapped = {
        how: [one for path in others for one in swaps(module, path, pictures[:count], reader)]
        for module, how, count in METHODS
    }
    words = " ".join(_words(person, tried, people, swapped))
    print(words)
    made = f"{date.today().isoformat()} python -m train.calibrate_person"
    told = Calibration("person_of_interest", made, DATA, words, ())
    OUT.write_text(told.as_json(), encoding="utf-8")


def seen(paths: Iterable[Path], reader: FaceReader) -> list[Occasion]:
    """What is kept of the face in each clip."""
    found = []
    for path in paths:
        found += _of(list(read_frames(path)), probe(path).time_base, reader)
        print(f"{len(found)} {path.name}", flush=True)
    return found


def swaps(
    module: ModuleType, path: Path, pictures: tuple[SourcePicture, ...], reader: FaceReader
) -> list[Occasion]:
    """What is kept of a clip in which the person of some pictures was put, after H.264."""
    clip = read_clip(path, reader)
    frames = coded(swap(module, clip, pictures, reader)[0], clip)
    print(f"swapped {path.name}", flush=True)
    return _of(frames, frames[0].time_base, reader)


def by_person(clips: Sequence[Occasion]) -> list[list[Occasion]]:
    """The clips, those of one person together."""
    people: list[list[Occasion]] = []
    for clip in clips:
        near = (
            one for one in people if distance(one[0].embeddings[0], clip.embeddings[0]) <= SURELY
        )
        known = next(near, None)
        if known is None:
            people.append([clip])
        else:
            known.append(clip)
    return people


def _of(frames: Sequence[Frame], time_base: Fraction, reader: FaceReader) -> list[Occasion]:
    tracks = track(frames, reader)
    largest = max(tracks, key=lambda one: len(one.faces), default=None)
    known = largest is not None and largest.embedding is not None
    return [of_track(largest, time_base)] if largest is not None and known else []


def _joined(clips: Sequence[Occasion]) -> Occasion:
    return Occasion(
        np.concatenate([one.embeddings for one in clips]),
        np.concatenate([one.blocks for one in clips]),
    )


def _store(people: Sequence[Sequence[Occasion]]) -> None:
    blocks = [np.concatenate([one.blocks for one in clips]) for clips in people]
    numbers = np.repeat(np.arange(len(blocks)), [len(one) for one in blocks])
    np.savez_compressed(
        BACKGROUND,
        blocks=np.concatenate(blocks).astype(np.float32),
        people=numbers.astype(np.int32),
    )


def _words(
    person: Person,
    held: Sequence[Occasion],
    people: Sequence[Sequence[Occasion]],
    swapped: dict[str, list[Occasion]],
) -> list[str]:
    """What was measured, in sentences."""
    own = _figures(person, held)
    other = _figures(person, [clips[0] for clips in people])
    auc, (low, high) = area(other, own)
    near = _distances(person, held)
    far = _distances(person, [clips[0] for clips in people])
    told = [
        f"One person enrolled ({len(person.occasions[0].blocks)} clips), {len(held)} clips of them"
        f" held out, {len(people)} other people: by movement alone, in stretches of 2.4 s, area"
        f" under the curve {auc:.2f} ({low:.2f} to {high:.2f}) for others,"
        f" {_share(other, own):.0f} in 100 found at 5 in 100 false alarms; by the face, the"
        f" person's own clips at {near.min():.2f} to {near.max():.2f} and others at"
        f" {far.min():.2f} to {far.max():.2f}."
    ]
    for how, clips in swapped.items():
        apart, values = _distances(person, clips), _figures(person, clips)
        theirs = int((apart <= SURELY).sum())
        beyond = int((values > 1).sum())
        auc, (low, high) = area(values, own)
        told.append(
            f"Of {len(clips)} clips of others with the person's face put in ({how}), {theirs} show"
            f" the person's face ({apart.min():.2f} to {apart.max():.2f}), and {beyond} move unlike"
            f" them (area {auc:.2f}, {low:.2f} to {high:.2f})."
        )
    return [*told, "All of one studio and one sentence each: expect less elsewhere."]


def _figures(person: Person, clips: Sequence[Occasion]) -> np.ndarray:
    found: list[Moved | None] = [moved(person, one.blocks[:1]) for one in clips]
    return np.array([one.figure for one in found if one is not None], np.float64)


def _distances(person: Person, clips: Sequence[Occasion]) -> np.ndarray:
    return np.array([distance(one.embeddings[0], person.identity) for one in clips], np.float64)


def _share(others: np.ndarray, own: np.ndarray) -> float:
    limit = float(np.quantile(own, 0.95, method="higher"))
    return 100 * float(np.mean(others > limit))


if __name__ == "__main__":
    main()
