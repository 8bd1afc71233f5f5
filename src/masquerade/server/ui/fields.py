"""Fields of forms: a label, the field, a sentence on what it is for, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from nicegui import ui

from masquerade.errors import MasqueradeError
from masquerade.server.ui.advice import in_page_words
from masquerade.server.ui.pieces import block, on_value, part, text

Kind = Literal["text", "number", "date", "textarea", "color"]


@dataclass(slots=True)
class Field:
    """What somebody has put into a field so far; changes as they type.

    Attributes:
        value: The words, or whether it is ticked.
        wrong: Where a sentence goes on what is wrong with it.
    """

    value: Any
    wrong: ui.html | None = None
    told: list[Callable[[], Any]] = field(default_factory=list)

    def take(self, value: Any) -> None:
        """Keeps what the browser says."""
        self.value = value
        for one in self.told:
            one()

    def complain(self, words: str) -> None:
        """Says what is wrong, beside the field; nothing where the words are empty."""
        if self.wrong is not None:
            self.wrong.set_content(text(words))
            self.wrong.set_visibility(bool(words))


def write_in(
    label: str, value: object = "", *, why: str = "", kind: Kind = "text", **limits: object
) -> Field:
    """A field to write in."""
    made = Field(str(value))
    with part("field"):
        name = block(text(label), tag="label")
        holder = block("")
        marks = _finish(made, name, f"field-{holder.id}", why)
        marks += "".join(f" {key}='{text(one)}'" for key, one in limits.items())
        if kind == "textarea":
            holder.set_content(f"<textarea {marks}>{text(value)}</textarea>")
        else:
            holder.set_content(
                f"<input type='{kind}' value='{text(value)}' autocomplete='off' {marks}>"
            )
        on_value(holder, "input", made.take)
    return made


def pick(
    label: str,
    options: Mapping[str, str] | Sequence[str],
    value: str = "",
    *,
    why: str = "",
    closed: Sequence[str] = (),
) -> Field:
    """A field to pick one of several; a mapping gives each the words that are shown.

    Args:
        label: What is asked.
        options: What can be picked.
        value: What is picked at first.
        why: A sentence below.
        closed: Words of what is shown but cannot be picked, last.
    """
    shown = dict(options) if isinstance(options, Mapping) else {one: one for one in options}
    made = Field(value if value in shown else next(iter(shown), ""))
    with part("field"):
        name = block(text(label), tag="label")
        markup = "".join(
            f"<option"
            f" value='{text(key)}'{' selected' if key == made.value else ''}>{text(words)}</option>"
            for key, words in shown.items()
        )
        markup += "".join(f"<option disabled>{text(words)}</option>" for words in closed)
        holder = block("")
        marks = _finish(made, name, f"field-{holder.id}", why)
        holder.set_content(f"<select {marks}>{markup}</select>")
        on_value(holder, "change", lambda key: made.take(key) if key in shown else None)
    return made


def tick(label: str, *, value: bool = False, why: str = "") -> Field:
    """A box to tick."""
    made = Field(value)
    with part("field"):
        with part("check"):
            holder = block("", tag="span")
            name = block(text(label), tag="label")
        marks = _finish(made, name, f"field-{holder.id}", why)
        ticked = " checked" if value else ""
        holder.set_content(f"<input type='checkbox' {marks}{ticked}>")
        holder.on(
            "change",
            lambda told: made.take(told.args),
            js_handler="(e) => emit(e.target.checked)",
        )
    return made


def slide(
    label: str,
    value: float,
    low: float,
    high: float,
    *,
    step: float,
    why: str = "",
    unit: str = "",
) -> Field:
    """A field between two ends, with the figure and its unit beside it."""
    made = Field(value)
    with part("field"):
        with part("row between"):
            name = block(text(label), tag="label")
            shown = block(text(with_unit(value, unit)), "number soft small", tag="output")
        holder = block("")
        marks = _finish(made, name, f"field-{holder.id}", why)
        marks += f" data-unit='{text(unit)}' aria-valuetext='{text(with_unit(value, unit))}'"
        holder.set_content(
            f"<input type='range' min='{low}' max='{high}' step='{step}' value='{value}' {marks}>"
        )
        made.told.append(lambda: shown.set_content(text(with_unit(float(made.value), unit))))
        on_value(holder, "input", made.take)
    return made


def with_unit(value: float, unit: str) -> str:
    """A figure with its unit; one that is counted in percent is a part of one.

    Example:
        >>> with_unit(0.05, "% of its height"), with_unit(65, "degrees"), with_unit(2, "")
        ('5 % of its height', '65 degrees', '2')
    """
    if unit.startswith("%"):
        return f"{round(100 * value, 1):g} {unit}"
    return f"{value:g} {unit}".strip()


@contextmanager
def group(label: str, *, made: Field, why: str = "") -> Iterator[ui.element]:
    """Several fields that are one answer, under one name; what is wrong with it stands below."""
    with part("field") as outer:
        outer.props('role="group" tabindex="-1"')
        name = block(text(label), "label")
        told = [block(text(why), "why").html_id] if why else []
        yield outer
        complaint(made)
    outer.props["aria-labelledby"] = name.html_id
    if made.wrong is not None:
        outer.props["aria-describedby"] = " ".join([*told, made.wrong.html_id])


@contextmanager
def refusing(made: Field | None) -> Iterator[None]:
    """Says beside a field what is wrong with it, where something is; the error goes on."""
    if made is not None:
        made.complain("")
    try:
        yield
    except MasqueradeError as error:
        if made is not None:
            todo = f": {error.todo or error.expected}" if error.todo or error.expected else ""
            made.complain(in_page_words(f"{error.found[:1].upper()}{error.found[1:]}{todo}."))
        raise


def complaint(made: Field) -> Field:
    """A place for what is wrong with an answer; nothing is there until something is."""
    made.wrong = block("", "wrong")
    made.wrong.set_visibility(False)
    return made


def _finish(made: Field, name: ui.html, entry: str, why: str) -> str:
    """Ties label, explanation and complaint to a field, for those who hear a page.

    The field itself is markup, so that the browser alone keeps what is typed: were it told anew
    with every change of the page, letters typed meanwhile would be lost.

    Returns:
        Its attributes.
    """
    name.props["for"] = entry
    told = []
    if why:
        told.append(block(text(why), "why").html_id)
    complaint(made)
    told.extend([made.wrong.html_id] if made.wrong is not None else [])
    return f"id='{entry}' aria-describedby='{' '.join(told)}'"
