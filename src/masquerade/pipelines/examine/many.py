"""Examining every media file of a folder: a report for each, a table, and an index page."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from masquerade.errors import InputError, MasqueradeError, OutputError
from masquerade.faces.readers import FaceReader
from masquerade.forensics.sample import Networks
from masquerade.pipelines.examine.elsewhere import Unread, examined, unforeseen
from masquerade.pipelines.examine.examine import Examination, Tell, examine
from masquerade.pipelines.examine.save import save
from masquerade.pipelines.examine.tables import Done, put_tables, sign_tables
from masquerade.pipelines.executor import Executor
from masquerade.provenance.canonical import unicode_text

ENDINGS: Final = (
    ".jpg", ".jpeg", ".png", ".webp", ".avif", ".tif", ".tiff", ".gif", ".bmp", ".heic", ".mp4",
    ".mov", ".m4v", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".mts", ".wmv", ".flv", ".3gp",
    ".ogv", ".wav", ".mp3", ".m4a", ".aac", ".flac", ".ogg", ".opus", ".aiff", ".wma",
)  # fmt: skip
_WAIT_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Folder:
    """What is examined, and how.

    Attributes:
        source: The folder with media, and all folders in it.
        out: The folder for reports; it may exist, but must not lie within `source`.
        signals: Names of the signals to run; all when empty.
        person: An enrolled person's file, to compare each with.
        home: The installation's folder.
    """

    source: Path
    out: Path
    signals: tuple[str, ...] = ()
    person: Path | None = None
    home: Path | None = None


def examine_folder(
    folder: Folder,
    *,
    reader: Networks | None = None,
    tell: Tell | None = None,
    done: Sequence[Done] = (),
    later: Collection[Path] = (),
    executor: Executor | None = None,
) -> tuple[Done, ...]:
    """Every media file of a folder examined once, with table and index written anew after each.

    Both are signed and entered into the ledger when all files are done.

    Args:
        folder: What, and where reports go.
        reader: The face networks, or what opens them; opened once, when they are needed, if not
            given.
        tell: Told (stage, done, total).
        done: What was done before, and is left alone.
        later: Files that are left for another time.
        executor: Where signals are read; None: here. The reports are the same.

    Raises:
        OutputError: Reports cannot be written, or would lie among what is examined.
        UsageError: There is no such signal.
        ConsentError: The enrolled person's consent does not hold.
        ProvenanceError: This installation's keys, ledger or calibrations cannot be relied on.
        ModelError: Weights that a signal needs cannot be had.
    """
    source, out = folder.source.resolve(), folder.out.resolve()
    if out == source or source in out.parents:
        raise OutputError(f"{folder.out} lies within {folder.source}", "a folder outside of it")
    try:
        folder.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder.out} cannot be made ({error.strerror})") from error
    known = {one.place for one in done}
    found = list(done)
    waiting = [
        path
        for path in media_files(folder.source)
        if path not in later and _place(path, folder) not in known
    ]
    seen = _seen(waiting, folder, reader or cache(FaceReader.open), executor)
    for number, path in enumerate(waiting):
        if tell:
            tell("examining files", number, len(waiting))
        found.append(_reported(path, next(seen), folder))
        put_tables(found, folder.source.name, folder.out)
    sign_tables(found, folder.source.name, folder.out, home=folder.home)
    return tuple(found)


def watch(
    folder: Folder,
    *,
    tell: Tell | None = None,
    rounds: int | None = None,
    wait: Callable[[float], None] = time.sleep,
    executor: Executor | None = None,
) -> tuple[Done, ...]:
    """Examines what is in a folder, and what comes in, until it is stopped.

    A file is taken when it has not changed between two looks, and again when it changed later.

    Args:
        folder: What, and where reports go.
        tell: Told (stage, done, total).
        rounds: So many looks; None: until Ctrl-C.
        wait: Called with seconds between two looks.
        executor: As for `examine_folder`.
    """
    done: tuple[Done, ...] = ()
    before: dict[Path, tuple[int, int]] = {}
    reader = cache(FaceReader.open)
    while rounds is None or rounds > 0:
        rounds = None if rounds is None else rounds - 1
        now = {path: _size_and_time(path) for path in media_files(folder.source)}
        changed = {path for path, seen in now.items() if before.get(path) != seen}
        before = now
        places = {_place(path, folder) for path in changed}
        done = tuple(one for one in done if one.place not in places)
        if {_place(path, folder) for path in now} - places - {one.place for one in done}:
            done = examine_folder(
                folder, reader=reader, tell=tell, done=done, later=changed, executor=executor
            )
        if tell:
            tell("watching", len(done), None)
        if rounds is None or rounds > 0:
            wait(_WAIT_S)
    return done


def media_files(source: Path) -> Iterator[Path]:
    """Files of a folder whose names end like media's, in order; links are not followed.

    Raises:
        InputError: There is no such folder.
    """
    if not source.is_dir():
        raise InputError(f"there is no folder {source}", "a folder with media")
    for path in sorted(source.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(source).parts)
        if (
            path.suffix.lower() in ENDINGS
            and not hidden
            and not path.is_symlink()
            and path.is_file()
        ):
            yield path


def _seen(
    paths: Sequence[Path], folder: Folder, reader: Networks, executor: Executor | None
) -> Iterator[Examination | Unread]:
    """What is found in each file, in their order."""
    signals, person, home = folder.signals, folder.person, folder.home
    if executor is not None:
        yield from examined(paths, executor, signals=signals, person=person, home=home)
        return
    for path in paths:
        try:
            yield examine(path, signals=signals, person=person, reader=reader, home=home)
        except InputError as error:
            yield Unread(error.found)
        except MasqueradeError:
            raise
        except Exception as error:  # a file that defeats the program must not stop the others
            yield Unread(unforeseen(error))


def _reported(path: Path, found: Examination | Unread, folder: Folder) -> Done:
    place = _place(path, folder)
    if isinstance(found, Unread):
        return Done(place, "not examinable", None, "", found.found, "unknown", "", "")
    # The name alone could occur in two folders; the hash alone says nothing to people.
    stem = "".join(one if one.isalnum() or one in "._-" else "_" for one in path.name)[:60]
    report = folder.out / f"{stem}.{found.sha256[:16]}.html"
    outs = (report, report.with_suffix(".json"))
    save(found, outs, overwrite=True, home=folder.home)
    return _done(place, found, report)


def _done(place: str, found: Examination, report: Path) -> Done:
    verdict = found.verdict
    return Done(
        place,
        verdict.finding.value,
        verdict.log10_lr,
        verdict.strength,
        verdict.sentence,
        found.kind,
        found.sha256,
        report.name,
    )


def _place(path: Path, folder: Folder) -> str:
    return unicode_text(path.relative_to(folder.source).as_posix())


def _size_and_time(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return -1, -1
    return found.st_size, found.st_mtime_ns
