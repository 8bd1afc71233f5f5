"""Windows: one for each frame, neighbours on each side, nothing read too early."""

import numpy as np
import pytest

from masquerade.pipelines.windows import windows
from masquerade.types import Frame


@pytest.mark.parametrize("radius", [0, 1, 3, 20])
@pytest.mark.parametrize("count", [0, 1, 2, 7])
def test_each_frame_is_the_centre_once_with_its_neighbours(radius: int, count: int) -> None:
    frames = [Frame(np.zeros((1, 1, 3), np.uint8), pts=n) for n in range(count)]
    found = list(windows(frames, {}, radius))
    assert [window.frame.pts for window in found] == list(range(count))
    for window in found:
        at = window.frame.pts
        wanted = list(range(max(0, at - radius), min(count, at + radius + 1)))
        assert [frame.pts for frame in window.frames] == wanted


@pytest.mark.parametrize("radius", [0, 2])
def test_no_frame_is_read_before_it_is_needed(radius: int) -> None:
    read = []

    def frames():
        for number in range(10):
            read.append(number)
            yield Frame(np.zeros((1, 1, 3), np.uint8), pts=number)

    next(windows(frames(), {}, radius))
    assert len(read) == radius + 1
