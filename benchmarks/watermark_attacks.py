"""What happens to pictures and clips on their way, for the watermark benchmark."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeAlias

import av
import cv2
import numpy as np

from masquerade.types import RGB, Frame

Attack: TypeAlias = Callable[[RGB], RGB]


def jpeg(pixels: RGB, quality: int) -> RGB:
    """The picture after JPEG of that quality."""
    bgr = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.cvtColor(np.asarray(cv2.imdecode(data, 1)), cv2.COLOR_BGR2RGB), np.uint8)


def resized(pixels: RGB, factor: float) -> RGB:
    """The picture at another scale."""
    how = cv2.INTER_AREA if factor <= 0.5 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=how), np.uint8)


def cropped(pixels: RGB, kept: float, x: float = 0.37, y: float = 0.61) -> RGB:
    """A part of the picture, `kept` of each side, not in the middle."""
    height, width = (round(side * kept) for side in pixels.shape[:2])
    top, left = (
        round((side - part) * at)
        for side, part, at in zip(pixels.shape[:2], (height, width), (y, x), strict=True)
    )
    return np.ascontiguousarray(pixels[top : top + height, left : left + width])


def rotated(pixels: RGB, degrees: float) -> RGB:
    """The picture turned, its empty corners cut off."""
    height, width = pixels.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    whole = cv2.warpAffine(pixels, turn, (width, height), flags=cv2.INTER_LINEAR)
    edge = int(np.ceil(np.sin(np.radians(abs(degrees))) * max(width, height) / 2)) + 1
    return np.ascontiguousarray(whole[edge:-edge, edge:-edge])


def toned(pixels: RGB, gain: float, shift: float) -> RGB:
    """The picture brighter or darker."""
    return np.asarray(np.clip(pixels * np.float32(gain) + shift, 0, 255), np.uint8)


ATTACKS: dict[str, Attack] = {
    "nothing": lambda p: p,
    "JPEG 50": lambda p: jpeg(p, 50),
    "JPEG 30": lambda p: jpeg(p, 30),
    "crop to 75 % of each side": lambda p: cropped(p, 0.75),
    "crop to 50 % of each side": lambda p: cropped(p, 0.5),
    "resize 0.5": lambda p: resized(p, 0.5),
    "resize 0.5 + JPEG 75": lambda p: jpeg(resized(p, 0.5), 75),
    "rotate 1 degree": lambda p: rotated(p, 1.0),
    "brighter": lambda p: toned(p, 1.2, 15),
    "darker": lambda p: toned(p, 0.75, -10),
    "screenshot": lambda p: jpeg(cropped(resized(p, 0.83), 0.9), 85),
    "mirror + JPEG 75": lambda p: jpeg(np.ascontiguousarray(p[:, ::-1]), 75),
}


@dataclass(frozen=True, slots=True)
class Encoder:
    """A codec, its options, and a factor on the size."""

    codec: str
    options: dict[str, str] = field(default_factory=dict)
    factor: float = 1.0


def _x264(crf: int, factor: float = 1.0) -> Encoder:
    return Encoder("libx264", {"crf": str(crf), "preset": "medium"}, factor)


_VP9 = {"crf": "35", "b": "0", "deadline": "realtime", "cpu-used": "6"}
FINE = _x264(18)  # what marked video is usually written with
VIDEO_ATTACKS = {
    "H.264 CRF 28": _x264(28),
    "H.264 CRF 28 + resize 0.5": _x264(28, 0.5),
    "H.264 CRF 35": _x264(35),
    "VP9 CRF 35": Encoder("libvpx-vp9", _VP9),
}


def encoded(
    frames: Sequence[Frame], encoder: Encoder, *, threads: int = 1, read: bool = True
) -> list[Frame]:
    """The frames after the encoder, at 25 a second; none where they are not to be read back."""
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as out:
        stream = out.add_stream(encoder.codec, rate=25, options=encoder.options)
        assert isinstance(stream, av.VideoStream)
        width, height = (int(side * encoder.factor) // 2 * 2 for side in frames[0].size_wh)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.thread_count = threads
        for number, frame in enumerate(frames):
            out.mux(stream.encode(_picture(frame, number, (width, height))))
        out.mux(stream.encode(None))
    if not read:
        return []
    file.seek(0)
    with av.open(file, "r") as back:
        pictures = (one.to_ndarray(format="rgb24") for one in back.decode(video=0))
        return [Frame(np.asarray(pixels, np.uint8)) for pixels in pictures]


def _picture(frame: Frame, number: int, size_wh: tuple[int, int]) -> av.VideoFrame:
    """The frame as its planes have it, as the program writes it."""
    planes = frame.planes
    if planes is None or planes.format != "yuv420p":
        picture = av.VideoFrame.from_ndarray(frame.pixels, format="rgb24")
    else:
        height, width = planes.arrays[0].shape
        joined = np.concatenate([plane.ravel() for plane in planes.arrays])
        picture = av.VideoFrame.from_ndarray(
            joined.reshape(height * 3 // 2, width), format="yuv420p"
        )
    picture = picture.reformat(*size_wh, format="yuv420p", interpolation="BICUBIC")
    picture.pts, picture.time_base = number, Fraction(1, 25)
    return picture
