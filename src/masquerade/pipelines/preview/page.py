"""A preview as one page for a browser: before and after, each moment, a choice to be saved.

The page holds one picture, the sealed sheet, byte for byte as it was sealed; whatever it shows is
a part of that. Nothing is loaded from elsewhere.
"""

from __future__ import annotations

import base64
import html
import json
from pathlib import Path
from string import Template
from typing import Final

from masquerade.errors import OutputError
from masquerade.pipelines.preview.chosen_settings import head_text, take_lines
from masquerade.pipelines.preview.preview import Drawn, Previewed
from masquerade.pipelines.report_file import put
from masquerade.provenance.canonical import unicode_text

_TEMPLATE: Final = Path(__file__).with_name("page.html")
_MIMES: Final = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".avif": "image/avif",
}
ENDINGS: Final = tuple(_MIMES)


def preview_page(made: Previewed, drawn: Drawn, *, first: int, command: str) -> str:
    """The page, as HTML.

    Args:
        made: The preview.
        drawn: Its sheet, which lies where it was saved.
        first: Number of the alternative that is shown to begin with.
        command: What makes the whole file, such as ``swap``.
    """
    sealed, sheet = drawn.saved, drawn.layout.sheet
    packed = base64.b64encode(sealed.path.read_bytes()).decode("ascii")
    height, width = sheet.pixels.shape[:2]
    return Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(
        title=html.escape(f"Preview of {unicode_text(made.scene.info.path.name)}"),
        label=html.escape(sealed.label.text),
        language=html.escape(sealed.label.language),
        name=html.escape(unicode_text(sealed.path.name)),
        ledger=html.escape(sealed.ledger_id),
        command=html.escape(command),
        width_px=f"{width}px",
        height_px=f"{height}px",
        data=_data(made, drawn, first),
        picture=f"data:{_MIMES[sealed.path.suffix.lower()]};base64,{packed}",
    )


def _data(made: Previewed, drawn: Drawn, first: int) -> str:
    """What the page's script reads; no name in it can end the script early."""
    sheet, label = drawn.layout.sheet, drawn.saved.label
    moments = zip(drawn.layout.rows, sheet.cells, made.moments, strict=True)
    values = {
        "target": unicode_text(made.scene.info.path.name),
        "label": label.text,
        "language": label.language,
        "size": [sheet.pixels.shape[1], sheet.pixels.shape[0]],
        "first": first,
        "heads": [f"{one.number}: {one.words}" for one in made.alternatives],
        "settings_head": head_text(made.takes[0]),
        "settings": [list(take_lines(take)) for take in made.takes],
        "rows": [
            {
                "head": list(row.head),
                "shot": moment.shot,
                "crop": list(row.crop),
                "cells": [list(box) for box in cells],
                "captions": [shown.caption for shown in row.shown[1:]],
            }
            for row, cells, moment in moments
        ],
    }
    return json.dumps(values).replace("<", "\\u003c")


def write_page(text: str, place: Path) -> None:
    """The page, or the settings, as a file; whole, or not at all.

    Raises:
        OutputError: It cannot be written, or is a link to another place.
    """
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError:
        raise OutputError(
            f"{place} would hold a file's name that is no UTF-8", "names that text can hold"
        ) from None
    put(place, data)
