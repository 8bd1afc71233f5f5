"""`masquerade takedown`: notices of people who want something gone, and what they block."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from masquerade.cli import add_json
from masquerade.cli.progress import Progress
from masquerade.cli.reply import Reply
from masquerade.errors import UsageError

if TYPE_CHECKING:
    from masquerade.provenance.gates.takedown import Standing
    from masquerade.types import Embedding

_STATEMENT = "statement of good faith that it was published without consent, in their words"


def configure(parser: argparse.ArgumentParser, _argv: Sequence[str]) -> None:
    """Add the command's arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    new = actions.add_parser("add", help="enter a notice; what it names is blocked from now on")
    new.add_argument("--who", required=True, help="who asks: the person shown, or who speaks")
    new.add_argument("--for", dest="behalf", default="", help="whom they speak for, if another")
    new.add_argument("--contact", required=True, help="how to reach them")
    new.add_argument("--what", required=True, help="what is to be taken down, and where it is")
    new.add_argument("--good-faith", required=True, metavar="TEXT", help=_STATEMENT)
    new.add_argument("--signature", required=True, help="their name, typed as a signature")
    new.add_argument("--signed-on", required=True, type=_day, help="day of it, as 2026-05-02")
    new.add_argument("--received", type=_moment, help="when it came in, as 2026-05-02T14:30Z; now")
    new.add_argument("--file", type=Path, action="append", default=[], help="what to block")
    new.add_argument("--face", type=Path, action="append", default=[], help="photo of the person")
    listed = actions.add_parser("list", help="every notice, with what is left of its 48 hours")
    show = actions.add_parser("show", help="all that a notice says, people's data included")
    done = actions.add_parser("done", help="what it names was taken down; it goes on blocking")
    back = actions.add_parser("withdraw", help="take a notice back; it blocks no more")
    for child in (show, done, back):
        child.add_argument("notice", help="the notice's id")
    for child in (done, back):
        child.add_argument("--why", required=True, help="what was done, or why; for the ledger")
    for child in (new, listed, show, done, back):
        add_json(child)


def run(given: argparse.Namespace) -> Reply:
    """Do one of the actions."""
    actions: dict[str, Callable[[argparse.Namespace], Reply]] = {
        "add": _add,
        "list": _list,
        "show": _show,
        "done": _done,
        "withdraw": _withdraw,
    }
    return actions[given.action](given)


def _add(given: argparse.Namespace) -> Reply:
    from masquerade.hashing import file_sha256
    from masquerade.provenance.fingerprint import looked_up
    from masquerade.provenance.gates.takedown import add, new_notice

    for path in (*given.file, *given.face):
        if not path.is_file():
            raise UsageError(f"{path}: no such file", "a picture or a video, or a photo of a face")
    pictures = []
    for path in given.file:
        found = [forms[0] for _, forms in looked_up(path)]
        if not found:
            raise UsageError(f"{path} shows too little to be told from others", "another file")
        pictures += found
    notice = new_notice(
        who=given.who,
        on_behalf_of=given.behalf,
        contact=given.contact,
        what=given.what,
        good_faith=given.good_faith,
        signature=given.signature,
        signed_on=given.signed_on,
        received=given.received,
        pictures=pictures,
        faces=_faces(given.face, quiet=getattr(given, "json", False)),
        files_sha256=[file_sha256(path) for path in given.file],
    )
    standing = add(notice)
    now = datetime.now(UTC)
    lines = ("entered; nothing can be made with what it names", standing.line(now))
    return Reply(lines, _data(standing, now))


def _faces(photos: Sequence[Path], *, quiet: bool) -> list[Embedding]:
    """The one face of each photo; they may be of several people."""
    if not photos:
        return []
    from masquerade.faces.readers import FaceReader
    from masquerade.pipelines.cast import read_sources

    with Progress(quiet=quiet) as progress:
        reader = FaceReader.open(progress=progress)
    return [read_sources([photo], reader)[0].embedding for photo in photos]


def _list(_given: argparse.Namespace) -> Reply:
    from masquerade.provenance.gates.takedown import standings

    now = datetime.now(UTC)
    found = standings()
    lines = tuple(one.line(now) for one in found) or ("no notice was ever entered here",)
    return Reply(lines, {"notices": [_data(one, now) for one in found]})


def _show(given: argparse.Namespace) -> Reply:
    from masquerade.provenance.gates.takedown import standings

    now = datetime.now(UTC)
    for one in standings():
        if one.id == given.notice:
            text = one.notice.lines() if one.notice else ["withdrawn; its text is gone"]
            data = one.notice.model_dump(mode="json", exclude={"faces"}) if one.notice else None
            return Reply((one.line(now), *text), {**_data(one, now), "notice": data})
    raise UsageError(f"there is no notice {given.notice!r}", "see `masquerade takedown list`")


def _done(given: argparse.Namespace) -> Reply:
    from masquerade.provenance.gates.takedown import finish

    finish(given.notice, given.why)
    return Reply((f"{given.notice} is done; what it names stays blocked",), {"done": given.notice})


def _withdraw(given: argparse.Namespace) -> Reply:
    from masquerade.provenance.gates.takedown import withdraw

    withdraw(given.notice, given.why)
    return Reply(
        (f"{given.notice} is withdrawn: it blocks no more, and its text is gone",),
        {"withdrawn": given.notice},
    )


def _data(one: Standing, now: datetime) -> dict[str, object]:
    left = one.left(now)
    return {
        "id": one.id,
        "state": one.state,
        "added": one.added.isoformat(),
        "hours_left": round(left.total_seconds() / 3600, 2) if left is not None else None,
        "faces": len(one.notice.faces) if one.notice else 0,
        "pictures": len(one.notice.pictures) if one.notice else 0,
    }


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day such as 2026-05-02") from None


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no time such as 2026-05-02T14:30Z") from None
    return found if found.tzinfo else found.astimezone()
