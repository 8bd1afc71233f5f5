"""A consent record in whole sentences, for the command line and for paper."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from masquerade.provenance.consent.record import (
    ANY,
    ConsentRecord,
    DeclaredProof,
    Kind,
    MadeProof,
    MadeVoiceProof,
)

_WHO: Final = {
    Kind.SUBJECT: "a living person whose {0} is used",
    Kind.PERFORMER: "the person in the footage that is changed",
    Kind.ESTATE: "a dead person, spoken for by the estate",
    Kind.PERSONA: "a persona: no such person exists",
}
_MOST_HEARD = 400  # letters of a statement that are shown
_SEEN: Final = {"still": "pictures", "animation": "animations", "video": "videos", "audio": "sound"}


def lines(record: ConsentRecord) -> list[str]:
    """The record in plain words, one statement a line."""
    head = f"consent {record.id}: {record.subject} ({record.standing})"
    return [head, *(f"  {name:11} {words}" for name, words in statements(record))]


def statements(record: ConsentRecord) -> list[tuple[str, str]]:
    """What the record says, point by point: a short name and a sentence for each."""
    return [
        ("who", f"{record.subject} is {_WHO[record.kind].format(record.bound_to)}."),
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
        *(("bound to", words) for words in _bound(record)),
        ("signed by", f"The key {record.signer}."),
    ]


def _on_behalf(record: ConsentRecord) -> list[tuple[str, str]]:
    said = []
    for proof in dict.fromkeys(record.proofs):
        match proof:
            case MadeProof():
                compared = f"{proof.compared_faces} real faces"
            case MadeVoiceProof():
                compared = f"{proof.compared_voices} real voices"
            case DeclaredProof():
                said.append(("proof", f"{proof.declared_by} says so; nobody has verified it."))
                continue
        nearest = f"the nearest of {compared} lies {proof.nearest_distance:.2f} away"
        said.append(("proof", f"Made by a recipe; {nearest}."))
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


def _bound(record: ConsentRecord) -> list[str]:
    said = []
    if faces := len(record.faces):
        files = len(record.reference_sha256)
        said.append(
            f"{faces} measured face{'s' * (faces != 1)} from {files} photo{'s' * (files != 1)};"
            " any other face is refused."
        )
    for voice in record.voices:
        source = (
            f"a statement read aloud, taken in on {voice.recorded_on:%Y-%m-%d}"
            f" and understood as “{_short(voice.heard)}”"
            if voice.how == "statement"
            else f"a recording taken in on {voice.recorded_on:%Y-%m-%d}"
        )
        said.append(
            f"the voice in {voice.speech_s:.0f} s of {source} (SHA-256"
            f" {voice.recording_sha256[:16]}); any other voice is refused."
        )
    return said


def _short(heard: str) -> str:
    return heard if len(heard) <= _MOST_HEARD else f"{heard[: _MOST_HEARD - 3]}..."


def _all(words: Sequence[str]) -> str:
    """The words as people list them.

    Example:
        >>> _all(["pictures", "videos", "sound"])
        'pictures, videos and sound'
    """
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
