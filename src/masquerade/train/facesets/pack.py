"""A face as bytes, and bytes as a face: pictures encoded, arrays as little-endian float32."""

from __future__ import annotations

import struct
import zlib
from dataclasses import astuple
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.errors import InputError, OutputError
from masquerade.faces.mesh import COUNT
from masquerade.train.facesets.schema import EXPRESSION, QUALITY, FaceRecord, Picture
from masquerade.types import RGB, Mask, Points

JPEG_QUALITY: Final = 95
_WEBP_QUALITY: Final = 95
_ENDINGS: Final = {"jpeg": ".jpg", "webp": ".webp", "png": ".png"}
_FLAGS: Final = {
    "jpeg": [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY],
    "webp": [cv2.IMWRITE_WEBP_QUALITY, _WEBP_QUALITY],
    "png": [cv2.IMWRITE_PNG_COMPRESSION, 3],
}
_NO_FRAME: Final = (0xC4, 0xC8, 0xCC)  # tables between the markers of frames
FACE_COLUMNS: Final = (
    "source, pts, base_num, base_den, yaw_deg, pitch_deg, roll_deg,"
    f" {', '.join((*EXPRESSION, *QUALITY))}, to_frame, embedding"
)
PICTURE_COLUMNS: Final = "pixels, mask, landmarks, crc"


class PackedPicture(NamedTuple):
    """A row of the table ``picture``, without its id."""

    pixels: bytes
    mask: bytes
    landmarks: bytes
    crc: int

    @property
    def is_whole(self) -> bool:
        """Whether the bytes are those that were written."""
        return checksum(self.pixels, self.mask, self.landmarks) == self.crc


def checksum(*parts: bytes) -> int:
    """CRC-32 of the parts one after the other."""
    crc = 0
    for part in parts:
        crc = zlib.crc32(part, crc)
    return crc


def packed_face(record: FaceRecord, source: int) -> tuple[object, ...]:
    """The values of `FACE_COLUMNS`.

    Args:
        record: The face.
        source: Id of its source file.
    """
    return (
        source,
        record.pts,
        record.time_base.numerator,
        record.time_base.denominator,
        *(float(angle) for angle in record.pose_deg),
        *(float(value) for value in astuple(record.expression)),
        *(float(value) for value in astuple(record.quality)),
        _floats(record.to_frame),
        _floats(record.embedding),
    )


def packed_picture(record: FaceRecord, kind: Picture) -> PackedPicture:
    """The pictures of a face, encoded.

    Raises:
        OutputError: They cannot be encoded.
    """
    pixels = encoded(np.ascontiguousarray(record.pixels[..., ::-1]), kind)
    mask = encoded(np.round(record.mask * 255).astype(np.uint8), "png")
    landmarks = _floats(record.landmarks)
    return PackedPicture(pixels, mask, landmarks, checksum(pixels, mask, landmarks))


def encoded(picture: NDArray[np.uint8], kind: Picture) -> bytes:
    """The file of a picture.

    Args:
        picture: (H, W) grey or (H, W, 3) BGR.
        kind: Of the file; WebP and JPEG at quality 95.

    Raises:
        OutputError: It cannot be encoded.
    """
    done, data = cv2.imencode(_ENDINGS[kind], picture, _FLAGS[kind])
    if not done:
        raise OutputError(f"a picture of shape {picture.shape} cannot be encoded as {kind}")
    return np.asarray(data, np.uint8).tobytes()


def unpacked_pixels(data: bytes, stored: int, side: int) -> RGB:
    """(side, side, 3) uint8 RGB.

    Args:
        data: An encoded picture.
        stored: Side that it must have.
        side: Side that is wanted.

    Raises:
        InputError: It is no such picture.
    """
    bgr = _decoded(data, cv2.IMREAD_COLOR, stored)
    return np.asarray(cv2.cvtColor(_at_size(bgr, side), cv2.COLOR_BGR2RGB), np.uint8)


def unpacked_mask(data: bytes, stored: int, side: int) -> Mask:
    """(side, side) float32 in [0, 1]; arguments and errors as of `unpacked_pixels`."""
    grey = _decoded(data, cv2.IMREAD_GRAYSCALE, stored)
    return _at_size(grey, side).astype(np.float32) / np.float32(255)


def unpacked_landmarks(data: bytes, stored: int, side: int) -> Points:
    """(478, 3) float32 in pixels of a crop of that side.

    Raises:
        InputError: They are not those of a face.
    """
    points = unpacked_floats(data, (COUNT, 3))
    if side == stored:
        return points
    factor = np.float32(side / stored)
    half = np.float32(0.5)
    flat = (points[:, :2] + half) * factor - half
    return np.column_stack([flat, points[:, 2] * factor])


def unpacked_floats(data: bytes, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """The array of that shape.

    Raises:
        InputError: It is of another size, or not finite.
    """
    if not isinstance(data, bytes) or len(data) != 4 * int(np.prod(shape)):
        raise InputError("the faceset holds a list of figures of the wrong length")
    found = np.frombuffer(data, "<f4").astype(np.float32).reshape(shape)
    if not np.isfinite(found).all():
        raise InputError("the faceset holds figures that are no numbers")
    return found


def _floats(values: NDArray[np.floating]) -> bytes:
    return np.ascontiguousarray(values, "<f4").tobytes()


def _decoded(data: bytes, flag: int, side: int) -> NDArray[np.uint8]:
    """The picture, which is of that side; a larger one is refused before it fills the memory."""
    found = stated_size(data)
    if found != (side, side):
        raise InputError(
            "the faceset holds a picture of another size"
            if found
            else "the faceset holds a picture that cannot be decoded",
            f"{side} x {side} pixels, as JPEG, PNG or lossy WebP",
        )
    try:
        made = cv2.imdecode(np.frombuffer(data, np.uint8), flag | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error as error:
        raise InputError("the faceset holds a picture that cannot be decoded") from error
    if made is None or made.shape[:2] != (side, side):
        raise InputError("the faceset holds a picture that cannot be decoded")
    return np.asarray(made, np.uint8)


def stated_size(data: bytes) -> tuple[int, int] | None:
    """(width, height) that the head of a JPEG, PNG or lossy WebP states; None for anything else.

    ITU T.81 annex B; PNG specification section 11.2.2; RFC 6386 section 9.1.
    """
    try:
        if data[:8] == b"\x89PNG\r\n\x1a\n":
            width, height = struct.unpack_from(">II", data, 16)
            return width, height
        if data[:4] == b"RIFF" and data[8:16] == b"WEBPVP8 ":
            width, height = struct.unpack_from("<HH", data, 26)
            return width & 0x3FFF, height & 0x3FFF
        return _jpeg_size(data) if data[:2] == b"\xff\xd8" else None
    except (struct.error, IndexError):
        return None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    """The size in a JPEG's frame header."""
    at = 2
    while data[at] == 0xFF:
        marker, length = struct.unpack_from(">BH", data, at + 1)
        if 0xC0 <= marker <= 0xCF and marker not in _NO_FRAME:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        at += 2 + length
    return None


def _at_size(picture: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    if picture.shape[0] == side:
        return picture
    shrinks = side < picture.shape[0]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, (side, side), interpolation=how), np.uint8)
