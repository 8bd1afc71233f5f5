"""Fields of forms: a label, the field, a sentence on what it is for, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from nicegui import ui

from masquerade.server.ui.pieces import block, on_value, part, text

Kind = Literal["text", "number", "date", "textarea"]


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
    label: str, options: Mapping[str, str] | Sequence[str], value: str = "", *, why: str = ""
) -> Field:
    """A field to pick one of several; a mapping gives each the words that are shown."""
    shown = dict(options) if isinstance(options, Mapping) else {one: one for one in options}
    made = Field(value if value in shown else next(iter(shown), ""))
    with part("field"):
        name = block(text(label), tag="label")
        markup = "".join(
            f"<option"
            f" value='{text(key)}'{' selected' if key == made.value else ''}>{text(words)}</option>"
            for key, words in shown.items()
        )
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
    label: str, value: float, low: float, high: float, *, step: float, why: str = ""
) -> Field:
    """A field between two ends, with the figure beside it."""
    made = Field(value)
    with part("field"):
        with part("row between"):
            name = block(text(label), tag="label")
            shown = block(f"{value:g}", "number soft small", tag="output")
        holder = block("")
        marks = _finish(made, name, f"field-{holder.id}", why)
        holder.set_content(
            f"<input type='range' min='{low}' max='{high}' step='{step}' value='{value}' {marks}>"
        )
        made.told.append(lambda: shown.set_content(f"{float(made.value):g}"))
        on_value(holder, "input", made.take)
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
    made.wrong = block("", "wrong").props('role="alert"')
    made.wrong.set_visibility(False)
    told.append(made.wrong.html_id)
    return f"id='{entry}' aria-describedby='{' '.join(told)}'"
