"""Whether a pixel near a person's edge is the person: two small networks, trained here.

The first is told what `masquerade.bodies.edge_rows` tells of a pixel; the second besides what the
first made of the pixels around. `train.matte_edge` makes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from masquerade.models.own_weights import own_file
from masquerade.models.tensor_file import read_tensors

Floats = NDArray[np.float32]

NAME: Final = "matte_edge"
LAYERS: Final = 3
NETS: Final = ("first", "second")


@dataclass(frozen=True, slots=True)
class EdgeNet:
    """One network.

    Attributes:
        layers: Weights (in, out) and biases (out,) of each layer.
    """

    layers: tuple[tuple[Floats, Floats], ...]

    def __call__(self, rows: Floats) -> Floats:
        """(n,) float32 in [0, 1] how much of each pixel is the person.

        Args:
            rows: (n, in) float32.
        """
        *inner, (weight, bias) = self.layers
        x = rows
        for by, add in inner:
            x = np.maximum(x @ by + add, 0)
        logits = np.clip((x @ weight + bias)[:, 0], -30, 30)
        return np.asarray(1 / (1 + np.exp(-logits)), np.float32)


@dataclass(frozen=True, slots=True)
class MatteEdge:
    """Both networks.

    Attributes:
        first: Of what is told of pixels.
        second: Of that, and of what the first made of it.
    """

    first: EdgeNet
    second: EdgeNet

    @classmethod
    def open(cls) -> Self:
        """The networks that ship with the package.

        Raises:
            ModelError: The file is not there, or not what its card says.
        """
        path, card = own_file(NAME)
        return cls.of(path, card.sha256)

    @classmethod
    def of(cls, path: Path, sha256: str) -> Self:
        """The networks of a file.

        Args:
            path: As `train.matte_edge` wrote it.
            sha256: Of the file.

        Raises:
            ModelError: It is another file, or damaged.
        """
        arrays, _ = read_tensors(path, sha256=sha256)
        wide = {name: values.astype(np.float32) for name, values in arrays.items()}
        return cls(
            *(
                EdgeNet(
                    tuple(
                        (wide[f"{net}.{layer}.weight"], wide[f"{net}.{layer}.bias"])
                        for layer in range(LAYERS)
                    )
                )
                for net in NETS
            )
        )


@cache
def matte_edge() -> MatteEdge:
    """The networks that ship, read once."""
    return MatteEdge.open()
