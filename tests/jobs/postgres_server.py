"""A PostgreSQL server for the length of a test run: reached by a socket in a folder of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

_WITHIN_S = 60
_SETTINGS = (
    "listen_addresses=", "fsync=off", "full_page_writes=off", "shared_buffers=16MB",
    "deadlock_timeout=50ms", "logging_collector=off",
)  # fmt: skip
_ENDS_WITH_TESTS = '"$@" & server=$!; read _; kill -QUIT $server; wait $server'


def programs() -> Path | None:
    """The folder of the server's programs; Debian keeps them out of the path."""
    found = shutil.which("initdb")
    there = [Path(found)] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return there[-1].parent if there else None


class Server:
    """A server that runs until it is closed, or until the tests end, however they end.

    Args:
        where: The folder of its programs.
    """

    def __init__(self, where: Path) -> None:
        self._programs = where
        self._user = "postgres" if os.geteuid() == 0 else None  # it refuses to be root
        self._folder = Path(tempfile.mkdtemp(prefix="mq-pg-"))
        if self._user is not None:
            os.chown(self._folder, pwd.getpwnam(self._user).pw_uid, -1)
        self._process: subprocess.Popen[bytes] | None = None
        told = ("-D", self._data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C")
        self._run("initdb", *told, "--no-sync")
        self.start()

    def url(self, name: str = "postgres") -> str:
        """Of one of its databases."""
        return f"postgresql://postgres@/{name}?host={self._folder}"

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        options = [word for one in _SETTINGS for word in ("-c", one)]
        words = [str(self._programs / "postgres"), "-D", str(self._data), "-k", str(self._folder)]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                ["sh", "-c", _ENDS_WITH_TESTS, "sh", *words, *options], user=self._user,
                stdin=subprocess.PIPE, stdout=log, stderr=log, cwd="/",
            )  # fmt: skip
        until = time.monotonic() + _WITHIN_S
        while True:
            try:
                psycopg.connect(self.url()).close()
            except psycopg.OperationalError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        """Ends it at once, as when its machine's power goes."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def close(self) -> None:
        """Ends it, and removes all that it kept."""
        self.stop()
        shutil.rmtree(self._folder)

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _run(self, program: str, *words: object) -> None:
        command = [str(self._programs / program), *map(str, words)]
        subprocess.run(command, user=self._user, cwd="/", check=True, capture_output=True)
