"""The generic net: what is learned is what is shipped, and it follows people never seen."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from train.generic_lips import material, packed  # noqa: E402
from train.lips_material import Take  # noqa: E402
from train.lips_net import LipsNet, learnt  # noqa: E402

from masquerade.faces.mesh import topology  # noqa: E402
from masquerade.models.generic_lips import ROW, GenericLips  # noqa: E402
from masquerade.speech.heard import Heard  # noqa: E402


def take(seed: int) -> Take:
    """A mouth that opens as loud as it is heard."""
    rng = np.random.default_rng(seed)
    loud = np.repeat(rng.uniform(0, 1, 15), 8).astype(np.float32)
    skulls = np.tile(topology().neutral, (60, 1, 1)).astype(np.float32)
    skulls[:, [14, 87, 317, 17, 152], 1] += 0.1 * loud[::2, None]
    rows = rng.normal(size=(120, ROW)).astype(np.float32) * 0.1
    rows[:, :200] += loud[:, None] - loud.mean()
    heard = Heard(rows[:, :40], rows[:, 40:424], rows[:, 424:], 0.0)
    return Take(f"clip {seed}", np.arange(60) / 25, skulls, (heard,))


def test_what_is_shipped_says_what_was_learned(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    basis, lessons, slope = material([take(seed) for seed in range(3)])
    net = learnt(lessons, slope, steps=1)
    data = packed([net, LipsNet(np.ones(ROW, np.float32))], basis)
    path = tmp_path / "lips.safetensors"
    path.write_bytes(data)
    shipped = GenericLips.of(path, hashlib.sha256(data).hexdigest())

    one = lessons[0].rows[0]
    with torch.no_grad():
        wanted = net(torch.from_numpy(one)[None])[0].numpy()

    np.testing.assert_allclose(shipped.nets[0](one), wanted, atol=0.02)
    assert shipped(one).shape == (120, 10)
    np.testing.assert_allclose(shipped.basis.parts, basis.parts, atol=1e-3)
    assert shipped.basis.closed == pytest.approx(basis.closed, abs=1e-3)
