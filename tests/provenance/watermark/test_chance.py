import pytest

from masquerade.provenance.watermark.chance import FALSE_ALARM, chance


@pytest.mark.parametrize(
    ("score", "tries", "bound"),
    [(0.0, 1, 1.0), (-20.0, 1, 1.0), (11.6, 1, 1.1132e-10), (12.0, 512, 5.0814e-10)],
)
def test_the_bound_is_hoeffdings_times_ids_and_tries(
    score: float, tries: int, bound: float
) -> None:
    assert chance(score, tries) == pytest.approx(bound, rel=1e-4)


def test_more_tries_need_a_better_score() -> None:
    assert chance(11.6, 1) < FALSE_ALARM < chance(11.6, 512) < 1
