"""Figures become likelihood ratios that are calibrated, bounded, and honest about their spread."""

from pathlib import Path

import numpy as np
import pytest

from masquerade.errors import ProvenanceError
from masquerade.forensics import calibration as calibrations
from masquerade.forensics.calibration import Calibration, calibration, fit, from_json


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
