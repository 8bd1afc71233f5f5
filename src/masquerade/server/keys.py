"""Keys of those who ask over the network: a secret shown once, of which only a hash is kept."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from masquerade.errors import UsageError
from masquerade.jobs.database import Database
from masquerade.jobs.types import clock_text
from masquerade.provenance.canonical import Json
from masquerade.server.caller import Caller, Role

_PREFIX = "mqk_"
_MOST_NAME = 80


@dataclass(frozen=True, slots=True)
class Key:
    """What is kept of a key.

    Attributes:
        id: ``key-`` and 16 hexadecimal digits.
        name: Whose it is, or what for.
        role: What its holder may do.
        created_s: Seconds since 1970.
        ended_s: When it was withdrawn; None where it is good.
    """

    id: str
    name: str
    role: Role
    created_s: float
    ended_s: float | None

    def as_json(self) -> dict[str, Json]:
        """The key for programs; the secret is not known any more."""
        return {
            "id": self.id,
            "name": self.name,
            "role": self.role.value,
            "created": clock_text(self.created_s),
            "ended": clock_text(self.ended_s),
        }


class Keys:
    """The keys of a studio; secrets are 256 bits of chance, so a plain hash keeps them.

    Args:
        database: That of the queue.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def new(self, name: str, role: Role) -> tuple[Key, str]:
        """A new key, and its secret, which nobody can ask for again.

        Raises:
            UsageError: The name is empty or too long.
        """
        if not 0 < len(name.strip()) <= _MOST_NAME:
            raise UsageError(f"a key named {name!r}", f"a name of 1 to {_MOST_NAME} letters")
        secret = _PREFIX + secrets.token_urlsafe(32)
        key = Key(f"key-{secrets.token_hex(8)}", name.strip(), role, self._database.now_s(), None)
        with self._database.writing() as connection:
            connection.change(
                "INSERT INTO access_keys (id, name, role, hash, created_s) VALUES (?, ?, ?, ?, ?)",
                (key.id, key.name, role.value, _hash(secret), key.created_s),
            )
        return key, secret

    def caller(self, secret: str) -> Caller | None:
        """Who holds that secret; None where nobody does, or the key was withdrawn."""
        with self._database.reading() as connection:
            rows = connection.rows(
                "SELECT id, name, role FROM access_keys WHERE hash = ? AND ended_s IS NULL",
                (_hash(secret),),
            )
        return Caller(rows[0][0], rows[0][1], Role(rows[0][2])) if rows else None

    def holds(self, key_id: str) -> Caller | None:
        """Whose key that is; None where there is none, or it was withdrawn."""
        found = self._named(key_id)
        if found is None or found.ended_s is not None:
            return None
        return Caller(found.id, found.name, found.role)

    def list_keys(self) -> list[Key]:
        """All keys, oldest first."""
        return self._where("1 = 1")

    def _named(self, key_id: str) -> Key | None:
        return next(iter(self._where("id = ?", key_id)), None)

    def _where(self, clause: str, *values: str) -> list[Key]:
        with self._database.reading() as connection:
            rows = connection.rows(
                "SELECT id, name, role, created_s, ended_s FROM access_keys"  # noqa: S608
                f" WHERE {clause} ORDER BY created_s",
                values,
            )
        return [Key(row[0], row[1], Role(row[2]), row[3], row[4]) for row in rows]

    def end(self, key_id: str) -> Key:
        """The key, which nobody can use any more.

        Raises:
            UsageError: There is no such key.
        """
        now_s = self._database.now_s()
        with self._database.writing() as connection:
            connection.change(
                "UPDATE access_keys SET ended_s = ? WHERE id = ? AND ended_s IS NULL",
                (now_s, key_id),
            )
        found = self._named(key_id)
        if found is None:
            raise UsageError(
                f"no key is named {key_id}", "one that `masquerade serve key list` shows"
            )
        return found


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
