"""A swap lies on the way between two identities, a stranger off it."""

import numpy as np
import pytest

from masquerade.faces.detour import ASTRAY, detour


def test_what_lies_between_is_no_detour_and_a_stranger_is(rng: np.random.Generator) -> None:
    source, target, stranger = rng.normal(0, 1, (3, 128)).astype(np.float32) * 0.05
    between = np.asarray(0.3 * source + 0.7 * target, np.float32)
    assert detour(between, source, target) == pytest.approx(0, abs=1e-5)
    assert detour(target, source, target) == pytest.approx(0, abs=1e-5)
    assert detour(stranger, source, target) > ASTRAY
