"""What a face network does on people it never saw, kept for its card and its calibration.

What it is tried on is made once (`Trial`) and kept as arrays beside the rest of the work, so that
every seed is tried on the same, and a run that was stopped goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.swap_measured import read_clip
from masquerade.errors import MediaError
from masquerade.faces.detect import find_faces
from masquerade.faces.embed import embed
from masquerade.faces.readers import FaceReader
from masquerade.forensics.face_input import face_input
from masquerade.forensics.sample import cut_out, followed
from masquerade.forensics.signals.learned_face import LEAST_PX, fitting, middle
from masquerade.media.read import read_frames, read_image
from masquerade.models.session import Session
from masquerade.types import RGB, Embedding, Frame
from train.face_clips import WAYS as CLIP_WAYS
from train.face_clips import clips
from train.face_degraded import h264, h264_clip, jpeg
from train.face_forgeries import forged
from train.face_material import Picture
from train.face_neural import Redrawer
from train.face_seen import both_seen, plainly, smaller
from train.face_swapped import photo, swaps, thinned
from train.measured import area, quality

Cuts = NDArray[np.uint8]
CRFS = (18, 35)
_SAME = 0.5
"""Distance of embeddings below which two clips show one person."""
ALARM_SHARE = 0.05
"""Of real faces, how many may be taken for manipulated at the threshold that is stated."""


@dataclass(slots=True)
class Report:
    """What a network does on material it never saw.

    Attributes:
        lines: In words.
        figures: (manipulated, real) log odds by kind of material, for calibration.
        people: (manipulated, real) whose each of those is, by kind.
    """

    lines: list[str] = field(default_factory=list)
    figures: dict[str, tuple[list[float], list[float]]] = field(default_factory=dict)
    people: dict[str, tuple[list[str], list[str]]] = field(default_factory=dict)

    def add(self, line: str) -> None:
        """Print and keep a line."""
        print(line, flush=True)
        self.lines.append(line)


def noisy(pixels: RGB) -> RGB:
    """With grain of 5 levels, the same for the same size."""
    grain = np.random.default_rng(11).normal(0, 5, pixels.shape)
    return np.asarray(np.clip(np.rint(pixels + grain), 0, 255), np.uint8)


WAYS: dict[str, Callable[[RGB], RGB]] = {
    "as they are": lambda pixels: pixels,
    "JPEG 50": partial(jpeg, quality=50),
    "H.264 CRF 35": partial(h264, crf=35),
    "half the size": partial(smaller, factor=0.5),
    "noise": noisy,
}


@dataclass(frozen=True, slots=True)
class Trial:
    """Cut-outs, (n, 256, 256, 3) uint8 each, of faces that no network learnt from.

    Attributes:
        blends: (manipulated, real) by what they went through.
        clips: The same of short videos made of portraits, (n, 3, 256, 256, 3) each.
        swaps: By clip: (how, CRF) to its pictures; how is ``recorded`` or a swap of ours.
        volunteers: Whose each of these clips is.
        portraits: Real faces of others.
        whole: Faces that were made whole.
        leaks: What should tell nothing, measured.
        people: Whose each of `blends` is; of `clips`, whose every second is (`of_clips`).
    """

    blends: dict[str, tuple[Cuts, Cuts]]
    clips: dict[str, tuple[Cuts, Cuts]]
    swaps: tuple[dict[tuple[str, int], Cuts], ...]
    volunteers: tuple[str, ...]
    portraits: Cuts
    whole: Cuts
    leaks: tuple[str, ...]
    people: tuple[str, ...]

    def of_clips(self, name: str) -> list[str]:
        """Whose each of the clips that are stored in one way is."""
        return list(self.people[list(CLIP_WAYS).index(name) % 2 :: 2])


def trial(
    unknown: Sequence[Picture], work: Path, tried: Tried | None, redrawer: Redrawer | None
) -> Trial:
    """What networks are tried on, made where it is not yet in the work folder.

    Args:
        unknown: Real pictures of people who are held out.
        work: Where it is kept.
        tried: Further material; none if not given.
        redrawer: As in `train.face_forgeries.forged`.
    """
    work.mkdir(parents=True, exist_ok=True)
    reals = [one.pixels for one in unknown]

    @cache
    def fakes() -> list[RGB]:
        rng = np.random.default_rng(7)
        return [forged(one, rng, twin=_twin(one, unknown), redrawer=redrawer) for one in unknown]

    def after(way: Callable[[RGB], RGB]) -> dict[str, Cuts]:
        return {
            kind: np.stack([plainly(one, way(px)) for one, px in zip(unknown, some, strict=True)])
            for kind, some in (("fake", fakes()), ("real", reals))
        }

    blends = {}
    for name, way in WAYS.items():
        both = _once(work / f"{name.replace(' ', '-')}.npz", partial(after, way))
        blends[name] = (both["fake"], both["real"])
    moving = {}
    for place, (name, kept) in enumerate(CLIP_WAYS.items()):
        half = unknown[place % 2 :: 2]
        both = _once(work / f"clips {name}.npz", partial(clips, half, kept, redrawer))
        moving[name] = (both["fake"], both["real"])
    told = work / "leaks.txt"
    if not told.is_file():
        told.write_text("\n".join(leaks(unknown, fakes())), encoding="utf-8")
    found = tuple(told.read_text(encoding="utf-8").splitlines())
    people = tuple(one.person for one in unknown)
    if tried is None:
        none = np.empty((0, 0, 0, 3), np.uint8)
        return Trial(blends, moving, (), (), none, none, found, people)
    swapped = tuple(_swapped(number, tried, work) for number in range(len(tried.clips)))
    sets = [
        _once(work / f"{name}.npz", partial(_stills, tried.media / name))["cuts"]
        for name in ("portraits", "personas")
    ]
    return Trial(blends, moving, swapped, _volunteers(tried, work), sets[0], sets[1], found, people)


@dataclass(frozen=True, slots=True)
class Tried:
    """Further material to try networks on.

    Attributes:
        clips: Of volunteers who were never seen.
        donors: Photos of people who do not exist and were never seen.
        media: Folder of test media, with ``portraits`` and ``personas``.
        every: Of the frames of a clip, which are taken.
    """

    clips: tuple[Path, ...]
    donors: tuple[Path, ...]
    media: Path
    every: int


def report(net: Session, on: Trial) -> Report:
    """How well a network tells the two kinds apart.

    Args:
        net: As `learned_face` opens it.
        on: What it never saw.
    """
    found = Report()
    both: tuple[list[float], list[float]] = ([], [])
    names = list(on.people)
    for name, sides in on.blends.items():
        fake, real = (figures(net, cuts) for cuts in sides)
        both[0].extend(fake)
        both[1].extend(real)
        apart = quality(fake, real, people=(names, names))
        found.add(f"manipulated faces of people never seen, {name}: {apart}")
    every = names * len(on.blends)
    found.figures["still"], found.people["still"] = both, (every, every)
    for line in on.leaks:
        found.add(line)
    _of_clips(net, on, found)
    if on.swaps:
        _of_swaps(net, on, found)
    if len(on.portraits):
        _of_others(net, on, found)
    return found


def figures(net: Session, cuts: Cuts) -> list[float]:
    """The mean log odds of each cut-out."""
    return [float(net(face_input([cut]))[0].mean()) for cut in cuts]


def _of_clips(net: Session, on: Trial, found: Report) -> None:
    both: tuple[list[float], list[float]] = ([], [])
    whose: list[str] = []
    for name, sides in on.clips.items():
        fake, real = ([middle(figures(net, some)) for some in side] for side in sides)
        both[0].extend(fake)
        both[1].extend(real)
        whose += (people := on.of_clips(name))
        apart = quality(fake, real, people=(people, people))
        found.add(f"portraits made into clips, {name}: {apart}")
    found.figures["video"], found.people["video"] = both, (whose, list(whose))


def _of_swaps(net: Session, on: Trial, found: Report) -> None:
    scores: dict[tuple[str, int], list[float]] = {}
    for clip in on.swaps:
        for (how, crf), cuts in clip.items():
            each = figures(net, cuts)
            scores.setdefault((how, crf), []).append(middle(each))
    names = list(on.volunteers)
    both: tuple[list[float], list[float]] = ([], [])
    whose: tuple[list[str], list[str]] = ([], [])
    for (how, crf), values in scores.items():
        both[how == "recorded"].extend(values)
        whose[how == "recorded"].extend(names)
        if how != "recorded":
            apart = quality(values, scores["recorded", crf], people=(names, names))
            found.add(f"our own {how}, H.264 CRF {crf}, clips: {apart}")
    found.add(f"our own swaps of volunteers, all clips: {quality(*both, people=whose)}")
    _join(found, both, whose)
    limit = float(np.quantile(found.figures["video"][1], 1 - ALARM_SHARE))
    alarms = sum(value > limit for value in both[1])
    found.add(f"at {limit:.2f}: {alarms} of {len(both[1])} recorded clips raise an alarm")


def _join(
    found: Report, both: tuple[list[float], list[float]], whose: tuple[list[str], list[str]]
) -> None:
    """Volunteers' clips to the portraits' clips, so often that both weigh the same: they are few,
    but they alone were filmed.
    """
    for kind in (0, 1):
        figures, people = found.figures["video"][kind], found.people["video"][kind]
        times = max(1, round(len(figures) / len(both[kind])))
        figures.extend(both[kind] * times)
        people.extend(whose[kind] * times)


def _of_others(net: Session, on: Trial, found: Report) -> None:
    limit, real = _limit(found), figures(net, on.portraits)
    alarms = sum(value > limit for value in real)
    found.add(
        f"at {limit:.2f}, above which {100 * ALARM_SHARE:.0f} in 100 real faces of people never"
        f" seen are: {alarms} of {len(real)} portraits of others raise an alarm"
    )
    found.add(f"faces made whole, against those: {quality(figures(net, on.whole), real)}")


def _limit(found: Report) -> float:
    return float(np.quantile(found.figures["still"][1], 1 - ALARM_SHARE))


def leaks(some: Sequence[Picture], fakes: Sequence[RGB]) -> Iterator[str]:
    """How well what should tell nothing parts batches as they are trained on: near .5 is right.

    Args:
        some: Real pictures.
        fakes: Made of them, in their order.
    """
    rng = np.random.default_rng(3)
    cuts: tuple[list[RGB], list[RGB]] = ([], [])
    for one, fake in zip(some, fakes, strict=True):
        for kind, cut in enumerate(both_seen(one, fake, int(rng.integers(1 << 32)))):
            cuts[kind].append(cut)
    tests: dict[str, Callable[[RGB], float]] = {
        "mean colour": lambda cut: float(cut.mean()),
        "bytes as JPEG": lambda cut: float(len(_jpeg_bytes(cut))),
        "border": lambda cut: float(np.concatenate([cut[:8].ravel(), cut[-8:].ravel()]).std()),
        "blocks": lambda cut: float(np.abs(np.diff(cut.astype(int), axis=1)[:, 7::8]).mean()),
    }
    for name, test in tests.items():
        values = [np.array([test(cut) for cut in side]) for side in (cuts[1], cuts[0])]
        yield f"leak test, {name}: AUC {area(*values):.3f}"


def _swapped(number: int, tried: Tried, work: Path) -> dict[tuple[str, int], Cuts]:
    """A clip and both of our swaps of it as they come out of H.264, cut out as in examinations."""
    place, donor = tried.clips[number], tried.donors[number % len(tried.donors)]

    def made() -> dict[str, Cuts]:
        reader = FaceReader.open()
        clip = thinned(read_clip(place, reader), tried.every)
        some = dict(swaps(clip, photo(donor, reader), reader))
        cuts = {}
        for how, pixels in (("recorded", [frame.pixels for frame in clip.frames]), *some.items()):
            for crf in CRFS:
                frames = [
                    Frame(picture, like.pts, like.time_base)
                    for picture, like in zip(h264_clip(pixels, crf), clip.frames, strict=True)
                ]
                lines = followed(partial(iter, frames), reader)
                cuts[f"{how}|{crf}"] = np.stack([cut.pixels for cut in fitting(lines[0].cuts)])
        return cuts

    held = _once(work / f"{place.stem}-{donor.stem}-{tried.every}.npz", made)
    parted = {name: name.rpartition("|") for name in held}
    return {(how, int(crf)): held[name] for name, (how, _, crf) in parted.items()}


def _volunteers(tried: Tried, work: Path) -> tuple[str, ...]:
    """Whose each clip is: the first clip that shows the same face names the person."""
    place = work / "volunteers.txt"
    if not place.is_file():
        reader, known = FaceReader.open(), dict[str, Embedding]()
        names = []
        for clip in tried.clips:
            pixels = next(read_frames(clip)).pixels
            face = max(find_faces(pixels, reader), key=lambda one: one.size_px)
            seen = embed(pixels, face, reader)
            same = (name for name, one in known.items() if np.linalg.norm(one - seen) < _SAME)
            names.append(next(same, clip.stem))
            known.setdefault(names[-1], seen)
        place.write_text("\n".join(names), encoding="utf-8")
    return tuple(place.read_text(encoding="utf-8").splitlines())


def _twin(one: Picture, every: Sequence[Picture]) -> Picture | None:
    """Another picture of the same person, the first."""
    return next((two for two in every if two.person == one.person and two is not one), None)


def _stills(folder: Path) -> dict[str, Cuts]:
    return {"cuts": stills(folder)}


def stills(folder: Path) -> Cuts:
    """The largest face of each picture of a folder, where it is large enough."""
    reader, found = FaceReader.open(), []
    for place in sorted(folder.glob("*.jpg")):
        try:
            picture = read_image(place)
        except MediaError as error:
            print(f"left out: {error}")
            continue
        faces = sorted(find_faces(picture.pixels, reader), key=lambda face: -face.size_px)
        if faces and faces[0].size_px >= LEAST_PX:
            found.append(cut_out(picture, faces[0]).pixels)
    return np.stack(found)


def _once(place: Path, make: Callable[[], dict[str, Cuts]]) -> dict[str, Cuts]:
    """Arrays from a file, which is made if it is not there."""
    if not place.is_file():
        fresh = place.with_suffix(".part.npz")
        np.savez(fresh, **make())  # type: ignore[arg-type]
        fresh.replace(place)
    with np.load(place, allow_pickle=False) as held:
        return {name: held[name] for name in held.files}


def _jpeg_bytes(cut: RGB) -> bytes:
    return cv2.imencode(".jpg", cut[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()
