"""An examination as one HTML page: no script, nothing loaded from elsewhere, made to be printed.

Everything that comes out of the examined file is text to this page, whatever it looks like.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable, Iterator
from pathlib import Path
from string import Template
from typing import Final

from masquerade.forensics.evidence import Evidence, Figure, Finding, Verdict
from masquerade.pipelines.examine.advice import helps
from masquerade.pipelines.examine.examine import Examination
from masquerade.pipelines.examine.words import (
    FAMILIES,
    MEANS,
    MEASURES,
    READING,
    Custody,
    aside,
    beside,
    counted,
    custody_facts,
    facts,
    figure_of,
    innocent,
    items,
    maps,
    name_of,
    propositions,
    told,
    untested,
    weight,
    worth,
)

_TEMPLATE: Final = Path(__file__).with_name("page.html")
_TONES: Final = {
    Finding.VERIFIED: "good",
    Finding.AUTHENTIC: "good",
    Finding.DECLARED: "told",
    Finding.BROKEN: "bad",
    Finding.MANIPULATED: "bad",
}
_WIDE: Final = 1000
_ASIDE: Final = " class=aside"
_SCALE: Final = 3.0  # log10 of the ratio at the end of the scale


def examine_page(found: Examination, custody: Custody) -> str:
    """The page, as HTML.

    Args:
        found: What came of the examination.
        custody: Who did it and when.
    """
    verdict = found.verdict
    return Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(
        title=_text(f"Examination of {found.name}"),
        name=_text(found.name),
        tone=_TONES.get(verdict.finding, "open"),
        finding=_text(verdict.finding.value),
        sentence=_text(verdict.sentence),
        means=_text(MEANS[verdict.finding]),
        scale=_scale(verdict),
        seen="".join(_figure(one) for one in found.seen),
        rests="".join(_short(one) for one in counted(found)) + _points(beside(found)),
        map="".join(_figure(one) for one in maps(found)),
        helps=_section("What would help", helps(found)),
        told=_section("Marks and metadata", told(found)),
        aside=_section("Measured too, and counted for nothing", aside(found), _ASIDE),
        timeline=timeline(found),
        items="".join(_sections(found)),
        untested=_points(untested(found)),
        propositions=_points(propositions()),
        reading=_text(READING),
        measures=_text(MEASURES),
        facts=_rows([*facts(found), *custody_facts(custody)]),
    )


def _scale(verdict: Verdict) -> str:
    """Where the ratio lies between even and a thousand to one, as SVG; empty without a ratio."""
    if verdict.log10_lr is None:
        return ""
    at = min(max(verdict.log10_lr / _SCALE, 0.0), 1.0) * _WIDE
    parts = "".join(
        f"<span>{word}<br><small>{ends}</small></span>"
        for word, ends in (("weak", "1 to 10"), ("moderate", "10 to 100"), ("strong", "over 100"))
    )
    return (
        "<p class=caption>How much what was found speaks for machine-made rather than recorded,"
        " times as likely:</p><div class=scale>"
        f"<svg viewBox='0 0 {_WIDE} 60' preserveAspectRatio='none'>"
        f"<rect width='{_WIDE}' height='60' class=all />"
        f"<rect width='{at:.0f}' height='60' class={verdict.strength} /></svg>"
        f"<div>{parts}</div></div><p>{_text(weight(verdict))}</p>"
    )


def timeline(found: Examination) -> str:
    """Where on the time line signals react, as SVG; empty for what has no time."""
    length = float(found.duration_s or 0)
    rows = [one for one in items(found) if one.stretches]
    if not rows or length <= 0:
        return ""
    lanes = "".join(
        f"<dt>{_text(_begun(name_of(one)))}</dt><dd><svg{_ASIDE if one.log10_lr is None else ''}"
        f" viewBox='0 0 {_WIDE} 10' preserveAspectRatio='none'>"
        f"{''.join(_marks(one, length))}</svg></dd>"
        for one in rows
    )
    times = "".join(f"<span>{part * length / 4:.1f} s</span>" for part in range(5))
    return (
        f"<h2>Over time</h2><div class='card time'><dl>{lanes}<dt></dt><dd class=times>{times}</dd>"
        "</dl><p class=caption>Darker: the signal reacts more strongly there. Not evidence alone."
        " Grey ones count for nothing.</p></div>"
    )


def _marks(one: Evidence, length: float) -> Iterator[str]:
    for part in one.stretches:
        left = min(float(part.start_s) / length, 1.0) * _WIDE
        wide = max(2.0, float(part.end_s - part.start_s) / length * _WIDE)
        if part.level > 0 and left < _WIDE:
            yield (
                f"<rect x='{left:.1f}' y='0' width='{min(wide, _WIDE - left):.1f}' height='10'"
                f" opacity='{0.15 + 0.85 * part.level:.2f}'/>"
            )


def _sections(found: Examination) -> Iterator[str]:
    """Every item under the heading of its family."""
    before = None
    for one in items(found):
        if one.family is not before:
            yield f"<h2>{_text(FAMILIES[one.family])}</h2>"
            before = one.family
        yield _item(one)


def _short(one: Evidence) -> str:
    """What one item that counts says, and what that is worth."""
    soft = "".join(f"<br><span{_ASIDE}>{_text(words)}</span>" for words in innocent(one))
    name = _text(_begun(name_of(one)))
    return f"<li><b>{name}</b>: {_text(one.says)} {_text(worth(one))}{soft}</li>"


def _begun(words: str) -> str:
    """With a capital letter."""
    return words[:1].upper() + words[1:]


def _item(one: Evidence) -> str:
    rows = [
        ("Figure", figure_of(one)),
        ("Worth", worth(one)),
        ("How well it does", one.error_rate),
        ("Cannot tell", one.limits),
        ("Calibration", one.calibration),
        *((_begun(what), words) for what, words in one.details),
    ]
    drawn = "".join(_figure(figure) for figure in one.figures)
    limited = "" if one.applies.value == "applies" else f" <em>({_text(one.applies.value)})</em>"
    return (
        f"<details><summary><h3>{_text(name_of(one))}{limited}</h3><p class=says>{_text(one.says)}"
        f"</p></summary>{drawn}"
        f"<dl>{_rows((what, words) for what, words in rows if words)}</dl></details>"
    )


def _figure(one: Figure) -> str:
    data = base64.b64encode(one.png).decode("ascii")
    return (
        f'<figure><img alt="{_text(one.caption)}" src="data:image/png;base64,{data}">'
        f"<figcaption>{_text(one.caption)}</figcaption></figure>"
    )


def _points(words: Iterable[str]) -> str:
    return "".join(f"<li>{_text(one)}</li>" for one in words if one)


def _section(head: str, words: Iterable[str], kind: str = "") -> str:
    """A heading with its lines; nothing where there are none."""
    points = _points(words)
    return f"<h2>{head}</h2><div{kind}><ul>{points}</ul></div>" if points else ""


def _rows(told: Iterable[tuple[str, str]]) -> str:
    return "".join(f"<dt>{_text(what)}</dt><dd>{_text(words)}</dd>" for what, words in told)


def _text(words: str) -> str:
    """Words as text of a page, whatever they hold; controls and turns of writing are shown."""
    plain = "".join(one if one.isprintable() else ascii(one)[1:-1] for one in words)
    return html.escape(plain)
