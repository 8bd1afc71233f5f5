"""Where files are dropped or chosen; each is kept on the session's shelf."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from nicegui import ui
from nicegui.events import UploadEventArguments

from masquerade.errors import MasqueradeError
from masquerade.jobs import endings
from masquerade.server.ui.icons import icon
from masquerade.server.ui.pieces import block, failed, failure, part, text
from masquerade.server.ui.shelf import Kept, Shelf, size_words

Taken = Callable[[Kept], Awaitable[None] | None]
PICTURES: Final = tuple(sorted(endings.PICTURES - {".gif"}))
MOVING: Final = (*sorted(endings.VIDEOS), ".gif")
SOUND: Final = tuple(sorted(endings.SOUNDS))
ANY: Final = (*PICTURES, *MOVING, *SOUND)


def drop_zone(
    shelf: Shelf,
    on_file: Taken,
    *,
    words: str,
    kinds: tuple[str, ...] = ANY,
    hint: str = "",
    most_bytes: int,
    several: bool = False,
    small: bool = False,
    name: str = "Choose a file",
    records: bool = False,
) -> ui.element:
    """A field that takes files, by dropping or choosing; `on_file` is told of each.

    Args:
        shelf: Where they are kept.
        on_file: Told of each as soon as it is there.
        words: What is asked for.
        kinds: Endings of the files that are offered.
        hint: A sentence below.
        most_bytes: Of one file.
        several: Whether more than one may be chosen at once.
        small: Whether it takes little room.
        name: Words of the button.
        records: Whether the microphone may be used instead.
    """
    with part("stack tight") as outer:
        uploader = ui.upload(auto_upload=True, multiple=several, max_file_size=most_bytes)
        uploader.classes("away").props('aria-hidden="true"')
        if kinds:
            uploader.props["accept"] = ",".join(kinds)
        with part(f"drop{' small' if small else ''}") as field:
            block(f"{icon('upload')}<b>{text(words)}</b>")
            pick = block(f"<span>{text(name)}</span>", "btn", tag="button").props("type=button")
            pick.on("click", js_handler=f"() => getElement({uploader.id}).$refs.qRef.pickFiles()")
            if records:
                _microphone(uploader)
            if hint:
                block(text(hint), "soft")
        _let_drop(field, uploader)
        said = ui.element("div")
    uploader.on_upload(partial(_taken, _Place(shelf, on_file, most_bytes, said)))
    uploader.on_rejected(partial(_refused, said, kinds, most_bytes))
    return outer


@dataclass(frozen=True, slots=True)
class _Place:
    """Where files go that are dropped on a field, and who is told."""

    shelf: Shelf
    on_file: Taken
    most_bytes: int
    said: ui.element


async def _taken(place: _Place, event: UploadEventArguments) -> None:
    place.said.clear()
    with place.said:
        try:
            chunks = event.file.iterate()
            kept = await place.shelf.keep(event.file.name, chunks, most=place.most_bytes)
        except MasqueradeError as error:
            failure(error)
            return
    event.sender.run_method("reset")
    done = place.on_file(kept)
    if done is not None:
        await done


def _refused(said: ui.element, kinds: tuple[str, ...], most_bytes: int) -> None:
    said.clear()
    with said:
        failed(
            "That file cannot be taken",
            f"It is larger than {size_words(most_bytes)}, or of a kind that is not asked for",
            "a file that ends in " + ", ".join(kinds),
        )


def _microphone(uploader: ui.upload) -> None:
    """A button that records until it is pressed again, and hands the sound over like a file."""
    markup = f"{icon('sound')}<span>Record it now</span>"
    press = block(markup, "btn", tag="button").props('type=button aria-pressed="false"')
    said = block("", "soft").props('role="status" aria-live="polite"')
    press.on(
        "click",
        js_handler="(e) => masqueradeRecord(e.currentTarget,"
        f" document.getElementById('{said.html_id}'),"
        f" (file) => getElement({uploader.id}).$refs.qRef.addFiles([file]))",
    )


def _let_drop(field: ui.element, uploader: ui.upload) -> None:
    on = "(e) => { e.preventDefault(); e.currentTarget.classList.add('over'); }"
    off = "(e) => e.currentTarget.classList.remove('over')"
    field.on("dragover", js_handler=on).on("dragleave", js_handler=off)
    field.on(
        "drop",
        js_handler="(e) => { e.preventDefault(); e.currentTarget.classList.remove('over');"
        f" getElement({uploader.id}).$refs.qRef.addFiles(e.dataTransfer.files); }}",
    )
