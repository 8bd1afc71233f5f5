"""`masquerade edit --grid`, `style --gallery`: one picture of all that a photo can become.

A grid shows every effect, or every strength of those that are named; a gallery every style.
"""

from __future__ import annotations

import argparse
from typing import Final

from masquerade import registry
from masquerade.cli.flags import read_flags
from masquerade.cli.gallery import written
from masquerade.cli.reply import Reply
from masquerade.errors import UsageError

_USUAL: Final = {"person": "auto", "device": "cpu", "cluster": "", "people": None, "settings": None}


def run(given: argparse.Namespace) -> Reply:
    """Draw, seal and save the sheet."""
    if len(given.inputs) > 1:
        raise UsageError("one sheet of more than one photo", "one photo", "leave the rest out")
    if idle := _idle(given):
        raise UsageError(
            f"one sheet to choose from is asked for with {', '.join(idle)}",
            "a photo of one person, and effects if only some are to be shown"
            if given.sheet == "effects"
            else "a photo",
            "leave that out; where several people are seen, cut the photo to the one",
        )
    named = tuple(said.strip().lower() for said in getattr(given, "effect", ()))
    return written(given, given.inputs[0], given.sheet, named if given.sheet == "effects" else ())


def _idle(given: argparse.Namespace) -> list[str]:
    """Flags that are given, and that a sheet would not heed."""
    from masquerade.compose.blend import ComposeOptions
    from masquerade.media.encoding import Encoding

    idle = [name for name, usual in _USUAL.items() if getattr(given, name) != usual]
    method = registry.get("edit" if given.sheet == "effects" else "style")
    for options in (method.Options, ComposeOptions, Encoding):
        idle += sorted(read_flags(given, options).model_fields_set - {"effect"})
    return ["--" + name.replace("_", "-") for name in idle]
