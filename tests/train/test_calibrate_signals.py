"""What signals are worth is measured on people held out, on material made in memory."""

import numpy as np
import pytest
from train.calibrate_signals import _folds, _of_kind, area, cllr
from train.self_blend import self_blend
from train.signal_material import Seen

from masquerade.faces.mesh import topology


def _seen(person: str, made: bool, value: float) -> Seen:
    return Seen("a", "video", made, "swap" if made else "recorded", person, value)


def test_area_and_cost_of_known_ratios() -> None:
    good, bad = np.array([2.0, 3.0, 2.5]), np.array([-2.0, -1.0, -3.0])
    assert area(good, bad)[0] == 1.0
    assert area(good, good)[0] == 0.5
    assert cllr(np.zeros(3), np.zeros(3)) == pytest.approx(1.0)
    assert cllr(good, bad) < 0.1 < 3 < cllr(bad, good)


@pytest.mark.parametrize(("count", "folds"), [(12, 12), (60, 2)])
def test_nobody_is_on_both_sides(count: int, folds: int) -> None:
    seen = [_seen(f"p{n}", made, 0.0) for n in range(count) for made in (True, False)]
    found = _folds(seen)
    assert len(found) == folds
    assert sum(len(one) for one in found) == count


def test_chance_is_not_weighed_and_a_good_signal_is(rng: np.random.Generator) -> None:
    def material(shift: float) -> list[Seen]:
        return [
            _seen(f"p{n}", made, float(rng.normal(shift * made)))
            for n in range(60)
            for made in (True, False)
        ]

    chance, words = _of_kind("video", material(0.0))
    good, _ = _of_kind("video", material(4.0))
    assert chance is None
    assert "too near chance" in words
    assert good is not None
    assert good.weight > 0.5
    assert good.recorded == 60


def test_a_self_blend_changes_the_face_or_all_around_it(rng: np.random.Generator) -> None:
    picture = rng.integers(0, 255, (240, 240, 3), dtype=np.uint8)
    marks = (topology().neutral * 50 + np.array([120, 110, 0])).astype(np.float32)
    for _ in range(8):
        made = self_blend(picture, marks, rng)
        corner = np.abs(made[:20, :20].astype(int) - picture[:20, :20]).max()
        face = np.abs(made[90:150, 90:150].astype(int) - picture[90:150, 90:150]).max()
        assert made.shape == picture.shape
        assert max(corner, face) > 0
