"""One sealed sheet of a photo in every style, to choose by eye."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.compose.blend import ComposeOptions
from masquerade.errors import UsageError
from masquerade.generate import style
from masquerade.media.encoding import Encoding
from masquerade.media.lettering import draw_words
from masquerade.media.probe import probe
from masquerade.media.read import read_image
from masquerade.models.style_network import StyleNetwork
from masquerade.models.style_weights import preset_styles
from masquerade.painting.wishes import PRESETS
from masquerade.pipelines.generate import Job, groundwork, recipe_of, uses_of
from masquerade.pipelines.make import Progress, check_out
from masquerade.provenance.label import Label
from masquerade.provenance.saved import SaveReport
from masquerade.provenance.seal import save, seal
from masquerade.types import RGB, Box, Draft, DraftSegment, Frame, PixelBox

_PICTURE_PX: Final = 300  # longer side of a picture on the sheet
_ACROSS: Final = 7
_GAP: Final = 12
_CAPTION_PX: Final = 20
_LINE: Final = 34  # height of a caption
_HEAD: Final = 96  # room for the label
_PAPER: Final = 250


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Where pictures go.

    Attributes:
        size_wh: Of one picture.
    """

    size_wh: tuple[int, int]

    @property
    def page(self) -> NDArray[np.uint8]:
        """The empty sheet, for the photo and all styles."""
        width, height = self.size_wh
        rows = -(-(len(PRESETS) + 1) // _ACROSS)
        size = _HEAD + rows * (height + _LINE + _GAP), _ACROSS * (width + _GAP) + _GAP, 3
        return np.full(size, _PAPER, np.uint8)

    def place(self, number: int) -> PixelBox:
        """Box of a picture, counted from 0."""
        down, across = divmod(number, _ACROSS)
        width, height = self.size_wh
        x, y = _GAP + across * (width + _GAP), _HEAD + down * (height + _LINE + _GAP)
        return x, y, x + width, y + height


def gallery(
    photo: Path,
    out: Path,
    *,
    label: Label,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> SaveReport:
    """Paint a photo in every style and write one sealed sheet of them.

    Args:
        photo: A still picture.
        out: The sheet.
        label: The visible label.
        overwrite: Replace `out` if it exists.
        progress: Told (stage, done, total or None).

    Raises:
        UsageError: It is no still picture, or `out` exists.
        InputError: It cannot be used.
        RefusedError: A policy gate says no.
    """
    label.check()
    check_out(out, photo, overwrite=overwrite)
    if probe(photo).kind != "still":
        raise UsageError(f"{photo.name} is no still picture", "a photo", "save one frame of it")
    options = style.Options(style=(PRESETS[0],))
    job = Job(style.__name__.rpartition(".")[2], photo, (), (), options, ComposeOptions())
    ground = groundwork(job, progress=progress)
    said = json.dumps({"gallery": list(PRESETS)}, separators=(",", ":"))
    recipe = replace(recipe_of(job, ground), options_json=said)
    onlookers: list[Callable[[Frame], None]] = []
    avoid: dict[int, tuple[Box, ...]] = {}
    cells: list[PixelBox] = []

    def pictures() -> Iterator[Frame]:
        shown = read_image(photo)
        for onlooker in onlookers:
            onlooker(shown)
        page = _painted(shown.pixels, cells, progress)
        avoid[0] = ((0.0, float(_HEAD), float(page.shape[1]), float(page.shape[0])),)
        yield Frame(page)

    draft = Draft(
        recipe=recipe,
        uses=tuple(uses_of(job, ground, recipe)),
        target=photo,
        kind="still",
        segments=iter([DraftSegment(0, f"{said} {recipe.inputs[0].sha256}", 0, 0, pictures())]),
        avoid=avoid,
        onlookers=onlookers,
        cells=cells,
    )
    sealed = seal(
        draft, consents=(), purpose="", label_preset=label.preset, label_language=label.language
    )
    return save(sealed, out, encoding=Encoding(), progress=progress)


def _painted(photo: RGB, cells: list[PixelBox], progress: Progress | None) -> RGB:
    """(H, W, 3) uint8: the photo, then every style with its name below."""
    height, width = photo.shape[:2]
    scale = min(1.0, _PICTURE_PX / max(height, width))
    sheet = _Sheet((max(round(width * scale), 1), max(round(height * scale), 1)))
    small = np.asarray(cv2.resize(photo, sheet.size_wh, interpolation=cv2.INTER_AREA), np.uint8)
    page, weights = sheet.page, preset_styles()
    for number, name in enumerate(("the photo", *PRESETS)):
        x0, y0, x1, y1 = sheet.place(number)
        network = StyleNetwork(weights.layers, weights.preset(number - 1)) if number else None
        page[y0:y1, x0:x1] = network(small) if network else small
        cells.append((x0, y0, x1, y1))
        middle = ((x0 + x1) / 2, y1 + _LINE / 2)
        draw_words(page, name, middle, size_px=_CAPTION_PX, anchor="middle")
        if progress:
            progress("painting", number, len(PRESETS))
    return page
