"""From FFmpeg's decoded pictures to upright `Planes` and RGB.

Planar YUV, gray and RGB of 8 to 16 bits stay exactly as decoded. Other formats are unpacked by
FFmpeg into a planar format that holds them without loss (`UNPACKED`); those without one (float,
Bayer, palettes of odd kinds) become 16-bit or 8-bit planar with FFmpeg's rounding.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, cast

import cv2
import numpy as np
from av.sidedata.sidedata import SideData
from av.sidedata.sidedata import Type as SideDataType
from av.video.format import VideoFormat
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

from masquerade.media.colour import matrix_number, rgb_from_planes, to_8_bit
from masquerade.media.layout import Plane, is_planar, layout
from masquerade.media.turn import UPRIGHT, Turn, turn_from_matrix, turned, turned_format
from masquerade.types import RGB, Colour, Planes

UNPACKED: Final = {
    "nv12": "yuv420p", "nv21": "yuv420p", "nv16": "yuv422p", "nv24": "yuv444p", "nv42": "yuv444p",
    "p010le": "yuv420p10le", "p012le": "yuv420p12le", "p016le": "yuv420p16le",
    "p210le": "yuv422p10le", "p212le": "yuv422p12le", "p216le": "yuv422p16le",
    "p410le": "yuv444p10le", "p412le": "yuv444p12le", "p416le": "yuv444p16le",
    "yuyv422": "yuv422p", "yvyu422": "yuv422p", "uyvy422": "yuv422p", "uyyvyy411": "yuv411p",
    "y210le": "yuv422p10le", "y212le": "yuv422p12le", "nv20le": "yuv422p10le",
    "rgb24": "gbrp", "bgr24": "gbrp", "0rgb": "gbrp", "rgb0": "gbrp", "0bgr": "gbrp",
    "bgr0": "gbrp", "rgba": "gbrap", "bgra": "gbrap", "argb": "gbrap", "abgr": "gbrap",
    "rgb48le": "gbrp16le", "rgb48be": "gbrp16le", "bgr48le": "gbrp16le", "bgr48be": "gbrp16le",
    "rgba64le": "gbrap16le", "rgba64be": "gbrap16le", "bgra64le": "gbrap16le",
    "bgra64be": "gbrap16le", "ya8": "gbrap", "ya16le": "gbrap16le", "ya16be": "gbrap16le",
    "pal8": "gbrap", "monow": "gray", "monob": "gray", "grayf32le": "gray16le",
    "x2rgb10le": "gbrp10le", "x2bgr10le": "gbrp10le", "xv30le": "yuv444p10le",
    "v30xle": "yuv444p10le", "xv36le": "yuv444p12le", "vuyx": "yuv444p", "vuya": "yuva444p",
}  # fmt: skip
FULL_RANGE: Final = 2
LIMITED_RANGE: Final = 1
FAST: Final = {("yuv", 1, 1): "yuv420p", ("yuv", 1, 0): "yuv422p"}


class PictureReader:
    """Turns the pictures of one stream upright, keeping FFmpeg's converters between pictures.

    The first picture fixes size, format and turn of the stream; a later one that differs is
    brought to them, and `odd` counts it.

    Args:
        turn: How to turn, where the display matrix of the first picture is not to say.
    """

    def __init__(self, turn: Turn | None = None) -> None:
        self.odd = 0
        self._turn = turn or UPRIGHT
        self._turn_given = turn is not None
        self._format = ""
        self._size_wh = (0, 0)
        self._narrow: VideoFrame | None = None
        self._to_planar = VideoReformatter()
        self._to_rgb = VideoReformatter()

    def read(self, frame: VideoFrame) -> tuple[RGB, NDArray[np.uint8] | None, Planes]:
        """RGB (H, W, 3) uint8, opacity (H, W) uint8 where there is one, and planes, all upright."""
        colour = colour_of(frame)
        frame = self._as_planar(frame, colour)
        kind = layout(self._format)
        arrays = tuple(_array(plane, kind.bits) for plane in frame.planes[: kind.planes])
        rgb = self._rgb(frame, Planes(self._format, arrays, colour))
        upright = tuple(_turned(array, self._turn) for array in arrays)
        planes = Planes(turned_format(self._format, self._turn), upright, colour)
        alpha = _opacity(upright[-1], kind.bits) if kind.alpha else None
        return np.ascontiguousarray(turned(rgb, self._turn)), alpha, planes

    def _as_planar(self, frame: VideoFrame, colour: Colour) -> VideoFrame:
        """The picture in the stream's planar format and size."""
        if not self._format:
            self._turn = self._turn if self._turn_given else turn_of(frame)
            self._format = planar_name(frame.format, self._turn)
            self._size_wh = frame.width, frame.height
        same_size = (frame.width, frame.height) == self._size_wh
        if same_size and frame.format.name.replace("yuvj", "yuv") == self._format:
            return frame
        self.odd += not same_size
        code_range = FULL_RANGE if colour.full_range else LIMITED_RANGE
        return self._to_planar.reformat(
            frame,
            *self._size_wh,
            format=self._format,
            interpolation=Interpolation.POINT if same_size else Interpolation.BICUBIC,
            src_color_range=code_range,
            dst_color_range=code_range,
            threads=1,
        )

    def _rgb(self, frame: VideoFrame, planes: Planes) -> RGB:
        """RGB as stored; 4:2:0 and 4:2:2 by FFmpeg's integer routines.

        Those are several times as fast and darker by one step at most.
        """
        kind = layout(planes.format)
        fast = FAST.get((kind.kind, kind.sub_x, kind.sub_y))
        if fast is None:
            return rgb_from_planes(planes)
        if kind.bits > 8:
            frame = self._narrowed(planes, fast)
        number = matrix_number(planes.colour, (frame.width, frame.height))
        # FFmpeg's numbers of its matrices are those of H.273 but for two names of BT.601.
        matrix = {6: 5, 10: 9}.get(number, number)
        rgb = self._to_rgb.reformat(
            frame,
            format="rgb24",
            src_colorspace=matrix,
            dst_colorspace=matrix,
            src_color_range=FULL_RANGE if planes.colour.full_range else LIMITED_RANGE,
            dst_color_range=FULL_RANGE,
            interpolation=Interpolation.BILINEAR,
            threads=1,
        )
        rows = _rows(rgb.planes[0])[:, : 3 * frame.width]
        return rows.reshape(frame.height, frame.width, 3)

    def _narrowed(self, planes: Planes, name: str) -> VideoFrame:
        """Luma and chroma rounded to 8 bits, in a picture that is used again for the next."""
        kind = layout(planes.format)
        height, width = planes.arrays[0].shape
        if self._narrow is None:
            self._narrow = VideoFrame(width, height, name)
        for plane, array in zip(self._narrow.planes, planes.arrays, strict=False):
            rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, -1)
            to_8_bit(array, kind, planes.colour, out=rows[:, : plane.width])
        return self._narrow


def colour_of(frame: VideoFrame) -> Colour:
    """The colour tags of a decoded picture; RGB and gray without a tag use the full range."""
    name = frame.format.name
    untagged_full = name.startswith(("yuvj", "gray", "mono", "ya")) or frame.format.is_rgb
    full = frame.color_range == FULL_RANGE or (frame.color_range == 0 and untagged_full)
    return Colour(
        matrix=int(frame.colorspace),
        primaries=int(frame.color_primaries),
        transfer=int(frame.color_trc),
        full_range=full or name.startswith("yuvj"),
    )


def turn_of(frame: VideoFrame) -> Turn:
    """The turn that the picture's display matrix asks for."""
    for side in cast(Iterable[SideData], frame.side_data):
        if side.type is SideDataType.DISPLAYMATRIX:
            return turn_from_matrix(bytes(side))
    return UPRIGHT


def planar_name(stored: VideoFormat, turn: Turn) -> str:
    """The planar format that holds pictures of format `stored` and can be turned."""
    name = stored.name.replace("yuvj", "yuv")
    if name.endswith("be") and is_planar(f"{name[:-2]}le"):
        name = f"{name[:-2]}le"
    if not is_planar(name):
        name = UNPACKED.get(name) or _roomy_name(stored)
    if turned_format(name, turn):
        return name
    return "yuv444p" if layout(name).bits == 8 else "yuv444p16le"


def _roomy_name(stored: VideoFormat) -> str:
    """A planar format with room for formats that have no counterpart."""
    bits = max(component.bits for component in stored.components)
    alpha = len(stored.components) in (2, 4)
    colours = "gbr" if stored.is_rgb else "yuv444"
    if alpha:
        colours = {"gbr": "gbra", "yuv444": "yuva444"}[colours]
    return f"{colours}p" if bits <= 8 else f"{colours}p16le"


def _turned(array: Plane, turn: Turn) -> Plane:
    return turned(cast(NDArray[np.uint8], array), turn)


def _array(plane: VideoPlane, bits: int) -> Plane:
    """(h, w) view of a plane, not to be written to; it keeps the decoder's memory alive."""
    if bits == 8:
        return _rows(plane)[:, : plane.width]
    return _rows(plane).view(np.uint16)[:, : plane.width]


def _rows(plane: VideoPlane) -> NDArray[np.uint8]:
    """(h, bytes in a line) view of a plane."""
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, -1)
    rows.flags.writeable = False
    # FFmpeg keeps some pictures bottom row first; then the step between lines is negative.
    return rows[::-1] if plane.line_size < 0 else rows


def _opacity(plane: Plane, bits: int) -> NDArray[np.uint8]:
    if bits == 8:
        return np.asarray(plane, np.uint8)
    return np.asarray(cv2.convertScaleAbs(plane, alpha=255 / (2**bits - 1)), np.uint8)
