"""What seconds of a person's own footage are worth beside `generic_lips`, which never saw them.

``python -m train.lips_amounts FOOTAGE HELD --strangers FOLDER --work DIR [--steps N]``

A net learns from FOLDER, clips of other people, alone. Of FOOTAGE, clips of one person, 1, 2, 3, 5
and 10 are drawn, three times; how the mouth moves is learned from them, is said by the net, or is
said by the net and corrected by them. Judged on HELD, clips of the same person: the opening of the
lips that is said, correlation with the true one, mean of the clips.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray

from masquerade.faces.mouth.generic import space_around
from masquerade.faces.mouth.shape import MouthSpace, opening
from masquerade.models.generic_lips import NAME, GenericLips
from masquerade.speech.anybody import AnybodysArticulation
from masquerade.speech.articulation import Articulation, Lesson
from masquerade.speech.heard import Heard
from train.generic_lips import material, packed
from train.lips_material import Take, takes
from train.lips_net import learnt

Says: TypeAlias = Callable[[Heard, NDArray[np.float64]], NDArray[np.float32]]

AMOUNTS: Final = (1, 2, 3, 5, 10)
DRAWN: Final = 3


def main() -> None:
    """Learns, compares, prints."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("footage", type=Path)
    parser.add_argument("held", type=Path)
    parser.add_argument("--strangers", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=300)
    given = parser.parse_args()
    torch.set_num_threads(1)
    clips = [sorted(one.glob("*.mpg")) for one in (given.strangers, given.footage, given.held)]
    strangers, own = (takes(some, given.work, others=True) for some in clips[:2])
    held = takes(clips[2], given.work, others=False)
    lips = _taught(strangers, given.work, given.steps)
    rng = np.random.default_rng(0)
    print("clips: alone, the net alone, the net corrected")
    for amount in AMOUNTS:
        rows = [
            compared([own[k] for k in rng.permutation(len(own))[:amount]], held, lips)
            for _ in range(DRAWN)
        ]
        print(f"{amount}: " + ", ".join(f"{one:.3f}" for one in np.mean(rows, axis=0)), flush=True)


def compared(
    footage: Sequence[Take], held: Sequence[Take], lips: GenericLips
) -> tuple[float, float, float]:
    """Correlations of what is learned alone, of the net, and of the net corrected."""
    skulls = [skull for take in footage for skull in take.skulls]
    own, shared = MouthSpace.of(skulls), space_around(skulls, lips.basis)
    corrected = AnybodysArticulation.learned(lips, _lessons(footage, shared))
    return (
        _judged(Articulation.learned(_lessons(footage, own)), own, held),
        _judged(AnybodysArticulation(lips), shared, held),
        _judged(corrected, shared, held),
    )


def _taught(strangers: Sequence[Take], work: Path, steps: int) -> GenericLips:
    """The net, of other people alone."""
    basis, lessons, slope = material(strangers)
    data = packed([learnt(lessons, slope, steps=steps, seed=seed) for seed in (0, 1)], basis)
    path = work / f"{NAME}-of-strangers.safetensors"
    path.write_bytes(data)
    return GenericLips.of(path, hashlib.sha256(data).hexdigest())


def _lessons(footage: Sequence[Take], space: MouthSpace) -> list[Lesson]:
    return [
        Lesson(one.heard[0], one.times_s, np.stack([space.shape_of(s) for s in one.skulls]))
        for one in footage
    ]


def _judged(says: Says, space: MouthSpace, held: Sequence[Take]) -> float:
    """Mean of the clips' correlations."""
    found = []
    for take in held:
        said = space.openings(says(take.heard[0], take.times_s))
        found.append(np.corrcoef(said, [opening(one) for one in take.skulls])[0, 1])
    return float(np.mean(found))


if __name__ == "__main__":
    main()
