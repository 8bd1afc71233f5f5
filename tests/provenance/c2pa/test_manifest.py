import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from masquerade.errors import ProvenanceError
from masquerade.provenance.c2pa.manifest import (
    SEAL_LABEL,
    Statement,
    ingredients_of,
    input_path,
    manifest_of,
    wording_of,
)
from masquerade.provenance.consent.records import ConsentRecord
from masquerade.provenance.label import Label
from masquerade.provenance.policy import Request, pass_gates
from masquerade.types import Draft, InputUse


@pytest.fixture
def statement(make_draft: Callable[..., Draft], record: ConsentRecord) -> Statement:
    draft = make_draft()
    passed = pass_gates(Request(draft, (record,), "test", None))
    label, mark = Label("eu", "en", wording_of(draft)), "mqw-0000000000000001"
    return Statement(draft, passed, "test", label, "mql-1", mark)


def test_it_names_consent_and_gates_but_no_person_and_no_source_file(
    statement: Statement, record: ConsentRecord
) -> None:
    made = manifest_of(statement, "out.mp4", history="none", timestamp="none asked for")
    text = json.dumps(made)
    (seal,) = (one["data"] for one in made["assertions"] if one["label"] == SEAL_LABEL)
    assert [one["id"] for one in seal["consents"]] == [record.id]
    assert [one["name"] for one in seal["gates"]] == [name for name, _ in statement.passed.gates]
    assert (seal["ledger"], seal["target_history"]) == ("mql-1", "none")
    (photo,) = (one for one in statement.draft.recipe.inputs if one.role == "source")
    assert record.subject not in text
    assert photo.name not in text
    assert record.signer not in text


def test_a_file_that_is_used_twice_is_one_ingredient(statement: Statement) -> None:
    recipe = statement.draft.recipe
    draft = replace(statement.draft, recipe=replace(recipe, inputs=(*recipe.inputs,) * 2))
    assert [name for name, _ in ingredients_of(draft)] == ["target", "source 1"]


def test_work_without_a_target_is_new_as_a_whole(statement: Statement) -> None:
    recipe = statement.draft.recipe
    sources = tuple(one for one in recipe.inputs if one.role != "target")
    draft = replace(statement.draft, recipe=replace(recipe, inputs=sources))
    label = replace(statement.label, wording=wording_of(draft))
    made = manifest_of(
        replace(statement, draft=draft, label=label), "out.mp4", history="none", timestamp=""
    )
    actions = made["assertions"][0]["data"]["actions"]
    assert label.wording == "AI GENERATED"
    assert actions[0]["action"] == "c2pa.created"
    assert actions[0]["digitalSourceType"].endswith("/trainedAlgorithmicMedia")


def test_an_input_without_a_place_cannot_be_an_ingredient(statement: Statement) -> None:
    with pytest.raises(ProvenanceError, match=r"where the input a\.jpg lies"):
        input_path(statement.draft, InputUse("source", "a.jpg", "0" * 64))
