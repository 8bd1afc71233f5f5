"""No face or picture of the block lists.

What the draft names is compared, and what is seen: the gate measures faces itself, so that a draft
that leaves one out gains nothing. A refusal names the notice, and nobody in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

import numpy as np

from masquerade.errors import ModelError, PolicyError
from masquerade.faces.detect import find_faces
from masquerade.faces.embed import embed
from masquerade.faces.readers import FaceReader
from masquerade.hashing import file_sha256
from masquerade.media.opacity import looks_of
from masquerade.provenance.consent.bound_face import is_embedding
from masquerade.provenance.consent.check import Coverage
from masquerade.provenance.fingerprint import Print, apart, fingerprint, forms, pictures_of
from masquerade.provenance.gates.gate import Gate, Request, shown_files
from masquerade.provenance.gates.rules import rule
from masquerade.provenance.gates.takedown import BlockList
from masquerade.types import RGB, Embedding

NAME: Final = "no face or picture of the block lists"


def check(request: Request) -> tuple[Coverage, ...]:
    """Nothing to cover, when nothing that goes in is on a block list.

    Raises:
        PolicyError: Something is, or the list cannot be relied on.
        ProvenanceError: The ledger is broken.
    """
    listed = BlockList.read(request.home)
    for use in request.draft.uses:
        if use.modality != "voice":
            refuse_faces([use.embedding], listed, f"a face of the {use.role}")
    for item, path in shown_files(request.draft):
        where = f"the {item.role} {item.name}"
        if len(listed.pictures):
            refuse_pictures(_forms_of(path, item.sha256), listed, where)
        if len(listed.faces):
            refuse_faces(_faces_of(path, item.sha256), listed, f"a face in {where}")
    return ()


def refuse_seen(pixels: RGB, listed: BlockList, where: str) -> None:
    """Passes when a picture is not listed, and nobody in it is.

    Args:
        pixels: (H, W, 3) uint8 RGB.
        listed: The block list.
        where: What the picture is of, for the message.

    Raises:
        PolicyError: It is, or somebody is, or nobody can tell.
    """
    if len(listed.pictures) and fingerprint(pixels).tells:
        refuse_pictures(forms(pixels), listed, where)
    if len(listed.faces):
        refuse_faces(_faces(pixels), listed, f"a face in {where}")


def refuse_prints(prints: Sequence[Print], listed: BlockList, where: str) -> None:
    """Passes when none of the fingerprints is listed, as it is.

    Raises:
        PolicyError: One is.
    """
    telling = [one.bits for one in prints if one.tells]
    if len(listed.pictures):
        refuse_pictures(telling, listed, where)


def refuse_pictures(bits: Sequence[bytes], listed: BlockList, where: str) -> None:
    """Passes when none of the fingerprints is near a listed one.

    Raises:
        PolicyError: One is.
    """
    limit = rule(NAME).numbers["bits"]
    for one in bits if len(listed.pictures) else ():
        far = apart(one, listed.pictures)
        nearest = int(far.argmin())
        if not far[nearest] > limit:
            raise _refused(
                where,
                listed.picture_ids[nearest],
                f"{far[nearest]} of 256 bits apart",
                f"more than {limit:.0f}",
            )


def refuse_faces(faces: Sequence[Embedding], listed: BlockList, where: str) -> None:
    """Passes when none of the faces is near a listed one.

    Raises:
        PolicyError: One is, or is no face that can be compared.
    """
    limit = rule(NAME).numbers["face_distance"]
    for face in faces if len(listed.faces) else ():
        if not is_embedding(np.asarray(face)):
            raise PolicyError(f"{where} could not be measured", "a face that can be compared")
        far = np.linalg.norm(listed.faces - face, axis=1)
        nearest = int(far.argmin())
        if not far[nearest] > limit:
            raise _refused(
                where,
                listed.face_ids[nearest],
                f"distance {far[nearest]:.2f}",
                f"more than {limit:.2f}",
            )


def _refused(where: str, notice_id: str, found: str, expected: str) -> PolicyError:
    return PolicyError(
        f"{where} is refused by the gate {NAME!r}: notice {notice_id}, {found}",
        expected,
        "other material; if this is a mistake, `masquerade policy` says what to do",
    )


def _faces(pixels: RGB) -> tuple[Embedding, ...]:
    reader = _reader()
    return tuple(embed(pixels, face, reader) for face in find_faces(pixels, reader))


@cache
def _reader() -> FaceReader:
    """Loaded once a process, and only where a face is listed."""
    try:
        return FaceReader.open()
    except ModelError as error:
        raise PolicyError(
            f"blocked faces cannot be looked for: {error.found}",
            error.expected,
            "`masquerade models fetch`; without it nothing is made",
        ) from error


@lru_cache(maxsize=256)
def _forms_of(path: Path, sha256: str) -> tuple[bytes, ...]:
    """All forms of a file's pictures; a file with that hash always has the same."""
    found = [
        form
        for frame in pictures_of(path, 1)
        for look in looks_of(frame)
        if fingerprint(look).tells
        for form in forms(look)
    ]
    _check_unchanged(path, sha256)
    return tuple(found)


@lru_cache(maxsize=256)
def _faces_of(path: Path, sha256: str) -> tuple[Embedding, ...]:
    """The faces in a file's pictures; a file with that hash always has the same."""
    found = [
        face for frame in pictures_of(path, 1) for look in looks_of(frame) for face in _faces(look)
    ]
    _check_unchanged(path, sha256)
    return tuple(found)


def _check_unchanged(path: Path, sha256: str) -> None:
    if file_sha256(path) != sha256:
        raise PolicyError(f"the input {path.name} was changed while it was looked at")


GATE = Gate(NAME, "0.2", check)
