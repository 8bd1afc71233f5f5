"""What an output can hold, by the ending of its name; and files that appear whole or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import av

from masquerade.errors import OutputError, UsageError
from masquerade.media.encoding import Encoding, SoundCodec, VideoCodec

if TYPE_CHECKING:
    from masquerade.media.probe import Kind


@dataclass(frozen=True, slots=True)
class VideoContainer:
    """A kind of video file that can be written.

    Attributes:
        name: Its ordinary name.
        endings: File endings that mean it, with their dot.
        muxer: FFmpeg's name.
        codecs: Picture codecs that players expect in it.
        alpha_codecs: Those whose transparency it keeps.
        sounds: Codecs that sound can be encoded with, the usual one first.
        ticks: How exactly it can keep time: "any" time base, or whole "milliseconds".
    """

    name: str
    endings: tuple[str, ...]
    muxer: str
    codecs: tuple[VideoCodec, ...]
    alpha_codecs: tuple[VideoCodec, ...]
    sounds: tuple[SoundCodec, ...]
    ticks: str


VIDEO_CONTAINERS = (
    VideoContainer(
        "MP4",
        (".mp4", ".m4v"),
        "mp4",
        codecs=("h264", "hevc", "av1", "vp9"),
        alpha_codecs=(),
        sounds=("aac", "opus", "flac"),
        ticks="any",
    ),
    VideoContainer(
        "QuickTime",
        (".mov",),
        "mov",
        codecs=("h264", "hevc", "prores"),
        alpha_codecs=("prores",),
        sounds=("aac",),
        ticks="any",
    ),
    VideoContainer(
        "Matroska",
        (".mkv",),
        "matroska",
        codecs=("h264", "hevc", "vp9", "av1", "prores"),
        alpha_codecs=("vp9", "prores"),
        sounds=("aac", "opus", "flac"),
        ticks="milliseconds",
    ),
    VideoContainer(
        "WebM",
        (".webm",),
        "webm",
        codecs=("vp9", "av1"),
        alpha_codecs=("vp9",),
        sounds=("opus",),
        ticks="milliseconds",
    ),
)
STILL_ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".avif", ".tif", ".tiff")
ANIMATION_ENDINGS = (".gif", ".png", ".apng", ".webp")
FOOTAGE_ENDINGS = frozenset(
    {".mp4", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".m4v", ".ts", ".mts", ".3gp"}
)
"""Endings by which videos are found in a folder."""
_DISK_FULL = frozenset((errno.ENOSPC, errno.EFBIG, errno.EDQUOT))
_FORBIDDEN = frozenset((errno.EACCES, errno.EPERM, errno.EROFS))
_USUAL_NAME: Final = 255  # bytes of a file's name
_BESIDE: Final = 24  # bytes by which names are longer of what lies beside an output meanwhile


def video_container(ending: str, codec: VideoCodec) -> VideoContainer:
    """The container that a file ending means, checked to hold the codec.

    Raises:
        UsageError: No video ending, or a container that does not hold this codec.

    Example:
        >>> video_container(".m4v", "h264").name
        'MP4'
    """
    for container in VIDEO_CONTAINERS:
        if ending.lower() in container.endings:
            break
    else:
        known = ", ".join(end for item in VIDEO_CONTAINERS for end in item.endings)
        raise UsageError(
            f"{ending or 'no ending'} is not a video ending that can be written",
            f"one of {known}",
            "name the output with one of them",
        )
    if codec not in container.codecs:
        others = [item.endings[0] for item in VIDEO_CONTAINERS if codec in item.codecs]
        raise UsageError(
            f"{container.name} does not hold {codec}",
            f"one of {', '.join(container.codecs)}",
            f"choose such a codec, or the ending {' or '.join(others)}",
        )
    return container


def check_ending(out: Path, kind: Kind, encoding: Encoding) -> None:
    """Passes when a file of that name can hold such media, whatever it is made from.

    Args:
        out: Where the output is to lie, with its final ending.
        kind: What it is to be; sound is for `sound_container` to tell.
        encoding: How it is to be encoded.

    Raises:
        UsageError: The ending does not fit the kind of media, or holds no such codec.
    """
    if kind == "video":
        video_container(out.suffix, encoding.codec)
        return
    endings = STILL_ENDINGS if kind == "still" else ANIMATION_ENDINGS
    if kind != "audio" and out.suffix.lower() not in endings:
        raise UsageError(
            f"{out.name} cannot hold {'a still' if kind == 'still' else 'an animation'}",
            f"one of {', '.join(endings)}",
            "name the output with one of them",
        )


def check_folder(out: Path) -> None:
    """Raises unless a file can be made where `out` lies.

    Raises:
        UsageError: The folder is missing or not a folder, or the name is too long for it.
        OutputError: It may not be written to.
    """
    folder = out.absolute().parent
    most = _longest_name(folder)
    if len(os.fsencode(out.name)) > most:
        raise UsageError(
            f"the name {out.name[:30]}... is {len(os.fsencode(out.name))} bytes long",
            f"at most {most}: parts lie beside the file while it is made, under longer names",
            "choose a shorter name",
        )
    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder}", "a folder to write to", "make it first")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(
            f"no permission to write in {folder}", "a folder you may write to", "choose another"
        )
    if out.is_dir():
        raise OutputError(f"{out} is a folder", "a file name", "name a file in it")


def _longest_name(folder: Path) -> int:
    """Bytes that the name of an output may have in a folder."""
    try:
        return os.pathconf(folder, "PC_NAME_MAX") - _BESIDE
    except (AttributeError, OSError, ValueError):  # Windows; or no such folder, which is told then
        return _USUAL_NAME - _BESIDE


@contextmanager
def whole_file(out: Path) -> Iterator[None]:
    """Whatever goes wrong inside the block, `out` does not stay behind half-written.

    Raises:
        OutputError: In place of an operating system's or FFmpeg's error.
    """
    check_folder(out)
    try:
        yield
    except (OSError, av.FFmpegError) as error:
        out.unlink(missing_ok=True)
        raise _output_error(error, out) from error
    except BaseException:
        out.unlink(missing_ok=True)
        raise


def _output_error(error: OSError | av.FFmpegError, out: Path) -> OutputError:
    if error.errno in _DISK_FULL:
        return OutputError(
            f"no space left in {out.parent} for {out.name}",
            "a disk with room for it",
            "free some space, or choose another folder",
        )
    if error.errno in _FORBIDDEN:
        return OutputError(
            f"no permission to write {out}", "a file you may write", "choose another name"
        )
    return OutputError(
        f"{out.name} cannot be written: {error.strerror or error}",
        todo="choose another ending or codec",
    )
