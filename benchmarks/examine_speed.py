"""How long an examination takes, and whether its memory stays flat with the file's length.

``python -m benchmarks.examine_speed [--media DIR] [--longer SECONDS]``

Volunteers' clips are laid one after another, enlarged to 1280 x 720, with their sound: 10 seconds,
and 60. Each file is examined twice in a process of its own, as a user's command would be; the
second time counts. Time on the wall depends on what else the machine does; processor time is
printed beside it. The last line is JSON.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from fractions import Fraction
from itertools import cycle
from pathlib import Path

import av
import cv2
import numpy as np

from benchmarks.media import media_dir
from benchmarks.report import Bar, publish
from masquerade.media.audio import read_audio
from masquerade.media.read import read_frames

SIZE_WH = (1280, 720)
RATE, SR = 25, 16_000
MOST_S = 20.0
GROWTH = 1.25


@dataclass(frozen=True, slots=True)
class Took:
    """What an examination cost after a first one: seconds, and the most memory so far, in MB."""

    wall_s: float
    processor_s: float
    peak_mb: float


def main(arguments: list[str] | None = None) -> None:
    """Make the clips, examine them, print the bars."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--media", type=Path)
    parser.add_argument("--longer", type=int, default=60)
    parser.add_argument("--examine", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.examine:
        print(*asdict(examined(given.examine)).values())
        return
    clips = sorted((media_dir(given.media) / "talking").rglob("*.mpg"))
    with tempfile.TemporaryDirectory() as folder:
        short, long = Path(folder) / "short.mp4", Path(folder) / "long.mp4"
        write(short, clips, 10)
        write(long, clips, given.longer)
        first, second = _apart(short, Path(folder)), _apart(long, Path(folder))
    bars = [
        Bar(f"10 s of 720p on {os.cpu_count()} processors, s", first.wall_s, MOST_S),
        Bar("the same, processor time, s", first.processor_s, MOST_S),
        Bar(f"memory, {given.longer} s over 10 s", second.peak_mb / first.peak_mb, GROWTH),
    ]
    publish("examine_speed", bars, {"10 s": asdict(first), f"{given.longer} s": asdict(second)})


def examined(path: Path) -> Took:
    """What examining a file costs the second time."""
    from masquerade.faces.readers import FaceReader
    from masquerade.pipelines.examine.examine import examine

    reader = FaceReader.open()
    for _ in range(2):
        began, used = time.perf_counter(), time.process_time()
        examine(path, reader=reader, home=path.parent / "home")
    wall_s, processor_s = time.perf_counter() - began, time.process_time() - used
    return Took(wall_s, processor_s, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def write(out: Path, clips: list[Path], seconds: int) -> None:
    """Clips one after another, enlarged, with their sound.

    Args:
        out: The MP4 file.
        clips: Taken in turn until it is long enough.
        seconds: How long it becomes.
    """
    with av.open(str(out), "w") as file:
        stream = file.add_stream("libx264", rate=RATE, options={"crf": "23", "preset": "veryfast"})
        stream.width, stream.height = SIZE_WH
        stream.pix_fmt = "yuv420p"
        voice = file.add_stream("aac", rate=SR)
        voice.layout = "mono"
        done = 0
        for clip in cycle(clips):
            pictures = [one.pixels for one in read_frames(clip)][: seconds * RATE - done]
            for number, picture in enumerate(pictures, done):
                large = np.asarray(
                    cv2.resize(picture, SIZE_WH, interpolation=cv2.INTER_CUBIC), np.uint8
                )
                frame = av.VideoFrame.from_ndarray(large)
                frame.pts, frame.time_base = number, Fraction(1, RATE)
                file.mux(stream.encode(frame))
            _write_sound(file, voice, clip, done, len(pictures))
            done += len(pictures)
            if done >= seconds * RATE:
                break
        file.mux(stream.encode(None))
        file.mux(voice.encode(None))


def _write_sound(
    file: av.container.OutputContainer,
    voice: av.audio.stream.AudioStream,
    clip: Path,
    start: int,
    count: int,
) -> None:
    """The sound of so many pictures of a clip, on the clock of the whole."""
    length = count * SR // RATE
    sound = read_audio(clip, sr=SR, mono=True).samples[:, :length]
    whole = np.pad(sound, ((0, 0), (0, length - sound.shape[1])))
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(whole), "fltp", "mono")
    frame.sample_rate, frame.pts = SR, start * SR // RATE
    file.mux(voice.encode(frame))


def _apart(path: Path, folder: Path) -> Took:
    """What examining costs in a process of its own."""
    words = [sys.executable, "-m", "benchmarks.examine_speed", "--examine", str(path)]
    there = os.environ | {"MASQUERADE_HOME": str(folder / "home")}
    done = subprocess.run(words, check=True, capture_output=True, text=True, env=there)
    return Took(*map(float, done.stdout.split()[-3:]))


if __name__ == "__main__":
    main()
