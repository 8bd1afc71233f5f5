"""A person enrolled from their own footage, under their consent: features are kept, no media."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np

import masquerade
from masquerade.errors import ConsentError, FaceError, InputError, UsageError
from masquerade.faces.embed import distance
from masquerade.faces.following.track import track
from masquerade.faces.readers import FaceReader
from masquerade.forensics.movement import LEAST_PX, Floats, blocks_of
from masquerade.forensics.person import BLOCK, Occasion
from masquerade.forensics.person_file import ENDING, MOST_OCCASIONS, About, write_person
from masquerade.forensics.plan import evenly
from masquerade.hashing import file_sha256
from masquerade.media.endings import FOOTAGE_ENDINGS, check_folder
from masquerade.media.probe import MediaInfo, probe
from masquerade.media.read import read_frames
from masquerade.pipelines.examine.known_person import PURPOSE, Known, known_person
from masquerade.pipelines.report_file import fill
from masquerade.provenance.consent.bound_face import open_face
from masquerade.provenance.consent.check import FACE_THRESHOLD, check_each
from masquerade.provenance.consent.model_consent import mark_model
from masquerade.provenance.consent.record import ANY, ConsentRecord
from masquerade.provenance.consent.records import load
from masquerade.telling import no_progress
from masquerade.types import Embedding, Frame, IdentityUse, Track

METHOD: Final = "person_of_interest"
STRETCH_S: Final = Fraction(10)
MOST_S: Final = Fraction(300)
"""Of each file, at most so much is looked at, in stretches spread evenly over it."""

Tell = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Who was enrolled, and what was left out.

    Attributes:
        known: The file.
        notes: What was of no use, and why.
    """

    known: Known
    notes: tuple[str, ...]

    def lines(self) -> list[str]:
        """The account in plain words."""
        return [*self.known.lines(), *(f"note: {words}" for words in self.notes)]


def enrol(
    name: str,
    paths: Sequence[Path],
    out: Path,
    consent: Path | None,
    reader: FaceReader,
    *,
    overwrite: bool = False,
    home: Path | None = None,
    tell: Tell | None = None,
) -> Enrolled:
    """A person's file, made of their own footage. Only faces that the record is bound to count.

    Args:
        name: What the person is called in reports.
        paths: Videos, or folders of them; each of them is one occasion.
        out: Ends in ``.person``.
        consent: Their consent record, for the purpose of examination.
        reader: The loaded face networks.
        overwrite: Replace the file if it exists.
        home: The installation's folder.
        tell: Told (what, done, in all).

    Raises:
        UsageError: The request makes no sense.
        ConsentError: There is no record, or it does not cover this.
        InputError: A video is of no use, or nothing of the person is in any.
        OutputError: The file cannot be written.
    """
    say = tell or no_progress
    _check_out(out, overwrite=overwrite)
    record = _record(consent)
    bound = [open_face(one, record.id, home=home) for one in record.faces]
    _check(record, bound, "", home)
    occasions = _occasions(paths)
    notes: list[str] = []
    files = [path for videos in occasions for path in videos]
    inputs = {path: file_sha256(path) for path in files}
    made: list[Occasion] = []
    for videos in occasions:
        parts = []
        for path in videos:
            say(f"looking at {path.name}", files.index(path), len(files))
            parts += _kept(path, bound, reader, notes)
            _check(record, [one.embeddings[0] for one in parts], inputs[path], home)
        if parts:
            made.append(_together(parts))
    if not made:
        raise FaceError(
            f"{record.subject} was not seen in {len(files)} files",
            "footage in which the face of the consent record is clearly seen",
        )
    about = _about(name, record, inputs.values())
    _write(out, about, tuple(made), record, home)
    return Enrolled(known_person(out, home=home), tuple(notes))


def _check_out(out: Path, *, overwrite: bool) -> None:
    check_folder(out)
    if out.suffix.lower() != ENDING:
        raise UsageError(f"{out} is to hold an enrolled person", f"a name that ends in {ENDING}")
    if out.exists() and not overwrite:
        raise UsageError(f"{out} exists", "a new file", "choose another name, or add --overwrite")


def _record(consent: Path | None) -> ConsentRecord:
    if consent is None:
        raise ConsentError(
            "nobody is enrolled without their consent",
            f"their consent record, for the purpose {PURPOSE}",
            f"make it with `masquerade consent new --purpose {PURPOSE}`, then add --consent RECORD",
        )
    record = load(consent)
    if not {ANY, PURPOSE} & set(record.purposes):
        raise ConsentError(
            f"consent {record.id} of {record.subject} is for {', '.join(record.purposes)}",
            f"one that names the purpose {PURPOSE}: they have to know that they are enrolled",
            f"ask for a record made with --purpose {PURPOSE}",
        )
    return record


def _about(name: str, record: ConsentRecord, inputs: Iterable[str]) -> About:
    return About(
        name=name,
        made_by=f"Masquerade {masquerade.__version__}",
        consent=record.id,
        inputs=tuple(dict.fromkeys(inputs)),
    )


def _occasions(paths: Sequence[Path]) -> list[tuple[Path, ...]]:
    """The videos of each occasion.

    Raises:
        UsageError: There is none, or there are too many.
        InputError: One of them holds no video.
    """
    if not 0 < len(paths) <= MOST_OCCASIONS:
        raise UsageError(
            f"{len(paths)} occasions are given", f"1 to {MOST_OCCASIONS} files or folders"
        )
    return [_videos(path) for path in paths]


def _videos(path: Path) -> tuple[Path, ...]:
    """The videos of one occasion, in order of name."""
    if not path.exists():
        raise InputError(f"there is no file {path}", "a video, or a folder of them")
    if not path.is_dir():
        return (path,)
    found = [one for one in sorted(path.iterdir()) if one.suffix.lower() in FOOTAGE_ENDINGS]
    if not found:
        raise InputError(f"there is no video in {path}", "footage of the person")
    return tuple(found)


def _check(
    record: ConsentRecord, embeddings: Sequence[Embedding], sha256: str, home: Path | None
) -> None:
    """Passes when the record covers enrolling each of these faces.

    Raises:
        ConsentError: It does not hold, is for another use, or is another person's.
    """
    uses = [IdentityUse("source", "face", one, sha256, record.id) for one in embeddings]
    pairs = [(record, use) for use in uses]
    check_each(pairs, purpose=PURPOSE, method=METHOD, media="video", home=home)


def _kept(
    path: Path, bound: Sequence[Embedding], reader: FaceReader, notes: list[str]
) -> list[Occasion]:
    """What is kept of the person in one video, by stretch; a note where there is nothing."""
    info = probe(path)
    if info.kind != "video" or not info.duration_s:
        raise InputError(f"{path.name} is no video", "footage of the person")
    found: list[Occasion] = []
    others = 0
    for start_s, end_s in evenly(info.duration_s, MOST_S, STRETCH_S):
        for one in track(_frames(info, start_s, end_s), reader):
            if one.embedding is None:
                continue
            if min(distance(one.embedding, face) for face in bound) <= FACE_THRESHOLD:
                found.append(of_track(one, info.time_base))
            else:
                others += 1
    if not found:
        notes.append(f"{path.name} does not show the person, and was left out")
    elif others:
        notes.append(f"{path.name}: other faces were left out")
    return found


def _frames(info: MediaInfo, start_s: Fraction, end_s: Fraction) -> Iterator[Frame]:
    first = info.start_pts
    start, stop = (first + int(at / info.time_base) for at in (start_s, end_s))
    return read_frames(info.path, start_pts=start, stop_pts=stop)


def of_track(one: Track, time_base: Fraction) -> Occasion:
    """What is kept of a face through one stretch.

    Args:
        one: With an embedding.
        time_base: Seconds per unit of its times.
    """
    good = {
        pts: face
        for pts, face in sorted(one.faces.items())
        if not face.interpolated and face.size_px >= LEAST_PX
    }
    times_s = np.array([float(pts * time_base) for pts in good])
    told = blocks_of([face.landmarks for face in good.values()], times_s)
    return Occasion(np.asarray(one.embedding, np.float32)[None], _joined(told))


def _together(parts: Sequence[Occasion]) -> Occasion:
    return Occasion(
        np.concatenate([one.embeddings for one in parts]), _joined([one.blocks for one in parts])
    )


def _joined(told: Sequence[Floats]) -> Floats:
    return np.concatenate([np.zeros((0, BLOCK)), *told])


def _write(
    out: Path,
    about: About,
    occasions: tuple[Occasion, ...],
    record: ConsentRecord,
    home: Path | None,
) -> None:
    def write(fresh: Path) -> None:
        write_person(fresh, about, occasions)
        mark_model(fresh, [record], name=out.name, home=home)
        fresh.chmod(0o600)  # it tells who somebody is

    fill(out, write)
