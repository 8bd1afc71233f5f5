"""No unsafe content goes in or comes out.

Pictures are judged one by one by a network; which pictures of a stream, `masquerade.provenance
.watch` says. A network that cannot be had is a refusal: there is no doing without.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from masquerade.errors import ModelError, PolicyError
from masquerade.hashing import file_sha256
from masquerade.media.opacity import looks_of
from masquerade.models.unsafe_content import UnsafeContent
from masquerade.provenance.consent.check import Coverage
from masquerade.provenance.fingerprint import pictures_of
from masquerade.provenance.gates.gate import Gate, Request, shown_files
from masquerade.provenance.gates.rules import rule
from masquerade.types import RGB

NAME: Final = "no unsafe content goes in or comes out"


def check(request: Request) -> tuple[Coverage, ...]:
    """Nothing to cover, when no source, nor a target that is a still, is unsafe.

    Raises:
        PolicyError: One is, or cannot be judged.
    """
    for item, path in shown_files(request.draft):
        refuse_unsafe(_score_of(path, item.sha256), f"the {item.role} {item.name}")
    return ()


def score(pixels: RGB) -> float:
    """The probability of a picture that it is unsafe, in [0, 1].

    Args:
        pixels: (H, W, 3) uint8 RGB of any size.

    Raises:
        PolicyError: The network cannot be had.
    """
    return _scores([pixels])[0]


def refuse_unsafe(found: float, where: str) -> None:
    """Passes when the figure is below the rule's.

    Raises:
        PolicyError: It is not.
    """
    limit = rule(NAME).numbers["probability"]
    if not found < limit:
        raise PolicyError(
            f"{where} is refused by the gate {NAME!r}: {found:.2f}",
            f"below {limit:.2f}",
            "other material; if this is a mistake, `masquerade policy` says how to report it",
        )


def _scores(some: Sequence[RGB]) -> list[float]:
    try:
        return [float(one) for one in _network()(some)]
    except ModelError as error:
        raise PolicyError(
            f"unsafe content cannot be looked for: {error.found}",
            error.expected or "the weights unsafe_content",
            "`masquerade models fetch unsafe_content`; without it nothing is made",
        ) from error


@cache
def _network() -> UnsafeContent:
    """Loaded and hashed once a process, since every job needs it."""
    return UnsafeContent.open()


@lru_cache(maxsize=256)
def _score_of(path: Path, sha256: str) -> float:
    """The figure of a file with that hash: it cannot change, and gates are passed several times."""
    found = max(
        (score(look) for frame in pictures_of(path, 1) for look in looks_of(frame)), default=0.0
    )
    if file_sha256(path) != sha256:
        raise PolicyError(f"the input {path.name} was changed while it was looked at")
    return found


GATE = Gate(NAME, "0.2", check)
