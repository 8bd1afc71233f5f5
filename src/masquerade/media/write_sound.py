"""Sound files: encoded as it comes, with the tags and chapters of what it was made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
from av.container import OutputContainer

from masquerade.errors import MediaError, OutputError
from masquerade.media.encoding import Encoding
from masquerade.media.endings import whole_file
from masquerade.media.plain_tags import changed, plain
from masquerade.media.probe import ChapterInfo, MediaInfo
from masquerade.media.sound_containers import SoundContainer, rate_for, sound_container
from masquerade.media.sound_encoder import SoundTrack, check_channels, encoded_sound, open_encoder
from masquerade.media.still_tags import ALL_DROPPED

if TYPE_CHECKING:
    from av.container.core import Chapter

_CHAPTER_BASE = Fraction(1, 1000)
_FIRST_TITLE = "AI"  # of the stretch in which a sentence says so
_COARSE = frozenset({"mp3", "aac", "opus", "vorbis", "ac3", "eac3", "pcm_s16le", "pcm_u8"})
"""Codecs of inputs of which 16 bits hold all that can be heard."""


def write_sound(
    track: SoundTrack,
    target: MediaInfo | None,
    out: Path,
    encoding: Encoding,
    *,
    ending: str = "",
    moved_s: Fraction = Fraction(0),
) -> tuple[str, ...]:
    """Writes one sound file; gives back notes.

    The first sample of the track is the first that a player gives, whatever the codec puts before.

    Args:
        track: What is written; its `start_s` is 0.
        target: The input whose safe tags and chapters are kept; None where there is none.
        out: Where to write; it does not exist after a failure.
        encoding: Bit rate, and whether tags are kept.
        ending: Chooses the container where the name of `out` is a temporary one.
        moved_s: By how much the input's sound comes later, for its chapters.

    Returns:
        Sentences on what the output could not keep.

    Raises:
        UsageError: The ending is unknown, or holds no so many channels.
        MediaError: There is no sound at all.
        OutputError: No space or permission, or the file gets too large for its kind.
    """
    container = sound_container(ending or out.suffix)
    keeps = target is not None and encoding.tags == "keep"
    chapters = target.chapters if target is not None and keeps else ()
    with whole_file(out), _opened(out, container, track) as result:
        stream = open_encoder(
            result, container.codec, track, kbps=encoding.audio_kbps, bits=_bits(target)
        )
        if target is not None and keeps:
            named = stream if container.muxer == "ogg" else result  # where Ogg keeps its tags
            named.metadata.update({key: plain(value) for key, value in target.metadata})
        if container.chapters and chapters:
            result.set_chapters(_chapters(chapters, moved_s))
        size = 0
        for packet in encoded_sound(track, stream):
            size += packet.size
            _check_size(size, out, container)
            result.mux_one(packet)
        if not size:
            raise MediaError("there is no sound to write", "at least one sample")
    return (*sound_losses(track.sr, target, container, encoding),)


def check_sound(
    sr: int, channels: int, out: Path, target: MediaInfo | None, encoding: Encoding
) -> tuple[str, ...]:
    """What `out` will not keep, found before any work is done.

    Raises:
        UsageError: The ending is unknown, or holds no so many channels.
    """
    container = sound_container(out.suffix)
    check_channels(container.codec, channels)
    return sound_losses(sr, target, container, encoding)


def sound_losses(
    sr: int, target: MediaInfo | None, container: SoundContainer, encoding: Encoding
) -> tuple[str, ...]:
    """What sound of that rate, and what stands beside it in the input, loses in a container."""
    notes = []
    rate = rate_for(container.codec, sr)
    if rate != sr:
        notes.append(f"{container.name} holds no sound of {sr} Hz: it is written with {rate} Hz")
    if target is None:
        return tuple(notes)
    if encoding.tags == "drop":
        notes.append(ALL_DROPPED)
    else:
        notes += changed(target.metadata)
        if target.chapters and not container.chapters:
            notes.append(f"{container.name} names no chapters: {len(target.chapters)} are left out")
        else:
            notes += changed(("titles of chapters", one.title) for one in target.chapters)
    if len(target.audio) > 1:
        notes.append(f"the first of {len(target.audio)} sound streams was used")
    if target.kind == "video":
        notes.append("the pictures are left out: a sound file was asked for")
    return tuple(notes)


def _opened(out: Path, container: SoundContainer, track: SoundTrack) -> OutputContainer:
    options = {"fflags": "+bitexact"}
    if container.muxer == "ipod":  # times as exact as the samples, and the index before them
        options["movflags"] = "+faststart"
        options["movie_timescale"] = str(rate_for(container.codec, track.sr))
    return av.open(f"file:{out.absolute()}", "w", format=container.muxer, options=options)


def _bits(target: MediaInfo | None) -> int:
    """Bits of a sample that are worth keeping, by what the sound was made from."""
    return 16 if target is None or target.audio[0].codec in _COARSE else 24


def _check_size(size: int, out: Path, container: SoundContainer) -> None:
    if container.most_bytes and size > container.most_bytes:
        raise OutputError(
            f"{out.name} gets larger than {container.name} can hold",
            f"at most {container.most_bytes >> 30} GiB",
            "choose the ending .flac, or one with a bit rate",
        )


def _chapters(chapters: Sequence[ChapterInfo], moved_s: Fraction) -> list[Chapter]:
    moved = [replace(one, start_s=one.start_s + moved_s, end_s=one.end_s + moved_s)
             for one in chapters]  # fmt: skip
    if moved[0].start_s > 0:  # M4A lets the first chapter with a title begin at 0
        moved.insert(0, ChapterInfo(Fraction(0), moved[0].start_s, _FIRST_TITLE))
    return [
        {
            "id": number,
            "start": round(one.start_s / _CHAPTER_BASE),
            "end": round(one.end_s / _CHAPTER_BASE),
            "time_base": _CHAPTER_BASE,
            "metadata": {"title": plain(one.title)} if plain(one.title) else {},
        }
        for number, one in enumerate(moved)
    ]
