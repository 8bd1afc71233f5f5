"""A verdict needs more than one kind of evidence, says when it cannot tell, never says genuine."""

from dataclasses import replace

import numpy as np
import pytest

from masquerade.forensics.calibration import weighed
from masquerade.forensics.doubt import about
from masquerade.forensics.evidence import SHOWN_ONLY, Applies, Evidence, Family, Finding, Standing
from masquerade.forensics.fuse import fuse, interval, ratios, said, strength
from masquerade.forensics.signals.lip_sync import never_clears


def _seen(family: Family, ratio: float | None, applies: Applies = Applies.YES) -> Evidence:
    return Evidence(f"a {family} signal", family, applies, "something", log10_lr=ratio)


def test_two_families_that_agree_support_manipulation() -> None:
    verdict = fuse([_seen(Family.FACE, 1.5), _seen(Family.SYNC, 1.2)])
    assert verdict.finding is Finding.MANIPULATED
    assert verdict.log10_lr == pytest.approx(0.7 * 2.7)
    assert verdict.strength == "moderate"
    assert "%" not in verdict.sentence


@pytest.mark.parametrize(
    "evidence",
    [
        [_seen(Family.FACE, 1.5)],
        [_seen(Family.FACE, 1.5), _seen(Family.SOUND, -0.9)],
        [_seen(Family.FACE, 0.4), _seen(Family.SOUND, 0.4)],
        [_seen(Family.FACE, -2.0), _seen(Family.SOUND, -2.0)],
        [_seen(Family.FACE, None)],
    ],
    ids=["alone", "both ways", "weak", "nothing found", "uncalibrated"],
)
def test_doubt_is_an_ordinary_outcome(evidence: list[Evidence]) -> None:
    assert fuse(evidence).finding is Finding.INCONCLUSIVE


@pytest.mark.parametrize(
    ("evidence", "words"),
    [
        ([_seen(Family.FACE, 1.3)], "Signs of manipulation were found in the face, worth about 20"),
        ([_seen(Family.FACE, 1.3)], "one kind of evidence alone has to reach 100 to 1"),
        ([_seen(Family.SOUND, 0.8)], "Faint signs of manipulation were found in the sound, worth"),
        ([_seen(Family.FACE, 0.1)], "as likely in recorded files"),
        ([_seen(Family.IMAGE, -0.5)], "worth about 3 to 1 against it"),
        ([_seen(Family.FACE, 1.5), _seen(Family.SYNC, -0.9)], "in the face worth about 30 to 1;"),
        ([_seen(Family.FACE, None)], "cannot be weighed on a file like this"),
    ],
)
def test_an_open_verdict_says_what_was_found_where_and_what_it_lacks(
    evidence: list[Evidence], words: str
) -> None:
    verdict = fuse(evidence)
    assert verdict.finding is Finding.INCONCLUSIVE
    assert words in verdict.sentence


def test_a_signal_that_found_nothing_is_told_from_one_that_could_not_be_weighed() -> None:
    fits = weighed(Evidence("lip_sync", Family.SYNC, Applies.YES, "they fit", value=20.0), "speech")
    signed = Evidence(
        "provenance", Family.PROVENANCE, Applies.YES, "signed", standing=Standing.SIGNED
    )
    sentence = fuse([signed, never_clears(replace(fits, log10_lr=-1.0))]).sentence
    assert sentence.startswith("It is unchanged since somebody signed it who is not known here.")
    assert "No traces of the kinds that count were found between lips and voice" in sentence
    assert "does not show that the file is genuine" in sentence


@pytest.mark.parametrize(
    ("standing", "ratio", "words"),
    [
        (Standing.DECLARED, 1.3, "worth about 20 to 1. They agree with what is declared"),
        (Standing.DECLARED, -1.0, "That takes nothing back"),
        (Standing.BROKEN, 1.3, "may thus have been made by machine"),
        (Standing.CAPTURED, 1.3, "contradicts what the signer states, or is a false alarm"),
        (Standing.CAPTURED, 0.5, "Recorded files show as much at times"),
    ],
)
def test_what_is_measured_beside_marks_is_told_and_decides_nothing(
    standing: Standing, ratio: float, words: str
) -> None:
    origin = Evidence("provenance", Family.PROVENANCE, Applies.YES, "signed", standing=standing)
    verdict = fuse([origin, _seen(Family.FACE, ratio)])
    assert verdict.log10_lr is None
    assert words in verdict.reasons[1]
    silent = _seen(Family.FACE, None)
    assert len(fuse([origin, silent]).reasons) == 1
    assert len(fuse([origin, replace(silent, calibration="not used, since")]).reasons) == 2


def test_why_nothing_was_weighed_is_told_by_signal() -> None:
    fits = weighed(Evidence("lip_sync", Family.SYNC, Applies.YES, "they fit", value=20.0), "speech")
    never = never_clears(replace(fits, log10_lr=-1.0))
    plain = Evidence("noise_floor", Family.SOUND, Applies.YES, "x", calibration=f"none{SHOWN_ONLY}")
    verdict = fuse([never, plain, replace(plain, signal="band_limits")])
    assert verdict.finding is Finding.INCONCLUSIVE
    lips, others = verdict.reasons
    assert lips.startswith(
        "Measured, and counted for nothing: lip sync (not used, since only a bad fit"
    )
    assert others == (
        "Measured, and counted for nothing: noise floor, band limits (shown only; honest files"
        " differ as much)."
    )


def test_one_family_is_enough_when_it_is_very_clear() -> None:
    assert fuse([_seen(Family.SOUND, 2.2)]).finding is Finding.MANIPULATED


def test_signals_of_one_family_do_not_add_up() -> None:
    verdict = fuse([_seen(Family.FACE, 1.2)] * 5)
    assert verdict.log10_lr == pytest.approx(1.2)
    assert verdict.finding is Finding.INCONCLUSIVE


def test_what_does_not_apply_does_not_count() -> None:
    assert fuse([_seen(Family.FACE, 3.0, Applies.NO)]).finding is Finding.NOT_EXAMINABLE


@pytest.mark.parametrize(
    ("standing", "finding"),
    [
        (Standing.BROKEN, Finding.BROKEN),
        (Standing.DECLARED, Finding.DECLARED),
        (Standing.CAPTURED, Finding.VERIFIED),
    ],
)
def test_provenance_comes_first(standing: Standing, finding: Finding) -> None:
    origin = Evidence("provenance", Family.PROVENANCE, Applies.YES, "signed", standing=standing)
    assert fuse([_seen(Family.FACE, -3.0), origin]).finding is finding


def test_ratios_in_words() -> None:
    assert said(0.05).endswith("either way")
    assert "300 times" in said(2.5)
    assert interval((0.69, 2.05)) == "95 % interval 4.9 to 112"
    assert "examples known so far" in interval((2.04, 2.04))
    assert said(-1.0).endswith("recorded")
    assert [strength(x) for x in (0.3, -1.2, 4.0)] == ["weak", "moderate", "strong"]


def test_a_weak_signal_does_not_water_down_a_strong_one() -> None:
    strong = replace(_seen(Family.FACE, 2.4), weight=0.8)
    weak = replace(_seen(Family.FACE, 0.0), weight=0.05)
    assert ratios([strong, weak])[Family.FACE] == pytest.approx(2.4 * 0.8 / 0.85)
    assert ratios([replace(strong, weight=0.0)]) == {}


@pytest.mark.parametrize(
    ("ratio", "number"),
    [(9.6, "9"), (10.0, "10"), (14.0, "10"), (96.0, "90"), (100.0, "100"), (9999.0, "9000")],
)
def test_a_ratio_is_not_rounded_up_to_a_limit_that_it_misses(ratio: float, number: str) -> None:
    assert about(np.log10(ratio)) == number
    assert f"about {number} times" in said(float(np.log10(ratio)))
