"""Encoders are kept from taking the machine for themselves.

SVT-AV1 gives its threads, and whoever calls it, the real-time priority 99 where the program may do
that, as in containers, which mostly run as root. Nothing else gets a processor then until the
process ends: servers do not answer, browsers stand still.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_TASKS: Final = Path("/proc/self/task")


@contextmanager
def usual_priority() -> Iterator[None]:
    """Whatever is called within: this thread and new ones go on as this thread was before."""
    if sys.platform != "linux":
        yield
        return
    policy, settings = os.sched_getscheduler(0), os.sched_getparam(0)
    known = _tasks()
    try:
        yield
    finally:
        for task in {0, *(_tasks() - known)}:
            with suppress(OSError):  # a thread that has ended, or a kernel that forbids to look
                if os.sched_getscheduler(task) != policy:
                    os.sched_setscheduler(task, policy, settings)


def _tasks() -> frozenset[int]:
    """Numbers of this process's threads; none where they cannot be told."""
    with suppress(OSError):
        return frozenset(int(task.name) for task in _TASKS.iterdir())
    return frozenset()
