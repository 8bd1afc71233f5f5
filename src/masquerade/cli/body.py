"""`masquerade body`: a whole person in a video becomes another one, who moves as they did."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from masquerade.cli.flags import add_flags, read_flags
from masquerade.cli.make import add_label
from masquerade.cli.progress import Progress
from masquerade.cli.reply import Reply
from masquerade.cli.sealing import sealed_reply
from masquerade.errors import InputError, UsageError

if TYPE_CHECKING:
    from masquerade.pipelines.body.replace import Request

_INSPECT = "inspect"


def configure(parser: argparse.ArgumentParser, argv: Sequence[str]) -> None:
    """Add the command's arguments; those of ``inspect`` where that is asked for."""
    from masquerade.compose.blend import ComposeOptions
    from masquerade.generate.body import Options
    from masquerade.media.encoding import Encoding

    parser.description = (
        "A whole person in a video becomes another one, who moves as they did, in the same place"
        " and before the same camera. The other person is drawn from one photo that shows them"
        " from head to foot. Both have to consent: who is seen, with a record that covers the body,"
        " and who is replaced, with a performer's. `masquerade body inspect TARGET [SOURCE]` says"
        " beforehand what will go wrong."
    )
    parser.usage = (
        "masquerade body SOURCE TARGET -o OUT --consent RECORD --consent RECORD [options]\n"
        "       masquerade body inspect [TARGET] [SOURCE | --source-video VIDEO] [-o SHEET.png]"
    )
    parser.add_argument(
        "files", type=Path, nargs="+", metavar="SOURCE TARGET", help="photo of a person, video"
    )
    inspecting = _INSPECT in argv[1:2]
    parser.add_argument(
        "-o", "--out", type=Path, required=not inspecting, help="where the result goes"
    )
    _add_sources(parser)
    _add_people(parser)
    add_label(parser)
    parser.add_argument("--overwrite", action="store_true", help="replace OUT if it exists")
    add_flags(parser, Options, "options of body")
    add_flags(parser, ComposeOptions, "blending")
    add_flags(parser, Encoding, "encoding")


def _add_sources(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--source-video",
        type=Path,
        metavar="VIDEO",
        help="a video of the person to be seen, instead of the photo or besides it: moments of it"
        " are shown where they serve better than one picture",
    )
    parser.add_argument(
        "--model",
        type=Path,
        metavar="MODEL",
        help="an .mbody file that `masquerade train body` made of the person to be seen: it mends"
        " what is drawn of them",
    )
    parser.add_argument(
        "--holdout",
        type=Path,
        metavar="MATTE",
        help="a holdout matte made by hand, a video like the target or one picture: what is white"
        " in it stays in front of the new person, but for the head of who is replaced",
    )
    parser.add_argument(
        "--way",
        choices=("auto", "photo", "video"),
        default="auto",
        help="draw from one picture or from moments of the video; auto says why; default auto",
    )


def _add_people(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--consent",
        type=Path,
        action="append",
        default=[],
        metavar="RECORD",
        help="consent record of the person who is to be seen, for the body, and a performer's of"
        " the person who is replaced",
    )
    parser.add_argument(
        "--purpose",
        default="",
        help="what it is for, as the records word it; may be left out where they name just one",
    )
    parser.add_argument(
        "--person",
        default="auto",
        metavar="WHO",
        help="who is replaced: left, right, a number from the left, or auto, which is the largest; "
        "default auto",
    )
    parser.add_argument(
        "--force-quality",
        action="store_true",
        help="make shots too that will look wrong; consent, gates and marks are not touched",
    )


def run(given: argparse.Namespace) -> Reply:
    """Make, seal and save; say what was done, what was not, and why."""
    from masquerade.media.encoding import Encoding
    from masquerade.pipelines.body.replace import replace_body

    files: list[Path] = given.files
    if str(files[0]) == _INSPECT:
        return _inspect(given)
    if len(files) != 2 and not (given.source_video and len(files) == 1):
        raise UsageError(
            f"{len(files)} files are given",
            "a photo of a person, then the video; the video alone with --source-video",
            "see --help",
        )
    request = _request(given)
    return sealed_reply(
        given,
        read_flags(given, Encoding),
        lambda saving, heard: replace_body(
            files[-1], given.out, request, saving, progress=heard, tell=heard.tell
        ),
    )


def _request(given: argparse.Namespace) -> Request:
    """What is asked for."""
    from masquerade.compose.blend import ComposeOptions
    from masquerade.generate.body import Options
    from masquerade.pipelines.body.replace import BLENDING, Request

    files: list[Path] = given.files
    asked = read_flags(given, ComposeOptions).model_dump(exclude_unset=True)
    return Request(
        source=files[0] if len(files) == 2 else None,
        source_video=given.source_video,
        way=given.way,
        consents=tuple(given.consent),
        person=given.person,
        purpose=given.purpose,
        force_quality=given.force_quality,
        options=read_flags(given, Options),
        blending=BLENDING.model_copy(update=asked),
        model=given.model,
        holdout=given.holdout,
    )


def _inspect(given: argparse.Namespace) -> Reply:
    """Say what will go wrong; write the picture where one is asked for."""
    from masquerade.pipelines.body.inspection import inspect_body
    from masquerade.pipelines.source.inspection import check_picture, save_picture

    files: list[Path] = given.files[1:]
    if (
        len(files) > 2
        or (given.source_video and len(files) > 1)
        or not (files or given.source_video)
    ):
        raise UsageError(
            f"{len(files)} files to inspect",
            "a video, and perhaps a photo of the source; with --source-video none, or a video",
        )
    unused = [name for name in ("holdout", "model", "consent") if getattr(given, name)]
    if unused:
        raise UsageError(
            f"--{unused[0]} is given to `body inspect`", "files and --person: it makes nothing"
        )
    if given.out:
        check_picture(given.out, overwrite=given.overwrite)
    source = files[1] if len(files) == 2 else None
    with Progress(quiet=getattr(given, "json", False)) as progress:
        report = inspect_body(
            files[0] if files else None,
            source,
            given.person,
            source_video=given.source_video,
            progress=progress,
        )
    lines = report.lines()
    if given.out:
        save_picture(report.picture, given.out, overwrite=given.overwrite)
        lines.append(f"picture: {given.out}")
    refused = bool(report.shots) and all(shot.refused for shot in report.shots)
    return Reply(tuple(lines), report.as_json(), InputError.exit_code if refused else 0)
