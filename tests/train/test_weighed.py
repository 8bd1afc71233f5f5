import numpy as np
from train.weighed import weighed_bin


def test_figures_that_part_the_two_count_and_chance_does_not(rng: np.random.Generator) -> None:
    real = rng.normal(0, 1, 60).tolist()
    assert weighed_bin("still", rng.normal(4, 1, 60).tolist(), real).weight > 0.7
    assert weighed_bin("still", rng.normal(0, 1, 60).tolist(), real).weight < 0.1


def test_all_of_a_person_are_left_out_together(rng: np.random.Generator) -> None:
    fakes, reals = rng.normal(1, 1, 90).tolist(), rng.normal(0, 1, 90).tolist()
    people = [str(number % 30) for number in range(90)]
    apart = weighed_bin("still", fakes, reals, people=(people, people))
    assert 0 < apart.weight < 0.6
