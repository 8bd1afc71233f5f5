"""What the quiz explains: where to look in each changed portrait, and questions in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

CLUES: Final[Mapping[str, tuple[str, ...]]] = {
    "hugo-cora": (
        "Follow the rim of the face, from temple to jaw: colour and sharpness change where the new"
        " skin ends.",
        "A nose stud appears, and make-up on the lips: small things come along with the borrowed"
        " skin.",
        "Hair, ears, neck and suit are untouched: a swap changes the middle of the face only.",
    ),
    "ada-smile": (
        "The corners of the mouth are higher, yet the cheeks hardly lift and no new lines appear.",
        "The eyes are a little too large for the lids around them.",
        "Nothing beside the face moved: hair and background are the same to the pixel.",
    ),
    "bela-dora": (
        "Skin of an older face in a younger outline: lines and spots end at the rim.",
        "Compare the forehead with the neck: the light falls a little differently on them.",
        "Look at the brows and where the hair begins: two faces overlap there.",
    ),
    "femi-palsy": (
        "One half of the face hangs: the corner of the mouth, the cheek, the brow.",
        "The change is real in a patient and drawn here. Only the source of a picture can tell.",
        "Staff in training see signs of illness this way without any patient being photographed.",
    ),
    "cora-ada": (
        "The face is lighter than the neck below it, however well colours were matched.",
        "The shine on the forehead belongs to another lamp.",
        "Earrings and hair are the same: what is bound to the skin changed, what hangs beside it"
        " did not.",
    ),
    "dora-smooth": (
        "Skin without a line, between hair and neck that have their grain: smoothing leaves edges"
        " alone.",
        "The jaw is narrower. Nothing else in the picture helps to notice it, which is the point.",
        "The most common edits are of this kind: not a swap, but a face made pleasing.",
    ),
}


@dataclass(frozen=True, slots=True)
class Question:
    """A question in words; the first answer is right, they are shown in any order.

    Attributes:
        asks: The question.
        answers: Three of them, the right one first.
        because: Why it is right.
    """

    asks: str
    answers: tuple[str, ...]
    because: str


QUESTIONS: Final = (
    Question(
        "A video has no marks and no manifest. What does that say?",
        ("Nothing, most files have none", "It is a fake", "It is genuine"),
        "Almost no camera signs its files today, and most sites strip what there was. Absence of"
        " marks is the ordinary case.",
    ),
    Question(
        "A photo carries a whole signature by an unknown signer. What is shown?",
        (
            "Nobody changed it since it was signed",
            "What it shows is true",
            "A known newspaper took it",
        ),
        "A signature binds the bytes to a key. Who holds the key, and whether the scene was"
        " real, it does not say. Anybody can make a certificate.",
    ),
    Question(
        "An examination says that its evidence is inconclusive. What should you do?",
        (
            "Look for the original and for other sources",
            "Take it for genuine",
            "Take it for manipulated",
        ),
        "Inconclusive is an honest and frequent outcome. The original file, its history, and others"
        " who were there tell more than pixels.",
    ),
)
