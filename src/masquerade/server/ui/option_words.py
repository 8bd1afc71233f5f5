"""What options are called on the pages: words for people who cut films, teach or report.

The schema of a method says what an option may hold and what it does; here stands only how it is
called, in which unit it is counted, and what its choices are called. An option that stands nowhere
here, such as one of a method that was dropped in, is called by its own name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from pydantic import BaseModel

SHARE: Final = "%"
"""How the unit of a number from 0 to 1 begins that is shown as percent."""


@dataclass(frozen=True, slots=True)
class Words:
    """How one option is called.

    Attributes:
        label: Its name.
        why: What it does, where the option's own sentence is written for somebody else.
        unit: What is counted; `SHARE` for parts of one.
        choices: What each of its choices is called.
    """

    label: str
    why: str = ""
    unit: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)


_EVERY: Final = {
    "auto": "whatever suits this computer",
    "cpu": "on the processor",
    "cuda": "on the graphics card",
}
_SIZES: Final = {
    "tiny": "tiny: quick to try, coarse",
    "small": "small: hours, good",
    "medium": "medium: wants a graphics card",
    "large": "large: wants a big graphics card",
}
_WORDS: Final[Mapping[str, Words]] = {
    # Faces
    "shape": Words("Shape of the face: how far towards the source", unit=SHARE),
    "feather": Words("Soft edge around the face", unit="% of the face's height"),
    "min_face_px": Words("Smallest face that is changed", unit="pixels"),
    "max_turn_deg": Words("How far a face may be turned away", unit="degrees"),
    "expression": Words("How exactly the expression is kept", unit=SHARE),
    "detail": Words("Fine detail of the skin", unit=SHARE),
    "mouth": Words(
        "Whose teeth and tongue",
        choices={"source": "of the face that is put in", "target": "of whoever is in the film"},
    ),
    "mask": Words(
        "Where the new face goes",
        "How much of the old face is covered.",
        choices={
            "outline": "inside the outline of the face",
            "box": "the whole square around the face",
            "network": "where the trained network shows a face",
        },
    ),
    "face_scale": Words("Size of the new face", unit="times the old one"),
    "model": Words(
        "Trained network",
        "A network that was trained on the Train page; it stands for the face that is put in.",
    ),
    "network": Words(
        "Network that you bring",
        "The name of an installed network, or its card: a small file that says how it is used.",
    ),
    "network_threads": Words("Processor cores it may use", "More is faster.", unit="cores"),
    "blocks": Words("Blocks across a hidden face", unit="blocks"),
    # Effects and styles
    "effect": Words("Effects", "Choose one and say how much of it; as many as you like."),
    "front": Words(
        "What is in front of the face",
        "It stays as it is, such as a cup in a photo: its corners in pixels from the top left, two"
        " of a box or more of an outline, as in 310,220 420,330. Hands are found without it; the"
        " word none: nothing is in front.",
    ),
    "background": Words(
        "What is behind people instead",
        "The word blur, a weaker blur such as blur=0.5, or a colour such as #203040; empty: the"
        " place stays.",
    ),
    "background_image": Words("A picture of another place behind people"),
    "style": Words("Styles", "Choose one; several are mixed."),
    "mode": Words(
        "How it is painted",
        "Fine painting takes minutes for a picture.",
        choices={
            "fast": "fast: by a network, in a second",
            "fine": "fine: stroke by stroke, slowly",
            "portrait": "portrait: stroke by stroke, faces like the painting's face",
        },
    ),
    "strength": Words("How much of the painting covers the picture", unit=SHARE),
    "strokes": Words("Size of the strokes", unit="times the usual"),
    "keep_colour": Words("Keep the picture's own colours"),
    "keep_face": Words("How far faces stay as they are", unit=SHARE),
    "only": Words(
        "What is painted",
        choices={
            "everything": "everything",
            "person": "people alone",
            "background": "all but the people",
        },
    ),
    "steady": Words(
        "How calm the paint is in a film",
        "High: paint moves along with what it shows. 0: each frame is painted by itself, and"
        " flickers.",
        unit=SHARE,
    ),
    # Lips, portraits, voices
    "amount": Words("How widely the mouth opens", unit="times the usual"),
    "closure": Words("How firmly lips close at b, m and p", unit=SHARE),
    "motion": Words("How much head and chest move", unit=SHARE),
    "lips": Words("How widely the mouth opens", unit="times the usual"),
    "seed": Words("Variation", "Another number gives other movements."),
    "portrait.size": Words("Shorter side of the film", unit="pixels"),
    "fps": Words("Pictures in a second"),
    "speed": Words("How fast it is read", unit="times a narrator's pace"),
    "voice_disguise.strength": Words("How far from the voice it goes", unit="times the usual"),
    "wander": Words(
        "How much the disguise varies",
        "Pitch and timbre wander by this much while somebody speaks, so that it cannot be undone.",
        unit=SHARE,
    ),
    # Bodies
    "proportions": Words(
        "How long arms and legs are",
        choices={"source": "as of whoever is seen", "target": "as of whoever is replaced"},
    ),
    "shadow": Words("Shadow under the feet", unit=SHARE),
    "keep_objects": Words(
        "Things that stay in front of the new person",
        "Such as a table in front of them, or a ball in their hands.",
        choices={
            "auto": "what passes in front, and what is held",
            "front": "only what passes in front",
            "off": "nothing",
        },
    ),
    "match": Words(
        "Fit colours and light to the place",
        choices={"auto": "yes", "off": "no: keep the colours of the photo"},
    ),
    "face": Words(
        "Expression of the face",
        choices={"auto": "moves as in the film, where it is seen well enough", "off": "stays calm"},
    ),
    # Trainings
    "preset": Words("Size of the network", choices=_SIZES),
    "iterations": Words("How long it learns", unit="rounds"),
    "width": Words("Size of the network", "24 is usual; more is finer and slower."),
    "unsure": Words("How much the mouth is varied while it learns", unit="deviations"),
    "batch": Words("Pictures looked at in a round"),
    "rate": Words("Step of learning", "Smaller is slower and safer."),
    "clip": Words("Longest step of learning", "Bounds what one odd picture can do."),
    "average": Words("How slowly the final network follows", "Near 1: calm, and late."),
    "critic": Words("How much a critic has a say in the last phase", "0: none."),
    "perceptual": Words("How much fine structure counts in later phases", "0: not at all."),
    "temporal": Words("How much even movement counts", "0: not at all."),
    "precision": Words(
        "Exactness of its numbers",
        "Less exact is faster on graphics cards.",
        choices={
            "auto": "whatever is fastest here",
            "bf16": "16 bits, wide range (bf16)",
            "fp16": "16 bits (fp16)",
            "fp32": "32 bits (fp32)",
        },
    ),
    "device": Words("Where it learns", "On a graphics card where there is one.", choices=_EVERY),
    "threads": Words("Processor cores it may use", "0: all of them."),
    "save_every": Words("Rounds between two safe points"),
    "keep": Words("Safe points that are kept"),
    "preview_every": Words("Rounds between two pictures of how it does"),
    "side": Words("Side of the picture it looks at", unit="pixels"),
    "processes": Words("Graphics cards that learn together", "0: all there are."),
    "tensorboard": Words("Write curves for the program TensorBoard too"),
}
_OWN_SENTENCES: Final[Mapping[str, str]] = {
    "save_every": "From each it can be gone on from; 0: about every five minutes.",
    "preview_every": "0: with each safe point.",
    "keep": "Older ones are removed.",
    "feather": "Wider is softer, and shows more of the old face near the rim.",
    "min_face_px": "Smaller ones stay as they are, and you are told.",
    "max_turn_deg": "0 looks at the camera, 90 is a profile. Faces turned further stay as they"
    " are, and you are told.",
    "portrait.min_face_px": "A photo with a smaller face is refused.",
    "portrait.max_turn_deg": "0 looks at the camera, 90 is a profile. A photo turned further is"
    " refused.",
    "anonymize.min_face_px": "Smaller ones are covered with blocks.",
    "anonymize.max_turn_deg": "0 looks at the camera, 90 is a profile. Faces turned further are"
    " covered with blocks.",
    "shape": "0: the face keeps its own proportions and takes on the skin alone.",
    "TrainOptions.preset": "Tiny draws faces of 128 pixels, small 128, medium 192, large 256.",
    "BodyTrainOptions.preset": "Tiny draws people of 128 pixels, small 192, medium 256, large 512.",
    "TrainOptions.iterations": "0: as long as its size wants.",
    "BodyTrainOptions.iterations": "0: as long as its size wants.",
    "LipsOptions.iterations": "1,500 are usual, for two minutes of video.",
    "side": "0: as its size wants.",
    "batch": "0: as many as fit into memory.",
    "unsure": "Speech never says quite how a mouth stands; some variation makes it steadier.",
    "seed": "Another number gives other movements.",
    "TrainOptions.seed": "The same number gives the same training.",
    "LipsOptions.seed": "The same number gives the same training.",
    "BodyTrainOptions.seed": "The same number gives the same training.",
}
_SAYS_ALL: Final = frozenset(
    {"style.strength", "style.keep_face", "style.only", "portrait.lips", "swap_neural.mouth",
     "body.proportions", "body.match", "style.mode", "portrait.motion", "portrait.fps"}
)  # fmt: skip
"""Options whose name says all that their sentence would."""


def words_of(kind: type[BaseModel], name: str, sentence: str) -> Words:
    """How an option of a model is called; by its own name and sentence where nobody says.

    Example:
        >>> from masquerade.generate.swap_mesh import Options
        >>> words_of(Options, "max_turn_deg", "").label
        'How far a face may be turned away'
        >>> words_of(BaseModel, "of_mine", "A sentence.")
        Words(label='Of mine', why='A sentence.', unit='', choices={})
    """
    owner = kind.__name__
    if owner == "Options":  # of a method, which is a file
        owner = kind.__module__.rpartition(".")[2]
    found = _WORDS.get(f"{owner}.{name}") or _WORDS.get(name)
    if found is None:
        return Words(name.replace("_", " ").capitalize(), sentence)
    told = _OWN_SENTENCES.get(f"{owner}.{name}", _OWN_SENTENCES.get(name, found.why))
    if f"{owner}.{name}" in _SAYS_ALL:
        told = sentence = ""
    return Words(found.label, told or sentence, found.unit, found.choices)


def known_options() -> frozenset[str]:
    """Names of options that have words here."""
    return frozenset(name.rpartition(".")[2] for name in _WORDS)
