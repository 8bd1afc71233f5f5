"""Whom a model has learned is named and asked, seen or not."""

from collections.abc import Callable
from types import ModuleType

import pytest

from masquerade.errors import ConsentError
from masquerade.provenance.consent.records import ConsentRecord
from masquerade.provenance.consent.revocation import revoke
from masquerade.provenance.gates.consent_trained import check
from masquerade.provenance.policy import Request
from masquerade.types import Draft


def test_whoever_was_learned_is_covered_unmeasured_until_they_revoke(
    make_draft: Callable[..., Draft], record: ConsentRecord, scene: ModuleType
) -> None:
    other = scene.make_record(kind="performer", embeddings=[scene.face(2)])
    request = Request(make_draft(), (record,), "test", trained_on=(other,))

    assert [(one.record.id, one.distance) for one in check(request)] == [(other.id, None)]
    revoke(other.id)
    with pytest.raises(ConsentError, match="was revoked"):
        check(request)


@pytest.mark.parametrize(
    "narrow",
    [{"purposes": ["film"]}, {"media": ["still"]}, {"methods": ["lipsync"]}],
    ids=["purpose", "media", "method"],
)
def test_whoever_was_learned_consents_to_this_very_use(
    make_draft: Callable[..., Draft],
    record: ConsentRecord,
    scene: ModuleType,
    narrow: dict[str, list[str]],
) -> None:
    other = scene.make_record(kind="performer", embeddings=[scene.face(2)], **narrow)
    request = Request(make_draft(), (record,), "test", trained_on=(other,))

    with pytest.raises(ConsentError, match="does not cover"):
        check(request)
