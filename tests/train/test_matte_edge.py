"""How the networks of a person's edge are learnt."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from masquerade.errors import ModelError
from masquerade.models.matte_edge import MatteEdge

torch = pytest.importorskip("torch", reason="training needs PyTorch")

from train import matte_edge, matte_scenes  # noqa: E402


def test_what_rows_say_is_learnt_and_kept_in_the_file(
    rng: np.random.Generator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matte_edge, "_BATCH", 64)
    rows = rng.normal(3, 5, (600, 6)).astype(np.float16)
    truth = (rows[:, 0] > rows[:, 1]).astype(np.float32)

    net = matte_edge.fitted(rows, truth, 12)
    file = tmp_path / "net.safetensors"
    file.write_bytes(matte_edge.packed(MatteEdge(net, net)))
    read = MatteEdge.of(file, hashlib.sha256(file.read_bytes()).hexdigest())

    said = read.second(rows.astype(np.float32))
    assert ((said > 0.5) == (truth > 0.5)).mean() > 0.9
    np.testing.assert_allclose(said, net(rows.astype(np.float32)), rtol=1e-4)
    with pytest.raises(ModelError):
        MatteEdge.of(file, "0" * 64)


def test_places_are_seen_nearly_as_they_are(rng: np.random.Generator) -> None:
    place = matte_scenes._place((120, 90), [np.full((300, 300, 3), 90, np.uint8)], rng)
    truth = np.zeros((120, 90), np.float32)
    truth[30:90, 30:60] = 1

    shaded = matte_scenes._in_shadow(place.astype(np.float32), truth, rng)
    both, seen = matte_scenes._filmed(shaded, place, rng)
    known, guessed = matte_scenes._partly_known(seen, rng)

    assert both.shape == seen.shape == guessed.shape == (120, 90, 3)
    assert (shaded <= place + 1e-3).all()
    assert np.abs(seen.astype(int) - place).mean() < 25
    np.testing.assert_array_equal(guessed[known], seen[known])
