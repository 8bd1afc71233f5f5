"""An enrolled person's file as it may be used: while the consent that it rests on holds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from masquerade.errors import ConsentError, UsageError
from masquerade.forensics.person import LEAST_OTHERS, Person, background, moved
from masquerade.forensics.person_file import ENDING, About, read_person
from masquerade.provenance.consent.model_consent import check_model
from masquerade.provenance.consent.record import ConsentRecord

PURPOSE: Final = "examination"
"""What a person's consent has to name for them to be enrolled."""


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who is enrolled, and on whose word.

    Attributes:
        path: The file.
        person: What is kept of them.
        about: What the file says of itself.
        record: The consent record, which holds.
    """

    path: Path
    person: Person
    about: About
    record: ConsentRecord

    def lines(self) -> list[str]:
        """The file in plain words."""
        person, lacking = self.person, self.person.lacks()
        many, files = len(person.occasions), len(self.about.inputs)
        lines = [
            f"{self.path.name}: {person.name}",
            f"{person.length_s / 60:.1f} minutes of movement on {many} occasion"
            f"{'s' if many > 1 else ''}, from {files} file{'s' if files > 1 else ''}; features"
            " alone, no picture and no sound",
            f"consent {self.record.id}: {self.record.subject} to {self.record.grantee}, until"
            f" {self.record.valid_until:%Y-%m-%d}; enrolled by {self.about.made_by}",
        ]
        if lacking:
            lines.append(f"too little to weigh how {person.name} moves: {', '.join(lacking)}")
        return [*lines, *self._movement()]

    def _movement(self) -> list[str]:
        """How well their movement tells them from others, as far as that is known."""
        first = self.person.occasions[0].blocks
        told = moved(self.person, first[:1]) if len(first) else None
        if told is None:
            return ["how they move cannot be told from so little: the face alone is compared"]
        near = int((told.others <= 1).sum())
        lines = [
            f"of {len(told.others)} other people, {near} move within their range in"
            f" {told.window_s:.1f} s"
        ]
        if len(background()) < LEAST_OTHERS:
            lines.append(
                f"movement is shown and not weighed: {len(background())} other people are known,"
                f" and {LEAST_OTHERS} are needed"
            )
        return lines

    def as_json(self) -> dict[str, object]:
        """The same for programs."""
        return {
            "name": self.person.name,
            "consent": self.record.id,
            "valid_until": self.record.valid_until.isoformat(),
            "occasions": [round(one.length_s, 1) for one in self.person.occasions],
            "inputs": list(self.about.inputs),
            "lacks": list(self.person.lacks()),
            "sha256": self.person.sha256,
        }


def known_person(path: Path, *, home: Path | None = None) -> Known:
    """Who is enrolled in a file, when the consent that it rests on holds.

    Args:
        path: Ends in ``.person``.
        home: The installation's folder.

    Raises:
        UsageError: The name has another ending.
        InputError: The file cannot be used.
        ConsentError: It has no consent, or that was revoked or expired, or names another purpose.
        ProvenanceError: The installation's own records cannot be relied on.
    """
    if path.suffix.lower() != ENDING:
        raise UsageError(
            f"{path.name} is no enrolled person",
            f"a file that ends in {ENDING}",
            "make one with `masquerade person enrol`",
        )
    person, about = read_person(path)
    try:
        records = check_model(path, sha256=person.sha256, home=home)
    except ConsentError as error:
        raise ConsentError(
            f"{path.name} may not be used: {error.found}",
            error.expected,
            "delete it; enrol the person anew if they consent again",
        ) from error
    if [one.id for one in records] != [about.consent]:
        raise ConsentError(
            f"{path.name} says it rests on consent {about.consent}, and was signed with another",
            "the file as `masquerade person enrol` wrote it",
        )
    return Known(path, person, about, records[0])
