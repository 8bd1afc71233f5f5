"""A file as it is shown on a page: a small picture of it, its name, its size."""

from __future__ import annotations

from nicegui import ui

from masquerade.jobs import endings
from masquerade.server.ui.drop import PICTURES, SOUND
from masquerade.server.ui.icons import icon
from masquerade.server.ui.pieces import Handler, block, button, part, text
from masquerade.server.ui.results import SHOWN
from masquerade.server.ui.shelf import Kept


def file_card(kept: Kept, *, on_drop: Handler | None = None) -> ui.element:
    """A file with its picture; with `on_drop`, a button that takes it away."""
    with part("file") as outer:
        block(f"{thumbnail(kept)}", "small-picture", tag="span")
        block(f"<b>{text(kept.name)}</b><span class='soft small'>{kept.size_words}</span>")
        if on_drop is not None:
            button("Take away", on_drop, kind="quiet", name=f"Take {kept.name} away")
    return outer


def thumbnail(kept: Kept) -> str:
    """A small picture of a file, as markup."""
    ending = kept.path.suffix.lower()
    if (ending in PICTURES and ending in SHOWN) or ending == ".gif":
        return f"<img src='{kept.address}' alt=''>"
    if ending in SOUND or kept.name == "statement.webm":  # as the microphone's are called
        return icon("sound")
    if ending in endings.VIDEOS | endings.PICTURES:
        return f"<img loading='lazy' src='{kept.address}?still=1' alt=''>"
    return icon("consents")
