"""`masquerade edit --grid`: one picture of a photo with every effect, or every strength of some."""

from __future__ import annotations

import argparse

from masquerade.cli.gallery import written
from masquerade.cli.reply import Reply
from masquerade.errors import UsageError


def run(given: argparse.Namespace) -> Reply:
    """Draw, seal and save the sheet."""
    if len(given.inputs) > 1 or given.people or given.settings:
        raise UsageError("a grid of more than one photo", "one photo", "leave the rest out")
    named = tuple(said.partition("=")[0] for said in getattr(given, "effect", ()))
    return written(given, given.inputs[0], "effects", named)
