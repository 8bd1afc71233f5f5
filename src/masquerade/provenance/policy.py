"""The gates a draft must pass before anything of it is written; all in one list, open to see.

Gates close: they pass or they raise. There is no option, flag or variable that skips one. Gates
that are still to be built are in the list too, so that nobody takes them for granted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from masquerade import registry
from masquerade.errors import ConsentError, PolicyError, UsageError
from masquerade.hashing import file_sha256
from masquerade.provenance.check import Coverage, check_each
from masquerade.provenance.record import ConsentRecord, Kind
from masquerade.types import Draft, IdentityUse


@dataclass(frozen=True, slots=True)
class Request:
    """What a gate looks at: a draft, the records given for it, what it is for."""

    draft: Draft
    consents: tuple[ConsentRecord, ...]
    purpose: str
    home: Path | None = None


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


@dataclass(frozen=True, slots=True)
class Passed:
    """A request that came through every gate that is built: the records' coverage, gate by gate."""

    coverage: tuple[Coverage, ...]
    gates: tuple[tuple[str, str], ...]


def pass_gates(request: Request) -> Passed:
    """The outcome of every gate, when none of them closed.

    Raises:
        RefusedError: A gate closed; the message says which rule, and what can be done.
        ProvenanceError: The installation's own records cannot be relied on.
    """
    coverage: list[Coverage] = []
    for gate in GATES:
        if gate.check is not None:
            coverage += gate.check(request)
    return Passed(tuple(coverage), tuple((gate.name, gate.words) for gate in GATES))


def _inputs_are_named(request: Request) -> tuple[Coverage, ...]:
    """Every face used is of a file the recipe names, and every source file's face is listed."""
    inputs = request.draft.recipe.inputs
    used = {(use.role, use.input_sha256) for use in request.draft.uses}
    for item in inputs:
        # A target may show nobody; a source without a measured face could be anybody.
        if item.role != "target" and (item.role, item.sha256) not in used:
            raise PolicyError(
                f"no face was measured in the {item.role} {item.name}", "every face used, measured"
            )
    if not used <= {(item.role, item.sha256) for item in inputs}:
        raise PolicyError("a face is used of a file that the recipe does not name")
    return ()


def _inputs_are_unchanged(request: Request) -> tuple[Coverage, ...]:
    for item in request.draft.recipe.inputs:
        path = item.path or (request.draft.target if item.role == "target" else None)
        if path is None:
            continue
        try:
            found = file_sha256(path)
        except OSError as error:
            raise PolicyError(f"the input {item.name} cannot be read any more") from error
        if found != item.sha256:
            raise PolicyError(
                f"the input {item.name} was changed while it was worked on",
                f"SHA-256 {item.sha256[:16]}",
                "run the command again",
            )
    return ()


def _sources_consent(request: Request) -> tuple[Coverage, ...]:
    sources = [use for use in request.draft.uses if use.role == "source"]
    if not sources and _takes_source(request.draft.recipe.method):
        raise ConsentError("the draft names no source", "the face that is used, and its record")
    return _covered(request, sources)


def _takes_source(method: str) -> bool:
    """What the method's own module says; one that is not installed could do anything."""
    try:
        return "source" in registry.takes(registry.get(method))
    except UsageError as error:
        raise PolicyError(
            f"what {method} takes is not known: {error.found}", "a method that is installed"
        ) from error


def _performers_consent(request: Request) -> tuple[Coverage, ...]:
    """Who is named with a record is covered by it, and who gave a record is in the target."""
    others = [use for use in request.draft.uses if use.role != "source"]
    covered = _covered(request, [use for use in others if use.consent])
    named = {use.consent for use in others}
    given = [one for one in request.consents if one.kind is Kind.PERFORMER and one.id not in named]
    return (*covered, *(_best_cover(request, record, others) for record in given))


def _best_cover(request: Request, record: ConsentRecord, uses: list[IdentityUse]) -> Coverage:
    """The record's coverage of the face of the target that is nearest to it."""
    refused: ConsentError | None = None
    for use in uses:
        try:
            return _checked(request, [(record, use)])[0]
        except ConsentError as error:
            refused = error
    raise refused or ConsentError(
        f"consent {record.id} is for a performer, yet nobody was seen in the target",
        "the record of somebody who is in it",
        "leave the record out",
    )


def _covered(request: Request, uses: list[IdentityUse]) -> tuple[Coverage, ...]:
    records = {record.id: record for record in request.consents}
    pairs = []
    for use in uses:
        if use.consent not in records:
            raise ConsentError(
                f"the {use.role} has no consent record"
                + (f" {use.consent}" if use.consent else ""),
                "a record of that person for this use",
                "make one with `masquerade consent new`, or use one of the package's personas",
            )
        pairs.append((records[use.consent], use))
    return _checked(request, pairs)


def _checked(
    request: Request, pairs: Sequence[tuple[ConsentRecord, IdentityUse]]
) -> tuple[Coverage, ...]:
    return check_each(
        pairs,
        purpose=request.purpose,
        method=request.draft.recipe.method,
        media=request.draft.kind,
        home=request.home,
    )


GATES: tuple[Gate, ...] = (
    Gate("every face is of a named input", "0.1", _inputs_are_named),
    Gate("inputs are what was measured", "0.1", _inputs_are_unchanged),
    Gate("every source consents", "0.1", _sources_consent),
    Gate("performers whose record is given consent", "0.1", _performers_consent),
    Gate("no unsafe content goes in or comes out", "0.2", None),
    Gate("no face or picture of the block lists", "0.2", None),
    Gate("no child without a guardian's consent", "0.2", None),
)
