"""Keeps the chatter of native runtimes off the terminal, and nothing else."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_STDERR: Final = 2
# File descriptor 2 belongs to the whole process, and so must the lock on it.
_ONE_AT_A_TIME: Final = threading.Lock()


@contextmanager
def quiet() -> Iterator[None]:
    """A block in which native code may talk on stderr; what says nothing of use is dropped.

    LiteRT announces its CPU delegate there, and ONNX Runtime, while it is imported, that it looked
    for a GPU in vain; neither has a setting against it. All other lines, also those of other
    threads, are written to stderr when the block ends.

    Example:
        >>> with quiet():
        ...     pass
    """
    with _ONE_AT_A_TIME, tempfile.TemporaryFile() as said:
        try:
            kept = os.dup(_STDERR)
        except OSError:  # a process without stderr has no terminal to keep clean
            yield
            return
        os.dup2(said.fileno(), _STDERR)
        try:
            yield
        finally:
            os.dup2(kept, _STDERR)
            os.close(kept)
            said.seek(0)
            for line in said:
                if not _is_chatter(line):
                    os.write(_STDERR, line)


def _is_chatter(line: bytes) -> bool:
    return line.startswith(b"INFO: ") or (
        b"[W:onnxruntime" in line and b"device_discovery.cc" in line
    )
