"""`masquerade consent`: make, show, check, trust and revoke consent records."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from masquerade.cli.progress import Progress
from masquerade.cli.reply import Reply
from masquerade.errors import UsageError

if TYPE_CHECKING:
    from masquerade.faces.readers import FaceReader
    from masquerade.provenance.consent import ConsentRecord, DeclaredProof
    from masquerade.types import SourcePicture

_RECORD_ID = re.compile(r"mqc-[0-9a-f]{16}")
_DEFAULT_DAYS = 365


def configure(parser: argparse.ArgumentParser, _argv: Sequence[str]) -> None:
    """Add the command's arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    new = actions.add_parser("new", help="make a signed record; asks for what is not given")
    new.add_argument("-o", "--out", type=Path, required=True, help="the record's file")
    new.add_argument("--kind", choices=["subject", "persona", "performer"], help="whose face it is")
    new.add_argument("--name", help="name or pseudonym of the person")
    new.add_argument("--grantee", help="who may use the face")
    new.add_argument("--purpose", action="append", default=[], help="what for; repeatable")
    new.add_argument("--face", type=Path, action="append", default=[], help="photo; repeatable")
    new.add_argument("--until", type=_date, help="last day, as 2027-06-30")
    new.add_argument("--method", action="append", default=[], help="only with it; repeatable")
    new.add_argument("--territory", default="worldwide", help="where it may be used")
    new.add_argument("--adult", action="store_true", help="you attest that the person is of age")
    new.add_argument("--proof", type=Path, help="persona: file that shows how the face was made")
    new.add_argument("--declared-by", help="persona: who declares that no such person exists")
    show = actions.add_parser("show", help="a record in plain words")
    show.add_argument("record", type=Path)
    verify = actions.add_parser("verify", help="is it genuine, in force, and does it fit a face?")
    verify.add_argument("record", type=Path)
    verify.add_argument("--face", type=Path, help="photo to hold against the record")
    trust = actions.add_parser("trust", help="let records signed by another key count here")
    trust.add_argument("record", type=Path, help="a record signed by that key")
    trust.add_argument("--name", required=True, help="whose key it is")
    revoke = actions.add_parser("revoke", help="take a consent back, at once and for good")
    revoke.add_argument("record", help="the record's file, or its id")
    revoke.add_argument("--why", default="", help="reason, for the ledger")
    for child in (new, show, verify, trust, revoke):
        child.add_argument("--json", action="store_true", default=argparse.SUPPRESS)


def run(given: argparse.Namespace) -> Reply:
    """Do one of the actions."""
    actions: dict[str, Callable[[argparse.Namespace], Reply]] = {
        "new": _new,
        "show": _show,
        "verify": _verify,
        "trust": _trust,
        "revoke": _revoke,
    }
    return actions[given.action](given)


def _new(given: argparse.Namespace) -> Reply:
    from masquerade.faces.readers import FaceReader
    from masquerade.media.endings import check_folder
    from masquerade.provenance.consent import Kind, new_record, save_record

    check_folder(given.out)
    if given.out.exists():
        raise UsageError(f"{given.out} exists", "a new file", "choose another name")
    asked = _Asker(given)
    kind = Kind(asked.text("kind", "Whose face is it?", among=tuple(Kind)))
    name = asked.text("name", "Name or pseudonym of the person?")
    grantee = asked.text("grantee", "Who may use the face?")
    purposes = asked.several("purpose", "What for (comma between several)?")
    faces = [
        Path(path) for path in asked.several("face", "Photo of the person (comma between several)?")
    ]
    until = given.until or datetime.now(UTC) + timedelta(days=_DEFAULT_DAYS)
    proof = _proof(asked) if kind is Kind.PERSONA else None
    if not (given.adult or asked.yes("Do you attest that the person is of age (yes/no)?")):
        raise UsageError("nobody attests that the person is of age", "--adult, if it is true")
    with Progress(quiet=getattr(given, "json", False)) as progress:
        reader = FaceReader.open(progress=progress)
    photos = _photos(faces, reader)
    record = new_record(
        kind=kind,
        subject=name,
        grantee=grantee,
        purposes=purposes,
        embeddings=[photo.embedding for photo in photos],
        valid_until=until,
        adult_attested=True,
        methods=given.method or ("any",),
        territory=given.territory,
        reference_sha256=[photo.input.sha256 for photo in photos],
        proof=proof,
    )
    save_record(record, given.out)
    return _reply(record, [f"written: {given.out}"])


def _proof(asked: _Asker) -> DeclaredProof:
    from masquerade.provenance.consent import DeclaredProof, proof_sha256

    proof = Path(asked.text("proof", "File that shows how the face was made?"))
    by = asked.text("declared_by", "Who declares that no such person exists?")
    return DeclaredProof(declared_by=by, proof_sha256=proof_sha256(proof))


def _show(given: argparse.Namespace) -> Reply:
    from masquerade.provenance.consent import load
    from masquerade.provenance.revocation import revoked_ids

    record = load(given.record)
    revoked = ("REVOKED: nothing more can be made under it",) if record.id in revoked_ids() else ()
    return _reply(record, revoked)


def _verify(given: argparse.Namespace) -> Reply:
    from masquerade.faces.readers import FaceReader
    from masquerade.provenance.check import check_face, check_standing
    from masquerade.provenance.consent import load

    record = load(given.record)
    check_standing(record, now=datetime.now(UTC))
    lines = ["genuine, in force, signed by a key that counts here"]
    if given.face:
        apart = check_face(record, _photos([given.face], FaceReader.open())[0].embedding)
        lines.append(f"{given.face.name} shows the person of the record (distance {apart:.2f})")
    return _reply(record, lines)


def _trust(given: argparse.Namespace) -> Reply:
    from masquerade.provenance.consent import load
    from masquerade.provenance.trust import trust_signer

    record = load(given.record)
    trusted = trust_signer(record.signer, given.name)
    line = f"records signed by {record.signer} ({given.name}) count here from now on"
    return Reply((line,), {"signer": record.signer, "name": trusted.name})


def _revoke(given: argparse.Namespace) -> Reply:
    from masquerade.provenance.consent import load
    from masquerade.provenance.revocation import revoke

    path = Path(given.record)
    record_id = load(path).id if path.exists() else given.record
    if not _RECORD_ID.fullmatch(record_id):
        raise UsageError(
            f"{record_id!r} is neither a file nor the id of a consent record",
            "a record's file, or its id: mqc- and 16 letters or digits",
            "nothing was revoked; `masquerade consent show FILE` says a record's id",
        )
    outputs = revoke(record_id, given.why).outputs
    lines = [f"{record_id} is revoked; nothing more can be made under it"]
    lines += [f"made under it before: {len(outputs)} file(s)", *(f"  {one}" for one in outputs)]
    return Reply(tuple(lines), {"revoked": record_id, "outputs_sha256": list(outputs)})


def _photos(paths: Sequence[Path], reader: FaceReader) -> tuple[SourcePicture, ...]:
    """The photos, one face in each and all of one person: a record is of nobody else."""
    from masquerade.pipelines.cast import read_sources

    for path in paths:
        if path.is_dir():
            raise UsageError(f"{path} is a folder", "a photo", "name the photo itself")
    return read_sources(paths, reader)


def _reply(record: ConsentRecord, after: Sequence[str] = ()) -> Reply:
    from masquerade.provenance.record_words import lines

    data = record.model_dump(mode="json", exclude={"faces"})
    return Reply((*lines(record), *after), {"record": data, "notes": list(after)})


def _date(text: str) -> datetime:
    """The end of that day: a record holds through its last one."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC) + timedelta(days=1)
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"{text!r} is no day such as 2027-06-30") from None


class _Asker:
    """Asks on a terminal for what the command line does not say."""

    def __init__(self, given: argparse.Namespace) -> None:
        self._given = given
        self._talks = sys.stdin.isatty() and not getattr(given, "json", False)

    def text(self, name: str, question: str, *, among: Sequence[str] = ()) -> str:
        """One answer; one of `among` if there are such, the first where none is given."""
        words = f"{question} ({', '.join(among)}; {among[0]} if empty)" if among else question
        value = getattr(self._given, name) or (self._ask(words) if self._talks else "")
        value = str(value or (among[0] if among else ""))
        flag = "--" + name.replace("_", "-")
        if not value:
            raise UsageError(
                f"{flag} is missing", question.rstrip("?"), "give it, or run this in a terminal"
            )
        if among and value not in among:
            raise UsageError(f"{flag} {value}", "one of " + ", ".join(among))
        return value

    def several(self, name: str, question: str) -> list[str]:
        """One answer or more."""
        value = getattr(self._given, name)
        return [str(one) for one in value] or [
            one.strip() for one in self.text(name, question).split(",") if one.strip()
        ]

    def yes(self, question: str) -> bool:
        """Whether the answer is yes; no where nobody can be asked."""
        return self._talks and self._ask(question).lower() in ("y", "yes")

    def _ask(self, question: str) -> str:
        print(question, end=" ", file=sys.stderr, flush=True)
        return sys.stdin.readline().strip()
