"""Files made for a test, so that none is needed from elsewhere."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from masquerade.forensics.sample import CUT_PX, Cut


@pytest.fixture
def textured(rng: np.random.Generator) -> NDArray[np.uint8]:
    """(256, 320, 3) a picture with detail of every size, as photos have."""
    made = np.zeros((256, 320))
    for step in (2, 4, 8, 16, 32, 64):
        coarse = rng.normal(0, step**0.7, (256 // step + 1, 320 // step + 1))
        made += np.kron(coarse, np.ones((step, step)))[:256, :320]
    grey = np.clip(128 + 3 * made, 0, 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


@pytest.fixture
def stored(tmp_path: Path) -> Callable[..., Path]:
    """Stores a picture under a name; what else is given goes to Pillow."""

    def store(pixels: NDArray[np.uint8], name: str, **how: object) -> Path:
        path = tmp_path / name
        Image.fromarray(pixels).save(path, **how)
        return path

    return store


@pytest.fixture
def cut_of(rng: np.random.Generator) -> Callable[..., Cut]:
    """A cut-out with an average face's landmarks in the middle, moved and opened as asked."""
    from fractions import Fraction

    from masquerade.faces.mesh import topology

    def make(
        number: int = 0,
        *,
        pixels: NDArray[np.uint8] | None = None,
        shift: tuple[float, float] = (0.0, 0.0),
        seen_off: NDArray[np.float32] | None = None,
        open_px: float = 0.0,
    ) -> Cut:
        shape = topology().neutral * 62
        marks = shape + np.array([128 + shift[0], 110 + shift[1], 0], np.float32)
        marks = marks.astype(np.float32)
        marks[14, 1] = marks[13, 1] + open_px
        if pixels is None:
            pixels = rng.integers(1, 255, (CUT_PX, CUT_PX, 3), dtype=np.uint8)
        seen = None if seen_off is None else (marks + seen_off).astype(np.float32)
        return Cut(
            pixels, marks, 170.0, (0, 0, 0), (43, 20, 213, 200), Fraction(number, 25), number, 1.0,
            seen=seen,
        )  # fmt: skip

    return make
