"""Faces that the gates measure themselves, held against the records given for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from masquerade import registry
from masquerade.errors import ConsentError, InputError, PolicyError, UsageError
from masquerade.media.probe import probe
from masquerade.provenance.consent.check import Coverage, check_unseen
from masquerade.provenance.consent.measured import MeasuredPerson, people_in
from masquerade.provenance.consent.record import ConsentRecord, Kind
from masquerade.provenance.gates.consent_cover import checked
from masquerade.provenance.gates.gate import Request
from masquerade.speech.voice_file import is_voice_file
from masquerade.types import IdentityUse, InputUse, Modality, Role

BYSTANDER: Final = 0.4
"""Below this share of the largest face, our own methods never take a face of a photo."""


def is_foreign(method: str) -> bool:
    """Whether a method comes from elsewhere: another package, or none that is installed."""
    try:
        return bool(registry.entry(method).package)
    except UsageError:
        return True


def is_heard(item: InputUse) -> bool:
    """Whether an input is sound without pictures, or a voice made of such."""
    if item.path is None:
        return False
    if is_voice_file(item.path):
        return True
    try:
        return probe(item.path).kind == "audio"
    except InputError:
        return False


def source_coverage(request: Request, item: InputUse) -> tuple[Coverage, ...]:
    """The coverage of everybody who could be meant in a source file, or drives, as measured now.

    Raises:
        ConsentError: Nobody can be measured in it, or somebody without a record could be meant.
        PolicyError: The file is not the one of the recipe.
        ProvenanceError: The installation's own records cannot be relied on.
    """
    found = measured(request, item)
    if not found and item.role == "source":
        raise ConsentError(
            f"no face can be measured in the source {item.name}",
            "the face that is used, eyes and mouth visible",
            "use another photo",
        )
    if not any(is_foreign(method) for method in request.draft.recipe.methods):
        found = [one for one in found if one.size_px > BYSTANDER * found[0].size_px]
    named = {use.consent for use in request.draft.uses if use.input_sha256 == item.sha256}
    records = [record for record in request.consents if record.id in named]
    return tuple(_cover(request, one, item, records, of=len(found)) for one in found)


def target_coverage(request: Request) -> tuple[Coverage, ...]:
    """The coverage of everybody in the target, as measured here and now.

    Raises:
        ConsentError: Somebody in it has no record.
        PolicyError: The file is not the one of the recipe.
        ProvenanceError: The installation's own records cannot be relied on.
    """
    covered: list[Coverage] = []
    for item in request.draft.recipe.inputs:
        if item.role == "target":
            found = measured(request, item)
            covered += [
                _cover(request, one, item, request.consents, of=len(found)) for one in found
            ]
    return tuple(covered)


def measured(request: Request, item: InputUse) -> list[MeasuredPerson]:
    """Everybody in an input file, the largest face first.

    Raises:
        ConsentError: The file cannot be measured.
        PolicyError: It does not lie where it can be read again, or was changed.
    """
    path = item.path or (request.draft.target if item.role == "target" else None)
    if path is None:
        raise PolicyError(
            f"the recipe does not say where the {item.role} {item.name} lies",
            "a file whose faces can be measured",
        )
    return list(people_in(path, item.sha256))


def use_of(
    one: MeasuredPerson, item: InputUse, role: Role, modality: Modality = "face"
) -> IdentityUse:
    """The person as a use of that file; a body is told by its face."""
    return IdentityUse(role, modality, one.embedding, item.sha256)


def lent_by(request: Request) -> Modality:
    """What of the people in its pictures a request uses: their faces, or whole bodies."""
    for method in request.draft.recipe.methods:
        try:
            if registry.lends(registry.get(method)) == "body":
                return "body"
        except UsageError:
            continue  # of a method that is not installed, other gates ask
    return "face"


def performers_coverage(request: Request, item: InputUse) -> tuple[Coverage, ...]:
    """The coverage of everybody in a target who could be meant to perform, as measured now.

    Raises:
        ConsentError: Somebody without a record could be meant; or no face is seen, and no
            performer's record is given.
        PolicyError: The file is not the one of the recipe.
        ProvenanceError: The installation's own records cannot be relied on.
    """
    found = measured(request, item)
    if not found:
        return _unseen(request, item)
    near = [one for one in found if one.size_px > BYSTANDER * found[0].size_px]
    return tuple(_cover(request, one, item, request.consents, of=len(near)) for one in near)


def _unseen(request: Request, item: InputUse) -> tuple[Coverage, ...]:
    """The coverage of a target in which no face can be measured: performers' word, at least one."""
    records = [one for one in request.consents if one.kind is Kind.PERFORMER]
    if not records:
        raise ConsentError(
            f"no face can be measured in the target {item.name}, and no performer has a record",
            "the record of whoever is replaced, who lends their movements",
            "make one with `masquerade consent new --kind performer --body`",
        )
    media = "audio" if request.draft.kind == "sound" else request.draft.kind
    return tuple(
        check_unseen(
            record,
            modality=lent_by(request),
            purpose=request.purpose,
            method=request.draft.recipe.method,
            media=media,
            home=request.home,
        )
        for record in records
    )


def _cover(
    request: Request,
    one: MeasuredPerson,
    item: InputUse,
    records: Sequence[ConsentRecord],
    *,
    of: int,
) -> Coverage:
    """The coverage of one person by the first record that covers them."""
    refused: ConsentError | None = None
    for record in records:
        try:
            use = use_of(one, item, item.role, lent_by(request))
            return checked(request, [(record, use)])[0]
        except ConsentError as error:
            refused = error
    where = f" (seen {one.sight.words()}, {one.size_px:.0f} px)" if one.sight else ""
    if refused is None:
        raise ConsentError(
            f"a face in the {item.role} {item.name} has no consent record{where}",
            "a record of that person for this use",
            "make one with `masquerade consent new`",
        )
    if of > 1:
        raise ConsentError(
            f"{of} people could be meant in the {item.role} {item.name}, and one of them is not"
            f" covered{where}: {refused.found}",
            refused.expected,
            f"crop {item.name} to the person meant, or add the others' records"
            f"{_look(request, item)}",
        ) from refused
    raise ConsentError(
        f"in the {item.role} {item.name}{where}: {refused.found}",
        refused.expected,
        f"{refused.todo}{_performer(request, item)}",
    ) from refused


def _performer(request: Request, item: InputUse) -> str:
    """Whose record is forgotten most often."""
    if lent_by(request) != "body" or item.role != "target":
        return ""
    return "; whoever is replaced needs a record too: give it with another --consent"


def _look(request: Request, item: InputUse) -> str:
    """Where people see for themselves which faces of a target count."""
    if lent_by(request) != "body" or item.role != "target":
        return ""
    return "; `masquerade body inspect TARGET -o SHEET.png` shows every face that counts"
