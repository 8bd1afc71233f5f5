from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from tests.forensics.signals.tiny_nets import installed, pooled

from masquerade.forensics.evidence import Applies
from masquerade.forensics.face_input import SIDE, face_input
from masquerade.forensics.sample import CUT_PX, Cut, Line
from masquerade.forensics.signals import learned_face

SHAPE = (3, SIDE, SIDE)
CELL = (SIDE // 6, SIDE // 6)


def cut(level: int, number: int = 0, *, grain: int = 5) -> Cut:
    """A face of one brightness, with a chessboard for its fine detail."""
    board = np.indices((CUT_PX, CUT_PX)).sum(axis=0) // 3 % 2 * 2 - 1
    pixels = np.repeat((level + grain * board)[..., None], 3, axis=2)
    return Cut(
        pixels=np.clip(pixels, 0, 255).astype(np.uint8),
        landmarks=np.zeros((478, 3), np.float32),
        face_px=120.0,
        pose_deg=(0.0, 0.0, 0.0),
        box=(10.0, 10.0, 130.0, 130.0),
        time_s=Fraction(number, 25),
        pts=number,
        shrunk=1.0,
    )


class Seen:
    """A file of which only the faces are looked at."""

    def __init__(self, kind: str, *lines: Line) -> None:
        self.info = type("Info", (), {"kind": kind})
        self.lines = lines


def line(*cuts: Cut) -> Line:
    return Line(cuts, None)


def examine(kind: str, *lines: Line):
    return learned_face.examine(Seen(kind, *lines), learned_face.Options())  # type: ignore[arg-type]


def test_without_the_model_nothing_is_said(monkeypatch) -> None:
    monkeypatch.setattr(learned_face, "own_card", lambda _: None)
    found = examine("still", line(cut(9)))
    assert found.applies is Applies.NO
    assert "not installed" in found.says


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("audio", {}),
        ("video", {"face_px": 40.0}),
        ("video", {"pose_deg": (75.0, 0.0, 0.0)}),
        ("video", {"interpolated": True}),
    ],
    ids=["sound", "small", "from the side", "not seen"],
)
def test_what_cannot_be_judged_is_not(kind, changes, monkeypatch) -> None:
    installed(monkeypatch, learned_face, pooled(SHAPE, CELL, 0, 1))
    assert examine(kind, line(replace(cut(9), **changes))).applies is Applies.NO


def test_the_face_that_speaks_most_is_told_of(monkeypatch) -> None:
    installed(monkeypatch, learned_face, pooled(SHAPE, CELL, 0.01, 0))
    calm = line(*(cut(10, number) for number in range(4)))
    loud = line(*(cut(200, number) for number in range(4)))
    found = examine("video", calm, loud)
    assert found.value == pytest.approx(2.0, abs=1e-3)
    assert found.applies is Applies.YES
    assert [figure.name for figure in found.figures] == ["learned_face_map", "learned_face"]
    assert max(part.level for part in found.stretches) == pytest.approx(2 / 7, abs=1e-3)


def test_a_few_pictures_that_stand_out_do_not_decide(monkeypatch) -> None:
    installed(monkeypatch, learned_face, pooled(SHAPE, CELL, 0.01, 0))
    cuts = [cut(250 if number < 2 else 50, number) for number in range(6)]
    assert examine("video", line(*cuts)).value == pytest.approx(0.5, abs=1e-3)


def test_more_faces_do_not_make_more_alarms(monkeypatch) -> None:
    installed(monkeypatch, learned_face, pooled(SHAPE, CELL, 0.02, 0))
    alone, among = (
        examine("still", *(line(cut(level)) for level in levels))
        for levels in ((200,), (200, 20, 20, 20))
    )
    assert among.value == pytest.approx(alone.value)
    assert 0 < among.log10_lr < alone.log10_lr - 0.3
    assert "of 4 faces" in among.says


def test_one_person_in_several_stretches_is_one_face() -> None:
    mine, other = np.eye(128, dtype=np.float32)[:2]
    lines = [Line((cut(1, place),), face) for place, face in enumerate((mine, other, mine, None))]
    found = learned_face.together(lines)
    assert [[one.pts for one in cuts] for cuts in found] == [[0, 2], [1], [3]]


def test_a_face_softer_than_any_it_was_calibrated_on_is_not_weighed(monkeypatch) -> None:
    installed(monkeypatch, learned_face, pooled(SHAPE, CELL, 0, 9))
    assert examine("still", line(cut(50))).log10_lr is not None
    found = examine("still", line(cut(50, grain=0)))
    assert found.log10_lr is None
    assert "blurred" in found.calibration


def test_a_still_gets_a_map_and_a_region(monkeypatch) -> None:
    installed(monkeypatch, learned_face, pooled(SHAPE, CELL, 0, -1))
    found = examine("still", line(cut(50)))
    assert found.region == (10, 10, 130, 130)
    assert len(found.figures) == 1
    assert "real" in found.says


@pytest.mark.parametrize(("level", "counts"), [(9.0, True), (-9.0, False)])
def test_a_face_without_traces_is_not_cleared(level: float, counts: bool, monkeypatch) -> None:
    installed(monkeypatch, learned_face, pooled(SHAPE, CELL, 0, level))
    found = examine("still", line(cut(50)))
    assert (found.log10_lr is not None) is counts
    assert found.value == pytest.approx(level)


def test_the_middle_of_the_cut_out_is_taken() -> None:
    pixels = np.zeros((CUT_PX, CUT_PX, 3), np.uint8)
    pixels[16:240, 16:240, 1] = 255
    found = face_input([pixels, pixels])
    assert found.shape == (2, 3, SIDE, SIDE)
    assert (found[:, 1] == 255).all()
    assert (found[:, 0] == 0).all()
