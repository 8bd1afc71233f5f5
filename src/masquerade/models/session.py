"""Sessions: one call for every runtime, on the device that was asked for and no other.

A `.tflite` file runs in LiteRT, an ONNX file in ONNX Runtime; the card says which. The runtimes
are imported when the first session is opened. A session may be called from several threads.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import ModelError, UsageError
from masquerade.models.card import Card, card
from masquerade.models.quiet import quiet
from masquerade.models.store import Progress, exported, locate

if TYPE_CHECKING:
    import onnxruntime
    from ai_edge_litert.interpreter import Interpreter

Tensor: TypeAlias = NDArray[Any]
Shape: TypeAlias = tuple[int | None, ...]
"""A tensor's shape; None where any size will do."""

PROVIDERS: Final = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "directml": "DmlExecutionProvider",
}
"""Device names and what ONNX Runtime calls them."""

_PACKAGES: Final = {
    "cuda": "onnxruntime-gpu in place of onnxruntime, with CUDA and cuDNN",
    "coreml": "onnxruntime on macOS",
    "directml": "onnxruntime-directml in place of onnxruntime, on Windows",
}


class Session(Protocol):
    """Loaded weights, ready to be called.

    Attributes:
        name: The card's name.
        device: Where it runs.
        input_shapes: Shape of each input.
    """

    name: str
    device: str
    input_shapes: tuple[Shape, ...]

    def __call__(self, *inputs: Tensor) -> list[Tensor]:
        """The network's outputs, in the order of its file, each a new array.

        Args:
            *inputs: One array for each input, of its shape and type.

        Raises:
            UsageError: Their number, a shape or a type is not the network's.
        """
        ...


def open_session(
    name: str,
    *,
    device: str = "cpu",
    threads: int = 1,
    progress: Progress | None = None,
) -> Session:
    """The network of a card, its weights fetched on first use and hashed.

    Args:
        name: The card's name.
        device: ``cpu``, ``cuda``, ``coreml`` or ``directml``; LiteRT networks run on ``cpu`` only.
        threads: Threads one call may use on the CPU, at least 1.
        progress: Told about a fetch, when there is one.

    Raises:
        UsageError: No card has that name, or no device.
        ModelError: The weights cannot be had, the runtime or the device is not there, or the
            runtime cannot open the file.

    Example:
        >>> mesh = open_session("face_mesh")  # doctest: +SKIP
        >>> points, presence = mesh(np.zeros((1, 192, 192, 3), np.float32))  # doctest: +SKIP
    """
    chosen = card(name)
    if device not in PROVIDERS:
        raise UsageError(f"no device is named {device!r}", "one of " + ", ".join(PROVIDERS))
    if threads < 1:
        raise UsageError(f"{threads} threads", "at least 1")
    if chosen.runtime == "torch":
        raise UsageError(f"the weights {name!r} are used in training only", "a network to run")
    if chosen.runtime == "ctranslate2":
        raise UsageError(f"{name!r} belongs to a recogniser", "a network to run by itself")
    if chosen.runtime == "litert":
        if device != "cpu":
            raise ModelError(
                f"{name!r} cannot run on {device!r}: LiteRT runs on the CPU here",
                "device 'cpu'",
                "open this network with device='cpu'; it takes a few milliseconds there",
            )
        return LiteRtSession(name, locate(name, progress=progress), threads=threads)
    return OrtSession(name, _onnx_file(chosen, progress), device=device, threads=threads)


class LiteRtSession:
    """A `.tflite` file in LiteRT, on the CPU.

    Args:
        name: The card's name.
        path: The file.
        threads: Threads one call may use.
    """

    def __init__(self, name: str, path: Path, *, threads: int) -> None:
        self.name, self.device = name, "cpu"
        self._interpreter = _interpreter(name, path, threads)
        self._inputs = self._interpreter.get_input_details()
        self._outputs = [item["index"] for item in self._interpreter.get_output_details()]
        self.input_shapes: tuple[Shape, ...] = tuple(
            tuple(int(size) for size in item["shape"]) for item in self._inputs
        )
        self._dtypes = tuple(np.dtype(item["dtype"]) for item in self._inputs)
        self._lock = threading.Lock()  # an interpreter holds its tensors, so one call at a time

    def __call__(self, *inputs: Tensor) -> list[Tensor]:
        """The outputs; see `Session`."""
        _check_inputs(self, inputs, self._dtypes)
        with self._lock:
            for item, value in zip(self._inputs, inputs, strict=True):
                self._interpreter.set_tensor(item["index"], value)
            self._interpreter.invoke()
            return [np.asarray(self._interpreter.get_tensor(index)) for index in self._outputs]


class OrtSession:
    """An ONNX file in ONNX Runtime.

    Args:
        name: The card's name.
        path: The file.
        device: A key of `PROVIDERS`.
        threads: Threads one call may use on the CPU.
    """

    def __init__(self, name: str, path: Path, *, device: str, threads: int) -> None:
        self.name, self.device = name, device
        self._session = open_onnx(name, path, device=device, threads=threads)
        inputs = self._session.get_inputs()
        self._names = [item.name for item in inputs]
        self.input_shapes: tuple[Shape, ...] = tuple(
            tuple(size if isinstance(size, int) else None for size in item.shape) for item in inputs
        )
        self._dtypes = tuple(_ort_dtype(item.type) for item in inputs)

    def __call__(self, *inputs: Tensor) -> list[Tensor]:
        """The outputs; see `Session`."""
        return self._run(None, inputs, None)

    def only(self, name: str, *inputs: Tensor) -> Tensor:
        """One output, by its name, without computing what only others need.

        Args:
            name: Of the output.
            *inputs: One array for each input, of its shape and type.

        Raises:
            UsageError: Their number, a shape or a type is not the network's.
        """
        import onnxruntime

        options = onnxruntime.RunOptions()
        options.only_execute_path_to_fetches = True
        return self._run([name], inputs, options)[0]

    def _run(
        self, names: list[str] | None, inputs: tuple[Tensor, ...], options: Any
    ) -> list[Tensor]:
        _check_inputs(self, inputs, self._dtypes)
        fed = dict(zip(self._names, inputs, strict=True))
        return list(self._session.run(names, fed, options))


def _onnx_file(chosen: Card, progress: Progress | None) -> Path:
    """The ONNX file of a card: as fetched, or exported once from what was fetched."""
    if chosen.export is None:
        return locate(chosen.name, progress=progress)
    if chosen.export.stored_as == "dlib":
        from masquerade.models.dlib_network import onnx_from_dlib as export
    elif chosen.export.stored_as == "ctranslate2":
        from masquerade.models.speech_content_graph import onnx_from_whisper as export
    elif chosen.export.stored_as == "pyannote":
        from masquerade.models.talkers_graph import onnx_from_pyannote as export
    else:
        from masquerade.models.speaker_graph import onnx_from_resemblyzer as export
    return exported(chosen.name, export, progress=progress)


def _interpreter(name: str, path: Path, threads: int) -> Interpreter:
    try:
        with quiet():
            from ai_edge_litert.interpreter import Interpreter

            interpreter = Interpreter(model_path=str(path), num_threads=threads)
            interpreter.allocate_tensors()
    except ImportError as error:
        raise _runtime_error("LiteRT", "ai-edge-litert", error) from error
    except (ValueError, RuntimeError) as error:
        raise _open_error(name, path, "LiteRT", error) from error
    return interpreter


def open_onnx(
    name: str, network: Path | bytes, *, device: str, threads: int
) -> onnxruntime.InferenceSession:
    """ONNX Runtime's own session for a network, on the device asked for and no other.

    Args:
        name: What messages call it.
        network: The file, or its bytes.
        device: A key of `PROVIDERS`.
        threads: Threads one call may use on the CPU.

    Raises:
        ModelError: The runtime or the device is not there, or it cannot open the network.
    """
    try:
        with quiet():
            import onnxruntime
    except ImportError as error:
        raise _runtime_error("ONNX Runtime", "onnxruntime", error) from error
    wanted = PROVIDERS[device]
    if wanted not in onnxruntime.get_available_providers():
        raise _device_error(device, "this ONNX Runtime has no such provider")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 3
    # Threads that spin between calls would take the cores from decoding and encoding.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    providers = [wanted] if device == "cpu" else [wanted, PROVIDERS["cpu"]]
    try:
        opened = network if isinstance(network, bytes) else str(network)
        session = onnxruntime.InferenceSession(opened, options, providers=providers)
    except Exception as error:  # its exceptions share no narrower base
        place = "it" if isinstance(network, bytes) else network
        raise _open_error(name, place, "ONNX Runtime", error) from error
    session.disable_fallback()
    if session.get_providers()[0] != wanted:
        raise _device_error(device, "ONNX Runtime could not start its provider")
    return session


def _check_inputs(
    session: Session, inputs: tuple[Tensor, ...], dtypes: tuple[np.dtype[Any], ...]
) -> None:
    shapes = session.input_shapes
    fits = len(inputs) == len(shapes) and all(
        value.dtype == dtype
        and value.ndim == len(shape)
        and all(want in (None, have) for want, have in zip(shape, value.shape, strict=True))
        for value, dtype, shape in zip(inputs, dtypes, shapes, strict=True)
    )
    if not fits:
        raise UsageError(
            f"{session.name!r} was given "
            + (", ".join(f"{value.dtype} {value.shape}" for value in inputs) or "nothing"),
            ", ".join(f"{d} {s}" for d, s in zip(dtypes, shapes, strict=True)),
        )


def _ort_dtype(text: str) -> np.dtype[Any]:
    """The numpy type for ONNX Runtime's words, such as ``tensor(float)``."""
    word = text.removeprefix("tensor(").removesuffix(")")
    return np.dtype({"float": "float32", "double": "float64"}.get(word, word))


def _runtime_error(runtime: str, package: str, error: ImportError) -> ModelError:
    return ModelError(
        f"{runtime} cannot be imported ({error})",
        f"the package {package}",
        f"`pip install {package}`; `masquerade doctor` shows what else is missing",
    )


def _open_error(name: str, path: Path | str, runtime: str, error: Exception) -> ModelError:
    return ModelError(
        f"{runtime} cannot open {path} ({error})",
        f"the network of the card {name!r}",
        "`masquerade doctor` shows the versions; try the newest runtime",
    )


def _device_error(device: str, why: str) -> ModelError:
    return ModelError(
        f"device {device!r} is not there: {why}",
        _PACKAGES.get(device, "onnxruntime"),
        "install it, or choose device 'cpu'; `masquerade doctor` lists the devices",
    )
