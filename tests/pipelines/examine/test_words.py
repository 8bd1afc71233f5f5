"""A report says what would help, what stands beside marks, and where to look."""

import json
from dataclasses import replace

import pytest

from masquerade.forensics.evidence import Applies, Evidence, Family, Figure, Finding, Standing
from masquerade.forensics.fuse import SHRINK, fuse
from masquerade.pipelines.examine.advice import helps
from masquerade.pipelines.examine.examine import Examination
from masquerade.pipelines.examine.page import examine_page
from masquerade.pipelines.examine.save import json_bytes
from masquerade.pipelines.examine.text import examine_text
from masquerade.pipelines.examine.words import Custody, beside, maps, rests, untested, weight

CUSTODY = Custody("mql-1", "2026-01-01T00:00:00+00:00", "ed25519:key")
MAP = Figure("map", b"png", "Coloured: what spoke.")
ALIKE = "Beauty filters look alike."
FACE = Evidence(
    "learned_face", Family.FACE, Applies.YES, "traces", log10_lr=1.3, figures=(MAP,), limits=ALIKE
)
SMALL = Evidence("learned_face", Family.FACE, Applies.NO, "No face of at least 64 pixels.")
MUTE = Evidence("lip_sync", Family.SYNC, Applies.NO, "There are not both.")
SHORT = Evidence("learned_sound", Family.SOUND, Applies.NO, "Less than 3 s of voice is heard.")
MARK = Evidence("provenance", Family.PROVENANCE, Applies.YES, "marked", standing=Standing.DECLARED)


def _found(kind: str, *evidence: Evidence) -> Examination:
    return Examination(
        "a", "00", "00", 1, kind, None, (), "all of it", (), evidence, fuse(evidence), "masquerade"
    )


@pytest.mark.parametrize(
    ("kind", "evidence", "words"),
    [
        ("video", (FACE, MUTE), "with its sound"),
        (
            "video",
            (SMALL,),
            "sharper copy of the faces. No face of at least 64 pixels.",
        ),
        ("still", (FACE,), "The video or the other pictures"),
        ("audio", (SHORT,), "A longer piece. Less than 3 s"),
    ],
)
def test_what_would_help_depends_on_what_was_missing(
    kind: str, evidence: tuple[Evidence, ...], words: str
) -> None:
    lines = list(helps(_found(kind, *evidence)))
    assert lines[0].startswith("The file as the camera or the first uploader has it")
    assert lines[-1].startswith("What lies outside the file")
    assert any(words in line for line in lines[1:-1])


def test_what_marks_hold_stands_below_them_in_every_report() -> None:
    held = (("signed by", "an unknown signer <b>"), ("watermark", "none"))
    found = _found("still", replace(MARK, details=held))
    page, words = examine_page(found, CUSTODY), examine_text(found, CUSTODY)
    assert "<dt>Signed by</dt><dd>an unknown signer &lt;b&gt;</dd>" in page
    assert "- signed by: an unknown signer" in words
    assert json.loads(json_bytes(found))["evidence"][0]["details"][1] == ["watermark", "none"]


def test_a_declaration_needs_no_help_and_says_what_was_measured_beside_it() -> None:
    found = _found("still", MARK, FACE)
    assert found.verdict.finding is Finding.DECLARED
    assert list(helps(found)) == []
    (line,) = beside(found)
    for report in (examine_page(found, CUSTODY), examine_text(found, CUSTODY)):
        assert line in report
        assert "What would help" not in report


def test_the_first_page_shows_where_to_look() -> None:
    found = _found("still", FACE)
    assert list(maps(found)) == [MAP]
    page = examine_page(found, CUSTODY)
    assert page.index(ALIKE) < page.index(MAP.caption) < page.index("What would help")
    assert any(line.endswith(f"What it cannot tell: {ALIKE}") for line in rests(found))


def test_what_was_not_tested_is_told_once_for_each_reason() -> None:
    other = Evidence("bilabial_closure", Family.SYNC, Applies.NO, MUTE.says)
    lines = list(untested(_found("still", SMALL, MUTE, other)))
    assert lines == [
        f"Face network: {SMALL.says}",
        f"Lips and voice, lips at m, b and p: {MUTE.says}",
    ]


@pytest.mark.parametrize(("ratio", "called"), [(0.1, False), (0.5, True)])
def test_what_is_even_is_not_called_weak(ratio: float, called: bool) -> None:
    words = weight(_found("still", replace(FACE, log10_lr=ratio / SHRINK)).verdict)
    assert ("that is called weak" in words) is called
