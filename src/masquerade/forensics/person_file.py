"""An enrolled person as a file: features of face and movement, no picture and no sound.

The file is safetensors and ends in ``.person``. It tells who somebody is, so that only its owner
may read it, and whose consent it rests on is signed with it
(`masquerade.provenance.consent.model_consent`). Nothing in a file is trusted: every tensor must be
there with the kind and shape it has to have, and no other.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from masquerade.errors import InputError, LimitError, ModelError
from masquerade.forensics.person import BLOCK, Occasion, Person
from masquerade.hashing import file_sha256
from masquerade.models.tensor_file import read_tensors, write_private_tensors

ENDING: Final = ".person"
MOST_BYTES: Final = 32_000_000
MOST_OCCASIONS: Final = 200
_MOST_ABOUT: Final = 100_000
_IDENTITY: Final = 128
_LARGEST: Final = 1e9

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class About(BaseModel):
    """What a file says of itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["masquerade person 1"] = "masquerade person 1"
    name: Name
    made_by: Annotated[str, StringConstraints(max_length=100)]
    consent: Annotated[str, StringConstraints(pattern=r"^mqc-[0-9a-f]{16}$")]
    """Id of the record it was enrolled under."""
    inputs: tuple[Sha256, ...] = Field(min_length=1, max_length=2000)
    """SHA-256 of each file it was enrolled from."""


def write_person(path: Path, about: About, occasions: tuple[Occasion, ...]) -> None:
    """Writes what was enrolled to a new file; whose consent it rests on is added by others.

    Args:
        path: Where to.
        about: What it says of itself.
        occasions: What is kept of each.

    Raises:
        OSError: It cannot be written.
    """
    tensors: dict[str, NDArray[Any]] = {
        "about": np.frombuffer(about.model_dump_json().encode(), np.uint8)
    }
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
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise LimitError(
                f"{path.name} is {size / 1e6:.0f} MB", f"at most {MOST_BYTES / 1e6:.0f} MB"
            )
        sha256 = file_sha256(path)
        tensors = read_tensors(path, sha256=sha256)[0]
        about = _about(tensors)
        person = Person(about.name, about.consent, sha256, _occasions(tensors))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    except ModelError as error:
        raise _unusable(path, error.found) from error
    except ValidationError as error:
        raise _unusable(path, "what it says of itself cannot be read") from error
    except ValueError as error:
        raise _unusable(path, str(error)) from error
    return person, about


def _about(tensors: Mapping[str, NDArray[Any]]) -> About:
    stored = tensors.get("about")
    if stored is None or stored.dtype != np.uint8 or stored.ndim != 1 or len(stored) > _MOST_ABOUT:
        raise ValueError("it does not say what it is")
    return About.model_validate_json(bytes(stored))


def _occasions(tensors: Mapping[str, NDArray[Any]]) -> tuple[Occasion, ...]:
    count = (len(tensors) - 1) // 2
    names = [f"{number}.{what}" for number in range(count) for what in ("embeddings", "blocks")]
    if not 0 < count <= MOST_OCCASIONS or set(tensors) != {"about", *names}:
        raise ValueError("parts are missing, or are none of it")
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
        raise ValueError("a part is not of the kind it has to be")
    if len(values) < least or not np.isfinite(values).all():
        raise ValueError("a part is empty, or holds what is no number")
    if float(np.abs(values).max(initial=0.0)) > _LARGEST:
        raise ValueError("a part holds numbers that no face gives")
    return np.asarray(values)


def _unusable(path: Path, why: str) -> InputError:
    return InputError(
        f"{path.name} holds no enrolled person that can be used: {why}",
        "the file as `masquerade person enrol` wrote it",
        "take it from a backup, or enrol the person anew",
    )
