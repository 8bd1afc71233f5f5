"""The first look at a target: a few pictures for telling who is there, and where its shots lie.

A short video is read through once for both; a long one is looked at where seeking is cheap, and
cut later, when the work begins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from masquerade.media.glance import glances, spread
from masquerade.media.probe import MediaInfo
from masquerade.media.read import read_frames, read_thumbnails
from masquerade.models.store import Progress
from masquerade.pipelines.pieces import Piece, pieces
from masquerade.types import Frame

LOOKS: Final = 8
SHORT_FRAMES: Final = 1500
_TELL_EVERY: Final = 25


def first_look(
    info: MediaInfo,
    *,
    on_damage: Callable[[str], None],
    progress: Progress | None = None,
) -> tuple[tuple[Frame, ...], tuple[Piece, ...]]:
    """A few pictures spread over a file, and its pieces where finding them cost nothing more.

    Args:
        info: What `probe` said of the file.
        on_damage: Called with a sentence for each part that cannot be read as it should.
        progress: Told (what, done, in all or 0).

    Returns:
        Up to `LOOKS` pictures in order of time; the pieces, empty where `find_pieces` is still to
        be called: for stills, animations and long videos.

    Raises:
        MediaError: The file is of no use.
        LimitError: It is larger or longer than the limits allow.
    """
    if info.kind != "video" or not 0 < (info.frame_count or 0) <= SHORT_FRAMES:
        return tuple(glances(info, LOOKS)), ()
    kept: list[Frame] = []

    def small() -> Iterator[Frame]:
        pairs = read_thumbnails(info.path, wanted=spread(info, LOOKS)[1:], on_damage=on_damage)
        for thumbnail, full in pairs:
            if full is not None:
                kept.append(full)
            yield thumbnail

    cut = tuple(pieces(_counted(small(), info.frames_told, progress)))
    return tuple(kept), cut


def find_pieces(
    info: MediaInfo,
    *,
    on_damage: Callable[[str], None],
    progress: Progress | None = None,
) -> tuple[Piece, ...]:
    """All pieces of a video or an animation: they are but times, whatever its length.

    Raises:
        MediaError: The file is of no use.
        LimitError: It is larger or longer than the limits allow.
    """
    if info.kind == "video":
        pairs = read_thumbnails(info.path, on_damage=on_damage)
        frames = (thumbnail for thumbnail, _ in pairs)
    else:
        frames = (frame for frame in read_frames(info.path, on_damage=on_damage))
    return tuple(pieces(_counted(frames, info.frames_told, progress)))


def _counted(
    frames: Iterator[Frame], total: int | None, progress: Progress | None
) -> Iterator[Frame]:
    """The same frames; now and then it is said how many have gone by."""
    for number, frame in enumerate(frames):
        if progress and number % _TELL_EVERY == 0:
            progress("finding shots", number, total or 0)
        yield frame
