"""What reading costs on top of decoding: processor time a 720p frame, and memory over length.

A talking head is scaled up to 720p and written as H.264. Decoding alone and reading through
`read_frames` run in turns; cut detection and an edit of 400 x 400 pixels are timed on frames in
memory. Times are processor time of all threads, least of the rounds.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import cv2
import psutil

from benchmarks.media import media_dir
from benchmarks.report import Bar, publish
from masquerade.media.colour import replace
from masquerade.media.container import THREADS
from masquerade.media.read import read_frames
from masquerade.media.shots import cuts

SIZE_WH = (1280, 720)
BOX = (441, 150, 841, 550)


def write_720p(source: Path, out: Path, *, repeats: int) -> int:
    """The clip at 720p, so many times over; gives back the number of frames."""
    count = 0
    with av.open(str(out), "w") as target:
        stream = target.add_stream("libx264", rate=25, options={"crf": "20", "preset": "fast"})
        stream.width, stream.height = SIZE_WH
        stream.pix_fmt = "yuv420p"
        for _ in range(repeats):
            with av.open(str(source)) as container:
                for frame in container.decode(video=0):
                    large = frame.reformat(*SIZE_WH, format="yuv420p", interpolation="BICUBIC")
                    large.pts, large.time_base = count, Fraction(1, 25)
                    target.mux(stream.encode(large))
                    count += 1
        target.mux(stream.encode())
    return count


def decode_only(path: Path) -> None:
    """Decodes every picture and lets go of it."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_type, stream.thread_count = "AUTO", THREADS
        for _ in container.decode(stream):
            pass


def read_all(path: Path) -> None:
    """Reads every frame and lets go of it."""
    for _ in read_frames(path):
        pass


def core_s(work: Callable[[], object]) -> float:
    """Processor time of all threads."""
    start = time.process_time()
    work()
    return time.process_time() - start


def exhaust(stream: Iterable[object]) -> None:
    """Takes everything and keeps nothing, as a pipeline does."""
    deque(stream, maxlen=0)


def peak_mb(path: Path) -> float:
    """Most memory held while the clip is read, beyond what was held before."""
    process = psutil.Process()
    before = most = process.memory_info().rss
    for number, _ in enumerate(read_frames(path)):
        if number % 10 == 0:
            most = max(most, process.memory_info().rss)
    return (most - before) / 2**20


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--media", type=Path, help="folder of the shared media")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    cv2.setNumThreads(1)  # waiting threads would count as work
    source = next((media_dir(given.media) / "talking" / "grid_s1").glob("*.mpg"))
    with tempfile.TemporaryDirectory() as folder:
        short, long = Path(folder) / "short.mp4", Path(folder) / "long.mp4"
        count = write_720p(source, short, repeats=3)
        write_720p(source, long, repeats=18)
        read_all(short)
        pairs = [
            (core_s(lambda: decode_only(short)), core_s(lambda: read_all(short)))
            for _ in range(given.rounds)
        ]
        growth = peak_mb(long) - peak_mb(short)
        frames = list(islice(read_frames(short), 60))
    decode_ms, read_ms = (min(times) / count * 1000 for times in zip(*pairs, strict=True))
    x0, y0, x1, y1 = BOX
    patches = [255 - frame.pixels[y0:y1, x0:x1] for frame in frames]
    shots_s = min(core_s(lambda: exhaust(cuts(frames))) for _ in range(given.rounds))
    edit_s = min(
        core_s(lambda: exhaust(replace(*pair, BOX) for pair in zip(frames, patches, strict=True)))
        for _ in range(given.rounds)
    )
    publish(
        "media_speed",
        [
            Bar("reading on top of decoding, ms a frame", read_ms - decode_ms, 1.5),
            Bar("cut detection, ms a frame", shots_s / len(frames) * 1000, 0.5),
            Bar("edit of 400 x 400 pixels, ms", edit_s / len(frames) * 1000, 1.5),
            Bar("memory that six times the length adds, MB", growth, 20),
        ],
        {"decode_ms": decode_ms, "read_ms": read_ms, "frames": count, "rounds": given.rounds},
    )


if __name__ == "__main__":
    main()
