"""What makes two machines give the same bytes: program, versions of what computes, processor.

A library picks its inner loops by what the processor can do, and sums in another order then. So
pieces are only put where software and processor are alike; anywhere else a face could differ from
one piece to the next.
"""

from __future__ import annotations

import hashlib
import importlib.util
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Final

import numpy as np

import masquerade
from masquerade.distributed.program import program
from masquerade.errors import UsageError
from masquerade.provenance.canonical import Json, canonical_bytes

_LIBRARIES: Final = (
    "ai-edge-litert", "av", "ctranslate2", "numpy", "onnxruntime", "opencv-python-headless",
    "pillow", "torch",
)  # fmt: skip
PREFIX: Final = "masquerade-"
_DIGITS: Final = 12


def traits() -> dict[str, Json]:
    """Everything by which two machines are told apart, in words."""
    shown = np.show_config(mode="dicts")
    simd = shown["SIMD Extensions"] if shown else {}
    return {
        "masquerade": masquerade.__version__,
        "program": program(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": " ".join([*simd.get("baseline", ()), *simd.get("found", ())]),
        **{name: _version(name) for name in _LIBRARIES},
    }


def likeness() -> str:
    """A name for the traits: equal exactly where they are.

    Example:
        >>> likeness() == likeness() and likeness().startswith("masquerade-")
        True
    """
    digest = hashlib.sha256(canonical_bytes(traits())).hexdigest()
    return f"{PREFIX}{digest[:_DIGITS]}"


def check_ray() -> None:
    """Passes where the extra ``cluster`` is installed.

    Raises:
        UsageError: It is not.
    """
    if importlib.util.find_spec("ray") is None:
        raise UsageError(
            "Ray is not installed", "the extra `cluster`", "pip install 'masquerade[cluster]'"
        )


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
