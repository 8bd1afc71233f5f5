"""The process that does one job: it tells how far it is, and ends when nobody listens any more."""

from __future__ import annotations

import json
import os
import re
import signal
import threading
import time
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final, NoReturn

from masquerade.errors import MasqueradeError, is_short_of_memory
from masquerade.jobs import faults
from masquerade.jobs.asked import Work
from masquerade.jobs.work import do
from masquerade.provenance.canonical import Json

_EVERY_S: Final = 0.1  # at most so often a stage's progress is told
_ORPHANED: Final = 3
_MOST_WORDS: Final = 300


class _Teller:
    """Sends what a pipeline says, progress not more often than anybody reads it."""

    def __init__(self, to: Connection, hidden: str) -> None:
        self._to, self._said = to, ("", 0.0)
        self._told: set[str] = set()
        self._hidden = (
            re.compile(re.escape(json.dumps(hidden)[1:-1]) + r"/(?:uploads|jobs)/[^/\s]+/")
            if hidden
            else None
        )

    def progress(self, stage: str, done: int, total: int | None) -> None:
        now = time.monotonic()
        before, then = self._said
        if stage == before and now - then < _EVERY_S and done != total:
            return
        self._said = stage, now
        self.send({"progress": [stage, done, total or None]})

    def tell(self, line: str) -> None:
        if line not in self._told:  # what was told before the work stands in its account again
            self._told |= {line, f"note: {line}"}
            self.send({"line": line})

    def send(self, told: dict[str, Json]) -> None:
        """Sends; where files of others lie is left out."""
        text = json.dumps(told, default=str)
        if self._hidden:
            text = self._hidden.sub("", text)
        self._to.send_bytes(text.encode())


def work_on(
    to: Connection,
    held: Connection,
    kind: str,
    spec: str,
    folder: str,
    hidden: str,
    again: bool,
    cluster: str = "",
    attempt: int = 1,
) -> None:
    """Does one job in a process of its own, and tells how it ended.

    Args:
        to: What is told goes there.
        held: Is closed when the worker ends, however it ends.
        kind: Of the work.
        spec: What is asked for, as JSON, with paths in it.
        folder: Where it works.
        hidden: A folder whose path is told to nobody; empty: none.
        again: Whether it was begun before, in a folder of its own.
        cluster: Where pieces of it are done; empty: here.
        attempt: Which attempt at it this is, from 1 on.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    threading.Thread(target=_end_with, args=(held,), daemon=True).start()
    teller = _Teller(to, hidden)
    try:
        os.chdir(folder)
        from masquerade.pipelines.memory import share_pools

        share_pools()
        teller.progress("getting ready", 0, None)
        work = Work(teller.progress, teller.tell, again, cluster, attempt)
        teller.send({"end": "done", "result": do(kind, json.loads(spec), work)})
    except KeyboardInterrupt:
        teller.send({"end": "stopped"})
    except MasqueradeError as error:
        teller.send({"end": "failed", "problem": problem_of(error)})
    except Exception as error:  # the edge of the process: every error becomes a problem here
        faults.note(kind, error)
        teller.send({"end": "failed", "problem": _unforeseen(error)})


def problem_of(error: MasqueradeError) -> dict[str, Json]:
    """An error in the words of `masquerade.jobs.types.Problem`."""
    return {
        "kind": type(error).__name__,
        "found": error.found,
        "expected": error.expected,
        "todo": error.todo,
        "exit_code": error.exit_code,
    }


def _unforeseen(error: Exception) -> dict[str, Json]:
    name = type(error).__name__
    if is_short_of_memory(error):
        return _told(name, "there is not enough memory", "free some, or take a smaller file")
    if isinstance(error, OSError) and error.strerror:
        where = f" ({Path(str(error.filename)).name})" if error.filename else ""
        return _told(name, f"{error.strerror}{where}", "see to it, then do the job again")
    words = " ".join(str(error).split())[:_MOST_WORDS]
    todo = f"do it again; if it stays, send us {faults.FILE} from the installation's folder"
    return _told(name, f"a fault of ours: {name}: {words}", todo)


def _told(kind: str, found: str, todo: str) -> dict[str, Json]:
    return {"kind": kind, "found": found, "expected": "", "todo": todo, "exit_code": 1}


def _end_with(held: Connection) -> NoReturn:
    """Ends this process with its worker: another one is going to do the job."""
    with suppress(EOFError, OSError):
        held.recv_bytes()
    os._exit(_ORPHANED)
