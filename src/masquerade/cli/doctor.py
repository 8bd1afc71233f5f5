"""`masquerade doctor`: what is installed, what is missing, which device, how fast."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict

from masquerade.cli.reply import Reply


def configure(_parser: argparse.ArgumentParser, _argv: Sequence[str]) -> None:
    """The command takes no arguments."""


def run(_given: argparse.Namespace) -> Reply:
    """Examine this machine and installation."""
    from masquerade.media.encoding import built_encoders
    from masquerade.models.doctor import Row, examine
    from masquerade.provenance.home import home_place

    report = examine(home_place())
    codecs = [
        Row("video codecs", one.codec, "ok" if one.formats else "missing", one.encoder)
        for one in built_encoders()
    ]
    rows = (*report.rows(), *codecs)
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
