"""How each stretch of a target is made: the usual way, and where settings by shot say otherwise."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

from masquerade.compose.blend import ComposeOptions
from masquerade.errors import UsageError
from masquerade.faces.occlusion.corrections import Correction
from masquerade.media.probe import MediaInfo
from masquerade.options import Options
from masquerade.pipelines.areas import check_areas
from masquerade.pipelines.clock import clock
from masquerade.pipelines.pieces import OVERLAP, Piece, Span


@dataclass(frozen=True, slots=True)
class Take:
    """One way to make a stretch of a target.

    Attributes:
        method: Name in the registry.
        options: That method's own Options.
        blending: How its patches are put into frames.
        skip: The stretch stays as it is.
        corrections: What people said lies in front of the face, or is the face; times count from
            the target's first picture.
    """

    method: str
    options: Options
    blending: ComposeOptions
    skip: bool = False
    corrections: tuple[Correction, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """Equal for takes that need the same generator."""
        return self.method, self.options.canonical_json()

    def as_json(self) -> dict[str, Any]:
        """Plain values for a recipe."""
        if self.skip:
            return {"skip": True}
        return {
            "method": self.method,
            "options": self.options.as_recorded(),
            "compose": json.loads(self.blending.canonical_json()),
            "corrections": [
                [one.keep, one.unit, one.area, str(one.from_s), str(one.until_s)]
                for one in self.corrections
            ],
        }


@dataclass(frozen=True, slots=True)
class Where:
    """The part of a target that an entry of a settings file is for.

    Attributes:
        words: Place of the entry in its file, for messages.
        numbers: Shots, counted from 1; none where it is said by times.
        from_s: Time from which it holds, counted from the first picture.
        until_s: Time up to which, itself not included; None: to the end.
    """

    words: str
    numbers: tuple[int, ...] = ()
    from_s: Fraction = Fraction(0)
    until_s: Fraction | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain values for a recipe."""
        if self.numbers:
            return {"shots": list(self.numbers)}
        until = None if self.until_s is None else str(self.until_s)
        return {"from_s": str(self.from_s), "until_s": until}


@dataclass(frozen=True, slots=True)
class ShotTake:
    """A take and where it holds."""

    where: Where
    take: Take


@dataclass(frozen=True, slots=True)
class Shot:
    """One shot of a target; `end` is where the next one begins, in pts."""

    number: int
    first: int
    end: int


def shots_of(pieces: Sequence[Piece], end: int) -> tuple[Shot, ...]:
    """All shots of a target, whatever pieces they were cut into.

    Args:
        pieces: Of the whole target, in order.
        end: Pts at which its last picture is over.
    """
    spans = [span for piece in pieces for span in piece.spans]
    begins = [span.first for span in spans if span.before == span.first]
    edges = pairwise([*begins, end])
    return tuple(Shot(number, first, until) for number, (first, until) in enumerate(edges, 1))


def end_pts(info: MediaInfo, pieces: Sequence[Piece]) -> int:
    """Pts at which the last picture is over, as far as the usual step tells."""
    return pieces[-1].last + _step(pieces[-1], info)


@dataclass(frozen=True, slots=True)
class Assigned:
    """A target's pieces, cut where takes change, and the take of each span that has its own.

    Attributes:
        whole: The take of a target that has no pieces; None where it has no take of its own.
    """

    pieces: tuple[Piece, ...]
    takes: Mapping[Span, Take]
    whole: Take | None = None


def take_of_still(entries: Sequence[ShotTake], info: MediaInfo) -> Assigned:
    """The take that entries give to a still, which is one shot.

    Args:
        entries: From a settings file.
        info: What `probe` said of the still.

    Raises:
        UsageError: There are several, or one names another shot, or times, or an area outside the
            picture.
    """
    for entry in entries:
        if entry.where.numbers != (1,) or entry is not entries[0]:
            raise UsageError(
                f"{entry.where.words}: the target is a still picture",
                "one [[shot]] with number = 1",
            )
    whole = entries[0].take
    check_areas(entries[0].where.words, whole.corrections, info, Fraction(0))
    return Assigned((), {}, whole)


def assign(entries: Sequence[ShotTake], pieces: Sequence[Piece], info: MediaInfo) -> Assigned:
    """The pieces of a target with the takes that entries give to shots and stretches of time.

    Args:
        entries: From a settings file.
        pieces: Of the whole target.
        info: What `probe` said of it.

    Raises:
        UsageError: An entry names a shot, a time or a place that there is not, or two are for the
            same time.
    """
    if not entries:
        return Assigned(tuple(pieces), {})
    length_s = (end_pts(info, pieces) - pieces[0].first) * info.time_base
    for entry in entries:
        check_areas(entry.where.words, entry.take.corrections, info, length_s)
    stretches = sorted(_stretches(entries, pieces, info), key=lambda one: one.first)
    for one, other in pairwise(stretches):
        if other.first < one.end:
            raise UsageError(
                f"{other.entry.where.words} and {one.entry.where.words} are both for"
                f" {_told(other.first, pieces, info)}",
                "one entry for each moment",
                "take one of them out, or change its times",
            )
    edges = sorted({edge for one in stretches for edge in (one.first, one.end)})
    cut = tuple(_cut(piece, edges, info) for piece in pieces)
    begins = [one.first for one in stretches]
    takes: dict[Span, Take] = {}
    for span in (span for piece in cut for span in piece.spans):
        at = bisect_right(begins, span.first) - 1
        if at >= 0 and span.first < stretches[at].end:
            takes[span] = _shifted(stretches[at].entry.take, pieces[0].first * info.time_base)
    return Assigned(cut, takes)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Pts from `first` up to `end`, itself not included."""

    first: int
    end: int
    entry: ShotTake


def _stretches(
    entries: Sequence[ShotTake], pieces: Sequence[Piece], info: MediaInfo
) -> Iterator[_Stretch]:
    start, end = pieces[0].first, end_pts(info, pieces)
    shots = shots_of(pieces, end)
    for entry in entries:
        where = entry.where
        for number in where.numbers:
            if number > len(shots):
                raise UsageError(
                    f"{where.words}: there is no shot {number}",
                    f"1 to {len(shots)}" if len(shots) > 1 else "1, the only shot",
                )
            shot = shots[number - 1]
            yield _Stretch(shot.first, shot.end, entry)
        if not where.numbers:
            _check_times(where, (end - start) * info.time_base)
            until = end if where.until_s is None else start + _ticks(where.until_s, info)
            yield _Stretch(start + _ticks(where.from_s, info), until, entry)


def _check_times(where: Where, length_s: Fraction) -> None:
    for said in (where.from_s, where.until_s):
        if said is not None and (said > length_s or (said == length_s and said == where.from_s)):
            raise UsageError(
                f"{where.words}: {clock(said)} is after the end",
                f"times from 0:00 to {clock(length_s)}, counted from the first picture",
            )


def _ticks(time_s: Fraction, info: MediaInfo) -> int:
    """The first pts at or after a time, counted from the first picture."""
    return -int(-time_s // info.time_base)


def _told(pts: int, pieces: Sequence[Piece], info: MediaInfo) -> str:
    return clock((pts - pieces[0].first) * info.time_base)


def _cut(piece: Piece, edges: Sequence[int], info: MediaInfo) -> Piece:
    spans: list[Span] = []
    context = OVERLAP * _step(piece, info)
    for span in piece.spans:
        for edge in edges:
            if span.first < edge <= span.last:
                after = min(span.after, edge - 1 + context)
                spans.append(replace(span, last=edge - 1, after=after))
                span = replace(span, first=edge, before=max(span.before, edge - context))
        spans.append(span)
    return replace(piece, spans=tuple(spans))


def _step(piece: Piece, info: MediaInfo) -> int:
    """Ticks from one picture to the next, on the mean."""
    if piece.frames > 1:
        return max(1, round((piece.last - piece.first) / (piece.frames - 1)))
    return max(1, round(1 / ((info.frame_rate or 25) * info.time_base)))


def _shifted(take: Take, start_s: Fraction) -> Take:
    """The take with its corrections' times on the clock of the file."""
    moved = tuple(
        replace(
            one,
            from_s=one.from_s + start_s,
            until_s=None if one.until_s is None else one.until_s + start_s,
        )
        for one in take.corrections
    )
    return replace(take, corrections=moved)
