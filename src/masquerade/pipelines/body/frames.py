"""One piece of a target in which whole people are replaced, rendered frame by frame."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TypeAlias

from masquerade.media.probe import MediaInfo
from masquerade.media.read import read_frames
from masquerade.pipelines.body.expression import Expressions
from masquerade.pipelines.memory import give_back
from masquerade.pipelines.pieces import Piece, Span
from masquerade.pipelines.render import Rig, Roles, render_span
from masquerade.pipelines.tally import PieceTally, Tally
from masquerade.types import Box, Frame

Heads: TypeAlias = Callable[[int], tuple[Box, ...]]
"""Where heads are in the frame of a pts."""


def render_whole(
    info: MediaInfo,
    piece: Piece,
    rig: Rig,
    tally: Tally,
    onlookers: Sequence[Callable[[Frame], None]],
    heads: Heads,
    avoid: dict[int, tuple[Box, ...]],
    face: Expressions | None = None,
) -> Iterator[Frame]:
    """The finished frames of one piece, in order, with their own times.

    Args:
        info: Of the target.
        piece: Of it.
        rig: How frames are made, as a whole.
        tally: Takes up what came of them.
        onlookers: Shown every picture of the target before what is made of it is given.
        heads: Where heads are.
        avoid: Takes up what a label must not cover.
        face: Draws faces anew; None: they stay as they are drawn.
    """
    give_back()
    counts = tally.pieces[piece.index] = PieceTally()
    avoid.clear()
    for span in piece.spans:
        frames = read_frames(info.path, start_pts=span.before, stop_pts=span.after + 1)
        seen = _shown(frames, onlookers, span, heads, avoid)
        draw = partial(render_span, roles=Roles({}, {}), rig=rig, counts=counts, span=span)
        yield from face.over(seen, draw, span) if face else draw(seen)


def _shown(
    frames: Iterable[Frame],
    onlookers: Sequence[Callable[[Frame], None]],
    span: Span,
    heads: Heads,
    avoid: dict[int, tuple[Box, ...]],
) -> Iterator[Frame]:
    """The same frames; the span's own are shown to the onlookers first, each once."""
    for frame in frames:
        if span.first <= frame.pts <= span.last:
            avoid[frame.pts] = heads(frame.pts)
            for see in onlookers:
                see(frame)
        yield frame
