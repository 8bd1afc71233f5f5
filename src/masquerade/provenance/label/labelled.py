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
from masquerade.provenance.label.wanted import Clip, Label
from masquerade.provenance.label.words import words
from masquerade.types import Box, Frame, PixelBox

_STEADY_S = Fraction(2)
_Avoid: TypeAlias = Mapping[int, tuple[Box, ...]]


def labelled(
    frames: Iterator[Frame], label: Label, avoid: _Avoid, clip: Clip
) -> Iterator[tuple[Frame, bool]]:
    """Each frame with the label in it, and whether the label had to cover a part of a face.

    Args:
        frames: Pictures of one segment; their size may change.
        label: What it says, and how.
        avoid: Boxes by pts that it must not cover; read anew for each frame.
        clip: The whole that the segment is a part of.

    Raises:
        UsageError: No such preset, or no such language.
        OutputError: A picture is too small to carry a label.
    """
    style = preset(label.preset)
    look: _Look | None = None
    for frame in frames:
        ground = Ground(frame.size_wh, float(clip.pixel_aspect))
        if look is None or look.ground != ground:
            look = _Look(ground, *_drawn(label, style, clip, ground))
        boxes: list[tuple[Plate, PixelBox]] = []
        covers, faces = False, avoid.get(frame.pts, ())
        if _plate_due(frame.time_s, style, clip):
            boxes.append(look.plate(frame, avoid))
        until_s = _card_until(frame.time_s, style, clip)
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
    label: Label, style: Preset, clip: Clip, ground: Ground
) -> tuple[tuple[tuple[Plate, PixelBox], ...], tuple[Plate, ...]]:
    """The plate at every place it may stand, in order of preference, and the card in its sizes."""
    says, wording = words(label.language), label.wording
    plates = [draw_plate(says, wording, ground, style, scale=scale) for scale in style.scales]
    spots = tuple(
        (plate, spot(name, plate, ground.size_wh))
        for names in (CORNERS, EDGES)
        for plate in plates
        for name in names
    )
    wanted_s = max(style.start_card_s, style.end_card_s)
    has_card = card_s(wanted_s, clip.end_s - clip.start_s) > 0
    return spots, draw_card(says, wording, clip.changed, ground) if has_card else ()


def _plate_due(now_s: Fraction, style: Preset, clip: Clip) -> bool:
    """Whether the plate stands now; throughout, too, where a work is too short for its card."""
    if style.notice_s is None or now_s - clip.start_s < style.notice_s:
        return True
    return not card_s(style.end_card_s, clip.end_s - clip.start_s)


def _card_until(now_s: Fraction, style: Preset, clip: Clip) -> Fraction | None:
    """When the card that lies over the picture now is taken away; None where none does."""
    length_s = clip.end_s - clip.start_s
    first_s = clip.start_s + card_s(style.start_card_s, length_s)
    if now_s < first_s:
        return first_s
    last_s = card_s(style.end_card_s, length_s)
    return clip.end_s if last_s and now_s >= clip.end_s - last_s else None


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
            self.card_found = band(self.cards, self.ground.size_wh, faces, taken)
        return self.card_found
