"""What an appearance model is, what it was built from and what it can do, with a picture of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from masquerade.errors import UsageError
from masquerade.faces.appearance.file import AppearanceFile, read_appearance
from masquerade.faces.appearance.portrait import calm_portrait, expression_portrait
from masquerade.faces.appearance.skin import Appearance
from masquerade.faces.coverage import Coverage, judge
from masquerade.faces.coverage_sheet import ACROSS, coverage_sheet, thumbnail
from masquerade.pipelines.source.build import told, told_json
from masquerade.provenance.consent.model_consent import check_model
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.types import RGB

_SHOWN: Final = 4 * ACROSS


@dataclass(frozen=True, slots=True)
class AppearanceReport:
    """What an appearance model is.

    Attributes:
        path: The file.
        file: What it holds.
        record: The consent record it stands under.
        coverage: What its pictures showed together.
        picture: (H, W, 3) uint8 views and light of its pictures, and faces that it draws.
    """

    path: Path
    file: AppearanceFile
    record: ConsentRecord
    coverage: Coverage
    picture: RGB

    def lines(self) -> list[str]:
        """The report in plain words."""
        holds = f"of {self.record.subject}; it holds until {self.record.valid_until:%Y-%m-%d}"
        return [f"{self.path}: an appearance model {holds}", *told(self.file, self.coverage)]

    def as_json(self) -> dict[str, object]:
        """The report for programs."""
        until = self.record.valid_until.isoformat()
        return {**told_json(self.file, self.coverage), "consent_until": until}


def inspect_appearance(paths: list[Path]) -> AppearanceReport:
    """What an appearance model is.

    Args:
        paths: The one file.

    Raises:
        UsageError: There are other files beside it.
        ConsentError: A record it was built under does not hold, or its file was changed.
        InputError: It is damaged.
    """
    if len(paths) != 1:
        raise UsageError(
            f"{len(paths)} files are given, and one of them is a model",
            "one model alone, or photos and videos",
        )
    (path,) = paths
    held = {record.id: record for record in check_model(path)}
    file = read_appearance(path)
    record = held.get(file.about.consent) or next(iter(held.values()))
    coverage = judge(file.measures)
    picture = coverage_sheet(coverage, file.measures, _tiles(file.model))
    return AppearanceReport(path, file, record, coverage, picture)


def _tiles(model: Appearance) -> list[RGB]:
    """The face at rest, and expressions from the closed mouth to the open one."""
    shown = model.examples[: _SHOWN - 1]
    opened = [float(one.said @ model.expression.opening()) for one in shown]
    drawn = [calm_portrait(model)]
    drawn += [expression_portrait(model, shown[int(k)].said) for k in np.argsort(opened)]
    return [thumbnail(one.pixels, one.face) for one in drawn]
