"""Settings by shot: a small TOML file, edited by hand, that says where a job is done otherwise.

::

    [[shot]]
    number = 2                      # counted from 1; or [2, 5]
    method = "swap_appearance"      # any method of the same command
    colour = "mkl"                  # any option of that method, or of blending

    [[shot]]
    from = "0:12.5"                 # or by time, counted from the first picture
    to = "0:14"
    skip = true                     # stays as it is

    [[shot]]
    number = 3
    [[shot.front]]                  # what is here stays in front of the face
    box = [310, 220, 420, 330]      # left, top, right, bottom, in pixels
    from = "0:21"
    to = "0:22.5"
    [[shot.face]]                   # this is face, though it was taken for something else
    polygon = [[300, 200], [340, 200], [320, 260]]
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

from pydantic import ValidationError

from masquerade import registry
from masquerade.compose.blend import ComposeOptions
from masquerade.errors import UsageError
from masquerade.faces.occlusion.corrections import Correction
from masquerade.hashing import small_bytes
from masquerade.options import Options
from masquerade.pipelines.clock import seconds_of
from masquerade.pipelines.settings_lines import Lines
from masquerade.pipelines.takes import ShotTake, Take, Where
from masquerade.toml_text import read_toml

O = TypeVar("O", bound=Options)  # noqa: E741

_PLACE: Final = ("number", "from", "to")
_AREAS: Final[tuple[Literal["front", "face"], ...]] = ("front", "face")
_AREA_KEYS: Final = ("box", "polygon", "unit", "from", "to")
_MOST: Final = 1_000_000_000  # of a number in a file, also in pixels
_UNITS: Final[tuple[Literal["px", "frame", "face"], ...]] = ("px", "frame", "face")


@dataclass(frozen=True, slots=True)
class ShotSettings:
    """What a settings file says, checked, in its order; empty where there is none."""

    entries: tuple[ShotTake, ...] = ()

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that it names for stretches that are changed, sorted."""
        return tuple(sorted({one.take.method for one in self.entries if not one.take.skip}))

    def as_json(self) -> list[dict[str, Any]]:
        """Plain values for a recipe: all that decides what is made."""
        return [{**one.where.as_json(), **one.take.as_json()} for one in self.entries]


def read_shot_settings(path: Path, usual: Take) -> ShotSettings:
    """The settings in a file, laid over how the job is done elsewhere.

    Args:
        path: The TOML file.
        usual: What holds where the file says nothing.

    Raises:
        UsageError: Not such a file, an unknown key, a wrong value; the message names the line.
    """
    try:
        text = small_bytes(path).decode("utf-8")
        table = read_toml(text)
    except OSError as error:
        raise UsageError(f"cannot read the settings {path.name}: {error.strerror}") from None
    except ValueError as error:  # not TOML or not UTF-8, or a number of thousands of digits
        raise UsageError(f"{path.name} is not TOML: {error}", "[[shot]] tables") from None
    shots = table.get("shot")
    if isinstance(shots, dict):
        raise UsageError(
            f"{path.name} begins with [[shot.{min(shots, default='...')}]]",
            "[[shot]] with a number or times first, which says what shot it is for",
            "write [[shot]] and number = 1 above it",
        )
    if not isinstance(shots, list) or not shots or set(table) != {"shot"}:
        raise UsageError(
            f"{path.name} holds {', '.join(sorted(table)) or 'nothing'}",
            "one or more [[shot]] tables and nothing else",
            "see `masquerade preview --help` for a way to have one written",
        )
    lines = Lines(path.name, text)
    return ShotSettings(
        tuple(_Entry(shot, lines, number, usual).read() for number, shot in enumerate(shots))
    )


def carried(given: Options, to: type[O]) -> O:
    """Options of one method as another's: what was set and exists there too, else its defaults."""
    asked = given.model_dump(mode="json", exclude_unset=True)
    return to.model_validate({key: asked[key] for key in asked if key in to.model_fields})


def changed(options: O, values: Mapping[str, object]) -> O:
    """The options with other values for some fields, checked as strictly as they can be.

    Raises:
        ValidationError: One is of the wrong type, or out of range.
    """
    asked = options.model_dump(mode="json", exclude_unset=True) | dict(values)
    return type(options).model_validate_json(json.dumps(asked), strict=True)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One [[shot]] table while it is read."""

    table: Any
    lines: Lines
    number: int
    usual: Take

    def read(self) -> ShotTake:
        if not isinstance(self.table, dict):
            raise UsageError(f"{self._at('')}: {self.table!r}", "a [[shot]] table")
        where = self._where()
        method, options = self._method()
        names = (*_PLACE, "method", "skip", *_AREAS)
        own = tuple(type(options).model_fields)
        shared = tuple(ComposeOptions.model_fields)
        for key in self.table:
            if key not in (*names, *own, *shared):
                self._unknown(key, (*names, *own, *shared), method)
        if self.table.get("skip", False) is not False:
            return ShotTake(where, self._skipped())
        take = Take(
            method=method,
            options=self._with(options),
            blending=self._with(self.usual.blending),
            corrections=tuple(
                self._correction(keep, index, area)
                for keep in _AREAS
                for index, area in enumerate(self._areas(keep))
            ),
        )
        return ShotTake(where, take)

    def _at(self, key: str) -> str:
        return self.lines.told(self.number, key)

    def _wrong(self, key: str, expected: str) -> UsageError:
        return UsageError(f"{self._at(key)}: {key} = {_short(self.table[key])}", expected)

    def _unknown(self, key: str, known: Sequence[str], method: str) -> None:
        near = difflib.get_close_matches(key, known, 1)
        raise UsageError(
            f"{self._at(key)}: no setting is named {key!r}" + (f" for {method}" if method else ""),
            f"{near[0]}, perhaps" if near else "one of " + ", ".join(sorted(known)),
        )

    def _where(self) -> Where:
        if "number" in self.table:
            numbers = self.table["number"]
            several = numbers if isinstance(numbers, list) else [numbers]
            if not several or any(not _is_count(one) for one in several):
                raise self._wrong("number", "a shot's number, counted from 1, or [1, 2]")
            if len(set(several)) < len(several):
                raise self._wrong("number", "each number once")
            if {"from", "to"} & set(self.table):
                raise UsageError(f"{self._at('')}: both number and times", "one of them")
            return Where(self._at(""), numbers=tuple(several))
        from_s, until_s = self._times(self.table, self._at)
        if from_s is None and until_s is None:
            raise UsageError(f"{self._at('')} does not say which shot", "number, or from and to")
        return Where(self._at(""), from_s=from_s or Fraction(0), until_s=until_s)

    def _times(
        self, table: Mapping[str, object], at: Any
    ) -> tuple[Fraction | None, Fraction | None]:
        found: list[Fraction | None] = []
        for key in ("from", "to"):
            value = table.get(key)
            if value is not None and not isinstance(value, str) and not _is_number(value):
                raise UsageError(f"{at(key)}: {key} = {_short(value)}", 'a time, such as "1:02.5"')
            try:
                found.append(None if value is None else seconds_of(str(value)))
            except UsageError as error:
                raise UsageError(f"{at(key)}: {key} = {error.found}", error.expected) from None
        if found[0] is not None and found[1] is not None and found[1] <= found[0]:
            raise UsageError(f"{at('to')}: to is not after from", "a time after it")
        return found[0], found[1]

    def _method(self) -> tuple[str, Options]:
        name = self.table.get("method", self.usual.method)
        if name == self.usual.method:
            return name, self.usual.options
        family = self.usual.method.partition("_")[0]
        known = [one.name for one in registry.commands().get(family, [])]
        if name not in known:
            raise self._wrong("method", "one of " + ", ".join(known or [self.usual.method]))
        return name, carried(self.usual.options, registry.get(name).Options)

    def _skipped(self) -> Take:
        if self.table["skip"] is not True:
            raise self._wrong("skip", "true or false")
        others = sorted(set(self.table) - {*_PLACE, "skip"})
        if others:
            raise UsageError(
                f"{self._at(others[0])}: {others[0]} in a shot that stays as it is",
                "skip = true alone",
                f"take {others[0]} out, or skip",
            )
        return replace(self.usual, skip=True)

    def _with(self, options: O) -> O:
        fields = type(options).model_fields
        values = {key: value for key, value in self.table.items() if key in fields}
        try:
            return changed(options, values)
        except (ValidationError, TypeError, ValueError) as error:
            if not isinstance(error, ValidationError):  # a date, which JSON does not know
                raise UsageError(
                    f"{self._at('')}: {error}", "text, numbers, true or false"
                ) from None
            first = error.errors()[0]
            key = str(first["loc"][0]) if first["loc"] else next(iter(values), "")
            said = f" = {_short(values[key])}" if key in values else ""
            raise UsageError(
                f"{self._at(key)}: {key}{said}: {first['msg']}", _described(type(options), key)
            ) from None

    def _areas(self, keep: str) -> Sequence[object]:
        areas = self.table.get(keep, [])
        if not isinstance(areas, list):
            raise self._wrong(keep, f"[[shot.{keep}]] tables")
        return areas

    def _correction(self, keep: Literal["front", "face"], index: int, area: object) -> Correction:
        def at(key: str) -> str:
            return self.lines.told(self.number, key, area=keep, index=index)

        if not isinstance(area, dict):
            raise UsageError(f"{at('')}: {_short(area)}", f"a [[shot.{keep}]] table")
        for key in area:
            if key not in _AREA_KEYS:
                raise UsageError(
                    f"{at(key)}: no setting of [[shot.{keep}]] is named {key!r}",
                    "one of " + ", ".join(_AREA_KEYS),
                )
        unit = area.get("unit", "px")
        if unit not in _UNITS:
            raise UsageError(f"{at('unit')}: unit = {_short(unit)}", "one of " + ", ".join(_UNITS))
        from_s, until_s = self._times(area, at)
        try:
            corners = _corners(area)
            return Correction(corners, keep, unit, from_s or Fraction(0), until_s)
        except UsageError as error:
            key = "box" if "box" in area else "polygon"
            raise UsageError(f"{at(key)}: {error.found}", error.expected) from None


def _corners(area: Mapping[str, object]) -> tuple[tuple[float, float], ...]:
    if ("box" in area) == ("polygon" in area):
        raise UsageError("an area needs a box, or a polygon", "one of them")
    if "box" in area:
        box = area["box"]
        if not isinstance(box, list) or len(box) != 4 or not all(map(_is_number, box)):
            raise UsageError(f"box = {_short(box)}", "[left, top, right, bottom]")
        return Correction.box((box[0], box[1], box[2], box[3]), keep="front").area
    polygon = area["polygon"]
    if not isinstance(polygon, list) or not all(
        isinstance(one, list) and len(one) == 2 and all(map(_is_number, one)) for one in polygon
    ):
        raise UsageError(f"polygon = {_short(polygon)}", "[[x, y], [x, y], [x, y]]")
    return tuple((one[0], one[1]) for one in polygon)


def _is_count(value: object) -> bool:
    return type(value) is int and 1 <= value <= _MOST


def _is_number(value: object) -> bool:
    return type(value) in (int, float) and -_MOST <= value <= _MOST  # type: ignore[operator]


def _short(value: object) -> str:
    try:
        text = json.dumps(value, default=str)
    except ValueError:  # a number of thousands of digits, as hexadecimal ones may be
        text = "a number out of range"
    return text if len(text) <= 60 else text[:57] + "..."


def _described(options: type[Options], key: str) -> str:
    field = options.model_fields.get(key)
    return "" if field is None else " ".join(str(field.description or "").split()).rstrip(".")
