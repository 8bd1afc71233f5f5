"""What the gates go by: one table in the package, read as a whole and only as it was published.

The numbers and the words lie in ``rules.toml``, its SHA-256 here. So an edit of the data file, or
an emptied one, opens nothing: it closes every gate that reads it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Final

from masquerade.errors import PolicyError
from masquerade.provenance.canonical import sha256_hex

RULES_FILE: Final = "rules.toml"
RULES_SHA256: Final = "9da35154e5e19160ba2ae2d528f887421c5208253f4ea2bafbb88a250c171eab"


@dataclass(frozen=True, slots=True)
class Rule:
    """What one gate goes by.

    Attributes:
        name: The gate's name.
        checks: What it looks at, in plain words.
        limit: Where it closes, in words.
        source: Where that limit comes from.
        measured: Error rates, and the command that measures them.
        mistake: What to do when it closed and should not have.
        numbers: The limits as the gate uses them, by name.
    """

    name: str
    checks: str
    limit: str
    source: str
    measured: str
    mistake: str
    numbers: Mapping[str, float] = field(default_factory=dict)


def rules() -> dict[str, Rule]:
    """Every rule, by the name of its gate.

    Raises:
        PolicyError: The table is missing or is not the one that was published.
    """
    try:
        data = (files("masquerade.provenance.gates") / RULES_FILE).read_bytes()
    except OSError as error:
        raise _changed(f"cannot be read ({error.strerror})") from error
    digest = sha256_hex(data)
    if digest != RULES_SHA256:
        raise _changed(f"has SHA-256 {digest[:16]}")
    found = [Rule(**entry) for entry in tomllib.loads(data.decode())["gate"]]
    return {rule.name: rule for rule in found}


def rule(name: str) -> Rule:
    """The rule of the gate of that name.

    Raises:
        PolicyError: The table is not the one that was published, or has no such rule.
    """
    found = rules()
    if name not in found:
        raise _changed(f"says nothing of the gate {name!r}")
    return found[name]


def _changed(how: str) -> PolicyError:
    return PolicyError(
        f"the gates' table of rules {how}: {RULES_FILE}",
        f"the file as it was published, SHA-256 {RULES_SHA256[:16]}",
        "install Masquerade again",
    )
