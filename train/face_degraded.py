"""What happens to real and manipulated pictures alike on their way: sizes, codecs, filters."""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

import av
import cv2
import numpy as np
from av.video.stream import VideoStream

from masquerade.types import RGB
from train.face_filmed import filmed

_LEAST_SIDE: Final = 120
_OLDER: Final = ("mpeg1video", "mpeg2video", "mpeg4")


def degraded(pixels: RGB, rng: np.random.Generator) -> RGB:
    """The picture as it might be found, of another size perhaps.

    Args:
        pixels: (S, S, 3) uint8.
        rng: Draws which of the changes are made, and how strong.
    """
    made = pixels
    if rng.random() < 0.5:
        made = _relit(made, rng)
    if rng.random() < 0.25:
        made = filmed(made, rng)
    if rng.random() < 0.5:
        made = resized(made, rng.uniform(0.4, 1.0), rng)
    if rng.random() < 0.15:
        made = np.asarray(cv2.GaussianBlur(made, (0, 0), rng.uniform(0.4, 1.2)), np.uint8)
    if rng.random() < 0.15:
        noise = rng.normal(0, rng.uniform(1, 6), made.shape)
        made = np.clip(made + noise, 0, 255).astype(np.uint8)
    made = stored(made, rng)
    if rng.random() < 0.15:
        made = jpeg(made, int(rng.integers(50, 95)))
    return made


def before(pixels: RGB, rng: np.random.Generator) -> RGB:
    """The picture as it was before anybody manipulated it: out of a camera, a file or a video.

    Args:
        pixels: (S, S, 3) uint8.
        rng: Draws which of the changes are made, and how strong.
    """
    made = filmed(pixels, rng) if rng.random() < 0.4 else pixels
    if rng.random() < 0.4:
        made = resized(made, rng.uniform(0.5, 1.0), rng)
    if rng.random() < 0.15:
        noise = rng.normal(0, rng.uniform(1, 4), made.shape)
        made = np.clip(made + noise, 0, 255).astype(np.uint8)
    return stored(made, rng)


def resized(pixels: RGB, factor: float, rng: np.random.Generator) -> RGB:
    """Smaller, in one of several ways, unless it is small: faces below 60 pixels say nothing."""
    side = max(min(_LEAST_SIDE, pixels.shape[0]), round(pixels.shape[0] * factor))
    way = int(rng.choice([cv2.INTER_AREA, cv2.INTER_LINEAR, cv2.INTER_CUBIC]))
    return np.asarray(cv2.resize(pixels, (side, side), interpolation=way), np.uint8)


def stored(pixels: RGB, rng: np.random.Generator) -> RGB:
    """As a JPEG, as a picture of a video of an older or newer kind, or as it is."""
    chance = rng.random()
    if chance < 0.35:
        return jpeg(pixels, int(rng.integers(35, 100)))
    if chance < 0.7:
        return h264(pixels, int(rng.integers(18, 40)))
    if chance < 0.82:
        return mpeg(pixels, _OLDER[int(rng.integers(len(_OLDER)))], int(rng.integers(2, 13)))
    return pixels


def jpeg(pixels: RGB, quality: int) -> RGB:
    """Stored as JPEG and read again."""
    _, data = cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    read = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return np.ascontiguousarray(read[..., ::-1])


def h264(pixels: RGB, crf: int) -> RGB:
    """As the second picture of a video that moves by a pixel: a predicted one."""
    return h264_clip([np.roll(pixels, 1, axis=1), pixels], crf)[1]


def mpeg(pixels: RGB, codec: str, level: int) -> RGB:
    """The same in an older codec.

    Args:
        pixels: (S, S, 3) uint8.
        codec: ``mpeg1video``, ``mpeg2video`` or ``mpeg4``.
        level: Of its quantiser, from 1 to 31.
    """
    return mpeg_clip([np.roll(pixels, 1, axis=1), pixels], codec, level)[1]


def mpeg_clip(pictures: Sequence[RGB], codec: str, level: int) -> list[RGB]:
    """Pictures as they come out of a video of an older kind, with even sides.

    Args:
        pictures: (H, W, 3) uint8 each, all of one size.
        codec: As in `mpeg`.
        level: Likewise.
    """
    options = {"qmin": str(level), "qmax": str(level), "threads": "1"}
    return _encoded(pictures, codec, options)


def h264_clip(pictures: Sequence[RGB], crf: int) -> list[RGB]:
    """Pictures as they come out of a video, with even sides.

    Args:
        pictures: (H, W, 3) uint8 each, all of one size.
        crf: The encoder's constant rate factor.
    """
    options = {"crf": str(crf), "preset": "veryfast", "threads": "1"}
    return _encoded(pictures, "libx264", options)


def _encoded(pictures: Sequence[RGB], codec: str, options: dict[str, str]) -> list[RGB]:
    high, wide = (side // 2 * 2 for side in pictures[0].shape[:2])
    file = io.BytesIO()
    with av.open(file, "w", format="matroska" if codec[:4] == "mpeg" else "mp4") as out:
        stream = out.add_stream(codec, rate=25, options=options)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = wide, high, "yuv420p"
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture[:high, :wide]))
            frame.pts, frame.time_base = number, Fraction(1, 25)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    file.seek(0)
    with av.open(file, "r") as container:
        return [
            np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
            for frame in container.decode(video=0)
        ]


def _relit(pixels: RGB, rng: np.random.Generator) -> RGB:
    """With other light, colour and contrast."""
    made = (pixels.astype(np.float32) - 128) * rng.uniform(0.85, 1.15) + 128
    made += rng.uniform(-18, 18) + rng.uniform(-6, 6, 3)
    hsv = cv2.cvtColor(np.clip(made, 0, 255).astype(np.uint8), cv2.COLOR_RGB2HSV).astype(np.int16)
    hsv[..., 0] = (hsv[..., 0] + rng.integers(-4, 5)) % 180
    hsv[..., 1] = np.clip(hsv[..., 1] * rng.uniform(0.75, 1.25), 0, 255)
    return np.asarray(cv2.cvtColor(hsv.astype(np.uint8), cv2.COLOR_HSV2RGB), np.uint8)
