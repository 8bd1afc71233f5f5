"""Where files are dropped or chosen; each is kept on the session's shelf."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from nicegui import ui
from nicegui.events import GenericEventArguments

from masquerade.errors import InputError, LimitError, MasqueradeError
from masquerade.jobs import endings
from masquerade.server.ui.icons import icon
from masquerade.server.ui.pieces import block, failed, failure, part, text
from masquerade.server.ui.shelf import Kept, Shelf, size_words

Taken = Callable[[Kept], Awaitable[None] | None]
PICTURES: Final = tuple(sorted(endings.PICTURES - {".gif"}))
MOVING: Final = (*sorted(endings.VIDEOS), ".gif")
SOUND: Final = tuple(sorted(endings.SOUNDS))
ANY: Final = (*PICTURES, *MOVING, *SOUND)
_ROOM: Final = "room for"  # what is needed where a quota or a disk is full
_ANY_WORDS: Final = "a picture, a video or a sound"
_ELEMENT: Final = "document.getElementById('%s')"
_CHOOSE: Final = "(e) => e.currentTarget.closest('.drop').querySelector('input').click()"
_SENDING: Final = (
    "<div class='meter' role='progressbar' aria-label='Sending' aria-valuemin='0'"
    " aria-valuemax='100'><i></i></div><div class='row between'><span class='soft small'"
    " role='status'></span><button type='button' class='btn quiet'>Stop sending</button></div>"
)


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
    folders: bool = False,
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
        folders: Whether all files of a folder may be chosen at once.
    """
    with part("stack tight") as outer:
        with part(f"drop{' small' if small else ''}") as field:
            field.props["data-most"] = most_bytes
            field.props["data-kinds"] = ",".join(kinds)
            block(f"{icon('upload')}<b>{text(words)}</b>")
            pick = block(f"<span>{text(name)}</span>", "btn", tag="button").props("type=button")
            pick.props["aria-label"] = f"{name}: {words}"
            pick.on(
                "click",
                js_handler=f"() => {_ELEMENT % field.html_id}"
                ".querySelector('input:not([webkitdirectory])').click()",
            )
            if folders:
                _folder(field)
            if records:
                _microphone(field)
            if hint:
                block(text(hint), "soft")
            block(_chooser(kinds, several=several))
            block(_SENDING, "sending").props("hidden")
        _let_drop(field)
        said = ui.element("div")
    place = _Place(shelf, on_file, kinds, most_bytes, said)
    field.on("kept", partial(_taken, place), js_handler="(e) => emit(e.detail)")
    field.on("refused", partial(_refused, place), js_handler="(e) => emit(e.detail)")
    return outer


@dataclass(frozen=True, slots=True)
class _Place:
    """Where files go that are dropped on a field, and who is told."""

    shelf: Shelf
    on_file: Taken
    kinds: tuple[str, ...]
    most_bytes: int
    said: ui.element


def _chooser(kinds: tuple[str, ...], *, several: bool) -> str:
    marks = f" accept='{','.join(kinds)}'" if kinds else ""
    marks += " multiple" if several else ""
    return f"<input type='file' hidden tabindex='-1' aria-hidden='true'{marks}>"


async def _taken(place: _Place, event: GenericEventArguments) -> None:
    """A file is on the shelf: whoever asked for it is told."""
    place.said.clear()
    try:
        kept = place.shelf.find(str(event.args))
        if kept.path.stat().st_size > place.most_bytes:
            place.shelf.drop(kept.id)
            raise _too_large(kept.name, place.most_bytes)
    except MasqueradeError as error:
        with place.said:
            failure(error)
        return
    done = place.on_file(kept)
    if done is not None:
        await done


def _refused(place: _Place, event: GenericEventArguments) -> None:
    """A file was not taken: by the page, or by what it was sent to."""
    told: Mapping[str, Any] = event.args if isinstance(event.args, dict) else {}
    name, why = str(told.get("name", "the file")), told.get("why", "")
    if why == "size":
        error: MasqueradeError = _too_large(name, place.most_bytes)
    elif why == "kind":
        error = InputError(
            f"a file of this kind is not asked for: {name}",
            _ANY_WORDS if place.kinds == ANY else "a file that ends in " + ", ".join(place.kinds),
        )
    else:
        said = [str(told.get(one) or "") for one in ("found", "expected", "todo")]
        if said[1].startswith(_ROOM):
            said[2] = "free some at the end of the Jobs page"
        error = InputError(*said)
    place.said.clear()
    with place.said:
        failed("That file was not taken", error.found, error.expected, error.todo)


def _too_large(name: str, most: int) -> LimitError:
    return LimitError(
        f"{name} is too large",
        f"{size_words(most)} or less",
        "cut it, or use the command line, which reads files where they lie",
    )


def _folder(field: ui.element) -> None:
    """A button that chooses a folder, of which those files are taken that are asked for."""
    press = block("<span>Choose a folder</span>", "btn quiet", tag="button").props("type=button")
    press.on(
        "click",
        js_handler=f"() => {_ELEMENT % field.html_id}.querySelector('[webkitdirectory]').click()",
    )
    block("<input type='file' hidden tabindex='-1' aria-hidden='true' multiple webkitdirectory>")


def _microphone(field: ui.element) -> None:
    """A button that records until it is pressed again, and hands the sound over like a file."""
    markup = f"{icon('sound')}<span>Record it now</span>"
    press = block(markup, "btn", tag="button").props('type=button aria-pressed="false"')
    said = block("", "soft").props('role="status" aria-live="polite"')
    press.on(
        "click",
        js_handler="(e) => masqueradeRecord(e.currentTarget,"
        f" document.getElementById('{said.html_id}'),"
        f" (file) => masqueradeSend({_ELEMENT % field.html_id}, [file]))",
    )


def _let_drop(field: ui.element) -> None:
    on = "(e) => { e.preventDefault(); e.currentTarget.classList.add('over'); }"
    off = "(e) => e.currentTarget.classList.remove('over')"
    field.on("dragover", js_handler=on).on("dragleave", js_handler=off)
    field.on(
        "drop",
        js_handler="(e) => { e.preventDefault(); e.currentTarget.classList.remove('over');"
        " masqueradeSend(e.currentTarget, e.dataTransfer.files); }",
    )
    field.on(
        "change",
        js_handler="(e) => { masqueradeSend(e.currentTarget, e.target.files,"
        " e.target.webkitdirectory);"
        " e.target.value = ''; }",
    )
