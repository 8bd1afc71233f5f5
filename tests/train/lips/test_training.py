"""A mouth is learned from made-up frames: to a model, the same after a stop, under consent."""

from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tests.faces.mouth.test_shape import talking  # noqa: E402

from masquerade import personas  # noqa: E402
from masquerade.errors import ConsentError, InputError, ModelError  # noqa: E402
from masquerade.faces.mouth.crop import SIDE, given, placed  # noqa: E402
from masquerade.faces.mouth.talker import Sight  # noqa: E402
from masquerade.media.read import read_image  # noqa: E402
from masquerade.models.trained.lips import IDENTITY, read_lips  # noqa: E402
from masquerade.models.trained.lips_graph import onnx_from_lips, tensor_shapes  # noqa: E402
from masquerade.models.trained.lips_shape import TOLD, LipsShape  # noqa: E402
from masquerade.models.trained.swap import read_swap  # noqa: E402
from masquerade.pipelines.lips.model import open_lips  # noqa: E402
from masquerade.provenance.consent.bound_face import open_face  # noqa: E402
from masquerade.provenance.consent.record import ConsentRecord  # noqa: E402
from masquerade.provenance.verify import verify  # noqa: E402
from masquerade.train.lips import material as lips_material  # noqa: E402
from masquerade.train.lips import work as lips_work  # noqa: E402
from masquerade.train.lips.job import LipsJob  # noqa: E402
from masquerade.train.lips.network import LipsNetwork  # noqa: E402
from masquerade.train.lips.options import LipsOptions  # noqa: E402
from masquerade.train.lips.training import train_lips  # noqa: E402

FRAMES = 110  # two halves, and a stretch that is not learned from


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Few frames, and one thread: several wait longer than they compute."""
    monkeypatch.setattr(lips_material, "LEAST", 50)
    monkeypatch.setattr(lips_material, "_STRETCH", 10)
    monkeypatch.setattr(lips_work, "_CHECKED", 2)
    monkeypatch.setattr(lips_work, "SHOWN", 1)
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def sights() -> list[Sight]:
    rng = np.random.default_rng(5)
    skulls = talking(FRAMES)
    small = rng.integers(60, 200, (FRAMES, 9, 10, 3), dtype=np.uint8)
    maps = [cv2.resize(one, (160, 144), interpolation=cv2.INTER_CUBIC) for one in small]
    pairs = zip(skulls, maps, strict=True)
    return [Sight(skull, map_, k / 25, 0, 120.0) for k, (skull, map_) in enumerate(pairs)]


@pytest.fixture
def job(sights: list[Sight], record: ConsentRecord, tmp_path: Path) -> Callable[..., LipsJob]:
    photo = read_image(personas.load("ada").picture).pixels

    def asked(name: str = "lips.safetensors", iterations: int = 2, **options: object) -> LipsJob:
        how = {"iterations": iterations, "batch": 2, "width": 8, "precision": "fp32"} | options
        return LipsJob(
            out=tmp_path / name,
            sights=sights,
            inputs=("0" * 64,),
            identity=open_face(record.faces[0], record.id),
            record=record,
            purpose="research",
            photo=photo,
            options=LipsOptions(**({"preview_every": 99, "save_every": 99} | how)),
        )

    return asked


def silent(_what: str, _done: int, _total: int | None) -> None:
    """Nobody listens."""


def ignored(_words: str) -> None:
    """Nobody listens."""


def tensors(path: Path) -> dict[str, np.ndarray]:
    file = read_lips(path)
    return file.weights | file.space.arrays() | {IDENTITY: file.identity}


def test_a_training_goes_on_to_the_very_same_weights(job: Callable[..., LipsJob]) -> None:
    whole = train_lips(job("one.safetensors", 3), progress=silent, tell=ignored)
    train_lips(job("two.safetensors", 2), progress=silent, tell=ignored)
    told: list[str] = []

    parts = train_lips(job("two.safetensors", 3), progress=silent, tell=told.append)

    assert whole.product
    assert parts.product
    one, two = tensors(whole.product.path), tensors(parts.product.path)
    assert all(np.array_equal(one[name], two[name]) for name in one)
    assert told[0].startswith("goes on from iteration 2")


def test_a_model_opens_as_it_was_trained_and_for_that_person_alone(
    job: Callable[..., LipsJob],
) -> None:
    wanted = job(iterations=1, critic=0.1)
    made = train_lips(wanted, progress=silent, tell=ignored).product
    assert made

    model = open_lips(made.path)

    assert model.records == (wanted.record,)
    model.check_person(wanted.identity)
    with pytest.raises(ConsentError, match="somebody else"):
        model.check_person(-wanted.identity)
    with pytest.raises(ModelError, match="no trained swap"):
        read_swap(made.path)
    data = bytearray(made.path.read_bytes())
    data[-1] ^= 1  # a weight, or whose mouth it is: all tensors are signed
    made.path.write_bytes(bytes(data))
    with pytest.raises(ConsentError, match="weights are not those"):
        open_lips(made.path)


@pytest.mark.weights
def test_a_preview_is_sealed_under_the_record(job: Callable[..., LipsJob]) -> None:
    wanted = job(iterations=1, preview_every=1)

    train_lips(wanted, progress=silent, tell=ignored)

    assert verify(wanted.folder / "preview-00000001.png").exit_code == 0


def test_too_few_frames_are_told(job: Callable[..., LipsJob], monkeypatch) -> None:
    monkeypatch.setattr(lips_material, "LEAST", FRAMES + 1)

    with pytest.raises(InputError, match=f"{FRAMES} frames"):
        train_lips(job(), progress=silent, tell=ignored)


def test_the_network_as_onnx_draws_the_same() -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    torch.manual_seed(0)
    shape = LipsShape(side=32, width=8, code=8)
    network = LipsNetwork(shape)
    for one in network.parameters():
        torch.nn.init.normal_(one, std=0.1)
    weights = {name: one.numpy() for name, one in network.state_dict().items()}
    picture, told = torch.rand(2, 3, 32, 32), torch.randn(2, TOLD)
    expected = network(picture, told).clamp(0, 1).detach().numpy()

    session = onnxruntime.InferenceSession(onnx_from_lips(shape, weights))
    (made,) = session.run(None, {"row": torch.cat([picture.flatten(1), told], 1).numpy()})

    assert {name: one.shape for name, one in weights.items()} == tensor_shapes(shape)
    np.testing.assert_allclose(made, expected, atol=1e-5)


def test_an_untrained_network_changes_nothing() -> None:
    network = LipsNetwork(LipsShape(width=8))
    picture = torch.rand(1, 3, SIDE, SIDE)

    assert torch.equal(network(picture, torch.randn(1, TOLD)), picture)


def test_a_frames_own_lips_are_hidden_from_the_network() -> None:
    drawn = np.full((144, 160, 3), 50, np.float32)
    seen = np.full((144, 160, 3), 200, np.uint8)

    shown = given(drawn, seen)

    assert shown[40, SIDE // 2] == pytest.approx(50 / 255)
    assert shown[-1, 0] == pytest.approx(200 / 255)
    assert placed(shown, drawn)[40, 80] == pytest.approx(50)
