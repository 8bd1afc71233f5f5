"""What a cluster costs and saves: a swap drawn here, in processes, and on one and two Ray machines.

``python -m benchmarks.cluster [--media DIR] [--seconds N]``

The clip is that of `benchmarks.swap_speed` (1280 x 720, a face of 300 pixels), cut into two
pieces. All machines are processes of this one, so that nothing gets faster where it has two
processors that are busy: what counts is processor time, by who spends it. What the place that seals
spends on a frame is what one such place can do for a cluster; what the others spend is how many of
them it takes. The pictures of all results must be the same bytes. The last line is JSON.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

import av
import psutil

from benchmarks.cluster_machines import machines
from benchmarks.media import media_dir
from benchmarks.report import Bar, publish
from benchmarks.swap_speed import write_clip
from masquerade.cli import main as command_line
from masquerade.distributed.local import LocalExecutor
from masquerade.distributed.ray import RayExecutor
from masquerade.pipelines import pieces
from masquerade.pipelines.drawn_elsewhere import DrawnPiece
from masquerade.pipelines.examine.elsewhere import Question, open_question
from masquerade.pipelines.executor import Executor
from masquerade.pipelines.make import make
from masquerade.types import Resources

_PIECE = 38  # frames
_TRIPS = 100
_TRIP_MS = 100.0  # an overhead that a piece of ten seconds does not feel

What = TypeVar("What")
One = TypeVar("One")
Given = TypeVar("Given")


@dataclass(slots=True)
class Counted:
    """An executor that adds up what comes back."""

    place: Executor
    returned_bytes: int = 0
    frames: int = 0

    def each(
        self,
        opener: Callable[[What], Callable[[One], Given]],
        asked: What,
        ones: Sequence[One],
        *,
        resources: Resources,
    ) -> Iterator[Given]:
        """As the executor that it stands before."""
        for one in self.place.each(opener, asked, ones, resources=resources):
            if isinstance(one, DrawnPiece):
                regions = [region for change in one.changes for region in change.regions]
                self.returned_bytes += sum(len(region.packed) for region in regions if region)
                self.frames += len(one.changes)
            yield one


@dataclass(frozen=True, slots=True)
class Run:
    """One swap, in seconds, and its pictures.

    Attributes:
        wall_s: On the clock.
        here_s: Processor time of this process.
        frames_s: Of it, from the first finished frame to the last: what a longer video adds to.
        others_s: Processor time of all other processes.
        digest: Of the video's packets.
        frames: How many.
        returned_bytes: What came back from elsewhere.
    """

    wall_s: float
    here_s: float
    frames_s: float
    others_s: float
    digest: str
    frames: int
    returned_bytes: int = 0

    def told(self) -> dict[str, float]:
        """By frame."""
        return {
            "wall_s": round(self.wall_s, 2),
            "here_s": round(self.here_s, 2),
            "others_s": round(self.others_s, 2),
            "here_ms_a_frame": round(self.frames_s / self.frames * 1e3, 1),
            "returned_kb_a_frame": round(self.returned_bytes / self.frames / 1e3, 1),
        }


@dataclass(frozen=True, slots=True)
class Scene:
    """What is swapped: a source with its record, and a clip."""

    source: Path
    record: Path
    clip: Path
    folder: Path

    def run(self, name: str, place: Executor | None) -> Run:
        """The swap by a place."""
        out = self.folder / f"{name}.mp4"
        counted = Counted(place) if place else None
        others, here, began = _others_s(), time.process_time(), time.perf_counter()
        stages: dict[str, float] = {}

        def progress(stage: str, _done: int, _total: int | None) -> None:
            stages.setdefault(stage, time.process_time())

        made = make(
            "swap_mesh",
            target=self.clip,
            out=out,
            sources=[self.source],
            consents=[self.record],
            executor=counted,
            progress=progress,
        )
        return Run(
            time.perf_counter() - began,
            time.process_time() - here,
            stages["joining"] - stages["frames"],
            _others_s() - others,
            _pictures(out),
            made.plan.tally.frames,
            counted.returned_bytes if counted else 0,
        )


def _others_s() -> float:
    """Processor time of every process that this one began and that is still there."""
    total = 0.0
    for one in psutil.Process().children(recursive=True):
        try:
            spent = one.cpu_times()
        except psutil.Error:
            continue
        total += spent.user + spent.system
    return total


def trip_ms(place: Executor, *, here: Path) -> float:
    """Median milliseconds from one answer to the next, of pieces that take no time."""
    asked, piece = Question(here, ()), here / "there is no such file"
    times: list[float] = []
    came = place.each(open_question, asked, [piece] * _TRIPS, resources=Resources(memory_mb=100))
    before = time.perf_counter()
    for _ in came:
        now = time.perf_counter()
        times.append((now - before) * 1e3)
        before = now
    return statistics.median(times[_TRIPS // 10 :])


def _pictures(path: Path) -> str:
    digest = hashlib.sha256()
    with av.open(str(path)) as container:
        for packet in container.demux(container.streams.video[0]):
            digest.update(bytes(packet))
    return digest.hexdigest()


def _record(media: Path, source: Path, path: Path) -> Path:
    words = ["consent", "new", "-o", str(path), "--kind", "persona", "--name", "b00"]
    words += ["--grantee", "benchmark", "--purpose", "any", "--adult", "--declared-by", "SFHQ"]
    if command_line([*words, "--proof", str(media / "MANIFEST.csv"), "--face", str(source)]):
        raise SystemExit("no consent record could be made")
    return path


def measured(scene: Scene, home: Path) -> tuple[dict[str, Run], dict[str, float]]:
    """Each swap, and milliseconds of overhead for a piece, by place."""
    runs: dict[str, Run] = {}
    trips: dict[str, float] = {}

    def note(name: str, place: Executor | None) -> None:
        runs[name] = scene.run(str(len(runs)), place)
        print(f"{name:16} {runs[name].told()}", flush=True)
        if place:
            trips[name] = trip_ms(place, here=scene.folder)

    note("here", None)
    with closing(LocalExecutor(2)) as local:
        note("2 processes", local)
    for count in (1, 2):
        with ExitStack() as stack:
            drawing = stack.enter_context(tempfile.TemporaryDirectory())
            there = stack.enter_context(machines(count, home=home, drawing_home=Path(drawing)))
            place = stack.enter_context(closing(RayExecutor(there.address, home=home)))
            note(f"Ray, {count} machine{'s' if count > 1 else ''}", place)
    return runs, trips


def main() -> bool:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--media", type=Path)
    parser.add_argument("--seconds", type=int, default=3)
    given = parser.parse_args()
    media = media_dir(given.media)
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        home = folder / "home"
        stack.enter_context(patch.dict(os.environ, {"MASQUERADE_HOME": str(home)}))
        stack.enter_context(patch.object(pieces, "MAX_FRAMES", _PIECE))
        source = media / "personas" / "persona_b00.jpg"
        clip = folder / "clip.mp4"
        write_clip(media / "talking/grid_s1/bbaf2n.mpg", clip, given.seconds)
        scene = Scene(source, _record(media, source, folder / "b.consent"), clip, folder)
        runs, trips = measured(scene, home)
    alike = sum(run.digest == runs["here"].digest for run in runs.values())
    bars = [Bar("results with the same pictures", alike, len(runs), "==")]
    bars += [Bar(f"overhead of a piece, {at}, ms", ms, _TRIP_MS) for at, ms in trips.items()]
    told: dict[str, Any] = {place: run.told() for place, run in runs.items()}
    return publish("cluster", bars, {"runs": told, "trip_ms": trips, "seconds": given.seconds})


if __name__ == "__main__":
    raise SystemExit(not main())
