"""The manifest of an output, signed and written into the file, or beside it.

Formats that cannot hold a manifest get it in a ``.c2pa`` file of the same name.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import urlsplit

import c2pa

from masquerade.errors import OutputError, ProvenanceError
from masquerade.provenance.c2pa.certificates import own_roots
from masquerade.provenance.c2pa.formats import (
    UNKNOWN_MIME,
    can_embed,
    is_embedded,
    mime_of,
    sidecar_of,
)
from masquerade.provenance.c2pa.library import context, is_missing
from masquerade.provenance.c2pa.manifest import (
    TARGET,
    Statement,
    ingredients_of,
    input_path,
    manifest_of,
)
from masquerade.provenance.c2pa.signer import signed
from masquerade.provenance.c2pa.signing import Signing, open_signing
from masquerade.provenance.canonical import unicode_text
from masquerade.types import Draft

_ALGORITHMS: Final = {
    "es256": c2pa.C2paSigningAlg.ES256,
    "es384": c2pa.C2paSigningAlg.ES384,
    "es512": c2pa.C2paSigningAlg.ES512,
    "ps256": c2pa.C2paSigningAlg.PS256,
    "ed25519": c2pa.C2paSigningAlg.ED25519,
}
_UNREADABLE: Final = "unreadable"
_CONCEALED: Final = "not carried over"
_LITTLE_SPACE: Final = 1 << 20  # bytes


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
    work = _Work(media, out, statement, title, _history(statement.draft), ready, home)
    if not url:
        return _signed(work, "", "none asked for")
    try:
        return _signed(work, url, f"asked of {_public(url)}, {policy}")
    except _NoTimestampError as error:
        if policy == "required":
            raise ProvenanceError(
                f"the timestamp authority {url} gave no timestamp: {error}",
                "a timestamp in every manifest, as was decided",
                "try again when it can be reached (what is finished is kept), or see `masquerade"
                " certificate timestamp --help`: --policy if-reachable, or --off",
            ) from error
        return _signed(work, "", f"asked of {_public(url)}, which gave none")


def _public(url: str) -> str:
    """The authority's host: what else stands in an address may be its customer's secret."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


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
    content = manifest_of(work.statement, work.title, history=work.history, timestamp=timestamp)
    work.media.seek(0)
    with (
        _faults("the manifest cannot be made", work.out),
        context(own_roots(work.home)) as trust,
        c2pa.Builder(content, trust) as builder,
        _claim_signer(work.signing, ta_url) as signer,
    ):
        _add_ingredients(
            builder, draft, readable=not work.history.startswith((_UNREADABLE, _CONCEALED))
        )
        if not embedded:
            builder.set_no_embed()
        with work.out.open("w+b") as file:
            manifest = builder.sign(signer, mime_of(work.out), work.media, file)
    return None if embedded else bytes(manifest)


def _add_ingredients(builder: c2pa.Builder, draft: Draft, *, readable: bool) -> None:
    for name, item in ingredients_of(draft):
        is_target = name == TARGET
        path = input_path(draft, item)
        ingredient = {
            "title": unicode_text(item.name) if is_target else name,
            "relationship": "parentOf" if is_target else "componentOf",
            "label": name,
        }
        known = readable or not is_target
        with path.open("rb") as file:
            builder.add_ingredient(ingredient, mime_of(path) if known else UNKNOWN_MIME, file)


def _history(draft: Draft) -> str:
    """What the target brings along of its own provenance, in words."""
    target = draft.target
    if draft.conceals:
        return f"{_CONCEALED}, as the people in it are hidden"
    if sidecar_of(target).exists() and not can_embed(target):
        return "in a file beside the target, not carried over"
    try:
        with context("") as plain, c2pa.Reader(target, context=plain):
            return "kept as the parent's manifest"
    except c2pa.C2paError as error:
        return "none" if is_missing(error) else f"{_UNREADABLE}: {error}"


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
