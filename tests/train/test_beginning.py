"""One training writes to a folder at a time, and replaces no model but its own."""

from dataclasses import dataclass
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is missing: the extra `train`")

from masquerade.errors import OutputError, UsageError  # noqa: E402
from masquerade.train import checkpoint as checkpoints  # noqa: E402
from masquerade.train.beginning import alone_in, checkpoint_of  # noqa: E402
from masquerade.train.checkpoint import Checkpoint, Progress  # noqa: E402
from masquerade.train.outcome import check_model_out  # noqa: E402
from masquerade.train.swap.options import TrainOptions  # noqa: E402
from masquerade.train.team import Team  # noqa: E402

TEAM = Team(torch.device("cpu"))


@dataclass
class Job:
    out: Path
    folder: Path
    anew: bool = False
    overwrite: bool = False


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """With a model that was there before."""
    (tmp_path / "ab.safetensors").write_bytes(b"a model")
    return Job(tmp_path / "ab.safetensors", tmp_path / "ab.training")


def learned(folder: Path, run: str) -> None:
    folder.mkdir(exist_ok=True)
    weights = {"weights": torch.zeros(3)}
    checkpoints.write(folder, Checkpoint(weights, Progress(run=run, step=1)), keep=2)


def test_the_same_command_twice_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "ab.training"
    with (
        alone_in(folder, TEAM),
        pytest.raises(UsageError, match="another training writes to"),
        alone_in(folder, TEAM),
    ):
        pass
    assert not folder.exists()  # nothing was written


def test_the_folder_stays_once_something_lies_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "ab.training"
    with alone_in(folder, TEAM):
        learned(folder, "mine")
    with alone_in(folder, TEAM):
        assert checkpoints.has_some(folder)
    folder = tmp_path / "file"
    folder.write_bytes(b"")
    with pytest.raises(OutputError, match="cannot be written"), alone_in(folder, TEAM):
        pass


def test_a_model_beside_an_empty_folder_is_not_replaced(job: Job) -> None:
    job.folder.mkdir()
    with pytest.raises(UsageError, match="exists"):
        check_model_out(job.out, job.folder, overwrite=False)


def test_a_model_is_replaced_only_by_the_training_that_wrote_it(job: Job) -> None:
    options = TrainOptions(preset="tiny")
    learned(job.folder, "mine")
    check_model_out(job.out, job.folder, overwrite=False)
    assert checkpoint_of(job, "mine", options, team=TEAM, tell=print)
    with pytest.raises(UsageError, match="other faces"):
        checkpoint_of(job, "other", options, team=TEAM, tell=print)

    checkpoints.remove_all(job.folder)
    with pytest.raises(UsageError, match="exists"):
        checkpoint_of(job, "mine", options, team=TEAM, tell=print)
    job.overwrite = True
    assert checkpoint_of(job, "mine", options, team=TEAM, tell=print) is None
