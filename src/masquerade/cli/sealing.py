"""What commands that seal a video have in common: a call with how it is saved, and its answer."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from masquerade.cli.progress import Progress
from masquerade.cli.reply import Reply

if TYPE_CHECKING:
    from masquerade.media.encoding import Encoding

R_contra = TypeVar("R_contra", contravariant=True)


class Account(Protocol):
    """What came of a request."""

    def lines(self, took_s: float) -> list[str]:
        """In plain words."""
        ...

    def as_json(self) -> dict[str, object]:
        """For programs."""
        ...


class Makes(Protocol[R_contra]):
    """A recipe: from a file and a request to a sealed file."""

    def __call__(
        self,
        target: Path,
        out: Path,
        request: R_contra,
        /,
        *,
        encoding: Encoding | None,
        label: str,
        label_language: str,
        overwrite: bool,
        progress: Callable[[str, int, int | None], None],
        tell: Callable[[str], None],
    ) -> Account:
        """The account of what was made."""
        ...


R = TypeVar("R")


def sealed_reply(
    given: argparse.Namespace, make: Makes[R], target: Path, request: R, *, encoding: Encoding
) -> Reply:
    """Make, seal and save; say what was done, what was not, and why.

    Args:
        given: The command's arguments, with ``out``, ``label``, ``label_language``, ``overwrite``.
        make: The recipe.
        target: What it begins with.
        request: What is asked for.
        encoding: How the result is encoded.
    """
    from masquerade.pipelines.memory import share_pools

    share_pools()
    began = time.monotonic()
    with Progress(quiet=getattr(given, "json", False)) as progress:
        made = make(
            target,
            given.out,
            request,
            encoding=encoding,
            label=given.label,
            label_language=given.label_language,
            overwrite=given.overwrite,
            progress=progress,
            tell=progress.tell,
        )
    took_s = time.monotonic() - began
    return Reply(tuple(made.lines(took_s)), {**made.as_json(), "seconds": round(took_s, 2)})
