"""Figures become likelihood ratios that are calibrated, bounded, and honest about their spread."""

from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from masquerade.errors import ProvenanceError
from masquerade.forensics import calibration as calibrations
from masquerade.forensics.calibration import Calibration, calibration, fit, from_json, weighed
from masquerade.forensics.evidence import Applies, Evidence, Family


def test_ratios_of_two_bells_are_those_of_theory(rng: np.random.Generator) -> None:
    made = fit("any", rng.normal(1, 1, 4000).tolist(), rng.normal(-1, 1, 4000).tolist())
    for value in (-1.0, 0.0, 1.5):
        ratio, (low, high) = made.log10_lr(value)
        assert ratio == pytest.approx(2 * value / np.log(10), abs=0.1)
        assert low <= ratio <= high


def test_no_ratio_exceeds_what_so_many_examples_support() -> None:
    made = fit("any", [10.0 + k for k in range(9)], [-10.0 - k for k in range(9)])
    assert made.log10_lr(1e9)[0] == pytest.approx(1.0)
    assert made.log10_lr(-1e9)[0] == pytest.approx(-1.0)


def test_the_fewer_the_examples_the_wider_the_interval(rng: np.random.Generator) -> None:
    def width(count: int) -> float:
        one, other = rng.normal(1, 1, count).tolist(), rng.normal(0, 1, count).tolist()
        low, high = fit("any", one, other).log10_lr(2.0)[1]
        return high - low

    assert width(30) > 2 * width(3000)


def test_examples_of_one_person_are_no_independent_witnesses(rng: np.random.Generator) -> None:
    one, other = rng.normal(1, 1, 20), rng.normal(0, 1, 20)
    many = [np.repeat(side, 30).tolist() for side in (one, other)]
    names = [str(number) for number in range(20) for _ in range(30)]

    def width(people) -> float:
        low, high = fit("any", *many, people=people).log10_lr(2.0)[1]
        return high - low

    assert width((names, names)) > 2 * width(None)


def test_too_few_examples_are_refused() -> None:
    with pytest.raises(ValueError, match="4 and 9"):
        fit("any", [1.0] * 4, [0.0] * 9)


def test_a_calibration_survives_its_file() -> None:
    made = Calibration(
        "x", "now", "some", "rarely", (fit("any", [1, 2, 3, 2, 1], [0, 1, 0, 1, 0]),)
    )
    assert from_json(made.as_json()) == made
    assert made.bin("any") is not None
    assert made.bin("other") is None


def test_a_signal_without_one_has_none() -> None:
    assert calibration("no_such_signal") is None


def test_a_broken_file_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "calibrations").mkdir()
    (tmp_path / "calibrations" / "x.json").write_text('{"bins": [1]}')
    monkeypatch.setattr(calibrations, "files", lambda _name: tmp_path)
    with pytest.raises(ProvenanceError, match="calibration of x"):
        calibration("x")


def test_a_ratio_is_looked_up_by_kind_of_material(monkeypatch: pytest.MonkeyPatch) -> None:
    found = replace(fit("fine", [2, 3, 4, 3, 2], [-1, 0, 1, 0, -1]), weight=0.4)
    known = Calibration("a", "today", "some data", "all", (found,), (("fine", "seldom"),))
    monkeypatch.setattr(calibrations, "calibration", lambda _: known)
    one = Evidence("a", Family.FACE, Applies.YES, "seen", value=3.5)
    fine, coarse = weighed(one, "fine"), weighed(one, "coarse")
    assert fine.log10_lr is not None
    assert (fine.weight, fine.error_rate) == (0.4, "seldom")
    assert coarse.log10_lr is None
    assert "not weighed" in coarse.calibration
    assert weighed(replace(one, value=None), "fine").log10_lr is None


def test_what_ships_can_be_read() -> None:
    place = files("masquerade.forensics") / "calibrations"
    names = [one.name for one in place.iterdir() if one.name.endswith(".json")]
    signals = [name.removesuffix(".json") for name in names if "real" not in name]
    assert signals
    for name in signals:
        known = calibration(name)
        assert known is not None
        assert known.signal == name
        assert all(one.most > 0 and 0 <= one.weight <= 1 for one in known.bins)
