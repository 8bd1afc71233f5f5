"""What is wanted of a label, and what it has to know of the work it is put into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from masquerade.media.probe import MediaInfo
from masquerade.provenance.canonical import Json
from masquerade.provenance.label.presets import preset
from masquerade.provenance.label.spoken import check_voice, sentence
from masquerade.provenance.label.typeface import typeface
from masquerade.provenance.label.words import ENGLISH, Wording, words
from masquerade.types import Draft, DraftSegment, Modality

_MODALITIES: tuple[Modality, ...] = ("face", "voice", "body")
_WIDEST_PIXEL = Fraction(2)  # anamorphic film; a file can claim anything


@dataclass(frozen=True, slots=True)
class Label:
    """All that decides what a label says and how.

    Attributes:
        preset: Which of `PRESETS`.
        language: Code of its language.
        wording: What became of the media.
        is_heard: Whether it is spoken, in sound without pictures, and not drawn.
    """

    preset: str = "eu"
    language: str = ENGLISH
    wording: Wording = "AI MODIFIED"
    is_heard: bool = False

    @property
    def text(self) -> str:
        """What stands on the plate, or is said."""
        if self.is_heard:
            return sentence(self.language, self.wording)
        return words(self.language).plate(self.wording)

    @property
    def in_words(self) -> str:
        """The label in a few plain words."""
        if self.is_heard:
            return f"spoken {preset(self.preset).spoken} the sound: {self.text}"
        return f"labelled {self.text}"

    def check(self) -> None:
        """Passes when such a label can be drawn, or spoken.

        Raises:
            UsageError: No such preset, or no such language.
            OutputError: This machine cannot write that language.
            ProvenanceError: No voice is installed here.
        """
        preset(self.preset)
        if self.is_heard:
            check_voice(self.language)
        else:
            typeface(words(self.language).language)

    def as_json(self) -> dict[str, Json]:
        """The label as manifests and the ledger state it."""
        said: dict[str, Json] = {"spoken": preset(self.preset).spoken} if self.is_heard else {}
        return {"preset": self.preset, "language": self.language, "text": self.text, **said}


@dataclass(frozen=True, slots=True)
class Clip:
    """What the label of a segment has to know of the whole.

    Attributes:
        start_s: Time of its first picture.
        end_s: Time of its last; the same for a still.
        pixel_aspect: Width over height of one pixel, from 1/2 to 2.
        changed: What was changed, where that is known.
    """

    start_s: Fraction = Fraction(0)
    end_s: Fraction = Fraction(0)
    pixel_aspect: Fraction = Fraction(1)
    changed: tuple[Modality, ...] = ()


def clip_of(draft: Draft, segments: Sequence[DraftSegment], info: MediaInfo) -> Clip:
    """What is known of the whole of a draft once its segments are, before any is made.

    The end is that of the last segment, as pictures were found in the file, and not what the
    file's header says: a card over the end is there in a file that is shorter than it says.
    """
    used = {use.modality for use in draft.uses if use.role == "source"}
    if draft.sound is not None:
        used.add("voice")
    times = [pts * info.time_base for one in segments for pts in (one.first_pts, one.last_pts)]
    return Clip(
        start_s=min(times, default=Fraction(0)),
        end_s=max(times, default=Fraction(0)),
        # A label drawn for wider pixels would be a thin line for whoever corrects the claim.
        pixel_aspect=Fraction(1)
        if draft.cells is not None
        else min(max(info.pixel_aspect, 1 / _WIDEST_PIXEL), _WIDEST_PIXEL),
        changed=tuple(one for one in _MODALITIES if one in used),
    )
