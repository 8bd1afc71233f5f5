"""What the benchmarks of training say of curves and of sizes."""

import json
import math
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is missing: the extra `train`")

from tests.models.tiny_swap import SHAPE  # noqa: E402

from benchmarks.train_quality import curves, reached  # noqa: E402
from benchmarks.train_runs import Checked, Plan, Run, followed, read_run  # noqa: E402
from benchmarks.train_shown import spread  # noqa: E402
from benchmarks.train_speed import Ours, as_large, timed_in_turns, weights_of  # noqa: E402
from masquerade.train.augment import Amounts  # noqa: E402
from masquerade.train.loader import Faces, Loader  # noqa: E402
from masquerade.train.swap.network import SwapNetwork  # noqa: E402
from masquerade.train.swap.options import TrainOptions  # noqa: E402
from masquerade.train.swap.presets import PRESETS  # noqa: E402
from masquerade.train.swap.trainer import SwapTrainer  # noqa: E402
from masquerade.train.team import Team  # noqa: E402


def a_run(*dssim: float, name: str = "scratch-bf16") -> Run:
    curve = [Checked(100 * step, 10.0 * step, one, one) for step, one in enumerate(dssim)]
    return Run(name, 1.0, curve, 100.0, 0.01)


def test_a_value_between_two_checks_is_reached_between_them() -> None:
    run = a_run(0.09, 0.05, 0.03)

    assert reached(run, 0.05) == 100
    assert reached(run, 0.04) == pytest.approx(150)
    assert reached(run, 0.2) == 0
    assert math.isnan(reached(run, 0.01))


def test_a_run_comes_back_from_its_file(tmp_path: Path) -> None:
    run = a_run(0.09, 0.05)
    (tmp_path / "a.json").write_text(json.dumps(asdict(run)))

    again = read_run(tmp_path / "a.json")

    assert again == run
    assert again.per_processor_s == pytest.approx(10)


def test_curves_of_all_runs_are_drawn() -> None:
    one = curves([a_run(0.09, 0.05, 0.03)])
    two = curves([a_run(0.09, 0.05, 0.03), a_run(0.07, 0.02, 0.01, name="base-bf16")])

    assert one.shape == two.shape
    assert (one != two).any()


def test_places_are_spread_from_the_first_to_the_last() -> None:
    assert spread(np.arange(10), 3).tolist() == [0, 4, 9]
    assert spread(np.arange(2), 5).tolist() == [0, 1]


def test_a_network_is_raised_to_as_many_weights_as_anothers() -> None:
    tiny = PRESETS["tiny"].shape
    made = as_large(tiny, 3 * weights_of(tiny))

    assert 1 <= weights_of(made) / (3 * weights_of(tiny)) < 1.1
    assert made.side == tiny.side
    network = SwapNetwork(SHAPE)
    assert weights_of(SHAPE) == sum(one.numel() for one in network.parameters())


def test_sides_take_turns() -> None:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    small = PRESETS["tiny"].shape.model_copy(
        update={"latent": 8, "encoder": 4, "decoder": 4, "mask": 4}
    )
    ours = Ours("ours", small, "fp32", 2)

    turns = timed_in_turns([ours], rounds=2, seconds=0.02)
    ours.close()
    torch.set_num_threads(threads)

    assert len(turns["ours"]) == 2
    assert all(turn.processor_s > 0 and turn.iterations >= 1 for turn in turns["ours"])
    assert ours.waited_s >= 0


def test_a_run_goes_on_from_its_last_check(tmp_path: Path) -> None:
    stored = torch.randint(0, 255, (12, 5, SHAPE.side, SHAPE.side), dtype=torch.uint8)
    faces = Faces(np.arange(8), np.arange(8, 12), lambda wanted: stored[wanted])
    plan = Plan("scratch-fp32", {}, "fp32", 0.01, 2)
    found = []
    for _ in range(2):
        team, options = Team(torch.device("cpu")), TrainOptions(perceptual=0, critic=0)
        trainer = SwapTrainer(SHAPE, options, precision="fp32", team=team)
        loader = Loader((faces, faces), Amounts(), plan.batch, 1, team)
        found.append(followed(plan, trainer, loader, tmp_path / "run"))
        loader.close()

    assert found[0] == found[1]  # the second time nothing is left to do
    assert found[0][-1].processor_s >= 60 * plan.minutes
    assert found[0][-1].step > 0
