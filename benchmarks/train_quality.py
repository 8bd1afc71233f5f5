"""How good a trained swap is after equal processor time: from chance, from the base, in float32.

``python -m benchmarks.train_quality [--media DIR] [--minutes M] [--out DIR] [--start FILE]``

Source and target are two GRID volunteers whose faces the base has never seen; their facesets are
collected in the run. Each training has the same processor time on one thread (the machine may be
shared, so time on the clock would say little), the schedule of the preset ``tiny`` spread over it,
and the same pictures in the same order. One more begins with the base and has a third of the time:
what it reaches is held against the whole training from chance. Along the way DSSIM is measured on
faces that nothing is learned from, the source's last clip and the end of the target's; in the end
the swap of such faces is measured against the source. What each training came to is kept in
``--out``, and the same command goes on from the last check. The last line is JSON.
"""

from __future__ import annotations

import argparse
import math
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.media import media_dir
from benchmarks.report import Bar, publish
from benchmarks.train_people import facesets
from benchmarks.train_runs import Plan, Run, run, sheet
from benchmarks.train_shown import People
from masquerade.faces.readers import FaceReader
from masquerade.train.cost import Precision
from masquerade.train.swap.presets import PRESETS
from masquerade.train.swap.start import Start, start_of

PRESET: Final = "tiny"
NAMES: Final = ("scratch-bf16", "base-third", "base-bf16", "scratch-fp32")
_SIZE_WH: Final = (900, 460)
_INKS: Final = ((40, 60, 200), (30, 170, 190), (60, 140, 60), (200, 110, 30))  # blue, green, red


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, measure, publish."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--media", type=Path)
    parser.add_argument("--minutes", type=float, default=20.0, help="of processor time, each")
    parser.add_argument(
        "--out", type=Path, help="figures and pictures; runs there are not repeated"
    )
    parser.add_argument("--start", type=Path, help="another base than the one that ships")
    parser.add_argument("--only", choices=NAMES, action="append", help="some of the trainings")
    given = parser.parse_args(arguments)
    torch.set_num_threads(1)
    if given.out is None:
        with tempfile.TemporaryDirectory() as name:
            _measure(given, Path(name))
        return
    given.out.mkdir(parents=True, exist_ok=True)
    _measure(given, given.out)


def _measure(given: argparse.Namespace, folder: Path) -> None:
    reader, shape = FaceReader.open(), PRESETS[PRESET].shape
    people = People.of(facesets(media_dir(given.media), folder, reader), shape.drawn, reader)
    base = start_of(given.start or "base", shape, PRESET, tell=print)
    runs = []
    for name in given.only or NAMES:
        runs.append(run(_plan(name, base, given.minutes), shape, people, reader, folder))
        print(_line(runs[-1]), flush=True)
    _save(folder / "faces.png", cv2.cvtColor(sheet(runs, folder), cv2.COLOR_RGB2BGR))
    _save(folder / "curves.png", curves(runs))
    if len(runs) == len(NAMES):
        _publish(runs, base, people)


def _plan(name: str, base: Start, minutes: float) -> Plan:
    weights = base.weights if name.startswith("base") else {}
    precision: Precision = "fp32" if name.endswith("fp32") else "bf16"
    share = 3 if name == "base-third" else 1
    return Plan(name, weights, precision, minutes / share, PRESETS[PRESET].batch)


def reached(run: Run, dssim: float) -> float:
    """Iterations after which a run is as good as that, between two checks by a straight line.

    NaN where it never was.
    """
    for before, now in zip(run.curve, run.curve[1:], strict=False):
        if now.dssim <= dssim:
            share = (before.dssim - dssim) / max(before.dssim - now.dssim, 1e-9)
            return before.step + min(max(share, 0.0), 1.0) * (now.step - before.step)
    return float("nan")


def _publish(runs: Sequence[Run], base: Start, people: People) -> None:
    scratch, third, begun, whole = runs
    last = scratch.curve[-1]
    reaches = {one.name: reached(one, last.dssim) for one in (third, begun)}
    needed = min((one for one in reaches.values() if math.isfinite(one)), default=math.nan)
    faster = scratch.per_processor_s / whole.per_processor_s
    results: dict[str, Any] = {
        "preset": PRESET,
        "processor_minutes": scratch.minutes,
        "threads": 1,
        "base_sha256": base.sha256,
        "source_faces": len(people.faces[0].trained),
        "target_faces": len(people.faces[1].trained),
        "held_out_faces": [len(one.checked) for one in people.faces],
        "iterations_of_scratch": last.step,
        "iterations_base_needs": {
            name: one if math.isfinite(one) else None for name, one in reaches.items()
        },
        "bf16_over_fp32_iterations_per_processor_s": faster,
        "runs": [asdict(one) | {"iterations_per_processor_s": one.per_processor_s} for one in runs],
    }
    bars = [
        Bar("share of scratch's iterations that the base needs", needed / last.step, 1 / 3),
        Bar("bf16 over fp32, iterations a processor second", faster, 1.0, ">="),
        Bar("held-out DSSIM, bf16 less fp32", last.dssim - whole.curve[-1].dssim, 0.002),
        Bar("waiting for pictures, largest share", max(one.stalled for one in runs), 0.05),
        Bar("identity distance of the swap from the base", begun.identity, scratch.identity),
    ]
    publish("train_quality", bars, results)


def _line(run: Run) -> str:
    last = run.curve[-1]
    return (
        f"{run.name}: {last.step} iterations in {last.processor_s / 60:.1f} processor minutes"
        f" ({run.wall_s / 60:.1f} on the clock), DSSIM {last.dssim_source:.4f} source"
        f" {last.dssim_target:.4f} target, swap {run.identity:.3f} from the source"
        f" (target {run.unlike:.3f}, the source drawn {run.itself:.3f}, by the map alone"
        f" {run.map_alone:.3f}), waited {100 * run.stalled:.1f} %"
    )


def curves(runs: Sequence[Run]) -> NDArray[np.uint8]:
    """(460, 900, 3) uint8 BGR: DSSIM of held-out faces over iterations, for each run."""
    width, height = _SIZE_WH
    page = np.full((height, width, 3), 252, np.uint8)
    most = max(one.curve[-1].step for one in runs)
    low = 0.9 * min(check.dssim for one in runs for check in one.curve)
    high = min(0.1, max(one.curve[1].dssim for one in runs))
    left, top, right, bottom = 64, 40, width - 24, height - 44

    def place(step: float, value: float) -> tuple[int, int]:
        up = (np.log(min(value, high)) - np.log(low)) / (np.log(high) - np.log(low))
        return round(left + step / most * (right - left)), round(bottom - up * (bottom - top))

    for value in (0.003, 0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.08):
        if low <= value <= high:
            cv2.line(page, place(0, value), place(most, value), (224, 224, 224))
            _say(page, f"{value:g}", (10, place(0, value)[1] + 5), (90, 90, 90))
    for number, one in enumerate(runs):
        ink = _INKS[number % len(_INKS)]
        line = np.array([place(check.step, check.dssim) for check in one.curve], np.int32)
        cv2.polylines(page, [line], False, ink, 2, cv2.LINE_AA)
        for point in line:
            cv2.circle(page, (int(point[0]), int(point[1])), 3, ink, -1, cv2.LINE_AA)
        _say(page, one.name, (left + 180 * number, 24), ink)
    _say(page, "DSSIM of held-out faces over iterations", (left, height - 14), (90, 90, 90))
    _say(page, f"{most}", (right - 40, height - 14), (90, 90, 90))
    return page


def _say(page: NDArray[np.uint8], words: str, at: tuple[int, int], ink: tuple[int, ...]) -> None:
    cv2.putText(page, words, at, cv2.FONT_HERSHEY_SIMPLEX, 0.5, ink, 1, cv2.LINE_AA)


def _save(path: Path, page: NDArray[Any]) -> None:
    path.write_bytes(np.asarray(cv2.imencode(".png", page)[1], np.uint8).tobytes())


if __name__ == "__main__":
    main()
