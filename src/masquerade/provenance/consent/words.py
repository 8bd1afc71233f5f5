"""A consent record in whole sentences, for the command line and for paper."""

from __future__ import annotations

from collections.abc import Sequence

from masquerade.provenance.consent.record import ANY, ConsentRecord, DeclaredProof, Kind, MadeProof

_WHO = {
    Kind.SUBJECT: "a living person whose face is shown",
    Kind.PERFORMER: "the person seen in the footage that is changed",
    Kind.ESTATE: "a dead person, spoken for by the estate",
    Kind.PERSONA: "a persona: no such person exists",
}
_SEEN = {"still": "pictures", "animation": "animations", "video": "videos", "audio": "sound"}


def lines(record: ConsentRecord) -> list[str]:
    """The record in plain words, one statement a line."""
    head = f"consent {record.id}: {record.subject} ({record.standing})"
    return [head, *(f"  {name:11} {words}" for name, words in statements(record))]


def statements(record: ConsentRecord) -> list[tuple[str, str]]:
    """What the record says, point by point: a short name and a sentence for each."""
    return [
        ("who", f"{record.subject} is {_WHO[record.kind]}."),
        *_on_behalf(record),
        ("for whom", f"{record.grantee} may use the {_all(record.modality)}."),
        ("what for", _purposes(record)),
        ("how", _methods(record)),
        ("where", f"In {_all([_SEEN[one] for one in record.media])}; {_territory(record)}."),
        (
            "when",
            f"From {record.valid_from:%Y-%m-%d} until {record.valid_until:%Y-%m-%d %H:%M}"
            " UTC, unless it is revoked before.",
        ),
        ("bound to", _bound(record)),
        ("signed by", f"The key {record.signer}."),
    ]


def _on_behalf(record: ConsentRecord) -> list[tuple[str, str]]:
    said = []
    match record.proof:
        case MadeProof():
            said.append(
                (
                    "proof",
                    f"Made by a recipe; the nearest of {record.proof.compared_faces} real faces"
                    f" lies {record.proof.nearest_distance:.2f} away.",
                )
            )
        case DeclaredProof():
            said.append(("proof", f"{record.proof.declared_by} says so; nobody has verified it."))
    if record.estate:
        said.append(("estate", f"Consent is given by {record.estate.words}."))
    said += [("guardian", f"{one.words}: “{one.statement}”") for one in record.guardians]
    if record.of_age_on:
        said.append(
            (
                "age",
                f"The person is under age until {record.of_age_on:%Y-%m-%d}, as declared;"
                " from then on they decide themselves.",
            )
        )
    elif record.kind is not Kind.PERSONA:
        tense = "was" if record.kind is Kind.ESTATE else "is"
        said.append(("age", f"The signer attests that the person {tense} of age."))
    return said


def _purposes(record: ConsentRecord) -> str:
    if ANY in record.purposes:
        return "For any purpose that the policy gates allow."
    return f"Only for: {', '.join(record.purposes)}."


def _methods(record: ConsentRecord) -> str:
    return "With any method." if ANY in record.methods else f"Only with {_all(record.methods)}."


def _territory(record: ConsentRecord) -> str:
    place = record.territory
    return "anywhere in the world" if place.casefold() == "worldwide" else f"territory: {place}"


def _bound(record: ConsentRecord) -> str:
    faces, files = len(record.faces), len(record.reference_sha256)
    return (
        f"{faces} measured face{'s' * (faces != 1)} from {files} photo{'s' * (files != 1)};"
        " any other face is refused."
    )


def _all(words: Sequence[str]) -> str:
    """The words as people list them.

    Example:
        >>> _all(["pictures", "videos", "sound"])
        'pictures, videos and sound'
    """
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
