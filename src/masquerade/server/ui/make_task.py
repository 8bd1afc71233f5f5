"""What can be made, as the registry of methods says: families, kinds of work, what each needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Final

from masquerade import registry
from masquerade.errors import MasqueradeError
from masquerade.jobs.work import KINDS, kind_of
from masquerade.media.probe import probe
from masquerade.server.ui.advice import in_page_words
from masquerade.server.ui.shelf import Kept
from masquerade.types import Modality, Need

_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "swap": ("Swap a face", "Somebody's face in the place of another's."),
    "edit": ("Change a face", "Shape, make-up, or signs of illness for teaching."),
    "lipsync": ("Move lips, dub", "Somebody in a video says what a recording or a text says."),
    "voice": ("Change a voice", "Disguise it, convert it, or let a text be spoken."),
    "portrait": ("Let a photo speak", "A photo says what a recording or a text says."),
    "body": ("Replace a person", "A whole person in a video becomes another one."),
    "anonymize": ("Hide people", "Everybody becomes somebody who does not exist."),
    "style": ("Paint in a style", "A picture or video as a painting."),
}
_METHODS: Final[Mapping[str, tuple[str, str]]] = {
    "swap_mesh": ("From one photo", "One photo is enough, and nothing has to be trained."),
    "swap_appearance": (
        "From a video or many photos",
        "Looks that change with the expression. A minute of video of the person is good.",
    ),
    "swap_neural": (
        "With a network trained here",
        "The best: it has learned both people, on the Train page.",
    ),
    "swap_network": (
        "With a network from elsewhere",
        "For those who have one: an ONNX file, and a card that says how it is used.",
    ),
    "voice_convert": ("Into another voice", "Words, melody and timing stay, the voice changes."),
    "voice_disguise": (
        "Disguise it",
        "Nobody is to recognise it: another pitch and timbre, the words as they were said.",
    ),
    "voice_speak": ("Read a text aloud", "A text in English, in the voice of somebody who agreed."),
}
_ORDER: Final = tuple(_WORDS)
_ENDINGS: Final = {"still": ".png", "video": ".mp4", "animation": ".webp", "audio": ".wav"}
_FORMATS: Final = frozenset(
    {".jpg", ".jpeg", ".png", ".webp", ".mp4", ".mov", ".gif", ".wav", ".mp3", ".flac", ".m4a"}
)
_EITHER: Final[Mapping[str, tuple[str, ...]]] = {"body": ("source", "source_video")}
_BESIDES: Final[Mapping[str, tuple[str, ...]]] = {"body": ("holdout",)}
_ASKED: Final = frozenset({"target", "out", "voice"})  # by parts of the form of their own
_NO_CONSENT: Final = frozenset({"anonymize", "voice_disguise"})


@dataclass(frozen=True, slots=True)
class Task:
    """One method as a page offers it.

    Attributes:
        method: Its name in the registry.
        module: It, imported.
        kind: The kind of work that does it.
    """

    method: str
    module: ModuleType
    kind: str

    @property
    def takes(self) -> frozenset[str]:
        """Fields of the kind's spec."""
        return frozenset(kind_of(self.kind).Spec.model_fields)

    @property
    def wants_source(self) -> bool:
        """Whether photos or videos of another person go in."""
        return "sources" in self.takes and "source" in registry.takes(self.module)

    @property
    def source_needed(self) -> bool:
        """Whether it cannot do without: a trained model may stand for it."""
        return self.wants_source and not hasattr(self.module, "sources")

    @property
    def wants_consent(self) -> bool:
        """Whether somebody has to have agreed."""
        if self.kind in _NO_CONSENT:
            return False
        return self.kind != "make" or self.wants_source or registry.portrays_target(self.module)

    @property
    def carries_consent(self) -> bool:
        """Whether a file that goes in brings the record of whoever is used, as a voice does."""
        return self.lends == "voice" and "voice" in self.takes

    @property
    def lends(self) -> Modality:
        """What somebody has to have agreed to be used: how they look, or how they sound."""
        if registry.makes(self.module) == "sound":
            return "voice"
        return registry.lends(self.module)

    @property
    def files(self) -> tuple[str, ...]:
        """Files that go in besides the one that is changed, as the spec names them."""
        declared = kind_of(self.kind).Spec.model_fields
        needed = tuple(
            name
            for name, one in declared.items()
            if one.is_required() and one.annotation is Path and name not in _ASKED
        )
        return needed or _EITHER.get(self.kind, ())

    @property
    def files_besides(self) -> tuple[str, ...]:
        """Files that may go in as well, or be left out."""
        return _BESIDES.get(self.kind, ())

    @property
    def one_of_files(self) -> bool:
        """Whether one of these is enough."""
        return self.kind in _EITHER

    @property
    def previewed(self) -> bool:
        """Whether a few moments can be seen before the whole is made."""
        return self.kind == "make"

    @property
    def inspected(self) -> bool:
        """Whether what will go wrong can be told before it is made."""
        return self.kind == "body"

    @property
    def summary(self) -> str:
        """What it does, in a sentence."""
        if self.method in _METHODS:
            return _METHODS[self.method][1]
        return in_page_words(registry.entry(self.method).summary).replace("`", "")


def families() -> list[tuple[str, str, str]]:
    """(command, words, sentence) of each family of methods, the usual ones first."""
    found = registry.commands()
    order = [one for one in _ORDER if one in found] + [one for one in found if one not in _WORDS]
    return [
        (name, *_WORDS.get(name, (name.capitalize(), found[name][0].summary)))
        for name in order
        if tasks(name)
    ]


def tasks(command: str) -> list[Task]:
    """The methods of a family that can be used here, the preferred one first."""
    found = []
    for entry in registry.commands()[command]:
        try:
            module = registry.get(entry.name)
        except MasqueradeError:  # of another package, and broken
            continue
        kind = entry.name if entry.name in KINDS else "make"
        if kind != "make" or _is_plain(module):
            found.append(Task(entry.name, module, kind))
    first = registry.preferred(command)
    return sorted(found, key=lambda one: one.method != first)


def _is_plain(module: ModuleType) -> bool:
    """Whether the pipeline of pictures can make it; others need a kind of work of their own."""
    sound = registry.makes(module) == "sound" or Need.AUDIO in module.needs
    return not sound and not getattr(module, "conceals", False)


def name_of(task: Task) -> str:
    """A method's name for people.

    Example:
        >>> name_of(Task("swap_mesh", registry.get("swap_mesh"), "make"))
        'From one photo'
    """
    if task.method in _METHODS:
        return _METHODS[task.method][0]
    command, _, rest = task.method.partition("_")
    return (rest or command).replace("_", " ").capitalize()


def out_name(target: Kept, task: Task) -> str:
    """The name of what is made of a target, with an ending that can be sealed."""
    ending = ".mp4" if task.kind == "portrait" else target.path.suffix.lower()
    if ending not in _FORMATS:
        ending = _ENDINGS.get(probe(target.path).kind, ".mp4")
    return f"{target.path.stem}-masquerade{ending}"
