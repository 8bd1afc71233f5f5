"""Files that tell of one person, built of their media: appearance, voice, who was enrolled.

Each is safetensors with a description, which is a tensor too, so that the digest that is signed
with the consent covers all of it. Nothing in such a file is trusted: what is odd about it is told
in one way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from masquerade.errors import InputError, LimitError, ModelError

MOST_INPUTS: Final = 2000
ABOUT: Final = "about"
"""Name of the tensor that holds the description."""

Tensors: TypeAlias = Mapping[str, NDArray[Any]]
Sha256: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Described(BaseModel):
    """What such a file says of itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: str
    made_by: Annotated[str, StringConstraints(max_length=100)]
    consent: Annotated[str, StringConstraints(pattern=r"^mqc-[0-9a-f]{16}$")]
    """Id of the record it was built under."""
    inputs: tuple[Sha256, ...] = Field(min_length=1, max_length=MOST_INPUTS)
    """SHA-256 of each file it was built from."""

    def tensor(self) -> NDArray[np.uint8]:
        """(n,) uint8, as it lies in the file."""
        return np.frombuffer(self.model_dump_json().encode(), np.uint8)


class UnfitError(Exception):
    """What a file holds is not as it has to be; says what."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How errors speak of a kind of file.

    Attributes:
        none: What it is not, such as "is no voice that can be used".
        command: Which one writes it.
        again: What to do where there is no backup.
    """

    none: str
    command: str
    again: str

    @contextmanager
    def reading(self, path: Path, most_bytes: int) -> Iterator[int]:
        """The size of a file in bytes, while it is read; what goes wrong is told in its words.

        Args:
            path: The file.
            most_bytes: How large one can be.

        Raises:
            InputError: It cannot be read, or is not as it has to be; LimitError where it is larger
                than any can be.
        """
        try:
            size = path.stat().st_size
            if size > most_bytes:
                raise LimitError(
                    f"{path.name} is {size / 1e6:.0f} MB", f"at most {most_bytes / 1e6:.0f} MB"
                )
            yield size
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error.strerror}") from error
        except ModelError as error:
            raise self._unusable(path, error.found) from error
        except ValidationError as error:
            raise self._unusable(path, "what it says of itself cannot be read") from error
        except UnfitError as error:
            raise self._unusable(path, str(error)) from error

    def _unusable(self, path: Path, why: str) -> InputError:
        return InputError(
            f"{path.name} {self.none}: {why}",
            f"the file as `{self.command}` wrote it",
            f"take it from a backup, or {self.again}",
        )


def check_names(tensors: Tensors, wanted: set[str]) -> None:
    """Passes when all tensors are there that have to be, and no other.

    Raises:
        UnfitError: One is missing, or one too many.
    """
    if set(tensors) != wanted:
        odd = sorted(set(tensors) ^ wanted)[0]
        raise UnfitError(f"the tensor {odd[:40]!r} is {'extra' if odd in tensors else 'missing'}")
