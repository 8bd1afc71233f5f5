"""A voice as a file: built once from recordings, spoken with from then on.

The file is safetensors and ends in ``.mvoice``. It holds the voice and a description: the version
that built it, the consent record it was built under, and the SHA-256 of each recording. The
description is a tensor too, so that the digest that is signed with the consent
(`masquerade.provenance.consent.model_voice`) covers all of it. Nothing in a file is trusted: every
tensor must be there with the kind and shape it has to have, and no other.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from masquerade.models.of_person import ABOUT, Described, Kind, Tensors, UnfitError, check_names
from masquerade.models.speaker import SIZE as IDENTITY
from masquerade.models.speech_content import SIZE
from masquerade.models.tensor_file import read_tensors, write_private_tensors
from masquerade.speech.finish import BANDS, Finish
from masquerade.speech.voice import Manner, Voice
from masquerade.speech.voice_build import LEAST_S, MOST_S
from masquerade.speech.world import ORDER

ENDING: Final = ".mvoice"
MOST_BYTES: Final = 100_000_000
_UNITS: Final = (int(LEAST_S * 100) - 100, int(MOST_S * 100) + 3000)
_LARGEST: Final = 1e4  # no number of a voice is larger

_KIND: Final = Kind(
    none="is no voice that can be used",
    command="masquerade voice build",
    again="build it anew",
)


class About(Described):
    """What a file says of itself."""

    format: Literal["masquerade voice 1"] = "masquerade voice 1"


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
        ABOUT: about.tensor(),
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
    with _KIND.reading(path, MOST_BYTES) as size:
        tensors = read_tensors(path, sha256=sha256)[0]
        check_names(tensors, {*_TABLE, ABOUT})
        problem = _problem(tensors)
        if problem:
            raise UnfitError(problem)
        about = About.model_validate_json(bytes(tensors[ABOUT]))
    return VoiceFile(about, _voice(tensors), size)


def _problem(tensors: Tensors) -> str:
    """What is wrong with the tensors, in words; empty where nothing is."""
    if tensors[ABOUT].dtype != np.uint8 or tensors[ABOUT].ndim != 1:
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
