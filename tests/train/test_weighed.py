import numpy as np
from train.weighed import weighed_bin


def test_figures_that_part_the_two_count_and_chance_does_not(rng: np.random.Generator) -> None:
    real = rng.normal(0, 1, 60).tolist()
    assert weighed_bin("still", rng.normal(4, 1, 60).tolist(), real).weight > 0.7
    assert weighed_bin("still", rng.normal(0, 1, 60).tolist(), real).weight < 0.1
