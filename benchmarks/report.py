"""What all benchmarks share: bars, timing, and the line of JSON that each prints last."""

from __future__ import annotations

import gc
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import psutil


@dataclass(frozen=True, slots=True)
class Bar:
    """A measured value and what it has to reach.

    Attributes:
        name: What was measured, with its unit.
        value: The measurement.
        bar: What it is held against.
        sense: How: the value must be ``<=``, ``>=`` or ``==`` the bar.
    """

    name: str
    value: float
    bar: float
    sense: Literal["<=", ">=", "=="] = "<="

    @property
    def met(self) -> bool:
        """True where the value reaches the bar; a value that is no number never does."""
        if math.isnan(self.value):
            return False
        if self.sense == "==":
            return self.value == self.bar
        return self.value <= self.bar if self.sense == "<=" else self.value >= self.bar


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and quartiles of repeated timings, in seconds."""

    median_s: float
    low_s: float
    high_s: float
    runs: int


def publish(benchmark: str, bars: Sequence[Bar], results: dict[str, Any]) -> bool:
    """Prints the bars for people and one last line of JSON; gives back whether all are met."""
    for bar in bars:
        verdict = "met" if bar.met else "MISSED"
        print(f"{verdict:7}{bar.name}: {bar.value:g} (bar: {bar.sense} {bar.bar:g})")
    line = {
        "benchmark": benchmark,
        "commit": commit(),
        "machine": machine(),
        "bars": [
            {
                "name": bar.name,
                "value": round(bar.value, 6) if math.isfinite(bar.value) else str(bar.value),
                "bar": f"{bar.sense} {bar.bar:g}",
                "met": bar.met,
            }
            for bar in bars
        ],
        "results": results,
    }
    print(json.dumps(line), flush=True)
    return all(bar.met for bar in bars)


def timed(work: Callable[[], object], *, runs: int = 5, warm_ups: int = 1) -> Spread:
    """How long `work` takes: median and quartiles over `runs`, after warm-ups."""
    for _ in range(warm_ups):
        work()
    times = []
    for _ in range(runs):
        gc.collect()
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    if runs == 1:
        return Spread(times[0], times[0], times[0], 1)
    low, middle, high = statistics.quantiles(times, n=4, method="inclusive")
    return Spread(middle, low, high, runs)


def peak_mb() -> float:
    """The most memory this process has used since it began, in MiB.

    ``ru_maxrss`` will not do where the kernel tells it better: a child inherits its parent's.
    """
    facts = Path("/proc/self/status")
    if facts.is_file():
        for line in facts.read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
    if sys.platform == "win32":
        return float(psutil.Process().memory_info().peak_wset) / 2**20
    import resource

    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def commit() -> str:
    """The commit that was measured, with a plus where files were changed since."""
    here = Path(__file__).resolve().parent
    head = _output(["git", "-C", str(here), "rev-parse", "--short", "HEAD"])
    changed = _output(["git", "-C", str(here), "status", "--porcelain", "--untracked-files=no"])
    return (head or "unknown") + ("+" if changed else "")


def machine() -> str:
    """Processor, cores, memory, system and Python in one line."""
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{_processor()}, {os.cpu_count()} cores, {memory_gb:.0f} GB, "
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    )


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    if facts.is_file():
        for line in facts.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown processor"


def _output(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip()
