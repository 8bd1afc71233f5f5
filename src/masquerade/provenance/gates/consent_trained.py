"""Everybody a model was trained on consents, not only whom it shows.

A swap's network has learned the face of the source and that of the target; what it makes is named
under the records of both, so that either of them can take their consent back and be told of it.
"""

from __future__ import annotations

from masquerade.provenance.consent.check import Coverage, check_standing, check_unseen
from masquerade.provenance.consent.model_consent import check_model
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.provenance.gates.consent_measured import lent_by
from masquerade.provenance.gates.gate import Gate, Request
from masquerade.provenance.model_pictures import is_model
from masquerade.speech.voice_file import is_voice_file


def check(request: Request) -> tuple[Coverage, ...]:
    """Each record that a model among the inputs carries, or that is named as trained on.

    Their persons are not seen, so no distance is measured here: their word has to cover what is
    made, as anybody's. Those who are seen are measured by the gates after this one, and so is a
    voice, which may be lent under a newer record than the one that it was built under.

    Raises:
        ConsentError: A record does not hold or does not cover this use, or a model does not say
            whose faces it learned.
        InputError: A model is damaged.
        ProvenanceError: The installation's own records cannot be relied on.
    """
    learned: dict[str, ConsentRecord] = {record.id: record for record in request.trained_on}
    voices: dict[str, ConsentRecord] = {}
    files = {item.sha256: item.path for item in request.draft.recipe.inputs}
    for sha256, path in files.items():
        if path is not None and (is_model(path) or is_voice_file(path)):
            carried = check_model(path, sha256=sha256, home=request.home)
            known = voices if is_voice_file(path) else learned
            known |= {record.id: record for record in carried}
    heard = [one for one in voices.values() if one.id not in learned]
    return (
        *(_unseen(request, one) for one in learned.values()),
        *(Coverage(one, check_standing(one, home=request.home), None) for one in heard),
    )


def _unseen(request: Request, record: ConsentRecord) -> Coverage:
    """How a record covers this use of what was learned of somebody.

    Raises:
        ConsentError: It does not.
    """
    found = [
        check_unseen(
            record,
            modality=lent_by(request),
            purpose=request.purpose,
            method=method,
            media="audio" if request.draft.kind == "sound" else request.draft.kind,
            home=request.home,
        )
        for method in request.draft.recipe.methods
    ]
    return found[0]


GATE = Gate("everybody a model was trained on consents", "0.3", check)
