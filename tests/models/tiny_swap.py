"""A trained swap small enough for tests: fixed weights, two portraits of nobody."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from masquerade.faces.mesh import topology
from masquerade.models.trained.swap import (
    KEY,
    LANDMARKS,
    PICTURES,
    SwapDescription,
    TrainedOn,
)
from masquerade.models.trained.swap_graph import tensor_shapes
from masquerade.models.trained.swap_shape import SwapShape

SHAPE = SwapShape(side=32, latent=8, encoder=4, decoder=4, mask=4)
SIDE = TrainedOn(faceset_sha256="0" * 64, faces=9, consent="mqc-0123456789abcdef")


def weights(shape: SwapShape = SHAPE, seed: int = 1) -> dict[str, NDArray[np.float32]]:
    rng = np.random.default_rng(seed)
    made = {}
    for name, size in tensor_shapes(shape).items():
        spread = 0.7 / np.sqrt(max(1, np.prod(size[1:])))
        made[name] = rng.normal(0, spread, size).astype(np.float32)
    # A mask that covers the face, so that what is drawn is seen.
    made["decoder.mask.2.bias"][:] = 4
    return made


def portraits(side: int, count: int = 2) -> dict[str, NDArray[np.generic]]:
    rng = np.random.default_rng(7)
    points = topology().neutral * np.float32(150 / np.ptp(topology().neutral[:468, 1]))
    points[:, :2] += 128 - points[:468, :2].mean(axis=0)
    return {
        PICTURES: rng.integers(40, 215, (count, side, side, 3), dtype=np.uint8),
        LANDMARKS: np.stack([points.astype(np.float32)] * count),
    }


def description(**others: object) -> str:
    about = SwapDescription(shape=SHAPE, source=SIDE, target=SIDE, iterations=3)
    return json.dumps(about.model_dump(mode="json") | others)


def write_swap(
    path: Path,
    tensors: Mapping[str, NDArray[np.generic]] | None = None,
    words: Mapping[str, str] | None = None,
) -> Path:
    save_file = pytest.importorskip("safetensors.numpy", reason="safetensors is missing").save_file
    held = {**weights(), **portraits(SHAPE.side), **(tensors or {})}
    save_file(held, path, metadata=dict(words or {KEY: description()}))
    return path
