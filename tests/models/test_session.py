"""A session runs where it was told to, says what it wants, and may be shared by threads."""

import hashlib
import subprocess
import sys
import threading
from dataclasses import replace

import numpy as np
import pytest
from tests.models.conftest import MakeCard, Shelf

from masquerade.errors import ModelError, UsageError
from masquerade.models import session as session_module
from masquerade.models.card import Card, Input, cards
from masquerade.models.session import OrtSession, open_session

RUNTIMES = ("torch", "onnxruntime", "ai_edge_litert", "cv2", "dlib", "tensorflow")


@pytest.fixture
def place(shelf: Shelf, make_card: MakeCard, monkeypatch: pytest.MonkeyPatch):
    """Puts a made-up file into the cache under a card of its own."""

    def put(name: str, data: bytes, **changes: object) -> Card:
        card = make_card(name, data, **changes)
        shelf.cards[name] = card
        shelf.weights.mkdir(parents=True, exist_ok=True)
        (shelf.weights / card.file).write_bytes(data)
        return card

    monkeypatch.setattr(session_module, "card", lambda name: shelf.cards[name])
    return put


@pytest.mark.parametrize("module", ["masquerade", "masquerade.models.session"])
def test_importing_loads_no_runtime(module: str) -> None:
    code = f"import sys, {module}; print(*[name for name in {RUNTIMES} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_an_onnx_file_runs_and_a_batch_equals_singles(place, tiny_onnx: bytes, rng) -> None:
    place("one", tiny_onnx)
    session = open_session("one", threads=2)
    batch = rng.random((5, 3, 2, 4), dtype=np.float32)

    (got,) = session(batch)

    assert np.array_equal(got, 2 * batch)
    assert session.input_shapes == ((None, 3, 2, 4),)
    singles = np.concatenate([session(batch[i : i + 1])[0] for i in range(5)])
    assert np.array_equal(singles, got)


@pytest.mark.parametrize(
    ("inputs", "ok"),
    [
        ((np.zeros((1, 3, 2, 4), np.float32),), True),
        ((), False),
        ((np.zeros((1, 3, 2, 4), np.float32),) * 2, False),
        ((np.zeros((1, 3, 2, 5), np.float32),), False),
        ((np.zeros((3, 2, 4), np.float32),), False),
        ((np.zeros((1, 3, 2, 4), np.float64),), False),
    ],
)
def test_only_inputs_of_the_networks_shape_and_type_are_taken(
    place, tiny_onnx: bytes, inputs: tuple[np.ndarray, ...], ok: bool
) -> None:
    place("one", tiny_onnx)
    session = open_session("one")
    if ok:
        session(*inputs)
    else:
        with pytest.raises(UsageError, match="'one' was given"):
            session(*inputs)


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"device": "tpu"}, UsageError, "no device is named 'tpu'"),
        ({"threads": 0}, UsageError, "0 threads"),
        ({"device": "directml"}, ModelError, "'directml' is not there"),
    ],
)
def test_a_device_that_is_not_there_is_an_error(
    place, tiny_onnx: bytes, changes: dict[str, object], error: type[Exception], says: str
) -> None:
    import onnxruntime

    if "DmlExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this machine has DirectML")
    place("one", tiny_onnx)
    with pytest.raises(error, match=says):
        open_session("one", **changes)  # type: ignore[arg-type]


def test_a_provider_that_does_not_start_is_an_error_and_not_the_cpu(
    place, tiny_onnx: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ONNX Runtime itself would go on without the provider it cannot start."""
    import onnxruntime

    card = place("one", tiny_onnx)
    real = onnxruntime.InferenceSession

    def without_cuda(path: str, options: object, providers: list[str]) -> object:
        return real(path, options, providers=["CPUExecutionProvider"])

    both = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: both)
    monkeypatch.setattr(onnxruntime, "InferenceSession", without_cuda)

    with pytest.raises(ModelError, match="could not start"):
        open_session(card.name, device="cuda")


@pytest.mark.parametrize("runtime", ["onnxruntime", "litert"])
def test_a_file_the_runtime_cannot_read_is_one_error(place, runtime: str) -> None:
    place("one", b"not a network", runtime=runtime)
    with pytest.raises(ModelError, match="cannot open"):
        open_session("one")


@pytest.mark.parametrize("runtime", ["onnxruntime", "litert"])
def test_a_missing_runtime_is_one_error(
    place, tiny_onnx: bytes, runtime: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place("one", tiny_onnx, runtime=runtime)
    for module in ("onnxruntime", "ai_edge_litert.interpreter"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ModelError, match="pip install"):
        open_session("one")


def test_litert_runs_on_the_cpu_only(place, tiny_onnx: bytes) -> None:
    place("one", tiny_onnx, runtime="litert")
    with pytest.raises(ModelError, match="device='cpu'"):
        open_session("one", device="cuda")


def test_an_altered_file_is_never_opened(place, shelf: Shelf, tiny_onnx: bytes) -> None:
    card = place("one", tiny_onnx)
    shelf.cards["one"] = replace(card, sha256=card.sha256[:8] + hashlib.sha256().hexdigest()[8:])
    with pytest.raises(ModelError, match="SHA-256"):
        open_session("one")


WEIGHTS_ALONE = ("style_any", "style_presets")  # of which our own network is made


@pytest.mark.weights
@pytest.mark.parametrize(
    "name",
    [
        name
        for name, one in cards().items()
        if name not in ("face_identity", *WEIGHTS_ALONE)
        and one.runtime != "torch"
        and isinstance(one.input, Input)
    ],
)
def test_every_network_opens_and_gives_finite_numbers(name: str, rng) -> None:
    wanted = cards()[name].pictures
    width, height = wanted.size_wh
    picture = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)

    outputs = open_session(name)(wanted.tensor(picture))

    assert outputs
    assert all(np.isfinite(value).all() for value in outputs)


@pytest.mark.weights
@pytest.mark.parametrize("name", ["face_mesh", "unsafe_content"])
def test_threads_that_share_a_session_get_their_own_answers(name: str, rng) -> None:
    wanted = cards()[name].pictures
    width, height = wanted.size_wh
    session = open_session(name)
    pictures = rng.integers(0, 256, (4, height, width, 3), dtype=np.uint8)
    alone = [session(wanted.tensor(picture)) for picture in pictures]
    together: dict[int, list[np.ndarray]] = {}

    def work(index: int) -> None:
        for _ in range(5):
            together[index] = session(wanted.tensor(pictures[index]))

    threads = [threading.Thread(target=work, args=(index,)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    for index, values in enumerate(alone):
        for one, other in zip(values, together[index], strict=True):
            assert np.allclose(one, other, atol=1e-5)


@pytest.mark.weights
def test_an_answer_is_not_overwritten_by_the_next_call(rng) -> None:
    session = open_session("face_mesh")
    wanted = cards()["face_mesh"].pictures
    first = session(wanted.tensor(np.zeros((192, 192, 3), np.uint8)))[0]
    kept = first.copy()
    session(wanted.tensor(rng.integers(0, 256, (192, 192, 3), dtype=np.uint8)))
    assert np.array_equal(first, kept)


@pytest.mark.weights
def test_opening_a_network_writes_nothing_to_the_terminal() -> None:
    code = (
        "import numpy as np\n"
        "from masquerade.models.session import open_session\n"
        "open_session('face_mesh')(np.zeros((1, 192, 192, 3), np.float32))\n"
        "open_session('unsafe_content')(np.zeros((1, 224, 224, 3), np.float32))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout + done.stderr == ""


def test_numeric_types_of_onnx_are_known() -> None:
    assert session_module._ort_dtype("tensor(float)") == np.float32
    assert session_module._ort_dtype("tensor(int64)") == np.int64
    assert OrtSession.__doc__
