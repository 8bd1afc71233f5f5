"""An enrolled person as a file: features of face and movement, no picture and no sound.

The file is safetensors and ends in ``.person``. It tells who somebody is, so that only its owner
may read it, and whose consent it rests on is signed with it
(`masquerade.provenance.consent.model_consent`). Nothing in a file is trusted: every tensor must be
there with the kind and shape it has to have, and no other.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import StringConstraints

from masquerade.forensics.person import BLOCK, Occasion, Person
from masquerade.hashing import file_sha256
from masquerade.models.of_person import ABOUT, Described, Kind, Tensors, UnfitError
from masquerade.models.tensor_file import read_tensors, write_private_tensors

ENDING: Final = ".person"
MOST_BYTES: Final = 32_000_000
MOST_OCCASIONS: Final = 200
_MOST_ABOUT: Final = 100_000
_IDENTITY: Final = 128
_LARGEST: Final = 1e9
_KIND: Final = Kind(
    none="holds no enrolled person that can be used",
    command="masquerade person enrol",
    again="enrol the person anew",
)

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class About(Described):
    """What a file says of itself."""

    format: Literal["masquerade person 1"] = "masquerade person 1"
    name: Name


def write_person(path: Path, about: About, occasions: tuple[Occasion, ...]) -> None:
    """Writes what was enrolled to a new file; whose consent it rests on is added by others.

    Args:
        path: Where to.
        about: What it says of itself.
        occasions: What is kept of each.

    Raises:
        OSError: It cannot be written.
    """
    tensors: dict[str, NDArray[Any]] = {ABOUT: about.tensor()}
    for number, one in enumerate(occasions):
        tensors[f"{number}.embeddings"] = np.asarray(one.embeddings, np.float32)
        tensors[f"{number}.blocks"] = np.asarray(one.blocks, np.float32)
    write_private_tensors(path, tensors)


def read_person(path: Path) -> tuple[Person, About]:
    """Who is enrolled in a file, and what it says of itself.

    Raises:
        InputError: It holds nobody, is damaged or was tampered with; LimitError where it is larger
            than any can be.
    """
    with _KIND.reading(path, MOST_BYTES):
        sha256 = file_sha256(path)
        tensors = read_tensors(path, sha256=sha256)[0]
        about = _about(tensors)
        person = Person(about.name, about.consent, sha256, _occasions(tensors))
    return person, about


def _about(tensors: Tensors) -> About:
    stored = tensors.get(ABOUT)
    if stored is None or stored.dtype != np.uint8 or stored.ndim != 1 or len(stored) > _MOST_ABOUT:
        raise UnfitError("it does not say what it is")
    return About.model_validate_json(bytes(stored))


def _occasions(tensors: Tensors) -> tuple[Occasion, ...]:
    count = (len(tensors) - 1) // 2
    names = [f"{number}.{what}" for number in range(count) for what in ("embeddings", "blocks")]
    if not 0 < count <= MOST_OCCASIONS or set(tensors) != {ABOUT, *names}:
        raise UnfitError("parts are missing, or are none of it")
    return tuple(
        Occasion(
            _table(tensors[f"{number}.embeddings"], _IDENTITY, least=1),
            _table(tensors[f"{number}.blocks"], BLOCK, least=0).astype(np.float64),
        )
        for number in range(count)
    )


def _table(values: NDArray[Any], wide: int, *, least: int) -> NDArray[np.float32]:
    """(n, wide) float32, every number of it finite and of a likely size."""
    if values.dtype != np.float32 or values.ndim != 2 or values.shape[1] != wide:
        raise UnfitError("a part is not of the kind it has to be")
    if len(values) < least or not np.isfinite(values).all():
        raise UnfitError("a part is empty, or holds what is no number")
    if float(np.abs(values).max(initial=0.0)) > _LARGEST:
        raise UnfitError("a part holds numbers that no face gives")
    return np.asarray(values)
