"""The server as a program: workers beside it, and the loop that answers requests."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from masquerade.errors import UsageError

if TYPE_CHECKING:
    from masquerade.jobs.sweep import Keep
    from masquerade.server.settings import Settings

_LOOK_S: Final = 0.5
_AGAIN_S: Final = 2.0  # before a worker that ended is begun again
_GRACE_S: Final = 30.0
_MOST_AT_ONCE: Final = 1000  # connections; more are told to come back


def check_installed() -> None:
    """Passes when what a server needs is there.

    Raises:
        UsageError: It is not.
    """
    try:
        import fastapi  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as error:
        raise UsageError(
            f"the server's packages are not installed ({error.name})",
            "the extra server",
            "pip install 'masquerade[server]'",
        ) from error


def serve(settings: Settings, keep: Keep, tell: Callable[[str], None]) -> None:
    """Answers requests until it is told to stop.

    Args:
        settings: How it is run.
        keep: How long files are kept, and how much room they may take.
        tell: Told, in sentences, where it listens and what becomes of its workers.

    Raises:
        UsageError: What it needs is not installed, or its address cannot be listened on.
        OutputError: The queue cannot be used.
    """
    check_installed()
    import uvicorn

    from masquerade.server.app import create_app

    listening = _listening(settings)
    app = create_app(settings, keep=keep)
    config = uvicorn.Config(
        app,
        log_level="warning",
        proxy_headers=False,  # whoever sends them could claim any address
        server_header=False,
        timeout_graceful_shutdown=5,
        limit_concurrency=_MOST_AT_ONCE,
    )
    host, port = listening.getsockname()[:2]
    tell(f"http://{f'[{host}]' if ':' in host else host}:{port}/ (API below /v1; Ctrl-C ends it)")
    with listening, workers(settings, keep, tell):
        uvicorn.Server(config).run(sockets=[listening])


def _listening(settings: Settings) -> socket.socket:
    """The socket of the server's address.

    Raises:
        UsageError: Something else listens there, or there is no such address here.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        raise UsageError(
            f"{settings.host}, port {settings.port}: {os.strerror(error.errno or 0)}",
            "an address of this machine, and a port that is free",
            "choose another one with --port; 0 takes any that is free",
        ) from error


def warnings(settings: Settings) -> tuple[str, ...]:
    """What whoever starts the server should know before others can reach it."""
    if settings.loopback:
        return ()
    return (
        f"other machines can reach this server at {settings.host}: nothing between them and it is"
        " encrypted. Put a proxy with TLS before it, and let through that alone",
        "the pages ask for an admin's key, the API for any: `masquerade serve key new --role ROLE`",
    )


@contextmanager
def workers(settings: Settings, keep: Keep, tell: Callable[[str], None]) -> Iterator[None]:
    """Workers beside the server; one that ends is begun again, and all end with the server."""
    command = [sys.executable, "-m", "masquerade", "jobs", "worker", "--parent", str(os.getpid())]
    if settings.queue:
        command += ["--queue", settings.queue]
    for name in sorted(keep.model_fields_set):
        command += [f"--{name.replace('_', '-')}", str(getattr(keep, name))]
    stop = threading.Event()
    threads = [
        threading.Thread(target=_kept_alive, args=(command, stop, tell), daemon=True)
        for _ in range(settings.workers)
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(_GRACE_S + _AGAIN_S)


def _kept_alive(command: Sequence[str], stop: threading.Event, tell: Callable[[str], None]) -> None:
    while not stop.is_set():
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        while process.poll() is None and not stop.wait(_LOOK_S):
            pass
        if not stop.is_set():
            tell(f"a worker ended with code {process.returncode}; another one is begun")
            time.sleep(_AGAIN_S)
            continue
        process.terminate()
        try:
            process.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            process.kill()
