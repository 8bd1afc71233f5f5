"""How steady a swap is where the target makes it hard: gaps, cuts, turns, blur, borders of pieces.

``python -m benchmarks.steadiness [--media DIR] [--out DIR] [--only WORD] [--method NAME]``

Hard clips are made from recorded ones (`benchmarks.steadiness_clips`), encoded as H.264 and
rendered as a job renders them. Measured within the face, in levels of 0 to 255, without grain:

- pops: changes from one frame to the next that exceed those of the target there by `POP` levels;
- missed and invented faces: seen but not changed and not reported, or changed where none is seen;
- switches: a person who goes on under another track, or a track that goes on with another person;
- drift and jitter: landmarks against where the face really is;
- borders: a piece of a long shot against the same frames in the middle of a shot.

Strips of consecutive frames around the worst change of each clip go to ``--out``. The last line is
JSON.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from types import ModuleType

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.media import media_dir
from benchmarks.report import Bar, publish
from benchmarks.steadiness_clips import RATE, HardClip, Head, hard_clips, speaker, to_and_fro
from benchmarks.swap_measured import prepared
from masquerade import registry
from masquerade.compose.blend import ComposeOptions
from masquerade.evaluate.flicker import face_luminance, flicker_ratio
from masquerade.faces import mesh
from masquerade.faces.align import crop, square_crop
from masquerade.faces.following.follow import same_place
from masquerade.faces.following.track import track
from masquerade.faces.landmarks import face_of, place_of
from masquerade.faces.readers import FaceReader
from masquerade.media.probe import probe
from masquerade.media.read import read_frames
from masquerade.pipelines.cast import read_sources
from masquerade.pipelines.pieces import OVERLAP, Piece, Span, pieces
from masquerade.pipelines.render import Rig, Shoot, render_piece
from masquerade.pipelines.tally import Tally
from masquerade.types import RGB, Face, Frame, Generator, Points, Track

POP = 3.0
_SIDE = 64
_CHANGED = 1.2  # mean difference in levels from which a face was changed
_UNCHANGED = 0.4  # likewise below which it was left
_STRIP = 12  # frames of a strip
_PERSONA = "personas/persona_b02.jpg"
_BORDERS = (60, 120, 180, 240)


@dataclass(frozen=True, slots=True)
class Steadiness:
    """One hard clip, measured.

    Attributes:
        frames: How many.
        pops: Sudden changes that the target does not have.
        worst: The largest excess of change over the target's, in levels.
        missed: Faces that are seen and stay as they were without a word.
        reported: Faces that stay as they were and are reported.
        invented: Faces drawn where none is seen.
        switches: Persons under another track, tracks with another person.
        drift: 95th percentile of the distance to the true landmarks, in interocular distances.
        jitter: Mean second difference of the landmarks over the true ones'.
        flicker: Of the brightness, against the target's.
    """

    name: str
    frames: int
    pops: int
    worst: float
    missed: int
    reported: int
    invented: int
    switches: int
    drift: float | None
    jitter: float | None
    flicker: float | None


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark and print its JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--media", type=Path)
    parser.add_argument("--out", type=Path, help="folder for strips of frames")
    parser.add_argument("--only", default="", help="clips whose name holds this word")
    parser.add_argument("--method", default="swap_mesh")
    asked = parser.parse_args(arguments)
    media, reader = media_dir(asked.media), FaceReader.open()
    module = registry.get(asked.method)
    photos = {"0": read_sources([media / _PERSONA], reader)}
    found: list[Steadiness] = []
    for clip in hard_clips(media, reader):
        if asked.only in clip.name:
            options = module.Options(max_turn_deg=clip.most_deg)
            method = prepared(module, photos, options, reader)
            found.append(_measured(clip, module, method, reader, asked.out))
            print(json.dumps(_plain(found[-1])), flush=True)
    borders: dict[str, float] = {}
    if asked.only in "long shot":
        long = to_and_fro(speaker(media / "talking/grid_others/lbax4n.mpg", reader), 300)
        method = prepared(module, photos, module.Options(), reader)
        borders = _borders(long, module, method, reader)
    _publish(found, borders)


def _measured(
    clip: HardClip, module: ModuleType, method: Generator, reader: FaceReader, out: Path | None
) -> Steadiness:
    with tempfile.TemporaryDirectory() as folder:
        path = _written(clip, Path(folder) / "clip.mp4")
        shoot = _shoot(path, module, method, reader)
        frames = list(read_frames(path))
        tally = Tally()
        cut = list(pieces(iter(frames)))
        made = [f for piece in cut for f in render_piece(shoot, piece, tally, {})]
        times = {frame.pts: n for n, frame in enumerate(frames)}
        spans = [span for piece in cut for span in piece.spans]
        tracks = _tracked(frames, spans, reader)
    targets, results = [f.pixels for f in frames], [f.pixels for f in made]
    paths = [_by_number(one, times) for one in tracks]
    missed_at = {times[miss.pts] for miss in tally.misses}
    empty_at = {n for n in times.values() if not any(n in path for path in paths)}
    bounds = set(clip.bounds)
    places = [_whole(head.meshes) for head in clip.heads] or [_kept(one) for one in paths]
    changes = [_Change.of(targets, results, place) for place in places]
    excess = np.max([change.excess(bounds) for change in changes], axis=0)
    if out:
        _strip(clip, targets, results, places[0], int(excess.argmax()), out)
    counts = _counts(changes, clip.heads, missed_at | empty_at)
    drift, jitter = _against_truth(clip, paths)
    return Steadiness(
        clip.name,
        len(frames),
        pops=int((excess > POP).sum()),
        worst=float(excess.max()),
        missed=counts[0],
        reported=len(missed_at),
        invented=counts[1],
        switches=_switches(clip, paths, {times[span.first] for span in spans}),
        drift=drift,
        jitter=jitter,
        flicker=_flicker(targets, results, clip),
    )


def _tracked(frames: Sequence[Frame], spans: Sequence[Span], reader: FaceReader) -> list[Track]:
    """The tracks of every span by itself, as a job follows them."""
    tracks: list[Track] = []
    for span in spans:
        part = [f for f in frames if span.first <= f.pts <= span.last]
        tracks += track(iter(part), reader, first_id=1000 * len(tracks))
    return tracks


def _written(clip: HardClip, path: Path) -> Path:
    height, width = clip.pictures[0].shape[:2]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"crf": "12"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number, pixels in enumerate(clip.pictures):
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
            picture.pts, picture.time_base = number, Fraction(1, RATE)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path


def _shoot(path: Path, module: ModuleType, method: Generator, reader: FaceReader) -> Shoot:
    return Shoot(
        info=probe(path),
        reader=reader,
        rig=Rig("steadiness", method, module.radius, ComposeOptions()),
        people=(),
        wanted={"0": None},
    )


def _by_number(one: Track, times: Mapping[int, int]) -> dict[int, Face]:
    return {times[pts]: face for pts, face in one.faces.items()}


def _whole(meshes: Points) -> dict[int, Points]:
    return dict(enumerate(meshes))


def _kept(path: Mapping[int, Face]) -> dict[int, Points]:
    return {number: face.landmarks for number, face in path.items()}


@dataclass(frozen=True, slots=True)
class _Change:
    """A face in target and result, laid over each other, frame by frame.

    Attributes:
        numbers: (n,) the frames.
        target: (n, 64, 64) brightness, a little soft.
        result: (n, 64, 64) likewise.
    """

    numbers: NDArray[np.int64]
    target: NDArray[np.float32]
    result: NDArray[np.float32]

    @classmethod
    def of(
        cls, targets: Sequence[RGB], results: Sequence[RGB], places: Mapping[int, Points]
    ) -> _Change:
        """Both as they look at a face's places."""
        numbers = sorted(places)
        parts = [
            np.stack([_upright(images[n], places[n]) for n in numbers])
            for images in (targets, results)
        ]
        return cls(np.array(numbers), *parts)

    def made(self) -> NDArray[np.float64]:
        """(n,) how much was changed."""
        return np.asarray(np.abs(self.result - self.target).mean(axis=(1, 2)))

    def excess(self, bounds: set[int]) -> NDArray[np.float64]:
        """(frames,) change since the frame before beyond the target's own; 0 at cuts."""
        steps = [
            np.abs(np.diff(one, axis=0)).mean(axis=(1, 2)) for one in (self.target, self.result)
        ]
        found = np.zeros(int(self.numbers.max()) + 1 if len(self.numbers) else 1)
        for k, number in enumerate(self.numbers[1:]):
            if number - self.numbers[k] == 1 and int(number) not in bounds:
                found[number] = max(0.0, steps[1][k] - steps[0][k])
        wide = np.zeros(max(2000, len(found)))
        wide[: len(found)] = found
        return wide


def _upright(image: RGB, marks: Points) -> NDArray[np.float32]:
    place = place_of(marks)
    part = crop(image, square_crop(place.centre, place.size_px, place.angle, _SIDE), _SIDE)
    grey = np.asarray(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY), np.float32)
    return np.asarray(cv2.GaussianBlur(grey, (0, 0), 1.5), np.float32)


def _counts(
    changes: Sequence[_Change], heads: Sequence[Head], reported: set[int]
) -> tuple[int, int]:
    """Seen faces left without a word; faces drawn where none is seen."""
    missed = invented = 0
    for change, head in zip(changes, heads, strict=False):
        made, hardly = change.made() > _CHANGED, change.made() < _UNCHANGED
        told = np.array([int(n) in reported for n in change.numbers])
        missed += int((head.seen & hardly & ~told).sum())
        invented += int((head.hidden & made).sum()) if len(heads) == 1 else 0
    return missed, invented


def _switches(clip: HardClip, paths: Sequence[Mapping[int, Face]], bounds: set[int]) -> int:
    """Within shots: people who go on under another track, tracks that go on with other people."""
    owners: dict[int, set[int]] = {}
    switches = 0
    for k, head in enumerate(clip.heads):
        last = None
        for number, seen in enumerate(head.seen.tolist()):
            last = None if number in bounds else last
            if not seen:
                continue
            true = face_of(head.meshes[number], 1.0)
            own = [
                i for i, path in enumerate(paths)
                if number in path and same_place(path[number], true)
            ]  # fmt: skip
            if own:
                switches += last is not None and own[0] != last
                last = own[0]
                owners.setdefault(own[0], set()).add(k)
    return switches + sum(len(who) - 1 for who in owners.values())


def _against_truth(
    clip: HardClip, paths: Sequence[Mapping[int, Face]]
) -> tuple[float | None, float | None]:
    """Drift and jitter of the landmarks; None where the truth is not known."""
    apart, ours, true = [], [], []
    for head in clip.heads:
        unit = mesh.interocular_px(head.meshes[0])
        for path in paths:
            near = [n for n in sorted(path) if n < len(head.seen) and head.seen[n]]
            near = [n for n in near if same_place(path[n], face_of(head.meshes[n], 1.0))]
            off = {n: (path[n].landmarks - head.meshes[n])[:468, :2] for n in near}
            apart += [float(np.linalg.norm(one, axis=1).mean()) / unit for one in off.values()]
            for n in near:
                if n - 1 in off and n + 1 in off:
                    ours.append(_bend([path[n + i].landmarks for i in (-1, 0, 1)]))
                    true.append(_bend([head.meshes[n + i] for i in (-1, 0, 1)]))
    if not apart:
        return None, None
    return float(np.quantile(apart, 0.95)), float(np.sum(ours) / max(np.sum(true), 1e-6))


def _bend(three: Sequence[Points]) -> float:
    second = (three[0] - 2 * three[1] + three[2])[:468, :2]
    return float(np.linalg.norm(second, axis=1).mean())


def _flicker(targets: Sequence[RGB], results: Sequence[RGB], clip: HardClip) -> float | None:
    """Of the first head, over its longest stretch of frames in which it is seen."""
    if not clip.heads or not clip.heads[0].seen.all():
        return None
    meshes = clip.heads[0].meshes
    before, after = (
        np.stack([face_luminance(p, m) for p, m in zip(images, meshes, strict=True)])
        for images in (targets, results)
    )
    return flicker_ratio(after, before)


def _borders(
    clip: HardClip, module: ModuleType, method: Generator, reader: FaceReader
) -> dict[str, float]:
    """How far the first frames of a piece are from the same frames in the middle of a shot."""
    with tempfile.TemporaryDirectory() as folder:
        path = _written(clip, Path(folder) / "long.mp4")
        shoot = _shoot(path, module, method, reader)
        pts = [frame.pts for frame in read_frames(path)]
        whole = _rendered(shoot, Span(pts[0], pts[-1], pts[0], pts[-1]))
        meshes = clip.heads[0].meshes
        usual = np.mean(
            [_apart(whole[n], whole[n - 1], meshes[n], meshes[n - 1]) for n in range(50, 250)]
        )
        steps = []
        for k in _BORDERS:
            last = k + OVERLAP
            span = Span(pts[k], pts[last], pts[k - OVERLAP], pts[last + OVERLAP])
            part = _rendered(shoot, span)
            steps.append([_apart(part[i], whole[k + i], *(meshes[k + i],) * 2) for i in range(8)])
    firsts = [one[0] for one in steps]
    return {
        "step at the border, levels": float(np.mean(firsts)),
        "largest step at a border, levels": float(np.max(firsts)),
        "left after 7 frames, levels": float(np.mean([one[7] for one in steps])),
        "usual change from frame to frame, levels": float(usual),
    }


def _rendered(shoot: Shoot, span: Span) -> list[RGB]:
    made = render_piece(shoot, Piece(0, (span,), 0), Tally(), {})
    return [frame.pixels for frame in made]


def _apart(one: RGB, other: RGB, place: Points, other_place: Points) -> float:
    return float(np.abs(_upright(one, place) - _upright(other, other_place)).mean())


def _strip(
    clip: HardClip,
    targets: Sequence[RGB],
    results: Sequence[RGB],
    places: Mapping[int, Points],
    worst: int,
    out: Path,
) -> None:
    """Target above, result below, frame by frame around the worst change."""
    first = int(np.clip(worst - _STRIP // 2, 0, max(0, len(targets) - _STRIP)))
    numbers = range(first, min(first + _STRIP, len(targets)))
    rows = []
    for images in (targets, results):
        known = np.array(sorted(places))
        near = [int(known[np.abs(known - k).argmin()]) for k in numbers]
        rows.append(
            np.hstack([_tile(images[k], places[n]) for k, n in zip(numbers, near, strict=True)])
        )
    out.mkdir(parents=True, exist_ok=True)
    name = "".join(c if c.isalnum() else "_" for c in clip.name)
    sheet = cv2.cvtColor(np.vstack(rows), cv2.COLOR_RGB2BGR)
    cv2.imwrite(str(out / f"steady_{name}_{first}.png"), sheet)


def _tile(image: RGB, marks: Points, side: int = 150) -> RGB:
    low, high = marks[:468, :2].min(axis=0), marks[:468, :2].max(axis=0)
    scale = side / (1.5 * float((high - low).max()))
    shift = side / 2 - scale * (low + high) / 2
    matrix = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
    return np.asarray(cv2.warpAffine(image, matrix, (side, side), flags=cv2.INTER_AREA), np.uint8)


def _plain(one: Steadiness) -> dict[str, object]:
    return {k: round(v, 4) if isinstance(v, float) else v for k, v in asdict(one).items()}


def _publish(found: Sequence[Steadiness], borders: Mapping[str, float]) -> bool:
    frames = sum(one.frames for one in found)
    bars = []
    if found:
        flicker = [one.flicker for one in found if one.flicker is not None]
        jitter = [one.jitter for one in found if one.jitter is not None]
        bars = [
            Bar("pops per 1,000 frames", 1000 * sum(one.pops for one in found) / frames, 2),
            Bar("faces missed without a word", sum(one.missed for one in found), 0, "=="),
            Bar("faces invented", sum(one.invented for one in found), 0, "=="),
            Bar("switches of identity", sum(one.switches for one in found), 0, "=="),
        ]
        if jitter:
            bars.append(Bar("jitter of landmarks against the truth's", float(np.mean(jitter)), 1.3))
        if flicker:
            bars.append(Bar("flicker against the target's", float(np.mean(flicker)), 1.08))
    if borders:
        usual = borders["usual change from frame to frame, levels"]
        ratio = borders["largest step at a border, levels"] / usual
        bars.append(Bar("step at a border over the usual change", ratio, 0.5))
    rest = {"clips": [_plain(one) for one in found], "borders": dict(borders)}
    return publish("steadiness", bars, rest)


if __name__ == "__main__":
    main()
