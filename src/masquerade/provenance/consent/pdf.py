"""A consent record as one page that a person can read and sign; or a blank form before that.

The page is for people: the program checks the record's file. The two belong together by the id and
the SHA-256 that the page shows, in letters and as a QR code.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from masquerade.errors import OutputError
from masquerade.provenance.canonical import sha256_hex
from masquerade.provenance.consent.paper_page import Page, Paper, pdf_of
from masquerade.provenance.consent.record import ConsentRecord, DeclaredProof, Kind
from masquerade.provenance.consent.typefaces import typefaces
from masquerade.provenance.consent.words import statements
from masquerade.provenance.home import write_private

_TITLE: Final = "Consent to the use of a {}"
_TO_FILL: Final = (
    ("who", "The person (name, address, date of birth):"),
    ("guardian", "If under age, the guardian (name, relation; of age from which day):"),
    ("estate", "If dead, who acts for the estate (name; will, court, heir; date of death):"),
    ("for whom", "Who may use the face, the voice, or both:"),
    ("what for", "Purposes, each by name:"),
    ("how", "Methods (face swap, ...), or any:"),
    ("where", "Media (pictures, animations, videos, sound) and territory:"),
    ("when", "From ... until ... (ten years at most):"),
    ("photos", "Photos and recordings given (number, date taken):"),
)


def export_pdf(
    record: ConsentRecord, out: Path, *, paper: Paper = "a4", font: Path | None = None
) -> None:
    """Writes the record as one page into a new file.

    Args:
        record: What it is about.
        out: The PDF.
        paper: ISO A4, or US Letter.
        font: A TrueType font for letters that Noto Sans does not have.

    Raises:
        UsageError: The extra ``pdf`` is missing, no font has a letter, or one page is too little.
        OutputError: The file exists, or cannot be written.
    """
    digest = sha256_hex(record.text().encode())
    page = Page(
        title=_TITLE.format(record.bound_to) if record.kind is not Kind.PERSONA else "Persona",
        intro="This page says in words what the consent record named below allows. The program"
        " checks the record's file, not this page; keep both.",
        points=tuple(statements(record)),
        revoking=_revoking(record.grantee, record.id),
        signers=_signers(record),
        proof=f"Record {record.id} · SHA-256 of its file: {digest}",
        code=f"{record.id} sha256:{digest}",
    )
    _write(page, out, paper, font)


def blank_form(out: Path, *, paper: Paper = "a4", font: Path | None = None) -> None:
    """Writes an empty form to sign before there is a record.

    Raises:
        UsageError: The extra ``pdf`` is missing.
        OutputError: The file exists, or cannot be written.
    """
    page = Page(
        title=_TITLE.format("face or voice"),
        intro="Fill in and sign before a record is made. Whoever makes the record (masquerade"
        " consent new) copies these words into it and keeps this page.",
        points=_TO_FILL,
        revoking=_revoking("whoever may use it", "RECORD"),
        signers=("the person, the guardian, or who acts for the estate", "who may use the face"),
    )
    _write(page, out, paper, font)


def _revoking(grantee: str, record_id: str) -> str:
    return (
        "It can be taken back at any time, without a reason, by telling"
        f" {grantee}, who then runs: masquerade consent revoke {record_id}. From then on nothing"
        " more can be made, and the program refuses models trained on it. What was made before"
        " cannot be unmade; the program lists it, so that it can be withdrawn."
    )


def _signers(record: ConsentRecord) -> tuple[str, ...]:
    """Who has to sign, in words."""
    first: tuple[str, ...] = (f"{record.subject}, whose {record.bound_to} it is",)
    if record.guardians:
        first = tuple(f"{one.name}, {one.relation} of {record.subject}" for one in record.guardians)
    elif record.estate:
        first = (f"{record.estate.representative}, for the estate of {record.subject}",)
    elif isinstance(record.proof, DeclaredProof):
        first = (f"{record.proof.declared_by}, who declares that no such person exists",)
    elif record.kind is Kind.PERSONA:
        first = ("The maker of the persona",)
    return (*first, f"{record.grantee}, who may use it")


def _write(page: Page, out: Path, paper: Paper, font: Path | None) -> None:
    if out.exists():
        raise OutputError(f"{out} exists", "a new file", "choose another name")
    data = pdf_of(page, typefaces(page.texts, font=font), paper=paper)
    try:
        write_private(out, data)
    except OSError as error:
        raise OutputError(f"{out} cannot be written ({error.strerror})") from error
