"""Who is named with a record is covered by it, and who gave a record is in the target."""

from __future__ import annotations

from masquerade.errors import ConsentError
from masquerade.provenance.check import Coverage
from masquerade.provenance.gates.consent_cover import checked, covered
from masquerade.provenance.gates.gate import Gate, Request
from masquerade.provenance.record import ConsentRecord, Kind
from masquerade.types import IdentityUse


def check(request: Request) -> tuple[Coverage, ...]:
    """The coverage of everybody in the target for whom a record was given.

    Raises:
        ConsentError: A record that does not cover, or whose person was not seen.
        ProvenanceError: The installation's own records cannot be relied on.
    """
    others = [use for use in request.draft.uses if use.role != "source"]
    named = {use.consent for use in others}
    given = [one for one in request.consents if one.kind is Kind.PERFORMER and one.id not in named]
    return (
        *covered(request, [use for use in others if use.consent]),
        *(_best_cover(request, record, others) for record in given),
    )


def _best_cover(request: Request, record: ConsentRecord, uses: list[IdentityUse]) -> Coverage:
    """The record's coverage of the face of the target that is nearest to it."""
    refused: ConsentError | None = None
    for use in uses:
        try:
            return checked(request, [(record, use)])[0]
        except ConsentError as error:
            refused = error
    raise refused or ConsentError(
        f"consent {record.id} is for a performer, yet nobody was seen in the target",
        "the record of somebody who is in it",
        "leave the record out",
    )


GATE = Gate("performers whose record is given consent", "0.1", check)
