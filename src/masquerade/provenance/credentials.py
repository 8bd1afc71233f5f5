"""What the C2PA manifest of any file says, and how far it can be relied on, read to the ground.

The library's own verdict is about the outermost manifest. A file whose parent had been tampered
with before it was taken in still reads as valid there, so every manifest below is walked too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import c2pa

from masquerade.errors import InputError
from masquerade.provenance.canonical import canonical_bytes
from masquerade.provenance.certificates import own_roots
from masquerade.provenance.manifest import (
    SEAL_LABEL,
    can_embed,
    context,
    is_missing,
    mime_of,
    sidecar_of,
)
from masquerade.provenance.trust import known_roots

State = Literal["intact", "broken", "unreadable", "none"]
Signer = Literal["ours", "known", "unknown", "invalid", "none"]

_HERE: Final = "this file"
# Plain words for the failure codes of C2PA 2.2, section 15.2.2 that people meet.
_WORDS: Final = {
    "assertion.dataHash.mismatch": "the content was changed after it was signed",
    "assertion.bmffHash.mismatch": "the content was changed after it was signed",
    "assertion.boxesHash.mismatch": "the content was changed after it was signed",
    "assertion.hashedURI.mismatch": "a statement in the manifest was changed after it was signed",
    "assertion.missing": "a statement in the manifest is missing",
    "claimSignature.mismatch": "the signature does not fit the manifest",
    "claimSignature.missing": "the signature is missing",
    "ingredient.manifest.mismatch": "the history of an ingredient was changed",
    "signingCredential.expired": "the signer's certificate has expired, and no timestamp shows"
    " that the signature is older",
    "signingCredential.revoked": "the signer's certificate was revoked",
    "signingCredential.invalid": "the signer's certificate may not sign media",
    "algorithm.unsupported": "it is signed with an algorithm that cannot be checked",
    "manifest.inaccessible": "the manifest lies elsewhere and is not fetched",
}
# Failures that say who is not known here, or what was not looked at; nothing is damaged by them.
_HARMLESS: Final = frozenset(
    {
        "signingCredential.untrusted",
        "cawg.x509.credential.untrusted",
        "cawg.ica.credential.untrusted",
        "timeStamp.untrusted",
        "timeStamp.outsideValidity",
        "manifest.inaccessible",
        "ingredient.unknownProvenance",
    }
)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is broken.

    Attributes:
        where: ``this file``, or the ingredient, as a path of titles.
        code: C2PA's status code, or ``unreadable``.
        words: The same in plain words.
    """

    where: str
    code: str
    words: str


@dataclass(frozen=True, slots=True)
class Ingredient:
    """A file that went into another.

    Attributes:
        depth: 1 for an ingredient of the file itself, 2 for one of that, ...
        signed_by: Who signed its own manifest; empty when it had none.
    """

    depth: int
    title: str
    relationship: str
    signed_by: str
    did: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the manifest of a file says.

    Attributes:
        state: Whether it can be relied on as what its signer signed.
        note: Why there is none, or why it cannot be read.
        signer: How well the signer is known here.
        signed_by: The name in the certificate.
        signed_at: The timestamp; empty when nobody attested one.
        generator: The program that says it made the manifest.
        did: What the signer says was done, in words.
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
    generator: str = ""
    did: tuple[str, ...] = ()
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
    """
    own, known = own_roots(home), known_roots(home)
    try:
        beside = _sidecar(path)
        report, embedded = _read(path, own, beside)
        signer: Signer = "ours" if _is_trusted(report) else "unknown"
        if signer == "unknown" and known:
            signer = "known" if _is_trusted(_read(path, known, beside)[0]) else "unknown"
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror})") from error
    except c2pa.C2paError as error:
        return _unread(path, error)
    found = _understood(path, report, signer, beside=not embedded)
    if found.beside and can_embed(path) and found.signer == "invalid":
        # The manifest of out.mkv may well lie beside an out.jpg, which would hold its own.
        return Credentials("none", f"the file has no manifest; {path.stem}.c2pa does not fit it")
    return found


def _sidecar(path: Path) -> bytes | None:
    beside = sidecar_of(path)
    return beside.read_bytes() if beside != path and beside.is_file() else None


def _read(path: Path, anchors: str, beside: bytes | None) -> tuple[dict[str, Any], bool]:
    """The library's report, and whether the manifest is inside the file; that one counts first."""
    with path.open("rb") as file, context(anchors) as trust:
        mime = mime_of(path)
        try:
            with c2pa.Reader(mime, file, context=trust) as reader:
                return json.loads(reader.json()), True
        except c2pa.C2paError as error:
            if beside is None or not is_missing(error):
                raise
        file.seek(0)
        with c2pa.Reader(mime, file, beside, trust) as reader:
            return json.loads(reader.json()), False


def _is_trusted(report: Mapping[str, Any]) -> bool:
    results = _mapping(report.get("validation_results"))
    return "signingCredential.trusted" in _codes(results, "success")


def _unread(path: Path, error: c2pa.C2paError) -> Credentials:
    text = str(error).partition(": ")[2] or str(error)
    if is_missing(error):
        return Credentials("none", _why_none(path))
    if "remote manifest" in text:
        return Credentials("unreadable", "its manifest lies on a server and is not fetched")
    if "prerelease" in text:
        return Credentials(
            "unreadable", "its manifest has a form from before the standard's first version"
        )
    problem = Problem(_HERE, "unreadable", f"its manifest cannot be read: {text}")
    return Credentials("broken", signer="invalid", problems=(problem,))


def _why_none(path: Path) -> str:
    """A manifest that was taken out often leaves a pointer in the XMP metadata."""
    with path.open("rb") as file:
        start = file.read(1 << 20)
    if b"dcterms:provenance" in start:
        return "the file has no manifest, but its metadata speak of one: it was taken out"
    return "the file has no manifest"


def _understood(
    path: Path, report: Mapping[str, Any], signer: Signer, *, beside: bool
) -> Credentials:
    manifests: dict[str, Any] = report.get("manifests", {})
    active = manifests.get(report.get("active_manifest", ""), {})
    problems = tuple(dict.fromkeys(_problems(report, manifests, active)))
    here = {problem.code for problem in problems if problem.where == _HERE}
    note = ""
    if here == {"assertion.bmffHash.mismatch"} and _is_start_of_stream(path):
        note = "only the start of a stream; its manifest covers pieces that are not here"
        problems, here = tuple(one for one in problems if one.where != _HERE), set()
    return Credentials(
        state="broken" if problems else "unreadable" if note else "intact",
        note=note,
        signer="invalid" if here else signer,
        signed_by=_signed_by(active),
        signed_at=str(_mapping(active.get("signature_info")).get("time") or ""),
        generator=_generator(active),
        did=_did(active),
        ingredients=tuple(_ingredients(manifests, active, 1, frozenset())),
        problems=problems,
        seal=_seal(active),
        beside=beside,
    )


def _problems(
    report: Mapping[str, Any], manifests: Mapping[str, Any], active: Mapping[str, Any]
) -> Iterator[Problem]:
    results = _mapping(report.get("validation_results"))
    yield from _failures(_HERE, _codes(results, "failure"))
    for delta in _mappings(results.get("ingredientDeltas")):
        statuses = _mappings(_mapping(delta.get("validationDeltas")).get("failure"))
        yield from _failures("an ingredient", [str(one.get("code")) for one in statuses])
    yield from _below(manifests, active, (), frozenset())


def _below(
    manifests: Mapping[str, Any],
    manifest: Mapping[str, Any],
    above: tuple[str, ...],
    seen: frozenset[str],
) -> Iterator[Problem]:
    """Problems that were recorded when ingredients were taken in, at any depth."""
    for ingredient in _mappings(manifest.get("ingredients")):
        place = (*above, str(ingredient.get("title") or "untitled"))
        old = [str(one.get("code")) for one in _mappings(ingredient.get("validation_status"))]
        found = [*old, *_codes(_mapping(ingredient.get("validation_results")), "failure")]
        yield from _failures("ingredient " + " > ".join(place), found)
        label = str(ingredient.get("active_manifest") or "")
        if label in manifests and label not in seen:
            yield from _below(manifests, manifests[label], place, seen | {label})


def _failures(where: str, codes: Sequence[str]) -> Iterator[Problem]:
    for code in codes:
        if code not in _HARMLESS:
            yield Problem(where, code, _WORDS.get(code, f"a check failed: {code}"))


def _codes(results: Mapping[str, Any], outcome: str) -> list[str]:
    statuses = _mappings(_mapping(results.get("activeManifest")).get(outcome))
    return [str(status.get("code")) for status in statuses]


def _mapping(value: object) -> Mapping[str, Any]:
    """The value where it is an object; foreign manifests may hold anything anywhere."""
    return value if isinstance(value, dict) else {}


def _mappings(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _ingredients(
    manifests: Mapping[str, Any], manifest: Mapping[str, Any], depth: int, seen: frozenset[str]
) -> Iterator[Ingredient]:
    for item in _mappings(manifest.get("ingredients")):
        label = str(item.get("active_manifest") or "")
        below = manifests.get(label, {})
        yield Ingredient(
            depth,
            str(item.get("title") or "untitled"),
            str(item.get("relationship") or ""),
            _signed_by(below) if below else "",
            _did(below),
        )
        if below and label not in seen:
            yield from _ingredients(manifests, below, depth + 1, seen | {label})


def _signed_by(manifest: Mapping[str, Any]) -> str:
    info = _mapping(manifest.get("signature_info"))
    names = [str(info[key]) for key in ("common_name", "issuer") if info.get(key)]
    return " of ".join(names) or "a signer without a name"


def _generator(manifest: Mapping[str, Any]) -> str:
    infos = _mappings(manifest.get("claim_generator_info"))
    if infos:
        return " ".join(str(infos[0][key]) for key in ("name", "version") if infos[0].get(key))
    return str(manifest.get("claim_generator") or "")


def _did(manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """The actions a manifest claims, in words."""
    found = []
    for assertion in _mappings(manifest.get("assertions")):
        if str(assertion.get("label", "")).startswith("c2pa.actions"):
            for action in _mappings(_mapping(assertion.get("data")).get("actions")):
                words = str(action.get("action", "")).removeprefix("c2pa.")
                kind = str(action.get("digitalSourceType") or "").rpartition("/")[2]
                more = [str(action.get("description") or ""), kind]
                about = "; ".join(part for part in more if part)
                found.append(f"{words} ({about})" if about else words)
    return tuple(found)


def _seal(manifest: Mapping[str, Any]) -> str:
    for assertion in _mappings(manifest.get("assertions")):
        if assertion.get("label") == SEAL_LABEL:
            return canonical_bytes(assertion.get("data")).decode()
    return ""


def _is_start_of_stream(path: Path) -> bool:
    """Whether a file is an MP4 initialisation segment: fragments announced, no media inside."""
    with path.open("rb") as file:
        data = file.read(1 << 20)
    whole = len(data) == path.stat().st_size
    return whole and b"mvex" in data and b"moof" not in data and b"mdat" not in data
