"""Who is named with a record is covered by it, and who gave a record is in the target."""

from __future__ import annotations

from masquerade.errors import ConsentError
from masquerade.provenance.consent.check import Coverage
from masquerade.provenance.consent.record import ConsentRecord, Kind
from masquerade.provenance.gates.consent_cover import checked, covered
from masquerade.provenance.gates.consent_measured import measured, use_of
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
    return (
        *covered(request, [use for use in others if use.consent]),
        *(_best_cover(request, record) for record in given),
    )


def _best_cover(request: Request, record: ConsentRecord) -> Coverage:
    """The record's coverage of the first face of the target that is that person's."""
    refused: ConsentError | None = None
    for use in _seen(request):
        try:
            return checked(request, [(record, use)])[0]
        except ConsentError as error:
            refused = error
    raise refused or ConsentError(
        f"consent {record.id} is for a performer, yet nobody was seen in the target",
        "the record of somebody who is in it",
        "leave the record out",
    )


def _seen(request: Request) -> list[IdentityUse]:
    return [
        use_of(one, item, "target")
        for item in request.draft.recipe.inputs
        if item.role == "target"
        for one in measured(request, item)
    ]


GATE = Gate("performers whose record is given consent", "0.1", check)
