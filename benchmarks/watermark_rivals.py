"""The methods of invisible-watermark 0.2.0, where that package is installed.

Its own import pulls in torch; its files alone do not: dwtDctSvd is loaded as one module, and the
two networks of RivaGAN are run by ONNX Runtime with the scaling of its rivaGan.py.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from masquerade.types import RGB

Bits: TypeAlias = NDArray[np.uint8]

THRESHOLD = 0.52  # its own default


@dataclass(frozen=True, slots=True)
class Rival:
    """A method: how many bits it carries, how it puts them into RGB and reads them again."""

    name: str
    bits: int
    put: Callable[[RGB, Bits], RGB]
    read: Callable[[RGB], Bits]


def rivals() -> Iterator[Rival]:
    """Those that can be run here."""
    package = importlib.util.find_spec("imwatermark")
    if package is None or not package.submodule_search_locations:
        return
    folder = Path(package.submodule_search_locations[0])
    if importlib.util.find_spec("pywt") is not None:
        yield _dwt_dct_svd(folder / "dwtDctSvd.py")
    yield _riva_gan(folder)


def _dwt_dct_svd(path: Path) -> Rival:
    spec = importlib.util.spec_from_file_location("dwt_dct_svd", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path} is missing: install invisible-watermark==0.2.0 again")
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    count = 64

    def put(pixels: RGB, bits: Bits) -> RGB:
        method = module.EmbedDwtDctSvd(bits.tolist(), count)
        marked = method.encode(np.ascontiguousarray(pixels[..., ::-1]))
        return np.ascontiguousarray(marked[..., ::-1])

    def read(pixels: RGB) -> Bits:
        method = module.EmbedDwtDctSvd([], count)
        return np.asarray(method.decode(np.ascontiguousarray(pixels[..., ::-1])), np.uint8)

    return Rival("dwtDctSvd", count, put, read)


def _riva_gan(folder: Path) -> Rival:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    encoder, decoder = (
        onnxruntime.InferenceSession(
            folder / f"rivagan_{name}.onnx", options, providers=["CPUExecutionProvider"]
        )
        for name in ("encoder", "decoder")
    )

    def tensor(pixels: RGB) -> NDArray[np.float32]:
        values = pixels[..., ::-1].astype(np.float32) / 127.5 - 1
        return np.ascontiguousarray(values.transpose(2, 0, 1)[None, :, None])

    def put(pixels: RGB, bits: Bits) -> RGB:
        height, width = (side // 8 * 8 for side in pixels.shape[:2])
        feed = {"frame": tensor(pixels[:height, :width]), "data": bits[None].astype(np.float32)}
        (made,) = encoder.run(None, feed)
        values = (np.clip(made[0, :, 0], -1, 1).transpose(1, 2, 0) + 1) * 127.5
        whole = pixels.copy()
        whole[:height, :width] = values.astype(np.uint8)[..., ::-1]
        return whole

    def read(pixels: RGB) -> Bits:
        height, width = (max(64, side // 8 * 8) for side in pixels.shape[:2])
        if min(pixels.shape[:2]) < 64:
            pixels = np.asarray(cv2.resize(pixels, (width, height)), np.uint8)
        (found,) = decoder.run(None, {"frame": tensor(pixels[:height, :width])})
        return np.asarray(found[0] > THRESHOLD, np.uint8)

    return Rival("RivaGAN", 32, put, read)
