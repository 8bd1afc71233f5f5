"""The sheet of a preview: pictures in columns under a title, and what makes it a sealed still."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from masquerade.media.encoding import Encoding
from masquerade.media.lettering import draw_words
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.provenance.seal import save, seal
from masquerade.types import (
    RGB,
    Box,
    Draft,
    DraftSegment,
    Frame,
    IdentityUse,
    PixelBox,
    Recipe,
)

_GAP: Final = 8
_HEAD: Final = 104  # number of iterations, room for the label, captions of the columns
_TITLE_Y: Final = 36
_CAPTION_Y: Final = 86
_TITLE_PX: Final = 24
_CAPTION_PX: Final = 16
_PAPER: Final = 248

Columns = Sequence[Sequence[RGB]]
"""Pictures, (side, side, 3) uint8 each, from the top, in columns from the left."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a sheet shows and rests on.

    Attributes:
        captions: Of the columns.
        recipe: How it was made.
        uses: Whose face or body is in it.
        target: A file that shows them, for the gates to measure.
        key: Names the sheet among others.
    """

    captions: tuple[str, ...]
    recipe: Recipe
    uses: tuple[IdentityUse, ...]
    target: Path
    key: str


def preview_name(step: int) -> str:
    """Of the file of a preview."""
    return f"preview-{step:08d}.png"


def save_sheet(
    out: Path,
    shown: Shown,
    columns: Callable[[], Columns],
    *,
    step: int,
    consents: Sequence[ConsentRecord],
    purpose: str,
    measured: RGB | None = None,
    trained_on: tuple[ConsentRecord, ...] = (),
) -> None:
    """Writes a sheet that is sealed like every picture made here.

    Args:
        out: Where it lies.
        shown: What it shows.
        columns: Makes the pictures.
        step: Iterations done, for its title.
        consents: The records it is under.
        purpose: What for.
        measured: (H, W, 3) uint8 what the gates look at; None: the sheet itself.
        trained_on: Further records that the network was trained under.

    Raises:
        RefusedError: Consent or a policy gate says no.
        OutputError: It cannot be written.
    """
    draft = _draft(shown, columns, step, measured)
    sealed = seal(
        draft, consents=consents, purpose=purpose, label_preset="eu", trained_on=trained_on
    )
    save(sealed, out, encoding=Encoding())


def _draft(shown: Shown, columns: Callable[[], Columns], step: int, measured: RGB | None) -> Draft:
    onlookers: list[Callable[[Frame], None]] = []
    avoid: dict[int, tuple[Box, ...]] = {}
    cells: list[PixelBox] = []

    def pictures() -> Iterator[Frame]:
        page = sheet(columns(), shown.captions, step, cells)
        for onlooker in onlookers:
            onlooker(Frame(page if measured is None else measured))
        across, down = float(page.shape[1]), float(page.shape[0])
        captions = (0.0, float(_CAPTION_Y - _CAPTION_PX), across, down)
        avoid[0] = (captions, (0.0, 0.0, across / 2, down))  # the title stands at the left
        yield Frame(page)

    return Draft(
        recipe=shown.recipe,
        uses=shown.uses,
        target=shown.target,
        kind="still",
        segments=iter([DraftSegment(0, shown.key, 0, 0, pictures())]),
        avoid=avoid,
        onlookers=onlookers,
        cells=cells,
    )


def sheet(columns: Columns, captions: Sequence[str], done: int, cells: list[PixelBox]) -> RGB:
    """(H, W, 3) uint8: the columns side by side, each under its caption.

    Args:
        columns: The pictures, all of one size.
        captions: One for each column.
        done: Iterations.
        cells: Takes up where pictures lie.
    """
    side = len(columns[0][0])
    step = side + _GAP
    rows = max(len(column) for column in columns)
    page = np.full((_HEAD + rows * step, len(columns) * step + _GAP, 3), _PAPER, np.uint8)
    words = f"{done:,} iteration{'s' * (done != 1)}"
    draw_words(page, words, (_GAP, _TITLE_Y), size_px=_TITLE_PX)
    for across, (column, caption) in enumerate(zip(columns, captions, strict=True)):
        middle = (_GAP + across * step + side / 2, _CAPTION_Y)
        draw_words(page, caption, middle, size_px=_CAPTION_PX, anchor="middle")
        for down, picture in enumerate(column):
            x, y = _GAP + across * step, _HEAD + down * step
            page[y : y + side, x : x + side] = picture
            cells.append((x, y, x + side, y + side))
    return page
