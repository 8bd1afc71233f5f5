"""All writing of media, in one place: `masquerade.provenance.seal` alone calls it."""

from __future__ import annotations

import io
from pathlib import Path

import av

from masquerade.media.alongside import open_alongside
from masquerade.media.container import open_container
from masquerade.media.encoding import Encoding
from masquerade.media.endings import (
    check_ending,
    check_folder,
    video_container,
)
from masquerade.media.join import join, losses
from masquerade.media.limits import DEFAULT_LIMITS, Limits
from masquerade.media.probe import Kind, MediaInfo
from masquerade.media.segment import encode_segment
from masquerade.media.sound_encoder import SoundTrack, check_channels, codec_for
from masquerade.media.write_animations import write_animation
from masquerade.media.write_sound import check_sound, write_sound
from masquerade.media.write_stills import write_still

__all__ = [
    "Encoding",
    "SoundTrack",
    "check_output",
    "check_sound_output",
    "encode_segment",
    "join",
    "write_animation",
    "write_sound",
    "write_still",
]


def check_output(
    target: MediaInfo,
    out: Path,
    encoding: Encoding,
    *,
    kind: Kind | None = None,
    sound: tuple[int, int] | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> tuple[str, ...]:
    """What `out` will not keep of `target`, found before any work is done.

    Args:
        target: The input.
        out: Where the output is to lie, with its final ending.
        encoding: How it is to be encoded.
        kind: What is made of it, where that is another kind: a still can become a video.
        sound: Rate and channels of sound that takes the place of the input's.
        limits: For opening the input.

    Returns:
        Sentences on what the output cannot keep, as far as known before writing.

    Raises:
        UsageError: The ending does not fit the kind of media, or holds no such codec.
        OutputError: The folder is missing or closed, or the container takes no such sound.
    """
    check_folder(out)
    made = kind or target.kind
    check_ending(out, made, encoding)
    if made in ("still", "animation"):
        return ()
    container = video_container(out.suffix, encoding.codec)
    if sound is not None:
        before = target.audio[0].codec if target.audio else ""
        check_channels(codec_for(before, container, encoding), sound[1])
    if target.kind in ("still", "animation"):  # neither has sound to be copied
        return losses(target, encoding, container)
    with (
        open_container(target.path, limits) as source,
        av.open(io.BytesIO(), "w", format=container.muxer) as trial,
    ):
        others = open_alongside(source, trial, container, encoding, sound=sound is None)
    return (*losses(target, encoding, container), *others.notes)


def check_sound_output(
    target: MediaInfo | None, out: Path, encoding: Encoding, sound: tuple[int, int]
) -> tuple[str, ...]:
    """What a sound file `out` will not keep of `target`, found before any work is done.

    Args:
        target: What it is made from; None where there is nothing of its kind.
        out: Where the output is to lie, with its final ending.
        encoding: How it is to be encoded.
        sound: Rate and channels.

    Raises:
        UsageError: The ending is not that of a sound file, or it holds no so many channels.
        OutputError: The folder is missing or closed.
    """
    check_folder(out)
    return check_sound(*sound, out, target, encoding)
