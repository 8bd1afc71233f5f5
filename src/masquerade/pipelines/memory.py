"""Memory that stays flat over a long video, where the C library would let it grow.

Each decoder and encoder brings threads of its own. glibc gives each thread a pool of memory and
keeps what was freed in it, so that over the pieces of a long video a process holds a fifth more
than it uses. Other C libraries have no such pools; there, nothing is done.
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from typing import Final

import psutil

_M_ARENA_MAX: Final = -8
_POOLS: Final = 2


def share_pools() -> None:
    """Let all threads of this process share a few pools; for programs, before they work."""
    library = _glibc()
    if library is not None:
        library.mallopt(_M_ARENA_MAX, _POOLS)


def give_back() -> None:
    """Hand memory that was freed back to the system; takes some milliseconds."""
    library = _glibc()
    if library is not None:
        library.malloc_trim(0)


def peak_mb() -> float:
    """The most memory that this process held so far, in MB."""
    if sys.platform == "win32":
        return float(psutil.Process().memory_info().peak_wset) / 1e6
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(most) * (1 if sys.platform == "darwin" else 1024) / 1e6


@cache
def _glibc() -> ctypes.CDLL | None:
    """The C library where it is glibc."""
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "gnu_get_libc_version") else None
