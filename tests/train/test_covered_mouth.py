"""The judge of covered mouths: covers lie over lips alone, beards around them; it is fitted."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("safetensors")

from train.covered_mouth import Mouth, fitted, judged
from train.mouth_covers import KINDS, bearded, covered

from masquerade.faces.mesh import LIPS, topology
from train import covered_mouth

MARKS = (topology().neutral * (80, 80, 80) + (128, 60, 0)).astype(np.float32)
DRAWN = KINDS[:9] + KINDS[-1:]  # the others are cut from test media
MOUTH = tuple(MARKS[list(LIPS), :2].mean(axis=0).astype(int))


def skin(rng: np.random.Generator) -> np.ndarray:
    return np.clip(rng.normal((200, 150, 130), 12, (256, 256, 3)), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("kind", DRAWN)
def test_a_cover_hides_the_mouth_and_leaves_the_eyes(kind: str, rng: np.random.Generator) -> None:
    image = skin(rng)

    made = covered(image, MARKS, kind, rng, Path())

    x, y = MOUTH
    assert (made[y - 4 : y + 5, x - 4 : x + 5] != image[y - 4 : y + 5, x - 4 : x + 5]).mean() > 0.8
    eyes = slice(0, int(MARKS[[33, 263], 1].max()) + 8)
    np.testing.assert_array_equal(made[eyes], image[eyes])


def test_a_beard_leaves_the_lips(rng: np.random.Generator) -> None:
    image = skin(rng)

    made = bearded(image, MARKS, rng).astype(int)

    x, y = MOUTH
    near = np.s_[y - 2 : y + 3, x - 6 : x + 7]
    assert np.abs(made[near] - image[near]).max() < 20
    chin = MARKS[200, :2].astype(int)
    assert made[chin[1] - 2 : chin[1] + 3, chin[0] - 2 : chin[0] + 3].mean() < 130


def test_what_differs_is_learnt_and_told(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(covered_mouth, "_RIDGE", 1.0)  # there are few of them
    known = []
    for number in range(60):
        rows = rng.normal(0, 1, (2, 30)).astype(np.float32)
        rows[:, :5] += 2 if number % 2 else -2
        known.append(Mouth((rows[0], rows[1]), "" if number % 2 else "black", str(number)))

    weights, offset = fitted(known)

    scores = np.array([one.rows[0] @ weights + offset for one in known])
    assert (np.sign(scores) == np.where([not one.cover for one in known], 1, -1)).mean() > 0.95
    assert "30 mouths that are seen" in judged(known, weights, offset)
