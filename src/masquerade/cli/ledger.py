"""`masquerade ledger`: the chained record of every consent and every output made here."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from masquerade.cli import add_json
from masquerade.cli.reply import Reply
from masquerade.errors import UsageError

_MOST = 1_000_000


def configure(parser: argparse.ArgumentParser, _argv: Sequence[str]) -> None:
    """Add the command's arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    show = actions.add_parser("show", help="the newest rows, or all that one row holds")
    show.add_argument("row", nargs="?", help="a row's id, or its beginning: show that row alone")
    show.add_argument("--last", type=_count, default=20, metavar="N", help="how many rows to show")
    show.add_argument("--kind", default="", help="only rows of a kind, such as output or revoke")
    show.add_argument("--since", type=_day, help="only from that day on: 2026-05-03")
    verify = actions.add_parser("verify", help="is every row as it was written, and none missing?")
    verify.add_argument("export", nargs="?", type=Path, help="an export, yours or another's")
    verify.add_argument(
        "--signer", default="", metavar="KEY", help="the public key that must have signed it"
    )
    export = actions.add_parser("export", help="write the whole ledger for others to check")
    export.add_argument("file", nargs="?", type=Path, metavar="OUT", help="the same as --out")
    export.add_argument(
        "-o", "--out", type=Path, metavar="OUT", help="a new file: .jsonl (JSON lines) or .csv"
    )
    for child in (show, verify, export):
        add_json(child)


def run(given: argparse.Namespace) -> Reply:
    """Do one of the actions."""
    actions: dict[str, Callable[[argparse.Namespace], Reply]] = {
        "show": _show,
        "verify": _verify,
        "export": _export,
    }
    return actions[given.action](given)


def _show(given: argparse.Namespace) -> Reply:
    from masquerade.provenance import ledger
    from masquerade.provenance.ledger.words import full, table

    if given.row:
        found = ledger.rows_by_name(given.row)
        if not found:
            raise UsageError(f"no row's id begins with {given.row}", "see `masquerade ledger show`")
        lines = full(found[0]) if len(found) == 1 else table(found)
        return Reply(tuple(lines), {"rows": [asdict(row) for row in found]})
    rows = ledger.rows(kind=given.kind, since=given.since or "", newest=given.last)
    narrowed = given.kind or given.since
    nothing = "no row is like that" if narrowed else "nothing was made here yet"
    return Reply(
        tuple(table(rows)) if rows else (nothing,), {"rows": [asdict(row) for row in rows]}
    )


def _verify(given: argparse.Namespace) -> Reply:
    from masquerade.provenance import ledger
    from masquerade.provenance.ledger.export import verify_export

    if given.signer and not given.export:
        raise UsageError("--signer is for an export", "ledger verify EXPORT --signer KEY")
    if given.export:
        found = verify_export(given.export, signer=given.signer)
        return Reply(tuple(found.lines()), found.as_json(), found.exit_code)
    report = ledger.verify_ledger()
    return Reply(tuple(report.lines()), report.as_json(), report.exit_code)


def _export(given: argparse.Namespace) -> Reply:
    from masquerade.provenance.ledger.export import export_ledger

    if bool(given.out) == bool(given.file):
        found = "two files are named" if given.out else "no file is named"
        raise UsageError(f"{found} for the export", "one", "masquerade ledger export -o FILE.jsonl")
    out: Path = given.out or given.file
    written = export_ledger(out)
    lines = (
        f"written: {out}, {written.rows} rows",
        f"others check it with: masquerade ledger verify {out.name} --signer {written.signer}",
    )
    return Reply(lines, {"out": str(out), **written.as_json()})


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= len(text) <= 9:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to {_MOST}")
    count = int(text)
    if not 1 <= count <= _MOST:
        raise argparse.ArgumentTypeError(f"{text} is not from 1 to {_MOST}")
    return count


def _day(text: str) -> str:
    try:
        return f"{datetime.strptime(text, '%Y-%m-%d'):%Y-%m-%d}"
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day such as 2026-05-03") from None
