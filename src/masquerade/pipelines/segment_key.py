"""The name of what a segment holds, by which a stopped job finds what it has finished."""

from __future__ import annotations

import hashlib
import json

from masquerade.types import Recipe


def segment_key(recipe: Recipe, *where: int | tuple[object, ...]) -> str:
    """64 hexadecimal digits (SHA-256), equal exactly where the frames would be equal.

    Args:
        recipe: What the draft is made by, and of.
        *where: Which part of it the segment is, and whatever else decides its
            frames; numbers, and tuples of them.
    """
    made = [
        recipe.method,
        recipe.also,
        recipe.version,
        recipe.options_json,
        recipe.models,
        [(one.role, one.sha256) for one in recipe.inputs],
    ]
    return hashlib.sha256(json.dumps([made, *where]).encode()).hexdigest()
