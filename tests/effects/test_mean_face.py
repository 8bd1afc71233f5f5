"""Faces averaged, on a face that is drawn."""

from dataclasses import replace

import numpy as np
import pytest
from tests.effects.test_effects import portrait
from tests.effects.test_glasses import wearing

from masquerade.effects.mean_face import mean_face
from masquerade.effects.portrait import Portrait

WIDER = np.array([1.2, 1.0], np.float32)


def wider(one: Portrait) -> Portrait:
    """The same pixels under a mesh that says the face is wider, half as bright."""
    middle = one.points.mean(axis=0)
    stretched = middle + (one.points - middle) * WIDER
    return replace(one, points=stretched, pixels=one.pixels // 2)


def test_the_mean_of_a_face_with_itself_is_that_face() -> None:
    one = portrait()

    mean = mean_face([one, replace(one, pixels=one.pixels.copy())], [0.5, 0.5])

    assert np.allclose(mean.points, one.points, atol=0.01)
    apart = np.abs(mean.pixels.astype(int) - one.pixels)
    assert np.quantile(apart, 0.99) <= 8  # noise is averaged


@pytest.mark.parametrize("share", [0.25, 0.75])
def test_shape_and_colour_lie_between(share: float) -> None:
    one = portrait()
    other = wider(one)

    mean = mean_face([one, other], [1 - share, share])

    width = np.ptp(mean.points[:468, 0]) / np.ptp(mean.points[:468, 1])
    own = np.ptp(one.points[:468, 0]) / np.ptp(one.points[:468, 1])
    assert width / own == pytest.approx(1 + share * 0.2, abs=0.03)
    x, y = np.rint(mean.points[50]).astype(int)
    bright = mean.pixels[y - 2 : y + 3, x - 2 : x + 3].mean()
    dark, light = other.pixels.max() * 0.9, one.pixels[y - 2 : y + 3, x - 2 : x + 3].mean()
    assert dark / 2 < bright < light


def test_the_edge_of_the_cut_out_stays_bit_exact() -> None:
    one = portrait()

    mean = mean_face([one, wider(one)], [0.5, 0.5])

    changed = (mean.pixels != one.pixels).any(axis=2)
    assert changed.any()
    assert not changed[[0, -1]].any()
    assert not changed[:, [0, -1]].any()


def test_spectacles_of_others_are_not_seen() -> None:
    one = portrait()
    other, frame = wearing(portrait())

    mean = mean_face([one, other], [0.5, 0.5])
    without = mean_face([one, portrait()], [0.5, 0.5])

    apart = np.abs(mean.pixels.astype(int) - without.pixels).max(axis=2)
    assert np.quantile(apart[frame], 0.9) < 25


def test_spectacles_of_the_first_stay() -> None:
    one, frame = wearing(portrait())

    mean = mean_face([one, portrait()], [0.5, 0.5])

    apart = np.abs(mean.pixels.astype(int) - one.pixels).max(axis=2)
    assert np.quantile(apart[frame], 0.9) < 12


def test_bands_of_rows_leave_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    faces = [portrait(), portrait(8)]
    whole = mean_face(faces, [0.5, 0.5])

    monkeypatch.setattr("masquerade.effects.mean_face._AT_ONCE", 5000)

    assert np.array_equal(mean_face(faces, [0.5, 0.5]).pixels, whole.pixels)
