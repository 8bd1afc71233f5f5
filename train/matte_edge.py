"""Trains `matte_edge`: which pixels near a person's edge are the person, before a known place.

``python -m train.matte_edge --media FOLDER [--each N] [--workers N] [--ship]``

The folder of test media holds the people (`train.matte_scenes`); its clips of whole bodies, on
which `benchmarks.body` measures, are left out. Every eighth scene is never learnt from: it is told
how the edge is found there. Its person is learnt from, before other places, so that it flatters;
whole people whom nothing was learnt from are in docs/body.md. The order of scenes, and so what is
learnt, goes with the number of workers. ``--ship`` writes weights and card into the package.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Callable, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save
from torch import nn

from masquerade.bodies.cutout import near_edge
from masquerade.bodies.edge_rows import edge_rows, seen_again
from masquerade.models.matte_edge import NAME, NETS, EdgeNet, MatteEdge
from masquerade.models.own_weights import OwnCard
from train.matte_scenes import Scene, scenes

Floats = NDArray[np.float32]
Telling = Callable[[Scene], tuple[Floats, Floats] | None]

OWN: Final = Path("src/masquerade/models/own")
_HIDDEN: Final = (48, 24)
_ROUNDS: Final = (10, 6)  # of the first and the second network
_BATCH: Final = 4096
_RATE: Final = 3e-3
_DECAY: Final = 1e-3
_MOST: Final = 4000  # pixels of one scene
_KEPT: Final = 8


def main(arguments: Sequence[str] | None = None) -> None:
    """Paste, train, try, and ship if asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--media", type=Path, required=True)
    parser.add_argument("--each", type=int, default=4, help="scenes of each picture")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--ship", action="store_true")
    given = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    pasted = scenes(given.media, given.each, given.workers)
    print(f"{len(pasted)} scenes")
    learnt = [one for number, one in enumerate(pasted) if number % _KEPT]
    both = trained(learnt)
    quality = judged(pasted[::_KEPT], both)
    print(quality)
    if given.ship:
        data = packed(both)
        (OWN / f"{NAME}.safetensors").write_bytes(data)
        how = f"--each {given.each} --workers {given.workers}"
        command = f"python -m train.matte_edge --media FOLDER {how} --ship"
        card = _card(data, command, quality, len(learnt)).as_toml()
        (OWN / f"{NAME}.toml").write_text(card, encoding="utf-8")


def trained(learnt: Sequence[Scene]) -> MatteEdge:
    """Both networks, the second on what the first makes."""
    first = fitted(*_gathered(learnt, _told), _ROUNDS[0])
    return MatteEdge(first, fitted(*_gathered(learnt, lambda one: _again(one, first)), _ROUNDS[1]))


def fitted(rows: NDArray[np.float16], truth: Floats, rounds: int, *, seed: int = 0) -> EdgeNet:
    """A network that says of rows what the truth is; the rows' own scale is part of it.

    Args:
        rows: (n, in) float16.
        truth: (n,) in [0, 1].
        rounds: How often each row is seen.
        seed: Of its first weights, and of the rows' order.
    """
    torch.manual_seed(seed)
    wide = rows.astype(np.float32)
    mean, spread = wide.mean(axis=0), wide.std(axis=0) + np.float32(1e-3)
    seen, wanted = torch.from_numpy((wide - mean) / spread), torch.from_numpy(truth)
    sizes = (wide.shape[1], *_HIDDEN, 1)
    linear = [nn.Linear(a, b) for a, b in pairwise(sizes)]
    network = nn.Sequential(linear[0], nn.ReLU(), linear[1], nn.ReLU(), linear[2])
    learner = torch.optim.AdamW(network.parameters(), lr=_RATE, weight_decay=_DECAY)
    steps = rounds * -(-len(seen) // _BATCH)
    rate = torch.optim.lr_scheduler.OneCycleLR(learner, _RATE, total_steps=steps + 1)
    for _ in range(rounds):
        for some in torch.split(torch.randperm(len(seen)), _BATCH):
            said = network(seen[some])[:, 0]
            loss = nn.functional.binary_cross_entropy_with_logits(said, wanted[some])
            learner.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            learner.step()
            rate.step()
    layers = [(one.weight.detach().numpy().T, one.bias.detach().numpy()) for one in linear]
    weight, bias = layers[0]
    layers[0] = weight / spread[:, None], bias - (mean / spread) @ weight
    return EdgeNet(tuple(layers))


def judged(strangers: Sequence[Scene], both: MatteEdge) -> str:
    """How often pixels near the edge are told rightly, in a sentence."""
    right, before = [], []
    for one in strangers:
        found = _again(one, both.first)
        if found is not None:
            rows, truth = found
            real = truth > 0.5
            right.append(((both.second(rows) > 0.5) == real).mean())
            before.append(((rows[:, 0] > 0.5) == real).mean())
    return (
        f"of {len(right)} scenes never learnt from, of people learnt from before other places,"
        f" {np.mean(right):.1%} of the pixels near the edge are told rightly, {np.mean(before):.1%}"
        " by the network that reads bodies"
    )


def packed(both: MatteEdge) -> bytes:
    """The file of weights."""
    tensors = {}
    for name, net in zip(NETS, (both.first, both.second), strict=True):
        for number, (weight, bias) in enumerate(net.layers):
            tensors[f"{name}.{number}.weight"] = np.ascontiguousarray(weight, np.float32)
            tensors[f"{name}.{number}.bias"] = np.ascontiguousarray(bias, np.float32)
    return save(tensors)


def _told(one: Scene) -> tuple[Floats, Floats] | None:
    seen = near_edge(one.picture, one.coarse, one.place, one.known)
    return None if seen is None else (edge_rows(*seen), one.truth[seen[1]])


def _again(one: Scene, first: EdgeNet) -> tuple[Floats, Floats] | None:
    seen = near_edge(one.picture, one.coarse, one.place, one.known)
    if seen is None:
        return None
    rows = edge_rows(*seen)
    return seen_again(*seen, rows, first(rows)), one.truth[seen[1]]


def _gathered(learnt: Sequence[Scene], telling: Telling) -> tuple[NDArray[np.float16], Floats]:
    """Rows and truth of some pixels of all scenes."""
    chance = np.random.default_rng(0)
    rows, truths = [], []
    for found in map(telling, learnt):
        if found is not None:
            some = chance.permutation(len(found[1]))[:_MOST]
            rows.append(found[0][some].astype(np.float16))
            truths.append(found[1][some])
    return np.concatenate(rows), np.concatenate(truths).astype(np.float32)


def _card(data: bytes, command: str, quality: str, count: int) -> OwnCard:
    return OwnCard(
        task="Says which pixels near a person's edge are the person, before a place that is known.",
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        licence="Apache-2.0",
        data=f"{count} scenes: personas who do not exist and people of the GRID corpus, cut out by"
        " body_pose and a guided filter, before photos and drawn textures, with noise, shifts,"
        " shadows and things that moved. Nobody's whole body; no picture is in the file.",
        command=command,
        made=date.today().isoformat(),
        quality=quality + "; docs/body.md holds whole people",
        limits="What it learnt from are mattes of another program, not of people who drew them;"
        " where body_pose is sure and wrong, it is not asked.",
        paper="Tu and Bai, 2010, for the second look",
        input="(n, 70) and (n, 85) float32 as bodies.edge_rows tells of pixels",
        output="in [0, 1], how much of each pixel is the person",
    )


if __name__ == "__main__":
    main()
