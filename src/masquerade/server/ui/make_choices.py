"""What a kind of work asks besides its files and options: voices, sound, what is seen meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from masquerade.server.ui.fields import Field, pick
from masquerade.server.ui.make_task import Task


@dataclass(frozen=True, slots=True)
class Choice:
    """One question.

    Attributes:
        label: What is asked.
        choices: What each answer is called, and what it comes to in a job's spec; the usual first.
        why: A sentence below.
    """

    label: str
    choices: Mapping[str, tuple[str, Mapping[str, Any]]]
    why: str = ""


_LANGUAGE: Final = Choice(
    "Language of the recording",
    {
        "en": ("English", {}),
        "other": ("another language", {"language": "other"}),
    },
    "English is written down first, so that lips close where they should.",
)
_BY_KIND: Final[Mapping[str, tuple[Choice, ...]]] = {
    "anonymize": (
        Choice(
            "What becomes of voices and sound?",
            {
                "keep": ("all of it stays", {}),
                "disguise": ("voices are disguised", {"voice": "disguise"}),
                "drop": ("the sound is left out", {"drop_sound": True}),
            },
            "Whoever knows a voice knows who speaks.",
        ),
        Choice(
            "Where a face cannot be replaced",
            {
                "refuse": ("make nothing", {}),
                "pixelate": ("cover the whole head with blocks", {"on_failure": "pixelate"}),
            },
            "Such as a face that is very small, or turned away.",
        ),
    ),
    "lipsync": (
        _LANGUAGE,
        Choice(
            "Where the recording is longer than the video",
            {
                "stop": ("end with the video", {}),
                "hold": ("hold the last frame", {"longer": "hold"}),
                "loop": ("go on, forth and back", {"longer": "loop"}),
            },
        ),
    ),
    "portrait": (_LANGUAGE,),
    "body": (
        Choice(
            "Where a shot will look wrong",
            {
                "refuse": ("make nothing, and say why", {}),
                "make": ("make it all the same", {"force_quality": True}),
            },
            "Such as one where the person is turned otherwise than in the photo.",
        ),
    ),
}


class Choices:
    """What was answered so far; state of a part of one form."""

    def __init__(self, task: Task) -> None:
        self._asked = _BY_KIND.get(task.kind, ())
        self._fields: list[Field] = []

    def draw(self) -> None:
        """Puts the questions on the page."""
        self._fields = [
            pick(one.label, {key: words for key, (words, _) in one.choices.items()}, why=one.why)
            for one in self._asked
        ]

    def spec(self) -> dict[str, Any]:
        """The answers, as a job's spec takes them."""
        found: dict[str, Any] = {}
        for one, field in zip(self._asked, self._fields, strict=True):
            found |= one.choices[str(field.value)][1]
        return found
