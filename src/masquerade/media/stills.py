"""Stills and animations: JPEG, PNG, WebP, AVIF, TIFF, GIF and BMP, through Pillow.

Pictures above 8 bits are decoded by FFmpeg instead, which keeps their depth. Every format is
recognised by its first bytes and handed to that one decoder. RGB values stay in the colour
profile of the file; only CMYK, YCbCr and Lab are converted.
"""

from __future__ import annotations

import struct
import warnings
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import IO, Final, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from masquerade.errors import LimitError, MediaError
from masquerade.media.container import check_size, open_container, reason, video_stream
from masquerade.media.known_file import KnownFile, expected_of
from masquerade.media.limits import Limits
from masquerade.media.planes import PictureReader
from masquerade.media.turn import UPRIGHT, Turn, turn_from_exif, turned
from masquerade.types import RGB, Frame

ORIENTATION: Final = 0x0112
BITS_PER_SAMPLE: Final = 258
DEMUXERS: Final = {"PNG": "png_pipe", "TIFF": "tiff_pipe", "AVIF": "mov"}
# Milliseconds hold the delays of all formats but APNG, which has any fraction of a second.
TIME_BASES: Final = {"PNG": Fraction(1, 90_000)}
MILLISECONDS: Final = Fraction(1, 1000)
# Browsers show a picture of an animation that gives no delay for a tenth of a second.
NO_DELAY_MS: Final = 100
# What Pillow's decoders raise on broken files, beside OSError.
BROKEN: Final = (
    OSError, EOFError, SyntaxError, ValueError, TypeError, ArithmeticError, LookupError,
    RuntimeError, struct.error, zlib.error,
)  # fmt: skip
ANIMATED: Final = ("GIF", "PNG", "WEBP", "AVIF")
FLOATING: Final = ("F", "I")


def read_still(path: Path, name: str, limits: Limits) -> Frame:
    """The first picture of a file, upright.

    Args:
        path: A file that passed `check_file`.
        name: Pillow's name of its format.
        limits: Checked against the size that the header states, before anything is decoded.
    """
    with opened(path, name, limits) as (image, _):
        turn = turn_of(image)
        if bits_of(path, image) > 8:
            return _deep(path, name, turn, image, limits)
        image.load()
        # Pillow turns TIFF upright by itself and takes the tag away when it does.
        turn = turn if turn_of(image) == turn else UPRIGHT
        pixels, alpha = _arrays(image)
    opacity = None if alpha is None else np.ascontiguousarray(turned(alpha, turn))
    return Frame(np.ascontiguousarray(turned(pixels, turn)), alpha=opacity)


def read_animation(
    path: Path, name: str, limits: Limits, report: Callable[[str], None]
) -> Iterator[Frame]:
    """Every picture of an animation, whole (disposal applied), in order; of a still the one.

    Args:
        path: A file that passed `check_file`.
        name: Pillow's name of its format.
        limits: Against the number of pictures, their size and their time.
        report: Told when the animation breaks off.
    """
    said: list[str] = []
    with _sound_image(path, name, limits, said) as image:
        with _heard(said):
            count = frames_of(image, limits, said)
        if count == 1:
            yield read_still(path, name, limits)
            return
        base = TIME_BASES.get(name, MILLISECONDS)
        pts = 0
        for index in range(bool(image.info.get("default_image")), count):
            try:
                with _heard(said):
                    image.seek(index)
                    pixels, alpha = _arrays(image)
            except BROKEN as error:
                if not pts:
                    raise
                report(f"the animation breaks off after {index} of {count}: {reason(error)}")
                return
            while said:
                report(said.pop(0))
            delay = Fraction(image.info.get("duration") or NO_DELAY_MS) / 1000
            duration = max(1, round(delay / base))
            _check_time(path, pts * base, limits)
            yield Frame(pixels, pts, base, duration, alpha)
            pts += duration


@contextmanager
def opened(path: Path, name: str, limits: Limits) -> Iterator[tuple[Image.Image, list[str]]]:
    """A picture whose header was read and found within the limits, and what Pillow warns of.

    Python keeps its warning filters for the whole process: nothing may be yielded to other code
    from inside the block.

    Raises:
        MediaError: Pillow cannot make sense of the file, here or inside the block.
        LimitError: It has too many pixels or pictures.
    """
    said: list[str] = []
    with _sound_image(path, name, limits, said) as image, _heard(said):
        yield image, said


@contextmanager
def _sound_image(path: Path, name: str, limits: Limits, said: list[str]) -> Iterator[Image.Image]:
    """What `opened` is, with warnings heard while the header is read and not later."""
    try:
        with _source(path) as source:
            with _heard(said):
                image = Image.open(source, formats=[name])
            with image:
                _check_size(path, image, limits)
                yield image
    except Image.DecompressionBombError:
        raise LimitError(
            f"{path} has more pixels than any camera gives",
            f"at most {limits.max_pixels} pixels",
            "make it smaller first",
        ) from None
    except BROKEN as error:
        why = "header damaged" if isinstance(error, UnidentifiedImageError) else reason(error)
        raise MediaError(
            f"{path} cannot be decoded as {name}: {why}",
            "a whole, undamaged picture",
            "check that it was copied in full and opens in a viewer",
        ) from None


@contextmanager
def _source(path: Path) -> Iterator[Path | IO[bytes]]:
    """The file; where it has to be what it was, its bytes as long as they are."""
    known = expected_of(path)
    if known is None:
        yield path
        return
    with KnownFile(path, known) as file:
        yield cast(IO[bytes], file)
        file.check()


@contextmanager
def _heard(said: list[str]) -> Iterator[None]:
    """Puts warnings that arise in the block into `said` when it ends, each once."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        # Pillow warns of 89 megapixels; here the caller's limits decide.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        yield
    said.extend(dict.fromkeys(str(warning.message) for warning in caught))


def frames_of(image: Image.Image, limits: Limits, said: list[str]) -> int:
    """How many pictures play one after the other; pages of TIFF and MPO are not an animation.

    Raises:
        LimitError: There are more than `limits.max_frames`.
    """
    if image.format not in ANIMATED:
        return 1
    try:
        count = int(getattr(image, "n_frames", 1))
    except BROKEN:
        count = _seekable(image)
        said.append(f"the animation breaks off after {count} pictures")
    if count > limits.max_frames:
        raise LimitError(f"the animation has {count} pictures", f"at most {limits.max_frames}")
    return count


def _seekable(image: Image.Image) -> int:
    """How many pictures can be reached before the file makes no more sense."""
    count = 0
    with suppress(*BROKEN):
        while True:
            image.seek(count)
            count += 1
    image.seek(0)
    return count


def turn_of(image: Image.Image) -> Turn:
    """The turn that the EXIF data of a picture asks for."""
    value = image.getexif().get(ORIENTATION, 1)
    return turn_from_exif(value) if isinstance(value, int) else UPRIGHT


def bits_of(path: Path, image: Image.Image) -> int:
    """Bits of one component as stored, which Pillow's mode does not tell."""
    if image.format == "TIFF":
        bits = getattr(image, "tag_v2", {}).get(BITS_PER_SAMPLE, (8,))
        return max(bits) if isinstance(bits, tuple) else int(bits)
    if image.format not in ("PNG", "AVIF"):
        return 8
    with _source(path) as source, source.open("rb") if isinstance(source, Path) else source as file:
        head = file.read(4096)
    if image.format == "PNG":
        return head[24]
    # ISO/IEC 23008-12, 6.5.6: 'pixi', version and flags (4 bytes), channels, bits of each.
    at = head.find(b"pixi")
    return head[at + 9] if 0 <= at < len(head) - 9 else 8


def _deep(path: Path, name: str, turn: Turn, image: Image.Image, limits: Limits) -> Frame:
    """A picture above 8 bits, with its planes, decoded by FFmpeg."""
    if image.mode in FLOATING and name == "TIFF":
        raise MediaError(f"{path} holds 32-bit or floating-point values", "8 or 16 bits")
    with open_container(path, limits, demuxer=DEMUXERS[name]) as container:
        stream = video_stream(container)
        decoded = next(container.decode(stream), None) if stream is not None else None
        if decoded is None:
            raise MediaError(f"{path} holds no picture that can be decoded", "a whole picture")
        pixels, alpha, planes = PictureReader(turn).read(decoded)
    if alpha is None and has_alpha(image):
        # AVIF keeps opacity as a second picture, which Pillow joins and FFmpeg does not.
        _, opacity = _arrays(image)
        alpha = None if opacity is None else np.ascontiguousarray(turned(opacity, turn))
    return Frame(pixels, alpha=alpha, planes=planes)


def has_alpha(image: Image.Image) -> bool:
    """True where the mode or a transparent colour gives the picture an opacity."""
    return image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info


def _arrays(image: Image.Image) -> tuple[RGB, NDArray[np.uint8] | None]:
    """RGB (H, W, 3) and opacity (H, W) uint8 of the present picture."""
    if has_alpha(image):
        rgba = np.asarray(image.convert("RGBA"))
        return np.ascontiguousarray(rgba[..., :3]), np.ascontiguousarray(rgba[..., 3])
    return np.asarray(image.convert("RGB")), None


def _check_size(path: Path, image: Image.Image, limits: Limits) -> None:
    width, height = image.size
    if not width or not height:
        raise MediaError(f"{path} has no pixels ({width} x {height})", "a picture")
    check_size(path, (width, height), limits)


def _check_time(path: Path, time_s: Fraction, limits: Limits) -> None:
    if time_s > limits.max_duration_s:
        raise LimitError(f"{path} lasts over {time_s} s", f"at most {limits.max_duration_s} s")
