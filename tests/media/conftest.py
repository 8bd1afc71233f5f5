"""Small synthetic media: pictures that tell their number, and clips of them in any format."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

TIME_BASE = Fraction(1, 12_800)
RATE = 25


def picture(number: int, size_wh: tuple[int, int] = (96, 64)) -> NDArray[np.uint8]:
    """(H, W, 3) RGB: a gradient that moves with `number`, corners of four colours."""
    width, height = size_wh
    y, x = np.mgrid[:height, :width]
    rgb = np.stack([(x * 2 + number * 5) % 256, (y * 3 + number * 3) % 256, (x + y) % 256], -1)
    rgb = rgb.astype(np.uint8) // 2 + 60
    h, w = height // 4, width // 4
    rgb[:h, :w], rgb[:h, -w:] = (220, 40, 40), (40, 200, 40)
    rgb[-h:, :w], rgb[-h:, -w:] = (40, 40, 220), (200, 200, 40)
    return rgb


def write_clip(
    path: Path,
    *,
    codec: str = "libx264",
    pixel_format: str = "yuv420p",
    pictures: Sequence[av.VideoFrame | NDArray[np.uint8]] | None = None,
    count: int = 30,
    size_wh: tuple[int, int] = (96, 64),
    pts: Sequence[int] | None = None,
    options: dict[str, str] | None = None,
    matrix: Sequence[int] | None = None,
    aspect: Fraction | None = None,
    sound_s: float = 0.0,
    container_options: dict[str, str] | None = None,
    tags: dict[str, str] | None = None,
) -> Path:
    """A clip whose frame n is `picture(n)` (or of `pictures`) at ``pts[n] * TIME_BASE``."""
    made = pictures or [picture(number, size_wh) for number in range(count)]
    times = pts or [number * 512 for number in range(len(made))]
    with av.open(str(path), "w", options=container_options or {}) as out:
        stream = out.add_stream(codec, rate=RATE, options=options or {})
        first = made[0]
        if isinstance(first, av.VideoFrame):
            stream.width, stream.height = first.width, first.height
        else:
            stream.width, stream.height = first.shape[1], first.shape[0]
        stream.pix_fmt = pixel_format
        stream.codec_context.time_base = TIME_BASE
        stream.time_base = TIME_BASE
        if aspect is not None:
            stream.codec_context.sample_aspect_ratio = aspect
        if matrix is not None:
            stream.set_display_matrix(matrix)
        out.metadata.update(tags or {})
        sound = (
            out.add_stream(
                "pcm_s16le" if path.suffix in (".mkv", ".mov", ".avi") else "aac", rate=48_000
            )
            if sound_s
            else None
        )
        for one, time in zip(made, times, strict=True):
            frame = one if isinstance(one, av.VideoFrame) else av.VideoFrame.from_ndarray(one)
            frame.pts, frame.time_base = time, TIME_BASE
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
        if sound is not None:
            _write_tone(out, sound, sound_s)
    return path


def _write_tone(out: av.container.OutputContainer, stream: av.AudioStream, sound_s: float) -> None:
    total = round(sound_s * 48_000)
    tone = (np.sin(np.arange(total) * 2 * np.pi * 440 / 48_000) * 8000).astype(np.int16)
    for start in range(0, total, 1024):
        part = tone[None, start : start + 1024]
        frame = av.AudioFrame.from_ndarray(np.repeat(part, 1, 0), "s16", "mono")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, start, Fraction(1, 48_000)
        out.mux(stream.encode(frame))
    out.mux(stream.encode())


@pytest.fixture
def make_clip(tmp_path: Path) -> Callable[..., Path]:
    """`write_clip` into a temporary folder, by file name."""
    return lambda name, **how: write_clip(tmp_path / name, **how)


@pytest.fixture
def make_picture() -> Callable[..., NDArray[np.uint8]]:
    """`picture`, for tests to compare with."""
    return picture
