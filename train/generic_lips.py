"""Trains `generic_lips`: how anybody's lips move with what is heard, for people without footage.

``python -m train.generic_lips FOOTAGE --strangers FOLDER --work DIR [--steps N] [--seeds N]
[--ship]``

FOOTAGE is a folder of clips of one person who talks; each is heard in six voices
(`train.lips_material`). FOLDER holds clips of other people, who are never learnt from. It is told
how the opening of the lips that is said goes with the true one, for each of them and all together;
``--ship`` writes weights and card into the package.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save

from masquerade.faces.mouth.generic import space_around
from masquerade.faces.mouth.shape import MouthSpace, opening
from masquerade.models.generic_lips import NAME, GenericLips, MouthBasis
from masquerade.models.own_weights import OwnCard
from masquerade.speech.anybody import AnybodysArticulation, rows_of
from masquerade.speech.heard import STEP_S
from train.lips_material import Take, takes
from train.lips_net import LipsLesson, LipsNet, learnt

Floats = NDArray[np.float32]

OWN: Final = Path("src/masquerade/models/own")
STEPS: Final = 500
SEEDS: Final = 3


def main(arguments: Sequence[str] | None = None) -> None:
    """Read, train, try, and ship if asked."""
    given = _given(arguments)
    torch.set_num_threads(given.threads)
    known = takes(sorted(given.footage.glob("*.mpg")), given.work, others=True)
    strangers = takes(sorted(given.strangers.glob("*.mpg")), given.work, others=False)
    basis, lessons, slope = material(known)
    nets = [learnt(lessons, slope, steps=given.steps, seed=seed) for seed in range(given.seeds)]
    data = packed(nets, basis)
    quality = told(data, strangers, given.work)
    print(quality)
    if given.ship:
        command = (
            f"python -m train.generic_lips FOOTAGE --strangers FOLDER --steps {given.steps}"
            f" --seeds {given.seeds} --ship"
        )
        (OWN / f"{NAME}.safetensors").write_bytes(data)
        card = _card(data, command, quality, len(known)).as_toml()
        (OWN / f"{NAME}.toml").write_text(card, encoding="utf-8")


def _given(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("footage", type=Path)
    parser.add_argument("--strangers", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--ship", action="store_true")
    return parser.parse_args(arguments)


def material(known: Sequence[Take]) -> tuple[MouthBasis, list[LipsLesson], Floats]:
    """The movements of a person, their lessons, and how the opening grows with each number."""
    space = MouthSpace.of([skull for take in known for skull in take.skulls])
    basis = basis_of(space)
    lessons = [
        LipsLesson(
            np.stack([rows_of(heard) for heard in take.heard]),
            _places(take),
            np.stack([space.shape_of(skull) for skull in take.skulls]),
        )
        for take in known
    ]
    ten = np.eye(len(space.rest), dtype=np.float32)
    none = np.zeros((1, len(space.rest)), np.float32)
    return basis, lessons, space.openings(ten) - space.openings(none)


def basis_of(space: MouthSpace) -> MouthBasis:
    """What of a person's space others share."""
    return MouthBasis(
        space.parts,
        space.rest,
        space.least,
        space.most,
        float(space.openings(space.rest[None])[0]),
        space.closed,
    )


def packed(nets: Sequence[LipsNet], basis: MouthBasis) -> bytes:
    """The file: halves, which change no shape by a thousandth of what a face could show."""
    arrays: dict[str, NDArray[np.float16]] = {}
    for seed, net in enumerate(nets):
        for layer, (weight, bias) in enumerate(net.layers()):
            arrays[f"{seed}.{layer}.weight"] = np.ascontiguousarray(weight, np.float16)
            arrays[f"{seed}.{layer}.bias"] = bias.astype(np.float16)
    for name in ("parts", "rest", "least", "most"):
        arrays[name] = np.ascontiguousarray(getattr(basis, name), np.float16)
    for name in ("open_at_rest", "closed"):
        arrays[name] = np.array([getattr(basis, name)], np.float16)
    return bytes(save(arrays, {"nets": str(len(nets))}))


def told(data: bytes, strangers: Sequence[Take], work: Path) -> str:
    """How well openings are said of people never seen, in sentences."""
    path = work / f"{NAME}.safetensors"
    path.write_bytes(data)
    lips = GenericLips.of(path, hashlib.sha256(data).hexdigest())
    articulation = AnybodysArticulation(lips)
    every, away = [], []
    for take in strangers:
        space = space_around(list(take.skulls), lips.basis)
        said = space.openings(articulation(take.heard[0], take.times_s))
        true = np.array([opening(one) for one in take.skulls])
        every.append(float(np.corrcoef(said, true)[0, 1]))
        still = float(np.abs(true - true.mean()).mean())
        away.append([np.abs(said - true).mean(), still, said.std() / true.std()])
        print(f"{take.name}: {every[-1]:.3f}", flush=True)
    error, usual, lively = np.median(away, axis=0)
    return (
        f"{len(strangers)} clips of other people: opening of the lips, correlation with the true"
        f" one {np.mean(every):.3f} on the mean, {min(every):.3f} at the least; medians: error"
        f" {error:.4f} interocular distances, {usual:.4f} for a mouth that stays as it usually is;"
        f" movement {lively:.2f} of the true."
    )


def _places(take: Take) -> Floats:
    """(m,) where the frames lie in the rows."""
    heard = take.heard[0]
    places = (take.times_s - heard.start_s) / float(STEP_S)
    return np.asarray(np.clip(places, 0, len(heard) - 1), np.float32)


def _card(data: bytes, command: str, quality: str, sentences: int) -> OwnCard:
    return OwnCard(
        task="Says how anybody's mouth moves with speech, for people with little or no footage.",
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        licence="Apache-2.0",
        data="Speaker 1 of the GRID corpus (Cooke et al., 2006; CC BY 4.0),"
        f" {sentences} sentences, each heard in six voices. No picture and no sound of it is in the"
        " file; the ten movements of the mouth that it speaks in are that speaker's.",
        command=command,
        made=date.today().isoformat(),
        quality=quality,
        limits="One man's way of moving the mouth, in the few words of that corpus: others' free"
        " speech is followed less well, and learning from footage of the person does better.",
        paper="Cudeiro et al., 2019, arXiv:1905.03079, for what is learnt from what",
        input="(n, 808) what is heard every 20 ms, as speech.anybody.rows_of gives it",
        output="(n, 10) the mouth's shape, in numbers of the movements in the file",
    )


if __name__ == "__main__":
    main()
