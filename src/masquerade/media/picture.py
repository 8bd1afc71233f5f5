"""A frame as FFmpeg's picture: the stored planes as they are, or its RGB where it has none."""

from __future__ import annotations

from typing import Any, Final

import av
import numpy as np
from av.video.plane import VideoPlane
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray

from masquerade.media.colour import matrix_number
from masquerade.types import Colour, Frame, Planes

# FFmpeg's numbering of matrices (ITU-T H.273) in the numbering of its scaler.
_SCALER_MATRIX: Final = {
    1: Colorspace.ITU709,
    4: Colorspace.FCC,
    5: Colorspace.ITU601,
    6: Colorspace.ITU601,
    7: Colorspace.SMPTE240M,
    9: Colorspace.BT2020,
    10: Colorspace.BT2020,
}
_OPAQUE = 255


def picture(frame: Frame, pixel_format: str, colour: Colour) -> av.VideoFrame:
    """The picture an encoder takes, in `pixel_format`, with the frame's pts and time base.

    Stored planes of that format are copied once, bit by bit. Planes of another format change
    their bit depth or chroma size only. RGB becomes YUV by the matrix of `colour`.

    Args:
        frame: An upright frame; its planes win over its RGB.
        pixel_format: FFmpeg's name of a planar YUV format.
        colour: The tags of the output.
    """
    planes = frame.planes
    made = _from_rgb(frame) if planes is None else _from_planes(planes)
    same_range = planes is None or planes.colour.full_range == colour.full_range
    if made.format.name != pixel_format or not same_range:
        made = _converted(made, frame, pixel_format, colour)
    if planes is not None and len(made.planes) == 4 and len(planes.arrays) < 4:
        _fill_alpha(made, frame)
    made.pts, made.time_base = frame.pts, frame.time_base
    made.color_range = _range(colour)
    made.colorspace, made.color_primaries = colour.matrix, colour.primaries
    made.color_trc = colour.transfer
    return made


def _from_planes(planes: Planes) -> av.VideoFrame:
    """A copy of the stored planes; the yuvj formats are named by what they are, full-range yuv."""
    height, width = planes.arrays[0].shape
    made = av.VideoFrame(width, height, planes.format.replace("yuvj", "yuv"))
    for plane, stored in zip(made.planes, planes.arrays, strict=True):
        _fill(plane, stored)
    return made


def _from_rgb(frame: Frame) -> av.VideoFrame:
    width, height = frame.size_wh
    if frame.alpha is None:
        made = av.VideoFrame(width, height, "rgb24")
        _fill(made.planes[0], frame.pixels.reshape(height, width * 3))
        return made
    made = av.VideoFrame(width, height, "rgba")
    rgba = np.dstack((frame.pixels, frame.alpha))
    _fill(made.planes[0], rgba.reshape(height, width * 4))
    return made


def _converted(made: av.VideoFrame, frame: Frame, wanted: str, colour: Colour) -> av.VideoFrame:
    """The same colours in another pixel format; range and matrix stay unless RGB becomes YUV."""
    stored = frame.planes.colour if frame.planes else colour
    rgb = made.format.is_rgb
    return made.reformat(
        format=wanted,
        src_colorspace=_matrix(stored, frame),
        dst_colorspace=_matrix(colour, frame),
        src_color_range=ColorRange.JPEG if rgb else _range(stored),
        dst_color_range=_range(colour),
        interpolation="BICUBIC",
        threads=1,  # more threads overwrite each other's first pixels where rows are not aligned
    )


def _matrix(colour: Colour, frame: Frame) -> Colorspace:
    return _SCALER_MATRIX[matrix_number(colour, frame.size_wh)]


def _range(colour: Colour) -> ColorRange:
    return ColorRange.JPEG if colour.full_range else ColorRange.MPEG


def _fill(plane: VideoPlane, stored: NDArray[Any]) -> None:
    """Copies (h, w) samples into a plane, whose rows may be padded."""
    height, width = stored.shape
    rows = np.frombuffer(memoryview(plane), stored.dtype).reshape(
        -1, plane.line_size // stored.itemsize
    )
    rows[:height, :width] = stored


def _fill_alpha(made: av.VideoFrame, frame: Frame) -> None:
    """The frame's alpha in the fourth plane, at its bit depth; opaque where it has none."""
    bits = made.format.components[3].bits
    alpha = frame.alpha
    if alpha is None:
        alpha = np.full(frame.pixels.shape[:2], _OPAQUE, np.uint8)
    if bits > 8:
        deep = alpha.astype(np.uint16) * np.uint16(257) >> np.uint16(16 - bits)
        _fill(made.planes[3], deep)
    else:
        _fill(made.planes[3], alpha)
