"""A server of its own, on loopback, and the browser that looks at it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Final

PATIENCE_S: Final = 60.0


def chromium() -> str:
    """Path of Chromium; ends the program where there is none."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if found is None:
        raise SystemExit("no Chromium here")
    return found


@contextmanager
def served(*flags: str) -> Iterator[str]:
    """The address of `masquerade serve`, whose things are removed afterwards.

    Args:
        *flags: Of the command.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with TemporaryDirectory() as home:
        command = [sys.executable, "-m", "masquerade", "serve", *flags, "--port", str(port)]
        server = subprocess.Popen(command, env={**os.environ, "MASQUERADE_HOME": home})
        try:
            _wait(address)
            yield address
        finally:
            server.terminate()
            server.wait()


def _wait(address: str) -> None:
    ends = time.monotonic() + PATIENCE_S
    while time.monotonic() < ends:
        try:
            urllib.request.urlopen(address, timeout=5).close()  # our own server
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
        else:
            return
    raise SystemExit("the server did not begin")
