"""An opened container, and nothing but that file: no network, no playlist, no other file.

Every file is looked at before FFmpeg sees it, is opened through FFmpeg's ``file`` protocol alone
and only as one of `FORMATS`. Playlists and scripts that name further files (HLS, DASH, concat,
SDP, image sequences) are not among them.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeAlias, cast

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from masquerade.errors import LimitError, MediaError
from masquerade.hashing import BlockHashes
from masquerade.media.known_file import KnownFile, expected_of
from masquerade.media.limits import Limits
from masquerade.media.png_notes import has_more_notes

Decoder: TypeAlias = VideoCodecContext

FORMATS = (
    "mov", "matroska", "webm", "avi", "mpeg", "mpegts", "mpegvideo", "m4v", "h264", "hevc", "ivf",
    "obu", "flv", "ogg", "asf", "mxf", "dv", "nut", "yuv4mpegpipe", "wtv",
    "wav", "w64", "mp3", "aac", "flac", "aiff", "au", "caf", "ac3", "eac3", "amr", "ape", "wv",
    "tta", "png_pipe", "tiff_pipe",
)  # fmt: skip
SIGNATURES = (
    (0, b"\xff\xd8\xff", "JPEG"),
    (0, b"\x89PNG\r\n\x1a\n", "PNG"),
    (0, b"GIF87a", "GIF"),
    (0, b"GIF89a", "GIF"),
    (8, b"WEBP", "WEBP"),
    (0, b"II*\0", "TIFF"),
    (0, b"MM\0*", "TIFF"),
    (4, b"ftypavif", "AVIF"),
    (4, b"ftypavis", "AVIF"),
    (0, b"BM", "BMP"),
)
HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")
OPEN_TIMEOUT_S = 60.0
READ_TIMEOUT_S = 60.0
THREADS = 2
WANTED = "a video, picture or sound file"


def check_file(path: Path, limits: Limits) -> None:
    """Raises unless `path` is a readable, regular, non-empty file within the limits.

    Raises:
        MediaError: It is missing, a folder, a device or pipe, empty, or may not be read.
        LimitError: It has more than `limits.max_bytes`, or a PNG more than `limits.max_notes`.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        raise MediaError(f"there is no file {path}", WANTED, "check the name") from None
    except (OSError, ValueError) as error:
        raise MediaError(f"{path} cannot be looked up: {reason(error)}", WANTED) from None
    if stat.S_ISDIR(found.st_mode):
        raise MediaError(f"{path} is a folder", WANTED, "name a file in it")
    if not stat.S_ISREG(found.st_mode):
        raise MediaError(f"{path} is a pipe, socket or device", WANTED, "save it to a file first")
    if found.st_size == 0:
        raise MediaError(f"{path} is empty", WANTED, "check that it was copied in full")
    if found.st_size > limits.max_bytes:
        raise LimitError(
            f"{path} has {found.st_size} bytes",
            f"at most {limits.max_bytes}",
            "cut it, or raise max_bytes",
        )
    if _has_more_notes(path, limits.max_notes):
        raise LimitError(
            f"{path} is a PNG with more than {limits.max_notes} notes beside its picture",
            f"at most {limits.max_notes}",
            "save the picture anew, without its metadata",
        )


def _has_more_notes(path: Path, most: int) -> bool:
    try:
        return has_more_notes(path, most)
    except OSError as error:
        raise MediaError(f"{path} cannot be read: {reason(error)}", WANTED) from None


def check_size(path: Path, size_wh: tuple[int, int], limits: Limits) -> None:
    """Raises where one picture has more pixels than `limits.max_pixels`, or too long a side.

    Raises:
        LimitError: It has.
    """
    width, height = size_wh
    if width * height > limits.max_pixels:
        raise LimitError(
            f"{path} has {width} x {height} pixels",
            f"at most {limits.max_pixels} in all",
            "scale it down, or raise max_pixels",
        )
    if max(width, height) > limits.max_side_px:
        raise LimitError(
            f"{path} has {width} x {height} pixels",
            f"at most {limits.max_side_px} on a side",
            "cut it into pieces",
        )


def picture_format(path: Path) -> str:
    """Pillow's name of the picture format by the first bytes, whatever the suffix; else empty.

    Raises:
        MediaError: The file may not be read, or is a HEIC picture, which is not supported.
    """
    try:
        with path.open("rb") as file:
            head = file.read(64)
    except OSError as error:
        raise MediaError(
            f"{path} cannot be read: {reason(error)}", WANTED, "check its permissions"
        ) from None
    for offset, magic, name in SIGNATURES:
        if head[offset : offset + len(magic)] == magic:
            return name
    if head[4:8] == b"ftyp" and head[8:12] in HEIF_BRANDS:
        # The brands that a file is compatible with follow its own.
        if b"avif" in head[16:]:
            return "AVIF"
        raise MediaError(
            f"{path} is a HEIC picture",
            "JPEG, PNG, WebP, AVIF or TIFF",
            "export it as JPEG or PNG",
        )
    return ""


@contextmanager
def open_container(
    path: Path, limits: Limits, *, demuxer: str | None = None, known: BlockHashes | None = None
) -> Iterator[InputContainer]:
    """An FFmpeg container that is closed at the end.

    FFmpeg's errors inside the block come out as `MediaError`.

    Args:
        path: A file that passed `check_file`.
        limits: Checked against the number of streams and the claimed duration.
        demuxer: FFmpeg's name of the format, where it must not be guessed.
        known: What the file has to hold still; None for what `held_to` says, if it does.

    Raises:
        MediaError: FFmpeg knows no such format, or finds it broken.
        LimitError: It has too many streams or claims to be too long.
        PolicyError: It does not hold any more what it held.
    """
    options = {
        "protocol_whitelist": "file",
        "format_whitelist": ",".join(FORMATS),
        "max_pixels": str(limits.max_pixels),
    }
    try:
        with ExitStack() as stack:
            source: str | KnownFile = f"file:{path.absolute()}"
            known = known or expected_of(path)
            if known is not None:
                source = stack.enter_context(KnownFile(path, known))
                stack.callback(source.check)
            container = stack.enter_context(
                av.open(
                    source,
                    "r",
                    format=demuxer,
                    options=options,
                    metadata_errors="replace",
                    timeout=(OPEN_TIMEOUT_S, READ_TIMEOUT_S),
                )
            )
            _check_claims(container, path, limits)
            yield container
    except (av.ArgumentError, av.InvalidDataError):
        raise MediaError(
            f"{path} is of no known kind, or its header or index is damaged or missing",
            WANTED,
            "check that it was recorded and copied to its end and plays in a player",
        ) from None
    except av.FFmpegError as error:
        raise MediaError(f"{path} cannot be read as media: {reason(error)}", WANTED) from None


def video_stream(container: InputContainer) -> VideoStream | None:
    """The stream of moving pictures: the first that is not a cover; None in a sound file."""
    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic and stream.codec_context is not None:
            return stream
    return None


def decoder(stream: VideoStream, limits: Limits) -> Decoder:
    """The decoder for `stream`: its own, or libvpx where VP8 or VP9 comes with transparency.

    FFmpeg's own VP8 and VP9 decoders drop the alpha layer of WebM.
    """
    context = stream.codec_context
    libvpx = {"vp8": "libvpx", "vp9": "libvpx-vp9"}.get(context.name)
    tags = {key.lower(): value for key, value in stream.metadata.items()}
    if libvpx and tags.get("alpha_mode") == "1":
        context = cast(Decoder, av.CodecContext.create(libvpx, "r"))
        context.extradata = stream.codec_context.extradata
    context.thread_type = "AUTO"
    context.thread_count = THREADS
    context.options = {"max_pixels": str(limits.max_pixels)}
    return context


def _check_claims(container: InputContainer, path: Path, limits: Limits) -> None:
    if len(container.streams) > limits.max_streams:
        raise LimitError(
            f"{path} has {len(container.streams)} streams",
            f"at most {limits.max_streams}",
            "keep the streams you need in a copy",
        )
    duration_s = (container.duration or 0) / av.time_base
    if duration_s > limits.max_duration_s:
        raise LimitError(
            f"{path} claims to last {duration_s:.0f} s",
            f"at most {limits.max_duration_s} s",
            "cut it, or raise max_duration_s",
        )


def reason(error: Exception) -> str:
    """What the system or FFmpeg says is wrong, to be put into a sentence."""
    text = getattr(error, "strerror", None) or str(error)
    return text.strip().rstrip(".").lower()
