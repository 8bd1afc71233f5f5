"""The line of JSON that every benchmark prints last."""

import json
import math
import subprocess
import sys

import pytest

from benchmarks.report import Bar, peak_mb, publish, timed


@pytest.mark.parametrize(
    ("value", "bar", "sense", "met"),
    [
        (1.0, 2.0, "<=", True),
        (2.0, 2.0, "<=", True),
        (3.0, 2.0, "<=", False),
        (60.0, 60.0, ">=", True),
        (59.9, 60.0, ">=", False),
        (0.0, 0.0, "==", True),
        (1.0, 0.0, "==", False),
        (math.nan, 2.0, "<=", False),
        (math.inf, 2.0, "<=", False),
    ],
)
def test_bar_is_met_or_not(value, bar, sense, met):
    assert Bar("speed", value, bar, sense).met is met


def test_last_line_has_exactly_the_agreed_form(capsys):
    bars = [Bar("a", 1, 2), Bar("b", math.nan, 2)]
    assert publish("some_benchmark", bars, {"cases": 3}) is False
    line = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert list(line) == ["benchmark", "commit", "machine", "bars", "results"]
    assert line["benchmark"] == "some_benchmark"
    assert line["bars"] == [
        {"name": "a", "value": 1, "bar": "<= 2", "met": True},
        {"name": "b", "value": "nan", "bar": "<= 2", "met": False},
    ]
    assert line["results"] == {"cases": 3}
    assert "cores" in line["machine"]


def test_timing_warms_up_and_gives_median_and_quartiles():
    calls = []
    spread = timed(lambda: calls.append(1), runs=5, warm_ups=2)
    assert len(calls) == 7
    assert spread.low_s <= spread.median_s <= spread.high_s
    assert spread.runs == 5


def test_peak_memory_is_the_process_own_and_not_its_parents():
    ballast = bytearray(150 << 20)
    code = "from benchmarks.report import peak_mb; print(peak_mb())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 100
    assert peak_mb() > len(ballast) / 2**20
