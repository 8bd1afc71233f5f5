"""How a server is run; flags of `masquerade serve` derive from it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from masquerade.options import Options


class Settings(Options):
    """Knobs of the server."""

    host: str = "127.0.0.1"
    """Address it listens on. Others than this machine can reach any but the usual one: put a proxy
    with TLS before it."""
    port: int = Field(8420, ge=0, le=65535)
    """Port it listens on; 0: any that is free."""
    workers: int = Field(1, ge=0, le=64)
    """Workers that it starts and keeps alive; 0 where they are started elsewhere."""
    queue: str = ""
    """Where the queue lies: empty for a file of this installation, or postgresql://..."""
    upload_mb: int = Field(4096, ge=1, le=1_000_000)
    """Largest file that may be uploaded, in megabytes."""
    rate: int = Field(600, ge=1, le=1_000_000)
    """Requests a minute that one key, or one address without a key, may make."""
    waiting: int = Field(200, ge=1, le=100_000)
    """Jobs of one key that may wait at a time."""
    link_minutes: int = Field(15, ge=1, le=1440)
    """How long a link to a result can be used."""
    session_hours: int = Field(12, ge=1, le=168)
    """How long a browser stays signed in."""

    names: tuple[str, ...] = ()
    """Names under which browsers reach the pages; where any is given, they open under no other."""
    sign_in: Literal["auto", "always"] = "auto"
    """Who may open the pages: auto asks for an admin's key wherever other machines can reach the
    server, always asks on this machine too, as it should where several people have accounts."""

    @property
    def asks_pages(self) -> bool:
        """Whether the pages ask who opens them."""
        return self.sign_in == "always" or not self.loopback

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return self.host in ("127.0.0.1", "::1", "localhost")
