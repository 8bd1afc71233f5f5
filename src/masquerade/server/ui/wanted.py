"""The file that a page's address asks for: one of this browser's, or what a job made."""

from __future__ import annotations

from collections.abc import Mapping

from masquerade.errors import InputError
from masquerade.server.studio import Studio
from masquerade.server.ui.asking import outs
from masquerade.server.ui.shelf import Kept, Shelf


def wanted(studio: Studio, shelf: Shelf, asked: Mapping[str, str]) -> Kept | None:
    """The file; a copy where another browser asked for what was made. None where none is named.

    Args:
        studio: Where jobs are.
        shelf: Of this browser.
        asked: What stands behind the address: ``file``, an id, or ``made``, the name of a job.

    Raises:
        InputError: It is not there, or not any more.
        UsageError: There is no such job.
        OutputError: It cannot be copied.
    """
    if asked.get("made"):
        made = outs(studio.queue.show(asked["made"], owner=""))
        if not made:
            raise InputError("what that job made is not there any more", "a file", "make it again")
        try:
            return shelf.find(made[0].parent.name)
        except InputError:  # another browser's
            return shelf.copy(made[0])
    return shelf.find(asked["file"]) if asked.get("file") else None
