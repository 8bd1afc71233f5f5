"""`masquerade faceset`: faces of one person in one file, to train on."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

from masquerade.cli import add_json
from masquerade.cli.flags import add_flags, read_flags
from masquerade.cli.progress import Progress
from masquerade.cli.reply import Reply
from masquerade.errors import UsageError

if TYPE_CHECKING:
    from masquerade.train.facesets.faceset import FacesetHeader


def configure(parser: argparse.ArgumentParser, _argv: Sequence[str]) -> None:
    """Add the command's arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, (words, fill, _) in _ACTIONS.items():
        child = actions.add_parser(name, help=words, allow_abbrev=False)
        fill(child)
        add_json(child)


def run(given: argparse.Namespace) -> Reply:
    """Do the action."""
    with Progress(quiet=getattr(given, "json", False)) as progress:
        progress("getting ready", 0, None)
        return _ACTIONS[given.action][2](given, progress)


def _fill_build(parser: argparse.ArgumentParser) -> None:
    from masquerade.train.collect.limits import METHOD, Collecting, Limits

    parser.add_argument(
        "inputs", nargs="+", type=Path, metavar="FILE", help="videos, photos, or folders of them"
    )
    _add_out(parser)
    parser.add_argument(
        "--consent",
        type=Path,
        action="append",
        default=[],
        metavar="RECORD",
        help="consent record of the person; it must cover the method that is trained",
    )
    parser.add_argument("--purpose", default="", help="what it is for, as the record words it")
    parser.add_argument(
        "--method", default=METHOD, help=f"which method it is to train; default {METHOD}"
    )
    parser.add_argument(
        "--reference",
        type=Path,
        action="append",
        default=[],
        metavar="PHOTO",
        help="a further photo of the person to compare with; the record's own face always is",
    )
    add_flags(parser, Collecting, "reading")
    add_flags(parser, Limits, "limits")


def _build(given: argparse.Namespace, progress: Progress) -> Reply:
    from masquerade.train.collect.build import Request, build
    from masquerade.train.collect.consent import one_record
    from masquerade.train.collect.limits import Collecting, Limits

    request = Request(
        paths=tuple(given.inputs),
        out=given.out,
        record=one_record(given.consent),
        purpose=given.purpose,
        method=given.method,
        photos=tuple(given.reference),
        limits=read_flags(given, Limits),
        how=read_flags(given, Collecting),
        overwrite=given.overwrite,
    )
    built = build(request, progress=progress)
    return Reply(tuple(built.lines()), built.as_json())


def _fill_inspect(parser: argparse.ArgumentParser) -> None:
    _add_faceset(parser)
    parser.add_argument("-o", "--out", type=Path, metavar="PNG", help="a picture of its coverage")
    parser.add_argument("--contact", type=Path, metavar="PNG", help="its faces with their numbers")
    parser.add_argument("--overwrite", action="store_true", help="replace pictures that exist")


def _inspect(given: argparse.Namespace, _progress: Progress) -> Reply:
    from masquerade.pipelines.source.inspection import check_picture, save_picture
    from masquerade.train.collect.look import contact_sheet, look
    from masquerade.train.facesets.faceset import Faceset

    for place in filter(None, (given.out, given.contact)):
        check_picture(place, overwrite=given.overwrite)
    with Faceset.open(given.faceset) as faceset:
        report = look(faceset)
        lines = report.lines()
        if given.out:
            save_picture(report.picture, given.out, overwrite=given.overwrite)
            lines.append(f"picture: {given.out}")
        if given.contact:
            save_picture(contact_sheet(faceset), given.contact, overwrite=given.overwrite)
            lines.append(f"contact sheet: {given.contact}")
    return Reply(tuple(lines), report.as_json())


def _fill_filter(parser: argparse.ArgumentParser) -> None:
    from masquerade.train.collect.limits import Limits

    _add_faceset(parser)
    _add_out(parser)
    parser.add_argument(
        "--without",
        action="append",
        default=[],
        metavar="N",
        help="numbers of faces to take out, as 7 or 12-40; repeatable; `inspect --contact` shows"
        " them",
    )
    add_flags(parser, Limits, "limits")


def _filter(given: argparse.Namespace, _progress: Progress) -> Reply:
    from masquerade.train.collect.edit import filter_faceset
    from masquerade.train.collect.limits import Limits
    from masquerade.train.facesets.faceset import Faceset

    limits = read_flags(given, Limits)
    without = [number for words in given.without for number in _numbers(words)]
    with Faceset.open(given.faceset) as faceset:
        header = filter_faceset(
            faceset, given.out, limits, without=without, overwrite=given.overwrite
        )
    return _made((given.out, header))


def _fill_merge(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("facesets", nargs="+", type=Path, metavar="FACESET", help="of one person")
    _add_out(parser)
    parser.add_argument(
        "--consent",
        type=Path,
        metavar="RECORD",
        help="the record that covers all of them, where they were built under several",
    )


def _merge(given: argparse.Namespace, _progress: Progress) -> Reply:
    from masquerade.provenance.consent.records import load
    from masquerade.train.collect.edit import merge_facesets, opened

    if len(given.facesets) < 2:
        raise UsageError("one faceset is given", "two or more")
    record = load(given.consent) if given.consent else None
    with ExitStack() as stack:
        facesets = opened(given.facesets, stack)
        header = merge_facesets(facesets, given.out, record=record, overwrite=given.overwrite)
    return _made((given.out, header))


def _fill_split(parser: argparse.ArgumentParser) -> None:
    _add_faceset(parser)
    _add_out(parser)
    parser.add_argument(
        "--held-out", type=Path, required=True, metavar="FACESET", help="the part to measure with"
    )
    parser.add_argument(
        "--share", type=float, default=0.1, metavar="X", help="of the faces held out; default 0.1"
    )


def _split(given: argparse.Namespace, _progress: Progress) -> Reply:
    from masquerade.train.collect.edit import split_faceset
    from masquerade.train.facesets.faceset import Faceset

    if not 0 < given.share < 1:
        raise UsageError(f"--share {given.share:g} is no share", "between 0 and 1")
    with Faceset.open(given.faceset) as faceset:
        headers = split_faceset(
            faceset, given.out, given.held_out, share=given.share, overwrite=given.overwrite
        )
    return _made((given.out, headers[0]), (given.held_out, headers[1]))


def _fill_export(parser: argparse.ArgumentParser) -> None:
    _add_faceset(parser)
    parser.add_argument(
        "-o", "--out", type=Path, required=True, metavar="FOLDER", help="a new folder"
    )
    parser.add_argument(
        "--table", choices=("csv", "json"), default="csv", help="kind of the table; default csv"
    )
    parser.add_argument("--purpose", default="", help="what it is for, as the record words it")


def _export(given: argparse.Namespace, _progress: Progress) -> Reply:
    from masquerade.train.collect.export import export_faceset
    from masquerade.train.facesets.faceset import Faceset

    with Faceset.open(given.faceset) as faceset:
        count = export_faceset(faceset, given.out, table=given.table, purpose=given.purpose)
        person = faceset.header.person
    lines = (
        f"{given.out}: {count} pictures of {person}, masks, landmarks and faces.{given.table}",
        "They are real pictures of a person: CONSENT.txt beside them says what they may be used"
        " for.",
    )
    return Reply(lines, {"out": str(given.out), "faces": count})


_Fill = Callable[[argparse.ArgumentParser], None]
_Do = Callable[[argparse.Namespace, Progress], Reply]
_ACTIONS: Final[dict[str, tuple[str, _Fill, _Do]]] = {
    "build": ("faces of one person out of videos and photos", _fill_build, _build),
    "inspect": ("views, expressions, quality, and what is missing", _fill_inspect, _inspect),
    "filter": ("a smaller one, by limits or by hand", _fill_filter, _filter),
    "merge": ("one out of several of one person", _fill_merge, _merge),
    "split": ("one to learn from, one to measure with", _fill_split, _split),
    "export": ("a folder of pictures for other programs", _fill_export, _export),
}


def _add_faceset(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("faceset", type=Path, metavar="FACESET", help="a faceset")


def _add_out(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-o", "--out", type=Path, required=True, metavar="FACESET", help="the new faceset"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace it if it exists")


def _numbers(words: str) -> range:
    first, _, last = words.partition("-")
    try:
        return range(int(first), int(last or first) + 1)
    except ValueError as error:
        raise UsageError(f"--without {words} is no number", "such as 7, or 12-40") from error


def _made(*made: tuple[Path, FacesetHeader]) -> Reply:
    lines = []
    for path, header in made:
        lines.append(f"{path}: {header.faces} faces of {header.person}")
        lines += [f"left out: {one.faces} {one.reason}" for one in header.left_out]
    data = [
        {"out": str(path), **header.model_dump(mode="json", exclude={"record"})}
        for path, header in made
    ]
    return Reply(tuple(lines), {"facesets": data})
