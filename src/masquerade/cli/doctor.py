"""`masquerade doctor`: what is installed, what is missing, which device, how fast."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from masquerade.cli.reply import Reply

if TYPE_CHECKING:
    from masquerade.models.doctor import Row


def configure(parser: argparse.ArgumentParser, _argv: Sequence[str]) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "--parts-in",
        type=Path,
        default=Path(),
        metavar="FOLDER",
        help="where to look for finished parts of stopped runs; default here",
    )
    parser.add_argument(
        "--remove-parts", type=Path, metavar="FOLDER", help="remove such parts, and do nothing else"
    )


def run(given: argparse.Namespace) -> Reply:
    """Examine this machine and installation."""
    if given.remove_parts:
        return _removed(given.remove_parts)
    from masquerade.media.encoding import built_encoders
    from masquerade.models.doctor import Row, examine
    from masquerade.provenance.home import home_place

    report = examine(home_place())
    codecs = [
        Row("video codecs", one.codec, "ok" if one.formats else "missing", one.encoder)
        for one in built_encoders()
    ]
    rows = (*report.rows(), *codecs, *_parts(given.parts_in))
    width = max(len(row.name) for row in rows)
    lines: list[str] = []
    for number, row in enumerate(rows):
        if number == 0 or row.section != rows[number - 1].section:
            lines += ["", row.section] if lines else [row.section]
        lines.append(f"  {row.state:8} {row.name:{width}}  {row.detail}")
    lines += ["", "all is well" if report.healthy else "something is wrong; see above"]
    return Reply(
        tuple(lines),
        {"rows": [asdict(row) for row in rows], "healthy": report.healthy},
        0 if report.healthy else 1,
    )


def _parts(folder: Path) -> list[Row]:
    """What stopped runs keep beside outputs in a folder."""
    from masquerade.models.doctor import Row
    from masquerade.provenance.kept_parts import kept_in

    return [
        Row(
            "stopped runs",
            str(one.folder),
            "optional",
            f"{one.words}, {one.age_days:.0f} days old; the command that was to make {one.output}"
            " goes on from it, --remove-parts and the folder removes it",
        )
        for one in kept_in(folder)
    ]


def _removed(folder: Path) -> Reply:
    from masquerade.provenance.kept_parts import remove_kept

    gone = remove_kept(folder)
    return Reply((f"{folder}: removed, {gone.words}",), {"removed": str(folder)})
