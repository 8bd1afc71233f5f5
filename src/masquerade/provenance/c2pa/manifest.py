"""The C2PA manifest of an output: what was done to which files, under whose consent, signed.

Follows C2PA 2.2 with ``c2pa.actions.v2``: the target is the parent, with its own history kept; the
source's pictures are components; the edit names its digital source type; `org.masquerade.seal`
holds what is our own: consent, ledger row, label, watermark, gates. File formats that cannot hold a
manifest get it beside them, in a ``.c2pa`` file of the same name.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import c2pa

from masquerade import registry
from masquerade.errors import OutputError, ProvenanceError, UsageError
from masquerade.provenance.c2pa.certificates import own_roots
from masquerade.provenance.c2pa.signer import signed
from masquerade.provenance.c2pa.signing import Signing, open_signing
from masquerade.provenance.canonical import Json, sha256_hex, unicode_text
from masquerade.provenance.keys import fingerprint
from masquerade.provenance.label import Label, Wording
from masquerade.provenance.policy import Passed
from masquerade.provenance.watermark.marking import MarkClaim
from masquerade.types import Draft, InputUse

SEAL_LABEL: Final = "org.masquerade.seal"
_IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
SOURCE_TYPES: Final = {
    "AI GENERATED": f"{_IPTC}trainedAlgorithmicMedia",
    "AI MODIFIED": f"{_IPTC}compositeWithTrainedAlgorithmicMedia",
}
_EMBEDDED = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".apng": "image/png",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".avif": "image/avif",
    ".heic": "image/heic",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".mov": "video/quicktime",
    ".avi": "video/x-msvideo",
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
}
_BESIDE = {
    ".mkv": "video/x-matroska",
    ".webm": "video/webm",
    ".ogg": "application/ogg",
    ".ogv": "video/ogg",
    ".opus": "audio/ogg",
}
_UNKNOWN_MIME = "application/octet-stream"
# A consent covers the purpose that it names, and learning from the result is no part of that.
# Inference stays allowed: whoever doubts a file must be free to run a detector over it.
MACHINE_USES: Final = {
    "cawg.ai_generative_training": "notAllowed",
    "cawg.ai_inference": "allowed",
    "cawg.ai_training": "notAllowed",
    "cawg.data_mining": "notAllowed",
}
_ALGORITHMS = {
    "es256": c2pa.C2paSigningAlg.ES256,
    "es384": c2pa.C2paSigningAlg.ES384,
    "es512": c2pa.C2paSigningAlg.ES512,
    "ps256": c2pa.C2paSigningAlg.PS256,
    "ed25519": c2pa.C2paSigningAlg.ED25519,
}
_TARGET = "target"
_UNREADABLE = "unreadable"
_LITTLE_SPACE = 1 << 20
_SETTINGS = {
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
    "builder": {
        "created_assertion_labels": ["c2pa.actions"],
        # A thumbnail of a source's photo would be a copy of that person's picture.
        "thumbnail": {"enabled": False},
    },
}


@dataclass(frozen=True, slots=True)
class Statement:
    """What a manifest is to say.

    Attributes:
        draft: What was made.
        passed: The gates it came through, and the consent that covers it.
        purpose: What it is for.
        label: The visible label's preset, language and wording.
        ledger_id: The row that holds the output's hash.
        watermark: The id of the invisible mark.
    """

    draft: Draft
    passed: Passed
    purpose: str
    label: Label
    ledger_id: str
    watermark: MarkClaim


def wording_of(draft: Draft) -> Wording:
    """What the label says: a target that was changed, or a picture that is new as a whole."""
    roles = {item.role for item in draft.recipe.inputs}
    return "AI MODIFIED" if "target" in roles else "AI GENERATED"


def mime_of(path: Path) -> str:
    """The media type of a file by its ending."""
    ending = path.suffix.lower()
    return _EMBEDDED.get(ending) or _BESIDE.get(ending, _UNKNOWN_MIME)


def sidecar_of(path: Path) -> Path:
    """Where a manifest lies that its file cannot hold, as other C2PA tools look for it."""
    return path.with_suffix(".c2pa")


def can_embed(path: Path) -> bool:
    """Whether files of this ending can hold a manifest."""
    return path.suffix.lower() in _EMBEDDED


def is_embedded(out: Path) -> bool:
    """Whether a file of this ending holds its manifest itself, or has it beside.

    Raises:
        UsageError: Files of this ending cannot be sealed at all.
    """
    ending = out.suffix.lower()
    if ending in _EMBEDDED or ending in _BESIDE:
        return can_embed(out)
    raise UsageError(
        f"a file ending in {ending or 'nothing'!r} cannot be sealed",
        "one of " + " ".join(sorted({*_EMBEDDED, *_BESIDE})),
        "choose another ending",
    )


def context(anchors: str) -> c2pa.Context:
    """Settings of the C2PA library: these roots are trusted, nothing is fetched."""
    trust = {"trust": {"user_anchors": anchors}} if anchors.strip() else {}
    return c2pa.Context.from_dict({**_SETTINGS, **trust})


def sign(
    media: BinaryIO,
    out: Path,
    statement: Statement,
    *,
    title: str,
    signing: Signing | None = None,
    home: Path | None = None,
) -> bytes | None:
    """The manifest to be kept beside `out`; None where `out` holds it itself.

    Args:
        media: The finished media, open for reading; it stays as it is.
        out: Where the signed file goes, with the ending of its kind.
        statement: What the manifest says.
        title: What the manifest calls the file.
        signing: What signs; opened here if not given.
        home: The installation's folder.

    Raises:
        ProvenanceError: The manifest cannot be made or signed, or has no timestamp and needs one.
        OutputError: The signed file cannot be written.
    """
    is_embedded(out)
    ready = signing or open_signing(home)
    url, policy = ready.decision.ta_url, ready.decision.ta_policy
    work = _Work(media, out, statement, title, _history(statement.draft.target), ready, home)
    if not url:
        return _signed(work, "", "none asked for")
    try:
        return _signed(work, url, f"asked of {url}, {policy}")
    except _NoTimestampError as error:
        if policy == "required":
            raise ProvenanceError(
                f"the timestamp authority {url} gave no timestamp: {error}",
                "a timestamp in every manifest, as was decided",
                "try again when it can be reached (what is finished is kept), or see `masquerade"
                " certificate timestamp --help`: --policy if-reachable, or --off",
            ) from error
        return _signed(work, "", f"asked of {url}, which gave none")


@dataclass(frozen=True, slots=True)
class _Work:
    media: BinaryIO
    out: Path
    statement: Statement
    title: str
    history: str
    signing: Signing
    home: Path | None


class _NoTimestampError(Exception):
    """The claim was signed, but nobody attested when."""


def _signed(work: _Work, ta_url: str, timestamp: str) -> bytes | None:
    embedded, draft = is_embedded(work.out), work.statement.draft
    content = _manifest(work.statement, work.title, work.history, timestamp)
    work.media.seek(0)
    with (
        _faults("the manifest cannot be made", work.out),
        context(own_roots(work.home)) as trust,
        c2pa.Builder(content, trust) as builder,
        _claim_signer(work.signing, ta_url) as signer,
    ):
        _add_ingredients(builder, draft, readable=not work.history.startswith(_UNREADABLE))
        if not embedded:
            builder.set_no_embed()
        with work.out.open("w+b") as file:
            manifest = builder.sign(signer, mime_of(work.out), work.media, file)
    return None if embedded else bytes(manifest)


def seal_assertion(statement: Statement, history: str, timestamp: str) -> dict[str, Json]:
    """Our own assertion: what no standard one holds. It names no person and no source file."""
    recipe = statement.draft.recipe
    consents: dict[str, Json] = {
        one.record.id: {
            "id": one.record.id,
            "kind": one.record.kind.value,
            "standing": one.record.standing,
            "signed_by": fingerprint(one.record.signer),
        }
        for one in statement.passed.coverage
    }
    return {
        "version": 1,
        "ledger": statement.ledger_id,
        "method": recipe.method,
        "method_of": registry.origin(recipe.method),
        "options_sha256": sha256_hex(recipe.options_json.encode()),
        "models": [{"name": name, "sha256": digest} for name, digest in recipe.models],
        "purpose": statement.purpose,
        "consents": list(consents.values()),
        "label": statement.label.as_json(),
        "watermark": statement.watermark.as_json(),
        "target_history": history,
        "timestamp": timestamp,
        "gates": [{"name": name, "state": state} for name, state in statement.passed.gates],
    }


def _manifest(statement: Statement, title: str, history: str, timestamp: str) -> dict[str, Json]:
    recipe = statement.draft.recipe
    generator: Json = {"name": "Masquerade", "version": recipe.version}
    return {
        "claim_generator_info": [generator],
        "title": unicode_text(title),
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": _actions(statement, generator)}},
            {"label": SEAL_LABEL, "data": seal_assertion(statement, history, timestamp)},
            {
                "label": "c2pa.ai-disclosure",
                "data": {
                    "modelType": "c2pa.types.model",
                    "modelName": f"Masquerade {recipe.method}",
                    "modelIdentifier": f"masquerade:{recipe.method}:{recipe.version}",
                },
            },
            {
                "label": "cawg.training-mining",
                "data": {"entries": {name: {"use": use} for name, use in MACHINE_USES.items()}},
            },
        ],
    }


def _actions(statement: Statement, generator: Json) -> list[Json]:
    source_type = SOURCE_TYPES[statement.label.wording]
    sources = [name for name, item in _ingredients(statement.draft) if item.role != "target"]
    first: Json = {"action": "c2pa.created", "digitalSourceType": source_type}
    if statement.label.wording == "AI MODIFIED":
        first = {"action": "c2pa.opened", "parameters": {"ingredientIds": [_TARGET]}}
    placed: list[Json] = []
    if sources:
        placed = [{"action": "c2pa.placed", "parameters": {"ingredientIds": [*sources]}}]
    return [
        first,
        *placed,
        {
            "action": "c2pa.edited",
            "softwareAgent": generator,
            "digitalSourceType": source_type,
            "description": f"made with {statement.draft.recipe.method}",
        },
        {
            "action": "c2pa.addedText",
            "softwareAgent": generator,
            "description": f"visible label: {statement.label.text}",
        },
        {"action": "c2pa.watermarked.unbound", "softwareAgent": generator},
    ]


def _ingredients(draft: Draft) -> list[tuple[str, InputUse]]:
    """Every input file once, with the name the manifest gives it."""
    seen: dict[str, InputUse] = {}
    for item in draft.recipe.inputs:
        if item.role == "target":
            seen.setdefault(_TARGET, item)
        elif item.sha256 not in {known.sha256 for known in seen.values()}:
            seen[f"{item.role} {len(seen)}"] = item
    return list(seen.items())


def _add_ingredients(builder: c2pa.Builder, draft: Draft, *, readable: bool) -> None:
    for name, item in _ingredients(draft):
        is_target = name == _TARGET
        path = input_path(draft, item)
        ingredient = {
            "title": unicode_text(item.name) if is_target else name,
            "relationship": "parentOf" if is_target else "componentOf",
            "label": name,
        }
        known = readable or not is_target
        with path.open("rb") as file:
            builder.add_ingredient(ingredient, mime_of(path) if known else _UNKNOWN_MIME, file)


def input_path(draft: Draft, item: InputUse) -> Path:
    """Where the file of an input lies.

    Raises:
        ProvenanceError: The recipe does not say.
    """
    path = item.path or (draft.target if item.role == "target" else None)
    if path is None:
        raise ProvenanceError(
            f"the recipe does not say where the input {item.name} lies",
            "a file, to be named as an ingredient",
        )
    return path


def _history(target: Path) -> str:
    """What the target brings along of its own provenance, in words."""
    if sidecar_of(target).exists() and not can_embed(target):
        return "in a file beside the target, not carried over"
    try:
        with context("") as plain, c2pa.Reader(target, context=plain):
            return "kept as the parent's manifest"
    except c2pa.C2paError as error:
        return "none" if is_missing(error) else f"{_UNREADABLE}: {error}"


def is_missing(error: c2pa.C2paError) -> bool:
    """Whether the library found no manifest, or knows no way this kind of file could hold one."""
    kinds = (c2pa.C2paError.ManifestNotFound, c2pa.C2paError.NotSupported)
    return isinstance(error, kinds) or "type is unsupported" in str(error)


@contextmanager
def _claim_signer(signing: Signing, ta_url: str) -> Iterator[c2pa.Signer]:
    """The library's signer; what ours raised inside of it comes out as it was."""
    failed: list[ProvenanceError] = []

    def sign_claim(data: bytes) -> bytes:
        try:
            return signed(signing.signer, data)
        except ProvenanceError as error:
            failed.append(error)
            return b""  # which the library takes for a failure

    kind = _ALGORITHMS[signing.chain.algorithm]
    chain = signing.chain.pem.decode()
    try:
        with c2pa.Signer.from_callback(sign_claim, kind, chain, ta_url or None) as signer:
            yield signer
    except c2pa.C2paError.Signature as error:
        if failed:
            raise failed[0] from error
        if ta_url:
            raise _NoTimestampError(str(error).partition(": ")[2]) from error
        raise


@contextmanager
def _faults(what: str, out: Path) -> Iterator[None]:
    try:
        yield
    except c2pa.C2paError as error:
        if shutil.disk_usage(out.parent).free < _LITTLE_SPACE:
            raise OutputError(f"the disk of {out.parent} is full", "free space") from error
        raise ProvenanceError(
            f"{what}: {error}", "a signed manifest", "nothing was written"
        ) from error
