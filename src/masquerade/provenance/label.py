"""The visible label: text on a plate in a corner, from the first picture on.

White text with a white rim on a dark plate can be read on any background. The plate's size follows
the picture's, from 64 px to 8K. It stands top right, and goes to another corner only while a face
is there. The corner is chosen for as long a run of pictures as possible, so that it holds still
within a shot.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import replace as replaced
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from masquerade.errors import OutputError, UsageError
from masquerade.media.colour import replace
from masquerade.media.layout import layout
from masquerade.types import Box, Frame, PixelBox

Wording = Literal["AI GENERATED", "AI MODIFIED"]
SMALLEST_PX = 48
_TEXT_SHARE = 0.032  # of the geometric mean of the sides: 31 px at 1280 x 720
_SMALLEST_TEXT_PX = 12
_WIDEST_LINE = 0.45  # of the picture's width; wider text is broken into two lines
_PLATE_OPACITY = 0.9


@dataclass(frozen=True, slots=True)
class Preset:
    """A way to label: where it stands first, and since when it exists.

    Attributes:
        corners: Corners in order of preference.
        summary: What it is for.
    """

    corners: tuple[str, ...]
    summary: str


PRESETS: Mapping[str, Preset] = {
    "eu": Preset(
        ("top right", "top left", "bottom right", "bottom left"),
        "text top right from the first picture on, as the EU's code of practice asks",
    ),
}


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


def preset(name: str) -> Preset:
    """The preset of that name.

    Raises:
        UsageError: There is none.
    """
    if name not in PRESETS:
        raise UsageError(f"no label is named {name!r}", "one of " + ", ".join(sorted(PRESETS)))
    return PRESETS[name]


def draw_plate(text: Wording, size_wh: tuple[int, int]) -> Plate:
    """The label for pictures of one size; the same size for every wording.

    So the label of work that is changed again covers the label it had, and no half of a word looks
    out from under it.

    Raises:
        OutputError: The picture is too small to carry a label.

    Example:
        >>> draw_plate("AI MODIFIED", (1280, 720)).size_wh[0] < 320
        True
    """
    width, height = size_wh
    if min(size_wh) < SMALLEST_PX:
        raise OutputError(
            f"a picture of {width} x {height} cannot carry a label",
            f"at least {SMALLEST_PX} px on each side",
            "use a larger target",
        )
    margin = max(1, round(0.012 * min(size_wh)))
    room = width - 2 * margin
    size = max(_SMALLEST_TEXT_PX, round(_TEXT_SHARE * float(np.sqrt(width * height))))
    widest = [max(get_args(Wording), key=lambda words: _line_width(words, size))]
    lines = [str(text)]
    if _line_width(widest[0], size) > _WIDEST_LINE * width:
        widest, lines = widest[0].split(" "), text.split(" ")
    while size > 6 and max(_line_width(line, size) for line in widest) + size > room:
        size -= 1
    return _draw(lines, size, margin, max(_line_width(line, size) for line in widest))


def labelled(
    frames: Iterator[Frame], text: Wording, preset_name: str, avoid: Mapping[int, tuple[Box, ...]]
) -> Iterator[tuple[Frame, bool]]:
    """Each frame with the label in it, and whether the label had to cover a part of a face.

    Args:
        frames: Pictures of one segment; their size may change.
        text: What the label says.
        preset_name: Which of `PRESETS`.
        avoid: Boxes by pts that it must not cover; read anew for each frame.

    Raises:
        UsageError: No such preset.
        OutputError: A picture is too small to carry a label.
    """
    corners = preset(preset_name).corners
    plate: Plate | None = None
    size_wh, corner = (0, 0), ""
    for frame in frames:
        if plate is None or frame.size_wh != size_wh:
            size_wh, plate, corner = frame.size_wh, draw_plate(text, frame.size_wh), ""
        here = avoid.get(frame.pts, ())
        if not corner or _covered(_place(corner, plate, size_wh), here) > 0:
            corner = _longest_free(corners, plate, size_wh, frame.pts, avoid)
        box = _place(corner, plate, size_wh)
        yield stamp(frame, plate, box), _covered(box, here) > 0


def stamp(frame: Frame, plate: Plate, box: PixelBox) -> Frame:
    """The frame with the plate in that box, opaque there; pixels elsewhere stay bit-exact."""
    x0, y0, x1, y1 = box
    under = frame.pixels[y0:y1, x0:x1].astype(np.float32)
    mixed = under * (1 - plate.opacity) + plate.colour
    made = replace(frame, np.clip(mixed + 0.5, 0, 255).astype(np.uint8), box)
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
        planes = replaced(planes, arrays=(*planes.arrays[:-1], last))
    return replaced(frame, alpha=alpha, planes=planes)


def _longest_free(
    corners: tuple[str, ...],
    plate: Plate,
    size_wh: tuple[int, int],
    now: int,
    avoid: Mapping[int, tuple[Box, ...]],
) -> str:
    """The corner that stays free for longest from `now`; the least covered if none is free now."""
    free_until: dict[str, float] = {}
    covered: dict[str, float] = {}
    for corner in corners:
        box = _place(corner, plate, size_wh)
        covered[corner] = _covered(box, avoid.get(now, ()))
        hits = [pts for pts, boxes in avoid.items() if pts >= now and _covered(box, boxes) > 0]
        free_until[corner] = min(hits, default=float("inf"))
    return max(corners, key=lambda corner: (-covered[corner], free_until[corner]))


def _place(corner: str, plate: Plate, size_wh: tuple[int, int]) -> PixelBox:
    (width, height), (w, h), margin = size_wh, plate.size_wh, plate.margin_px
    x = width - margin - w if "right" in corner else margin
    y = height - margin - h if "bottom" in corner else margin
    # Even corners keep subsampled chroma planes aligned with the plate.
    x, y = max(x - x % 2, 0), max(y - y % 2, 0)
    return x, y, x + w, y + h


def _covered(box: PixelBox, faces: tuple[Box, ...]) -> float:
    """Area in square pixels that a box shares with faces."""
    x0, y0, x1, y1 = box
    return sum(
        max(0.0, min(x1, face[2]) - max(x0, face[0]))
        * max(0.0, min(y1, face[3]) - max(y0, face[1]))
        for face in faces
    )


def _draw(lines: list[str], size: int, margin: int, text_px: float) -> Plate:
    font = ImageFont.load_default(size)
    pad, step = max(2, round(size * 0.35)), round(size * 1.2)
    w = round(text_px) + 2 * pad
    h = step * len(lines) + 2 * max(1, pad // 2)
    w, h = w + w % 2, h + h % 2
    ink = Image.new("L", (w, h), 0)
    pen = ImageDraw.Draw(ink)
    rim = max(1, size // 14)
    pen.rectangle((0, 0, w - 1, h - 1), outline=255, width=rim)
    for number, line in enumerate(lines):
        pen.text((w / 2, h / 2 + (number - (len(lines) - 1) / 2) * step), line, 255, font, "mm")
    white = np.asarray(ink, dtype=np.float32)[..., None] / np.float32(255)
    return Plate(white * 255, np.maximum(white, np.float32(_PLATE_OPACITY)), margin)


def _line_width(line: str, size: int) -> float:
    return ImageFont.load_default(size).getlength(line)
