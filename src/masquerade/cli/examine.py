"""`masquerade examine`: evidence about files, in plain words, with how sure it is; and reports."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from masquerade import registry
from masquerade.cli.make import add_cluster
from masquerade.cli.progress import Progress
from masquerade.cli.reply import Reply
from masquerade.errors import InputError, UsageError

if TYPE_CHECKING:
    from masquerade.pipelines.examine.many import Folder
    from masquerade.pipelines.examine.tables import Done

_EXAMPLES: Final = """\
examples:
  masquerade examine clip.mp4
  masquerade examine clip.mp4 -o report.html -o report.pdf -o report.json
  masquerade examine clip.mp4 --person ada.person
  masquerade examine FOLDER -o REPORTS          a report each, summary.csv, index.html
  masquerade examine FOLDER -o REPORTS --watch  and whatever comes in, until Ctrl-C
  masquerade examine FOLDER -o REPORTS --cluster auto   spread over machines (docs/scale.md)
  masquerade examine --check report.html        is the report as it was signed?
  masquerade examine --check REPORTS            and a whole folder of them
"""


def configure(parser: argparse.ArgumentParser, _argv: Sequence[str]) -> None:
    """Add the command's arguments."""
    parser.epilog = _EXAMPLES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument(
        "file", type=Path, nargs="?", help="a picture, video or sound, or a folder; only read"
    )
    parser.add_argument(
        "-o",
        "--out",
        type=Path,
        action="append",
        default=[],
        metavar="REPORT",
        help="a report, as .html, .pdf, .json or .md (repeatable); of a folder, a folder for them",
    )
    parser.add_argument(
        "--signal",
        action="append",
        default=[],
        choices=registry.names("signals"),
        metavar="NAME",
        help="run this signal only (repeatable); all when left out: "
        + ", ".join(registry.names("signals")),
    )
    parser.add_argument(
        "--person",
        type=Path,
        metavar="FILE",
        help="compare with somebody who was enrolled (`masquerade person enrol`)",
    )
    parser.add_argument("--watch", action="store_true", help="go on with what comes into a folder")
    add_cluster(parser)
    parser.add_argument("--overwrite", action="store_true", help="replace reports that exist")
    parser.add_argument(
        "--check",
        type=Path,
        metavar="REPORT",
        help="say whether a report, or a folder of them, is as it was signed",
    )


def run(given: argparse.Namespace) -> Reply:
    """Examine one file, or a folder of them; or check a report."""
    if given.check is not None:
        return _check(given.check)
    if given.file is None:
        raise UsageError("nothing is to be examined", "a file or a folder", "see --help")
    if given.file.is_dir():
        return _folder(given)
    if given.watch:
        raise UsageError(f"{given.file} is no folder that could be watched", "a folder")
    if given.cluster:
        raise UsageError("one file is not spread", "a folder of files", "leave --cluster out")
    with Progress(quiet=getattr(given, "json", False)) as progress:
        progress("getting ready", 0, None)
        from masquerade.pipelines.examine.examine import UNKNOWN, examine
        from masquerade.pipelines.examine.save import check_reports, save

        check_reports(given.out, overwrite=given.overwrite, examined=given.file)
        found = examine(given.file, signals=given.signal, person=given.person, tell=progress)
        lines, data = found.lines(), found.as_json()
        if given.out:
            saved = save(found, given.out, overwrite=given.overwrite)
            lines += [f"written: {path}" for path in saved.reports]
            lines.append(f"signed beside; ledger entry {saved.ledger_id}")
            data["reports"] = [str(path) for path in saved.reports]
            data["ledger"] = saved.ledger_id
    return Reply(tuple(lines), data, InputError.exit_code if found.kind == UNKNOWN else 0)


def _check(report: Path) -> Reply:
    from masquerade.pipelines.examine.sign import checked
    from masquerade.pipelines.examine.tables import checked_folder

    folder = report.is_dir()
    note = checked_folder(report) if folder else checked(report)
    what = "everything that its table names" if folder else "it"
    lines = [f"{report}: {what} is as it was signed with the key below"]
    lines += [f"  {name.replace('_', ' '):14} {value}" for name, value in note.items()]
    return Reply(tuple(lines), {"whole": True, **note})


def _folder(given: argparse.Namespace) -> Reply:
    if len(given.out) != 1:
        raise UsageError(f"{given.file} is a folder", "one folder for reports", "name it: -o DIR")
    with Progress(quiet=getattr(given, "json", False)) as progress:
        progress("getting ready", 0, None)
        from masquerade.distributed.place import opened_executor
        from masquerade.pipelines.examine.many import Folder, examine_folder, watch
        from masquerade.pipelines.examine.tables import check_tables

        folder = Folder(given.file, given.out[0], tuple(given.signal), given.person)
        if not given.overwrite:
            check_tables(folder.out)
        with opened_executor(given.cluster) as executor:
            look = watch if given.watch else examine_folder
            done = look(folder, tell=progress, executor=executor)
    return _told(done, folder)


def _told(done: Sequence[Done], folder: Folder) -> Reply:
    lines = [f"{one.place}: {one.verdict}" for one in done]
    lines.append(f"{len(done)} files; see {folder.out / 'index.html'}")
    rows = [
        {"file": one.place, "verdict": one.verdict, "sha256": one.sha256, "report": one.report}
        for one in done
    ]
    return Reply(tuple(lines), {"files": rows, "index": str(folder.out / "index.html")})
