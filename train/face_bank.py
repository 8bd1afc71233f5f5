"""A bank: pairs of faces as the part of the network sees them that does not learn.

It is computed once, piece by piece, and read by every head. A piece that is there is not made
again, so that the work may be stopped at any time. Pictures are not kept.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from masquerade.forensics.face_input import face_input
from masquerade.models.session import OrtSession
from masquerade.train.image_features import stored
from train.face_pairs import Known
from train.face_traces import COARSE, FINE, TRACES, traces_onnx

PIECE: Final = 100


class Bank:
    """Pairs by number, read from disk as they are asked for.

    Args:
        pieces: Files with (n, 2, TRACES) float16 each, all of one n: real, then manipulated.
    """

    def __init__(self, pieces: Sequence[Path]) -> None:
        self._pieces = [np.load(piece, mmap_mode="r") for piece in pieces]

    def __len__(self) -> int:
        return sum(len(piece) for piece in self._pieces)

    def batch(self, numbers: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
        """(2 n, 176, 24, 24) and (2 n, 224, 12, 12), real and manipulated in turn.

        Args:
            numbers: Of n pairs.
        """
        each = len(self._pieces[0])
        rows = [self._pieces[number // each][number % each] for number in numbers]
        flat = torch.from_numpy(np.concatenate(rows)).float()
        cut = FINE[0] * FINE[1] ** 2
        fine = flat[:, :cut].reshape(-1, FINE[0], FINE[1], FINE[1])
        coarse = flat[:, cut:].reshape(-1, COARSE[0], COARSE[1], COARSE[1])
        return fine, coarse


def bank(known: Known, work: Path, pairs: int, *, seed: int, minutes: float) -> Bank:
    """The bank of so many pairs, made as far as it is missing.

    Args:
        known: What is learnt from.
        work: Where its pieces are kept.
        pairs: How many; whole hundreds.
        seed: Decides what they are, with their number.
        minutes: After which no further piece is begun.
    """
    work.mkdir(parents=True, exist_ok=True)
    network = work / "traces.onnx"
    network.write_bytes(traces_onnx(stored()))
    net = OrtSession("traces", network, device="cpu", threads=1)
    begun, found = time.monotonic(), []
    for number in range(pairs // PIECE):
        piece = work / f"{seed}-{number:04d}.npy"
        if not piece.is_file():
            if time.monotonic() - begun > 60 * minutes:
                break
            _write(piece, known, net, seed, number)
            print(f"pairs {PIECE * (number + 1)} of {pairs}", flush=True)
        found.append(piece)
    return Bank(found)


def _write(piece: Path, known: Known, net: OrtSession, seed: int, number: int) -> None:
    rows = np.empty((PIECE, 2, TRACES), np.float16)
    for place in range(PIECE):
        for kind, cut in enumerate(known.pair(seed, number * PIECE + place)):
            rows[place, kind] = net(face_input([cut]))[0][0]
    fresh = piece.with_suffix(".part.npy")
    np.save(fresh, rows)
    fresh.replace(piece)
