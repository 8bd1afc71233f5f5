"""A manifest report walked to the ground: what each signer claims, and what is broken where.

The library's own verdict is about the outermost manifest. A file whose parent had been tampered
with before it was taken in still reads as valid there, so every manifest below is walked too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from masquerade.provenance.c2pa.words import (
    HARMLESS,
    action_words,
    failure_words,
    machine_use_words,
    relationship_words,
    source_type_words,
)

HERE: Final = "this file"
_MOST = 2000
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is broken.

    Attributes:
        where: ``this file``, or the ingredient, as a path of titles.
        code: C2PA's status code, or ``unreadable``.
        words: The same in plain words.
    """

    where: str
    code: str
    words: str


@dataclass(frozen=True, slots=True)
class Ingredient:
    """A file that went into another.

    Attributes:
        depth: 1 for an ingredient of the file itself, 2 for one of that, ...
        title: What it is called there.
        part: What it is to the file above it, in words.
        signed_by: Who signed its own manifest; empty when it had none.
        signed_at: When, if that is known.
        did: What its signer says was done, in words.
        broken: What is broken about it, in words.
    """

    depth: int
    title: str
    part: str
    signed_by: str
    signed_at: str
    did: tuple[str, ...]
    broken: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The library's report on one file; foreign manifests may hold anything anywhere.

    Attributes:
        manifests: Every manifest in the file, by label.
        active: The outermost one.
        results: What was checked, and how it came out.
    """

    manifests: Mapping[str, Any]
    active: Mapping[str, Any]
    results: Mapping[str, Any]

    @classmethod
    def of(cls, content: object) -> Report:
        """The report in a decoded JSON text."""
        report = mapping(content)
        manifests = mapping(report.get("manifests"))
        active = mapping(manifests.get(str(report.get("active_manifest", ""))))
        return cls(manifests, active, mapping(report.get("validation_results")))

    def has(self, code: str) -> bool:
        """Whether a check of the outermost manifest came out well."""
        return code in _codes(self.results, "success")


def problems(report: Report) -> tuple[Problem, ...]:
    """What is broken, here and below, each once."""
    return tuple(dict.fromkeys(_problems(report)))


def ingredients(report: Report) -> tuple[Ingredient, ...]:
    """Every file that went in, each before those that went into it."""
    broken: dict[str, list[str]] = {}
    for one in problems(report):
        broken.setdefault(one.where, []).append(one.words)
    return tuple(
        Ingredient(
            len(place.titles),
            place.titles[-1],
            relationship_words(str(place.item.get("relationship") or "")),
            signed_by(place.below) if place.below else "",
            signed_at(place.below),
            did(place.below),
            tuple(broken.get(place.name, ())),
        )
        for place in sorted(_places(report), key=lambda place: place.order)
    )


def signed_by(manifest: Mapping[str, Any]) -> str:
    """The names in the certificate."""
    info = mapping(manifest.get("signature_info"))
    names = [_short(info[key]) for key in ("common_name", "issuer") if info.get(key)]
    return " of ".join(names) or "a signer without a name"


def signed_at(manifest: Mapping[str, Any]) -> str:
    """The timestamp; empty where nobody attested one."""
    return _short(mapping(manifest.get("signature_info")).get("time") or "")


def serial(manifest: Mapping[str, Any]) -> str:
    """Serial number of the certificate, in decimal digits."""
    return str(mapping(manifest.get("signature_info")).get("cert_serial_number") or "")


def generator(manifest: Mapping[str, Any]) -> str:
    """The program that says it made the manifest."""
    infos = mappings(manifest.get("claim_generator_info"))
    if infos:
        return " ".join(_short(infos[0][key]) for key in ("name", "version") if infos[0].get(key))
    return _short(manifest.get("claim_generator") or "")


def did(manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """The actions a manifest claims, in words."""
    found = []
    for data in assertions(manifest, "c2pa.actions"):
        for action in mappings(data.get("actions"))[:_MOST]:
            words = action_words(_short(action.get("action") or ""))
            kind = source_type_words(_short(action.get("digitalSourceType") or ""))
            about = "; ".join(one for one in (_short(action.get("description") or ""), kind) if one)
            found.append(f"{words} ({about})" if about else words)
    return tuple(found)


def source_types(manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """The digital source types that a manifest's actions name, as IPTC's or C2PA's terms."""
    named = [
        _short(action.get("digitalSourceType") or "").strip().rstrip("/").rpartition("/")[2]
        for data in assertions(manifest, "c2pa.actions")
        for action in mappings(data.get("actions"))[:_MOST]
    ]
    return tuple(dict.fromkeys(term for term in named if term))


def ai_models(manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """AI models that the manifest discloses."""
    found = []
    for data in assertions(manifest, "c2pa.ai-disclosure"):
        names = [_short(data[key]) for key in ("modelName", "modelIdentifier") if data.get(key)]
        found.append(" / ".join(names) or "a model without a name")
    return tuple(found)


def machine_uses(manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """What the manifest says machines may do with the file."""
    return tuple(
        machine_use_words(_short(label), _short(mapping(entry).get("use") or ""))
        for name in ("cawg.training-mining", "c2pa.training-mining")
        for data in assertions(manifest, name)
        for label, entry in sorted(mapping(data.get("entries")).items())[:_MOST]
    )


def assertions(manifest: Mapping[str, Any], label: str) -> Iterator[Mapping[str, Any]]:
    """Content of every assertion of that label, whatever its version."""
    for assertion in mappings(manifest.get("assertions")):
        name = str(assertion.get("label", ""))
        if name == label or name.startswith((f"{label}.v", f"{label}__")):
            yield mapping(assertion.get("data"))


def mapping(value: object) -> Mapping[str, Any]:
    """The value where it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def mappings(value: object) -> list[Mapping[str, Any]]:
    """The objects in the value where it is a list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


@dataclass(frozen=True, slots=True)
class _Place:
    """An ingredient as it stands in the tree.

    Attributes:
        titles: Its own title, below those it went into.
        item: What the manifest above says of it.
        below: Its own manifest; empty when it has none.
        uri: How the library's report names it.
        order: Its number among those above it, at each depth.
    """

    titles: tuple[str, ...]
    item: Mapping[str, Any]
    below: Mapping[str, Any]
    uri: str
    order: tuple[int, ...]

    @property
    def name(self) -> str:
        return "ingredient " + " > ".join(self.titles)


def _places(report: Report) -> list[_Place]:
    """Every ingredient at every depth, up to a limit; each manifest is opened once."""
    found: list[_Place] = []
    opened: set[str] = set()
    waiting: list[tuple[Mapping[str, Any], _Place | None]] = [(report.active, None)]
    while waiting and len(found) < _MOST:
        manifest, above = waiting.pop()
        items = mappings(manifest.get("ingredients"))[: _MOST - len(found)]
        for number, item in enumerate(items):
            label = str(item.get("active_manifest") or "")
            below = mapping(report.manifests.get(label))
            place = _Place(
                titles=(*(above.titles if above else ()), _short(item.get("title") or "untitled")),
                item=item,
                below=below,
                uri=f"/c2pa/{manifest.get('label')}/c2pa.assertions/{item.get('label')}",
                order=(*(above.order if above else ()), number),
            )
            found.append(place)
            if below and label not in opened:
                opened.add(label)
                waiting.append((below, place))
    return found


def _problems(report: Report) -> Iterator[Problem]:
    yield from _failures(HERE, _codes(report.results, "failure"))
    places = _places(report)
    if len(places) >= _MOST:
        yield Problem(HERE, "history.long", "its history is too long to be checked to its end")
    names = {place.uri: place.name for place in places}
    for delta in mappings(report.results.get("ingredientDeltas")):
        uri = str(delta.get("ingredientAssertionURI") or "").partition("jumbf=")[2]
        found = mappings(mapping(delta.get("validationDeltas")).get("failure"))
        where = names.get(uri, "an ingredient")
        yield from _failures(where, [str(one.get("code")) for one in found])
    for place in places:  # what was recorded when the ingredient was taken in
        old = [str(one.get("code")) for one in mappings(place.item.get("validation_status"))]
        then = _codes(mapping(place.item.get("validation_results")), "failure")
        yield from _failures(place.name, [*old, *then])


def _failures(where: str, codes: Sequence[str]) -> Iterator[Problem]:
    for code in codes:
        if code not in HARMLESS:
            yield Problem(where, code, failure_words(code))


def _codes(results: Mapping[str, Any], outcome: str) -> list[str]:
    statuses = mappings(mapping(results.get("activeManifest")).get(outcome))
    return [str(status.get("code")) for status in statuses]


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}... ({len(text)} characters)"
