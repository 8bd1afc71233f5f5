"""The moments of a target that a preview shows, the shots they lie in, and what holds there."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from masquerade.errors import UsageError
from masquerade.media.probe import MediaInfo
from masquerade.models.store import Progress
from masquerade.pipelines.clock import clock
from masquerade.pipelines.first_look import SHORT_FRAMES, find_pieces
from masquerade.pipelines.generate import Groundwork, Job
from masquerade.pipelines.pieces import Piece
from masquerade.pipelines.preview.estimate import frames_of
from masquerade.pipelines.preview.moments import Which, times_of
from masquerade.pipelines.takes import (
    Assigned,
    Shot,
    Take,
    assign,
    end_pts,
    shots_of,
    take_of_still,
)


@dataclass(frozen=True, slots=True)
class Scene:
    """The moments of a target and what holds at each.

    Attributes:
        start: Pts of the first picture.
        cut: Pieces, where they are known.
        shots: Where they are known.
        takes: What holds at each moment where nothing is compared.
        more: How many moments were left out.
    """

    info: MediaInfo
    start: int
    length_s: Fraction
    cut: tuple[Piece, ...]
    shots: tuple[Shot, ...]
    times: tuple[Fraction, ...]
    takes: tuple[Take, ...]
    more: int

    def shot_at(self, time_s: Fraction) -> int:
        """Number of the shot at a time; 0 where shots are not known."""
        pts = self.start + int(time_s // self.info.time_base)
        return next((one.number for one in self.shots if pts < one.end), len(self.shots))

    def notes(self) -> list[str]:
        """What is left out, in words."""
        if not self.more:
            return []
        return [f"{self.more} more moments are left out; name those that count with --at"]

    def shared(self) -> list[str]:
        """Which moments are of one shot, for which settings hold one entry, in words."""
        by_shot: dict[int, list[str]] = {}
        for time_s in self.times:
            by_shot.setdefault(self.shot_at(time_s), []).append(clock(time_s))
        return [
            f"{', '.join(times[:-1])} and {times[-1]} are of shot {number}: the settings have one"
            " entry for it"
            for number, times in by_shot.items()
            if len(times) > 1
        ]


def scene_of(
    job: Job, ground: Groundwork, which: Which, say: Progress, *, with_shots: bool
) -> Scene:
    """The moments that are wanted, and what holds at each.

    Args:
        job: As it was asked for.
        ground: What it stands on.
        which: Moments that are wanted.
        say: Told (what, done, in all or 0).
        with_shots: Whether shots have to be known, whatever is wanted.

    Raises:
        UsageError: A time is after the end or that of a still, or settings do not fit the target.
        InputError: The file is of no use.
    """
    info = ground.found.info
    if info.kind == "still":
        if which.at:
            raise UsageError("--at is given, and the target is a still picture", "no --at")
        take = job.take
        if job.settings.entries:
            take = take_of_still(job.settings.entries, info).whole or take
        shot = Shot(1, 0, 1)
        return Scene(info, 0, Fraction(1), (), (shot,), (Fraction(0),), (take,), 0)
    cut = ground.found.cut
    short = frames_of(info) <= SHORT_FRAMES
    if not cut and (short or with_shots or which.shots or job.settings.entries):
        cut = find_pieces(info, on_damage=ground.found.tally.damage, progress=say)
    start = cut[0].first if cut else info.start_pts
    length_s = (end_pts(info, cut) - start) * info.time_base if cut else _length_s(info)
    shots = shots_of(cut, end_pts(info, cut)) if cut else ()
    times, more = times_of(which, length_s, shots, info.time_base)
    assigned = assign(job.settings.entries, cut, info) if cut else Assigned((), {})
    takes = tuple(_take_at(start + int(one // info.time_base), assigned, job) for one in times)
    return Scene(info, start, length_s, cut, shots, times, takes, more)


def _length_s(info: MediaInfo) -> Fraction:
    if info.duration_s:
        return info.duration_s
    return Fraction(frames_of(info)) / (info.frame_rate or 25)


def _take_at(pts: int, assigned: Assigned, job: Job) -> Take:
    found = (take for span, take in assigned.takes.items() if span.first <= pts <= span.last)
    return next(found, job.take)
