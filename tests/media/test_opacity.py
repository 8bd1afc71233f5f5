"""What partly transparent pictures show."""

import numpy as np

from masquerade.media.opacity import laid_over, looks_of
from masquerade.types import Frame


def test_opaque_pictures_have_one_look(rng: np.random.Generator) -> None:
    pixels = rng.integers(0, 256, (4, 5, 3)).astype(np.uint8)
    opaque = np.full((4, 5), 255, np.uint8)

    assert [look is pixels for look in looks_of(Frame(pixels))] == [True]
    assert [look is pixels for look in looks_of(Frame(pixels, alpha=opaque))] == [True]
    assert (laid_over(Frame(pixels, alpha=opaque)) == pixels).all()


def test_transparent_pictures_look_as_they_do_over_white_and_over_black() -> None:
    pixels = np.full((1, 3, 3), 100, np.uint8)
    alpha = np.array([[0, 128, 255]], np.uint8)

    colours, white, black = looks_of(Frame(pixels, alpha=alpha))

    assert colours[0, :, 0].tolist() == [100, 100, 100]
    assert white[0, :, 0].tolist() == [255, 177, 100]
    assert black[0, :, 0].tolist() == [0, 50, 100]
