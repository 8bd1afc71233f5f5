"""A stream of frames as overlapping windows, for methods that look at neighbours."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping

from masquerade.types import Face, Frame, Window


def windows(
    frames: Iterable[Frame], chosen: Mapping[int, tuple[Face, ...]], radius: int
) -> Iterator[Window]:
    """A window for each frame, with up to `radius` neighbours on each side."""
    held: deque[Frame] = deque()
    centre = 0
    for frame in frames:
        held.append(frame)
        if len(held) > centre + radius:
            yield _window(held, centre, chosen)
            centre += 1
            if centre > radius:
                held.popleft()
                centre -= 1
    while centre < len(held):
        yield _window(held, centre, chosen)
        centre += 1
        if centre > radius:
            held.popleft()
            centre -= 1


def _window(held: deque[Frame], centre: int, chosen: Mapping[int, tuple[Face, ...]]) -> Window:
    frames = tuple(held)
    return Window(frames, tuple(chosen.get(frame.pts, ()) for frame in frames), centre)
