"""Looks at the pictures of a job as they go by: the target's when it is read, the output's last.

Not every picture is looked at, but the first of every stream, each that has changed much, and
others at moments drawn with the installation's secret, at most two seconds apart: the same job
looks at the same pictures every time, and nobody can foresee which. What is seen is held against
unsafe content and the block lists; and one picture a second leaves its fingerprint.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import PolicyError
from masquerade.media.colour import coarse_from_planes
from masquerade.media.opacity import looks_of
from masquerade.provenance.fingerprint import EachSecond, Print
from masquerade.provenance.gates import blocked, unsafe_content
from masquerade.provenance.gates.gate import Request
from masquerade.provenance.gates.rules import rule
from masquerade.provenance.gates.takedown import BlockList
from masquerade.provenance.keys import rest_key
from masquerade.types import RGB, DraftSegment, Frame

Draw = Callable[[int], float]
"""How much of the longest wait the n-th wait is, in (0, 1]."""

_GRID: Final = (18, 32)
_SHORTEST_WAIT_S: Final = 0.5
_SPREAD_S: Final = 1.0  # a damaged file may give its first or last pictures late, or not at all
_LIKE: Final = 12.0  # steps of 255 by which stored planes and their RGB differ at most, on the mean


class Watch:
    """The looks of one job.

    Args:
        request: What the gates were asked; the target's pictures are to be shown to its draft's
            onlookers before what is made of them is written.

    Raises:
        PolicyError: The block list or the rules cannot be relied on.
        ProvenanceError: The ledger is broken.
    """

    def __init__(self, request: Request) -> None:
        self._draft, self._home = request.draft, request.home
        self._listed = BlockList.read(self._home)
        self._still = self._draft.kind == "still" and self._draft.cells is None
        self._target = Stream("the target", self._listed, self._draw("target"), still=self._still)
        self._shown_until: int | None = None
        self._draft.onlookers.append(self._see_target)

    @property
    def notices(self) -> tuple[str, ...]:
        """Ids of the notices that this job's pictures are held against."""
        return tuple(sorted({*self._listed.face_ids, *self._listed.picture_ids}))

    def outputs(self, segment: DraftSegment, prints: list[Print]) -> Iterator[Frame]:
        """A segment's frames, each looked at where its turn is, before anything is drawn on it.

        Args:
            segment: Of the draft.
            prints: Takes up their fingerprints, one for each second.

        Raises:
            PolicyError: One of them is refused, is not what would be written, has another time
                than its segment says, or the picture it was made of was not shown.
        """
        draw = self._draw(f"output {segment.key}")
        stream = Stream("the output", self._listed, draw, still=self._still)
        first = frame = None
        for frame in segment.frames:
            first = first or frame
            self._check_shown(frame, segment)
            _check_is_written(frame, segment)
            stream.see(frame)
            self._look_at_cells(frame, stream)
            yield frame
        if first is not None and frame is not None:
            _check_times(first, frame, segment)
        prints.extend(stream.prints)

    def _look_at_cells(self, frame: Frame, stream: Stream) -> None:
        """Passes when each picture of a sheet may be written; in the whole sheet they are small.

        Raises:
            PolicyError: One may not, or there is none.
        """
        cells = self._draft.cells
        if cells is None:
            return
        if not cells:
            raise PolicyError("a sheet of no pictures", "where each picture of a sheet lies")
        height, width = frame.pixels.shape[:2]
        for number, (x0, y0, x1, y1) in enumerate(cells, 1):
            if not (0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height):
                raise PolicyError(f"picture {number} lies outside the sheet", "a place within it")
            stream.look(frame.pixels[y0:y1, x0:x1], f"picture {number} of the sheet")

    def check_again(self, prints: Sequence[Print]) -> None:
        """Passes when nothing of these pictures has been blocked meanwhile, and no face at all.

        Raises:
            PolicyError: It has; or nobody can tell, since faces are not kept as pictures are.
            ProvenanceError: The ledger is broken.
        """
        listed = BlockList.read(self._home)
        blocked.refuse_prints(prints, listed, "the output")
        came = sorted({*listed.face_ids} - {*self._listed.face_ids})
        if came:
            raise PolicyError(
                f"notice {came[0]} blocks a face, and came in while the work went on",
                "pictures that were looked at for every face of the block list",
                "give the command again: every picture is made, and looked at, anew",
            )

    def _check_shown(self, frame: Frame, segment: DraftSegment) -> None:
        seen = self._shown_until is not None and self._shown_until >= frame.pts
        targets = any(item.role == "target" for item in self._draft.recipe.inputs)
        if self._draft.shows_target and targets and not seen:
            raise PolicyError(
                f"segment {segment.index} was made of pictures that no gate has seen",
                "every picture of the target, shown to the draft's onlookers",
            )

    def _see_target(self, frame: Frame) -> None:
        self._target.see(frame)
        self._shown_until = max(frame.pts, self._shown_until or frame.pts)

    def _draw(self, what: str) -> Draw:
        """Numbers that only this installation can foresee, the same for the same inputs."""
        key = rest_key(self._home, "when to look")
        inputs = " ".join(item.sha256 for item in self._draft.recipe.inputs)

        def draw(number: int) -> float:
            text = f"{what} {number} {inputs}".encode()
            return (hmac.digest(key, text, "sha256")[0] + 1) / 256

        return draw


class Stream:
    """Looks at one stream of pictures; state over it.

    Args:
        what: What the pictures are of, for messages.
        listed: The block list.
        draw: How long the waits between looks are.
        still: Whether it is one picture, of which no message says when it is seen.

    Attributes:
        looks: Times at which it looked, in seconds.
    """

    def __init__(self, what: str, listed: BlockList, draw: Draw, *, still: bool = False) -> None:
        numbers = rule(unsafe_content.NAME).numbers
        self._what, self._listed, self._draw, self._still = what, listed, draw, still
        self._apart_s, self._changed = numbers["apart_s"], numbers["changed"]
        self._seconds = EachSecond()
        self._before: NDArray[np.int16] | None = None
        self._looked: NDArray[np.int16] | None = None
        self._due_s = 0.0
        self._shot = 0
        self.looks: list[float] = []

    @property
    def prints(self) -> list[Print]:
        """Fingerprints so far, one for each second."""
        return self._seconds.prints

    def see(self, frame: Frame) -> None:
        """Takes note of the next picture, and looks at it where its turn is.

        Raises:
            PolicyError: It is refused; the message says when and by which rule.
        """
        time_s = float(frame.time_s)
        coarse = _coarse(frame.pixels)
        if self._is_due(coarse, time_s):
            for pixels in looks_of(frame):
                self.look(pixels, self._where(time_s, f" (shot {self._shot})"))
            # From half of the longest wait to all of it.
            wait = (1 + self._draw(len(self.looks))) / 2 * self._apart_s
            self._looked, self._due_s = coarse, time_s + wait
            self.looks.append(time_s)
        self._before = coarse
        taken = self._seconds.see(frame)
        if taken is not None:
            blocked.refuse_prints([taken], self._listed, self._where(time_s))

    def _where(self, time_s: float, shot: str = "") -> str:
        return self._what if self._still else f"{self._what} at {_clock(time_s)}{shot}"

    def look(self, pixels: RGB, where: str) -> None:
        """Passes when a picture may be written.

        Args:
            pixels: (H, W, 3) uint8.
            where: What it is of, for messages.

        Raises:
            PolicyError: It is refused.
        """
        unsafe_content.refuse_unsafe(unsafe_content.score(pixels), where)
        blocked.refuse_seen(pixels, self._listed, where)

    def _is_due(self, coarse: NDArray[np.int16], time_s: float) -> bool:
        if self._looked is None or self._before is None:
            self._shot = 1
            return True
        moved = _far(coarse, self._looked) > self._changed
        waited = time_s - self.looks[-1] >= _SHORTEST_WAIT_S
        if _far(coarse, self._before) > self._changed:
            self._shot += 1
            waited = True
        # Time that runs backwards, as in a damaged file, is no reason to look away.
        return time_s >= self._due_s or (moved and waited) or time_s < self.looks[-1]


def _check_is_written(frame: Frame, segment: DraftSegment) -> None:
    """Passes when the stored planes, which the encoder takes, show what the gates look at."""
    if frame.planes is None:
        return
    same_size = frame.planes.arrays[0].shape == frame.pixels.shape[:2]
    if same_size:
        rows, columns = _places(frame.pixels)
        stored = coarse_from_planes(frame.planes, rows, columns).astype(np.int16)
        if _far(stored, _coarse(frame.pixels)) <= _LIKE:
            return
    raise PolicyError(
        f"a picture of segment {segment.index} would be written as another than the gates see",
        "stored planes and RGB of the same picture",
    )


def _check_times(first: Frame, last: Frame, segment: DraftSegment) -> None:
    """Passes when a segment lies where it says: where the label begins and ends goes by that."""
    late_s = float((first.pts - segment.first_pts) * first.time_base)
    early_s = float((segment.last_pts - last.pts) * last.time_base)
    if not max(abs(late_s), abs(early_s)) <= _SPREAD_S:
        raise PolicyError(
            f"segment {segment.index} has pictures from {first.pts} to {last.pts}, and says from"
            f" {segment.first_pts} to {segment.last_pts}",
            "the times of its pictures",
        )


def _places(pixels: RGB) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of single pixels spread over the picture."""
    height, width = pixels.shape[:2]
    rows = (np.arange(_GRID[0]) * 2 + 1) * height // (2 * _GRID[0])
    columns = (np.arange(_GRID[1]) * 2 + 1) * width // (2 * _GRID[1])
    return rows, columns


def _coarse(pixels: RGB) -> NDArray[np.int16]:
    """(18, 32, 3) int16: single pixels spread over the picture, enough to see that it changed."""
    return pixels[np.ix_(*_places(pixels))].astype(np.int16)


def _far(one: NDArray[np.int16], other: NDArray[np.int16]) -> float:
    """The mean difference of two coarse pictures, in steps of 255."""
    return float(np.abs(one - other).mean())


def _clock(time_s: float) -> str:
    minutes, seconds = divmod(time_s, 60)
    return f"{int(minutes)}:{seconds:05.2f}"
