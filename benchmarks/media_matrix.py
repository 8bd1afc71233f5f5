"""Do frame count, every pts and every sound packet survive read -> three segments -> join -> read?

Small files are made for every frame rate, rotation and pixel format, and written to every container
in every codec that it holds. Times are compared as fractions of a second. Matroska and WebM count
whole milliseconds; how far times move there is published. Run with

    python -m benchmarks.media_matrix [--media DIR]
"""

from __future__ import annotations

import argparse
import math
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from itertools import islice, pairwise
from pathlib import Path

import av
import numpy as np

from benchmarks.media import media_dir
from benchmarks.report import Bar, peak_mb, publish
from masquerade.errors import MasqueradeError
from masquerade.media.encoding import Encoding
from masquerade.media.endings import VIDEO_CONTAINERS, VideoContainer
from masquerade.media.probe import MediaInfo, probe
from masquerade.media.read import read_frames
from masquerade.media.write import encode_segment, join
from masquerade.types import Frame

SIZE_WH = (96, 64)
FRAMES = 24
RATES = {
    "23.976": Fraction(24000, 1001),
    "25": Fraction(25),
    "29.97": Fraction(30000, 1001),
    "59.94": Fraction(60000, 1001),
}
VFR_BASE = Fraction(1, 90000)
VFR_GAPS = (3003, 1501, 9009, 3000, 45000, 1502)
ROTATIONS = (0, 90, 180, 270)
FORMATS = (
    "yuv420p", "yuv422p", "yuv444p", "yuv420p10le", "yuv422p10le", "yuv444p10le",
    "yuva420p", "yuva444p10le",
)  # fmt: skip
GRID = (
    "talking/grid_s1/bbaf2n.mpg",
    "talking/grid_s1/lrar3a.mpg",
    "talking/grid_others/lwbsza.mpg",
)
SOUNDS = ("aac", "mp2", "libmp3lame", "ac3", "libopus", "flac", "alac", "pcm_s16le")
SR = 48000
ENCODERS = {
    "yuva420p": ("libvpx-vp9", {"crf": "4", "b": "0", "cpu-used": "8"}),
    "yuva444p10le": ("prores_ks", {"profile": "4444"}),
}


@dataclass(frozen=True, slots=True)
class Source:
    """A file to go through the matrix; `frames` are its pictures, `sound` its sound packets."""

    label: str
    info: MediaInfo
    frames: list[Frame]
    sound: list[tuple[bytes, Fraction]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one case gave; times in seconds."""

    source: str
    container: str
    codec: str
    exact_ticks: bool
    count_kept: bool
    late_s: float
    sound_kept: bool
    sound_late_s: float
    unsaid_loss: bool
    picture_error: float

    @property
    def bad(self) -> bool:
        """True where a bar was missed."""
        late = self.late_s > (0 if self.exact_ticks else 5e-4)
        kept = self.count_kept and self.sound_kept and not self.unsaid_loss
        return late or not kept or self.sound_late_s > 1e-3 or self.picture_error > 4


def main() -> None:
    """Run all cases and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--media", type=Path)
    parser.add_argument("--segments", type=int, help="only measure memory with so many segments")
    given = parser.parse_args()
    if given.segments:
        print(_peak_mb(given.segments))
        return
    media = media_dir(given.media)
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        outcomes = [done for source in _sources(place) for done in _cases(source, place)]
        outcomes += [done for name in GRID for done in _cases(_opened(media / name, name), place)]
        refused = _refused_sounds(place)
    few_mb, many_mb = _peak_in_child(20), _peak_in_child(200)
    publish(
        "media_matrix",
        [*_bars(outcomes), Bar("peak memory, 200 segments over 20", many_mb / few_mb, 1.1)],
        {
            "cases": len(outcomes),
            "took_s": round(time.perf_counter() - start, 1),
            "by_container_and_codec": dict(Counter(f"{o.container} {o.codec}" for o in outcomes)),
            "peak_mb": {"20 segments": few_mb, "200 segments": many_mb},
            "largest_move_of_pts_s": _by_container(outcomes, "late_s"),
            "largest_move_of_sound_s": _by_container(outcomes, "sound_late_s"),
            "failed": [asdict(o) for o in outcomes if o.bad][:20],
            "cannot": {
                "time": "Matroska and WebM count whole milliseconds",
                "pictures": {c.name: _missing(c) for c in VIDEO_CONTAINERS},
                "sound": refused,
            },
        },
    )


def _bars(outcomes: list[Outcome]) -> list[Bar]:
    exact = [one for one in outcomes if one.exact_ticks]
    coarse = [one for one in outcomes if not one.exact_ticks]
    return [
        Bar("frame count changed, cases", sum(not o.count_kept for o in outcomes), 0, "=="),
        Bar("MP4, QuickTime: pts moved, cases", sum(o.late_s > 0 for o in exact), 0, "=="),
        Bar("Matroska, WebM: pts moved by at most, s", max(o.late_s for o in coarse), 5e-4),
        Bar("sound packets changed, cases", sum(not o.sound_kept for o in outcomes), 0, "=="),
        Bar("sound moved by at most, s", max(o.sound_late_s for o in outcomes), 1e-3),
        Bar("loss not said, cases", sum(o.unsaid_loss for o in outcomes), 0, "=="),
        Bar("mean picture error, of 255", max(o.picture_error for o in outcomes), 4),
    ]


def _cases(source: Source, place: Path) -> Iterator[Outcome]:
    """The source in every codec and container that takes its sound."""
    for codec in ("h264", "hevc", "vp9", "av1", "prores"):
        crf = None if codec == "prores" else 12
        encoding = Encoding(codec=codec, crf=crf, preset="ultrafast")
        cuts = (0, len(source.frames) // 24, len(source.frames) // 2, len(source.frames))
        kept = [
            encode_segment(source.frames[a:b], source.info, encoding) for a, b in pairwise(cuts)
        ]
        for container in VIDEO_CONTAINERS:
            webm = container.name == "WebM"
            if codec in container.codecs and webm == ("opus" in source.label):
                out = place / f"out{container.endings[0]}"
                notes = join(kept, source.info, out, encoding)
                yield _compared(source, container, codec, notes, _opened(out, ""))


def _compared(
    source: Source, container: VideoContainer, codec: str, notes: tuple[str, ...], made: Source
) -> Outcome:
    before, after = source.frames, made.frames
    shift = after[0].time_s - before[0].time_s if source.info.container == "mpeg" else 0
    pairs = list(zip(before, after, strict=False))
    sounds = list(zip(source.sound, made.sound, strict=False))
    lost = made.info.bit_depth < source.info.bit_depth
    lost |= source.info.has_alpha and not made.info.has_alpha
    return Outcome(
        source=source.label,
        container=container.name,
        codec=codec,
        exact_ticks=container.ticks == "any",
        count_kept=len(before) == len(after),
        late_s=float(max(abs(b.time_s - a.time_s - shift) for a, b in pairs)),
        sound_kept=[data for data, _ in source.sound] == [data for data, _ in made.sound],
        sound_late_s=float(max(abs(b[1] - a[1] - shift) for a, b in sounds)),
        unsaid_loss=lost and not notes,
        picture_error=max(_difference(a, b) for a, b in pairs[:: len(pairs) // 4]),
    )


def _difference(a: Frame, b: Frame) -> float:
    if a.pixels.shape != b.pixels.shape:
        return math.inf
    seen = slice(None) if a.alpha is None else a.alpha > 0
    return float(np.abs(a.pixels[seen].astype(int) - b.pixels[seen]).mean())


def _by_container(outcomes: list[Outcome], what: str) -> dict[str, float]:
    return {
        container.name: max(getattr(o, what) for o in outcomes if o.container == container.name)
        for container in VIDEO_CONTAINERS
    }


def _missing(container: VideoContainer) -> list[str]:
    return [c for c in ("h264", "hevc", "vp9", "av1", "prores") if c not in container.codecs]


def _sources(place: Path) -> Iterator[Source]:
    """Every rate at every rotation, and every pixel format at a fixed and a variable rate."""
    jobs = [(rate, turn, "yuv420p") for rate in (*RATES, "VFR") for turn in ROTATIONS]
    jobs += [(rate, 0, name) for rate in ("25", "VFR") for name in FORMATS[1:]]
    for rate, turn, name in jobs:
        for sound in ("aac", "libopus"):
            label = f"{rate} fps, {turn} degrees, {name}, {sound}"
            ending = {"yuva420p": ".mkv", "yuva444p10le": ".mkv"}.get(name, ".mp4")
            path = place / f"source{ending}"
            _make(path, rate, turn, name, sound)
            yield _opened(path, label)


def _opened(path: Path, label: str) -> Source:
    with av.open(str(path)) as container:
        packets = container.demux(container.streams.audio[0])
        sound = [
            (bytes(packet), packet.pts * packet.time_base)
            for packet in packets
            if packet.pts is not None and packet.time_base is not None
        ]
    return Source(label, probe(path), list(read_frames(path)), sound)


def _make(
    path: Path, rate: str, turn: int, pixel_format: str, sound: str, seconds: float = 0
) -> None:
    """A file with a moving pattern and a tone: AAC's first samples come before the pictures, other
    sounds a little after them.
    """
    base = VFR_BASE if rate == "VFR" else 1 / RATES[rate]
    gaps = VFR_GAPS if rate == "VFR" else (1,)
    codec, options = ENCODERS.get(pixel_format, ("libx264", {"crf": "4", "preset": "ultrafast"}))
    with av.open(str(path), "w") as container:
        video = container.add_stream(codec, rate=RATES.get(rate, 30), options=options)
        assert isinstance(video, av.VideoStream)
        video.width, video.height = SIZE_WH
        video.pix_fmt, video.time_base = pixel_format, base
        video.codec_context.time_base = base
        if turn:
            video.set_display_rotation(-turn)
        audio = container.add_stream(sound, rate=SR)
        assert isinstance(audio, av.AudioStream)
        pts = 0
        for number in range(FRAMES):
            frame = av.VideoFrame.from_ndarray(_pattern(number), format="rgba")
            frame.pts, frame.time_base = pts, base
            pts += gaps[number % len(gaps)]
            container.mux(video.encode(frame.reformat(format=pixel_format)))
        container.mux(video.encode(None))
        _tone(container, audio, seconds or float(pts * base), 0 if sound == "aac" else SR // 10)


def _pattern(number: int) -> np.ndarray:
    """(H, W, 4) smooth colours that move, with a see-through corner."""
    y, x = np.mgrid[: SIZE_WH[1], : SIZE_WH[0]]
    red = 128 + 100 * np.sin((x + 3 * number) / 17)
    green = 128 + 100 * np.cos((y - 2 * number) / 13)
    blue = 128 + 60 * np.sin((x + y) / 29 + number / 5)
    alpha = np.where(x + y < 40, 0, 255)
    return np.dstack((red, green, blue, alpha)).astype(np.uint8)


def _tone(
    container: av.container.OutputContainer, stream: av.AudioStream, seconds: float, start: int = 0
) -> None:
    for at in range(start, int(seconds * SR), 960):
        wave = 0.3 * np.sin(np.arange(at, at + 960) / 20).astype(np.float32)
        piece = av.AudioFrame.from_ndarray(np.stack([wave, wave]), "fltp", "stereo")
        piece.sample_rate, piece.pts, piece.time_base = SR, at, Fraction(1, SR)
        container.mux(stream.encode(piece))
    container.mux(stream.encode(None))


def _refused_sounds(place: Path) -> dict[str, list[str]]:
    """By container, the sounds it does not take, as found by trying."""
    refused: dict[str, list[str]] = {container.name: [] for container in VIDEO_CONTAINERS}
    for sound in SOUNDS:
        path = place / "sound.mkv"
        _make(path, "25", 0, "yuv420p", sound)
        info, frames = probe(path), list(read_frames(path))
        for container in VIDEO_CONTAINERS:
            codec = "vp9" if container.name == "WebM" else "h264"
            encoding = Encoding(codec=codec, preset="ultrafast")
            kept = encode_segment(frames[:1], info, encoding)
            try:
                join([kept], info, place / f"sound{container.endings[0]}", encoding)
            except MasqueradeError as error:
                refused[container.name].append(f"{sound}: {error}")
    return refused


def _peak_mb(count: int) -> float:
    """Peak memory of this process after it encoded and joined so many short segments."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.mp4"
        _make(path, "25", 0, "yuv420p", "aac", seconds=0.4 * count)
        info, frames = probe(path), list(islice(read_frames(path), FRAMES))
        step = frames[1].pts - frames[0].pts
        encoding = Encoding(preset="ultrafast")

        def segments() -> Iterator[bytes]:
            for number in range(count):
                start = 10 * number
                run = [replace(frames[n % FRAMES], pts=(start + n) * step) for n in range(10)]
                yield encode_segment(run, info, encoding)

        join(segments(), info, Path(folder) / "out.mp4", encoding)
    return peak_mb()


def _peak_in_child(count: int) -> float:
    command = [sys.executable, "-m", "benchmarks.media_matrix", "--segments", str(count)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout)


if __name__ == "__main__":
    main()
