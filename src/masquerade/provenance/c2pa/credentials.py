"""What the C2PA manifest of any file says, and how far it can be relied on.

A manifest counts as this installation's own only when its certificate is one that this installation
signs with. Nothing is fetched from elsewhere: neither manifests nor lists of revoked certificates.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import c2pa

from masquerade.errors import InputError
from masquerade.media.limits import DEFAULT_LIMITS
from masquerade.media.png_notes import has_more_notes
from masquerade.provenance.c2pa.anchors import Anchors, anchors
from masquerade.provenance.c2pa.formats import can_embed, mime_of_content, sidecar_of
from masquerade.provenance.c2pa.library import context, is_missing
from masquerade.provenance.c2pa.manifest import SEAL_LABEL
from masquerade.provenance.c2pa.walk import (
    HERE,
    Ingredient,
    Problem,
    Report,
    ai_models,
    assertions,
    did,
    generator,
    ingredients,
    machine_uses,
    problems,
    serial,
    signed_at,
    signed_by,
    source_types,
)
from masquerade.provenance.canonical import canonical_bytes
from masquerade.provenance.consent.trust import known_roots

State = Literal["intact", "broken", "unreadable", "none"]
Signer = Literal["ours", "known", "unknown", "invalid", "none"]
Time = Literal["attested", "unknown authority", "none"]

_SIDECAR_BYTES: Final = 64_000_000
_JPEG_BYTES: Final = 1 << 27  # the library holds three times a JPEG in memory; 128 MB take seconds
# How the boxes of a C2PA manifest begin (C2PA 2.1, 11.1.4), and the box of MP4 that holds them.
_TRACES: Final = (b"jumdc2", bytes.fromhex("d8fec3d61b0e483c92975828877ec481"))
_CHUNK: Final = 1 << 23


class _UnfitSidecarError(Exception):
    """The manifest beside a file cannot be read."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the manifest of a file says.

    Attributes:
        state: Whether it can be relied on as what its signer signed.
        note: Why there is none, or why it cannot be read.
        signer: How well the signer is known here.
        signed_by: The name in the certificate.
        signed_at: The timestamp; empty when nobody attested one.
        time: Whether the authority that attested it is known here.
        generator: The program that says it made the manifest.
        did: What the signer says was done, in words.
        source_types: Terms of IPTC or C2PA for what kind of material the signer says it is.
        ai_models: AI models that the signer discloses.
        machine_uses: What the signer allows machines to do with the file.
        ingredients: Files that went in, with theirs.
        problems: What is broken, here and below.
        seal: Content of our own assertion as canonical JSON; empty when it has none.
        beside: Whether the manifest lies in a file of its own.
    """

    state: State
    note: str = ""
    signer: Signer = "none"
    signed_by: str = ""
    signed_at: str = ""
    time: Time = "none"
    generator: str = ""
    did: tuple[str, ...] = ()
    source_types: tuple[str, ...] = ()
    ai_models: tuple[str, ...] = ()
    machine_uses: tuple[str, ...] = ()
    ingredients: tuple[Ingredient, ...] = ()
    problems: tuple[Problem, ...] = ()
    seal: str = ""
    beside: bool = False


def read_credentials(path: Path, *, home: Path | None = None) -> Credentials:
    """What the manifest of a file says, walked to the ground.

    Args:
        path: Any file.
        home: The installation's folder, for roots that are its own or known to it.

    Raises:
        InputError: The file cannot be read.
        ProvenanceError: Certificates of this installation cannot be read.
    """
    ours, known = anchors(home), known_roots(home)
    try:
        if mime_of_content(path) == "image/jpeg" and path.stat().st_size > _JPEG_BYTES:
            return Credentials("unreadable", f"no JPEG above {_JPEG_BYTES >> 20} MB is searched")
        if has_more_notes(path, DEFAULT_LIMITS.max_notes):
            why = f"no PNG of more than {DEFAULT_LIMITS.max_notes} notes is searched"
            return Credentials("unreadable", why)
        beside = _sidecar(path)
        everyone = "\n".join((ours.own, ours.used, ours.time, known))
        report, embedded = _read(path, everyone, beside)
        signer = _signer(path, report, beside, ours, known)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror})") from error
    except _UnfitSidecarError as error:
        return _unfit(path) if can_embed(path) else _broken(str(error))
    except (c2pa.C2paError, ValueError, RecursionError) as error:
        return _unread(path, error)
    found = _understood(path, report, signer, beside=not embedded)
    if found.beside and can_embed(path) and found.signer == "invalid":
        # The manifest of out.mkv may well lie beside an out.jpg, which would hold its own.
        return _unfit(path)
    return found


def _unfit(path: Path) -> Credentials:
    return Credentials("none", f"the file has no manifest; {sidecar_of(path).name} does not fit it")


def _sidecar(path: Path) -> bytes | None:
    beside = sidecar_of(path)
    if beside == path or not beside.is_file() or _is_sidecar_too_large(path):
        return None
    return beside.read_bytes()


def _is_sidecar_too_large(path: Path) -> bool:
    beside = sidecar_of(path)
    return beside.is_file() and beside.stat().st_size > _SIDECAR_BYTES


def _read(path: Path, trusted: str, beside: bytes | None) -> tuple[Report, bool]:
    """The library's report, and whether the manifest is inside the file; that one counts first."""
    with path.open("rb") as file, context(trusted) as trust:
        mime = mime_of_content(path)
        try:
            with c2pa.Reader(mime, file, context=trust) as reader:
                return Report.of(json.loads(reader.json())), True
        except c2pa.C2paError as error:
            if beside is None or not is_missing(error):
                raise
        file.seek(0)
        try:
            with c2pa.Reader(mime, file, beside, trust) as reader:
                return Report.of(json.loads(reader.json())), False
        except c2pa.C2paError as error:
            raise _UnfitSidecarError(_words(error)) from error


def _signer(path: Path, report: Report, beside: bytes | None, ours: Anchors, known: str) -> Signer:
    """How well the signer is known; a root that only attests times vouches for nobody."""
    if not _is_trusted(report):
        return "unknown"
    if ours.own and _is_trusted(_read(path, ours.own, beside)[0]):
        return "ours"
    is_one_of_ours = serial(report.active) in ours.serials
    if is_one_of_ours and _is_trusted(_read(path, ours.used, beside)[0]):
        return "ours"
    if known and _is_trusted(_read(path, known, beside)[0]):
        return "known"
    return "unknown"


def _is_trusted(report: Report) -> bool:
    return report.has("signingCredential.trusted")


def _unread(path: Path, error: Exception) -> Credentials:
    text = _words(error)
    if isinstance(error, c2pa.C2paError) and is_missing(error):
        if not can_embed(path) and _is_sidecar_too_large(path):
            large = f"{sidecar_of(path).name} beside it is above {_SIDECAR_BYTES // 10**6} MB"
            return Credentials("unreadable", f"{large} and was not read")
        return Credentials("none", _why_none(path))
    if "remote manifest" in text:
        return Credentials("unreadable", "its manifest lies on a server and is not fetched")
    if "prerelease" in text:
        return Credentials(
            "unreadable", "its manifest has a form from before the standard's first version"
        )
    if not _has_trace(path):
        return Credentials(
            "unreadable",
            f"no manifest was found, and the file is damaged or of another kind: {text}",
        )
    return _broken(text)


def _broken(text: str) -> Credentials:
    problem = Problem(HERE, "unreadable", f"its manifest cannot be read: {text}")
    return Credentials("broken", signer="invalid", problems=(problem,))


def _words(error: Exception) -> str:
    """What the library says, without the name of its error."""
    return str(error).partition(": ")[2].strip() or str(error).strip()


def _has_trace(path: Path) -> bool:
    """Whether a box of a manifest lies anywhere in a file that cannot be made sense of."""
    tail = b""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            data = tail + chunk
            if any(trace in data for trace in _TRACES):
                return True
            tail = data[-16:]
    return False


def _why_none(path: Path) -> str:
    """A manifest that was taken out often leaves a pointer in the XMP metadata."""
    with path.open("rb") as file:
        start = file.read(1 << 20)
    if b"dcterms:provenance" in start:
        return "the file has no manifest, but its metadata speak of one: it was taken out"
    return "the file has no manifest"


def _understood(path: Path, report: Report, signer: Signer, *, beside: bool) -> Credentials:
    found, active = problems(report), report.active
    here = {problem.code for problem in found if problem.where == HERE}
    note = ""
    if here == {"assertion.bmffHash.mismatch"} and _is_start_of_stream(path):
        note = "only the start of a stream; its manifest covers pieces that are not here"
        found, here = tuple(one for one in found if one.where != HERE), set()
    return Credentials(
        state="broken" if found else "unreadable" if note else "intact",
        note=note,
        signer="invalid" if here else signer,
        signed_by=signed_by(active),
        signed_at=signed_at(active),
        time=_time(report),
        generator=generator(active),
        did=did(active),
        source_types=source_types(active),
        ai_models=ai_models(active),
        machine_uses=machine_uses(active),
        ingredients=ingredients(report),
        problems=found,
        seal=_seal(active),
        beside=beside,
    )


def _time(report: Report) -> Time:
    if not signed_at(report.active):
        return "none"
    return "attested" if report.has("timeStamp.trusted") else "unknown authority"


def _seal(manifest: Any) -> str:
    found = next(assertions(manifest, SEAL_LABEL), None)
    return canonical_bytes(dict(found)).decode() if found else ""


def _is_start_of_stream(path: Path) -> bool:
    """Whether a file is an MP4 initialisation segment: fragments announced, no media inside."""
    with path.open("rb") as file:
        data = file.read(1 << 20)
    whole = len(data) == path.stat().st_size
    return whole and b"mvex" in data and b"moof" not in data and b"mdat" not in data
