"""A video cut into pieces of work: whole shots where they are short, parts of long ones.

Each piece can be worked alone, in any order and on any machine, and gives the same result every
time: it says which neighbouring frames to read so that smoothing does not show where a long shot
was cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain

from masquerade.media.shots import cuts
from masquerade.types import Frame

MAX_FRAMES = 300
OVERLAP = 12
ENOUGH = 60  # frames of a shot, from which a face is known well: how far its eyes are usually open
LEAST_SHOT = 5  # frames; what comes sooner after a cut is a hand, a flash or a glitch, and no cut


@dataclass(frozen=True, slots=True)
class Span:
    """Consecutive frames of one shot, by presentation time, first to last, both included.

    `before` and `after` are the pts of the first and last frame to read for context; they differ
    from `first` and `last` only where a long shot was cut.
    """

    first: int
    last: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Piece:
    """One unit of work: what is encoded as one segment."""

    index: int
    spans: tuple[Span, ...]
    frames: int

    @property
    def first(self) -> int:
        """Pts of the first frame."""
        return self.spans[0].first

    @property
    def last(self) -> int:
        """Pts of the last frame."""
        return self.spans[-1].last

    @property
    def extents(self) -> tuple[tuple[int, int], ...]:
        """Pts of the first and the last frame of each span."""
        return tuple((one.first, one.last) for one in self.spans)


@dataclass(frozen=True, slots=True)
class _Block:
    """pts of the frames of a piece, by shot; `continues` when its first shot began in the last."""

    shots: list[list[int]]
    continues: bool


def pieces(frames: Iterable[Frame]) -> Iterator[Piece]:
    """The pieces of a stream of frames, each as soon as the next is known.

    A piece ends at the first cut after half of `MAX_FRAMES`, at the latest after `MAX_FRAMES`.
    Only times are kept, so memory does not grow with a frame's size.
    """
    last: _Block | None = None
    this: _Block | None = None
    index = 0
    for following in chain(_blocks(frames), [None]):
        if this:
            yield _piece(index, last, this, following)
            index += 1
        last, this = this, following


def _blocks(frames: Iterable[Frame]) -> Iterator[_Block]:
    shots: list[list[int]] = []
    count, continues = 0, False
    for frame, begins in cuts(frames):
        is_cut = begins and (not shots or len(shots[-1]) >= LEAST_SHOT)
        if count >= MAX_FRAMES or (is_cut and count >= MAX_FRAMES // 2):
            yield _Block(shots, continues)
            shots, count, continues = [], 0, not is_cut
        if is_cut or not shots:
            shots.append([])
        shots[-1].append(frame.pts)
        count += 1
    if shots:
        yield _Block(shots, continues)


def _piece(index: int, last: _Block | None, this: _Block, following: _Block | None) -> Piece:
    spans = [Span(shot[0], shot[-1], shot[0], shot[-1]) for shot in this.shots]
    if last and this.continues:
        spans[0] = replace(spans[0], before=last.shots[-1][-_context(this.shots[0]) :][0])
    if following and following.continues:
        spans[-1] = replace(spans[-1], after=following.shots[0][: _context(this.shots[-1])][-1])
    return Piece(index, tuple(spans), sum(map(len, this.shots)))


def _context(shot: list[int]) -> int:
    """How many neighbouring frames to read: more for the short end of a long shot."""
    return max(OVERLAP, ENOUGH - len(shot))
