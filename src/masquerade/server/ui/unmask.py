"""Unmask: a file is examined, and all evidence about it is shown, each piece with its worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from nicegui import ui
from starlette.requests import Request

from masquerade.errors import MasqueradeError
from masquerade.forensics.drawing import HEAT_CAPTION
from masquerade.forensics.evidence import Family, Finding
from masquerade.jobs.types import Job
from masquerade.pipelines.examine.words import FAMILIES, MEANS, NOTHING, READING, title_of
from masquerade.server.studio import Studio
from masquerade.server.ui import examples
from masquerade.server.ui.asking import ask, outs
from masquerade.server.ui.collect import PEOPLE
from masquerade.server.ui.drop import drop_zone
from masquerade.server.ui.fields import Field, pick
from masquerade.server.ui.frame import frame
from masquerade.server.ui.job_view import watch
from masquerade.server.ui.library import chosen_from
from masquerade.server.ui.pieces import (
    Tone,
    block,
    facts,
    failure,
    link,
    more,
    part,
    pill,
    points,
    text,
    title,
    verdict,
)
from masquerade.server.ui.results import figure_address, result_address, seen_figures
from masquerade.server.ui.session import shelf_of
from masquerade.server.ui.shelf import Kept, Shelf, size_words
from masquerade.server.ui.unmask_many import Many
from masquerade.server.ui.verdict_tones import tone_of_finding
from masquerade.server.ui.wanted import wanted

_ASIDE: Final = "shown, not weighed"
_NEXT: Final = (
    "Ask whoever sent it for the file as the camera or the program wrote it: what is sent by"
    " messengers or taken from a page has lost most traces.",
    "Look for where it was shown first, and for other pictures of the same place and time.",
    "Ask who is seen or heard in it, and who was there.",
    "Whether it is true is not settled by this page either way; do not show it as proof of either.",
)
_WIDE: Final = 1000
_FIRST: Final = 4
_REPORTS: Final = (".html", ".pdf", ".json", ".md")


def build(studio: Studio) -> None:
    """The page; ``?file=`` and ``?made=`` name a file, ``?job=`` an examination that was done."""
    shelf = shelf_of(studio)
    asked = _query()
    with frame("unmask"):
        title(
            "Unmask",
            "Looks at a file from many sides: its marks, its metadata, how it is stored, the face,"
            " the voice, and whether they move together. A picture takes seconds, a video a minute"
            " or more.",
        )
        entry = ui.element("div").classes("stack")
        place = ui.element("section").classes("stack")

        known, many = chosen_from(studio, PEOPLE.kind), Many(studio)
        people: Field | None = None

        def begin(kept: Kept) -> None:
            if not many.count:
                place.clear()
            entry.set_visibility(False)
            with place:
                try:
                    job = ask(studio, "examine", _spec(kept, shelf, _whom(people)))
                except MasqueradeError as error:
                    failure(error)
                    entry.set_visibility(True)
                    return
                if many.add(kept.name, job) == 1:
                    watch(studio, job.id, f"Examining {kept.name}", show)
                    return
            many.draw(place)

        def show(job: Job) -> None:
            if many.count > 1:
                return
            place.clear()
            entry.set_visibility(False)
            with place:
                _show(job)

        with entry:
            if known:
                people = pick("Compare with somebody who is enrolled", {"": "nobody", **known})
            drop_zone(
                shelf,
                begin,
                words="Drop a picture, video or sound here, or several",
                several=True,
                folders=True,
                hint="It stays on the computer that this page comes from; nothing is sent on.",
                most_bytes=studio.settings.upload_mb * 1_000_000,
            )
            examples.offer(studio, begin, "No file at hand? Examine one of ours.")
        _open(studio, shelf, asked, begin, show, place)


def _query() -> Mapping[str, str]:
    request: Request | None = ui.context.client.request
    return dict(request.query_params) if request is not None else {}


def _open(
    studio: Studio,
    shelf: Shelf,
    asked: Mapping[str, str],
    begin: Any,
    show: Any,
    place: ui.element,
) -> None:
    """What the address asks for."""
    try:
        kept = wanted(studio, shelf, asked)
        if kept is not None:
            begin(kept)
        elif "job" in asked:
            job = studio.queue.show(asked["job"], owner="")
            if job.kind == "examine":
                with place:
                    watch(studio, job.id, "Examining", show)
    except MasqueradeError as error:
        with place:
            failure(error)


def _whom(field: Field | None) -> str:
    return str(field.value) if field is not None else ""


def _spec(kept: Kept, shelf: Shelf, person: str) -> dict[str, Any]:
    """The examination of a file, with reports of every kind that can be made here."""
    from importlib.util import find_spec

    endings = [one for one in _REPORTS if one != ".pdf" or find_spec("reportlab")]
    reports = [str(shelf.place(f"{kept.path.stem}-report{one}").path) for one in endings]
    spec: dict[str, Any] = {"target": str(kept.path), "reports": reports}
    return spec | ({"person": person} if person else {})


def _show(job: Job) -> None:
    """The whole examination, from what the job gives back."""
    found: Any = job.result
    told = found["verdict"]
    tone = tone_of_finding(told["finding"])
    verdict(tone, told["finding"], [told["sentence"], MEANS[Finding(told["finding"])]])
    if told["finding"] == Finding.INCONCLUSIVE.value:
        block("<h2>What you can do now</h2>" + points(_NEXT), "card note", tag="section")
    items = sorted(
        (one for one in found["evidence"] if one["applies"] != "not applicable"),
        key=lambda one: [family.value for family in Family].index(one["family"]),
    )
    with part("grid2"):
        _why(told["reasons"])
        _file(found)
    _seen(job, items)
    _timeline(items)
    _evidence(items)
    _untested([one for one in found["evidence"] if one["applies"] == "not applicable"])
    _reports(job)
    with part("row"):
        link("Examine another file", "/unmask", sign="unmask")


def _why(reasons: Sequence[str]) -> None:
    reasons = [_reason(one) for one in reasons]
    beside = [one for one in reasons if one.lower().startswith(_ASIDE)]
    weighed = [one for one in reasons if one not in beside]
    with part("card", tag="section"):
        block("<h2>Why</h2>" + points(weighed or [NOTHING]))
        if beside:
            with more("What was measured and counts for nothing"):
                block(points(beside), "small")
        with more("How to read the figures"):
            block(f"<p>{text(READING)}</p>")


def _reason(words: str) -> str:
    """A reason, with the family of evidence as people know it.

    Example:
        >>> _reason("image: as likely either way")
        'How the picture is stored: as likely either way'
    """
    family, _, rest = words.partition(": ")
    if family in [one.value for one in Family]:
        return f"{FAMILIES[Family(family)]}: {rest}"
    return words


def _file(found: Any) -> None:
    about = found["file"]
    with part("card", tag="section"):
        block("<h2>The file</h2>")
        rows = [
            ("Name", about["name"]),
            ("Kind", about["kind"]),
            ("Size", f"{size_words(about['bytes'])} ({about['bytes']:,} bytes)"),
        ]
        block(facts([*rows, ("Looked at", found["looked_at"])]))
        if found["damages"]:
            block(points(found["damages"]), "small")
        with more("Hashes"):
            block(facts([("SHA-256", about["sha256"]), ("SHA-512", about["sha512"])]), "mono")


def _seen(job: Job, items: Sequence[Any]) -> None:
    """What was looked at, and the maps and curves of the evidence."""
    seen = [
        f"<figure><img src='{figure_address(job, sha256)}' alt='{text(caption)}'>"
        f"<figcaption>{text(caption)}</figcaption></figure>"
        for sha256, caption in seen_figures(job)
    ]
    drawn = [(item, one) for item in items for one in item["figures"]]
    drawn.sort(key=lambda pair: HEAT_CAPTION not in pair[1]["caption"])  # heat maps first
    maps = [_map(job, item, one) for item, one in drawn]
    if seen:
        block(f"<h2>What was seen</h2>{''.join(seen)}", "card", tag="section")
    if not maps:
        return
    with part("card", tag="section"):
        block(f"<h2>Maps and curves</h2><div class='grid2'>{''.join(maps[:_FIRST])}</div>", "stack")
        if len(maps) > _FIRST:
            with more(f"All the others ({len(maps) - _FIRST})"):
                block(f"<div class='grid2'>{''.join(maps[_FIRST:])}</div>")


def _map(job: Job, item: Any, one: Any) -> str:
    words = text(one["caption"])
    return (
        f"<figure><img loading='lazy' src='{figure_address(job, one['sha256'])}' alt='{words}'>"
        f"<figcaption><b>{text(_name(item))}.</b> {words}</figcaption></figure>"
    )


def _timeline(items: Sequence[Any]) -> None:
    """Where on the time line signals react."""
    rows = [one for one in items if one["stretches"]]
    length = max((part_[1] for one in rows for part_ in one["stretches"]), default=0)
    if length <= 0:
        return
    lanes = "".join(
        f"<dt>{text(_name(one))}</dt><dd><svg viewBox='0 0 {_WIDE} 16' preserveAspectRatio='none'"
        f" role='img' aria-label='{text(_reacts(one))}'>{_marks(one, length)}</svg></dd>"
        for one in rows
    )
    times = "".join(f"<span>{part_ * length / 4:.1f} s</span>" for part_ in range(5))
    block(
        f"<h2>Over time</h2><dl class='lanes'>{lanes}<dt></dt><dd class='times'>{times}</dd></dl>"
        "<p class='soft small'>The stronger the colour, the more the signal reacts there. That is a"
        " place to look, not evidence alone.</p>",
        "card",
        tag="section",
    )


def _marks(one: Any, length: float) -> str:
    marks = []
    for start, end, level in one["stretches"]:
        left, wide = start / length * _WIDE, max(2.0, (end - start) / length * _WIDE)
        if level > 0 and left < _WIDE:
            marks.append(
                f"<rect x='{left:.1f}' y='0' width='{min(wide, _WIDE - left):.1f}' height='16'"
                f" opacity='{0.12 + 0.88 * level:.2f}'/>"
            )
    return "".join(marks)


def _reacts(one: Any) -> str:
    strongest = max(one["stretches"], key=lambda part_: part_[2])
    return f"{_name(one)} reacts most from {strongest[0]:.1f} to {strongest[1]:.1f} seconds"


def _evidence(items: Sequence[Any]) -> None:
    """Every piece of evidence under its family, to open."""
    with part("card", tag="section"):
        block("<h2>The evidence</h2>")
        before = ""
        for one in items:
            if one["family"] != before:
                before = one["family"]
                block(f"<h3>{text(FAMILIES[Family(before)])}</h3>").style("margin-top:.6rem")
            with _opened(one):
                _piece(one)


def _opened(one: Any) -> ui.element:
    with ui.element("details").classes("more"):
        block(
            f"<span style='flex:none;min-width:9rem'>{text(_name(one))}</span>{_worth_pill(one)}"
            f"<span class='soft small' style='font-weight:400'>{text(one['says'])}</span>",
            tag="summary",
        ).style("flex-wrap:wrap")
        return ui.element("div").classes("body")


def _piece(one: Any) -> None:
    value = one["value"]
    shown = "" if value is None else f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    rows = [
        ("Measured", f"{shown} {one['unit']}".strip()),
        ("Worth", _worth(one)),
        ("How well it does", one["error_rate"]),
        ("Cannot tell", one["limits"]),
        ("Learned from", one["calibration"]),
        *((what[:1].upper() + what[1:], words) for what, words in one.get("details", ())),
    ]
    block(facts((name, words) for name, words in rows if words), "small")


def _name(one: Any) -> str:
    name = title_of(str(one["signal"]))
    return name[:1].upper() + name[1:]


def _worth_pill(one: Any) -> str:
    ratio = one["log10_lr"]
    if one["standing"] != "none":
        tones: Mapping[str, Tone] = {"broken": "bad", "declared synthetic": "told"}
        return pill(one["standing"], tones.get(one["standing"], "good"))
    if ratio is None or abs(ratio) < 0.05:
        return pill("not counted" if ratio is None else "tells nothing")
    return (
        pill("speaks for manipulation", "bad")
        if ratio > 0
        else pill("speaks against manipulation", "good")
    )


def _worth(one: Any) -> str:
    if one["standing"] != "none" or one["family"] == Family.PROVENANCE.value:
        return "What is declared and signed comes before everything that is measured."
    if one["log10_lr"] is None or one["ci95"] is None:
        return "It is shown and counts for nothing in the verdict."
    from masquerade.forensics.fuse import interval, said

    words = said(one["log10_lr"])
    return f"{words[:1].upper()}{words[1:]} ({interval(tuple(one['ci95']))})."


def _untested(items: Sequence[Any]) -> None:
    if not items:
        return
    with part("card", tag="section"), more(f"What could not be tested here ({len(items)})"):
        block(points(f"{_name(one)}: {one['says']}" for one in items), "small")


def _reports(job: Job) -> None:
    made = outs(job)
    page = next((path for path in made if path.suffix == ".html"), None)
    words = {".html": "Web page", ".pdf": "PDF", ".json": "For programs", ".md": "Text"}
    with part("card", tag="section"):
        block(
            "<h2>The report</h2><p class='soft'>Signed and entered into the ledger. Keep the"
            " file and its report together.</p>"
        )
        with part("row"):
            for path in made:
                link(
                    words.get(path.suffix, path.suffix), result_address(job, path, save=True),
                    sign="download", saves=True,
                )  # fmt: skip
        if page is None:
            return
        body = more("Read it here")
        with body:
            block(
                f"<iframe class='report' loading='lazy' title='The whole report'"
                f" src='{result_address(job, page)}'></iframe>"
            )
