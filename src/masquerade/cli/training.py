"""What commands that train have in common: flags, and what is said at the end."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from masquerade.cli.reply import Reply

if TYPE_CHECKING:
    from masquerade.train.outcome import Trained

_STOPPED = 130  # as of every command that Ctrl-C ends


def add_model(parser: argparse.ArgumentParser, ending: str) -> None:
    """Add where the model goes."""
    parser.add_argument(
        "-o", "--out", type=Path, required=True, metavar="MODEL", help=f"ends in {ending}"
    )


def add_consent(parser: argparse.ArgumentParser, covers: str) -> None:
    """Add whose consent it is learned by, and what for."""
    parser.add_argument(
        "--consent",
        type=Path,
        action="append",
        default=[],
        metavar="RECORD",
        help=f"of the person; {covers}",
    )
    parser.add_argument("--purpose", default="", help="what it is for, as the record words it")


def add_course(parser: argparse.ArgumentParser) -> None:
    """Add what a training does with what is there already, and how it answers."""
    parser.add_argument("--anew", action="store_true", help="begin again, whatever was trained")
    parser.add_argument("--overwrite", action="store_true", help="replace MODEL if it exists")
    parser.add_argument("--json", action="store_true", default=argparse.SUPPRESS)


def trained_reply(
    trained: Trained[Any], lines: list[str], out: Path | None, found: dict[str, object]
) -> Reply:
    """The end of a training, in words and as data.

    Args:
        trained: What came of it.
        lines: What its kind has to say.
        out: The model; None where none was written.
        found: Figures of its kind.
    """
    if trained.rollbacks:
        lines.append(f"went back {trained.rollbacks} times after numbers that are none")
    if trained.stopped:
        lines.append("stopped on request; the same command goes on from here")
    data = {"out": str(out) if out else None, "iterations": trained.iterations, **found}
    data |= {"rollbacks": trained.rollbacks, "stopped": trained.stopped}
    return Reply(tuple(lines), data, _STOPPED if trained.stopped else 0)
