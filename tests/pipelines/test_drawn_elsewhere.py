"""What comes back from elsewhere is taken only where it is the piece that was asked for."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from masquerade.errors import InputError, PolicyError, ProvenanceError
from masquerade.hashing import block_hashes
from masquerade.media.known_file import KnownFile, expected_of
from masquerade.pipelines import drawn_elsewhere
from masquerade.pipelines.drawn_elsewhere import DrawnPiece, open_commission, over
from masquerade.pipelines.frame_change import change_of
from masquerade.pipelines.pieces import Piece, Span
from masquerade.pipelines.tally import PieceTally, Tally
from masquerade.types import Frame, Resources

BOX = (1.0, 2.0, 3.0, 4.0)


@dataclass
class Told:
    """An executor that gives what it was told, and remembers what it was asked for."""

    by_index: dict[int, object]
    asked: list[int] = field(default_factory=list)

    def each(self, opener: Any, asked: object, ones: Any, *, resources: Resources) -> Any:
        self.asked += [one.index for one in ones]
        return (self.by_index[one.index] for one in ones)


def _piece(index: int) -> Piece:
    return Piece(index, (Span(2 * index, 2 * index + 1, 2 * index, 2 * index + 1),), 2)


def _frame(pts: int) -> Frame:
    pixels = np.full((8, 8, 3), pts, np.uint8)
    return Frame(pixels, pts, Fraction(1, 25), 1)


def _drawn(index: int) -> DrawnPiece:
    frames = [_frame(2 * index), _frame(2 * index + 1)]
    changes = tuple(change_of(one, replace(one, pixels=255 - one.pixels)) for one in frames)
    tally = json.dumps(PieceTally(2, 2).as_json())
    return DrawnPiece(f"key {index}", changes, ((2 * index, (BOX,)),), tally)


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A draft of three pieces of two frames; what is written would be what `drawn` gives."""
    monkeypatch.setattr(drawn_elsewhere, "_commission", lambda stage: None)
    monkeypatch.setattr(drawn_elsewhere, "_resources", lambda job: Resources())
    monkeypatch.setattr(
        drawn_elsewhere,
        "_target_frames",
        lambda info, piece: (_frame(pts) for pts in (piece.first, piece.last)),
    )
    seen: list[int] = []
    shoot = SimpleNamespace(info=None, onlookers=[lambda frame: seen.append(frame.pts)])
    ground = SimpleNamespace(found=SimpleNamespace(tally=Tally()))
    stage = SimpleNamespace(job=None, ground=ground, shoot=shoot, avoid={99: (BOX,)})
    keyed = [(_piece(index), f"key {index}") for index in range(3)]

    def begin(told: Told) -> Any:
        return over(told)(stage, keyed)  # type: ignore[arg-type]

    return SimpleNamespace(begin=begin, stage=stage, seen=seen)


def test_pieces_are_put_together_as_if_drawn_here(scene) -> None:
    told = Told({index: _drawn(index) for index in range(3)})
    drawn = scene.begin(told)
    for index in range(3):
        frames = list(drawn(_piece(index)))
        assert [int(one.pixels[0, 0, 0]) for one in frames] == [255 - one.pts for one in frames]
        assert scene.stage.avoid == {2 * index: (BOX,)}
        assert scene.seen[-2:] == [2 * index, 2 * index + 1]
    assert scene.stage.ground.found.tally.swapped == 6


def test_work_that_is_finished_is_not_asked_for(scene) -> None:
    told = Told({index: _drawn(index) for index in range(3)})
    list(scene.begin(told)(_piece(1)))
    assert told.asked == [1, 2]


@pytest.mark.parametrize(
    "wrong",
    [
        replace(_drawn(0), key="of other weights"),
        replace(_drawn(0), changes=_drawn(0).changes[:1]),
        replace(_drawn(0), tally="["),
        replace(_drawn(0), tally="[" * 100_000),
        replace(_drawn(0), tally="{}"),
        replace(_drawn(0), tally=None),
        replace(_drawn(0), avoid=((0, ((1.0, 2.0),)),)),
        replace(_drawn(0), avoid=((0, ((1.0, 2.0, 3.0, float("nan")),)),)),
        replace(_drawn(0), avoid=7),
        replace(_drawn(0), avoid=((float("inf"), (BOX,)),)),
        replace(_drawn(0), avoid=((0, ((1.0, 2.0, 3.0, 10**400),)),)),
        replace(_drawn(0), tally=_drawn(0).tally.replace('"moved": []', f'"moved": [{10**400}]')),
        replace(_drawn(0), changes=(1, 2)),
        b"bytes",
    ],
)
def test_what_was_made_of_something_else_is_refused(scene, wrong) -> None:
    with pytest.raises(ProvenanceError, match="other files, weights or options"):
        next(scene.begin(Told({0: wrong, 1: wrong, 2: wrong}))(_piece(0)))


def test_a_difference_from_another_picture_is_refused(scene) -> None:
    wrong = replace(_drawn(1), key="key 0")
    with pytest.raises(ProvenanceError, match="does not fit"):
        next(scene.begin(Told({0: wrong, 1: wrong, 2: wrong}))(_piece(0)))


def test_storage_that_is_not_shared_is_told(tmp_path) -> None:
    asked = SimpleNamespace(folder=tmp_path / "elsewhere")
    with pytest.raises(InputError, match="cannot be reached where the work is done"):
        open_commission(asked)  # type: ignore[arg-type]


def test_a_target_that_is_exchanged_where_the_work_is_done_is_not_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(bytes(range(256)) * 9)
    known = block_hashes(path)

    def render(shoot: Any, *_: object) -> Any:
        with KnownFile(shoot.info.path, expected_of(shoot.info.path)) as file:  # as readers do
            yield file.read()

    monkeypatch.setattr(drawn_elsewhere, "render_piece", render)
    monkeypatch.setattr(drawn_elsewhere, "_target_frames", lambda *_: iter([b""]))
    monkeypatch.setattr(drawn_elsewhere, "change_of", lambda _before, after: after)
    monkeypatch.setattr(drawn_elsewhere, "segment_key", lambda *_: "key")
    monkeypatch.setattr(Tally, "lines_of", lambda *_: str)
    shoot: Any = SimpleNamespace(info=SimpleNamespace(path=path))
    recipe: Any = None

    assert drawn_elsewhere._drawn(shoot, recipe, known, _piece(0)).changes == (path.read_bytes(),)
    path.write_bytes(path.read_bytes()[::-1])
    with pytest.raises(PolicyError, match="was changed while it was worked on"):
        drawn_elsewhere._drawn(shoot, recipe, known, _piece(0))
