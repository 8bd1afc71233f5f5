"""Words drawn: a plate for a corner, a card with a sentence, and either put into a frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from masquerade.errors import OutputError
from masquerade.media.colour import replace as put_in
from masquerade.media.layout import layout
from masquerade.provenance.label.presets import Preset
from masquerade.provenance.label.typeface import Typeface, blank, typeface
from masquerade.provenance.label.words import Wording, Words
from masquerade.types import Frame, Modality, PixelBox

SMALLEST_PX = 48
_MARGIN = 0.012  # of the shorter side
_SMALLEST_TEXT_PX = 12
_LEGIBLE_PX = 9  # below it a shorter text says more
_LEAST_PX = 6
_WIDEST_LINE = 0.45  # of the picture's width; wider text is broken into lines
_LARGEST_AREA = 0.25  # of the picture; where words need more, the plate says "AI" alone
_CARD_TEXT_SHARE = 0.042
_CARD_WIDTH, _CARD_HEIGHT = 0.86, 0.36
_CARD_SCALES = (1.0, 0.8, 0.65)
_CARD_OPACITY = 0.85
_SMALLEST_CARD_TEXT_PX = 10


@dataclass(frozen=True, slots=True)
class Plate:
    """A drawn label: (h, w, 3) float32 premultiplied RGB in [0, 255], (h, w, 1) float32 opacity."""

    colour: NDArray[np.float32]
    opacity: NDArray[np.float32]
    margin_px: int

    @property
    def size_wh(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.opacity.shape[1], self.opacity.shape[0]


@dataclass(frozen=True, slots=True)
class Ground:
    """What a label is drawn for: pictures of one size, whose pixels may not be square.

    Attributes:
        size_wh: In stored pixels.
        pixel_aspect: Width over height of one pixel as it is shown.
    """

    size_wh: tuple[int, int]
    pixel_aspect: float = 1.0

    @property
    def shown_wh(self) -> tuple[float, float]:
        """Width and height as shown, in units of a pixel's height."""
        return self.size_wh[0] * self.pixel_aspect, float(self.size_wh[1])

    @property
    def margin_px(self) -> int:
        """What is left free at the picture's edges."""
        return max(1, round(_MARGIN * min(self.shown_wh)))


def draw_plate(
    words: Words, wording: Wording, ground: Ground, preset: Preset, *, scale: float = 1.0
) -> Plate:
    """The plate for pictures of one size; the same size for every wording of a language.

    So the label of work that is changed again covers the label it had, and no half of a word looks
    out from under it. Where the words would be too small to read, or take a quarter of the picture,
    the plate says "AI" alone.

    Raises:
        OutputError: The picture is too small to carry a label.

    Example:
        >>> from masquerade.provenance.label import preset, words
        >>> plate = draw_plate(words("en"), "AI MODIFIED", Ground((1280, 720)), preset("eu"))
        >>> plate.size_wh[0] < 320
        True
    """
    if min(ground.size_wh) < SMALLEST_PX:
        raise _too_small(ground)
    letters, wanted = typeface(words.language), _text_px(ground, preset, scale)
    texts = (words.generated, words.modified)
    for said, least in ((texts, _LEGIBLE_PX), ((words.ai,), _LEAST_PX)):
        for size in range(wanted, least - 1, -1):
            blocks = [_wrapped(text, size, letters, words, ground) for text in said]
            box_wh = _around(blocks, size, letters)
            if _fits(box_wh, ground, is_last=least == _LEAST_PX):
                lines = blocks[said.index(words.plate(wording))] if said == texts else blocks[0]
                return _drawn(lines, size, box_wh, letters, ground, preset.opacity, preset.rim)
    raise _too_small(ground)


def draw_card(
    words: Words, wording: Wording, changed: Sequence[Modality], ground: Ground
) -> tuple[Plate, ...]:
    """The card in falling sizes: headline, sentence, what was changed; none if not legible."""
    letters, margin = typeface(words.language), ground.margin_px
    width, height = ground.shown_wh
    made = []
    for scale in _CARD_SCALES:
        size = round(_CARD_TEXT_SHARE * scale * float(np.sqrt(width * height)))
        if size < _SMALLEST_CARD_TEXT_PX:
            continue
        most = _CARD_WIDTH * width - 2 * _pad(size)
        lines: list[str] = []
        for text in words.card(wording, changed):
            lines += _broken(text, size, letters, words, most)
        box_wh = _around([lines], size, letters)
        if box_wh[0] <= width - 2 * margin and box_wh[1] <= _CARD_HEIGHT * height:
            made.append(_drawn(lines, size, box_wh, letters, ground, _CARD_OPACITY, rim=False))
    return tuple(made)


def stamp(frame: Frame, plate: Plate, box: PixelBox) -> Frame:
    """The frame with the plate in that box, opaque there; pixels elsewhere stay bit-exact."""
    x0, y0, x1, y1 = box
    under = frame.pixels[y0:y1, x0:x1].astype(np.float32)
    if frame.alpha is not None:  # what no viewer sees must not shine through a quiet plate
        under *= frame.alpha[y0:y1, x0:x1, None] / np.float32(255)
    mixed = under * (1 - plate.opacity) + plate.colour
    made = put_in(frame, np.clip(mixed + 0.5, 0, 255).astype(np.uint8), box)
    return made if frame.alpha is None else _opaque(made, box)


def _opaque(frame: Frame, box: PixelBox) -> Frame:
    """A label on a transparent part of a picture would not be seen."""
    x0, y0, x1, y1 = box
    assert frame.alpha is not None
    alpha = frame.alpha.copy()
    alpha[y0:y1, x0:x1] = 255
    planes = frame.planes
    if planes is not None and layout(planes.format).alpha:
        last = planes.arrays[-1].copy()
        last[y0:y1, x0:x1] = 2 ** layout(planes.format).bits - 1
        planes = replace(planes, arrays=(*planes.arrays[:-1], last))
    return replace(frame, alpha=alpha, planes=planes)


def _text_px(ground: Ground, preset: Preset, scale: float) -> int:
    width, height = ground.shown_wh
    side = min(width, height) if preset.sized_by == "shorter" else float(np.sqrt(width * height))
    return max(_SMALLEST_TEXT_PX, round(preset.text_share * scale * side))


def _fits(box_wh: tuple[int, int], ground: Ground, *, is_last: bool) -> bool:
    (w, h), (width, height) = box_wh, ground.shown_wh
    inside = w <= width - 2 * ground.margin_px and h <= height - 2 * ground.margin_px
    return inside and (is_last or w * h <= _LARGEST_AREA * width * height)


def _wrapped(text: str, size: int, letters: Typeface, words: Words, ground: Ground) -> list[str]:
    return _broken(text, size, letters, words, _WIDEST_LINE * ground.shown_wh[0])


def _broken(text: str, size: int, letters: Typeface, words: Words, most_px: float) -> list[str]:
    """Lines no longer than `most_px`, as far as words allow, and about equally long."""
    count = max(1, int(np.ceil(letters.width_px(text, size) / most_px)))
    aim = letters.width_px(text, size) / count
    lines = [""]
    for piece in words.pieces(text):
        longer = letters.width_px((lines[-1] + piece).strip(), size)
        grown = (letters.width_px(lines[-1].strip(), size) + longer) / 2
        if lines[-1] and (longer > most_px or (grown > aim and len(lines) < count)):
            lines.append("")
        lines[-1] += piece
    return [line.strip() for line in lines]


def _pad(size: int) -> int:
    return max(2, round(size * 0.35))


def _step(size: int) -> int:
    return round(size * 1.25)


def _around(blocks: Sequence[Sequence[str]], size: int, letters: Typeface) -> tuple[int, int]:
    """Width and height of a plate that has room for each of the blocks of lines."""
    longest = max(letters.width_px(line, size) for block in blocks for line in block)
    tallest = max(len(block) for block in blocks)
    return round(longest) + 2 * _pad(size), _step(size) * tallest + 2 * max(1, _pad(size) // 2)


def _drawn(
    lines: Sequence[str],
    size: int,
    box_wh: tuple[int, int],
    letters: Typeface,
    ground: Ground,
    opacity: float,
    rim: bool,
) -> Plate:
    """White text on a dark plate, drawn as shown and then squeezed to the picture's own pixels."""
    (w, h), step = box_wh, _step(size)
    ink = blank((w, h))
    pen = ImageDraw.Draw(ink)
    if rim:
        pen.rectangle((0, 0, w - 1, h - 1), outline=255, width=max(1, size // 14))
    for number, line in enumerate(lines):
        y = h / 2 + (number - (len(lines) - 1) / 2) * step
        letters.draw(pen, (w / 2, y), line, size)
    # Even sides keep subsampled chroma planes aligned with the plate.
    stored = (max(2, round(w / ground.pixel_aspect / 2) * 2), h + h % 2)
    if stored != (w, h):
        ink = ink.resize(stored, Image.Resampling.LANCZOS)
    white = np.asarray(ink, dtype=np.float32)[..., None] / np.float32(255)
    return Plate(white * 255, np.maximum(white, np.float32(opacity)), ground.margin_px)


def _too_small(ground: Ground) -> OutputError:
    width, height = ground.size_wh
    return OutputError(
        f"a picture of {width} x {height} cannot carry a label",
        f"at least {SMALLEST_PX} px on each side",
        "use a larger target",
    )
