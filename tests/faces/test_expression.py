"""One person's expressions in the words of another's."""

import numpy as np

from masquerade.faces.expression import ExpressionBasis, Translator
from masquerade.faces.mesh import topology
from masquerade.types import Points

LOWER = [178, 87, 14, 317, 402]
CORNERS = [61, 291]


def _marks(opened: float = 0.0, wide: float = 0.0, *, mouth: float = 0.0) -> Points:
    """A face of 60 pixels; `mouth` moves the whole mouth, as another person's would lie."""
    points = topology().neutral.copy()
    points[LOWER, 1] += np.float32(opened)
    points[CORNERS, 0] += np.array([-wide, wide], np.float32)
    points[[*LOWER, 81, 82, 13, 312, 311, *CORNERS], 1] += np.float32(mouth)
    return (points * 60 + 120).astype(np.float32)


def _basis() -> tuple[ExpressionBasis, np.ndarray]:
    return ExpressionBasis.of(
        [_marks(a, b) for a in np.linspace(0, 0.4, 6) for b in (-0.1, 0.0, 0.1)]
    )


def test_a_basis_says_each_of_its_own_faces_and_no_more_than_it_needs() -> None:
    basis, said = _basis()
    assert len(basis.parts) <= 3
    translator = Translator(basis)
    assert np.allclose(translator(_marks(0.4, 0.1)), said[-1], atol=0.25 * np.abs(said).max())


def test_the_same_face_comes_back_at_first_sight() -> None:
    basis, said = _basis()
    opens = basis.opening()
    found = [float(opens @ Translator(basis)(_marks(a, 0.0))) for a in (0.0, 0.16, 0.4)]
    wanted = [float(opens @ said[k]) for k in (1, 7, 16)]
    assert np.allclose(found, wanted, atol=0.05)


def test_how_far_a_mouth_is_open_is_never_taken_for_the_persons_own() -> None:
    basis, _ = _basis()
    translator = Translator(basis)
    for _ in range(60):
        last = translator(_marks(0.3, 0.05, mouth=0.03))
    opens = basis.opening()
    assert opens @ last > 0.5 * (opens @ basis.high)


def test_what_stays_the_same_becomes_the_persons_own() -> None:
    basis, _ = _basis()
    translator = Translator(basis)
    first = np.abs(translator(_marks(0.15, 0.1))).sum()
    for _ in range(200):
        last = translator(_marks(0.15, 0.1))
    assert np.abs(last).sum() < first


def test_an_expression_the_source_never_made_is_kept_near_those_it_did() -> None:
    basis, _ = _basis()
    found = Translator(basis)(_marks(3.0, 2.0))
    half = (basis.high - basis.low) / 2
    assert (np.abs(found - (basis.high + basis.low) / 2) <= 1.4 * half + 1e-4).all()


def test_one_face_alone_makes_a_basis() -> None:
    basis, said = ExpressionBasis.of([_marks()])
    assert said.shape == (1, len(basis.parts))
    assert np.isfinite(Translator(basis)(_marks(0.3))).all()
