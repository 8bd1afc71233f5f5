"""Who asks: a key's holder, with a role."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What a key's holder may do."""

    CREATOR = "creator"
    EXAMINER = "examiner"
    ADMIN = "admin"

    @property
    def says(self) -> str:
        """What the role may do, in words."""
        return {
            Role.CREATOR: "makes media from own uploads, and examines",
            Role.EXAMINER: "examines and verifies, makes nothing",
            Role.ADMIN: "does everything, sees all jobs, the ledger and the keys",
        }[self]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks.

    Attributes:
        id: The key's name, ``key-`` and hexadecimal digits; jobs and uploads belong to it.
        name: What its holder is called.
        role: What they may do.
    """

    id: str
    name: str
    role: Role

    @property
    def sees(self) -> str | None:
        """Whose jobs they see: their own; None for everybody's."""
        return None if self.role is Role.ADMIN else self.id


LOCAL: Final = Caller("local", "this machine's own user", Role.ADMIN)
"""Whoever uses the command line here."""
