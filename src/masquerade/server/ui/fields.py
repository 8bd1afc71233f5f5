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
    label: str, value: object = "", *, why: str = "", kind: Kind = "text", **props: object
) -> Field:
    """A field to write in."""
    made = Field(str(value))
    with part("field"):
        name = block(text(label), tag="label")
        tag = "textarea" if kind == "textarea" else "input"
        entry = ui.element(tag)
        entry.props["value"] = str(value)
        if tag == "input":
            entry.props["type"] = kind
            entry.props["autocomplete"] = "off"
        for key, one in props.items():
            entry.props[key] = one
        _finish(made, name, entry, why)
        on_value(entry, "input", made.take)
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
        entry = block(markup, tag="select")
        _finish(made, name, entry, why)
        on_value(entry, "change", made.take)
    return made


def tick(label: str, *, value: bool = False, why: str = "") -> Field:
    """A box to tick."""
    made = Field(value)
    with part("field"):
        with part("check"):
            entry = ui.element("input")
            entry.props["type"] = "checkbox"
            if value:
                entry.props["checked"] = True
            name = block(text(label), tag="label")
        _finish(made, name, entry, why)
        entry.on(
            "change", lambda told: made.take(told.args), js_handler="(e) => emit(e.target.checked)"
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
        entry = ui.element("input")
        entry.props.update({"type": "range", "min": low, "max": high, "step": step, "value": value})
        _finish(made, name, entry, why)
        made.told.append(lambda: shown.set_content(f"{float(made.value):g}"))
        on_value(entry, "input", made.take)
    return made


def _finish(made: Field, name: ui.html, entry: ui.element, why: str) -> None:
    """Ties label, explanation and complaint to the field, for those who hear a page."""
    name.props["for"] = entry.html_id
    told = []
    if why:
        told.append(block(text(why), "why").html_id)
    made.wrong = block("", "wrong").props('role="alert"')
    made.wrong.set_visibility(False)
    told.append(made.wrong.html_id)
    entry.props["aria-describedby"] = " ".join(told)
