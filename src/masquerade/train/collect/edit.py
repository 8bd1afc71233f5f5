"""Facesets out of facesets: filtered, merged, split; pictures are copied as they are stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade import __version__
from masquerade.errors import ConsentError, UsageError
from masquerade.provenance.consent.check import check_standing
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.train.collect.build import ALIKE, BEYOND, check_out, listed
from masquerade.train.collect.consent import (
    check_learning,
    check_one_person,
    middle_of,
    purpose_of,
    record_of,
)
from masquerade.train.collect.limits import METHOD, Limits
from masquerade.train.collect.spread import balanced, different
from masquerade.train.facesets.database import columns_at
from masquerade.train.facesets.faceset import Faceset, FacesetHeader, FacesetWriter
from masquerade.train.facesets.schema import FaceColumns, Quality

BY_HAND: Final = "taken out by hand"
THERE: Final = "in both facesets"
HELD: Final = "kept for the other part"
_STRETCH: Final = 20  # faces that follow each other stay together in a split


def filter_faceset(
    faceset: Faceset,
    out: Path,
    limits: Limits,
    *,
    without: Iterable[int] = (),
    overwrite: bool = False,
    home: Path | None = None,
) -> FacesetHeader:
    """The header of a new faceset with the faces that are within the limits.

    Args:
        faceset: The faces.
        out: The new file.
        limits: What a picture must be like.
        without: Numbers of faces to take out by hand.
        overwrite: Replace `out` if it exists.
        home: The installation's folder.

    Raises:
        UsageError: `out` exists, there is no such number, or no face is left.
        ConsentError: The record no longer holds.
        OutputError: It cannot be written.
    """
    check_out(out, overwrite=overwrite)
    check_standing(record_of(faceset), home=home)
    by_hand = _numbers(without, faceset)
    columns, left_out = faceset.columns, Counter[str]()
    left_out[BY_HAND] = len(by_hand)
    good = _within(columns, limits, by_hand, left_out)
    part = columns_at(columns, good)
    found = good[
        different(
            part,
            apart=limits.apart,
            picture=lambda one: faceset.batch([int(good[one])]).pixels[0],
        )
    ]
    chosen = balanced(columns, found, limits.most)
    left_out[ALIKE] += len(good) - len(found)
    left_out[BEYOND] += len(found) - len(chosen)
    if not len(chosen):
        why = "; ".join(f"{one.faces} {one.reason}" for one in listed(left_out))
        raise UsageError(
            f"no face of {faceset.path.name} is within these limits: {why}",
            "limits that leave some",
            "widen them; `masquerade faceset inspect` says what there is",
        )
    return _written(out, _renewed(faceset.header), [(faceset, chosen)], left_out)


def merge_facesets(
    facesets: Sequence[Faceset],
    out: Path,
    *,
    record: ConsentRecord | None = None,
    overwrite: bool = False,
    home: Path | None = None,
) -> FacesetHeader:
    """The header of a new faceset with the faces of several of one person.

    Args:
        facesets: Of one size and margin.
        out: The new file.
        record: The record that covers all of them, where they were built under several.
        overwrite: Replace `out` if it exists.
        home: The installation's folder.

    Raises:
        UsageError: `out` exists, or sizes or margins differ.
        ConsentError: They show two people, were built under several records and none is given, or
            the record does not hold.
        OutputError: It cannot be written.
    """
    check_out(out, overwrite=overwrite)
    records = [record_of(one) for one in facesets]
    _check_alike(facesets)
    record = record or _only_record(facesets, records)
    for one in (*records, record):
        check_standing(one, home=home)
    first = facesets[0].header
    purpose = first.purpose if record.id == first.consent else purpose_of(record, "")
    for faceset in facesets:
        check_one_person(faceset.columns, faceset.path.name)
        shown, sha256 = middle_of(faceset.columns), faceset.sources[0].sha256
        check_learning(record, shown, sha256=sha256, purpose=purpose, method=METHOD, home=home)
    left_out = Counter[str]()
    parts = list(_without_doubles(facesets, left_out))
    header = _renewed(first).model_copy(
        update={
            "person": record.subject,
            "consent": record.id,
            "record": record.text(),
            "purpose": purpose,
            "notes": tuple(dict.fromkeys(note for one in facesets for note in one.header.notes)),
        }
    )
    left_out.update(_left_out_before(facesets))
    return _written(out, header.model_copy(update={"left_out": ()}), parts, left_out)


def split_faceset(
    faceset: Faceset,
    out: Path,
    held_out: Path,
    *,
    share: float = 0.1,
    overwrite: bool = False,
    home: Path | None = None,
) -> tuple[FacesetHeader, FacesetHeader]:
    """The headers of two new facesets: one to learn from, one held out to measure with.

    Faces that follow each other stay together, so that what is held out is new.

    Args:
        faceset: The faces.
        out: The file to learn from.
        held_out: The file held out.
        share: Of the faces that are held out, in (0, 1).
        overwrite: Replace files that exist.
        home: The installation's folder.

    Raises:
        UsageError: A file exists, or there are too few faces to split.
        ConsentError: The record no longer holds.
        OutputError: A file cannot be written.
    """
    for place in (out, held_out):
        check_out(place, overwrite=overwrite)
    if out.absolute() == held_out.absolute():
        raise UsageError(f"both parts are to be {out}", "two files")
    check_standing(record_of(faceset), home=home)
    apart = _held(len(faceset), share)
    if apart.all() or not apart.any():
        raise UsageError(
            f"{len(faceset)} faces cannot be split so that a share of {share:g} is held out",
            "more faces, or another share",
        )
    headers = []
    for place, chosen in ((out, np.flatnonzero(~apart)), (held_out, np.flatnonzero(apart))):
        left_out = Counter({HELD: len(faceset) - len(chosen)})
        headers.append(_written(place, _renewed(faceset.header), [(faceset, chosen)], left_out))
    return headers[0], headers[1]


def opened(paths: Sequence[Path], stack: ExitStack) -> list[Faceset]:
    """The facesets in these files, closed with the stack."""
    return [stack.enter_context(Faceset.open(path)) for path in paths]


def _within(
    columns: FaceColumns, limits: Limits, by_hand: frozenset[int], left_out: Counter[str]
) -> NDArray[np.int64]:
    """Indices of the faces within the limits; the others are counted by reason."""
    yaw, pitch = np.radians(columns.pose_deg[:, 0]), np.radians(columns.pose_deg[:, 1])
    turns = np.degrees(np.arccos(np.clip(np.cos(yaw) * np.cos(pitch), -1, 1)))
    good = []
    for index, seen in enumerate(columns.quality.tolist()):
        if index in by_hand:
            continue
        fault = limits.fault(Quality(*seen), float(turns[index]))
        if fault:
            left_out[fault] += 1
        else:
            good.append(index)
    return np.array(good, np.int64)


def _numbers(given: Iterable[int], faceset: Faceset) -> frozenset[int]:
    numbers = frozenset(given)
    wrong = sorted(one for one in numbers if not 0 <= one < len(faceset))
    if wrong:
        raise UsageError(
            f"there is no face {wrong[0]} in {faceset.path.name}", f"0 to {len(faceset) - 1}"
        )
    return numbers


def _only_record(facesets: Sequence[Faceset], records: Sequence[ConsentRecord]) -> ConsentRecord:
    """The record that all were built under.

    Raises:
        ConsentError: There are several.
    """
    if len({one.id for one in records}) == 1:
        return records[0]
    named = "; ".join(
        f"{faceset.path.name} of {one.subject} under {one.id}"
        for faceset, one in zip(facesets, records, strict=True)
    )
    raise ConsentError(
        f"the facesets are of different people or records: {named}",
        "facesets of one person under one record",
        "keep them apart; if it is one person, name the record that covers all: --consent",
    )


def _check_alike(facesets: Sequence[Faceset]) -> None:
    first = facesets[0].header
    for one in facesets[1:]:
        head = one.header
        if (head.side_px, head.margin) != (first.side_px, first.margin):
            raise UsageError(
                f"{one.path.name} has faces of {head.side_px} px with a margin of {head.margin:g}",
                f"{first.side_px} px and {first.margin:g}, as {facesets[0].path.name}",
                "build both with the same --size and --margin",
            )


def _without_doubles(
    facesets: Sequence[Faceset], left_out: Counter[str]
) -> Iterable[tuple[Faceset, NDArray[np.int64]]]:
    """Of each faceset the faces that none before it has: another file, or another time."""
    known: set[tuple[str, float]] = set()
    for faceset in facesets:
        columns = faceset.columns
        names = [faceset.sources[k].sha256 for k in columns.source.tolist()]
        keys = list(zip(names, columns.time_s.tolist(), strict=True))
        chosen = [index for index, key in enumerate(keys) if key not in known]
        left_out[THERE] += len(keys) - len(chosen)
        known.update(keys)
        yield faceset, np.array(chosen, np.int64)


def _left_out_before(facesets: Sequence[Faceset]) -> Counter[str]:
    """What was left out when they were built, by reason.

    Parts of one faceset tell of the same pictures, which count once; what a split kept for the
    other part is not left out of anything.
    """
    found = Counter[str]()
    known: set[str] = set()
    for faceset in facesets:
        said = Counter({one.reason: one.faces for one in faceset.header.left_out})
        del said[HELD]
        files = {source.sha256 for source in faceset.sources}
        found = found | said if files & known else found + said
        known |= files
    return found


def _held(count: int, share: float) -> NDArray[np.bool_]:
    """(n,) which faces are held out: whole stretches at even steps."""
    stretch = max(1, min(_STRETCH, round(count * min(share, 1 - share))))
    block = np.arange(count) // stretch
    return np.asarray(np.floor((block + 1) * share) > np.floor(block * share))


def _renewed(header: FacesetHeader) -> FacesetHeader:
    return header.model_copy(update={"made_by": f"masquerade {__version__}"})


def _written(
    out: Path,
    header: FacesetHeader,
    parts: Iterable[tuple[Faceset, NDArray[np.int64]]],
    left_out: Counter[str],
) -> FacesetHeader:
    with FacesetWriter(out, header) as writer:
        for faceset, chosen in parts:
            for index in chosen.tolist():
                face, picture = faceset.packed(index)
                writer.add_packed(face, picture, faceset.source_of(face))
        writer.finish(left_out=listed(left_out))
    return writer.header
