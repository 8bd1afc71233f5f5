"""Everybody whose voice is lent has a record that covers this use: as stated, and as measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from masquerade import registry
from masquerade.errors import ConsentError, InputError, PolicyError, UsageError
from masquerade.media.probe import probe
from masquerade.provenance.consent.check import Coverage
from masquerade.provenance.consent.measured_voice import voices_in
from masquerade.provenance.consent.model_voice import voices_of_model
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.provenance.consent.voices_apart import MeasuredVoice
from masquerade.provenance.gates.consent_cover import checked, covered
from masquerade.provenance.gates.gate import Gate, Request
from masquerade.speech.voice_file import is_voice_file
from masquerade.types import IdentityUse, InputUse

NAME: Final = "every voice that is lent consents"


def check(request: Request) -> tuple[Coverage, ...]:
    """The coverage of every voice that goes in, but for those of the target.

    A voice of the target that becomes another one lends nothing; a recording that speaks for
    somebody does, and so does one that a voice is taken from.

    Raises:
        ConsentError: A voice has no record, cannot be measured, or is not covered; or there is
            sound that no method makes and no recording lends.
        PolicyError: An input was changed.
        ProvenanceError: The installation's own records cannot be relied on.
    """
    uses = [use for use in request.draft.uses if use.modality == "voice" and use.role == "driving"]
    lent = {item.sha256: item for item in request.draft.recipe.inputs if lends_voice(request, item)}
    heard = [one for item in lent.values() for one in _heard(request, item)]
    if request.draft.sound is not None and not lent and not _makes_sound(request):
        raise ConsentError(
            "the draft has sound of its own, and names nobody whose voice it is",
            "the recording that is heard, and a record of whoever speaks in it",
        )
    return (*covered(request, uses), *heard)


def lends_voice(request: Request, item: InputUse) -> bool:
    """Whether an input's sound goes into the output: a recording, or a video that drives sound."""
    if item.role == "target" or item.path is None:
        return False
    if is_voice_file(item.path):
        return True
    try:
        info = probe(item.path)
    except InputError:
        return False  # not a recording: what it is, the gates for faces and models find out
    if info.kind == "audio":
        return True
    drives = item.role == "driving" and request.draft.sound is not None
    return drives and info.kind == "video" and bool(info.audio)


def _makes_sound(request: Request) -> bool:
    """Whether one of the methods changes sound; one that only takes over a recording lends it."""
    for method in request.draft.recipe.methods:
        try:
            if registry.makes(registry.get(method)) == "sound":
                return True
        except UsageError:
            continue  # not installed: what it does, nobody knows
    return False


def _heard(request: Request, item: InputUse) -> tuple[Coverage, ...]:
    """The coverage of everybody who speaks in a recording, as measured here and now."""
    assert item.path is not None  # lends_voice says so
    if is_voice_file(item.path):
        found = voices_of_model(item.path, item.sha256, home=request.home)
    else:
        found = voices_in(item.path, item.sha256)
    if not found:
        raise ConsentError(
            f"no voice can be measured in the {item.role} {item.name}",
            "five seconds of speech, so that it can be held against a record",
            "use a recording in which more is said",
        )
    named = {use.consent for use in request.draft.uses if use.input_sha256 == item.sha256}
    records = [record for record in request.consents if record.id in named]
    if not records:
        raise ConsentError(
            f"whoever speaks in the {item.role} {item.name} has no consent record",
            "a record of that person that covers the voice",
            "make one with `masquerade consent statement` and `masquerade consent new --voice`",
        )
    return tuple(_cover(request, one, item, records) for one in found)


def _cover(
    request: Request, one: MeasuredVoice, item: InputUse, records: Sequence[ConsentRecord]
) -> Coverage:
    """The coverage of one voice by the first record that covers it."""
    refused: ConsentError | None = None
    for record in records:
        use = IdentityUse(item.role, "voice", one.embedding, item.sha256, record.id)
        try:
            return checked(request, [(record, use)])[0]
        except ConsentError as error:
            refused = error
    raise refused or PolicyError("a voice without a record", "records of everybody heard")


GATE = Gate(NAME, "0.3", check)
"""Closes where the networks that measure voices cannot be had."""
