"""People who do not exist, ready to be used: a picture, a proof and a consent record each.

Every one is a mean of at least eight real adults, made by ``scripts/make_personas.py`` so that
nobody is recognisable: the proof names the recipe and the distance to the nearest of more than a
thousand real faces. See docs/personas.md.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from masquerade.errors import UsageError

__all__ = ["Persona", "VoiceRecipe", "load", "load_voice", "names", "voices"]

_FOLDER = Path(__file__).parent
_PICTURE, _PROOF, _CONSENT = "picture.jpg", "proof.json", "persona.consent"
_VOICE_PROOF, _VOICE_CONSENT = "voice.json", "voice.consent"
_READING = _FOLDER / "reading.txt"


@dataclass(frozen=True, slots=True)
class Persona:
    """One person who does not exist.

    Attributes:
        name: The folder's name.
        looks: In words.
        picture: (640 x 512 pixels) JPEG file, facing the camera.
        consent: The signed record to give along with the picture.
        nearest_real_face: Embedding distance to the nearest real face compared with.
        compared_real_faces: How many those were.
        picture_sha256: Of the picture, as the proof states it.
        recipe_sha256: Of the recipe, as the consent record states it.
        proof: All that is in the proof: recipe, donors' hashes and weights, distances.
    """

    name: str
    looks: str
    picture: Path
    consent: Path
    nearest_real_face: float
    compared_real_faces: int
    picture_sha256: str
    recipe_sha256: str
    proof: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class VoiceRecipe:
    """How the voice of a persona is made.

    Attributes:
        persona: Whose it is.
        sounds: In words.
        text: What the narrator reads, a line at a time.
        text_sha256: Of the text, as the proof states it.
        narrator_sha256: Of the network that reads.
        design: Pitch, throat and breath, as `masquerade.speech.designed.Design` takes them.
        nearest_real_voice: Distance of speaker embeddings to the nearest real voice compared with.
        compared_real_voices: How many those were.
        nearest_persona_voice: Distance to the nearest voice of another persona.
    """

    persona: str
    sounds: str
    text: str
    text_sha256: str
    narrator_sha256: str
    design: Mapping[str, Any]
    nearest_real_voice: float
    compared_real_voices: int
    nearest_persona_voice: float


def names() -> list[str]:
    """Sorted names of all personas in the package.

    Example:
        >>> len(names()) >= 6
        True
    """
    return sorted(path.parent.name for path in _FOLDER.glob(f"*/{_PICTURE}"))


def load(name: str) -> Persona:
    """The persona of that name.

    Raises:
        UsageError: There is none; the message lists what there is.

    Example:
        >>> load(names()[0]).picture.name
        'picture.jpg'
    """
    known = names()
    if name not in known:
        raise UsageError(f"no persona is named {name!r}", "one of " + ", ".join(known))
    folder = _FOLDER / name
    proof = json.loads((folder / _PROOF).read_text(encoding="utf-8"))
    return Persona(
        name=name,
        looks=proof["looks"],
        picture=folder / _PICTURE,
        consent=folder / _CONSENT,
        nearest_real_face=float(proof["nearest_real_face"]),
        compared_real_faces=int(proof["compared_real_faces"]),
        picture_sha256=proof["picture_sha256"],
        recipe_sha256=proof["recipe_sha256"],
        proof=proof,
    )


def voices() -> list[str]:
    """Sorted names of the personas that have a voice.

    Example:
        >>> set(voices()) <= set(names())
        True
    """
    return sorted(path.parent.name for path in _FOLDER.glob(f"*/{_VOICE_PROOF}"))


def load_voice(name: str) -> tuple[VoiceRecipe, Path]:
    """How a persona's voice is made, and the signed record that covers it.

    Raises:
        UsageError: There is no persona of that name, or it has no voice; the message lists who has.
    """
    known = voices()
    if name not in known:
        load(name)
        raise UsageError(f"the persona {name} has no voice", "one of " + ", ".join(known))
    proof = json.loads((_FOLDER / name / _VOICE_PROOF).read_text(encoding="utf-8"))
    recipe = proof["recipe"]
    made = VoiceRecipe(
        persona=name,
        sounds=proof["sounds"],
        text=reading(),
        text_sha256=recipe["text_sha256"],
        narrator_sha256=recipe["narrator"]["sha256"],
        design=recipe["design"],
        nearest_real_voice=float(proof["nearest_real_voice"]),
        compared_real_voices=int(proof["compared_real_voices"]),
        nearest_persona_voice=min(map(float, proof["other_personas"].values())),
    )
    return made, _FOLDER / name / _VOICE_CONSENT


def reading() -> str:
    """What the voices of personas are made from, when it is read aloud: a passage a line."""
    return _READING.read_text(encoding="utf-8")
