"""No child without a guardian's consent.

Age is what records declare: nobody's age is guessed from a face, since such guesses are wrong by
years just where it matters. A record attests that its person is of age, or names the guardians.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

from masquerade.errors import ConsentError
from masquerade.provenance.consent.check import Coverage, plain
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.provenance.gates.gate import Gate, Request


def check(request: Request) -> tuple[Coverage, ...]:
    """Nothing to cover, when every record speaks for an adult or names who consents for a minor.

    Raises:
        ConsentError: A minor's record names no guardian, or the minor decides themselves by now.
    """
    today = datetime.now(UTC).date()
    for record in request.consents:
        _check(plain(record), today)
    return ()


def _check(record: ConsentRecord, today: date) -> None:
    if record.adult_attested:
        return
    if not record.guardians or record.of_age_on is None:
        raise ConsentError(
            f"consent {record.id} is for a minor, and no guardian consents",
            "a record that names a guardian, their relation and their statement",
            "make one with `masquerade consent new --guardian NAME --relation RELATION`",
        )
    if today >= record.of_age_on:
        raise ConsentError(
            f"{record.subject} of consent {record.id} is of age since {record.of_age_on}",
            "their own consent: a guardian's has ended",
            "ask the person, and make a new record",
        )


GATE = Gate("no child without a guardian's consent", "0.2", check)
