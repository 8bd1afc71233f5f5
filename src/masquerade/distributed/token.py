"""The word by which machines of a cluster know each other, and how Ray is told of it."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Final

from masquerade.errors import UsageError
from masquerade.hashing import small_bytes
from masquerade.provenance.home import create_once, home_dir

TOKEN_FILE: Final = "cluster.token"  # noqa: S105  a name, no token
_BYTES: Final = 32


def token_file(home: Path | None = None) -> Path:
    """Where this installation keeps its cluster's token, drawn on first use.

    Raises:
        ProvenanceError: It cannot be made.
    """
    path = home_dir(home) / TOKEN_FILE
    create_once(path, lambda: secrets.token_hex(_BYTES).encode())
    return path


def take_token(file: Path, *, home: Path | None = None) -> None:
    """Keeps the token of another machine's cluster as this installation's.

    Raises:
        UsageError: The file holds none, or this installation has another one.
    """
    try:
        given = small_bytes(file).strip()
    except OSError as error:
        raise UsageError(f"{file} cannot be read ({error.strerror})", "a token") from error
    if len(given) != 2 * _BYTES or not given.isalnum():
        raise UsageError(f"{file} holds no token", "a file that `masquerade cluster token` names")
    path = home_dir(home) / TOKEN_FILE
    if create_once(path, lambda: given).strip() != given:
        raise UsageError(
            f"{path} holds another cluster's token", "the same one", "remove that file first"
        )


def is_loopback(host: str) -> bool:
    """Whether an address is reached from this machine alone.

    Example:
        >>> is_loopback("127.0.0.1"), is_loopback("10.0.0.1")
        (True, False)
    """
    return host.strip("[]") in ("127.0.0.1", "::1", "localhost")


def ray_environment(home: Path | None = None, *, host: str = "127.0.0.1") -> dict[str, str]:
    """Variables under which Ray runs: with a token, without telling its makers anything.

    Args:
        home: The installation's folder.
        host: Where machines meet. Ray by itself would open what is asked for on loopback to others.
    """
    return {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN_PATH": str(token_file(home)),
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0" if is_loopback(host) else "1",
    }
