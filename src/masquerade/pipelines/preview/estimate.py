"""How long the whole of a job takes and how much memory, measured on a few frames of it.

A short and a longer stretch are made, marked and encoded as the whole would be, and thrown away.
What they take beside their frames is what every piece of the work takes at its beginning.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from typing import Final

import numpy as np

from masquerade.media.encoding import Encoding
from masquerade.media.probe import MediaInfo
from masquerade.media.read import read_frames, read_thumbnails
from masquerade.pipelines.memory import peak_mb
from masquerade.pipelines.pieces import Piece, Span
from masquerade.pipelines.render import Shoot, render_piece
from masquerade.pipelines.tally import Tally
from masquerade.provenance.consent.records import ConsentRecord
from masquerade.provenance.label import Label
from masquerade.provenance.seal import rehearse, seal
from masquerade.types import Box, Draft, DraftSegment, Frame

_FRAMES: Final = (3, 6, 30)  # of the three stretches at most; the first only wakes everything up
_SCANNED: Final = 200
_A_PIECE: Final = 225  # frames of a piece of work, where pieces are not known yet


@dataclass(frozen=True, slots=True)
class Pace:
    """What was measured.

    Attributes:
        a_frame_s: Seconds for each frame.
        a_piece_s: Seconds at the beginning of each piece of work.
        waking_s: Seconds until the first frame is through, once.
        memory_mb: The most memory that was held so far.
    """

    a_frame_s: float
    a_piece_s: float
    waking_s: float
    memory_mb: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the whole job takes.

    Attributes:
        is_counted: Whether the number of frames is known, and not told from the length.
    """

    frames: int
    seconds: float
    memory_mb: float
    is_counted: bool = True

    @property
    def words(self) -> str:
        """In a sentence, with no more figures than are known."""
        frames = "1 frame" if self.frames == 1 else f"{self.frames} frames"
        frames = frames if self.is_counted else f"about {frames}"
        return (
            f"the whole file ({frames}) will take about {_span(self.seconds)} and"
            f" {_rounded(self.memory_mb)} MB of memory, as measured here and now"
        )


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A job to be measured.

    Attributes:
        draft: Of the job, for its recipe and its uses; its own segments are not touched.
        shoot: How it is made.
        records: What it rests on.
        purpose: What it is for.
        label: How it is labelled.
        first: Pts at which the stretch begins.
    """

    draft: Draft
    shoot: Shoot
    records: tuple[ConsentRecord, ...]
    purpose: str
    label: Label
    first: int


def measure(one: Rehearsal, *, encoding: Encoding | None = None) -> Pace:
    """The pace of a job on a video, from a second or two of it.

    Raises:
        RefusedError: A gate closed.
        InputError: The file is of no use.
    """
    sealed = seal(
        _draft(one),
        consents=one.records,
        purpose=one.purpose,
        label_preset=one.label.preset,
        label_language=one.label.language,
    )
    counts, times = [], [time.monotonic()]
    for frames in rehearse(sealed, encoding=encoding or Encoding()):
        counts.append(frames)
        times.append(time.monotonic())
    took = [after - before for before, after in pairwise(times)]
    short, long = (counts[-2], took[-2]), (counts[-1], took[-1])
    a_frame_s = long[1] / long[0]
    if long[0] > short[0]:  # no beginning takes less than no time, whatever was measured
        apart = (long[1] - short[1]) / (long[0] - short[0])
        a_frame_s = float(np.clip(apart, 0.0, a_frame_s))
    a_piece_s = max(0.0, short[1] - short[0] * a_frame_s)
    return Pace(a_frame_s, a_piece_s, took[0], peak_mb())


def estimate(
    info: MediaInfo, pace: Pace, *, ready_s: float, done_s: float, cut: Sequence[Piece]
) -> Estimate:
    """What the whole of a video takes.

    Args:
        info: What `probe` said of it.
        pace: From `measure`.
        ready_s: Seconds that getting ready took: networks, sources, a first look, gates.
        done_s: Seconds that signing and reading back took.
        cut: The pieces of work, where the search for shots is among what `ready_s` holds; none
            where it is still to come.
    """
    frames = sum(piece.frames for piece in cut) or frames_of(info)
    scan_s = 0.0 if cut else frames * _scan_s(info)
    pieces = len(cut) or -(-frames // _A_PIECE)
    seconds = ready_s + pace.waking_s + scan_s + done_s
    seconds += pieces * pace.a_piece_s + frames * pace.a_frame_s
    return Estimate(frames, seconds, pace.memory_mb, bool(cut or info.frame_count))


def frames_of(info: MediaInfo) -> int:
    """How many frames a video has, as its header says or its length tells."""
    if info.frame_count:
        return info.frame_count
    return max(1, round((info.duration_s or 0) * (info.frame_rate or 25)))


def _scan_s(info: MediaInfo) -> float:
    """Seconds that the search for shots takes for each frame."""
    began = time.monotonic()
    count = sum(1 for _ in islice(read_thumbnails(info.path), _SCANNED))
    return (time.monotonic() - began) / max(count, 1)


def _draft(one: Rehearsal) -> Draft:
    avoid: dict[int, tuple[Box, ...]] = {}
    onlookers: list[Callable[[Frame], None]] = []
    shoot = replace(one.shoot, onlookers=onlookers)
    return replace(
        one.draft,
        kind="video",
        segments=_segments(shoot, one.first, avoid),
        avoid=avoid,
        onlookers=onlookers,
        cells=None,
    )


def _segments(
    shoot: Shoot, first: int, avoid: dict[int, tuple[Box, ...]]
) -> Iterator[DraftSegment]:
    tally = Tally()
    frames = read_frames(shoot.info.path, start_pts=first)
    times = [frame.pts for frame in islice(frames, max(_FRAMES))]
    for index, count in enumerate(min(wanted, len(times)) for wanted in _FRAMES):
        last = times[count - 1]
        piece = Piece(index, (Span(first, last, first, last),), count)
        made = render_piece(shoot, piece, tally, avoid)
        yield DraftSegment(index, f"rehearsal {index}", first, last, made)


def _span(seconds: float) -> str:
    """A time in the unit that a person would say it in.

    Example:
        >>> _span(8.4), _span(171), _span(4000)
        ('9 s', '3 min', '1 h 7 min')
    """
    if seconds < 100:
        return f"{max(1, -int(-seconds // 1))} s"
    minutes = max(1, round(seconds / 60))
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _rounded(megabytes: float) -> int:
    """To the next 50."""
    return 50 * -int(-megabytes // 50)
