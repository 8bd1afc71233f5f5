"""The C2PA manifest of an output: what was done to which files, and under whose consent.

Follows C2PA 2.2 with ``c2pa.actions.v2``: the target is the parent, with its own history kept; the
source's pictures are components; the edit names its digital source type; `org.masquerade.seal`
holds what is our own: consent, ledger row, label, watermark, gates.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from masquerade import registry
from masquerade.errors import ProvenanceError
from masquerade.provenance.canonical import Json, sha256_hex, unicode_text
from masquerade.provenance.keys import key_fingerprint
from masquerade.provenance.label import Label, Wording
from masquerade.provenance.policy import Passed
from masquerade.provenance.watermark.marking import SCHEME, SOUND_SCHEME
from masquerade.types import Draft, InputUse, Recipe

SEAL_LABEL: Final = "org.masquerade.seal"
_IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
SOURCE_TYPES: Final = {
    "AI GENERATED": f"{_IPTC}trainedAlgorithmicMedia",
    "AI MODIFIED": f"{_IPTC}compositeWithTrainedAlgorithmicMedia",
    "not learned": f"{_IPTC}compositeSynthetic",
}
# A consent covers the purpose that it names, and learning from the result is no part of that.
# Inference stays allowed: whoever doubts a file must be free to run a detector over it.
MACHINE_USES: Final = {
    "cawg.ai_generative_training": "notAllowed",
    "cawg.ai_inference": "allowed",
    "cawg.ai_training": "notAllowed",
    "cawg.data_mining": "notAllowed",
}
TARGET: Final = "target"
"""Name of the ingredient that was changed, and the role of its file."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What a manifest is to say.

    Attributes:
        draft: What was made.
        passed: The gates it came through, and the consent that covers it.
        purpose: What it is for.
        label: The visible label's preset, language and wording.
        ledger_id: The row that holds the output's hash.
        watermark: The id of the invisible mark.
    """

    draft: Draft
    passed: Passed
    purpose: str
    label: Label
    ledger_id: str
    watermark: str


def wording_of(draft: Draft) -> Wording:
    """What the label says: a target that was changed, or a picture that is new as a whole."""
    roles = {item.role for item in draft.recipe.inputs}
    return "AI MODIFIED" if TARGET in roles else "AI GENERATED"


def manifest_of(
    statement: Statement, title: str, *, history: str, timestamp: str
) -> dict[str, Json]:
    """The manifest in the form that the C2PA library signs.

    Args:
        statement: What it says.
        title: What it calls the file.
        history: What the target brings along of its own provenance, in words.
        timestamp: Who was asked to attest the time, and how that went, in words.
    """
    recipe = statement.draft.recipe
    generator: Json = {"name": "Masquerade", "version": recipe.version}
    return {
        "claim_generator_info": [generator],
        "title": unicode_text(title),
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": _actions(statement, generator)}},
            {"label": SEAL_LABEL, "data": seal_assertion(statement, history, timestamp)},
            {
                "label": "c2pa.ai-disclosure",
                "data": {
                    "modelType": "c2pa.types.model",
                    "modelName": "Masquerade " + ", ".join(recipe.methods),
                    "modelIdentifier": f"masquerade:{recipe.method}:{recipe.version}",
                },
            },
            {
                "label": "cawg.training-mining",
                "data": {"entries": {name: {"use": use} for name, use in MACHINE_USES.items()}},
            },
        ],
    }


def seal_assertion(statement: Statement, history: str, timestamp: str) -> dict[str, Json]:
    """Our own assertion: what no standard one holds. It names no person and no source file."""
    recipe = statement.draft.recipe
    consents: dict[str, Json] = {
        one.record.id: {
            "id": one.record.id,
            "kind": one.record.kind.value,
            "standing": one.record.standing,
            "signed_by": key_fingerprint(one.record.signer),
        }
        for one in statement.passed.coverage
    }
    return {
        "version": 1,
        "ledger": statement.ledger_id,
        "method": recipe.method,
        "method_of": registry.origin(recipe.method),
        "also": [{"method": name, "method_of": registry.origin(name)} for name in recipe.also],
        "options_sha256": sha256_hex(recipe.options_json.encode()),
        "models": [{"name": name, "sha256": digest} for name, digest in recipe.models],
        "networks": networks_said(recipe),
        "purpose": statement.purpose,
        "consents": list(consents.values()),
        "label": statement.label.as_json(),
        "watermark": _watermark(statement),
        "target_history": history,
        "timestamp": timestamp,
        "gates": [{"name": name, "state": state} for name, state in statement.passed.gates],
    }


def _watermark(statement: Statement) -> dict[str, Json]:
    draft = statement.draft
    scheme = SOUND_SCHEME if draft.kind == "sound" else SCHEME
    said: dict[str, Json] = {"scheme": scheme, "id": statement.watermark}
    if draft.kind != "sound" and draft.sound is not None:
        said["sound"] = {"scheme": SOUND_SCHEME}
    return said


def networks_said(recipe: Recipe) -> list[Json]:
    """What is said of networks that the user brought: names, hashes, and on which terms."""
    return [
        {
            "name": one.name,
            "sha256": one.sha256,
            "card_sha256": one.card_sha256,
            "licence": one.licence,
        }
        for one in recipe.networks
    ]


def ingredients_of(draft: Draft) -> list[tuple[str, InputUse]]:
    """Every input file once, with the name the manifest gives it."""
    seen: dict[str, InputUse] = {}
    for item in draft.recipe.inputs:
        if item.role == TARGET:
            seen.setdefault(TARGET, item)
        elif item.sha256 not in {known.sha256 for known in seen.values()}:
            seen[f"{item.role} {len(seen)}"] = item
    return list(seen.items())


def input_path(draft: Draft, item: InputUse) -> Path:
    """Where the file of an input lies.

    Raises:
        ProvenanceError: The recipe does not say.
    """
    path = item.path or (draft.target if item.role == TARGET else None)
    if path is None:
        raise ProvenanceError(
            f"the recipe does not say where the input {item.name} lies",
            "a file, to be named as an ingredient",
        )
    return path


def _actions(statement: Statement, generator: Json) -> list[Json]:
    learned = any(registry.learned(name) for name in statement.draft.recipe.methods)
    source_type = SOURCE_TYPES[statement.label.wording if learned else "not learned"]
    sources = [name for name, item in ingredients_of(statement.draft) if item.role != TARGET]
    first: Json = {"action": "c2pa.created", "digitalSourceType": source_type}
    if statement.label.wording == "AI MODIFIED":
        first = {"action": "c2pa.opened", "parameters": {"ingredientIds": [TARGET]}}
    placed: list[Json] = []
    if sources:
        placed = [{"action": "c2pa.placed", "parameters": {"ingredientIds": [*sources]}}]
    made: Json = {
        "action": "c2pa.edited",
        "softwareAgent": generator,
        "digitalSourceType": source_type,
        "description": "made with " + ", ".join(statement.draft.recipe.methods),
    }
    dubbed: list[Json] = []
    if statement.draft.kind != "sound" and statement.draft.sound is not None:
        said = "all sound was replaced by sound that was made"
        dubbed = [{"action": "c2pa.dubbed", "softwareAgent": generator, "description": said}]
    return [
        first,
        *placed,
        made,
        *dubbed,
        _labelled(statement.label, generator),
        {"action": "c2pa.watermarked.unbound", "softwareAgent": generator},
    ]


def _labelled(label: Label, generator: Json) -> Json:
    if label.is_heard:
        action, description = "c2pa.edited", label.in_words
    else:
        action, description = "c2pa.addedText", f"visible label: {label.text}"
    return {"action": action, "softwareAgent": generator, "description": description}
