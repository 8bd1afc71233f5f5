"""A clip made to last longer than it does: its last frame held, or played back and forth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import cycle
from typing import Final, Literal, TypeAlias

from masquerade.faces.following.track import track
from masquerade.media.ahead import ahead
from masquerade.media.probe import MediaInfo
from masquerade.media.read import read_frames, read_thumbnails
from masquerade.pipelines.pieces import Span
from masquerade.pipelines.render import Roles, Shoot, choose, render_span
from masquerade.pipelines.tally import PieceTally, Tally
from masquerade.types import Box, Face, Frame

Longer: TypeAlias = Literal["stop", "hold", "loop"]

_CHUNK: Final = 48  # frames that are held in memory at once
_CONTEXT: Final = 8  # frames on both sides that are tracked along
_FIRST_ID: Final = 10_000_000  # of tracks, apart from those of the clip itself
_IDS: Final = 1000


@dataclass(frozen=True, slots=True)
class Stretch:
    """Frames that come after a clip's end.

    Attributes:
        index: Its place among the segments.
        shown: (pts it is shown at, pts of the clip's frame), in order of time.
        before: Pts of the first frame of the clip to read, for context, and
        after: of the last.
        duration: Of each frame, in units of the clip's time base.
    """

    index: int
    shown: tuple[tuple[int, int], ...]
    before: int
    after: int
    duration: int


def stretches(info: MediaInfo, stop_pts: int, how: Longer, first_index: int) -> list[Stretch]:
    """What is shown after a clip's end, until a time.

    Args:
        info: Of the clip.
        stop_pts: First pts at which nothing needs to be shown.
        how: ``hold`` its last frame, or play it back and forth (``loop``); ``stop``: nothing.
        first_index: Number of the first stretch.
    """
    if how == "stop":
        return []
    clip = [frame.pts for frame, _ in read_thumbnails(info.path)]
    step = max(1, round((clip[-1] - clip[0]) / max(len(clip) - 1, 1)))
    count = -(-(stop_pts - clip[-1] - step) // step)
    if count <= 0:
        return []
    there = list(range(len(clip)))
    way = (
        cycle([*there[-2::-1], *there[1:]])
        if how == "loop" and len(clip) > 1
        else cycle(there[-1:])
    )
    shown = [(clip[-1] + (k + 1) * step, next(way)) for k in range(count)]
    return [
        _stretch(first_index + number, part, clip, step)
        for number, part in enumerate(_chunks(shown))
    ]


def _chunks(shown: Sequence[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Runs in one direction, none too long to be held in memory."""
    run: list[tuple[int, int]] = []
    for one in shown:
        turns = len(run) > 1 and (one[1] - run[-1][1]) * (run[-1][1] - run[-2][1]) < 0
        if len(run) >= _CHUNK or turns:
            yield run
            run = []
        run.append(one)
    if run:
        yield run


def _stretch(
    index: int, part: Sequence[tuple[int, int]], clip: Sequence[int], step: int
) -> Stretch:
    low = max(0, min(place for _, place in part) - _CONTEXT)
    high = min(len(clip) - 1, max(place for _, place in part) + _CONTEXT)
    shown = tuple((pts, clip[place]) for pts, place in part)
    return Stretch(index, shown, clip[low], clip[high], step)


def render_stretch(
    shoot: Shoot, stretch: Stretch, tally: Tally, avoid: dict[int, tuple[Box, ...]]
) -> Iterator[Frame]:
    """The finished frames of a stretch, in order, with their own times."""
    counts = tally.pieces[stretch.index] = PieceTally()
    avoid.clear()
    wanted = {pts for _, pts in stretch.shown}
    kept: dict[int, Frame] = {}

    def reading() -> Iterator[Frame]:
        for frame in read_frames(
            shoot.info.path, start_pts=stretch.before, stop_pts=stretch.after + 1
        ):
            if frame.pts in wanted:
                kept[frame.pts] = frame
            yield frame

    with closing(ahead(reading(), 3)) as decoded:
        tracks = track(decoded, shoot.reader, first_id=_FIRST_ID + stretch.index * _IDS)
    seen = choose(tracks, shoot)
    chosen: dict[int, tuple[Face, ...]] = {}
    frames = []
    for pts, source in stretch.shown:
        if source not in kept:
            continue
        frames.append(replace(kept[source], pts=pts, duration=stretch.duration))
        chosen[pts] = seen.chosen.get(source, ())
        avoid[pts] = tuple(one.faces[source].box for one in tracks if source in one.faces)
    rig = shoot.rig
    assert rig is not None  # a job without one has nothing to lengthen
    span = Span(frames[0].pts, frames[-1].pts, frames[0].pts, frames[-1].pts)
    yield from render_span(_shown(frames, shoot), Roles(chosen, {}), rig, counts, span)


def _shown(frames: Sequence[Frame], shoot: Shoot) -> Iterator[Frame]:
    """The same frames, each shown to the onlookers first: they are pictures of the target."""
    for frame in frames:
        for see in shoot.onlookers:
            see(frame)
        yield frame
