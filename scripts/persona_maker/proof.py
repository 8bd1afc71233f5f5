"""Why a persona is nobody: measured distances and the full recipe, written beside its picture."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade import __version__
from masquerade.errors import FaceError
from masquerade.faces.detect import find_faces
from masquerade.faces.embed import SAME_PERSON, embed
from masquerade.faces.readers import FaceReader
from masquerade.models.card import card
from masquerade.provenance.canonical import Json, canonical_bytes, sha256_hex
from masquerade.provenance.consent.records import MadeProof, new_record
from masquerade.provenance.keys import new_key
from masquerade.types import Embedding
from scripts.persona_maker.donors import Donor
from scripts.persona_maker.keys import write_keys
from scripts.persona_maker.picture import Made
from scripts.persona_maker.recipes import PersonaRecipe

FARTHEST_SAME = SAME_PERSON
MAKER_VERSION = 1
LARGEST_BYTES = 120_000
YEARS = 9.9  # a record may last ten


@dataclass(frozen=True, slots=True)
class Measured:
    """A persona's finished file and the face found in it."""

    name: str
    jpeg: bytes
    embedding: Embedding


def measure(recipe: PersonaRecipe, made: Made, reader: FaceReader) -> Measured:
    """The picture as a JPEG file of at most 120 kB, and the identity of the face in that file.

    Raises:
        FaceError: The finished picture does not show exactly one face.
    """
    for quality in range(92, 60, -2):
        jpeg = cv2.imencode(".jpg", made.pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        if len(jpeg) <= LARGEST_BYTES:
            break
    decoded = np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)
    stored = np.ascontiguousarray(decoded[..., ::-1])
    faces = find_faces(stored, reader, smallest_px=100, tilts=(0.0,))
    if len(faces) != 1:
        raise FaceError(f"the picture of {recipe.name} shows {len(faces)} faces", "one")
    return Measured(recipe.name, jpeg.tobytes(), embed(stored, faces[0], reader))


def too_near(nearest_real: float, nearest_persona: float) -> bool:
    """Whether a face may be taken for a real one, or for another persona."""
    return min(nearest_real, nearest_persona) <= FARTHEST_SAME


def write_all(
    root: Path,
    made: Sequence[tuple[PersonaRecipe, Made, Mapping[str, Donor]]],
    measured: Sequence[Measured],
    real: NDArray[np.float32],
) -> None:
    """Writes pictures, proofs and consent records into the package, and the key's public part.

    Args:
        root: The repository.
        made: Recipe, picture and donors of each persona.
        measured: Its file and face, in the same order.
        real: (n, 128) the real faces it was compared with.
    """
    key = new_key()
    package = root / "src" / "masquerade"
    for (recipe, picture, donors), file in zip(made, measured, strict=True):
        folder = package / "personas" / recipe.name
        folder.mkdir(parents=True, exist_ok=True)
        proof = proof_of(recipe, picture, donors, file, measured, real)
        record = new_record(
            kind="persona",
            subject=f"{recipe.name} (a person who does not exist)",
            grantee="anyone",
            purposes=("any",),
            embeddings=(file.embedding,),
            valid_until=datetime.now(UTC) + timedelta(days=365.25 * YEARS),
            adult_attested=True,
            reference_sha256=(sha256_hex(file.jpeg),),
            proof=MadeProof(
                recipe_sha256=proof["recipe_sha256"],
                nearest_distance=proof["nearest_real_face"],
                compared_faces=len(real),
            ),
            key=key,
        )
        (folder / "picture.jpg").write_bytes(file.jpeg)
        text = json.dumps(proof, indent=1, ensure_ascii=False)
        (folder / "proof.json").write_text(text + "\n", encoding="utf-8")
        (folder / "persona.consent").write_text(record.text(), encoding="utf-8")
    write_keys(package)


def proof_of(
    recipe: PersonaRecipe,
    made: Made,
    donors: Mapping[str, Donor],
    file: Measured,
    measured: Sequence[Measured],
    real: NDArray[np.float32],
) -> dict[str, Any]:
    """The proof as it is stored: recipe with donor hashes and weights, and all distances."""
    steps: dict[str, Json] = {
        "maker": f"scripts/make_personas.py {MAKER_VERSION}",
        "settings": recipe.model_dump(mode="json", exclude={"faces", "frame", "body", "detail"}),
        "donors": [
            {
                "sha256": donors[name].sha256,
                "mirrored": name.startswith("-"),
                "weight_in_face": round((name in recipe.faces) / len(recipe.faces), 4),
                "share_of_fine_detail": round(float(share), 4),
                "leads": [part for part in sorted(recipe.detail) if recipe.detail[part] == name],
                "hair": name in recipe.frame,
                "neck_and_clothes": name == recipe.body,
            }
            for name, share in zip(recipe.donors, made.fine_shares, strict=True)
        ],
    }
    apart = {
        other.name: round(float(np.linalg.norm(other.embedding - file.embedding)), 4)
        for other in measured
        if other.name != file.name
    }
    return {
        "name": recipe.name,
        "looks": recipe.looks,
        "made": f"{datetime.now(UTC):%Y-%m-%d}",
        "version": __version__,
        "picture_sha256": sha256_hex(file.jpeg),
        "recipe_sha256": sha256_hex(canonical_bytes(steps)),
        "nearest_real_face": round(float(np.linalg.norm(real - file.embedding, axis=1).min()), 4),
        "compared_real_faces": len(real),
        "nearest_must_exceed": FARTHEST_SAME,
        "identity_network": {"name": "face_identity", "sha256": card("face_identity").sha256},
        "other_personas": apart,
        "recipe": steps,
    }
