import numpy as np
from tests.bodies import mannequin
from tests.bodies.mannequin import Pose

from masquerade.bodies.track import savgol, steadied


def test_a_parabola_goes_through_as_it_is_and_tremble_does_not() -> None:
    times = np.arange(20, dtype=np.float32)
    path = (0.3 * times**2 - 2 * times)[:, None]
    np.testing.assert_allclose(savgol(path, 7), path, atol=1e-3)
    noise = np.random.default_rng(2).normal(0, 1, (200, 1)).astype(np.float32)
    assert savgol(noise, 7).std() < 0.65 * noise.std()


def test_few_frames_stay_as_read() -> None:
    bodies = [mannequin.body(Pose(arms=angle)) for angle in (10, 40)]
    assert steadied(bodies) == bodies


def test_a_cover_is_the_same_in_the_frame_and_in_a_part_of_it() -> None:
    body = mannequin.body(Pose())
    cover = mannequin.cover(body, (150, 200))
    whole = cover.in_frame((150, 200))
    np.testing.assert_allclose(cover.in_box((40, 30, 160, 140)), whole[30:140, 40:160], atol=0.05)
    real = mannequin.mask(body, (150, 200))
    assert ((whole > 0.5) == (real > 0.5)).mean() > 0.99
    corners = cover.corners()
    rows, columns = np.flatnonzero(real.any(1)), np.flatnonzero(real.any(0))
    assert abs(corners[:, 0].min() - columns[0]) < 3
    assert abs(corners[:, 1].max() - rows[-1]) < 3
    assert abs(cover.size_px - np.sqrt(real.sum())) < 2
