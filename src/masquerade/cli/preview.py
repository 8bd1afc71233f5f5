"""`masquerade preview`: a few moments as several alternatives would make them, side by side."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from masquerade import registry
from masquerade.cli.flags import read_flags
from masquerade.cli.make import (
    add_inputs,
    add_label,
    add_method_flags,
    add_request,
    asked_method,
    method_of,
)
from masquerade.cli.progress import Progress
from masquerade.cli.reply import Reply
from masquerade.errors import UsageError

if TYPE_CHECKING:
    from masquerade.pipelines.preview.preview import Previewed, Wish
    from masquerade.pipelines.request import Request

_COMMAND: Final = "swap"  # the family of methods, where --method names none of another
_EXAMPLES: Final = """\
examples:
  masquerade preview ada.jpg clip.mp4 --consent ada.consent -o sheet.png
  masquerade preview ada.mp4 clip.mp4 --consent ada.consent -o sheet.png --shots \\
      --compare method=swap_mesh,swap_appearance --compare colour=none,rct
  masquerade preview ada.jpg clip.mp4 --consent ada.consent --at 0:01 0:03.5 --show mask
to choose: --write-settings shots.toml --choose 3, or click on the page beside the sheet; then
  masquerade swap ada.jpg clip.mp4 -o out.mp4 --consent ada.consent --settings shots.toml
"""


def configure(parser: argparse.ArgumentParser, argv: Sequence[str]) -> None:
    """Add the command's arguments; `argv` says which method is meant."""
    command = _command(argv)
    method = method_of(command, argv)
    takes_source = "source" in registry.takes(registry.get(method))
    parser.description = (
        "A sheet of a few moments, each as the target has it and as every alternative makes it, and"
        " a page to look at them closely; made in seconds, sealed like everything else."
    )
    parser.epilog = _EXAMPLES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    files = "SOURCE [SOURCE ...] TARGET" if takes_source else "TARGET"
    parser.usage = f"masquerade preview {files} [-o SHEET] --consent RECORD [options]"
    add_inputs(parser, takes_source=takes_source)
    parser.add_argument(
        "-o",
        "--out",
        type=Path,
        metavar="SHEET",
        help="the sheet; default TARGET's name.preview.png",
    )
    _add_wishes(parser)
    add_request(parser, command, method)
    add_label(parser)
    parser.add_argument("--overwrite", action="store_true", help="replace files that exist")
    add_method_flags(parser, method)


def _add_wishes(parser: argparse.ArgumentParser) -> None:
    when = parser.add_argument_group("what is shown")
    when.add_argument(
        "--at", nargs="+", default=[], metavar="TIME", help="these moments, such as 0:01 0:03.5"
    )
    when.add_argument("--shots", action="store_true", help="the middle of every shot")
    when.add_argument(
        "--count", type=int, metavar="N", help="so many moments, spread evenly; default 4"
    )
    when.add_argument(
        "--compare",
        action="append",
        default=[],
        metavar="OPTION=A,B",
        help="values of an option side by side, such as colour=none,rct,mkl or"
        " method=swap_mesh,swap_appearance; may be given again, for every combination",
    )
    chosen = parser.add_argument_group("what is chosen")
    chosen.add_argument(
        "--write-settings", type=Path, metavar="FILE", help="write settings by shot, as TOML"
    )
    chosen.add_argument(
        "--choose",
        default="",
        metavar="N[,N...]",
        help="which alternative they hold: one number for all rows, or one for each; default 1",
    )


def _command(argv: Sequence[str]) -> str:
    """The family of methods that a command line is about."""
    asked = asked_method(argv)
    return asked.partition("_")[0] if asked in registry.names() else _COMMAND


def run(given: argparse.Namespace) -> Reply:
    """Make, seal and save the sheet; write the page and the settings; say how long it all takes."""
    began = time.monotonic()
    out, page = _places(given)
    with Progress(quiet=getattr(given, "json", False)) as progress:
        progress("getting ready", 0, None)  # what is imported next takes a moment
        from masquerade.pipelines.memory import share_pools
        from masquerade.pipelines.preview.page import preview_page, write_page
        from masquerade.pipelines.preview.preview import preview
        from masquerade.provenance.label import Label

        share_pools()
        made = preview(
            _request(given),
            _wish(given),
            out=out,
            label=Label(given.label, given.label_language),
            with_settings=given.write_settings is not None,
            progress=progress,
        )
        if made.drawn is not None:
            first = int((given.choose or "1").partition(",")[0])
            command = given.method.partition("_")[0]
            write_page(preview_page(made, made.drawn, first=first, command=command), page)
        if given.write_settings:
            write_page(made.settings, given.write_settings)
    return _reply(given, made, page, time.monotonic() - began)


def _places(given: argparse.Namespace) -> tuple[Path | None, Path]:
    """Where the sheet and its page go; no sheet where settings alone are asked for.

    Raises:
        UsageError: One of them exists, or is another file of this command; or the sheet has an
            ending that a page cannot show.
        OutputError: There is no such folder.
    """
    from masquerade.pipelines.preview.page import ENDINGS
    from masquerade.pipelines.saving import check_out

    target, settings = given.inputs[-1], given.write_settings
    usual = Path(f"{target.stem}.preview.png")
    out = given.out or (None if settings and given.choose else usual)
    page = (out or usual).with_suffix(".html")
    if out is not None and out.suffix.lower() not in ENDINGS:
        raise UsageError(f"{out} is to hold the sheet", "a name that ends in " + ", ".join(ENDINGS))
    if out is not None:
        check_out(out, target, overwrite=given.overwrite)
    taken = [out, *given.inputs, *given.consent, given.people, given.settings]
    for place in (page if out else None, settings):
        if place is not None:
            _check_apart(place, taken)
            _check_free(place, overwrite=given.overwrite)
            taken.append(place)
    return out, page


def _check_apart(place: Path, taken: Sequence[Path | None]) -> None:
    for other in taken:
        if other is not None and _is_same(place, other):
            raise UsageError(
                f"{place} is to be written, and is {other} of this command as well",
                "a place of its own for each file",
                "choose another name",
            )


def _is_same(place: Path, other: Path) -> bool:
    if place.exists() and other.exists():
        return place.samefile(other)
    return place.absolute() == other.absolute()


def _check_free(place: Path, *, overwrite: bool) -> None:
    from masquerade.pipelines.report_file import check_no_link

    check_no_link(place)
    if place.exists() and not overwrite:
        raise UsageError(f"{place} exists", "a new file", "choose another name, or add --overwrite")


def _request(given: argparse.Namespace) -> Request:
    from masquerade.compose.blend import ComposeOptions
    from masquerade.pipelines.request import Request

    return Request(
        method=given.method,
        target=given.inputs[-1],
        sources=tuple(given.inputs[:-1]),
        consents=tuple(given.consent),
        people=given.people,
        person=given.person,
        purpose=given.purpose,
        options=read_flags(given, registry.get(given.method).Options),
        blending=read_flags(given, ComposeOptions),
        device=given.device,
        settings=given.settings,
    )


def _wish(given: argparse.Namespace) -> Wish:
    from masquerade.pipelines.clock import seconds_of
    from masquerade.pipelines.preview.moments import MOST, Which
    from masquerade.pipelines.preview.preview import Wish

    count = 4 if given.count is None else given.count
    if not 1 <= count <= MOST:
        raise UsageError(f"--count {count}", f"1 to {MOST}")
    if given.count is not None and (given.at or given.shots):
        raise UsageError("--count beside --at or --shots", "one way to say which moments")
    which = Which(tuple(seconds_of(one) for one in given.at), given.shots, count)
    return Wish(which, tuple(given.compare), given.choose)


def _reply(given: argparse.Namespace, made: Previewed, page: Path, took_s: float) -> Reply:
    """What was made, how to go on from it, and what the whole will take."""
    lines = []
    if made.drawn is not None:
        count = len(made.moments) * len(made.alternatives)
        pictures = "1 picture" if count == 1 else f"{count} pictures"
        lines = [
            f"{made.drawn.saved.path}: {pictures} in {took_s:.1f} s",
            f"{page}: the same to look at closely, and to choose by clicking",
        ]
    if given.write_settings:
        lines.append(f"{given.write_settings}: what was chosen; edit it, and give it to --settings")
    if len(made.alternatives) > 1:
        lines += [f"  {one.number}: {one.words}" for one in made.alternatives]
    lines += [f"note: {note}" for note in made.notes]
    if made.drawn is not None:
        lines += made.drawn.saved.lines()
        if made.drawn.estimate is not None:
            lines.append(made.drawn.estimate.words)
    return Reply(tuple(lines), _data(given, made, page, took_s))


def _data(
    given: argparse.Namespace, made: Previewed, page: Path, took_s: float
) -> dict[str, object]:
    drawn = made.drawn
    told = drawn.estimate if drawn else None
    settings = given.write_settings
    return {
        "out": str(drawn.saved.path) if drawn else None,
        "page": str(page) if drawn else None,
        "settings": str(settings) if settings else None,
        "moments": [{"time_s": one.time_s, "shot": one.shot} for one in made.moments],
        "alternatives": [dict(one.changes) for one in made.alternatives],
        "captions": [[one.caption for one in row.shown[1:]] for row in drawn.layout.rows]
        if drawn
        else [],
        "whole_file": {
            "frames": told.frames,
            "seconds": round(told.seconds, 1),
            "memory_mb": round(told.memory_mb),
        }
        if told
        else None,
        "notes": list(made.notes),
        "seal": drawn.saved.as_json() if drawn else None,
        "seconds": round(took_s, 2),
    }
