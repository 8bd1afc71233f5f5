"""A renderer of a body: learned from a mannequin's moments, saved, and opened again."""

import signal
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is missing: the extra `train`")

from tests.bodies import mannequin  # noqa: E402
from tests.bodies.mannequin import Pose  # noqa: E402

from masquerade import personas  # noqa: E402
from masquerade.bodies.figure import shown  # noqa: E402
from masquerade.bodies.footage import Moment  # noqa: E402
from masquerade.errors import ConsentError, InputError, ModelError, UsageError  # noqa: E402
from masquerade.models.trained.body import read_body  # noqa: E402
from masquerade.models.trained.body_shape import BodyShape  # noqa: E402
from masquerade.pipelines.body.export import export_body  # noqa: E402
from masquerade.pipelines.body.lesson import body_lesson  # noqa: E402
from masquerade.pipelines.body.model import open_body  # noqa: E402
from masquerade.provenance.consent.records import load  # noqa: E402
from masquerade.train import checkpoint as checkpoints  # noqa: E402
from masquerade.train.body.job import BodyJob  # noqa: E402
from masquerade.train.body.material import Material  # noqa: E402
from masquerade.train.body.options import (  # noqa: E402
    BODY_PRESETS,
    BodyPreset,
    BodyTrainOptions,
)
from masquerade.train.body.trainer import BodyTrainer  # noqa: E402
from masquerade.train.body.training import train_body  # noqa: E402
from masquerade.train.body.work import PHASES  # noqa: E402
from masquerade.train.team import Team  # noqa: E402
from masquerade.types import InputUse  # noqa: E402

SHAPE = BodyShape(side=32, width=4, depth=1)
STEPS = 6
OPTIONS = BodyTrainOptions(batch=2, precision="fp32", rate=3e-3, device="cpu", threads=1)


def silent(*_: object) -> None:
    """Nobody listens."""


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch):
    """A tiny network, and one thread: several wait longer than they compute."""
    monkeypatch.setitem(BODY_PRESETS, "tiny", BodyPreset("for tests", SHAPE, 2, STEPS))
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def moments() -> list[Moment]:
    """A mannequin that lifts its arms."""
    found = []
    for number in range(18):
        body = mannequin.body(
            Pose(arms=10.0 + 4 * number, legs=4.0 + number, middle=(110.0, 110.0))
        )
        picture = mannequin.painted(body, np.full((240, 220, 3), 90, np.uint8))
        cut = shown(picture, body, mannequin.cover(body, (240, 220)))
        assert cut is not None
        found.append(Moment(cut, body))
    return found


@pytest.fixture(scope="module")
def material(moments: list[Moment]) -> Material:
    return Material.of(moments, SHAPE.side, seed=1, progress=silent)


def job(out: Path, moments: list[Moment], **changed: object) -> BodyJob:
    record = load(personas.load("ada").consent)
    source = InputUse("source", "a.mp4", "0" * 64, out.with_name("a.mp4"))
    identity = np.zeros(128, np.float32)
    made = {"options": OPTIONS, "purpose": "research"} | changed
    return BodyJob(out, moments, source, identity, record, **made)  # type: ignore[arg-type]


def test_few_moments_are_refused(moments: list[Moment]) -> None:
    with pytest.raises(InputError, match="5 sharp moments"):
        Material.of(moments[:5], SHAPE.side, seed=1, progress=silent)


def test_the_last_moments_are_never_trained_on_nor_drawn_from(
    material: Material, moments: list[Moment]
) -> None:
    given, truth = material.check()
    assert len(given) == len(truth) == len(moments) - material.taught >= 2
    batch = material.batch(3, np.random.default_rng(0))
    again = material.batch(3, np.random.default_rng(0))
    assert batch.given.shape == (6, 10, 32, 32)
    assert torch.equal(batch.given, again.given)


def test_a_network_learns_and_begins_as_the_puppet(material: Material) -> None:
    trainer = BodyTrainer(SHAPE, OPTIONS, Team(torch.device("cpu")), "fp32")
    before = trainer.check(material.check())
    assert before.drawn == pytest.approx(before.puppet, abs=0.02)
    for step in range(24):
        batch = material.batch(4, np.random.default_rng(step))
        losses = trainer.learn(batch, PHASES[0], seed=step)
        assert losses is not None
    assert trainer.check(material.check()).drawn < before.drawn


@pytest.fixture
def trained(tmp_path: Path, moments: list[Moment]) -> Path:
    return train_body(job(tmp_path / "a.mbody", moments), progress=silent, tell=silent).product.path


def test_a_stopped_training_goes_on_to_the_same_numbers_and_its_file_is_guarded(
    trained: Path, moments: list[Moment], tmp_path: Path
) -> None:
    asked = job(tmp_path / "b.mbody", moments)

    def interrupt(what: str, done: int, _total: int | None) -> None:
        if (what, done) == ("training", 2):
            signal.raise_signal(signal.SIGINT)

    told: list[str] = []
    stopped = train_body(asked, progress=interrupt, tell=told.append)
    assert stopped.stopped
    assert stopped.iterations == 2
    assert any("0.00 million weights" in words and "s and" in words for words in told)
    ended = train_body(asked, progress=silent, tell=told.append)
    assert ended.iterations == STEPS
    assert trained.stat().st_mode & 0o077 == 0  # it was learned from somebody
    whole, again = read_body(trained).weights, read_body(tmp_path / "b.mbody").weights
    assert all(np.array_equal(whole[name], again[name]) for name in whole)
    assert checkpoints.size_bytes(asked.folder) > 0
    assert (asked.folder / "losses.csv").is_file()
    assert ended.product is not None
    assert "DSSIM" in ended.product.words()
    _is_used_and_refused_once_changed(trained, tmp_path)


def test_a_model_is_not_replaced_unasked(moments: list[Moment], tmp_path: Path) -> None:
    other = job(tmp_path / "c.mbody", moments)
    other.out.write_bytes(b"")
    with pytest.raises(UsageError, match="exists"):
        train_body(other, progress=silent, tell=silent)


def _is_used_and_refused_once_changed(trained: Path, tmp_path: Path) -> None:
    """Of a file that was trained, whose key is that of this test."""
    model = open_body(trained)
    assert model.name == "a.mbody"
    seen = np.random.default_rng(0).integers(0, 255, (10, 32, 32), dtype=np.uint8)
    assert model.network(seen).shape == (7, 32, 32)
    with pytest.raises(ConsentError, match="does not cover the body"):
        model.check_person([np.zeros(128, np.float32)])  # a persona is a face only
    assert export_body(trained, tmp_path / "a.onnx").side == 32

    data = bytearray(trained.read_bytes())
    data[-3] ^= 1
    foreign = tmp_path / "foreign.mbody"
    foreign.write_bytes(bytes(data))
    with pytest.raises(ConsentError, match="weights are not those"):
        open_body(foreign)
    foreign.write_bytes(b"no model")
    with pytest.raises(InputError, match="no safetensors file"):
        open_body(foreign)


def test_network_and_graph_agree(tmp_path: Path) -> None:
    from masquerade.models.session import open_onnx
    from masquerade.models.trained.body_graph import onnx_from_body
    from masquerade.train.body.network import BodyNetwork

    torch.manual_seed(3)
    network = BodyNetwork(SHAPE)
    for head in network.heads.values():
        torch.nn.init.normal_(head.weight, std=0.1)
    weights = {name: one.detach().numpy() for name, one in network.state_dict().items()}
    session = open_onnx("a", onnx_from_body(SHAPE, weights), device="cpu", threads=1)
    given = torch.rand(2, 10, 32, 32)
    (found,) = session.run(None, {"given": given.numpy()})
    with torch.no_grad():
        assert np.allclose(network(given).numpy(), found, atol=1e-5)
    with pytest.raises(ModelError, match=r"such as enter\.bias"):
        onnx_from_body(SHAPE, {k: v for k, v in weights.items() if k != "enter.bias"})


def test_nothing_is_looked_at_without_the_persons_record(tmp_path: Path) -> None:
    with pytest.raises(ConsentError, match="no consent records"):
        body_lesson(tmp_path / "a.mp4", [], purpose="", progress=silent, tell=silent)
