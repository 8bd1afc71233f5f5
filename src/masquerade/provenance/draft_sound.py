"""The sound of a draft as it comes: checked, and kept piece by piece so that a stopped run goes on.

What is kept is encrypted, as finished pictures are. The marks come later: they run over the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import ProvenanceError
from masquerade.provenance.label.presets import preset
from masquerade.provenance.label.spoken import announced
from masquerade.provenance.label.wanted import Label
from masquerade.provenance.parts import Part, Parts
from masquerade.provenance.watermark.marking import Mark
from masquerade.types import Audio, Draft, DraftSegment, DraftSound, SoundPiece

LEAST_SR: Final = 8_000
MOST_SR: Final = 96_000
_SILENT_KINDS: Final = ("still", "animation")
MOST_KEPT_S: Final = 300
"""A piece that is kept is held in memory as a whole; longer ones must stream."""


@dataclass(slots=True)
class SoundFlow:
    """One draft's sound while it is written.

    Attributes:
        sound: Of the draft.
        parts: Where finished pieces are kept.
        progress: Told how far it is.
        done: Samples that went by.
        pieces: How many they came in.
        resumed: How many of those an earlier run had finished.
        tallies: What came of each piece, by index.
    """

    sound: DraftSound
    parts: Parts
    progress: Callable[[str, int, int | None], None]
    done: int = 0
    pieces: int = 0
    resumed: int = 0
    tallies: dict[int, str] = field(default_factory=dict)

    @property
    def seconds(self) -> Fraction:
        """How long it is so far."""
        return Fraction(self.done, self.sound.sr)

    def blocks(self) -> Iterator[Audio]:
        """The sound from its first sample to its last, each block with its time from 0 on.

        Raises:
            ProvenanceError: It is not what the draft says, or holds what is no sound.
        """
        for piece in self.sound.pieces:
            self.pieces += 1
            for block in self._kept(piece) if piece.key else self._streamed(piece):
                start_s = self.seconds
                self.done += block.shape[1]
                self.progress("sound, s", int(self.seconds), self._whole_s)
                yield Audio(block, self.sound.sr, start_s)
        if not self.done:
            raise ProvenanceError(
                "the draft has no sound left", "a draft that was not saved before"
            )

    @property
    def _whole_s(self) -> int | None:
        return None if self.sound.count is None else self.sound.count // self.sound.sr

    def _streamed(self, piece: SoundPiece) -> Iterator[NDArray[np.float32]]:
        for block in piece.blocks:
            yield _checked(block, self.sound)
        self.tallies[piece.index] = piece.tally()

    def _kept(self, piece: SoundPiece) -> Iterator[NDArray[np.float32]]:
        place = DraftSegment(piece.index, f"sound {piece.key}", 0, 0, iter(()))
        part = self.parts.find(place)
        self.resumed += part is not None
        if part is None:
            samples = self._gathered(piece)
            part = Part(0, 0, piece.tally(), (), (), samples.tobytes())
            self.parts.put(place, part)
        self.tallies[piece.index] = part.tally
        samples = np.frombuffer(part.data, np.float32).reshape(self.sound.channels, -1)
        if samples.shape[1]:
            yield samples

    def _gathered(self, piece: SoundPiece) -> NDArray[np.float32]:
        blocks = [np.zeros((self.sound.channels, 0), np.float32)]
        most = MOST_KEPT_S * self.sound.sr
        for block in piece.blocks:
            blocks.append(_checked(block, self.sound))
            if sum(one.shape[1] for one in blocks) > most:
                raise ProvenanceError(
                    f"piece {piece.index} of the sound lasts longer than {MOST_KEPT_S} s",
                    "shorter pieces, or one without a key, which streams",
                )
        return np.concatenate(blocks, axis=1)


def sound_shape(draft: Draft) -> tuple[int, int] | None:
    """Rate and channels of a draft's sound, when it can carry its marks; None where it has none.

    Raises:
        ProvenanceError: It cannot, or the draft has sound that its kind has no place for.
    """
    sound = draft.sound
    lacks = sound is None and draft.kind == "sound"
    if lacks or (sound is not None and draft.kind in _SILENT_KINDS):
        words = "sound" if sound else "no sound"
        raise ProvenanceError(f"a draft of kind {draft.kind} with {words}", "a draft as described")
    if sound is None:
        return None
    if not LEAST_SR <= sound.sr <= MOST_SR or sound.start_s < 0:
        raise ProvenanceError(
            f"sound of {sound.sr} Hz that begins at {float(sound.start_s):.2f} s",
            f"{LEAST_SR} to {MOST_SR} Hz, from 0 s on",
        )
    return sound.sr, sound.channels


def with_marks(
    blocks: Iterator[Audio], label: Label, mark: Mark
) -> tuple[Iterator[Audio], Fraction]:
    """The sound with its marks, and by how many seconds it comes later for that.

    A label that is heard is said before or after it; the watermark runs over all of it.

    Args:
        blocks: One sound, from 0 s on.
        label: Of the output; nothing is said where it is seen in the pictures.
        mark: The watermark.
    """
    if not label.is_heard:
        return mark.put_in_sound(blocks), Fraction(0)
    style = preset(label.preset)
    said = announced(
        blocks,
        label.language,
        label.wording,
        place=style.spoken,
        below_lu=style.spoken_below_lu,
    )
    first = next(said)
    later = first.samples.shape[1] if style.spoken == "before" else 0
    return mark.put_in_sound(chain([first], said)), Fraction(later, first.sr)


def _checked(block: Audio, sound: DraftSound) -> NDArray[np.float32]:
    samples = block.samples
    if block.sr != sound.sr or samples.ndim != 2 or samples.shape[0] != sound.channels:
        raise ProvenanceError(
            f"a block of sound of {block.sr} Hz and shape {samples.shape}",
            f"{sound.sr} Hz and {sound.channels} channels, as the draft says",
        )
    if samples.dtype != np.float32 or not float(np.abs(samples).max(initial=0.0)) <= 1:
        raise ProvenanceError(
            "a block of generated sound leaves the range, or holds what is no number",
            "float32 in [-1, 1]",
            "report it to the method's maker; nothing was written",
        )
    return samples
