"""Masquerade makes, marks and unmasks synthetic media.

The names below are the public ones; each is imported when first used, so that importing the
package costs nothing.

Example:
    >>> import masquerade
    >>> "swap_mesh" in masquerade.methods()
    True
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from masquerade.errors import MasqueradeError
    from masquerade.faces.detect import find_faces
    from masquerade.faces.readers import FaceReader
    from masquerade.media.probe import probe
    from masquerade.media.read import read_frames, read_image
    from masquerade.options import Options
    from masquerade.pipelines.make import make
    from masquerade.provenance.consent.records import load as load_consent
    from masquerade.provenance.seal import save, seal
    from masquerade.provenance.verify import verify
    from masquerade.registry import names as methods
    from masquerade.types import Draft, Frame

__version__ = "0.1.0"

_HOMES: Final = {
    "Draft": "masquerade.types",
    "FaceReader": "masquerade.faces.readers",
    "Frame": "masquerade.types",
    "MasqueradeError": "masquerade.errors",
    "Options": "masquerade.options",
    "find_faces": "masquerade.faces.detect",
    "load_consent": "masquerade.provenance.consent.records:load",
    "make": "masquerade.pipelines.make",
    "methods": "masquerade.registry:names",
    "probe": "masquerade.media.probe",
    "read_frames": "masquerade.media.read",
    "read_image": "masquerade.media.read",
    "save": "masquerade.provenance.seal",
    "seal": "masquerade.provenance.seal",
    "verify": "masquerade.provenance.verify",
}

__all__ = [
    "Draft",
    "FaceReader",
    "Frame",
    "MasqueradeError",
    "Options",
    "find_faces",
    "load_consent",
    "make",
    "methods",
    "probe",
    "read_frames",
    "read_image",
    "save",
    "seal",
    "verify",
]


def __getattr__(name: str) -> object:
    """The public name, imported now."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home, _, own_name = _HOMES[name].partition(":")
    return getattr(importlib.import_module(home), own_name or name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
