"""What a faceset shows and what it lacks: a report, a picture of its coverage, a contact sheet."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from masquerade.errors import ConsentError, InputError
from masquerade.faces.coverage import Coverage, Measures, judge
from masquerade.faces.coverage_sheet import ACROSS, TILE, coverage_sheet
from masquerade.provenance.consent.check import check_standing
from masquerade.train.collect.build import FEW
from masquerade.train.collect.consent import record_of
from masquerade.train.collect.face import measures_of
from masquerade.train.collect.spread import balanced
from masquerade.train.facesets.faceset import Faceset
from masquerade.train.facesets.schema import Expression, FaceColumns, FacesetHeader, Quality
from masquerade.types import RGB

_SHOWN: Final = 6 * ACROSS
_ON_SHEET: Final = 400
_SHEET_TILE: Final = 112
_SHEET_ACROSS: Final = 16


@dataclass(frozen=True, slots=True)
class FacesetReport:
    """What a faceset shows.

    Attributes:
        name: Of the file.
        header: What it says of itself.
        standing: Of its consent record now, in words.
        coverage: All faces together.
        by_source: Faces of each file.
        picture: (H, W, 3) uint8 all of it to look at.
    """

    name: str
    header: FacesetHeader
    standing: str
    coverage: Coverage
    by_source: dict[str, int]
    picture: RGB

    def lines(self) -> list[str]:
        """The report in plain words."""
        head, found = self.header, self.coverage
        yaw, pitch = found.ranges["yaw_deg"], found.ranges["pitch_deg"]
        lines = [
            f"{self.name}: {head.faces} faces of {head.person}, {head.side_px} px {head.picture},"
            f" made by {head.made_by}",
            f"consent: {self.standing}",
            f"faces of {found.ranges['face_px'][1]:.0f} px in the middle, sharpness"
            f" {found.ranges['sharpness'][1]:.1f}",
            f"heads turned from {yaw[0]:+.0f} to {yaw[2]:+.0f} degrees (right is +) and from"
            f" {pitch[0]:+.0f} to {pitch[2]:+.0f} (down is +)",
        ]
        lines += [f"from {name}: {count}" for name, count in self.by_source.items()]
        lines += [f"missing: {words}" for words in found.missing] or ["nothing is missing"]
        lines += [f"left out: {one.faces} {one.reason}" for one in head.left_out]
        return [*lines, *(f"note: {words}" for words in head.notes)]

    def as_json(self) -> dict[str, object]:
        """The report for programs."""
        return {
            **self.header.model_dump(mode="json", exclude={"record"}),
            "standing": self.standing,
            "heat": self.coverage.heat.tolist(),
            "ranges": {k: [round(v, 4) for v in some] for k, some in self.coverage.ranges.items()},
            "missing": list(self.coverage.missing),
            "sources": self.by_source,
        }


def look(faceset: Faceset, *, home: Path | None = None) -> FacesetReport:
    """What a faceset shows; one whose consent no longer holds is looked at too, and that is told.

    Args:
        faceset: The faces.
        home: The installation's folder.

    Raises:
        InputError: It is empty or damaged.
    """
    if not len(faceset):
        raise InputError(f"{faceset.path.name} is empty", "a faceset with faces")
    columns = faceset.columns
    measures = measures_list(columns)
    coverage = judge(measures)
    everything = np.arange(len(faceset), dtype=np.int64)
    shown = balanced(columns, everything, _SHOWN).tolist()
    tiles = list(faceset.batch(shown, side=TILE).pixels)
    counts = Counter(columns.source.tolist())
    names = {faceset.sources[k].name: counts[k] for k in sorted(counts)}
    coverage = replace(coverage, missing=(*_few(len(faceset)), *coverage.missing))
    picture = coverage_sheet(coverage, measures, tiles)
    standing = _standing(faceset, home)
    return FacesetReport(faceset.path.name, faceset.header, standing, coverage, names, picture)


def measures_list(columns: FaceColumns) -> list[Measures]:
    """What `masquerade.faces.coverage.judge` takes, of every face."""
    rows = zip(columns.pose_deg, columns.expression, columns.quality, strict=True)
    return [
        measures_of(pose, Expression(*doing.tolist()), Quality(*seen.tolist()))
        for pose, doing, seen in rows
    ]


def contact_sheet(faceset: Faceset) -> RGB:
    """(H, 1792, 3) uint8 the faces with their numbers; 400 at even steps where there are more.

    Args:
        faceset: The faces.

    Raises:
        InputError: One is damaged.
    """
    count = min(_ON_SHEET, len(faceset))
    numbers = np.linspace(0, len(faceset) - 1, count).round().astype(int).tolist()
    tiles = [_tile(faceset, number) for number in numbers]
    blank = np.full((_SHEET_TILE, _SHEET_TILE, 3), 250, np.uint8)
    tiles += [blank] * (-len(tiles) % _SHEET_ACROSS)
    rows = [
        np.hstack(tiles[start : start + _SHEET_ACROSS])
        for start in range(0, len(tiles), _SHEET_ACROSS)
    ]
    return np.asarray(np.vstack(rows), np.uint8)


def _few(count: int) -> tuple[str, ...]:
    words = f"{count} face{'s' * (count != 1)}: a network learns from {FEW} on, best thousands"
    return (words,) if count < FEW else ()


def _tile(faceset: Faceset, number: int) -> RGB:
    tile: RGB = faceset.batch([number], side=_SHEET_TILE).pixels[0]
    for ink, width in (((0, 0, 0), 3), ((255, 255, 255), 1)):
        cv2.putText(
            tile,
            str(number),
            (4, _SHEET_TILE - 6),
            cv2.FONT_HERSHEY_SIMPLEX,
            0.4,
            ink,
            width,
            cv2.LINE_AA,
        )
    return tile


def _standing(faceset: Faceset, home: Path | None) -> str:
    """Whether the record holds now, in words."""
    try:
        record = record_of(faceset)
        signed_by = check_standing(record, home=home)
    except ConsentError as error:
        return f"DOES NOT HOLD: {error.found}; nothing can be trained on this faceset, delete it"
    return f"{record.id}, {record.standing}, until {record.valid_until:%Y-%m-%d}, by {signed_by}"
