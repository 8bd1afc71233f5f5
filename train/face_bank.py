"""A bank: pairs of faces as the part of the network sees them that does not learn.

It is computed once, piece by piece, and read by every head. A piece that is there is not made
again, so that the work may be stopped at any time. Pictures are not kept.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from masquerade.forensics.face_input import face_input
from masquerade.models.session import OrtSession
from masquerade.train.image_features import stored
from train.face_pairs import Known
from train.face_seen import PARTS
from train.face_traces import EARLY, TRACES, traces_onnx

PIECE: Final = 100


class Some(NamedTuple):
    """A batch of pairs, real and manipulated in turn.

    Attributes:
        traces: (2 n, 176, 24, 24) as `train.face_traces` gives them.
        touched: (2 n, 1, 12, 12) in [0, 1], which parts were manipulated.
        told: (n,) of which pairs it is told what each is, not only which of both is manipulated.
    """

    traces: Tensor
    touched: Tensor
    told: Tensor


class Bank:
    """Pairs by number, read from disk as they are asked for.

    Args:
        pieces: Files with (n, 2, TRACES + 145) float16 each, all of one n: real, then manipulated;
            what was seen of a face, which parts of it were manipulated, and whether that is told.
    """

    def __init__(self, pieces: Sequence[Path]) -> None:
        self._pieces = [np.load(piece, mmap_mode="r") for piece in pieces]

    def __len__(self) -> int:
        return sum(len(piece) for piece in self._pieces)

    def batch(self, numbers: NDArray[np.int64]) -> Some:
        """Some of the pairs.

        Args:
            numbers: Of n pairs.
        """
        each = len(self._pieces[0])
        rows = [self._pieces[number // each][number % each] for number in numbers]
        flat = torch.from_numpy(np.concatenate(rows))
        traces = flat[:, :TRACES].reshape(-1, 2 * EARLY[0], EARLY[1], EARLY[1])
        touched = flat[:, TRACES : TRACES + PARTS**2].reshape(-1, 1, PARTS, PARTS).float()
        return Some(traces, touched, flat[::2, -1] > 0)


def bank(
    known: Known, work: Path, pairs: int, *, seed: int, minutes: float, first: int = 0
) -> Bank:
    """The bank of so many pairs, made as far as it is missing.

    Args:
        known: What is learnt from.
        work: Where its pieces are kept.
        pairs: How many; whole hundreds.
        seed: Decides what they are, with their number.
        minutes: After which no further piece is begun.
        first: Number of the first pair; whole hundreds.
    """
    work.mkdir(parents=True, exist_ok=True)
    network = work / "traces.onnx"
    network.write_bytes(traces_onnx(stored()))
    net = OrtSession("traces", network, device="cpu", threads=1)
    begun, found = time.monotonic(), []
    for number in range(first // PIECE, (first + pairs) // PIECE):
        piece = work / f"{seed}-{number:04d}.npy"
        if not piece.is_file():
            if time.monotonic() - begun > 60 * minutes:
                break
            _write(piece, known, net, seed, number)
            print(f"pairs {PIECE * (number + 1)} of {first + pairs}", flush=True)
        found.append(piece)
    return Bank(found)


def _write(piece: Path, known: Known, net: OrtSession, seed: int, number: int) -> None:
    rows = np.zeros((PIECE, 2, TRACES + PARTS**2 + 1), np.float16)
    for place in range(PIECE):
        pair = known.pair(seed, number * PIECE + place)
        for kind, cut in enumerate((pair.real, pair.fake)):
            rows[place, kind, :TRACES] = net(face_input([cut]))[0][0]
        rows[place, 1, TRACES:-1] = pair.touched.ravel() / np.float32(255)
        rows[place, :, -1] = pair.told
    fresh = piece.with_suffix(f".{os.getpid()}.npy")
    np.save(fresh, rows)
    fresh.replace(piece)
