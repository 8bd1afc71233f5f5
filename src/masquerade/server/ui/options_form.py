"""A form from an Options model: one field for each, from its type, range and sentence.

A method that is dropped in gets its form by this alone; nothing here knows any method by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nicegui import ui
from pydantic import BaseModel

from masquerade.errors import UsageError
from masquerade.jobs.asked import options_of
from masquerade.server.ui.advice import in_page_words
from masquerade.server.ui.drop import drop_zone
from masquerade.server.ui.fields import Field, pick, slide, tick, write_in
from masquerade.server.ui.filecard import file_card
from masquerade.server.ui.option_words import Words, words_of
from masquerade.server.ui.pieces import block, more, part, text
from masquerade.server.ui.shelf import Kept, Shelf
from masquerade.server.ui.word_list import WordList


class OptionsForm:
    """The fields of one Options model; state of a form on one page.

    Args:
        kind: The model.
        shelf: Where files go that an option names.
        most_bytes: Of such a file.
        words: What a field may also hold, by name, with a sentence each; such as effects.
        offers: Files to pick from, by field: file and words each; such as trained networks.
        chosen: The file that is picked at first, by field.
        first: Fields that come before the others.
        drop: What is asked for where pictures can be words too, such as one to paint like.
    """

    def __init__(
        self,
        kind: type[BaseModel],
        shelf: Shelf,
        *,
        most_bytes: int,
        words: Mapping[str, str] | None = None,
        offers: Mapping[str, Mapping[str, str]] | None = None,
        chosen: Mapping[str, str] | None = None,
        first: Sequence[str] = (),
        drop: str = "",
    ) -> None:
        self.kind, self._shelf, self._most = kind, shelf, most_bytes
        self._first, self._drop = tuple(first), drop
        self._words, self._lists = dict(words or {}), tuple[str, ...]()
        self._offers, self._chosen = dict(offers or {}), dict(chosen or {})
        self._fields: dict[str, tuple[Field, Mapping[str, Any]]] = {}

    def draw(self, *, on_change: Any = None, deep: str = "") -> None:
        """Puts the fields on the page.

        Args:
            on_change: Told when one of them changes.
            deep: What all but the first ones are put under, to open; empty: beside them.
        """
        schema = self.kind.model_json_schema()
        fields = {
            name: _plain(declared, schema)
            for name, declared in schema.get("properties", {}).items()
        }
        listed = [name for name, plain in fields.items() if plain.get("type") == "array"]
        self._lists = tuple(listed[:1])  # the first list takes the words: effects, styles
        first = [name for name in self._first if name in fields]
        others = [name for name in fields if name not in first]
        with part("grid2"):
            self._draw_some({name: fields[name] for name in first + others * (not deep)}, on_change)
        if deep:
            with more(deep), part("grid2"):
                self._draw_some({name: fields[name] for name in others}, on_change)

    def _draw_some(self, fields: Mapping[str, dict[str, Any]], on_change: Any) -> None:
        for name, plain in fields.items():
            made = self._field(name, plain)
            if on_change is not None:
                made.told.append(on_change)
            self._fields[name] = (made, plain)

    def values(self) -> dict[str, Any]:
        """What differs from the defaults, as a job's spec takes it.

        Raises:
            UsageError: A value does not fit; it is said beside its field too.
        """
        given = {}
        for name, (made, plain) in self._fields.items():
            made.complain("")
            value = _read(made.value, plain)
            if value != plain.get("default"):
                given[name] = value
        try:
            options_of(self.kind, given)
        except UsageError as error:
            name = error.found.partition(":")[0].partition(".")[0]
            if name in self._fields:
                made = self._fields[name][0]
                made.complain(f"This does not fit; it has to be {error.expected}.")
            raise
        return given

    def field(self, name: str) -> Field:
        """The field of an option, once it is drawn."""
        return self._fields[name][0]

    def _field(self, name: str, plain: Mapping[str, Any]) -> Field:
        sentence = in_page_words(" ".join(str(plain.get("description", "")).split()))
        words = words_of(self.kind, name, sentence.replace("`", ""))
        default, kind = plain.get("default"), plain.get("type")
        if "enum" in plain:
            named = [str(one) for one in plain["enum"] if one is not None]
            shown = {one: words.choices.get(one, one) for one in named}
            return pick(words.label, shown, str(default), why=words.why)
        if kind == "boolean":
            return tick(words.label, value=bool(default), why=words.why)
        if kind in ("number", "integer"):
            return _number(words, plain)
        if kind == "array":
            if self._words and name in self._lists:
                listed = WordList(words.label, words.why, self._words)
                return listed.draw(self._shelf, self._most, drop=self._drop)
            told = ", ".join(map(str, default or ()))
            return write_in(words.label, told, why=f"{words.why} Commas between several.")
        if plain.get("format") in ("path", "file-path"):
            return self._file(name, words.label, words.why)
        return write_in(words.label, "" if default is None else default, why=words.why)

    def _file(self, name: str, label: str, why: str) -> Field:
        made, known = Field(""), self._offers.get(name, {})

        def take(kept: Kept) -> None:
            cards.clear()
            with cards:
                file_card(kept)
            made.take(str(kept.path))

        with part("field"):
            block(text(label), "label")
            block(text(why), "why")
            if known:
                first = self._chosen.get(name, "")
                one = pick(f"{label} of the library", {"": "none of these", **known}, first)
                one.told.append(lambda: made.take(one.value))
                made.value = one.value
            cards = ui.element("div")
            drop_zone(
                self._shelf, take, words=f"Drop it here: {label[:1].lower()}{label[1:]}", kinds=(),
                most_bytes=self._most, small=True,
            )  # fmt: skip
        return made


def _number(words: Words, plain: Mapping[str, Any]) -> Field:
    low = plain.get("minimum", plain.get("exclusiveMinimum"))
    high = plain.get("maximum", plain.get("exclusiveMaximum"))
    whole, default = plain["type"] == "integer", plain.get("default")
    if low is not None and high is not None and default is not None and _slides(plain):
        step = 1.0 if whole else _step(float(high) - float(low))
        first = float(low) + step * ("exclusiveMinimum" in plain)
        last = float(high) - step * ("exclusiveMaximum" in plain)
        return slide(
            words.label, float(default), first, last, step=step, why=words.why, unit=words.unit
        )
    limits = {name: end for name, end in (("min", low), ("max", high)) if end is not None}
    label = f"{words.label}, in {words.unit}" if words.unit else words.label
    return write_in(
        label, "" if default is None else f"{default:.10g}", why=words.why, kind="number",
        step="1" if whole else "any", **limits,
    )  # fmt: skip


def _slides(plain: Mapping[str, Any]) -> bool:
    """Whether a slider of a hundred places can be set to what people want of a number.

    Example:
        >>> _slides({"type": "number", "minimum": 0, "maximum": 1, "default": 0.5})
        True
        >>> _slides({"type": "integer", "minimum": 0, "maximum": 5_000_000, "default": 0})
        False
        >>> _slides({"type": "number", "minimum": 0, "maximum": 1000, "default": 1.0})
        False
    """
    low = float(plain.get("minimum", plain.get("exclusiveMinimum", 0)))
    high = float(plain.get("maximum", plain.get("exclusiveMaximum", 0)))
    span, default = high - low, float(plain["default"])
    if plain["type"] == "integer":
        return span <= 110
    return (
        span <= 10 and (default == low or default - low >= span / 50)
    ) or default - low > span / 10


def _step(span: float) -> float:
    """A round step that gives a slider about a hundred places.

    Example:
        >>> _step(1.0), _step(504.0)
        (0.01, 5.0)
    """
    for step in (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0):
        if span / step <= 110:
            return step
    return span / 100


def _plain(declared: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """A field's schema without references; of one that may be left out, what it is when given."""
    found = dict(declared)
    if "$ref" in found:
        name = str(found.pop("$ref")).rpartition("/")[2]
        found = {**schema["$defs"][name], **found}
    options: Sequence[Mapping[str, Any]] = found.get("anyOf", ())
    given = [one for one in options if one.get("type") != "null"]
    if given:
        found = {**_plain(given[0], schema), **{k: v for k, v in found.items() if k != "anyOf"}}
    if "const" in found:
        found["enum"] = [found["const"]]
    return found


def _read(value: Any, plain: Mapping[str, Any]) -> Any:
    """What a field holds, as its type."""
    kind, words = plain.get("type"), str(value).strip()
    if kind == "boolean":
        return bool(value)
    if kind in ("number", "integer"):
        if not words:
            return None
        try:
            number = float(words)
        except ValueError:
            return words  # the model says what is wrong with it
        whole = kind == "integer" and number.is_integer()
        return int(number) if whole else number
    if kind == "array":
        if isinstance(value, list):
            return value
        return [one.strip() for one in words.split(",") if one.strip()]
    return words or plain.get("default")
