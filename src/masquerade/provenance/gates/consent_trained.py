"""Everybody a model was trained on consents, not only whom it shows.

A swap's network has learned the face of the source and that of the target; what it makes is named
under the records of both, so that either of them can take their consent back and be told of it.
"""

from __future__ import annotations

from masquerade.provenance.consent.check import Coverage, check_standing
from masquerade.provenance.consent.model_consent import check_model
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.provenance.gates.gate import Gate, Request
from masquerade.provenance.model_pictures import is_model
from masquerade.speech.voice_file import is_voice_file


def check(request: Request) -> tuple[Coverage, ...]:
    """Each record that a model among the inputs carries, or that is named as trained on.

    Their persons are not seen, so no distance is measured here; those who are seen are measured by
    the gates after this one.

    Raises:
        ConsentError: A record does not hold, or a model does not say whose faces it learned.
        InputError: A model is damaged.
        ProvenanceError: The installation's own records cannot be relied on.
    """
    known: dict[str, ConsentRecord] = {record.id: record for record in request.trained_on}
    files = {item.sha256: item.path for item in request.draft.recipe.inputs}
    for sha256, path in files.items():
        if path is not None and (is_model(path) or is_voice_file(path)):
            carried = check_model(path, sha256=sha256, home=request.home)
            known |= {record.id: record for record in carried}
    return tuple(
        Coverage(record, check_standing(record, home=request.home), None)
        for record in known.values()
    )


GATE = Gate("everybody a model was trained on consents", "0.3", check)
