"""An examination as Markdown, to be pasted into a letter or a case file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from masquerade.pipelines.examine.advice import helps
from masquerade.pipelines.examine.examine import Examination
from masquerade.pipelines.examine.words import (
    FAMILIES,
    MEANS,
    MEASURES,
    READING,
    Custody,
    aside,
    custody_facts,
    facts,
    figure_of,
    items,
    name_of,
    propositions,
    rests,
    told,
    untested,
    weight,
    worth,
)

_MARKS: Final = re.compile(r"([\\`*_{}\[\]()#+!|<>~&-])")


def examine_text(found: Examination, custody: Custody) -> str:
    """The report, as Markdown without pictures.

    Args:
        found: What came of the examination.
        custody: Who did it and when.
    """
    return "\n".join(_lines(found, custody)) + "\n"


def _lines(found: Examination, custody: Custody) -> Iterator[str]:
    verdict = found.verdict
    yield f"# {_text(verdict.finding.value.capitalize())}: {_text(found.name)}"
    yield ""
    yield f"{_text(verdict.sentence)} {_text(MEANS[verdict.finding])}"
    yield ""
    if weight(verdict):
        yield f"{_text(weight(verdict))}\n"
    for head, lines in (
        ("What the verdict rests on", rests(found)),
        ("Marks and metadata", told(found)),
        ("What would help", helps(found)),
        ("Measured too, and counted for nothing", aside(found)),
    ):
        points = [f"- {_text(line)}" for line in lines]
        yield from (f"\n## {head}\n", *points) if points else ()
    before = None
    for one in items(found):
        if one.family is not before:
            yield f"\n## {FAMILIES[one.family]}"
            before = one.family
        yield f"\n**{_text(name_of(one))}**: {_text(one.says)}\n"
        rows = (
            ("figure", figure_of(one)),
            ("worth", worth(one)),
            ("how well it does", one.error_rate),
            ("cannot tell", one.limits),
            ("calibration", one.calibration),
            *one.details,
        )
        yield from (f"- {what}: {_text(words)}" for what, words in rows if words)
    yield "\n## What was not tested, and why\n"
    yield from (f"- {_text(words)}" for words in untested(found))
    yield "\n## How to read this\n"
    for words in propositions():
        yield f"- {_text(words)}"
    yield f"\n{READING}\n\n{MEASURES}\n\n## The file, and how to do it again\n"
    for what, words in (*facts(found), *custody_facts(custody)):
        yield f"- {what}: {_text(words)}"


def _text(words: str) -> str:
    """Words that Markdown shows letter by letter, on one line."""
    plain = "".join(one if one.isprintable() else ascii(one)[1:-1] for one in words)
    return _MARKS.sub(r"\\\1", plain)
