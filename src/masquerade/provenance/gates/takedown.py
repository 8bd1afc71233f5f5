"""Notices of takedown, and the block list they make: faces and pictures that nothing may use.

A notice has what the TAKE IT DOWN Act (US, 2025, section 3) asks of a valid one: who asks and how
to reach them, what it is about, a statement of good faith, a signature; it is to be acted on within
48 hours. Each lies encrypted in the installation's folder, since it is about people; the ledger
holds its SHA-256. So a notice that is missing, changed or unreadable is noticed, and nothing can be
made until it is back. It blocks until it is withdrawn, which the ledger keeps too.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final, Literal
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray
from pydantic import AwareDatetime, BaseModel, ConfigDict, FiniteFloat, StringConstraints
from pydantic import ValidationError as Invalid

from masquerade.errors import PolicyError, ProvenanceError, UsageError
from masquerade.provenance import ledger
from masquerade.provenance.canonical import Json, canonical_bytes, sha256_hex
from masquerade.provenance.consent.bound_face import DIMENSIONS, is_embedding
from masquerade.provenance.fingerprint import stack
from masquerade.provenance.home import home_dir, private_folder, read_private, write_private
from masquerade.provenance.keys import decrypt, encrypt, rest_key
from masquerade.types import Embedding

CLOCK: Final = timedelta(hours=48)
ADDED: Final = "takedown"
DONE: Final = "takedown-done"
WITHDRAWN: Final = "takedown-withdrawn"
_FOLDER: Final = "takedowns"
_PURPOSE: Final = "takedown notices"

State = Literal["open", "done", "withdrawn"]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]


class Notice(BaseModel):
    """What somebody asks to be taken down and kept from being made again.

    Attributes:
        id: ``mqt-`` and 16 hexadecimal digits.
        who: The person depicted, or who speaks for them.
        on_behalf_of: Whom they speak for; empty when for themselves.
        contact: How to reach them.
        what: What is to be taken down, and where it was seen.
        good_faith: Their statement that it was published without consent.
        signature: Their name, typed as a signature.
        signed_on: The day of the signature.
        received: When the notice came in; the clock runs from here.
        pictures: Fingerprints of the files it names, 64 hexadecimal digits each.
        faces: Embeddings of the photos it gives.
        files_sha256: Of the files it names.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, StringConstraints(pattern=r"^mqt-[0-9a-f]{16}$")]
    who: Words
    on_behalf_of: Annotated[str, StringConstraints(max_length=4000)] = ""
    contact: Words
    what: Words
    good_faith: Words
    signature: Words
    signed_on: date
    received: AwareDatetime
    pictures: tuple[Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")], ...] = ()
    faces: tuple[tuple[FiniteFloat, ...], ...] = ()
    files_sha256: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """The notice in plain words, people's data included."""
        behalf = f", for {self.on_behalf_of}" if self.on_behalf_of else ""
        return [
            f"notice {self.id}: {self.who}{behalf}",
            f"  contact    {self.contact}",
            f"  about      {self.what}",
            f"  statement  {self.good_faith}",
            f"  signed     {self.signature}, {self.signed_on}",
            f"  received   {self.received:%Y-%m-%d %H:%M} UTC",
            f"  blocks     {len(self.faces)} face(s), {len(self.pictures)} picture(s)"
            f" of {len(self.files_sha256)} file(s)",
        ]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a notice stands.

    Attributes:
        notice: The notice; None of one that was withdrawn, whose text is gone.
        state: ``open`` until what it names is taken down, then ``done``; both block.
        added: When it was entered.
    """

    id: str
    notice: Notice | None
    state: State
    added: datetime

    def left(self, now: datetime) -> timedelta | None:
        """What is left of the 48 hours, less than nothing when overdue; None when over."""
        if self.notice is None or self.state != "open":
            return None
        return self.notice.received + CLOCK - now

    def line(self, now: datetime) -> str:
        """The standing in one line, without a person's data."""
        left = self.left(now)
        clock = ""
        if left is not None:
            hours = left.total_seconds() / 3600
            clock = f"{hours:5.1f} h left" if hours >= 0 else f"OVERDUE by {-hours:.1f} h"
        blocks = ""
        if self.notice is not None:
            blocks = f"{len(self.notice.faces)} face(s), {len(self.notice.pictures)} picture(s)"
        return f"{self.id}  {self.state:9}  {clock:18}  {blocks}".rstrip()


@dataclass(frozen=True, slots=True)
class BlockList:
    """Every face and picture that notices in force name.

    Attributes:
        faces: (F, 128) float32 embeddings.
        face_ids: The notice each is of.
        pictures: (P, 32) uint8 fingerprints.
        picture_ids: The notice each is of.
    """

    faces: NDArray[np.float32]
    face_ids: tuple[str, ...]
    pictures: NDArray[np.uint8]
    picture_ids: tuple[str, ...]

    @classmethod
    def read(cls, home: Path | None = None) -> BlockList:
        """The list as it stands, each notice held against the ledger.

        Raises:
            PolicyError: A notice is missing, changed or unreadable.
            ProvenanceError: The ledger is broken.
        """
        notices = [one.notice for one in standings(home) if one.notice is not None]
        faces = [(face, notice.id) for notice in notices for face in notice.faces]
        prints = [(bits, notice.id) for notice in notices for bits in notice.pictures]
        return cls(
            np.array([face for face, _ in faces], np.float32).reshape(-1, DIMENSIONS),
            tuple(which for _, which in faces),
            stack(bytes.fromhex(bits) for bits, _ in prints),
            tuple(which for _, which in prints),
        )


def new_notice(
    *,
    who: str,
    contact: str,
    what: str,
    good_faith: str,
    signature: str,
    signed_on: date,
    on_behalf_of: str = "",
    received: datetime | None = None,
    pictures: Sequence[bytes] = (),
    faces: Sequence[Embedding] = (),
    files_sha256: Sequence[str] = (),
) -> Notice:
    """A notice with all that a valid one has, not entered yet.

    Raises:
        UsageError: Something is missing; the message says what.
    """
    _check_named(pictures, faces)
    now = datetime.now(UTC)
    if signed_on > now.date() + timedelta(days=1) or (received or now) > now:
        raise UsageError("the notice is dated in the future", "the day it was signed and received")
    try:
        return Notice(
            id=f"mqt-{uuid4().hex[:16]}",
            who=who,
            on_behalf_of=on_behalf_of,
            contact=contact,
            what=what,
            good_faith=good_faith,
            signature=signature,
            signed_on=signed_on,
            received=received or now,
            pictures=tuple(dict.fromkeys(one.hex() for one in pictures)),
            faces=tuple(tuple(float(value) for value in face) for face in faces),
            files_sha256=tuple(files_sha256),
        )
    except Invalid as error:
        missing = ", ".join(str(one["loc"][0]) for one in error.errors())
        raise UsageError(
            f"the notice is not valid: {missing}",
            "who asks, contact, what, statement of good faith, signature, day",
        ) from error


def _check_named(pictures: Sequence[bytes], faces: Sequence[Embedding]) -> None:
    """Passes where a notice names something that can be found again."""
    if not pictures and not faces:
        raise UsageError(
            "the notice names no picture and no face", "a file, or photos of the person"
        )
    if not all(is_embedding(face) for face in faces):
        raise UsageError("a face of the notice could not be measured", "clear photos of the person")


def add(notice: Notice, *, home: Path | None = None) -> Standing:
    """The notice, in force from now on.

    Raises:
        ProvenanceError: It cannot be kept.
    """
    data = encrypt(notice.model_dump_json().encode(), rest_key(home, _PURPOSE), notice.id.encode())
    place = _place(notice.id, home)
    try:
        private_folder(place.parent)
        write_private(place, data)
    except OSError as error:
        raise ProvenanceError(f"{place} cannot be written ({error.strerror})") from error
    body: dict[str, Json] = {
        "sha256": sha256_hex(data),
        "faces": len(notice.faces),
        "pictures": len(notice.pictures),
    }
    ledger.append(ADDED, notice.id, canonical_bytes(body).decode(), home=home)
    return Standing(notice.id, notice, "open", datetime.now(UTC))


def finish(notice_id: str, why: str, *, home: Path | None = None) -> None:
    """Stops the clock: what the notice names was taken down. It goes on blocking.

    Raises:
        UsageError: There is no such notice, or nothing says what was done.
        ProvenanceError: The ledger cannot be relied on.
    """
    _end(DONE, notice_id, why, home)


def withdraw(notice_id: str, why: str, *, home: Path | None = None) -> None:
    """Takes a notice back: it blocks no more, and what it said of people is removed.

    A notice whose file is lost can be withdrawn too; the ledger keeps that it was there, and why
    it went.

    Raises:
        UsageError: There is no such notice, or no reason is given.
        ProvenanceError: The ledger cannot be relied on, or the file cannot be removed.
    """
    _end(WITHDRAWN, notice_id, why, home)
    place = _place(notice_id, home)
    try:
        place.unlink(missing_ok=True)
    except OSError as error:
        raise ProvenanceError(f"{place} cannot be removed ({error.strerror})") from error


def standings(home: Path | None = None) -> tuple[Standing, ...]:
    """Every notice ever entered, oldest first.

    Raises:
        PolicyError: One in force is missing, changed or unreadable.
        ProvenanceError: The ledger is broken.
    """
    ledger.check_ledger(home)
    ended = _ended(home)
    _check_all_known(home)
    found = []
    for row in ledger.rows(kind=ADDED, home=home):
        state: State = ended.get(row.subject, "open")
        notice = None if state == "withdrawn" else _read(row, home)
        found.append(Standing(row.subject, notice, state, datetime.fromisoformat(row.time)))
    return tuple(found)


def _check_all_known(home: Path | None) -> None:
    """Passes when the ledger knows every notice of the folder: one that was emptied does not."""
    known = {row.subject for row in ledger.rows(kind=ADDED, home=home)}
    for path in sorted((home_dir(home) / _FOLDER).glob("*.notice")):
        if path.stem not in known:
            raise PolicyError(
                f"the ledger does not know the notice {path.stem} of the block list",
                "every notice in the ledger",
                "restore the folder from a backup; if `masquerade takedown add` was stopped half"
                f" way, remove {path} and add it again",
            )


def _ended(home: Path | None) -> dict[str, State]:
    """The notices that are not open any more; one that was withdrawn stays so."""
    done = {row.subject for row in ledger.rows(kind=DONE, home=home)}
    withdrawn = {row.subject for row in ledger.rows(kind=WITHDRAWN, home=home)}
    return {**dict.fromkeys(done, "done"), **dict.fromkeys(withdrawn, "withdrawn")}


def _read(row: ledger.LedgerRow, home: Path | None) -> Notice:
    place = _place(row.subject, home)
    todo = (
        "restore the folder from a backup; to give the notice up, with a reason on record:"
        f" `masquerade takedown withdraw {row.subject}`"
    )
    try:
        data = read_private(place)
        if sha256_hex(data) != json.loads(row.body)["sha256"]:
            raise ValueError("it was changed")
        text = decrypt(data, rest_key(home, _PURPOSE), row.subject.encode())
        notice = Notice.model_validate_json(text)
    except (OSError, ValueError, KeyError, ProvenanceError) as error:
        why = error.strerror if isinstance(error, OSError) else "it was changed"
        raise PolicyError(
            f"the notice {row.subject} of the block list cannot be read: {why}",
            "every notice that the ledger names",
            todo,
        ) from error
    if any(len(face) != DIMENSIONS for face in notice.faces):
        raise PolicyError(f"the notice {row.subject} holds no faces that can be compared", "", todo)
    return notice


def _end(kind: str, notice_id: str, why: str, home: Path | None) -> None:
    ledger.check_ledger(home)
    if not ledger.rows(kind=ADDED, subject=notice_id, home=home):
        raise UsageError(
            f"there is no notice {notice_id!r}", "the id of one", "see `masquerade takedown list`"
        )
    if not why.strip():
        raise UsageError("no reason is given", "what was done, or why it is withdrawn: --why TEXT")
    state = _ended(home).get(notice_id, "open")
    if state == "withdrawn" or (state == "done" and kind == DONE):
        raise UsageError(f"the notice {notice_id} is {state} already")
    ledger.append(kind, notice_id, canonical_bytes({"why": why.strip()}).decode(), home=home)


def _place(notice_id: str, home: Path | None) -> Path:
    return home_dir(home) / _FOLDER / f"{notice_id}.notice"
