"""Faces of one person out of files, piece by piece; a piece depends on nothing before it.

Faces are followed from picture to picture, so that a profile, which says little of who it is,
counts as the person it was a moment before, and what comes before it for a moment is seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import InputError, MediaError
from masquerade.faces.detect import PRESENCE, distinct, find_faces
from masquerade.faces.embed import SAME_PERSON, distance, embed
from masquerade.faces.landmarks import place_of, read_face, read_face_well
from masquerade.faces.occlusion.bare_model import learn
from masquerade.faces.readers import FaceReader
from masquerade.faces.small_map import on_map
from masquerade.faces.staging import turn_deg
from masquerade.hashing import file_sha256
from masquerade.media.endings import FOOTAGE_ENDINGS, STILL_ENDINGS
from masquerade.media.probe import MediaInfo, probe
from masquerade.media.read import read_frames
from masquerade.provenance.consent.check import FACE_THRESHOLD
from masquerade.train.collect.face import cut_face, uncovered
from masquerade.train.collect.limits import Collecting, Limits
from masquerade.train.facesets.pack import PackedPicture, packed_face, packed_picture
from masquerade.train.facesets.schema import FaceRecord, SourceFile
from masquerade.types import RGB, Embedding, Face, Frame

STRANGER: Final = "somebody else"
UNCLEAR: Final = "not clearly the person"
TWICE: Final = "two faces in one picture that both look like the person"
_PIECE: Final = 100  # pictures looked at in one piece
_SEARCH_EVERY: Final = 5  # pictures between two searches of the whole picture
_MOST_AT_ONCE: Final = 16  # faces of one picture, the largest
_PERHAPS: Final = 0.75  # distance from which a face is surely somebody else's
_FRONTAL_DEG: Final = 40.0  # turn up to which a face says who it is
_TURNED_DEG: Final = 25.0  # turn from which a face may look less like its person


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a file that is worked by itself: pictures from `start_pts` to before `stop_pts`."""

    path: Path
    source: SourceFile
    kind: str
    number: int = 0
    start_pts: int | None = None
    stop_pts: int | None = None

    @property
    def key(self) -> str:
        """Its name among all pieces of a job."""
        return f"{self.source.sha256} {self.source.name} {self.number}"


@dataclass(frozen=True, slots=True)
class Packed:
    """A face ready to be written."""

    face: tuple[object, ...]
    picture: PackedPicture


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a piece gave: faces, how many pictures were left out for each reason, and notes."""

    faces: tuple[Packed, ...]
    left_out: dict[str, int]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """One face in one picture: its identity and distance; cut out unless it is surely another's.

    `look` is its small map, by which what comes before the face is found.
    """

    pts: int
    embedding: Embedding
    away: float
    turn: float
    record: FaceRecord | None = None
    look: RGB | None = None


@dataclass(slots=True, eq=False)
class _Chain:
    """One face from picture to picture."""

    last: Face
    seen: list[_Seen] = field(default_factory=list)

    def is_person(self, references: NDArray[np.float32]) -> bool:
        """Whether its clear pictures together lie within the distance of consent."""
        clear = [one for one in self.seen if one.turn <= _FRONTAL_DEG and one.record]
        mean = np.mean([one.embedding for one in clear or self.seen], axis=0, dtype=np.float32)
        return _away(np.asarray(mean), references) <= FACE_THRESHOLD


@dataclass(frozen=True, slots=True)
class Gatherer:
    """What is looked for, and how.

    Attributes:
        reader: The loaded face networks.
        references: (n, 128) identities of the person.
        limits: What a picture must be like.
        how: How faces are read and kept.
    """

    reader: FaceReader
    references: NDArray[np.float32]
    limits: Limits
    how: Collecting

    def gather(self, piece: Piece) -> Gathered:
        """The person's faces in a piece.

        Raises:
            ModelError: A network fails.
        """
        damage: list[str] = []
        chains: list[_Chain] = []
        try:
            for frame, faces in self._followed(piece, chains, damage):
                self._take(frame, faces, piece.source, chains)
        except InputError as error:
            damage.append(error.found)
        notes = [f"{piece.source.name}: {words}" for words in dict.fromkeys(damage)]
        return self._judged(chains, notes)

    def _followed(
        self, piece: Piece, chains: list[_Chain], damage: list[str]
    ) -> Iterator[tuple[Frame, list[tuple[Face, _Chain | None]]]]:
        """Pictures at even times with their faces, and the chain each is followed from."""
        live: list[_Chain] = []
        for number, frame in enumerate(_sampled(piece, self.how.rate, damage)):
            known = []
            for chain in live:
                face = read_face(
                    frame.pixels, place_of(chain.last.landmarks), self.reader, passes=2
                )
                if face.score >= PRESENCE:
                    known.append((face, chain))
            owners = {id(face): chain for face, chain in known}
            faces = distinct([face for face, _ in known])
            if number % _SEARCH_EVERY == 0 or not faces:
                found = find_faces(frame.pixels, self.reader, smallest_px=self.limits.least_px)
                faces = distinct([*faces, *found])
            faces = faces[:_MOST_AT_ONCE]
            yield frame, [(face, owners.get(id(face))) for face in faces]
            live = [chain for chain in chains if chain.seen and chain.seen[-1].pts == frame.pts]

    def _take(
        self,
        frame: Frame,
        faces: Iterable[tuple[Face, _Chain | None]],
        source: SourceFile,
        chains: list[_Chain],
    ) -> None:
        for face, chain in faces:
            one = self._seen(frame, face, source)
            same = chain and distance(chain.seen[-1].embedding, one.embedding) <= SAME_PERSON
            if not chain or not same:
                chain = _Chain(face)
                chains.append(chain)
            chain.last = face
            chain.seen.append(one)

    def _seen(self, frame: Frame, face: Face, source: SourceFile) -> _Seen:
        embedding = embed(frame.pixels, face, self.reader)
        away, turn = _away(embedding, self.references), turn_deg(face)
        if away > _PERHAPS:
            return _Seen(frame.pts, embedding, away, turn)
        face = read_face_well(frame.pixels, place_of(face.landmarks), self.reader)
        record = cut_face(frame, face, embedding, away, source, self.how)
        look = on_map(frame.pixels, face.landmarks)
        return _Seen(frame.pts, embedding, away, turn, record, look)

    def _judged(self, chains: Sequence[_Chain], notes: Sequence[str]) -> Gathered:
        """The faces that are the person's and good enough, and why the others are not."""
        left_out: Counter[str] = Counter()
        own = [chain for chain in chains if chain.is_person(self.references)]
        times = Counter(one.pts for chain in own for one in chain.seen)
        faces: list[tuple[int, Packed]] = []
        for chain in chains:
            if chain not in own:
                left_out[STRANGER] += len(chain.seen)
                continue
            bare = learn([one.look for one in chain.seen if one.look is not None])
            for one in chain.seen:
                fault = TWICE if times[one.pts] > 1 else _doubt(one)
                record = one.record
                if record and not fault and bare and one.look is not None:
                    record = uncovered(record, bare, one.look)
                if record and not fault:
                    fault = self.limits.fault(record.quality, one.turn)
                if record and not fault:
                    picture = packed_picture(record, self.how.picture)
                    faces.append((one.pts, Packed(packed_face(record, 0), picture)))
                else:
                    left_out[fault] += 1
        faces.sort(key=lambda one: one[0])
        found = tuple(one for _, one in faces)
        return Gathered(found, dict(sorted(left_out.items())), tuple(notes))


def pieces_of(paths: Sequence[Path], how: Collecting) -> tuple[list[Piece], list[str]]:
    """Everything to be worked, in order, and sentences on files that cannot be.

    Args:
        paths: Videos, photos, or folders of them.
        how: How many pictures of a video are looked at.

    Raises:
        InputError: There is no such file or folder.
    """
    pieces: list[Piece] = []
    notes: list[str] = []
    known: set[str] = set()
    for path in files_in(paths):
        try:
            info = probe(path)
            if info.kind == "audio":
                raise MediaError(f"{path.name} is sound")
            source = SourceFile(path.name, file_sha256(path))
        except InputError as error:
            notes.append(f"left out: {error.told_of(path.name)}")
            continue
        if source.sha256 in known:
            notes.append(f"left out: {path.name}, which is there under another name")
            continue
        known.add(source.sha256)
        pieces += _pieces(info, source, how.rate)
    return pieces, notes


def files_in(paths: Sequence[Path]) -> list[Path]:
    """The files named, and those of folders in order of name.

    Raises:
        InputError: There is no such file or folder.
    """
    files: list[Path] = []
    for path in paths:
        if not path.exists():
            raise InputError(f"there is no {path}", "videos, photos, or folders of them")
        if path.is_dir():
            endings = {*STILL_ENDINGS, ".gif", *FOOTAGE_ENDINGS}
            files += sorted(one for one in path.iterdir() if one.suffix.lower() in endings)
        else:
            files.append(path)
    return files


def _pieces(info: MediaInfo, source: SourceFile, rate: float) -> Iterator[Piece]:
    length = info.duration_s or Fraction(0)
    each = Fraction(_PIECE) / Fraction(rate)
    count = max(1, int(length / each)) if info.kind == "video" else 1
    borders = [info.start_pts + int(k * each / info.time_base) for k in range(count)]
    for number, start in enumerate(borders):
        first = number == 0
        stop = borders[number + 1] if number + 1 < count else None
        yield Piece(info.path, source, info.kind, number, None if first else start, stop)


def _sampled(piece: Piece, rate: float, damage: list[str]) -> Iterator[Frame]:
    """Pictures of a piece at even times, `rate` a second at most."""
    frames = read_frames(
        piece.path, start_pts=piece.start_pts, stop_pts=piece.stop_pts, on_damage=damage.append
    )
    step, due = 1 / Fraction(rate), None
    for frame in frames:
        if due is None or frame.time_s >= due:
            yield frame
            due = max((due or frame.time_s) + step, frame.time_s)


def _doubt(one: _Seen) -> str:
    """Why a face that is followed as the person's may not be; empty where it is."""
    most = SAME_PERSON if one.turn <= _TURNED_DEG else _PERHAPS
    return UNCLEAR if one.record is None or one.away > most else ""


def _away(embedding: Embedding, references: NDArray[np.float32]) -> float:
    return min(distance(embedding, one) for one in references)
