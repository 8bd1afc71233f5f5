"""Records held against the faces they are to cover, for the gates of consent."""

from __future__ import annotations

from collections.abc import Sequence

from masquerade.errors import ConsentError
from masquerade.provenance.consent.check import Coverage, check_each
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.provenance.gates.gate import Request
from masquerade.types import IdentityUse


def covered(request: Request, uses: Sequence[IdentityUse]) -> tuple[Coverage, ...]:
    """The coverage of every use by the record that it names.

    Raises:
        ConsentError: A use without a record, or one that its record does not cover.
        ProvenanceError: The installation's own records cannot be relied on.
    """
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
    return checked(request, pairs)


def checked(
    request: Request, pairs: Sequence[tuple[ConsentRecord, IdentityUse]]
) -> tuple[Coverage, ...]:
    """What `check_each` says of records and uses, for the request's purpose, methods and media.

    Raises:
        ConsentError: One of them fails; the message says which point.
        ProvenanceError: The installation's own records cannot be relied on.
    """
    found = [
        check_each(
            pairs,
            purpose=request.purpose,
            method=method,
            media="audio" if request.draft.kind == "sound" else request.draft.kind,
            home=request.home,
        )
        for method in request.draft.recipe.methods
    ]
    return found[0]
