"""How anybody's lips move with what is heard: small convolutions over time, trained here.

For people of whom there is a photo, or a few seconds of footage. It follows speech less well than
what is learned from a minute of the person's own. `train.generic_lips` makes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import UsageError
from masquerade.models.own_weights import own_file
from masquerade.models.tensor_file import read_tensors

Floats = NDArray[np.float32]

NAME: Final = "generic_lips"
ROW: Final = 40 + 384 + 384
"""Numbers of a row: power by band, which sound is made, which sound among the words around it."""
DILATIONS: Final = (1, 2, 4)
"""Rows from one tap to the next, by layer."""
TAPS: Final = 5


@dataclass(frozen=True, slots=True)
class MouthBasis:
    """Movements of the lower face that people share, around each one's own neutral mouth.

    Attributes:
        parts: (10, k, 3) float32 how the moving points go with each number, in interocular
            distances.
        rest: (10,) float32 the shape of the neutral mouth.
        least: (10,) float32 numbers that no mouth went below, and
        most: above.
        open_at_rest: Opening of the neutral mouth, in interocular distances.
        closed: That of lips that are shut.
    """

    parts: Floats
    rest: Floats
    least: Floats
    most: Floats
    open_at_rest: float
    closed: float


@dataclass(frozen=True, slots=True)
class _Net:
    """One network: weights (out, in, taps) and biases (out,) of each layer."""

    layers: tuple[tuple[Floats, Floats], ...]

    def __call__(self, rows: Floats) -> Floats:
        (first, bias), *middle, (last, end) = self.layers
        x = np.maximum(rows @ first[..., 0].T + bias, 0)  # (n, width)
        for (weight, add), step in zip(middle, DILATIONS, strict=True):
            x = x + np.maximum(_convolved(x, weight, step) + add, 0)
        return np.asarray(x @ last[..., 0].T + end, np.float32)  # (n, 10)


@dataclass(frozen=True, slots=True)
class GenericLips:
    """Networks whose mean counts, and the movements that their numbers stand for.

    Attributes:
        nets: Trained apart.
        basis: What the ten numbers mean.
        sha256: Of the file.
    """

    nets: tuple[_Net, ...]
    basis: MouthBasis
    sha256: str

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
            path: As `train.generic_lips` wrote it.
            sha256: Of the file.

        Raises:
            ModelError: It is another file, or damaged.
        """
        arrays, words = read_tensors(path, sha256=sha256)
        wide = {name: values.astype(np.float32) for name, values in arrays.items()}
        nets = tuple(
            _Net(
                tuple(
                    (wide[f"{seed}.{layer}.weight"], wide[f"{seed}.{layer}.bias"])
                    for layer in range(len(DILATIONS) + 2)
                )
            )
            for seed in range(int(words["nets"]))
        )
        basis = MouthBasis(
            wide["parts"],
            wide["rest"],
            wide["least"],
            wide["most"],
            float(wide["open_at_rest"][0]),
            float(wide["closed"][0]),
        )
        return cls(nets, basis, sha256)

    def __call__(self, rows: Floats) -> Floats:
        """The mouth's shape in each fiftieth of a second, in numbers of the basis.

        Args:
            rows: (n, 808) float32 what is heard, each kind with its mean over the speech taken off.

        Returns:
            (n, 10) float32, rounded to thousandths.

        Raises:
            UsageError: The rows have another length.
        """
        if rows.ndim != 2 or rows.shape[1] != ROW:
            raise UsageError(f"rows of shape {rows.shape}", f"(n, {ROW})")
        made = np.mean([net(rows) for net in self.nets], axis=0)
        return np.asarray(np.round(made, 3), np.float32)


def _convolved(x: Floats, weight: Floats, step: int) -> Floats:
    """(n, out) the rows under a kernel whose taps lie so many rows apart; zeros around them."""
    reach = step * (weight.shape[2] // 2)
    padded = np.pad(x, ((reach, reach), (0, 0)))
    total = np.zeros((len(x), weight.shape[0]), np.float32)
    for tap in range(weight.shape[2]):
        total += padded[tap * step : tap * step + len(x)] @ weight[..., tap].T
    return total
