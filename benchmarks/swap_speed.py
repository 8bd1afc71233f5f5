"""How long a swap takes against a plain transcode, how fast the face stage is, how much memory.

The clip is a GRID speaker at 1280 x 720 with a face of about 300 pixels: recorded frames, scaled
up, with a little sensor noise so that the encoder has what a camera gives it, H.264 at CRF 18.
The rival is decode and encode of the same file in PyAV with the same encoder settings and
threads, in the same run, alternating with ours. Everything else a swap does (reading the source,
looking who is there, cutting into shots, label, signing, ledger) is in our time.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from benchmarks.media import media_dir
from benchmarks.report import Bar, publish
from masquerade.media.encoding import Encoding

_SOURCES = {"swap_mesh": "photo.jpg", "swap_appearance": "moving.mp4"}
_SPEAKER = "talking/grid_s1/bbaf2n.mpg"
_PERSONA = "personas/persona_b00.jpg"
_SIZE_WH = (1280, 720)
_RATE = 25


def _frames(path: Path) -> list[np.ndarray]:
    """Frames of the speaker, scaled so that the face is about 300 pixels, sides filled."""
    rng = np.random.default_rng(7)
    out = []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            rgb = cv2.resize(frame.to_ndarray(format="rgb24"), (900, 720), interpolation=4)
            side = (_SIZE_WH[0] - 900) // 2
            wide = cv2.copyMakeBorder(rgb, 0, 0, side, side, cv2.BORDER_REFLECT_101)
            noise = rng.normal(0, 2.0, wide.shape[:2])[..., None]
            out.append(np.clip(wide + noise, 0, 255).astype(np.uint8))
    return out


def write_clip(speaker: Path, path: Path, seconds: int) -> None:
    """A clip of so many seconds: the speaker's frames played to and fro."""
    frames = _frames(speaker)
    loop = [*frames, *frames[::-1]]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=_RATE, options={"crf": "18"})
        stream.width, stream.height = _SIZE_WH
        stream.pix_fmt = "yuv420p"
        for number in range(seconds * _RATE):
            picture = av.VideoFrame.from_ndarray(loop[number % len(loop)], format="rgb24")
            picture.pts, picture.time_base = number, Fraction(1, _RATE)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))


def transcode(source: Path, out: Path, *, threads: int) -> float:
    """Seconds for a plain decode and encode with the settings of a swap."""
    began = time.perf_counter()
    with av.open(str(source)) as reading, av.open(str(out), "w") as writing:
        video = reading.streams.video[0]
        video.thread_type = "AUTO"
        options = {"crf": "18", "preset": "medium", "threads": str(threads)}
        stream = writing.add_stream("libx264", rate=video.average_rate, options=options)
        stream.width, stream.height, stream.pix_fmt = video.width, video.height, "yuv420p"
        for frame in reading.decode(video):
            writing.mux(stream.encode(frame))
        writing.mux(stream.encode(None))
    return time.perf_counter() - began


_MEASURED = """
import json, resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps({"peak": peak, "code": done.returncode, "answer": done.stdout.decode()}))
"""


def swap(
    source: Path, target: Path, out: Path, consent: Path, *, method: str = "swap_mesh"
) -> tuple[float, float]:
    """(seconds, peak memory in MB) of the command line's swap, as a user runs it.

    A small process in between starts it: a child's peak counts what its parent held at the fork.
    """
    out.unlink(missing_ok=True)
    command = [sys.executable, "-m", "masquerade", "swap", source, target, "-o", out]
    command += ["--method", method]
    words = [str(word) for word in [*command, "--consent", consent, "--json"]]
    began = time.perf_counter()
    between = [sys.executable, "-c", _MEASURED, *words]
    done = json.loads(subprocess.run(between, stdout=subprocess.PIPE, check=True).stdout)
    took_s = time.perf_counter() - began
    if done["code"]:
        raise SystemExit(f"the swap failed: {done['answer']}")
    counted = json.loads(done["answer"])
    if counted["changed"] != counted["frames"]:
        raise SystemExit(f"only {counted['changed']} of {counted['frames']} frames were swapped")
    return took_s, done["peak"] / (1024 if sys.platform != "darwin" else 1 << 20)


def face_stage(source: Path, clip: Path, method_name: str = "swap_mesh") -> dict[str, float]:
    """Milliseconds a frame for tracking, drawing and composing, pictures already decoded."""
    from benchmarks.swap_measured import prepared
    from masquerade import registry
    from masquerade.compose.blend import ComposeOptions, ShotLook, compose
    from masquerade.faces.following.track import track
    from masquerade.faces.readers import FaceReader
    from masquerade.media.read import read_frames
    from masquerade.pipelines.cast import read_sources
    from masquerade.pipelines.windows import windows
    from masquerade.types import Frame, Patch

    frames = [frame for frame, _ in zip(read_frames(clip), range(125), strict=False)]
    reader = FaceReader.open()
    method = registry.get(method_name)
    cast = {"": read_sources([source], reader, videos=True, most=registry.pictures(method))}
    track(frames[:10], reader)
    times: dict[str, float] = {}
    began = time.perf_counter()
    tracks = track(frames, reader)
    times["track_ms"] = (time.perf_counter() - began) / len(frames) * 1e3
    chosen = {pts: (face,) for pts, face in tracks[0].faces.items()}
    began = time.perf_counter()
    drawing = prepared(method, cast, method.Options(), reader)
    patches = list(drawing(windows(frames, chosen, method.radius)))
    times["draw_ms"] = (time.perf_counter() - began) / len(frames) * 1e3
    look, options = ShotLook(), ComposeOptions()

    def composed() -> Iterator[Frame]:
        for frame, made in zip(frames, patches, strict=True):
            yield compose(frame, [p for p in made if isinstance(p, Patch)], options, look=look)

    began = time.perf_counter()
    for _ in composed():
        pass
    times["compose_ms"] = (time.perf_counter() - began) / len(frames) * 1e3
    times["face_px"] = float(np.median([face.size_px for face in tracks[0].faces.values()]))
    times["fps"] = 1e3 / (times["track_ms"] + times["draw_ms"] + times["compose_ms"])
    return {name: round(value, 2) for name, value in times.items()}


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run of the benchmark measured."""

    ours_s: list[float]
    plain_s: list[float]
    peaks_mb: list[float]
    long_s: float
    long_mb: float
    stage: dict[str, float]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--media", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--method", choices=tuple(_SOURCES), default="swap_mesh")
    given = parser.parse_args(arguments)
    media = media_dir(given.media)
    _publish(measure(media, runs=given.runs, seconds=(10, 60), method=given.method), given.method)


def _source(photo: Path, folder: Path, method: str) -> Path:
    """What a method takes as source: the photo itself, or a video of it moved by our mesh."""
    if not _SOURCES[method].endswith(".mp4"):
        return photo
    from benchmarks.moving_persona import gestures
    from masquerade.faces.detect import find_faces
    from masquerade.faces.puppet import moved, puppet
    from masquerade.faces.readers import FaceReader
    from masquerade.media.read import read_image

    pixels = read_image(photo).pixels
    doll = puppet(pixels, find_faces(pixels, FaceReader.open())[0])
    path = folder / _SOURCES[method]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=_RATE, options={"crf": "14"})
        stream.height, stream.width = (side // 2 * 2 for side in pixels.shape[:2])
        stream.pix_fmt = "yuv420p"
        for number, gesture in enumerate(gestures()):
            made = moved(doll, gesture)[: stream.height, : stream.width]
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(made), format="rgb24")
            picture.pts, picture.time_base = number, Fraction(1, _RATE)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path


def measure(
    media: Path, *, runs: int, seconds: tuple[int, int], method: str = "swap_mesh"
) -> Measured:
    """Times and memory of swaps of a short and a long clip, and of plain transcodes."""
    short, long = seconds
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        os.environ["MASQUERADE_HOME"] = str(place / "home")
        clips = {length: place / f"{length}s.mp4" for length in seconds}
        for length, clip in clips.items():
            write_clip(media / _SPEAKER, clip, length)
        consent = place / "persona.consent"
        new_persona_consent(media / _PERSONA, consent)
        source = _source(media / _PERSONA, place, method)
        ours, plain, peaks = [], [], []
        for _ in range(runs):
            plain.append(transcode(clips[short], place / "plain.mp4", threads=Encoding().threads))
            took_s, peak_mb = swap(source, clips[short], place / "s.mp4", consent, method=method)
            ours.append(took_s)
            peaks.append(peak_mb)
        long_s, long_mb = swap(source, clips[long], place / "long.mp4", consent, method=method)
        stage = face_stage(source, clips[short], method)
    return Measured(ours, plain, peaks, long_s, long_mb, stage)


def _publish(found: Measured, method: str = "swap_mesh") -> None:
    ratio = statistics.median(a / b for a, b in zip(found.ours_s, found.plain_s, strict=True))
    growth = abs(found.long_mb / statistics.median(found.peaks_mb) - 1)
    publish(
        "swap_speed",
        [
            Bar("wall time of a 10 s 720p swap over plain transcode", ratio, 2.0, "<="),
            Bar("face stage, frames per second at a 300 px face", found.stage["fps"], 60, ">="),
            Bar("peak memory at 60 s against 10 s, relative difference", growth, 0.10, "<="),
        ],
        {
            "method": method,
            "swap_s": [round(t, 2) for t in found.ours_s],
            "transcode_s": [round(t, 2) for t in found.plain_s],
            "swap_60s_s": round(found.long_s, 2),
            "peak_mb_10s": round(statistics.median(found.peaks_mb)),
            "peak_mb_60s": round(found.long_mb),
            "face_stage": found.stage,
            "aim": {"ratio": 1.3, "face_stage_fps": 60},
        },
    )


def new_persona_consent(photo: Path, record: Path) -> None:
    """A consent record for a synthetic face of the test media."""
    command = [sys.executable, "-m", "masquerade", "consent", "new", "-o", record]
    words: list[str | Path] = [
        "--kind",
        "persona",
        "--name",
        photo.stem,
        "--grantee",
        "benchmarks",
        "--adult",
    ]
    words += ["--purpose", "any", "--face", photo, "--proof", photo.parents[1] / "MANIFEST.csv"]
    words += ["--declared-by", "the SFHQ data set"]
    subprocess.run([str(word) for word in [*command, *words]], check=True, capture_output=True)


if __name__ == "__main__":
    main()
