"""Trains the network of the signal `learned_face`: real faces against the same faces manipulated.

``python -m train.signals_face FOLDER [FOLDER ...] --work DIR [--media MEDIA --test CLIPS]
[--pairs N] [--passes N] [--minutes N] [--seeds N] [--begin NETWORK [--mix]] [--ship]``

Each FOLDER holds portraits, or clips of volunteers. Every fifth person is held out. Pairs of a real
face and the same manipulated (`train.face_pairs`) go the same way (`train.face_degraded`), are
looked at once by the blocks that do not learn (`train.face_bank`), and the later blocks and a head
are trained on that (`train.face_learnt`), from chance or from a network of this signal
(``--begin``): minutes on one core. With ``--whole`` all of a network learns from pairs made anew
for every step instead (`train.face_whole`: ``--steps``, ``--device cuda``, ``--workers``), which
takes a GPU. A run that was stopped goes on where it was. CLIPS, which are never learnt from, are
volunteers' clips into which our own swaps put people who do not exist. ``--ship`` writes network,
card and calibration into the package.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from masquerade import personas
from masquerade.faces.readers import FaceReader
from masquerade.forensics.calibration import Bin, Calibration
from masquerade.hashing import file_sha256
from masquerade.models.onnx_reader import read_onnx
from masquerade.models.own_weights import OwnCard
from masquerade.models.session import OrtSession
from masquerade.train.image_features import stored
from train.calibrate_signals import LEAST_AUC, LEAST_RECORDED, MOST_COST
from train.face_bank import bank
from train.face_head import FaceLate, mean_of, onnx_from
from train.face_learnt import learnt, usual
from train.face_material import CLIPS, Picture, held_out, material
from train.face_net import onnx_from as whole_onnx_from
from train.face_neural import Redrawer
from train.face_pairs import Known
from train.face_report import Report, Tried, report, trial
from train.face_swapped import APPEARANCE, MESH, Swapped, swapped, swapped_among
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
    if given.calibrate is None and not _shipped(given).is_file():
        known, held = _known(pictures, unknown, given)
        print(
            f"{len(known.people)} people to learn from, {len(unknown)} faces of others", flush=True
        )
        _train(known, held, given)
    nets = dict.fromkeys([*(_place(given, str(seed)) for seed in _seeds(given)), _shipped(given)])
    if given.calibrate is not None:
        nets = {given.calibrate: None}
    on = trial(unknown[: given.tried], given.work / "trial", _tried(given), Redrawer.open())
    reports = []
    for onnx in nets:
        found = report(OrtSession("learned_face", onnx, device="cpu", threads=given.threads), on)
        for kind, words in worth(found)[1]:
            print(f"{kind}: {words}", flush=True)
        reports.append(found)
    if given.calibrate is not None:
        number = file_sha256(given.calibrate)[:12]
        command = f"python -m train.signals_face FOLDERS --calibrate {number}.onnx"
        calibrate(reports[-1], f"{date.today().isoformat()}, {command}")
    elif given.ship:
        ship(given, reports[-1])


def _seeds(given: argparse.Namespace) -> range:
    return range(given.first_seed, given.first_seed + given.seeds)


def _place(given: argparse.Namespace, name: str) -> Path:
    return Path(given.work / f"seed-{name}.onnx")


def _shipped(given: argparse.Namespace) -> Path:
    """The mean of all seeds where they went on from one network, otherwise the first."""
    together = given.begin is not None and (given.seeds > 1 or given.mix)
    return _place(given, "mean" if together else str(given.first_seed))


def _known(
    pictures: Sequence[Picture],
    unknown: Sequence[Picture],
    given: argparse.Namespace,
) -> tuple[Known, Known]:
    """(What is learnt from, the same of people who are held out)."""
    reader, redrawer = FaceReader.open(), Redrawer.open()
    taken = [one for one in pictures if not held_out(one.person) or one.volunteer]
    others, kept_out = people_who_do_not_exist(given)
    found = []
    for some, nobody, clips in ((taken, others, given.swaps), (unknown, kept_out, 0)):
        among = swapped_among(nobody, reader, each=given.among, moving_too=given.moving)
        made = [*among, *swaps_to_learn_from(given, clips, reader)]
        made = [one for one in made if one.how not in given.without]
        found.append(Known.of(some, nobody, made, redrawer, unaltered=given.unaltered))
    return found[0], found[1]


def _train(known: Known, held: Known, given: argparse.Namespace) -> None:
    """The networks of all seeds, taught in the way that was asked for, into the work folder."""
    if given.whole:
        for seed in _seeds(given):
            data = whole_onnx_from(trained(known, given, seed=seed))
            _place(given, str(seed)).write_bytes(data)
        return
    work, minutes = given.work / "bank", given.minutes
    pairs = bank(known, work, given.pairs, seed=0, minutes=minutes, first=given.skip)
    tried = bank(held, work, min(given.pairs, HELD_PAIRS), seed=HELD_SEED, minutes=minutes)
    nets = []
    for seed in _seeds(given):
        place = given.work / f"late-{seed}-{given.skip}-{len(pairs)}-{given.passes}.pt"
        weights, begun = stored(), _begun(given.begin)
        nets.append(
            learnt(pairs, tried, place, weights, passes=given.passes, seed=seed, begun=begun)
        )
        _place(given, str(seed)).write_bytes(onnx_from([nets[-1]], weights))
    if given.begin is not None:
        mean = mean_of([*nets, _before(nets[0], given.begin)] if given.mix else nets)
        mean.usual = usual(mean, pairs)
        _place(given, "mean").write_bytes(onnx_from([mean], stored()))


def _before(like: FaceLate, begin: Path) -> FaceLate:
    """The network that another one went on from, as it was."""
    net, weights = FaceLate(stored()), _begun(begin)
    net.fine_spread, net.coarse_spread = like.fine_spread, like.coarse_spread
    net.take_over(weights or {})
    return net.eval()


def _begun(place: Path | None) -> dict[str, NDArray[np.float32]] | None:
    """Weights of a network of this signal, by name."""
    if place is None:
        return None
    constants = read_onnx(place.read_bytes(), name=place.name).constants
    return {name: one.array() for name, one in constants.items() if one.dtype == "float32"}


def people_who_do_not_exist(given: argparse.Namespace) -> tuple[list[Picture], list[Picture]]:
    """(Those to learn from, those who are kept to try networks on), a picture of each.

    Args:
        given: The command line.
    """
    shipped = [
        replace(one, person=name, exists=False)
        for name in personas.names()
        for one in material([personas.load(name).picture.parent], given.work / "personas")
    ]
    found = material([given.media / "personas"], given.work / "personas") if given.nobodies else []
    found = [replace(one, exists=False) for one in found if one.person.startswith("persona_")]
    kept_out = [one for one in found if one.person[8:] in TESTED]
    return [*shipped, *(one for one in found if one.person[8:] not in TESTED)], kept_out


def swaps_to_learn_from(given: argparse.Namespace, count: int, reader: FaceReader) -> list[Swapped]:
    """Our own swaps of some of the volunteers' clips, with the people who ship with the package.

    Args:
        given: The command line.
        count: Clips.
        reader: The loaded networks.
    """
    clips = [
        place
        for folder in given.folders
        for place in sorted(folder.rglob("*"))
        if place.suffix in CLIPS
    ][:count]
    if not clips:
        return []
    donors = [personas.load(name).picture for name in personas.names()]
    if given.nobodies:
        donors += [place for place in _photos(given.media) if place.stem[8:] not in TESTED]
    return swapped(clips, donors, given.work / "swapped", reader)


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
    data = _shipped(given).read_bytes()
    command = f"python -m train.signals_face FOLDERS {_how(given)} --seeds {given.seeds}"
    own = PACKAGE / "models" / "own"
    (own / "learned_face.onnx").write_bytes(data)
    card = OwnCard(
        task="Tells faces that were blended, warped or redrawn from real ones.",
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        licence="Apache-2.0",
        data="Official portraits (public domain), a GRID volunteer's clips (CC BY 4.0) and people"
        " who do not exist (SFHQ, MIT), manipulated in memory, some by the card swap_base_tiny;"
        f" begun from EfficientNet-lite0 (ImageNet); {_together(given)}.",
        command=command,
        made=date.today().isoformat(),
        quality="; ".join(found.lines),
        limits="Never taught on deepfakes of others; faces made whole may pass. One volunteer's"
        " clips were learnt from; small, old videos of others raise more alarms.",
        paper="Shiohara and Yamasaki, Detecting Deepfakes with Self-Blended Images, CVPR 2022",
        input="(N, 3, 192, 192) RGB in 0 to 255, as forensics.face_input gives it",
        output="(N, 1, 6, 6) log odds of each part",
    )
    (own / "learned_face.toml").write_text(card.as_toml(), encoding="utf-8")
    calibrate(found, f"{card.made}, {command}")


def calibrate(found: Report, made: str) -> None:
    """What figures are worth, into the package.

    Args:
        found: What a network did on people never seen.
        made: When, and by which command.
    """
    bins, told = worth(found)
    known = Calibration(
        "learned_face",
        made,
        "manipulated faces of people never seen, in five qualities, and short videos made of their"
        " portraits, stored in four ways; our own swaps of clips of volunteers never seen",
        " ".join(f"{kind}: {words}" for kind, words in told),
        bins,
        told,
    )
    place = PACKAGE / "forensics" / "calibrations" / "learned_face.json"
    place.write_text(known.as_json(), encoding="utf-8")


def _how(given: argparse.Namespace) -> str:
    """The flags that made the network."""
    if given.whole:
        return f"--whole --steps {given.steps} --batch {given.batch}"
    how = (
        f"--pairs {given.pairs} --passes {given.passes} --swaps {given.swaps}"
        f" --among {given.among} --moving {given.moving}"
    )
    how += "".join(f" --{flag}" for flag in ("nobodies", "unaltered") if getattr(given, flag))
    if given.begin is not None:
        how += f" --skip {given.skip} --begin {file_sha256(given.begin)[:12]}.onnx"
        how += " --mix" if given.mix else ""
    return how


def _together(given: argparse.Namespace) -> str:
    """Of how many seeds the network that ships is made."""
    if given.begin is None or (given.seeds == 1 and not given.mix):
        return f"seed {given.first_seed}"
    seeds = f"{given.seeds} seeds" if given.seeds > 1 else f"seed {given.first_seed}"
    before = " and of the network before" if given.mix else ""
    return f"mean of the weights of {seeds}{before}"


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
        count = tuple(len(set(some)) for some in people)
        fitted = weighed_bin(kind, *sides, people=people)
        fitted = replace(fitted, manipulated=count[0], recorded=count[1])
        apart, cost = quality(*sides, people=people), 1 - fitted.weight
        words = f"On people never seen, {apart}, Cllr {cost:.2f}, {count[1]} people."
        if count[1] < LEAST_RECORDED:
            words += " Not weighed: too few people."
        elif apart.low <= LEAST_AUC or cost >= MOST_COST:
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
    parser.add_argument(
        "--nobodies",
        action="store_true",
        help="learn from the people of the test media who do not exist, but ten",
    )
    parser.add_argument("--among", type=int, default=4, help="others into whom each of them is put")
    parser.add_argument("--moving", type=int, default=20, help="of them, by our appearance swap")
    parser.add_argument(
        "--unaltered", action="store_true", help="nothing is made of portraits to learn from"
    )
    parser.add_argument(
        "--without",
        nargs="*",
        choices=(MESH, APPEARANCE),
        default=(),
        help="swaps of ours that are not learnt from, to see what others teach",
    )
    parser.add_argument("--skip", type=int, default=0, help="pairs of an earlier run, left out")
    parser.add_argument("--begin", type=Path, help="a network of this signal to go on from")
    parser.add_argument("--calibrate", type=Path, help="only weigh this network's figures anew")
    parser.add_argument("--mix", action="store_true", help="ship the mean with that network")
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
