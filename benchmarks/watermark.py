"""What the picture watermark survives, what it costs, and how often it sees what is not there.

``python -m benchmarks.watermark [--media DIR] [--train DIR] [--images N] [--unmarked N] [--docs]``

Stills are marked with a new id each, attacked, and read blind; clips of two seconds likewise. The
bars are for pictures of at least 440 pixels a side; smaller ones are measured beside them.
Unmarked: real faces, and windows cut from real films and photographs, searched in full. Side by
side: dwtDctSvd and RivaGAN of invisible-watermark 0.2.0, where that package is installed
(``pip install --no-deps invisible-watermark==0.2.0 PyWavelets``); neither is needed otherwise.
``--docs`` writes the tables of docs/watermark.md. The last line is JSON.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.media import media_dir
from benchmarks.report import Bar, publish, timed
from benchmarks.watermark_attacks import ATTACKS, FINE, VIDEO_ATTACKS, encoded
from benchmarks.watermark_rivals import rivals
from masquerade.media.read import read_frames, read_image
from masquerade.provenance.watermark.decode import FALSE_ALARM, Detection, detect
from masquerade.provenance.watermark.embed import Marker
from masquerade.types import RGB, Frame

KEY = hashlib.sha256(b"benchmark").digest()
PAGE = Path(__file__).resolve().parents[1] / "docs" / "watermark.md"
LEAST_SIDE = 440
CLIP_FRAMES = 50
PROMISED = (
    "JPEG 50",
    "crop to 75 % of each side",
    "resize 0.5",
    "resize 0.5 + JPEG 75",
    "rotate 1 degree",
    "brighter",
    "darker",
    "screenshot",
)
PROMISED_VIDEO = ("H.264 CRF 28 + resize 0.5", "VP9 CRF 35")
RIVAL_IMAGES = 2


@dataclass(frozen=True, slots=True)
class Trial:
    """One picture under one attack.

    Attributes:
        attack: Its name.
        is_large: True where each side has at least `LEAST_SIDE` pixels.
        right: True where exactly the id came back.
        seconds: The search took.
    """

    attack: str
    is_large: bool
    right: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class Marked:
    """One marked picture and its trials."""

    psnr_db: float
    ssim: float
    trials: tuple[Trial, ...]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmark and print its JSON."""
    asked = _arguments(arguments)
    media = media_dir(asked.media)
    train = asked.train or media.parent / "train"
    cv2.setNumThreads(1)
    with ProcessPoolExecutor(2, initializer=cv2.setNumThreads, initargs=(1,)) as pool:
        large, small = _stills(media, asked.images), _small(train, asked.images // 4)
        marked = list(pool.map(_still, [*large, *small]))
        clips = [trial for trials in pool.map(_clip, _clip_tasks(media)) for trial in trials]
        tasks = _unmarked(media, train, asked.unmarked)
        seen = list(pool.map(_searched, tasks, chunksize=16))
        side_by_side = _side_by_side(list(pool.map(_rival_trial, _rival_tasks(media))))
    speed = _speed(media)
    if asked.docs:
        write_tables(_tables(marked, clips, side_by_side))
    _publish(marked, clips, seen, side_by_side, speed)


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--media", type=Path)
    parser.add_argument("--train", type=Path, help="unmarked faces; usually beside the media")
    parser.add_argument("--docs", action="store_true", help="write the tables of docs/watermark.md")
    parser.add_argument("--images", type=int, default=40)
    parser.add_argument("--unmarked", type=int, default=1010)
    return parser.parse_args(arguments)


def _stills(media: Path, count: int) -> list[Path]:
    """Photographs of at least `LEAST_SIDE` a side, and people who do not exist, in turn.

    Of the C2PA fixtures only some: most are one photograph, and one is a page of text.
    """
    people = sorted((media / "personas").glob("*.jpg"))
    photos = [media / "c2pa" / name for name in ("C.jpg", "CA.jpg")]
    photos += sorted((media / "exif").glob("*.jpg"))
    photos = [path for path in photos if min(_size(path)) >= LEAST_SIDE]
    wanted = [path for pair in itertools.zip_longest(people, photos) for path in pair if path]
    return [path for path in wanted if min(_size(path)) >= LEAST_SIDE][:count]


def _for_rivals(media: Path) -> list[Path]:
    """The smallest pictures of people who do not exist: RivaGAN needs gigabytes for larger ones."""
    people = sorted((media / "personas").glob("*.jpg"))
    return sorted(people, key=lambda path: min(_size(path)))[:RIVAL_IMAGES]


def _small(train: Path, count: int) -> list[Path]:
    found = sorted((train / "faces_real").rglob("*.jpg"))
    return found[:: max(1, len(found) // max(1, count))][:count]


def _size(path: Path) -> tuple[int, int]:
    image = cv2.imread(str(path))
    return (0, 0) if image is None else (image.shape[1], image.shape[0])


def _id(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")


def _still(path: Path) -> Marked:
    frame = read_image(path)
    payload = _id(path.name)
    made = Marker(payload, KEY, frame.size_wh).mark(frame).pixels
    trials = []
    for name, attack in ATTACKS.items():
        attacked = attack(made)
        start = time.perf_counter()
        found = detect(attacked, KEY)
        took = time.perf_counter() - start
        is_large = min(frame.size_wh) >= LEAST_SIDE
        trials.append(Trial(name, is_large, found.payload == payload, took))
    return Marked(_psnr(frame.pixels, made), _ssim(frame.pixels, made), tuple(trials))


def _clip_tasks(media: Path) -> list[tuple[Path, int]]:
    """Files and the windows of two seconds in them."""
    films = [media / "body" / "dog_woman.mp4", media / "body" / "juggle_man.mp4"]
    windows = [(film, number) for film in films for number in range(3)]
    return [*windows, (media / "c2pa" / "video1_no_manifest.mp4", 0)]


def _clip(task: tuple[Path, int]) -> list[Trial]:
    path, window = task
    frames = list(_window(path, window))
    payload = _id(f"{path.name} {window}")
    marker = Marker(payload, KEY, frames[0].size_wh)
    marked = [marker.mark(frame) for frame in frames]
    trials = []
    for name, attack in VIDEO_ATTACKS.items():
        pictures = encoded(marked, attack)
        start = time.perf_counter()
        found = detect(iter(pictures), KEY)
        took = time.perf_counter() - start
        trials.append(Trial(name, True, found.payload == payload, took))
    return trials


def _window(path: Path, window: int) -> Iterator[Frame]:
    start = window * CLIP_FRAMES
    return itertools.islice(read_frames(path), start, start + CLIP_FRAMES)


@dataclass(frozen=True, slots=True)
class Unmarked:
    """A picture without a mark: a file, and which window of it (None: all of it)."""

    path: Path
    window: int | None = None


def _unmarked(media: Path, train: Path, count: int) -> list[Unmarked]:
    """Real faces first, then windows of photographs and films."""
    faces = [Unmarked(path) for path in sorted((train / "faces_real").rglob("*.jpg"))]
    photos = [Unmarked(path, place) for path in _stills(media, 40) for place in range(4)]
    films = [Unmarked(path, place) for path, place in _clip_tasks(media)]
    return [*films, *photos, *faces][:count]


def _searched(task: Unmarked) -> tuple[Detection, float]:
    """What a full search finds where nothing is, and the seconds it took."""
    film = task.path.suffix == ".mp4"
    if film:
        frames = list(_window(task.path, task.window or 0))
        start = time.perf_counter()
        return detect(iter(frames), KEY), time.perf_counter() - start
    pixels = read_image(task.path).pixels
    if task.window is not None:
        height, width = pixels.shape[0] // 2, pixels.shape[1] // 2
        y, x = task.window // 2 * height, task.window % 2 * width
        pixels = np.ascontiguousarray(pixels[y : y + height, x : x + width])
    start = time.perf_counter()
    return detect(pixels, KEY), time.perf_counter() - start


@dataclass(frozen=True, slots=True)
class RivalTrial:
    """One picture through one rival: PSNR, and the share of bits right after each attack."""

    rival: str
    bits: int
    psnr_db: float
    right: dict[str, float]


def _rival_tasks(media: Path) -> list[tuple[str, Path]]:
    return [(rival.name, path) for rival in rivals() for path in _for_rivals(media)]


def _rival_trial(task: tuple[str, Path]) -> RivalTrial:
    name, path = task
    rival = next(one for one in rivals() if one.name == name)
    pixels = read_image(path).pixels
    bits = np.array([_id(path.name) >> place & 1 for place in range(rival.bits)], np.uint8)
    made = rival.put(pixels, bits)
    right = {
        attack: float((rival.read(change(made)) == bits).mean())
        for attack, change in ATTACKS.items()
    }
    return RivalTrial(name, rival.bits, _psnr(pixels, made), right)


def _side_by_side(trials: Sequence[RivalTrial]) -> dict[str, dict[str, Any]]:
    """Each rival's PSNR, and under each attack the bits and the whole ids that came back."""
    found: dict[str, dict[str, Any]] = {}
    for name in dict.fromkeys(trial.rival for trial in trials):
        own = [trial for trial in trials if trial.rival == name]
        rows = {attack: np.array([trial.right[attack] for trial in own]) for attack in ATTACKS}
        found[name] = {
            "bits": own[0].bits,
            "pictures": len(own),
            "psnr_db": round(float(np.mean([trial.psnr_db for trial in own])), 2),
            "bits_right": {attack: round(float(row.mean()), 3) for attack, row in rows.items()},
            "exact": {attack: round(float((row == 1).mean()), 3) for attack, row in rows.items()},
        }
    return found


def _speed(media: Path) -> dict[str, float]:
    """Seconds a 720p frame: marking on one thread, and x264 medium CRF 18 on two."""
    frames = list(_window(media / "body" / "dog_woman.mp4", 0))[:25]
    marker = Marker(1, KEY, frames[0].size_wh)

    def mark() -> None:
        for frame in frames:
            marker.mark(frame)  # let go at once, as the writer does

    marked = timed(mark)
    written = timed(lambda: encoded(frames, FINE, threads=2, read=False))
    photo = cv2.resize(frames[0].pixels, (4000, 3000), interpolation=cv2.INTER_CUBIC)
    unmarked = timed(lambda: detect(photo, KEY), runs=3)
    return {
        "mark_ms": 1000 * marked.median_s / len(frames),
        "encode_ms": 1000 * written.median_s / len(frames),
        "detect_12mp_s": unmarked.median_s,
    }


def _psnr(before: RGB, after: RGB) -> float:
    error = float(np.mean((before.astype(np.float32) - after) ** 2))
    return float(10 * np.log10(255**2 / max(error, 1e-9)))


def _ssim(before: RGB, after: RGB) -> float:
    """Of brightness (Wang et al. 2004), Gaussian window of 1.5 pixels."""
    a, b = (cv2.cvtColor(one, cv2.COLOR_RGB2GRAY).astype(np.float32) for one in (before, after))

    def mean(values: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(cv2.GaussianBlur(values, (11, 11), 1.5), np.float32)

    mean_a, mean_b = mean(a), mean(b)
    var_a, var_b = mean(a * a) - mean_a**2, mean(b * b) - mean_b**2
    both = mean(a * b) - mean_a * mean_b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    top = (2 * mean_a * mean_b + c1) * (2 * both + c2)
    return float(np.mean(top / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2))))


def _rates(trials: Sequence[Trial], names: Sequence[str]) -> dict[str, float]:
    rows = {name: [trial.right for trial in trials if trial.attack == name] for name in names}
    return {
        name: round(float(np.mean(row)), 4) if row else float("nan") for name, row in rows.items()
    }


def _tables(
    marked: Sequence[Marked], clips: Sequence[Trial], side_by_side: dict[str, dict[str, Any]]
) -> dict[str, list[list[str]]]:
    """Rows of the tables of the docs, heads first."""
    trials = [trial for one in marked for trial in one.trials]
    rates = [
        _rates([trial for trial in trials if trial.is_large == large], list(ATTACKS))
        for large in (True, False)
    ]
    names = list(side_by_side)
    head = ["Stills: ids read exactly", f"{LEAST_SIDE} px a side and more", "small (225 to 410 px)"]
    stills = [[*head, *(f"{name}, {side_by_side[name]['bits']} bits" for name in names)]]
    for attack in ATTACKS:
        others = [f"{side_by_side[name]['exact'][attack]:.0%}" for name in names]
        stills.append([attack, *(f"{rate[attack]:.0%}" for rate in rates), *others])
    mean = float(np.mean([one.psnr_db for one in marked]))
    low = min(one.psnr_db for one in marked)
    rest = [f"{side_by_side[name]['psnr_db']:.1f}" for name in names]
    stills.append(["PSNR in dB (ours: mean, lowest)", f"{mean:.1f}, {low:.1f}", "", *rest])
    video = [["Clips of 2 s at 720p", "ids read exactly"]]
    video += [[name, f"{rate:.0%}"] for name, rate in _rates(clips, list(VIDEO_ATTACKS)).items()]
    return {"stills": stills, "video": video}


def write_tables(tables: dict[str, list[list[str]]]) -> None:
    """Puts rows between the marks of their name in the page of the docs."""
    text = PAGE.read_text(encoding="utf-8")
    for name, (head, *rows) in tables.items():
        lines = [head, ["---"] * len(head), *rows]
        body = "".join(f"| {' | '.join(row)} |\n" for row in lines)
        start, end = f"<!-- measured: {name} -->\n", "<!-- end of measured -->"
        before, _, rest = text.partition(start)
        text = before + start + body + end + rest.partition(end)[2]
    PAGE.write_text(text, encoding="utf-8")


def _publish(
    marked: Sequence[Marked],
    clips: Sequence[Trial],
    seen: Sequence[tuple[Detection, float]],
    side_by_side: dict[str, dict[str, Any]],
    speed: dict[str, float],
) -> None:
    trials = [trial for one in marked for trial in one.trials]
    large = _rates([trial for trial in trials if trial.is_large], list(ATTACKS))
    small = _rates([trial for trial in trials if not trial.is_large], list(ATTACKS))
    video = _rates(clips, list(VIDEO_ATTACKS))
    alarms = sum(found.is_found for found, _ in seen)
    share = speed["mark_ms"] / speed["encode_ms"]
    bars = [
        Bar("lowest PSNR, dB", min(one.psnr_db for one in marked), 42, ">="),
        *(Bar(f"exact ids, {name}", large[name], 0.99, ">=") for name in PROMISED),
        *(Bar(f"exact ids, video, {name}", video[name], 0.99, ">=") for name in PROMISED_VIDEO),
        Bar("unmarked pictures searched", len(seen), 1000, ">="),
        Bar("false alarms among them", alarms, 0, "=="),
        Bar("bound on a false alarm", FALSE_ALARM, 1e-4),
        Bar("marking, share of encode time at 720p", share, 0.15),
        Bar("search of 12 MP without a mark, s", speed["detect_12mp_s"], 3),
        Bar("longest search of a clip of 2 s, s", max(trial.seconds for trial in clips), 10),
    ]
    results = {
        "stills": large,
        f"stills below {LEAST_SIDE} px": small,
        "video": video,
        "psnr_db": round(float(np.mean([one.psnr_db for one in marked])), 2),
        "ssim": round(float(np.mean([one.ssim for one in marked])), 4),
        "best score without a mark": round(max(found.score for found, _ in seen), 2),
        "search of an unmarked picture, s": round(float(np.median([s for _, s in seen])), 3),
        "false alarm rate, 95 % bound by counting": round(3 / max(1, len(seen)), 5),
        "speed": {name: round(value, 3) for name, value in speed.items()},
        "rivals": side_by_side or "invisible-watermark is not installed",
    }
    publish("watermark", bars, results)


if __name__ == "__main__":
    main()
