"""`masquerade backup` and `masquerade restore`: keys, ledger, records and jobs in one file."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from masquerade.cli.reply import Reply


def configure(parser: argparse.ArgumentParser, argv: Sequence[str]) -> None:
    """Add the command's arguments."""
    if argv[:1] == ["restore"]:
        parser.add_argument("file", type=Path, metavar="BACKUP", help="as `backup` wrote it")
        return
    parser.add_argument("file", type=Path, metavar="BACKUP", help="a new file; ends in .tar")
    parser.add_argument(
        "--with-files", action="store_true", help="uploads and results of the server too"
    )


def run(given: argparse.Namespace) -> Reply:
    """Keep the state, or put it back."""
    from masquerade.jobs.backup import backup, restore

    if given.command == "restore":
        kept = restore(given.file)
        lines = [f"{kept.files} files restored, as version {kept.version} kept them"]
    else:
        kept = backup(given.file, with_files=given.with_files)
        lines = [
            f"{kept.place}: {kept.files} files, {kept.size_bytes / 1e6:.1f} MB",
            "it holds the private keys: whoever has it can sign as this installation",
        ]
    data = {"file": str(kept.place), "files": kept.files, "bytes": kept.size_bytes}
    return Reply(tuple(lines), data)
