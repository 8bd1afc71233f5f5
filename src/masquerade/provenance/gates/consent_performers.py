"""Who is named with a record is covered by it, and who gave a record is in the target.

Whoever is replaced by somebody who moves as they do performs: they need a record in any case.
"""

from __future__ import annotations

from masquerade import registry
from masquerade.errors import ConsentError, UsageError
from masquerade.provenance.consent.check import Coverage
from masquerade.provenance.consent.record import ConsentRecord, Kind
from masquerade.provenance.gates.consent_cover import checked, covered
from masquerade.provenance.gates.consent_measured import (
    lent_by,
    measured,
    performers_coverage,
    use_of,
)
from masquerade.provenance.gates.gate import Gate, Request
from masquerade.types import IdentityUse


def check(request: Request) -> tuple[Coverage, ...]:
    """The coverage of everybody in the target for whom a record was given, as measured here.

    Raises:
        ConsentError: A record that does not cover, or whose person is not seen.
        PolicyError: The target was changed.
        ProvenanceError: The installation's own records cannot be relied on.
    """
    others = [use for use in request.draft.uses if use.role != "source"]
    named = {use.consent for use in others}
    given = [one for one in request.consents if one.kind is Kind.PERFORMER and one.id not in named]
    lent = _performances(request)
    if lent and not _seen(request):  # by word alone, as said there
        given = []
    return (
        *covered(request, [use for use in others if use.consent]),
        *(_best_cover(request, record) for record in given),
        *lent,
    )


def _performances(request: Request) -> tuple[Coverage, ...]:
    """The coverage of everybody who could be meant to be replaced, where a method does that.

    What a method of another package says of itself is not relied on: another gate asks for all.
    """
    if not any(map(_performs, request.draft.recipe.methods)):
        return ()
    targets = (item for item in request.draft.recipe.inputs if item.role == "target")
    return tuple(one for item in targets for one in performers_coverage(request, item))


def _performs(method: str) -> bool:
    try:
        return registry.performs_target(registry.get(method))
    except UsageError:
        return False


def _best_cover(request: Request, record: ConsentRecord) -> Coverage:
    """The record's coverage of the first face of the target that is that person's."""
    refused: ConsentError | None = None
    for use in _seen(request):
        try:
            return checked(request, [(record, use)])[0]
        except ConsentError as error:
            refused = error
    if refused:
        raise ConsentError(
            f"nobody in the target is covered by the performer's record {record.id}"
            f" ({record.subject}): {refused.found}",
            refused.expected,
            f"{refused.todo}; leave the record out where they are not in it".removeprefix("; "),
        ) from refused
    raise ConsentError(
        f"consent {record.id} is for a performer, yet nobody was seen in the target",
        "the record of somebody who is in it",
        "leave the record out",
    )


def _seen(request: Request) -> list[IdentityUse]:
    return [
        use_of(one, item, "target", lent_by(request))
        for item in request.draft.recipe.inputs
        if item.role == "target"
        for one in measured(request, item)
    ]


GATE = Gate("performers whose record is given consent", "0.1", check)
