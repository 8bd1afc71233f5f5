"""Pieces of a draft drawn somewhere else: what goes there, what comes back, what is checked.

::

    here:  job, pictures of the sources, who is in the target  ->  there: the method made ready
    there: a piece -> tracked, drawn, composed -> what differs from the target, and a tally
    here:  name held against ours -> target read again and shown to every gate -> difference put in
           -> looked at, labelled, marked, encoded, signed as ever

No key, no consent record, no ledger goes along, and no picture that could be played comes back. A
place names each piece by what it found there itself: its own target file, weights, version and
options. Where that is another name than ours, nothing of it is taken.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from math import isfinite
from pathlib import Path
from typing import Final

from masquerade import registry
from masquerade.errors import InputError, ProvenanceError
from masquerade.faces.readers import FaceReader
from masquerade.hashing import BlockHashes
from masquerade.media.as_it_is import as_it_is
from masquerade.media.known_file import held_to
from masquerade.media.probe import MediaInfo
from masquerade.media.read import read_frames
from masquerade.pipelines.drawn_faces import RULE
from masquerade.pipelines.executor import Executor
from masquerade.pipelines.findings import Findings
from masquerade.pipelines.frame_change import FrameChange, change_of, changed
from masquerade.pipelines.generate import (
    Elsewhere,
    Groundwork,
    Job,
    Stage,
    networks_of,
    recipe_of,
    shoot_of,
)
from masquerade.pipelines.people import Person
from masquerade.pipelines.pieces import Piece
from masquerade.pipelines.render import Shoot, render_piece
from masquerade.pipelines.rigs import Casts, measuring_key
from masquerade.pipelines.segment_key import segment_key
from masquerade.pipelines.takes import Assigned
from masquerade.pipelines.tally import PieceTally, Tally
from masquerade.types import Box, Frame, Recipe, Resources

_EDGES: Final = 4  # of a box


@dataclass(frozen=True, slots=True)
class Commission:
    """What goes out: all that decides the pictures of a draft, and nothing by which it is sealed.

    Attributes:
        folder: Where names of files are looked for.
        job: Without consent records.
        casts: The sources' pictures.
        info: What the target is.
        people: Who was seen in it.
        wanted: Whom each member of the cast replaces.
        assigned: The pieces with their takes.
        secret: Which frames are measured, of this target alone.
    """

    folder: Path
    job: Job
    casts: Casts
    info: MediaInfo
    people: tuple[Person, ...]
    wanted: Mapping[str, Person | None]
    assigned: Assigned
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class DrawnPiece:
    """What comes back.

    Attributes:
        key: Name of the segment, as the place itself found it.
        changes: How each frame differs from the target's.
        avoid: Boxes of faces, by pts.
        tally: What came of the frames, as JSON.
    """

    key: str
    changes: tuple[FrameChange, ...]
    avoid: tuple[tuple[int, tuple[Box, ...]], ...]
    tally: str


def over(executor: Executor) -> Elsewhere:
    """Draws the pieces of a draft by an executor, some ahead of what is asked for."""
    return partial(_begin, executor)


def open_commission(asked: Commission) -> partial[DrawnPiece]:
    """The method made ready where the work is done; gives what draws one piece.

    Raises:
        InputError: Files are not here under the same names.
        ModelError: Weights are not here, or are others.
        PolicyError: The target is exchanged meanwhile.
    """
    try:
        os.chdir(asked.folder)
    except OSError as error:
        raise InputError(
            f"{asked.folder} cannot be reached where the work is done ({error.strerror})",
            "storage that all machines see under the same names",
            "see docs/scale.md",
        ) from error
    reader = FaceReader.open(device=asked.job.device)
    found = Findings(asked.info, reader, asked.people, asked.wanted, (), Tally())
    ground = Groundwork(networks_of(asked.job), asked.casts, found, ())
    recipe = recipe_of(asked.job, ground)
    shoot = shoot_of(
        asked.job,
        ground,
        asked.assigned,
        [],
        target_sha256=recipe.inputs[0].sha256,
        secret=asked.secret,
    )
    with as_it_is(asked.info.path, sha256=recipe.inputs[0].sha256) as known:
        return partial(_drawn, shoot, recipe, known)


def _drawn(shoot: Shoot, recipe: Recipe, known: BlockHashes, piece: Piece) -> DrawnPiece:
    """A piece of the target as it was when the recipe named it.

    Raises:
        PolicyError: It is another file by now.
    """
    tally, avoid = Tally(), dict[int, tuple[Box, ...]]()
    with held_to({shoot.info.path: known}):
        made = render_piece(shoot, piece, tally, avoid)
        pairs = zip(_target_frames(shoot.info, piece), made, strict=True)
        changes = tuple(change_of(before, after) for before, after in pairs)
    key = segment_key(recipe, RULE, piece.index, piece.extents)
    return DrawnPiece(key, changes, tuple(avoid.items()), tally.lines_of(piece.index)())


def _begin(executor: Executor, stage: Stage, keyed: Sequence[tuple[Piece, str]]) -> _Returned:
    return _Returned(executor, stage, keyed)


class _Returned:
    """The frames of pieces drawn elsewhere; state over one draft."""

    def __init__(
        self, executor: Executor, stage: Stage, keyed: Sequence[tuple[Piece, str]]
    ) -> None:
        self._executor, self._stage, self._keyed = executor, stage, keyed
        self._coming: Iterator[tuple[tuple[Piece, str], DrawnPiece]] | None = None

    def __call__(self, piece: Piece) -> Iterator[Frame]:
        """The finished frames of one piece, as `render_piece` gives them.

        Raises:
            ProvenanceError: What came back is not this piece.
        """
        drawn = self._of(piece)
        stage = self._stage
        counts, avoid = _told_of(drawn, piece)
        stage.ground.found.tally.pieces[piece.index] = counts
        stage.avoid.clear()
        stage.avoid.update(avoid)
        frames = _target_frames(stage.shoot.info, piece)
        for frame, change in zip(frames, drawn.changes, strict=True):
            for see in stage.shoot.onlookers:
                see(frame)
            yield changed(frame, change)

    def _of(self, piece: Piece) -> DrawnPiece:
        """The piece; work on those after it has begun, on those finished earlier it has not."""
        if self._coming is None:
            left = [one for one in self._keyed if one[0].index >= piece.index]
            resources, asked = _resources(self._stage.job), _commission(self._stage)
            pieces = [one for one, _ in left]
            came = self._executor.each(open_commission, asked, pieces, resources=resources)
            self._coming = zip(left, came, strict=True)
        for (one, key), drawn in self._coming:
            if one.index == piece.index:
                return _checked(drawn, key, piece)
        raise ProvenanceError(f"piece {piece.index} did not come back", "every piece, once")


def _told_of(drawn: DrawnPiece, piece: Piece) -> tuple[PieceTally, dict[int, tuple[Box, ...]]]:
    """The account of a piece, and where its faces are.

    Raises:
        ProvenanceError: They are not what a place of ours tells.
    """
    try:
        counts = PieceTally.from_json(json.loads(drawn.tally))
        avoid = {
            int(pts): tuple(tuple(float(edge) for edge in box) for box in boxes)
            for pts, boxes in drawn.avoid
        }
    except (
        ArithmeticError,  # a number without end is no whole one
        AssertionError,
        AttributeError,
        KeyError,
        RecursionError,
        TypeError,
        ValueError,
    ):
        raise _another(piece) from None
    edges = [edge for boxes in avoid.values() for box in boxes for edge in box]
    plain = all(len(box) == _EDGES for boxes in avoid.values() for box in boxes)
    if not plain or not all(map(isfinite, edges)):
        raise _another(piece)
    return counts, avoid  # type: ignore[return-value]  # each box has four edges


def _checked(drawn: object, key: str, piece: Piece) -> DrawnPiece:
    if (
        isinstance(drawn, DrawnPiece)
        and drawn.key == key
        and isinstance(drawn.changes, tuple)
        and len(drawn.changes) == piece.frames
        and all(isinstance(one, FrameChange) for one in drawn.changes)
    ):
        return drawn
    raise _another(piece)


def _another(piece: Piece) -> ProvenanceError:
    return ProvenanceError(
        f"what came back for piece {piece.index} was made of other files, weights or options",
        "the same target, weights and version at every place",
        "bring them in step (`masquerade models verify`), or leave that machine out",
    )


def _commission(stage: Stage) -> Commission:
    job, found = stage.job, stage.ground.found
    recipe = recipe_of(job, stage.ground)
    return Commission(
        folder=Path.cwd(),
        job=replace(
            job,
            cast=tuple(replace(one, consent=None) for one in job.cast),
            consents=(None,) * len(job.consents),
        ),
        casts=stage.ground.casts,
        info=found.info,
        people=found.people,
        wanted=found.wanted,
        assigned=stage.assigned,
        secret=measuring_key(recipe.inputs[0].sha256),
    )


def _resources(job: Job) -> Resources:
    """What the dearest of a job's methods takes; a GPU where it runs on one."""
    each = [registry.get(method).resources for method in job.methods]
    gpus = max(one.gpus for one in each)
    return Resources(
        memory_mb=max(one.memory_mb for one in each),
        cpus=max(one.cpus for one in each),
        gpus=gpus if job.device == "cpu" else gpus or 1.0,
    )


def _target_frames(info: MediaInfo, piece: Piece) -> Iterator[Frame]:
    """The target's own frames of a piece, in order."""
    for span in piece.spans:
        yield from read_frames(info.path, start_pts=span.first, stop_pts=span.last + 1)
