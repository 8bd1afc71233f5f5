"""Trains the network of the signal `learned_face`: real faces against the same faces manipulated.

``python -m train.signals_face FOLDER [FOLDER ...] --work DIR [--media MEDIA --test CLIPS]
[--pairs N] [--passes N] [--minutes N] [--seeds N] [--ship]``

Each FOLDER holds portraits, or clips of volunteers. Every fifth person is held out. Pairs of a real
face and the same manipulated (`train.face_pairs`) go the same way (`train.face_degraded`), are
looked at once by the part of the network that does not learn (`train.face_bank`), and a head is
trained on that (`train.face_learnt`): minutes on one core. With ``--whole`` all of a network learns
from pairs made anew for every step instead (`train.face_whole`: ``--steps``, ``--device cuda``,
``--workers``), which takes a GPU. A run that was stopped goes on where it was. CLIPS, which are
never learnt from, are volunteers' clips into which our own swaps put people who do not exist.
``--ship`` writes network, card and calibration into the package.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import torch

from masquerade import personas
from masquerade.faces.readers import FaceReader
from masquerade.forensics.calibration import Bin, Calibration
from masquerade.models.own_weights import OwnCard
from masquerade.models.session import OrtSession
from masquerade.train.image_features import stored
from train.calibrate_signals import LEAST_AUC, LEAST_RECORDED, MOST_COST
from train.face_bank import bank
from train.face_head import onnx_from
from train.face_learnt import learnt
from train.face_material import CLIPS, Picture, held_out, material
from train.face_net import onnx_from as whole_onnx_from
from train.face_pairs import Known
from train.face_report import Report, Tried, report, trial
from train.face_swapped import Swapped, swapped
from train.face_whole import trained
from train.measured import quality
from train.weighed import weighed_bin

PACKAGE = Path("src/masquerade")
TESTED = frozenset({"a00", "a01", "b02", "b11", "c06", "c11", "c16", "c23", "c32", "c34"})
"""Of the people of the test media who do not exist, who are put into clips only to try it."""
HELD_PAIRS = 400
HELD_SEED = 1


def main(arguments: Sequence[str] | None = None) -> None:
    """Gather, train, try, and ship if asked."""
    given = _given(arguments)
    torch.set_num_threads(given.threads)
    pictures = material(given.folders, given.work / "faces", most=given.files)
    unknown = [one for one in pictures if held_out(one.person) and not one.volunteer]
    others = people_who_do_not_exist(given.work / "personas")
    known = Known.of(
        [one for one in pictures if not held_out(one.person) or one.volunteer],
        others,
        swaps_to_learn_from(given),
    )
    print(f"{len(known.people)} people to learn from, {len(unknown)} faces of others", flush=True)
    nets = []
    for seed in range(given.first_seed, given.first_seed + given.seeds):
        nets.append(given.work / f"seed-{seed}.onnx")
        nets[-1].write_bytes(_network(known, Known.of(unknown, others, ()), given, seed))
    on = trial(unknown[: given.tried], others, given.work / "trial", _tried(given))
    reports = []
    for onnx in nets:
        found = report(OrtSession("learned_face", onnx, device="cpu", threads=given.threads), on)
        for kind, words in worth(found)[1]:
            print(f"{kind}: {words}", flush=True)
        reports.append(found)
    if given.ship:
        ship(given, reports[0])


def _network(known: Known, held: Known, given: argparse.Namespace, seed: int) -> bytes:
    """The ONNX file of a network taught in the way that was asked for."""
    if given.whole:
        return whole_onnx_from(trained(known, given, seed=seed))
    work = given.work / "bank"
    pairs = bank(known, work, given.pairs, seed=0, minutes=given.minutes)
    tried = bank(held, work, min(given.pairs, HELD_PAIRS), seed=HELD_SEED, minutes=given.minutes)
    place = given.work / f"head-{seed}-{len(pairs)}-{given.passes}.pt"
    return onnx_from(learnt(pairs, tried, place, passes=given.passes, seed=seed), stored())


def people_who_do_not_exist(work: Path) -> list[Picture]:
    """The faces that ship with the package."""
    return material([personas.load(name).picture.parent for name in personas.names()], work)


def swaps_to_learn_from(given: argparse.Namespace) -> list[Swapped]:
    """Our own swaps of some of the volunteers' clips, with people who are not in the test."""
    clips = [
        place
        for folder in given.folders
        for place in sorted(folder.rglob("*"))
        if place.suffix in CLIPS
    ][: given.swaps]
    donors = [place for place in _photos(given.media) if place.stem[8:] not in TESTED]
    if not clips or not donors:
        return []
    return swapped(clips, donors, given.work / "swapped", FaceReader.open())


def _photos(media: Path) -> list[Path]:
    return sorted((media / "personas").glob("persona_*.jpg"))


def _tried(given: argparse.Namespace) -> Tried | None:
    """What there is to try networks on beside people held out."""
    if given.test is None:
        return None
    clips = tuple(sorted(place for place in given.test.rglob("*") if place.suffix in CLIPS))
    donors = tuple(place for place in _photos(given.media) if place.stem[8:] in TESTED)
    return Tried(clips[: given.clips], donors, given.media, given.every)


def ship(given: argparse.Namespace, found: Report) -> None:
    """Network, card and calibration into the package, unless nothing of it would count."""
    bins, told = worth(found)
    if not bins:
        raise SystemExit("not shipped: " + " ".join(words for _, words in told))
    data = (given.work / f"seed-{given.first_seed}.onnx").read_bytes()
    how = f"--whole --steps {given.steps} --batch {given.batch}"
    if not given.whole:
        how = f"--pairs {given.pairs} --passes {given.passes} --swaps {given.swaps}"
    command = f"python -m train.signals_face FOLDERS {how} --first-seed {given.first_seed}"
    own = PACKAGE / "models" / "own"
    (own / "learned_face.onnx").write_bytes(data)
    card = OwnCard(
        task="Tells faces that were blended, warped or redrawn from real ones.",
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        licence="Apache-2.0",
        data="Official portraits (public domain) and a GRID volunteer's clips (CC BY 4.0),"
        " manipulated in memory; begun from EfficientNet-lite0 (ImageNet).",
        command=command,
        made=date.today().isoformat(),
        quality="; ".join(found.lines),
        limits="Never taught on deepfakes of others; faces made whole may pass.",
        paper="Shiohara and Yamasaki, Detecting Deepfakes with Self-Blended Images, CVPR 2022",
        input="(N, 3, 192, 192) RGB in 0 to 255, as forensics.face_input gives it",
        output="(N, 1, 6, 6) log odds of each part",
    )
    (own / "learned_face.toml").write_text(card.as_toml(), encoding="utf-8")
    known = Calibration(
        "learned_face",
        f"{card.made}, {command}",
        "manipulated faces of people never seen, in five qualities; our own swaps of clips of"
        " volunteers never seen",
        " ".join(f"{kind}: {words}" for kind, words in told),
        bins,
        told,
    )
    place = PACKAGE / "forensics" / "calibrations" / "learned_face.json"
    place.write_text(known.as_json(), encoding="utf-8")


def worth(found: Report) -> tuple[tuple[Bin, ...], tuple[tuple[str, str], ...]]:
    """(What figures are worth, by kind of material; how often they err on it, in words).

    Several examples of one person count as one. What is near chance is not weighed, as for all
    signals (`train.calibrate_signals`).

    Args:
        found: On people never seen.
    """
    bins, told = [], []
    for kind, sides in found.figures.items():
        people = found.people[kind]
        fitted = weighed_bin(kind, *sides)
        fitted = replace(fitted, manipulated=people[0], recorded=people[1])
        apart, cost = quality(*sides), 1 - fitted.weight
        words = f"On people never seen, {apart}, Cllr {cost:.2f}, {people[1]} people."
        if people[1] < LEAST_RECORDED or apart.low <= LEAST_AUC or cost >= MOST_COST:
            words += " Not weighed: too near chance."
        else:
            bins.append(fitted)
        told.append((kind, words))
    return tuple(bins), tuple(told)


def _given(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--test", type=Path)
    parser.add_argument("--media", type=Path, default=Path("../shared/media"))
    parser.add_argument("--pairs", type=int, default=6000)
    parser.add_argument("--passes", type=int, default=8)
    parser.add_argument("--swaps", type=int, default=14, help="clips whose swaps are learnt from")
    parser.add_argument("--clips", type=int, default=10, help="clips to try it on")
    parser.add_argument("--every", type=int, default=3, help="frame of those clips is taken")
    parser.add_argument("--tried", type=int, default=240)
    parser.add_argument("--minutes", type=float, default=100_000.0)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--whole", action="store_true", help="all of a network learns")
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--ship", action="store_true")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
