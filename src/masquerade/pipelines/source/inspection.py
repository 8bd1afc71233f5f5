"""What photos or a video of one person show, before any work: a report, and a picture of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final, TypeAlias

import cv2
import numpy as np

from masquerade.errors import InputError, OutputError, UsageError
from masquerade.faces.coverage import ENOUGH, Coverage, Measures, judge, measure, outliers
from masquerade.faces.coverage_sheet import ACROSS, coverage_sheet, thumbnail
from masquerade.faces.readers import FaceReader
from masquerade.media.probe import probe
from masquerade.pipelines.cast import read_photo, source_files
from masquerade.pipelines.report_file import check_no_link, put
from masquerade.pipelines.source.material import MOST, Seen, cut_out, fewer, read_video
from masquerade.telling import no_progress
from masquerade.types import RGB

Progress: TypeAlias = Callable[[str, int, int | None], None]

_SHOWN: Final = 6 * ACROSS


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What a source shows.

    Attributes:
        coverage: All pictures together.
        measures: Each by itself.
        names: The file each of them is from.
        strangers: (file, distance) of pictures that show somebody else.
        left_out: Files that are of no use, and why, a sentence each.
        refused: Why a swap would not take the files as they were named, a sentence each.
        picture: (H, W, 3) uint8 all of it to look at.
    """

    coverage: Coverage
    measures: tuple[Measures, ...]
    names: tuple[str, ...]
    strangers: tuple[tuple[str, float], ...]
    left_out: tuple[str, ...]
    refused: tuple[str, ...]
    picture: RGB

    def lines(self) -> list[str]:
        """The report in plain words."""
        found = self.coverage
        yaw, pitch = found.ranges["yaw_deg"], found.ranges["pitch_deg"]
        lines = [
            f"{_counted(found.count)} of use, faces of {found.ranges['face_px'][1]:.0f} px in the"
            " middle",
            f"heads turned from {yaw[0]:+.0f} to {yaw[2]:+.0f} degrees (right is +) and from"
            f" {pitch[0]:+.0f} to {pitch[2]:+.0f} (down is +)",
        ]
        if found.count < ENOUGH:
            lines.append(
                f"good for: swap_mesh, which takes {_counted(found.count)} as it is;"
                " what is missing counts for swap_appearance and `source build`, which learn how a"
                " face moves"
            )
        lines += [f"missing: {words}" for words in found.missing]
        if not found.missing:
            lines.append("nothing is missing")
        lines += [
            f"somebody else: {name} (distance {apart:.2f} from the others; one person stays below"
            " 0.5)"
            for name, apart in self.strangers
        ]
        lines += [f"left out: {words}" for words in self.left_out]
        return lines + [f"a swap would refuse this source: {words}" for words in self.refused]

    def as_json(self) -> dict[str, object]:
        """The report for programs."""
        return {
            "pictures": self.coverage.count,
            "heat": self.coverage.heat.tolist(),
            "ranges": {k: [round(v, 4) for v in some] for k, some in self.coverage.ranges.items()},
            "missing": list(self.coverage.missing),
            "strangers": [{"file": name, "distance": apart} for name, apart in self.strangers],
            "left_out": list(self.left_out),
            "refused": list(self.refused),
            "each": [
                {"file": name, **asdict(one)}
                for name, one in zip(self.names, self.measures, strict=True)
            ],
        }


def inspect(
    paths: Sequence[Path],
    reader: FaceReader,
    *,
    progress: Progress | None = None,
) -> SourceReport:
    """What photos and videos of one person show.

    Args:
        paths: Photos, videos, or folders of them.
        reader: The loaded face networks.
        progress: Told (what, done, in all).

    Raises:
        InputError: There is no picture of use among them.
    """
    left_out: list[str] = []
    refused: list[str] = []
    seen = _looked_at(paths, reader, left_out, refused, progress or no_progress)
    if not seen:
        why = left_out[0] if left_out else f"nothing to look at in {_names(paths)}"
        more = f"; {len(left_out) - 1} more were left out too" if len(left_out) > 1 else ""
        raise InputError(
            f"no usable picture: {why}{more}",
            "photos or a video of one person",
            "take sharp ones in which one face is seen, from the front for one",
        )
    away = dict(outliers([one.picture.embedding for one in seen]))
    strangers = tuple((seen[k].picture.input.name, apart) for k, apart in away.items())
    if strangers:
        names = ", ".join(dict.fromkeys(name for name, _ in strangers))
        refused.append(f"two people or more are in it; take {names} out, or the others")
    own = [one for k, one in enumerate(seen) if k not in away]
    measures = tuple(one.measures for one in own)
    coverage = judge(measures)
    tiles = [thumbnail(one.picture.pixels, one.picture.face) for one in fewer(own, _SHOWN)]
    return SourceReport(
        coverage,
        measures,
        tuple(one.picture.input.name for one in own),
        strangers,
        tuple(left_out),
        tuple(refused),
        coverage_sheet(coverage, measures, tiles),
    )


def _looked_at(
    paths: Sequence[Path],
    reader: FaceReader,
    left_out: list[str],
    refused: list[str],
    progress: Progress,
) -> list[Seen]:
    """The pictures of photos and videos, at most `MOST`.

    Args:
        paths: Photos, videos, or folders of them.
        reader: The loaded face networks.
        left_out: Takes up what cannot be used, and why.
        refused: Takes up why a swap would refuse what was named.
        progress: Told (what, done, in all).
    """
    seen: list[Seen] = []
    files = source_files(paths, videos=True)
    for number, (path, given_by_name) in enumerate(files):
        progress("looking at the source", number, len(files))
        try:
            seen += _seen(path, reader, left_out)
        except InputError as error:
            left_out.append(error.told_of(path.name))
            if given_by_name:
                refused.append(error.found)
        seen = fewer(seen, MOST) if len(seen) > MOST else seen
    return seen


def _names(paths: Sequence[Path]) -> str:
    return ", ".join(path.name for path in paths)


def _counted(pictures: int) -> str:
    return "1 picture" if pictures == 1 else f"{pictures} pictures"


def save_picture(picture: RGB, out: Path, *, overwrite: bool = False) -> None:
    """Write a report's picture; it holds no generated media, so it carries no marks.

    Args:
        picture: (H, W, 3) uint8.
        out: A PNG file.
        overwrite: Replace it if it exists.

    Raises:
        UsageError: It exists, or is to be no PNG file.
        OutputError: It cannot be written.
    """
    check_picture(out, overwrite=overwrite)
    done, encoded = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    if not done:
        raise OutputError(f"{out.name} cannot be packed as PNG")
    put(out, np.asarray(encoded, np.uint8).tobytes())


def check_picture(out: Path, *, overwrite: bool) -> None:
    """Passes when a picture can be written there.

    Raises:
        UsageError: It exists, or is to be no PNG file.
        OutputError: There is no such folder.
    """
    check_no_link(out)
    if out.suffix.lower() != ".png":
        raise UsageError(f"{out} is to hold a PNG picture", "a name that ends in .png")
    if out.exists() and not overwrite:
        raise UsageError(f"{out} exists", "a new file", "choose another name, or add --overwrite")


def _seen(path: Path, reader: FaceReader, left_out: list[str]) -> list[Seen]:
    if probe(path).kind == "video":
        found = read_video(probe(path), reader, on_skip=left_out.append)
        if not found:
            left_out.append(f"{path.name}: nobody is seen in it")
        return found
    picture = read_photo(path, reader)
    measures = measure(picture.pixels, picture.face)
    pixels, face = cut_out(picture.pixels, picture.face)
    return [Seen(replace(picture, pixels=pixels, face=face), measures)]
