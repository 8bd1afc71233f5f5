"""The networks that hear speech, loaded together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from masquerade.models.card import card
from masquerade.models.pitch import CARD as PITCH
from masquerade.models.pitch import PitchNetwork
from masquerade.models.speaker import CARD as SPEAKER
from masquerade.models.speaker import Speaker
from masquerade.models.speech_content import CARD as CONTENT
from masquerade.models.speech_content import SpeechContent
from masquerade.models.store import Progress
from masquerade.models.voice_activity import CARD as ACTIVITY
from masquerade.models.voice_activity import VoiceActivity


@dataclass(frozen=True, slots=True)
class SpeechReader:
    """What hears who says what, when and at which pitch."""

    content: SpeechContent
    pitch: PitchNetwork
    activity: VoiceActivity
    speaker: Speaker

    @classmethod
    def open(cls, *, threads: int = 1, progress: Progress | None = None) -> Self:
        """All with their weights loaded, fetched on first use.

        Args:
            threads: Threads one call may use, at least 1.
            progress: Told about a fetch, when there is one.

        Raises:
            ModelError: They cannot be had.
        """
        return cls(
            SpeechContent.open(threads=threads, progress=progress),
            PitchNetwork.open(progress=progress),
            VoiceActivity.open(progress=progress),
            Speaker.open(threads=threads, progress=progress),
        )


def speech_models() -> tuple[tuple[str, str], ...]:
    """Name and SHA-256 of each of these networks, for a recipe."""
    return tuple((name, card(name).sha256) for name in (CONTENT, PITCH, ACTIVITY, SPEAKER))
