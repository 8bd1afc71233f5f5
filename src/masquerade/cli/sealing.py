"""What commands that seal a file have in common: a call with how it is saved, and its answer."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from masquerade.cli.progress import Progress
from masquerade.cli.reply import Reply

if TYPE_CHECKING:
    from masquerade.media.encoding import Encoding
    from masquerade.pipelines.saving import Saving


class Account(Protocol):
    """What came of a request."""

    def lines(self, took_s: float) -> list[str]:
        """In plain words."""
        ...

    def as_json(self) -> dict[str, object]:
        """For programs."""
        ...


def sealed_reply(
    given: argparse.Namespace, encoding: Encoding, make: Callable[[Saving, Progress], Account]
) -> Reply:
    """Make, seal and save; say what was done, what was not, and why.

    Args:
        given: The command's arguments, with ``label``, ``label_language`` and ``overwrite``.
        encoding: How the result is encoded.
        make: The recipe, told how the result is saved and who listens.
    """
    from masquerade.pipelines.memory import share_pools
    from masquerade.pipelines.saving import Saving
    from masquerade.provenance.label import Label

    share_pools()
    began = time.monotonic()
    saving = Saving(encoding, Label(given.label, given.label_language), given.overwrite)
    with Progress(quiet=getattr(given, "json", False)) as progress:
        made = make(saving, progress)
    took_s = time.monotonic() - began
    return Reply(
        tuple(progress.untold(made.lines(took_s))), {**made.as_json(), "seconds": round(took_s, 2)}
    )
