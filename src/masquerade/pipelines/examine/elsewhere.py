"""Files examined somewhere else: signals are read there, marks and ledger here.

A place reads a file and says what every signal saw. What needs this installation's keys and ledger,
and the verdict that comes of all of it, is found here, where reports are signed. Somebody who was
enrolled is never compared with elsewhere: their file is held under their consent here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from masquerade.errors import InputError, MasqueradeError, UsageError
from masquerade.faces.readers import FaceReader
from masquerade.hashing import input_sha256
from masquerade.pipelines.examine.examine import UNKNOWN, Examination, observe, with_origin
from masquerade.pipelines.examine.origin import origin
from masquerade.pipelines.executor import Executor
from masquerade.types import Resources

_RESOURCES = Resources(memory_mb=2000, cpus=1.0)  # as benchmarks/examine_speed.py measures at most


@dataclass(frozen=True, slots=True)
class Question:
    """What goes out: where names of files are looked for, and which signals are asked."""

    folder: Path
    signals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unread:
    """What came of a file that cannot be read, in words."""

    found: str


def unforeseen(error: Exception) -> str:
    """What is said of a file that defeated the program, which must not stop the others."""
    return f"The program failed on it ({type(error).__name__}): a fault of ours."


def open_question(asked: Question) -> partial[Examination | Unread]:
    """Networks opened where the work is done, when a file asks for them; gives what reads one.

    Raises:
        InputError: Files are not there under the same names.
    """
    try:
        os.chdir(asked.folder)
    except OSError as error:
        raise InputError(
            f"{asked.folder} cannot be reached where the work is done ({error.strerror})",
            "storage that all machines see under the same names",
            "see docs/scale.md",
        ) from error
    return partial(_seen, asked.signals, cache(FaceReader.open))


def examined(
    paths: Sequence[Path],
    executor: Executor,
    *,
    signals: tuple[str, ...] = (),
    person: Path | None = None,
    home: Path | None = None,
) -> Iterator[Examination | Unread]:
    """What `masquerade.pipelines.examine.examine.examine` says of each file, in their order.

    Args:
        paths: Files that are at the place under the same names.
        executor: Where signals are read.
        signals: Names of those to run; all when empty.
        person: None; see above.
        home: The installation's folder.

    Raises:
        UsageError: Somebody is to be compared with.
    """
    if person is not None:
        raise UsageError(
            "an enrolled person's file stays on this machine",
            "--person or --cluster",
            "leave one of them out",
        )
    asked = Question(Path.cwd(), signals)
    came = executor.each(open_question, asked, list(paths), resources=_RESOURCES)
    for path, seen in zip(paths, came, strict=True):
        yield _whole(path, seen, home)


def _whole(path: Path, seen: Examination | Unread, home: Path | None) -> Examination | Unread:
    """With what is known here; of another file, nothing is taken."""
    if isinstance(seen, Unread):
        return seen
    try:
        here = input_sha256(path, "a picture, a video or a sound")
    except InputError as error:
        return Unread(error.found)
    if not isinstance(seen, Examination) or seen.sha256 != here:
        return Unread("Another machine read another file: it changed meanwhile, or is not shared.")
    return seen if seen.kind == UNKNOWN else with_origin(seen, origin(path, home=home))


def _seen(
    signals: tuple[str, ...], reader: Callable[[], FaceReader], path: Path
) -> Examination | Unread:
    try:
        return observe(path, signals=signals, reader=reader)
    except InputError as error:
        return Unread(error.found)
    except MasqueradeError:
        raise
    except Exception as error:  # a file that defeats the program must not stop the others
        return Unread(unforeseen(error))
