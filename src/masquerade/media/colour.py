"""Between the planes that a file stores and RGB: matrices, conversion, and edits by difference.

Which matrix: the tagged one. Files that do not say are taken as BT.709 where they are HD (longer
side at least 1280 or shorter side above 576 pixels) and as BT.601 below that, as players do;
constant-luminance BT.2020 is treated as BT.2020. Transfer curves (gamma, PQ, HLG) are left as
they are: RGB here are the code values of the file.
"""

from __future__ import annotations

from dataclasses import replace as replaced
from typing import Any, Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.media.layout import Layout, Plane, layout
from masquerade.types import RGB, Colour, Frame, PixelBox, Planes

Delta: TypeAlias = NDArray[np.float32]
Steps: TypeAlias = NDArray[np.int16]
AnyArray: TypeAlias = NDArray[np.integer[Any] | np.floating[Any]]

# Kr and Kb by FFmpeg's number of the matrix (ITU-T H.273, table 4).
LUMA_WEIGHTS: Final = {
    1: (0.2126, 0.0722),
    4: (0.30, 0.11),
    5: (0.299, 0.114),
    6: (0.299, 0.114),
    7: (0.212, 0.087),
    9: (0.2627, 0.0593),
    10: (0.2627, 0.0593),
}
BT709: Final = 1
BT601: Final = 6

_ROWS: Final = 32  # worked on at a time, so that what is in between stays in the cache


def matrix_number(colour: Colour, size_wh: tuple[int, int]) -> int:
    """The matrix to use, in FFmpeg's numbering: as tagged, else by the size of the picture."""
    if colour.matrix in LUMA_WEIGHTS:
        return colour.matrix
    return BT709 if max(size_wh) >= 1280 or min(size_wh) > 576 else BT601


def yuv_from_rgb(number: int) -> NDArray[np.float64]:
    """(3, 3) matrix from R, G, B in [0, 1] to Y in [0, 1] and U, V in [-0.5, 0.5]."""
    kr, kb = LUMA_WEIGHTS[number]
    luma = np.array([kr, 1 - kr - kb, kb])
    blue = (np.array([0.0, 0.0, 1.0]) - luma) / (2 * (1 - kb))
    red = (np.array([1.0, 0.0, 0.0]) - luma) / (2 * (1 - kr))
    return np.stack([luma, blue, red])


def rgb_from_planes(planes: Planes) -> RGB:
    """(H, W, 3) uint8 RGB of planar YUV, gray or RGB of any depth; alpha is not looked at.

    Depths above 8 bits are rounded first; chroma is interpolated linearly, centred on its block.
    """
    kind = layout(planes.format)
    arrays = [to_8_bit(plane, kind, planes.colour) for plane in planes.arrays[: kind.planes]]
    height, width = arrays[0].shape
    if kind.kind == "rgb":
        return np.asarray(cv2.merge([arrays[2], arrays[0], arrays[1]]), np.uint8)
    full = planes.colour.full_range
    if kind.kind == "gray":
        steps = np.arange(256) if full else (np.arange(256) - 16) * 255 / 219
        table = np.clip(np.rint(steps), 0, 255).astype(np.uint8)
        return np.asarray(cv2.cvtColor(cv2.LUT(arrays[0], table), cv2.COLOR_GRAY2RGB), np.uint8)
    number = matrix_number(planes.colour, (width, height))
    inverse = np.linalg.inv(yuv_from_rgb(number)) @ np.diag(_gains(planes.colour))
    affine = np.column_stack([inverse, -inverse @ np.array((0 if full else 16, 128, 128))])
    chroma = (_enlarged(plane, (width, height), kind) for plane in arrays[1:3])
    return np.asarray(cv2.transform(cv2.merge([arrays[0], *chroma]), affine), np.uint8)


def coarse_from_planes(planes: Planes, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> RGB:
    """(rows, columns, 3) uint8 RGB of single pixels of the planes, whatever the chroma's size.

    Args:
        planes: Of any planar format.
        rows: Of luma, inside the picture.
        columns: Of luma, inside the picture.
    """
    kind = layout(planes.format)
    height, width = planes.arrays[0].shape
    depth = "" if kind.bits == 8 else f"{kind.bits}le"
    name = {"yuv": "yuv444p", "rgb": "gbrp", "gray": "gray"}[kind.kind] + depth
    small = [
        plane[np.ix_(rows >> down, columns >> right)]
        for plane, down, right in zip(
            planes.arrays[: 1 if kind.kind == "gray" else 3],
            (0, kind.sub_y, kind.sub_y),
            (0, kind.sub_x, kind.sub_x),
            strict=False,
        )
    ]
    colour = planes.colour
    if kind.kind == "yuv":
        colour = replaced(colour, matrix=matrix_number(colour, (width, height)))
    return rgb_from_planes(Planes(name, tuple(small), colour))


def to_8_bit(
    plane: Plane, kind: Layout, colour: Colour, *, out: NDArray[np.uint8] | None = None
) -> NDArray[np.uint8]:
    """The plane rounded to 8 bits, in `out` where that is given; itself where it has 8."""
    if kind.bits == 8:
        return np.asarray(plane, np.uint8)
    full = colour.full_range or kind.kind == "rgb"
    gain = (2**kind.bits - 1) / 255 if full else 2.0 ** (kind.bits - 8)
    return np.asarray(cv2.convertScaleAbs(plane, dst=out, alpha=1 / gain), np.uint8)


def replace(frame: Frame, pixels: RGB, box: PixelBox) -> Frame:
    """The frame with a region put in, its planes changed by the difference alone.

    What the region adds to or takes from the RGB of the frame is carried through the matrix to
    the planes, at their depth and chroma size. Where nothing differs, planes stay bit-exact; where
    something does, the file's own precision beyond 8 bits is kept under the change.

    Args:
        frame: With or without planes.
        pixels: (h, w, 3) uint8 RGB of the size of `box`.
        box: Whole pixels, inside the frame.

    Returns:
        A new frame; alpha, time and colour tags are those of `frame`.
    """
    x0, y0, x1, y1 = box
    whole = frame.pixels.copy()
    whole[y0:y1, x0:x1] = pixels
    if frame.planes is None:
        return replaced(frame, pixels=whole)
    old = frame.pixels[y0:y1, x0:x1]
    delta = np.asarray(cv2.subtract(pixels, old, dtype=cv2.CV_32F), np.float32)
    return replaced(frame, pixels=whole, planes=_changed(frame.planes, delta, box))


def add_luma(frame: Frame, delta: Steps, *, unit: int = 1) -> Frame:
    """The frame with its brightness changed, and its colour left as it is.

    Red, green and blue all take the same difference; of planes, only luma does (all three of RGB
    planes), at its own depth.

    Args:
        frame: With or without planes.
        delta: (H, W) int16, brighter above 0.
        unit: How many of its steps make one step of the 0 to 255 scale of RGB.

    Returns:
        A new frame, rounded and kept in range; alpha, time and colour tags are those of `frame`.
    """
    pixels = np.empty_like(frame.pixels)
    for top in range(0, len(pixels), _ROWS):
        rows = slice(top, top + _ROWS)
        up = _magnitude(delta[rows], cv2.THRESH_TOZERO, unit)
        down = _magnitude(delta[rows], cv2.THRESH_TOZERO_INV, unit)
        # Eight-bit sums that stop at 0 and 255: several times faster than a sum of mixed depth.
        part = cv2.add(frame.pixels[rows], cv2.cvtColor(up, cv2.COLOR_GRAY2RGB))
        cv2.subtract(part, cv2.cvtColor(down, cv2.COLOR_GRAY2RGB), dst=pixels[rows])
    changed = replaced(frame, pixels=pixels)
    planes = frame.planes
    if planes is None:
        return changed
    kind = layout(planes.format)
    if kind.kind == "rgb":
        gain = (2**kind.bits - 1) / 255
    else:
        gain = _depth_gain(kind.bits, planes.colour) / float(_gains(planes.colour)[0])
    count = 3 if kind.kind == "rgb" else 1
    arrays = [_shifted(plane, delta, gain / unit, kind) for plane in planes.arrays[:count]]
    kept = planes.arrays[count:]
    return replaced(changed, planes=replaced(planes, arrays=(*arrays, *kept)))


def _magnitude(delta: Steps, kept: int, unit: int) -> NDArray[np.uint8]:
    """The steps to one side of 0 as whole steps of 256, 0 for the others."""
    _, side = cv2.threshold(delta, 0, 0, kept)
    return np.asarray(cv2.convertScaleAbs(side, alpha=1 / unit), np.uint8)


def _shifted(plane: Plane, delta: Steps, gain: float, kind: Layout) -> Plane:
    """The plane with `gain` times the steps added, rounded and kept within its bits."""
    out = np.empty_like(plane)
    depth = cv2.CV_8U if kind.bits == 8 else cv2.CV_16U
    matrix = np.array([[gain]])
    for top in range(0, len(plane), _ROWS):
        rows = slice(top, top + _ROWS)
        cv2.add(plane[rows], cv2.transform(delta[rows], matrix), dst=out[rows], dtype=depth)
    return out if kind.bits in (8, 16) else np.minimum(out, out.dtype.type(2**kind.bits - 1))


def _changed(planes: Planes, delta: Delta, box: PixelBox) -> Planes:
    """The planes with `delta`, (h, w, 3) in 8-bit RGB steps, added at `box`."""
    kind = layout(planes.format)
    height, width = planes.arrays[0].shape
    if kind.kind == "rgb":
        rows = np.eye(3)[[1, 2, 0]] * (2**kind.bits - 1) / 255
    else:
        rows = yuv_from_rgb(matrix_number(planes.colour, (width, height)))
        rows *= _depth_gain(kind.bits, planes.colour) / _gains(planes.colour)[:, None]
    arrays = list(planes.arrays)
    for index in range(1 if kind.kind == "gray" else 3):
        # One row at a time: OpenCV is slow at splitting and shrinking three channels.
        part = np.asarray(cv2.transform(delta, rows[index : index + 1]), np.float32)
        place = box
        if index:
            place, part = _reduced(part, box, (width, height), kind)
        arrays[index] = _added(arrays[index], part, place, kind)
    return replaced(planes, arrays=tuple(arrays))


def _gains(colour: Colour) -> NDArray[np.float64]:
    """(3,) from 8-bit code steps of Y, U, V to steps of the 0 to 255 scale of RGB."""
    if colour.full_range:
        return np.ones(3)
    return np.array([255 / 219, 255 / 224, 255 / 224])


def _depth_gain(bits: int, colour: Colour) -> float:
    """Code steps at `bits` for one code step at 8 bits (ITU-T H.273, 8.3)."""
    return (2**bits - 1) / 255 if colour.full_range else 2.0 ** (bits - 8)


def _enlarged(
    chroma: NDArray[np.uint8], size_wh: tuple[int, int], kind: Layout
) -> NDArray[np.uint8]:
    """Chroma at the size of luma; blocks that reach over the edge are cut."""
    if not kind.sub_x and not kind.sub_y:
        return chroma
    height, width = chroma.shape
    whole = cv2.resize(chroma, (width << kind.sub_x, height << kind.sub_y))
    return np.asarray(whole[: size_wh[1], : size_wh[0]], np.uint8)


def _reduced(
    part: Delta, box: PixelBox, size_wh: tuple[int, int], kind: Layout
) -> tuple[PixelBox, Delta]:
    """A chroma difference, averaged over the blocks that the box touches, and their box.

    A block half outside the box takes no difference from there; one half outside the frame is the
    average of what lies inside.
    """
    step_x, step_y = 1 << kind.sub_x, 1 << kind.sub_y
    x0, y0, x1, y1 = box
    blocks = (x0 // step_x, y0 // step_y, -(-x1 // step_x), -(-y1 // step_y))
    if step_x == step_y == 1:
        return blocks, part
    right, bottom = -x1 % step_x, -y1 % step_y
    # Beside the box there is no difference; beyond the frame its edge counts on.
    top, left = y0 % step_y, x0 % step_x
    under, after = bottom * (y1 != size_wh[1]), right * (x1 != size_wh[0])
    whole: AnyArray = part
    if top or under or left or after:
        whole = cv2.copyMakeBorder(part, top, under, left, after, cv2.BORDER_CONSTANT, value=0.0)
    if bottom > under or right > after:
        rest = (0, bottom - under, 0, right - after)
        whole = cv2.copyMakeBorder(whole, *rest, cv2.BORDER_REPLICATE)
    size = (blocks[2] - blocks[0], blocks[3] - blocks[1])
    return blocks, np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_AREA), np.float32)


def _added(plane: Plane, delta: Delta, box: PixelBox, kind: Layout) -> Plane:
    """A copy of the plane with `delta` added at `box`, rounded and kept within its bits."""
    x0, y0, x1, y1 = box
    depth = cv2.CV_8U if kind.bits == 8 else cv2.CV_16U
    part = cv2.add(plane[y0:y1, x0:x1], delta, dtype=depth)
    out = plane.copy()
    out[y0:y1, x0:x1] = part if kind.bits in (8, 16) else np.minimum(part, 2**kind.bits - 1)
    return out
