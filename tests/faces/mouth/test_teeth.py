"""Drawn teeth are single teeth: borders, rounded edges, darker to the sides, both sides alike."""

import numpy as np
import pytest

from masquerade.faces.mouth.teeth import upper_teeth

ACROSS = np.linspace(-0.55, 0.55, 1101, dtype=np.float32)[None]
MIDDLES = {"incisor": 0.066, "side incisor": 0.182, "canine": 0.277, "premolar": 0.357}


def at(down: float, across: np.ndarray = ACROSS) -> tuple[np.ndarray, np.ndarray]:
    """What there is of teeth, and how bright it is, on one line below closed lips."""
    there, bright = upper_teeth(across, np.full_like(across, down))
    return there[0], bright[0]


def column(across: float) -> float:
    """How far down the tooth there reaches."""
    down = np.linspace(-0.02, 0.1, 1201, dtype=np.float32)[:, None]
    there, _ = upper_teeth(np.full_like(down, across), down)
    return float(down[there > 0.5].max())


def test_between_two_teeth_it_is_darker_than_in_the_middle_of_either() -> None:
    _, bright = at(0.01)
    middles = np.interp(list(MIDDLES.values()), ACROSS[0], bright)
    borders = np.interp([0.132, 0.232, 0.322], ACROSS[0], bright)

    assert (borders < 0.97 * middles[:-1]).all()
    assert (np.diff(middles) < 0).all()  # and the farther to the side, the darker


def test_a_row_ends_in_single_edges_that_rise_to_the_sides() -> None:
    incisor, side_incisor, canine, premolar = (column(one) for one in MIDDLES.values())

    assert incisor > canine > premolar
    assert side_incisor < incisor - 0.008
    assert column(0.132) < min(incisor, side_incisor)  # a wedge between them
    assert column(0.0) < incisor


def test_both_sides_are_alike_and_beyond_the_row_there_is_nothing() -> None:
    there, bright = at(0.02)

    assert there == pytest.approx(there[::-1], abs=1e-3)
    assert bright == pytest.approx(bright[::-1], abs=1e-3)
    assert there[[0, -1]].max() == 0
    assert not at(0.08)[0].any()
