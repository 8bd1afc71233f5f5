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
        "Nothing beside the face moved: hair and background are where they were.",
    ),
    "bela-dora": (
        "Strands of another fringe lie across the forehead: they came along with the skin.",
        "Lines and spots of an older skin end at the rim of the face.",
        "Compare the face with the neck: the light falls a little differently on them.",
    ),
    "femi-palsy": (
        "One half of the face hangs: the corner of the mouth, the cheek, the brow.",
        "The change is real in a patient and drawn here. Only the source of a picture can tell.",
        "Staff in training see signs of illness this way without any patient being photographed.",
    ),
    "cora-ada": (
        "The eyes are light now; before, they were brown.",
        "The nose stud is gone: what lies on the skin is exchanged along with it.",
        "Earrings, necklace and hair are the same: what lies beside the face did not change.",
    ),
    "dora-smooth": (
        "The lips are redder, the jaw is a little narrower, lines beside the eyes have faded.",
        "Nothing beside the face helps to notice it: hair and background did not change.",
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
