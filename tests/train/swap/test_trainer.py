import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is missing: the extra `train`")

from tests.models.tiny_swap import SHAPE  # noqa: E402
from tests.train.tiny_faces import TinyFaces  # noqa: E402

from masquerade.train.augment import Amounts  # noqa: E402
from masquerade.train.loader import Batch, Faces, Loader  # noqa: E402
from masquerade.train.schedule import PHASES, phase_at  # noqa: E402
from masquerade.train.swap.options import TrainOptions  # noqa: E402
from masquerade.train.swap.trainer import SwapTrainer  # noqa: E402
from masquerade.train.team import Team, gathered  # noqa: E402

OPTIONS = TrainOptions(perceptual=0, rate=1e-3)
STEPS = 6


def silent(*_: object) -> None:
    """Nobody listens."""


def begun(team: Team, batch: int = 4) -> tuple[SwapTrainer, Loader]:
    both = [Faces.of(TinyFaces(seed=n), "x", SHAPE.side, progress=silent) for n in (1, 2)]
    loader = Loader((both[0], both[1]), Amounts(), batch, 1, team)
    return SwapTrainer(SHAPE, OPTIONS, precision="fp32", team=team), loader


def losses(trainer: SwapTrainer, loader: Loader, first: int, until: int) -> list[float]:
    """Of the schedule squeezed into six iterations, so that every phase is in it."""
    found = []
    for step in range(first, until):
        made = trainer.learn(loader.make(step), PHASES[step * 4 // STEPS], seed=step)
        assert made is not None
        found += [made.source, made.target, made.critic]
    return found


@pytest.fixture
def alone() -> Iterator[Team]:
    """Threads wait for each other longer than so small a network computes."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield Team(torch.device("cpu"))
    torch.set_num_threads(threads)


def test_phases_follow_each_other_and_fill_the_training() -> None:
    names = [phase_at(step, 1000).name for step in range(1000)]

    assert list(dict.fromkeys(names)) == [phase.name for phase in PHASES]
    assert sum(phase.share for phase in PHASES) == pytest.approx(1)
    assert not any(phase.critic and phase.bend for phase in PHASES)


def test_a_network_learns_to_draw_what_it_sees(alone: Team) -> None:
    trainer, loader = begun(alone, batch=8)
    first = trainer.learn(loader.make(0), PHASES[2], seed=0)
    for step in range(35):
        last = trainer.learn(loader.make(0), PHASES[2], seed=step)

    assert first is not None
    assert last is not None
    assert last.total < 0.85 * first.total


def test_a_training_that_was_stopped_goes_on_to_the_very_same_numbers(alone: Team) -> None:
    whole, loader = begun(alone)
    wanted = losses(whole, loader, 0, STEPS)

    stopped, loader = begun(alone)
    early = losses(stopped, loader, 0, 3)
    held = {name: one.clone() for name, one in stopped.tensors().items()}
    losses(stopped, loader, 3, 4)  # what came after the checkpoint is lost
    again, loader = begun(alone)
    again.load(held)
    late = losses(again, loader, 3, STEPS)

    assert early + late == wanted
    ends, others = whole.tensors(), again.tensors()
    assert all(torch.equal(ends[name], others[name]) for name in ends)


def test_numbers_that_are_none_change_nothing(alone: Team) -> None:
    trainer, loader = begun(alone)
    losses(trainer, loader, 0, 2)
    before = {name: one.clone() for name, one in trainer.tensors().items()}
    batch = loader.make(2)
    batch.draws.contrast[:] = float("nan")

    assert trainer.learn(Batch(batch.pictures, batch.draws), PHASES[0], seed=2) is None
    after = trainer.tensors()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_steps_can_be_made_shorter(alone: Team) -> None:
    trainer, _ = begun(alone)
    trainer.slow_down()
    assert trainer.tensors()["network.rates"].tolist() == [5e-4]


SCRIPT = """
import json
from tests.train.swap.test_trainer import begun, losses, STEPS
from masquerade.train.team import gathered
with gathered("cpu") as team:
    trainer, loader = begun(team)
    found = losses(trainer, loader, 0, STEPS)
    if team.leads:
        print("found", json.dumps(found))
"""


def test_two_processes_learn_what_one_learns_of_the_doubled_batch(
    alone: Team, tmp_path: Path
) -> None:
    wanted = losses(*begun(alone), 0, STEPS)
    script, root = tmp_path / "two.py", Path(__file__).parents[3]
    script.write_text(SCRIPT)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    shared |= {"PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"}

    with ExitStack() as running:
        both = [
            running.enter_context(
                subprocess.Popen(
                    [sys.executable, str(script)],
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                    env=os.environ | shared | {"RANK": rank},
                )
            )
            for rank in ("0", "1")
        ]
        said = [one.communicate(timeout=200) for one in both]

    assert [one.returncode for one in both] == [0, 0], said
    line = next(line for line in said[0][0].splitlines() if line.startswith("found"))
    assert json.loads(line.removeprefix("found")) == pytest.approx(wanted, rel=2e-3)


def test_a_device_that_is_not_there_is_told() -> None:
    from masquerade.errors import UsageError

    if torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    with pytest.raises(UsageError, match="PyTorch sees 0 GPUs"), gathered("cuda"):
        pass
