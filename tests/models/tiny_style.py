"""A painting network of a few channels, with weights that chance chose."""

import numpy as np

from masquerade.models.style.weights import Layer, Layers, StyleWeights

STYLES = 26


def tiny_style(*, seed: int = 4, first_styled: bool = True) -> StyleWeights:
    """A network of the same build as the two that ship: 4 channels inside, 26 styles."""
    rng = np.random.default_rng(seed)

    def layer(out: int, into: int, size: int, **more: bool | int) -> Layer:
        weight = rng.normal(0, 1 / (size * into**0.5), (out, into, size, size)).astype(np.float32)
        bias = rng.normal(0, 0.1, out).astype(np.float32)
        return Layer(weight, bias, **more)  # type: ignore[arg-type]

    layers = Layers(
        (
            layer(4, 3, 9, styled=first_styled),
            layer(4, 4, 3, stride=2, styled=first_styled),
            layer(4, 4, 3, stride=2, styled=first_styled),
        ),
        ((layer(4, 4, 3), layer(4, 4, 3, relu=False)),) * 2,
        (layer(4, 4, 3, grow=2), layer(4, 4, 3, grow=2), layer(3, 4, 9, relu=False)),
    )
    sizes = [len(one.weight) for one in layers.styled]
    scales = tuple(rng.normal(1, 0.2, (STYLES, size)).astype(np.float32) for size in sizes)
    shifts = tuple(rng.normal(0, 0.5, (STYLES, size)).astype(np.float32) for size in sizes)
    return StyleWeights(layers, scales, shifts)
