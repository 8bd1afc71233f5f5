"""Small pieces that pages are put together from: words, buttons, cards, errors, empty states."""

from __future__ import annotations

import html
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, Literal, TypeAlias

from nicegui import ui

from masquerade.errors import MasqueradeError, RefusedError
from masquerade.jobs.types import Problem
from masquerade.server.ui.advice import in_page_words
from masquerade.server.ui.icons import icon

Tone: TypeAlias = Literal["good", "bad", "warn", "told", "open"]
Handler: TypeAlias = Callable[[], Awaitable[None] | None]

TONE_ICONS: Final[dict[Tone, str]] = {
    "good": "check",
    "bad": "cross",
    "warn": "alert",
    "told": "info",
    "open": "dash",
}


def text(words: object) -> str:
    """Words as text of a page, whatever they hold; controls and turns of writing are shown."""
    plain = "".join(
        one if one.isprintable() or one == "\n" else ascii(one)[1:-1] for one in str(words)
    )
    return html.escape(plain)


def block(markup: str, classes: str = "", *, tag: str = "div") -> ui.html:
    """Markup that is ours: what comes from files or people has been through `text`."""
    return ui.html(markup, sanitize=False, tag=tag).classes(classes)


@contextmanager
def part(classes: str = "", *, tag: str = "div") -> Iterator[ui.element]:
    """An element that others are put into."""
    with ui.element(tag).classes(classes) as made:
        yield made


def title(words: str, lede: str = "") -> None:
    """The heading of a page and a sentence or two on what it is for."""
    below = f"<p>{text(lede)}</p>" if lede else ""
    block(f"<h1>{text(words)}</h1>{below}", "lede")


def button(
    words: str, on_click: Handler | None, *, sign: str = "", kind: str = "", name: str = ""
) -> ui.html:
    """A button; `kind` is first, quiet or bad, `name` what a screen reader says instead."""
    made = block((icon(sign) if sign else "") + f"<span>{text(words)}</span>", "btn", tag="button")
    made.classes(kind).props("type=button")
    if name:
        made.props["aria-label"] = name
    if on_click is not None:
        made.on("click", lambda _event: on_click())
    return made


def link(words: str, place: str, *, sign: str = "", kind: str = "", saves: bool = False) -> ui.html:
    """A link that looks like a button; with `saves`, the browser keeps what is behind it."""
    markup = (icon(sign) if sign else "") + f"<span>{text(words)}</span>"
    made = block(markup, f"btn {kind}", tag="a")
    made.props["href"] = place
    if saves:
        made.props["download"] = True
    return made


def enable(one: ui.element, *, on: bool) -> None:
    """Lets a button be pressed, or not."""
    if on:
        one.props.pop("disabled", None)
    else:
        one.props["disabled"] = True
    one.update()


def facts(rows: Iterable[tuple[str, object]]) -> str:
    """Names and values as a list, as markup."""
    told = "".join(f"<dt>{text(name)}</dt><dd>{text(value)}</dd>" for name, value in rows)
    return f"<dl class='facts'>{told}</dl>"


def points(words: Iterable[str]) -> str:
    """Sentences as a list, as markup; empty for none."""
    items = "".join(f"<li>{text(one)}</li>" for one in words if one)
    return f"<ul class='points'>{items}</ul>" if items else ""


def pill(words: str, tone: Tone = "open") -> str:
    """A word or two that say how something stands, as markup."""
    return f"<span class='pill {tone}'>{text(words)}</span>"


def verdict(tone: Tone, words: str, sentences: Sequence[str], *, level: int = 2) -> ui.html:
    """A verdict: how it stands by shape and colour, in words, and what that means."""
    below = "".join(f"<p>{text(one)}</p>" for one in sentences if one)
    return block(
        f"<div class='head'><span class='mark'>{icon(TONE_ICONS[tone])}</span><div class='stack"
        f" tight'><h{level}>{text(words)}</h{level}>{below}</div></div>",
        f"card verdict {tone}",
    ).props('role="status"')


def empty(sign: str, words: str, sentence: str) -> ui.html:
    """What stands where nothing is yet."""
    return block(
        f"{icon(sign)}<p><b>{text(words)}</b></p><p class='soft'>{text(sentence)}</p>", "card empty"
    )


def failure(error: Exception) -> ui.html:
    """What went wrong and what to do, in a card."""
    if not isinstance(error, MasqueradeError):
        found, expected, todo = (
            "Something went wrong that should not have",
            "",
            f"It is a fault of ours ({type(error).__name__}). Nothing was written; try it again.",
        )
    else:
        found, expected, todo = error.found, error.expected, error.todo
    head = "This is refused" if isinstance(error, RefusedError) else "This did not work"
    return failed(head, found, expected, todo)


def to_what_is_wrong() -> None:
    """Leads the eye, and the keyboard, to the first field that something is wrong with."""
    ui.run_javascript("masqueradeWrong()")


def into_view(one: ui.element) -> None:
    """Scrolls to what has come onto the page below."""
    ui.run_javascript(f"masqueradeShow('{one.html_id}')")


def failed(head: str, found: str, expected: str = "", todo: str = "") -> ui.html:
    """A card that says what is wrong, what would be right, and what to do."""
    found, expected, todo = map(in_page_words, (found, expected, todo))
    more = f"<p><b>Needed:</b> {text(expected)}</p>" if expected else ""
    more += f"<p><b>What to do:</b> {text(todo)}</p>" if todo else ""
    made = block(f"<h3>{text(head)}</h3><p class='cap'>{text(found)}.</p>{more}", "card error")
    return made.props('role="alert"')


def trouble(problem: Problem) -> str:
    """Why a job did not get done and what to do, in a line, as markup."""
    todo = problem.todo[:1].upper() + problem.todo[1:]
    told = in_page_words(f"{problem.found}. {todo}")
    return f"<p class='cap small'>{text(told)}</p>"


def meter(share: float | None, words: str) -> str:
    """How far something is, as markup; a moving bar where nobody knows."""
    if share is None:
        inner, told, wide = "<i></i>", "", " open"
    else:
        percent = round(100 * min(max(share, 0.0), 1.0))
        inner, told, wide = f"<i style='width:{percent}%'></i>", f" aria-valuenow='{percent}'", ""
    return (
        f"<div class='meter{wide}' role='progressbar' aria-valuemin='0' aria-valuemax='100'{told}"
        f" aria-label='{text(words)}'>{inner}</div>"
    )


def more(words: str, *, opened: bool = False) -> ui.element:
    """Something to open: give back what its content is put into."""
    with ui.element("details").classes("more") as outer:
        if opened:
            outer.props["open"] = True
        block(text(words), tag="summary")
        return ui.element("div").classes("body")


def on_value(one: ui.element, event: str, then: Callable[[Any], Any]) -> None:
    """Tells a handler the value of a field whenever the browser says so."""
    one.on(event, lambda told: then(told.args), js_handler="(e) => emit(e.target.value)")
