"""Frames with their label, from the first picture on.

White text on a dark plate can be read on any background. The plate's size follows the picture's,
from 64 px to 8K. It stands top right, and goes elsewhere only while a face is there; its place is
chosen so that it holds still for as long as possible. Over a video's beginning or end, as the
preset has it, lies a card with a sentence, in a place that is free of faces all that time; where
there is none, the plate alone stands. No card moves sound or picture in time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from masquerade.provenance.label.place import CORNERS, EDGES, band, choose, covered, spot
from masquerade.provenance.label.plate import Ground, Plate, draw_card, draw_plate, stamp
from masquerade.provenance.label.presets import Preset, card_s, preset
from masquerade.provenance.label.words import ENGLISH, Wording, Words, words
from masquerade.types import Box, Frame, Modality, PixelBox

_STEADY_S = Fraction(2)
_Avoid: TypeAlias = Mapping[int, tuple[Box, ...]]


@dataclass(frozen=True, slots=True)
class Clip:
    """What the label of a segment has to know of the whole.

    Attributes:
        start_s: Time of its first picture.
        end_s: Time of its last; the same for a still.
        pixel_aspect: Width over height of one pixel.
        changed: What was changed, where that is known.
    """

    start_s: Fraction = Fraction(0)
    end_s: Fraction = Fraction(0)
    pixel_aspect: Fraction = Fraction(1)
    changed: tuple[Modality, ...] = ()


def labelled(
    frames: Iterator[Frame],
    text: Wording,
    preset_name: str,
    avoid: _Avoid,
    *,
    language: str = ENGLISH,
    clip: Clip | None = None,
) -> Iterator[tuple[Frame, bool]]:
    """Each frame with the label in it, and whether the label had to cover a part of a face.

    Args:
        frames: Pictures of one segment; their size may change.
        text: What became of them; the label says it in its language.
        preset_name: Which of `PRESETS`.
        avoid: Boxes by pts that it must not cover; read anew for each frame.
        language: Code of the label's language.
        clip: The whole that the segment is a part of; a still if not given.

    Raises:
        UsageError: No such preset, or no such language.
        OutputError: A picture is too small to carry a label.
    """
    style, says, whole = preset(preset_name), words(language), clip or Clip()
    look: _Look | None = None
    for frame in frames:
        ground = Ground(frame.size_wh, float(whole.pixel_aspect))
        if look is None or look.ground != ground:
            look = _Look(ground, *_drawn(says, text, style, whole, ground))
        boxes: list[tuple[Plate, PixelBox]] = []
        covers, faces = False, avoid.get(frame.pts, ())
        if _plate_due(frame.time_s, style, whole):
            boxes.append(look.plate(frame, avoid))
        until_s = _card_until(frame.time_s, style, whole)
        if until_s is not None:
            card = look.card(frame, until_s, avoid, [box for _, box in boxes])
            if card is not None:
                boxes.insert(0, card)
            elif not boxes:
                boxes.append(look.plate(frame, avoid))
        made = frame
        for plate, box in boxes:
            made = stamp(made, plate, box)
            covers |= covered(box, faces) > 0
        yield made, covers


def _drawn(
    says: Words, text: Wording, style: Preset, whole: Clip, ground: Ground
) -> tuple[tuple[tuple[Plate, PixelBox], ...], tuple[Plate, ...]]:
    """The plate at every place it may stand, in order of preference, and the card in its sizes."""
    plates = [draw_plate(says, text, ground, style, scale=scale) for scale in style.scales]
    spots = tuple(
        (plate, spot(name, plate, ground.size_wh))
        for names in (CORNERS, EDGES)
        for plate in plates
        for name in names
    )
    wanted_s = max(style.start_card_s, style.end_card_s)
    has_card = card_s(wanted_s, whole.end_s - whole.start_s) > 0
    return spots, draw_card(says, text, whole.changed, ground) if has_card else ()


def _plate_due(now_s: Fraction, style: Preset, whole: Clip) -> bool:
    """Whether the plate stands now; throughout, too, where a work is too short for its card."""
    if style.notice_s is None or now_s - whole.start_s < style.notice_s:
        return True
    return not card_s(style.end_card_s, whole.end_s - whole.start_s)


def _card_until(now_s: Fraction, style: Preset, whole: Clip) -> Fraction | None:
    """When the card that lies over the picture now is taken away; None where none does."""
    length_s = whole.end_s - whole.start_s
    first_s = whole.start_s + card_s(style.start_card_s, length_s)
    if now_s < first_s:
        return first_s
    last_s = card_s(style.end_card_s, length_s)
    return whole.end_s if last_s and now_s >= whole.end_s - last_s else None


@dataclass(slots=True)
class _Look:
    """The label for pictures of one size, and where it stands at the moment."""

    ground: Ground
    spots: tuple[tuple[Plate, PixelBox], ...]
    cards: tuple[Plate, ...]
    chosen: int = -1
    held_until: int = 0
    card_until_s: Fraction | None = None
    card_found: tuple[Plate, PixelBox] | None = None

    def plate(self, frame: Frame, avoid: _Avoid) -> tuple[Plate, PixelBox]:
        """The plate and its place: the one before, unless a face came there.

        Where there is none without a face, the plate does not go to another every moment.
        """
        faces = avoid.get(frame.pts, ())
        if self.chosen < 0 or covered(self.spots[self.chosen][1], faces):
            boxes = [box for _, box in self.spots]
            soon = frame.pts + round(_STEADY_S / frame.time_base)
            best = choose(boxes, frame.pts, soon, avoid)
            if self.chosen < 0 or not covered(boxes[best], faces) or frame.pts >= self.held_until:
                self.chosen, self.held_until = best, soon
        return self.spots[self.chosen]

    def card(
        self, frame: Frame, until_s: Fraction, avoid: _Avoid, taken: Sequence[PixelBox]
    ) -> tuple[Plate, PixelBox] | None:
        """The card in a place that is free till it goes; it stays there."""
        if self.card_until_s != until_s:
            faces = [
                face
                for pts, found in avoid.items()
                if frame.pts <= pts and pts * frame.time_base <= until_s
                for face in found
            ]
            self.card_until_s = until_s
            self.card_found = band(self.cards, self.ground.size_wh, [*faces, *taken])
        return self.card_found
