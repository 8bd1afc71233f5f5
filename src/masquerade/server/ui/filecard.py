"""A file as it is shown on a page: a small picture of it, its name, its size."""

from __future__ import annotations

from nicegui import ui

from masquerade.server.ui.drop import PICTURES, SOUND
from masquerade.server.ui.icons import icon
from masquerade.server.ui.pieces import Handler, block, button, part, text
from masquerade.server.ui.shelf import Kept


def file_card(kept: Kept, *, on_drop: Handler | None = None) -> ui.element:
    """A file with its picture; with `on_drop`, a button that takes it away."""
    with part("file") as outer:
        block(f"{thumbnail(kept)}", "", tag="span")
        block(f"<b>{text(kept.name)}</b><span class='soft small'>{kept.size_words}</span>")
        if on_drop is not None:
            button("Take away", on_drop, kind="quiet", name=f"Take {kept.name} away")
    return outer


def thumbnail(kept: Kept) -> str:
    """A small picture of a file, as markup."""
    ending = kept.path.suffix.lower()
    if ending in PICTURES or ending == ".gif":
        return f"<img src='{kept.address}' alt=''>"
    if ending in SOUND or kept.name == "statement.webm":  # as the microphone's are called
        return icon("sound")
    return f"<video src='{kept.address}#t=0.5' muted preload='metadata'></video>"


def shown(kept: Kept, words: str) -> str:
    """A file as large as there is room, as markup: picture, film or sound."""
    ending = kept.path.suffix.lower()
    if ending in PICTURES or ending == ".gif":
        return f"<figure><img src='{kept.address}' alt='{text(words)}'></figure>"
    if ending in SOUND:
        return f"<audio controls src='{kept.address}' aria-label='{text(words)}'></audio>"
    return (
        f"<video controls playsinline src='{kept.address}' aria-label='{text(words)}'"
        " style='max-width:100%;border-radius:10px'></video>"
    )
