"""What is tried before a training starts, with a network that only says what it takes."""

from types import SimpleNamespace

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is missing: the extra `train`")

from tests.models.tiny_swap import SHAPE  # noqa: E402

from masquerade.train import estimate  # noqa: E402
from masquerade.train.schedule import PHASES  # noqa: E402
from masquerade.train.swap import work as swap_work  # noqa: E402
from masquerade.train.swap.options import TrainOptions  # noqa: E402
from masquerade.train.team import Team  # noqa: E402


@pytest.mark.parametrize(
    ("half", "full", "chosen"),
    [
        ([9, 1, 1], [2, 2, 2], "bf16"),  # the first is to warm up
        ([1, 1, 7], [2, 2, 2], "bf16"),  # another program was in the way
        ([3, 3, 3], [9, 2, 2], "fp32"),
    ],
)
def test_the_precision_is_that_of_the_quickest_iteration_after_one_to_warm_up(
    monkeypatch: pytest.MonkeyPatch, half: list[float], full: list[float], chosen: str
) -> None:
    worked = [0.0]

    class Trainer:
        def __init__(self, *_args: object, precision: str, **_words: object) -> None:
            self.takes = iter((half if precision == "bf16" else full) * len(PHASES))
            self.learner = SimpleNamespace(network=torch.nn.Linear(2, 2))

        def learn(self, *_args: object, **_words: object) -> None:
            worked[0] += next(self.takes)

    monkeypatch.setattr(swap_work, "SwapTrainer", Trainer)
    monkeypatch.setattr(estimate.time, "process_time", lambda: worked[0])
    options, team = TrainOptions(), Team(torch.device("cpu"))
    found = estimate.tried(
        swap_work.SwapTrial(SHAPE, options, team, None),
        options,
        batch=2,
        team=team,
        progress=lambda *_: None,
        phases=PHASES,
    )
    assert found is not None
    assert found.precision == chosen
