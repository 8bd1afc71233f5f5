"""`masquerade verify`: what marks a file carries, in plain words."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from masquerade.cli.reply import Reply


def configure(parser: argparse.ArgumentParser, _argv: Sequence[str]) -> None:
    """Add the command's arguments."""
    parser.add_argument("file", type=Path, help="any picture, video or sound, ours or not")
    parser.add_argument(
        "--trust-root",
        type=Path,
        metavar="PEM",
        help="a certificate whose signers count as known from now on",
    )


def run(given: argparse.Namespace) -> Reply:
    """Read manifest, ledger and marks of one file."""
    from masquerade.provenance.consent.trust import trust_root
    from masquerade.provenance.verify import verify

    if given.trust_root:
        trust_root(given.trust_root)
    report = verify(given.file)
    return Reply(tuple(report.lines()), report.as_json(), report.exit_code)
