"""A voice as a file: built once from recordings, spoken with from then on.

The file is safetensors and ends in ``.mvoice``. It holds the voice and a description: the version
that built it, the consent record it was built under, and the SHA-256 of each recording. The
description is a tensor too, so that the digest that is signed with the consent
(`masquerade.provenance.consent.model_voice`) covers all of it. Nothing in a file is trusted: every
tensor must be there with the kind and shape it has to have, and no other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from masquerade.errors import InputError, LimitError, ModelError
from masquerade.models.speaker import SIZE as IDENTITY
from masquerade.models.speech_content import SIZE
from masquerade.models.tensor_file import read_tensors, write_private_tensors
from masquerade.speech.finish import BANDS, Finish
from masquerade.speech.voice import Manner, Voice
from masquerade.speech.voice_build import LEAST_S, MOST_S
from masquerade.speech.world import ORDER

ENDING: Final = ".mvoice"
MOST_BYTES: Final = 100_000_000
MOST_RECORDINGS: Final = 2000
_UNITS: Final = (int(LEAST_S * 100) - 100, int(MOST_S * 100) + 3000)
_LARGEST: Final = 1e4  # no number of a voice is larger

Tensors: TypeAlias = Mapping[str, NDArray[Any]]
Sha256: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class About(BaseModel):
    """What a file says of itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["masquerade voice 1"] = "masquerade voice 1"
    made_by: Annotated[str, StringConstraints(max_length=100)]
    consent: Annotated[str, StringConstraints(pattern=r"^mqc-[0-9a-f]{16}$")]
    """Id of the record it was built under."""
    inputs: tuple[Sha256, ...] = Field(min_length=1, max_length=MOST_RECORDINGS)
    """SHA-256 of each recording it was built from."""


@dataclass(frozen=True, slots=True)
class VoiceFile:
    """What a file holds: what it says of itself, the voice, and its size."""

    about: About
    voice: Voice
    size_bytes: int


# Kind and shape of every tensor; n is the number of units.
_TABLE: Final[dict[str, tuple[type, tuple[int | str, ...]]]] = {
    "units": (np.float16, ("n", SIZE)),
    "cepstra": (np.float16, ("n", 2, ORDER)),
    "breath": (np.float16, ("n", 2)),
    "f0": (np.float16, ("n", 2)),
    "unit_mean": (np.float32, (SIZE,)),
    "unit_spread": (np.float32, (SIZE,)),
    "log_f0": (np.float32, (2,)),
    "middle": (np.float32, (ORDER,)),
    "gain": (np.float32, (ORDER,)),
    "finish.wanted": (np.float32, (BANDS, 2)),
    "finish.made": (np.float32, (BANDS, 2)),
    "finish.low": (np.float32, (BANDS,)),
    "embedding": (np.float32, (IDENTITY,)),
}
_ABOUT: Final = "about"


def is_voice_file(path: Path) -> bool:
    """Whether a file is a voice, by its name: what reads it holds it to that."""
    return path.suffix.lower() == ENDING


def write_voice(path: Path, voice: Voice, about: About) -> None:
    """Writes a voice to a new file that only its owner may read.

    The consent it stands under is added by whoever has seen the record.

    Args:
        path: Where to; nothing may be there.
        voice: The voice.
        about: What it says of itself.

    Raises:
        OSError: It cannot be written.
    """
    manner, finish = voice.manner, voice.finish
    tensors: dict[str, NDArray[Any]] = {
        "units": voice.units,
        "cepstra": voice.cepstra,
        "breath": voice.breath,
        "f0": voice.f0,
        "unit_mean": manner.unit_mean,
        "unit_spread": manner.unit_spread,
        "log_f0": np.array(manner.log_f0, np.float32),
        "middle": voice.middle,
        "gain": voice.gain,
        "finish.wanted": finish.wanted,
        "finish.made": finish.made,
        "finish.low": finish.low,
        "embedding": voice.embedding,
        _ABOUT: np.frombuffer(about.model_dump_json().encode(), np.uint8),
    }
    write_private_tensors(path, tensors)


def read_voice(path: Path, *, sha256: str | None = None) -> VoiceFile:
    """The voice in a file.

    Args:
        path: The file.
        sha256: Of the file as it was checked; None where nothing was.

    Raises:
        InputError: It holds none, is damaged or another one; LimitError where it is larger than any
            voice can be.
    """
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise LimitError(
                f"{path.name} is {size / 1e6:.0f} MB", f"at most {MOST_BYTES / 1e6:.0f} MB"
            )
        tensors = read_tensors(path, sha256=sha256)[0]
        problem = _problem(tensors)
        if problem:
            raise _unusable(path, problem)
        about = About.model_validate_json(bytes(tensors[_ABOUT]))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    except ModelError as error:
        raise _unusable(path, error.found) from error
    except ValidationError as error:
        raise _unusable(path, "what it says of itself cannot be read") from error
    return VoiceFile(about, _voice(tensors), size)


def _problem(tensors: Tensors) -> str:
    """What is wrong with the tensors, in words; empty where nothing is."""
    wanted = {*_TABLE, _ABOUT}
    if set(tensors) != wanted:
        odd = sorted(set(tensors) ^ wanted)[0]
        return f"the tensor {odd[:40]!r} is {'extra' if odd in tensors else 'missing'}"
    if tensors[_ABOUT].dtype != np.uint8 or tensors[_ABOUT].ndim != 1:
        return "what it says of itself cannot be read"
    count = len(tensors["units"]) if tensors["units"].ndim else 0
    if not _UNITS[0] <= count <= _UNITS[1]:
        return f"it knows {count / 100:.0f} s of speech"
    for name, (kind, shape) in _TABLE.items():
        values = tensors[name]
        if values.dtype != kind or values.shape != tuple(
            count if size == "n" else size for size in shape
        ):
            return f"the tensor {name!r} is {values.dtype} {values.shape}"
        if not np.abs(values.astype(np.float32)).max() < _LARGEST:
            return f"the tensor {name!r} holds what is no number, or one too large"
    if min(tensors["unit_spread"].min(), tensors["log_f0"][1], tensors["f0"].min()) < 0:
        return "its figures are those of no voice"
    return "" if tensors["embedding"].any() else "it is nobody's voice"


def _voice(tensors: Tensors) -> Voice:
    middle, spread = map(float, tensors["log_f0"])
    return Voice(
        units=tensors["units"],
        cepstra=tensors["cepstra"],
        breath=tensors["breath"],
        f0=tensors["f0"],
        manner=Manner(
            tensors["unit_mean"], tensors["unit_spread"] + np.float32(1e-9), (middle, spread)
        ),
        middle=tensors["middle"],
        gain=tensors["gain"],
        finish=Finish(tensors["finish.wanted"], tensors["finish.made"], tensors["finish.low"]),
        embedding=tensors["embedding"],
    )


def _unusable(path: Path, why: str) -> InputError:
    return InputError(
        f"{path.name} is no voice that can be used: {why}",
        "the file as `masquerade voice build` wrote it",
        "take it from a backup, or build it anew",
    )
