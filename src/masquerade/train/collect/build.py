"""A faceset out of videos and photos: read piece by piece, chosen, checked, put in its place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade import __version__
from masquerade.errors import ConsentError, FaceError, InputError, UsageError
from masquerade.faces.detect import find_faces
from masquerade.faces.embed import embed
from masquerade.faces.readers import FaceReader
from masquerade.hashing import file_sha256
from masquerade.media.endings import check_folder
from masquerade.media.read import read_image
from masquerade.provenance import ledger
from masquerade.provenance.canonical import Json, canonical_bytes, sha256_hex
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.train.collect.consent import (
    check_learning,
    middle_of,
    purpose_of,
    references,
)
from masquerade.train.collect.gather import STRANGER, Gatherer, Piece, pieces_of
from masquerade.train.collect.limits import METHOD, Collecting, Limits
from masquerade.train.collect.spread import balanced, different
from masquerade.train.collect.work import Work, open_work
from masquerade.train.facesets.database import columns_at
from masquerade.train.facesets.faceset import FacesetHeader, FacesetWriter
from masquerade.train.facesets.pack import unpacked_pixels
from masquerade.train.facesets.schema import FaceColumns, LeftOut
from masquerade.types import RGB, Embedding

FEW: Final = 200
"""Faces below which a network has little to learn from."""
_MOST_NOTES: Final = 200
_NOTED: Final = 3  # in a message
ALIKE: Final = "like another picture"
BEYOND: Final = "more of a kind than wanted"

Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be built.

    Attributes:
        paths: Videos, photos, or folders of them.
        out: The faceset.
        record: The consent record of the person.
        purpose: What for; may be empty where the record names just one purpose.
        method: Which method it is to train.
        photos: Further photos of the person to compare with.
        limits: What a picture must be like.
        how: How faces are read and kept.
        overwrite: Replace the faceset if it exists.
        home: The installation's folder.
    """

    paths: tuple[Path, ...]
    out: Path
    record: ConsentRecord
    purpose: str = ""
    method: str = METHOD
    photos: tuple[Path, ...] = ()
    limits: Limits = field(default_factory=Limits)
    how: Collecting = field(default_factory=Collecting)
    overwrite: bool = False
    home: Path | None = None


@dataclass(frozen=True, slots=True)
class Built:
    """What came of it."""

    path: Path
    header: FacesetHeader

    def lines(self) -> list[str]:
        """The report in plain words."""
        head = self.header
        lines = [f"{self.path}: {_faces(head.faces)} of {head.person}, {head.side_px} px"]
        lines += [f"left out: {one.faces} {one.reason}" for one in head.left_out]
        lines += [f"note: {words}" for words in head.notes]
        if head.faces < FEW:
            lines.append(
                f"note: {_faces(head.faces)}: a network learns from {FEW} on,"
                " best thousands; add videos, or raise --rate"
            )
        return [*lines, f"to see it: masquerade faceset inspect {self.path} -o {self.path}.png"]

    def as_json(self) -> dict[str, object]:
        """The report for programs."""
        return {"out": str(self.path), **self.header.model_dump(mode="json", exclude={"record"})}


def build(
    request: Request, *, reader: FaceReader | None = None, progress: Progress | None = None
) -> Built:
    """The faceset, in its place.

    A run that was stopped goes on where it was, and ends with the same file.

    Args:
        request: What is to be built.
        reader: The loaded face networks; loaded here where not given.
        progress: Told (what, done, in all).

    Raises:
        UsageError: The faceset exists already.
        ConsentError: The record does not cover learning this face, or nobody is that person.
        InputError: There is no picture of use.
        OutputError: It cannot be written.
    """
    check_out(request.out, overwrite=request.overwrite)
    purpose = purpose_of(request.record, request.purpose)
    bound = references(request.record, home=request.home)
    _check(request, bound[0], purpose, "")
    pieces, notes = pieces_of(request.paths, request.how)
    if not pieces:
        names = ", ".join(path.name for path in request.paths)
        raise InputError(
            "; ".join(notes[:_NOTED]) or f"nothing can be read in {names}",
            "videos or photos",
            "name whole files of a usual kind, as MP4, MOV, JPEG or PNG, or folders that hold some",
        )
    reader = reader or FaceReader.open(progress=progress)
    photos = [_only_face(path, reader) for path in request.photos]
    known = references(request.record, photos, home=request.home)
    gatherer = Gatherer(reader, known, request.limits, request.how)
    with open_work(request.out, _job(request, purpose, pieces, known)) as work:
        left_out = _gather(pieces, gatherer, work, notes, progress)
        columns = work.columns()
        chosen = _choose(columns, request, work, left_out)
        _check_found(request, columns, chosen, pieces, left_out, purpose)
        header = _header(request, purpose)
        header = _write(work, header, chosen, left_out, notes, progress)
    _remember(request, header)
    return Built(request.out, header)


def check_out(out: Path, *, overwrite: bool) -> None:
    """Passes when a faceset can be written there.

    Raises:
        UsageError: It exists.
        OutputError: There is no such folder, or it cannot be written to.
    """
    check_folder(out)
    if out.exists() and not overwrite:
        raise UsageError(f"{out} exists", "a new file", "choose another name, or add --overwrite")


def _gather(
    pieces: Sequence[Piece],
    gatherer: Gatherer,
    work: Work,
    notes: list[str],
    progress: Progress | None,
) -> Counter[str]:
    """Works every piece that is not done yet; what was left out, by reason."""
    left_out: Counter[str] = Counter()
    for number, piece in enumerate(pieces):
        if progress:
            progress("collecting faces", number, len(pieces))
        said = work.find(piece)
        if said is None:
            found = gatherer.gather(piece)
            work.put(piece, found)
            said = found.left_out, found.notes
        left_out.update(said[0])
        notes += said[1]
    return left_out


def _choose(
    columns: FaceColumns, request: Request, work: Work, left_out: Counter[str]
) -> NDArray[np.int64]:
    """Indices of the faces that are taken."""

    def picture(index: int) -> RGB:
        side = request.how.size
        return unpacked_pixels(work.picture(index).pixels, side, side)

    found = different(columns, apart=request.limits.apart, picture=picture)
    chosen = balanced(columns, found, request.limits.most)
    left_out[ALIKE] += len(columns.source) - len(found)
    left_out[BEYOND] += len(found) - len(chosen)
    return chosen


def _check_found(
    request: Request,
    columns: FaceColumns,
    chosen: NDArray[np.int64],
    pieces: Sequence[Piece],
    left_out: Counter[str],
    purpose: str,
) -> None:
    """Passes when there are faces, and they are of the person who consents.

    Raises:
        ConsentError: They are not, or there are other people only.
        FaceError: There is no face of use.
    """
    names = ", ".join(path.name for path in request.paths[:3])
    if not len(chosen):
        reasons = [words for words, count in left_out.most_common() if count]
        if reasons and reasons[0] == STRANGER:
            raise ConsentError(
                f"nobody in {names} is the person of consent {request.record.id}"
                f" ({request.record.subject})",
                "videos or photos of that person, or that person's record",
            )
        why = f"; most are {reasons[0]}" if reasons else ""
        raise FaceError(f"no face of use in {names}{why}", "clear pictures of one person")
    shown = middle_of(columns_at(columns, chosen))
    _check(request, shown, purpose, pieces[0].source.sha256)


def _check(request: Request, face: Embedding, purpose: str, sha256: str) -> None:
    check_learning(
        request.record,
        face,
        sha256=sha256,
        purpose=purpose,
        method=request.method,
        home=request.home,
    )


def _header(request: Request, purpose: str) -> FacesetHeader:
    return FacesetHeader(
        person=request.record.subject,
        consent=request.record.id,
        record=request.record.text(),
        purpose=purpose,
        made_by=f"masquerade {__version__}",
        side_px=request.how.size,
        margin=request.how.margin,
        picture=request.how.picture,
    )


def _write(
    work: Work,
    header: FacesetHeader,
    chosen: NDArray[np.int64],
    left_out: Counter[str],
    notes: Sequence[str],
    progress: Progress | None,
) -> FacesetHeader:
    """The chosen faces as a faceset in its place; its header."""
    with FacesetWriter(work.out, header, work=work.folder / "whole") as writer:
        for number, index in enumerate(chosen.tolist()):
            if progress and number % 100 == 0:
                progress("writing the faceset", number, len(chosen))
            one, source = work.packed(index)
            writer.add_packed(one.face, one.picture, source)
        writer.finish(left_out=listed(left_out), notes=shortened(notes))
    return writer.header


def listed(left_out: Counter[str]) -> list[LeftOut]:
    """The reasons that left something out, the most frequent first."""
    found = sorted(left_out.items(), key=lambda one: (-one[1], one[0]))
    return [LeftOut(reason=words, faces=count) for words, count in found if count]


def shortened(notes: Iterable[str]) -> list[str]:
    """So many notes as a header takes, and how many more there are."""
    said = [words[:500] for words in dict.fromkeys(notes)]
    more = len(said) - _MOST_NOTES
    return said if more <= 0 else [*said[:_MOST_NOTES], f"and {more} more notes"]


def _faces(count: int) -> str:
    return "1 face" if count == 1 else f"{count} faces"


def _remember(request: Request, header: FacesetHeader) -> None:
    """Enters the faceset in the ledger, so that revoking the record names it."""
    digest = file_sha256(request.out)
    known = ledger.rows(kind="faceset", subject=digest, newest=1, home=request.home)
    if not known:
        body = canonical_bytes(
            {
                "name": request.out.name,
                "faces": header.faces,
                "consents": [{"id": header.consent, "standing": request.record.standing}],
            }
        )
        ledger.append("faceset", digest, body.decode(), home=request.home)


def _job(
    request: Request, purpose: str, pieces: Sequence[Piece], known: NDArray[np.float32]
) -> str:
    """Name of everything that decides what is in the faceset."""
    content: list[Json] = [
        __version__,
        request.record.text(),
        purpose,
        request.method,
        request.limits.canonical_json(),
        request.how.canonical_json(),
        [piece.key for piece in pieces],
        sha256_hex(known.tobytes()),
    ]
    return sha256_hex(canonical_bytes(content))


def _only_face(path: Path, reader: FaceReader) -> Embedding:
    """(128,) identity of the largest face in a photo.

    Raises:
        FaceError: There is none.
    """
    frame = read_image(path)
    faces = find_faces(frame.pixels, reader)
    if not faces:
        raise FaceError(f"no face in {path.name}", "a photo of the person", "use another photo")
    return embed(frame.pixels, faces[0], reader)
