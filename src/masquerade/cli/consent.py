"""`masquerade consent`: make, show, check, trust, revoke and print consent records."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from masquerade.cli import add_json, consent_new, consent_voice
from masquerade.cli.reply import Reply
from masquerade.errors import ModelError, UsageError

if TYPE_CHECKING:
    from masquerade.provenance.consent.records import ConsentRecord

_NUMBERS: Final = frozenset({"plain", "encrypted", "installation"})
"""What programs need not see of a bound voice."""


def configure(parser: argparse.ArgumentParser, _argv: Sequence[str]) -> None:
    """Add the command's arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    new = actions.add_parser("new", help="make a signed record; asks for what is not given")
    consent_new.configure(new)
    statement = actions.add_parser(
        "statement", help="what a person reads aloud to consent to the use of their voice"
    )
    consent_voice.configure(statement)
    show = actions.add_parser("show", help="a record in plain words")
    show.add_argument("record", type=Path, help="the record's file")
    verify = actions.add_parser(
        "verify", help="is it genuine, in force, and does it fit a face or voice?"
    )
    verify.add_argument("record", type=Path, help="the record's file")
    verify.add_argument("--face", type=Path, help="photo to hold against the record")
    verify.add_argument("--voice", type=Path, help="recording to hold against the record")
    trust = actions.add_parser("trust", help="let records signed by another key count here")
    trust.add_argument("record", type=Path, help="a record signed by that key")
    trust.add_argument("--name", required=True, help="whose key it is")
    revoke = actions.add_parser("revoke", help="take a consent back, at once and for good")
    revoke.add_argument(
        "record", help="the record's file, its id, or another machine's file of a revocation"
    )
    revoke.add_argument("--why", default="", help="reason, for the ledger")
    revoke.add_argument("--unknown", action="store_true", help="an id never seen on this machine")
    revoke.add_argument("--export", type=Path, metavar="FILE", help="signed, for other machines")
    export = actions.add_parser("export", help="a record as a page to sign, in PDF")
    export.add_argument("record", type=Path, nargs="?", help="leave it out for a blank form")
    export.add_argument("-o", "--out", type=Path, required=True, help="the PDF")
    export.add_argument("--paper", choices=["a4", "letter"], default="a4", help="its size")
    export.add_argument("--font", type=Path, help="TrueType font for letters Noto Sans lacks")
    for child in (new, statement, show, verify, trust, revoke, export):
        add_json(child)


def run(given: argparse.Namespace) -> Reply:
    """Do one of the actions."""
    actions: dict[str, Callable[[argparse.Namespace], Reply]] = {
        "new": _new,
        "statement": consent_voice.print_statement,
        "show": _show,
        "verify": _verify,
        "trust": _trust,
        "revoke": _revoke,
        "export": _export,
    }
    return actions[given.action](given)


def _new(given: argparse.Namespace) -> Reply:
    record = consent_new.make(given)
    lines = [f"written: {given.out}"]
    unfit = _unfit(given, record)
    if record.kind.value == "performer":
        lines.append(f"to use it: add --consent {given.out} to the job on that person's footage")
    elif record.faces:
        lines.append(f"to use it: masquerade {_used(given, record, unfit)} --consent {given.out}")
    lines += unfit.values()
    if record.voices and record.kind.value != "performer":
        lines.append(
            "to use the voice: masquerade voice build RECORDING... -o NAME.mvoice"
            f" --consent {given.out}"
        )
    if any(voice.how == "statement" for voice in record.voices):
        from masquerade.provenance.consent.statement_check import NOT_TOLD

        lines.append(f"the statement was read aloud and understood; {NOT_TOLD}")
    return _reply(record, lines)


def _unfit(given: argparse.Namespace, record: ConsentRecord) -> dict[Path, str]:
    """What is said of each photo of a record for a body that shows the face, and no whole body."""
    if not given.body or record.kind.value == "performer":
        return {}
    from masquerade.bodies.pose import BodyReader
    from masquerade.faces.readers import FaceReader
    from masquerade.pipelines.body.source import why_unfit

    try:
        readers = BodyReader.open(), FaceReader.open()
    except ModelError as error:  # the record is written, and holds
        told = f"itself can lend the body was not looked at: {error.found}"
        return {path: f"the record holds; whether {path.name} {told}" for path in given.face or ()}
    found = {path: why_unfit(path, *readers) for path in given.face or ()}
    return {
        path: f"the record holds, but {path.name} itself cannot lend the body: {why}; give"
        " `masquerade body` a photo of the whole person, or --source-video"
        for path, why in found.items()
        if why
    }


def _used(given: argparse.Namespace, record: ConsentRecord, unfit: Collection[Path] = ()) -> str:
    """The command that a record of a face is for, by its purpose and methods."""
    photo = next((one for one in given.face or () if one not in unfit), "PHOTO")
    if record.purposes == ("examination",):
        return "person enrol NAME FOOTAGE... -o NAME.person"
    commands = {name.partition("_")[0] for name in record.methods}
    if "lipsync" in commands:
        return "lipsync TARGET --speech SOUND -o OUT"
    if "portrait" in commands:
        return f"portrait {photo} --speech SOUND -o OUT"
    return f"{'body' if given.body else 'swap'} {photo} TARGET -o OUT"


def _show(given: argparse.Namespace) -> Reply:
    from masquerade.provenance.consent.records import load
    from masquerade.provenance.consent.revocation import revocation_of, revoked_ids

    record = load(given.record)
    if record.id not in revoked_ids():
        return _reply(record)
    told = revocation_of(record.id)
    since = f" since {told.time[:10]}" if told.time else ""
    return _reply(record, [f"REVOKED{since}: nothing more can be made under it"])


def _verify(given: argparse.Namespace) -> Reply:
    from masquerade.faces.readers import FaceReader
    from masquerade.provenance.consent.check import (
        check_face,
        check_standing,
        check_voice,
    )
    from masquerade.provenance.consent.records import load

    record = load(given.record)
    check_standing(record, now=datetime.now(UTC))
    lines = ["genuine, in force, signed by a key that counts here"]
    if given.face:
        photo = consent_new.read_photos([given.face], FaceReader.open())[0]
        apart = check_face(record, photo.embedding)
        lines.append(f"{given.face.name} shows the person of the record (distance {apart:.2f})")
    if given.voice:
        apart = check_voice(record, consent_voice.verify_voice(given.voice).embedding)
        lines.append(f"{given.voice.name} is the voice of the record (distance {apart:.2f})")
    return _reply(record, lines)


def _trust(given: argparse.Namespace) -> Reply:
    from masquerade.provenance.consent.records import load
    from masquerade.provenance.consent.trust import trust_signer

    record = load(given.record)
    trusted = trust_signer(record.signer, given.name)
    line = f"records signed by {record.signer} ({given.name}) count here from now on"
    return Reply((line,), {"signer": record.signer, "name": trusted.name})


def _revoke(given: argparse.Namespace) -> Reply:
    from masquerade.provenance.consent.records import load
    from masquerade.provenance.consent.revocation import (
        RECORD_ID,
        export_revocation,
        import_revocation,
        read_revocation,
        revoke,
    )

    path = Path(given.record)
    told = read_revocation(path) if path.is_file() else None
    if told is not None:
        done = import_revocation(told)
    else:
        record_id = load(path).id if path.exists() else given.record
        if not RECORD_ID.fullmatch(record_id):
            raise UsageError(
                f"{record_id!r} is neither a file nor the id of a consent record",
                "a record's file, or its id: mqc- and 16 letters or digits",
                "nothing was revoked; `masquerade consent show FILE` says a record's id",
            )
        done = revoke(record_id, given.why, unknown=given.unknown or path.exists())
    lines = done.lines()
    if given.export:
        export_revocation(done.record_id, given.export)
        lines.append(f"written for other machines: {given.export}")
    return Reply(
        tuple(lines),
        {
            "revoked": done.record_id,
            "time": done.time,
            "outputs_sha256": [one.sha256 for one in done.outputs],
            "outputs": [
                {"name": one.name, "time": one.time, "row": one.id} for one in done.outputs
            ],
            "models": [{"name": one.name, "time": one.time, "id": one.id} for one in done.models],
        },
    )


def _export(given: argparse.Namespace) -> Reply:
    from masquerade.media.endings import check_folder
    from masquerade.provenance.consent.pdf import blank_form, export_pdf
    from masquerade.provenance.consent.records import load

    check_folder(given.out)
    if given.record is None:
        blank_form(given.out, paper=given.paper, font=given.font)
        return Reply((f"a blank form: {given.out}",), {"out": str(given.out)})
    record = load(given.record)
    export_pdf(record, given.out, paper=given.paper, font=given.font)
    line = f"consent {record.id} on one page to sign: {given.out}"
    return Reply((line,), {"out": str(given.out), "record": record.id})


def _reply(record: ConsentRecord, after: Sequence[str] = ()) -> Reply:
    from masquerade.provenance.consent.words import lines

    data = record.model_dump(mode="json", exclude={"faces", "voices"})
    data["voices"] = [one.model_dump(mode="json", exclude={*_NUMBERS}) for one in record.voices]
    return Reply((*lines(record), *after), {"record": data, "notes": list(after)})
