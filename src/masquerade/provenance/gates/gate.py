"""What a gate is, and what it looks at. Each gate is a module beside this one with a ``GATE``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from masquerade.errors import PolicyError
from masquerade.provenance.consent.check import Coverage
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.types import Draft, InputUse


@dataclass(frozen=True, slots=True)
class Request:
    """What a gate looks at: a draft, the records given for it, what it is for.

    Attributes:
        trained_on: Records of people whom that which makes it has learned, besides those whose
            records lie in a model among the inputs.
    """

    draft: Draft
    consents: tuple[ConsentRecord, ...]
    purpose: str
    home: Path | None = None
    trained_on: tuple[ConsentRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class Gate:
    """One rule.

    Attributes:
        name: What must hold.
        since: The version that brought it, or that is to bring it.
        check: Passes or raises a RefusedError; None where the gate is absent: not built yet.
    """

    name: str
    since: str
    check: Callable[[Request], tuple[Coverage, ...]] | None

    @property
    def words(self) -> str:
        """What a manifest says of it."""
        return "passed" if self.check else "absent: not built into this version"


def shown_files(draft: Draft) -> Iterator[tuple[InputUse, Path]]:
    """The inputs a gate looks at itself, and where they lie; not a target that is shown to it.

    The pictures of that are looked at as they go by: see `masquerade.provenance.gates.watch`.

    Raises:
        PolicyError: One cannot be read again.
    """
    for item in draft.recipe.inputs:
        if item.role == "target" and draft.shows_target:
            continue
        path = item.path or (draft.target if item.role == "target" else None)
        if path is None:
            raise PolicyError(f"the {item.role} {item.name} cannot be looked at", "where it lies")
        yield item, path
