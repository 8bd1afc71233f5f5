"""A network that a user brings, opened in ONNX Runtime from bytes already checked, and bounded.

A call that takes too long is ended; what comes out is checked to be finite numbers.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import GivenModelError, ModelError, UsageError
from masquerade.models.session import PROVIDERS, open_onnx

_LIMIT_S: Final = 120.0  # of one call; the slowest known take seconds


class BroughtSession:
    """An ONNX file whose bytes were read by `masquerade.models.onnx_reader` before.

    Args:
        name: What messages call it.
        data: The file's bytes.
        device: ``cpu``, ``cuda``, ``coreml`` or ``directml``.
        threads: Threads one call may use on the CPU.
        limit_s: Seconds after which a call is ended, at its next operation.

    Raises:
        UsageError: There is no such device.
        GivenModelError: The runtime or the device is not there, or it cannot open the network.
    """

    def __init__(
        self, name: str, data: bytes, *, device: str, threads: int, limit_s: float = _LIMIT_S
    ) -> None:
        if device not in PROVIDERS:
            raise UsageError(f"no device is named {device!r}", "one of " + ", ".join(PROVIDERS))
        self.name, self.device, self._limit_s = name, device, limit_s
        self._session = open_onnx(name, data, device=device, threads=threads)

    def __call__(
        self, inputs: Mapping[str, NDArray[np.float32]], wanted: Sequence[str]
    ) -> list[NDArray[np.float32]]:
        """The outputs of those names.

        Args:
            inputs: One array for each input, by name.
            wanted: Names of outputs.

        Raises:
            GivenModelError: The network fails, takes too long, or gives what is no finite number.
        """
        from onnxruntime import RunOptions

        bounded = RunOptions()
        bounded.log_severity_level = 4  # what fails is raised, and told once
        late = threading.Event()
        watch = threading.Timer(self._limit_s, _end, (bounded, late))
        watch.daemon = True
        watch.start()
        try:
            made = self._session.run(list(wanted), dict(inputs), bounded)
        except Exception as error:  # its exceptions share no narrower base
            raise self._too_slow() if late.is_set() else self._failed(error) from error
        finally:
            watch.cancel()
        for name, value in zip(wanted, made, strict=True):
            if not np.isfinite(value).all():
                raise GivenModelError(
                    f"{self.name} gives values that are no numbers in {name!r}",
                    "finite numbers",
                    "check mean and std in its card, or export it in float32 throughout",
                )
        return [np.asarray(value, np.float32) for value in made]

    def _failed(self, error: Exception) -> GivenModelError:
        return GivenModelError(
            f"{self.name} cannot be run ({str(error).strip().splitlines()[-1][:300]})",
            "a network that takes what its file says",
            "check the card against the network's own description, or export it again",
        )

    def _too_slow(self) -> ModelError:
        return ModelError(
            f"{self.name} took more than {self._limit_s:.0f} s for one call",
            "a network that is through within that time",
            "choose --device, more --threads, or a smaller network",
        )


def _end(bounded: object, late: threading.Event) -> None:
    late.set()
    bounded.terminate = True  # type: ignore[attr-defined]
