"""When a mouth is covered: told over time, one look does not count."""

import numpy as np
import pytest

from masquerade.faces.mouth.covered import covered_spans, within

TIMES_S = np.arange(50) / 25


def told(covered: list[int]) -> np.ndarray:
    return np.where(np.isin(np.arange(50), covered), -0.5, 0.8).astype(np.float32)


@pytest.mark.parametrize(
    ("covered", "expected"),
    [
        ([], []),
        ([20, 21], []),
        (list(range(50)), [(0.0, 1.96)]),
        (list(range(10, 30)), [(0.4, 1.16)]),
        ([*range(12), *range(40, 50)], [(0.0, 0.44), (1.6, 1.96)]),
    ],
)
def test_spans_are_those_in_which_most_looks_see_no_lips(
    covered: list[int], expected: list[tuple[float, float]]
) -> None:
    np.testing.assert_allclose(
        covered_spans(TIMES_S, told(covered)), np.reshape(expected, (-1, 2)), atol=0.05
    )


def test_a_gap_parts_spans_and_what_was_not_asked_does_not_count() -> None:
    times_s = np.concatenate([TIMES_S, TIMES_S + 5])
    seen = np.full(100, -0.5, np.float32)
    seen[10:15] = np.nan

    spans = covered_spans(times_s, seen)

    np.testing.assert_allclose(spans, [(0, 1.96), (5, 6.96)], atol=1e-6)
    assert not len(covered_spans(times_s, np.full(100, np.nan, np.float32)))


def test_times_lie_in_spans_with_both_ends() -> None:
    spans = np.array([(0.4, 1.0), (2.0, 2.0)])

    inside = within(np.array([0.3, 0.4, 0.7, 1.0, 1.04, 2.0]), spans)

    assert inside.tolist() == [False, True, True, True, False, True]
    assert not within(TIMES_S, np.zeros((0, 2))).any()
