"""Which of the records that are given seems to be a person's, by their face or voice."""

from __future__ import annotations

from collections.abc import Sequence

from masquerade.errors import ConsentError, ModelError
from masquerade.provenance.consent.check import check_face, check_voice
from masquerade.provenance.consent.record import ConsentRecord, Kind
from masquerade.types import IdentityUse


def covering(records: Sequence[ConsentRecord], use: IdentityUse) -> str:
    """Name of the record that seems to be theirs; empty where there is none at all."""
    record = nearest_record(records, use)
    return record.id if record else ""


def nearest_record(records: Sequence[ConsentRecord], use: IdentityUse) -> ConsentRecord | None:
    """The record that seems to be theirs; whether it covers them is for the gates to say."""
    check = check_face if use.modality == "face" else check_voice
    able = [one for one in records if use.modality in one.modality and _may(one, use)]
    for one in able:
        try:
            check(one, use.embedding)
        except (ConsentError, ModelError):
            continue
        return one
    return next(iter(able or records), None)


def _may(record: ConsentRecord, use: IdentityUse) -> bool:
    """A performer's record lends no face."""
    return use.role == "driving" or record.kind is not Kind.PERFORMER
