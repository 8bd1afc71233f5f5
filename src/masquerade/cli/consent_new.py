"""`masquerade consent new`: a record from flags, and from questions for what they do not say.

Everything is asked and measured first; the record is signed and written in one go at the end, so
that an answer that cannot be, or Ctrl-C, leaves nothing behind.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from masquerade.cli.asking import Asker
from masquerade.cli.consent_voice import dropped, read_voices
from masquerade.cli.progress import Progress
from masquerade.errors import InputError, UsageError

if TYPE_CHECKING:
    from masquerade.faces.readers import FaceReader
    from masquerade.provenance.consent.records import (
        ConsentRecord,
        DeclaredProof,
        Estate,
        Guardian,
        Kind,
    )
    from masquerade.types import Modality, SourcePicture

_OnBehalf = TypeVar("_OnBehalf", "Estate", "Guardian")

_DEFAULT_DAYS: Final = 365
_LENT: Final = {
    "face": "how the person looks",
    "voice": "how the person sounds",
    "face and voice": "both",
}
_KINDS: Final = {
    "subject": "a living person whose face or voice is used",
    "persona": "somebody who does not exist",
    "performer": "the person in the footage that will be changed",
    "estate": "somebody who has died",
}
_OF_AGE: Final = {
    "subject": "Is the person of age",
    "persona": "Does the persona look of age",
    "performer": "Is the person of age",
    "estate": "Was the person of age",
}


def configure(new: argparse.ArgumentParser) -> None:
    """Add the flags."""
    new.add_argument("-o", "--out", type=Path, required=True, help="the record's file")
    new.add_argument("--kind", choices=list(_KINDS), help="whose face or voice it is")
    new.add_argument("--name", help="name or pseudonym of the person")
    new.add_argument("--grantee", help="who may use the face or voice")
    new.add_argument("--purpose", action="append", default=[], help="what for; repeatable")
    new.add_argument("--face", type=Path, action="append", default=[], help="photo; repeatable")
    new.add_argument(
        "--voice",
        type=Path,
        action="append",
        default=[],
        help="the statement of `masquerade consent statement`, read aloud; for an estate any"
        " recordings, repeatable",
    )
    new.add_argument(
        "--body",
        action="store_true",
        help="the whole body may be used too; who it is, is told by the face",
    )
    new.add_argument("--until", type=_last_day, help="last day, as 2027-06-30")
    new.add_argument("--method", action="append", default=[], help="only with it; repeatable")
    new.add_argument("--territory", default="worldwide", help="where it may be used")
    new.add_argument("--adult", action="store_true", help="you attest that the person is of age")
    _configure_others(new)


def _configure_others(new: argparse.ArgumentParser) -> None:
    """Flags for those who cannot consent themselves."""
    minor = new.add_argument_group("a minor (instead of --adult)")
    minor.add_argument(
        "--guardian", action="append", default=[], help="minor: who consents; repeatable"
    )
    minor.add_argument(
        "--relation",
        action="append",
        default=[],
        help="minor: what each guardian is to them, such as mother",
    )
    minor.add_argument(
        "--statement",
        action="append",
        default=[],
        help="minor: what each guardian says, in their words",
    )
    minor.add_argument(
        "--signed-on", action="append", default=[], help="minor: when each signed, as 2026-11-22"
    )
    minor.add_argument("--of-age-on", help="minor: day from which they decide, as 2031-05-04")
    estate = new.add_argument_group("an estate")
    estate.add_argument("--representative", help="estate: who acts for it")
    estate.add_argument(
        "--authority", choices=["will", "court", "heir", "contract"], help="estate: by what right"
    )
    estate.add_argument("--evidence", help="estate: the document that shows it")
    estate.add_argument("--died-on", help="estate: day of death, as 2019-03-01")
    persona = new.add_argument_group("a persona")
    persona.add_argument("--proof", type=Path, help="file that shows how the face was made")
    persona.add_argument("--declared-by", help="who declares that no such person exists")


def make(given: argparse.Namespace) -> ConsentRecord:
    """The record, signed and written.

    Raises:
        UsageError: Something is missing, or does not go together.
        InputError: A photo cannot be used.
        OutputError: The record cannot be written.
    """
    from masquerade.media.endings import check_folder
    from masquerade.provenance.consent.records import Kind, new_record, save_record

    check_folder(given.out)
    if given.out.exists():
        raise UsageError(f"{given.out} exists", "a new file", "choose another name")
    asked = Asker(given)
    kind = Kind(asked.one_of("kind", "Whose face or voice is it?", _KINDS))
    lent = _lent(asked, given, kind)
    name = asked.text("name", "Name or pseudonym of the person?")
    grantee = asked.text("grantee", f"Who may use the {lent}?")
    purposes = asked.several("purpose", "What for (comma between several)?")
    proof = _proof(asked) if kind is Kind.PERSONA else None
    estate = _estate(asked) if kind is Kind.ESTATE else None
    guardians, of_age_on = _guardians(asked, given, kind, name, grantee, lent)
    until = given.until or _until(asked, of_age_on)
    photos = _photos(asked, given) if "face" in lent else ()
    voices = read_voices(asked, given, kind, name, grantee, purposes) if "voice" in lent else ()
    record = new_record(
        kind=kind,
        subject=name,
        grantee=grantee,
        purposes=purposes,
        embeddings=[photo.embedding for photo in photos],
        voices=voices,
        valid_until=until,
        adult_attested=not guardians,
        modality=_covered(given, face=bool(photos), voice=bool(voices)),
        methods=given.method or ("any",),
        territory=given.territory,
        reference_sha256=[photo.input.sha256 for photo in photos],
        proof=proof if photos else None,
        estate=estate,
        guardians=guardians,
        of_age_on=of_age_on,
    )
    save_record(record, given.out)
    return record


def _covered(given: argparse.Namespace, *, face: bool, voice: bool) -> tuple[Modality, ...]:
    """What the record covers.

    Raises:
        UsageError: The body is named, and there is no face to tell the person by.
    """
    if given.body and not face:
        raise UsageError(
            "--body without a face", "photos: a body is told by its face", "add --face PHOTO"
        )
    named: dict[Modality, bool] = {"face": face, "voice": voice, "body": given.body}
    return tuple(name for name, is_covered in named.items() if is_covered)


def _lent(asked: Asker, given: argparse.Namespace, kind: Kind) -> str:
    """What may be used: the face, the voice, or both; as asked where no file was given.

    Raises:
        UsageError: A recording is given for a persona, who is nobody and has none.
    """
    if kind.value == "persona":
        if not given.voice:
            return "face"
        raise UsageError(
            "a recording for the voice of a persona",
            "no recording: whoever speaks in one is somebody, and the voice is theirs",
            "personas with voices come with the package: `masquerade personas list`",
        )
    if given.voice:
        return "face and voice" if given.face else "voice"
    if given.face or not asked.talks:
        return "face"
    return asked.choice("What may be used?", _LENT)


def _photos(asked: Asker, given: argparse.Namespace) -> tuple[SourcePicture, ...]:
    """The photos; where somebody answers, others are asked for until they can be used."""
    from masquerade.faces.readers import FaceReader

    with Progress(quiet=getattr(given, "json", False)) as progress:
        reader = FaceReader.open(progress=progress)
    while True:
        words = asked.several("face", "Photo of the person (comma between several)?")
        paths = [dropped(word) for word in words] if not given.face else given.face
        try:
            return read_photos(paths, reader)
        except (InputError, UsageError) as error:
            if given.face or not asked.talks:
                raise
            asked.say("; ".join(part for part in (error.found, error.todo) if part))


def _until(asked: Asker, of_age_on: date | None) -> datetime:
    """The end of a record whose last day was not given: as answered, or after a year."""
    usual = _usual_end(of_age_on)
    if not asked.talks:
        return usual
    from masquerade.provenance.consent.record import MAX_YEARS

    today = datetime.now(UTC).date()
    latest = (of_age_on or today + timedelta(days=365 * MAX_YEARS)) - timedelta(days=1)
    day = asked.day("until", "Last day", usual.date())
    while not today <= day <= max(latest, usual.date()):
        asked.say(f"{day}: a day from {today} to {latest}")
        day = asked.day("until", "Last day", usual.date())
    return usual if day == usual.date() else _last_day(str(day))


def read_photos(paths: Sequence[Path], reader: FaceReader) -> tuple[SourcePicture, ...]:
    """The photos, one face in each and all of one person: a record is of nobody else.

    Raises:
        UsageError: One is a folder.
        InputError: One cannot be used.
    """
    from masquerade.pipelines.cast import read_sources

    for path in paths:
        if path.is_dir():
            raise UsageError(f"{path} is a folder", "a photo", "name the photo itself")
    return read_sources(paths, reader)


def _proof(asked: Asker) -> DeclaredProof:
    from masquerade.provenance.consent.records import DeclaredProof, proof_sha256

    proof = Path(asked.text("proof", "File that shows how the person was made?"))
    by = asked.text("declared_by", "Who declares that no such person exists?")
    return DeclaredProof(declared_by=by, proof_sha256=proof_sha256(proof))


def _estate(asked: Asker) -> Estate:
    from masquerade.provenance.consent.on_behalf import AUTHORITIES, Estate

    rights = {str(word): meaning for word, meaning in AUTHORITIES.items()}
    words = {
        "representative": asked.text("representative", "Who acts for the estate?"),
        "authority": asked.one_of("authority", "By what right?", rights),
        "evidence": asked.text("evidence", "Which document shows it?"),
        "died_on": asked.day("died_on", "When did the person die"),
    }
    return _valid(Estate, words)


def _guardians(
    asked: Asker, given: argparse.Namespace, kind: Kind, subject: str, grantee: str, lent: str
) -> tuple[tuple[Guardian, ...], date | None]:
    """Who consents for a minor, and when the minor is of age; nobody for an adult."""
    flags = (given.guardian, given.relation, given.statement, given.signed_on, given.of_age_on)
    if given.adult and any(flags):
        raise UsageError("both --adult and a guardian are given", "one of them")
    if not any(flags):
        if given.adult or asked.yes(f"{_OF_AGE[kind.value]}, and do you attest it (yes/no)?"):
            return (), None
        if kind.value == "persona" or not asked.yes("Is a guardian here who consents (yes/no)?"):
            raise UsageError(
                "nobody attests that the person is of age, and no guardian consents",
                "--adult, if it is true; for a minor --guardian, --relation and --of-age-on",
            )
    names = asked.several("guardian", "Name of the guardian (comma between several)?")
    relations = asked.several("relation", "What they are to the minor (mother, ..., one each)?")
    of_age_on = asked.day("of_age_on", "From which day on is the minor of age")
    if len(relations) != len(names) or max(len(given.statement), len(given.signed_on)) > len(names):
        raise UsageError(
            f"{len(names)} guardian(s), {len(relations)} relation(s),"
            f" {len(given.statement)} statement(s), {len(given.signed_on)} day(s)",
            "one relation for each guardian, and at most one statement and day",
        )
    pairs = zip(names, relations, strict=True)
    return tuple(
        _guardian(asked, given, number, name, relation, (subject, grantee, lent))
        for number, (name, relation) in enumerate(pairs)
    ), of_age_on


def _guardian(
    asked: Asker,
    given: argparse.Namespace,
    number: int,
    name: str,
    relation: str,
    terms: tuple[str, str, str],
) -> Guardian:
    from masquerade.provenance.consent.on_behalf import Guardian, guardian_statement

    subject, grantee, lent = terms
    usual = guardian_statement(name, relation, subject, grantee, what=lent)
    said = given.statement[number : number + 1]
    signed = given.signed_on[number : number + 1]
    words = {
        "name": name,
        "relation": relation,
        "statement": said[0] if said else asked.more(f"{name} says ({usual!r} if empty)?", usual),
        "stated_on": signed[0] if signed else datetime.now(UTC).date(),
    }
    return _valid(Guardian, words)


def _valid(kind: type[_OnBehalf], words: dict[str, object]) -> _OnBehalf:
    from pydantic import ValidationError

    try:
        return kind.model_validate(words)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])).replace("_", " ")
        raise UsageError(f"{where} {first['msg'].removeprefix('Value error, ')}".strip()) from error


def _usual_end(of_age_on: date | None) -> datetime:
    """A year from now, or the day a minor is of age where that is earlier."""
    year = datetime.now(UTC) + timedelta(days=_DEFAULT_DAYS)
    return min(year, datetime.combine(of_age_on, time(), UTC)) if of_age_on else year


def _last_day(text: str) -> datetime:
    """The end of that day: a record holds through its last one."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC) + timedelta(days=1)
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"{text!r} is no day such as 2027-06-30") from None
