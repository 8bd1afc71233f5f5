"""Who consents for somebody who cannot: guardians of a minor, and the estate of a dead person."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Authority: TypeAlias = Literal["will", "court", "heir", "contract"]
AUTHORITIES: Final[dict[Authority, str]] = {
    "will": "named in the will",
    "court": "appointed by a court",
    "heir": "as heir by law",
    "contract": "under a contract with the person",
}


class Part(BaseModel):
    """A part of a consent record: frozen, and of known fields only."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, validate_default=True
    )


class Guardian(Part):
    """Somebody who consents for a minor, and the statement they put their name to."""

    name: Text
    relation: Text
    """What they are to the minor, such as ``mother``."""
    statement: Text
    """Their consent in their own words; it holds their name."""
    stated_on: date
    """The day they signed it."""

    @model_validator(mode="after")
    def _is_their_own(self) -> Self:
        if self.name.casefold() not in self.statement.casefold():
            raise ValueError(f"the statement of {self.name} does not hold that name")
        return self

    @property
    def words(self) -> str:
        """Who they are and when they signed."""
        return f"{self.name} ({self.relation}), signed on {self.stated_on:%Y-%m-%d}"


class Estate(Part):
    """The estate of a dead person: who acts for it, and why they may."""

    representative: Text
    authority: Authority
    evidence: Text
    """The document that shows it, such as ``probate registry Bern, 2021-17``."""
    died_on: date = Field(ge=date(1800, 1, 1))

    @property
    def words(self) -> str:
        """Who acts for it and by what right."""
        right = AUTHORITIES[self.authority]
        return f"{self.representative}, {right} ({self.evidence}); died on {self.died_on:%Y-%m-%d}"


def guardian_statement(
    guardian: str, relation: str, subject: str, grantee: str, *, what: str = "face"
) -> str:
    """The words a guardian is asked to put their name to.

    Args:
        guardian: Their name.
        relation: What they are to the minor.
        subject: The minor.
        grantee: Who may use it.
        what: The face, the voice, or both.

    Example:
        >>> guardian_statement("Eva Roth", "mother", "Mia", "Studio North")
        'I, Eva Roth, mother of Mia, consent for them that Studio North uses their face as stated.'
    """
    return (
        f"I, {guardian}, {relation} of {subject},"
        f" consent for them that {grantee} uses their {what} as stated."
    )
