import numpy as np

from masquerade.bodies.matte import person_matte


class _Coarse:
    """A network that sees a person in the middle, with a soft and slightly wrong edge."""

    def __call__(self, _picture: np.ndarray) -> np.ndarray:
        across = np.clip(0.5 + (60 - np.abs(np.arange(256) - 128)) / 20, 0, 1)
        return np.repeat(across[None], 256, axis=0).astype(np.float32)


def test_the_edge_falls_where_the_pictures_does() -> None:
    picture = np.full((200, 400, 3), 40, np.uint8)
    picture[:, 110:290] = 210

    matte = person_matte(picture, _Coarse())  # type: ignore[arg-type]

    assert matte.shape == (200, 400)
    assert matte[:, 125:275].min() > 0.95
    assert matte[:, :85].max() < 0.05
    assert 0 <= matte.min() <= matte.max() <= 1
