import cv2
import numpy as np

from masquerade.painting.patches import Guided, as_planes, enlarged, painted, repainted


def checks(height: int, width: int, side: int) -> np.ndarray:
    rows, columns = np.indices((height, width)) // side
    board = np.where((rows + columns) % 2, 220, 30).astype(np.uint8)
    return np.repeat(board[..., None], 3, axis=2)


def guided(picture: np.ndarray, light: np.ndarray) -> Guided:
    return Guided(as_planes(picture), light.astype(np.float32)[..., None])


def test_a_picture_is_found_in_itself() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (12, 15, 3), dtype=np.uint8)
    picture = np.asarray(cv2.resize(noise, (60, 48), interpolation=cv2.INTER_CUBIC), np.uint8)
    light = as_planes(picture).mean(axis=2)
    itself = guided(picture, light)

    made = painted(itself.colours, repainted(itself, itself))

    assert made.shape == (48, 60, 3)
    assert np.corrcoef(made.mean(axis=2).ravel(), light.ravel())[0, 1] > 0.9


def test_texture_comes_from_where_the_guide_says() -> None:
    style = checks(64, 96, 4)
    style[:, 48:] = 128  # half is checked, half is plain
    which = np.repeat((np.arange(96) < 48)[None], 64, axis=0).astype(np.float32)
    wanted = which[:, ::-1]  # the other way round

    made = painted(
        as_planes(style),
        repainted(guided(np.zeros((64, 96, 3), np.uint8), wanted), guided(style, which)),
    )

    assert made[10:54, 10:38].std() < 0.05
    assert made[10:54, 58:86].std() > 0.2


def test_the_same_search_twice() -> None:
    picture = guided(checks(50, 50, 5), np.tile(np.linspace(0, 1, 50), (50, 1)))

    assert np.array_equal(repainted(picture, picture), repainted(picture, picture))


def test_places_in_a_larger_picture() -> None:
    places = np.stack(np.indices((10, 12)), axis=-1).astype(np.int32)

    finer = enlarged(places, (20, 24), (19, 23))

    assert finer.shape == (20, 24, 2)
    assert np.abs(finer - np.stack(np.indices((20, 24)), axis=-1)).max() <= 1
