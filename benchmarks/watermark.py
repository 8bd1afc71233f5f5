"""What the picture watermark survives, what it costs, and how often it sees what is not there.

``python -m benchmarks.watermark [--quick] [--docs] [--media DIR] [--train DIR]``

Stills are marked with an id each, attacked, and read blind; clips of two seconds likewise. The bars
are for pictures of at least 330 pixels a side; smaller ones are measured beside them. Unmarked:
real faces, and windows cut from real films and photographs, searched in full. Side by side:
dwtDctSvd and RivaGAN of invisible-watermark 0.2.0, where that package is installed
(``pip install --no-deps invisible-watermark==0.2.0 PyWavelets``); neither is needed otherwise.
``--docs`` writes the tables of docs/watermark.md. The last line is JSON.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import time
from collections.abc import Callable, Sequence
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
from benchmarks.watermark_media import (
    LEAST_SIDE,
    Clip,
    Picture,
    Window,
    clips,
    large,
    size_wh,
    small,
    unmarked,
)
from benchmarks.watermark_rivals import rivals
from masquerade.media.read import read_frames, read_image
from masquerade.provenance.watermark.chance import FALSE_ALARM
from masquerade.provenance.watermark.decode import Detection, detect
from masquerade.provenance.watermark.embed import Marker
from masquerade.types import RGB

KEY = hashlib.sha256(b"benchmark").digest()
PAGE = Path(__file__).resolve().parents[1] / "docs" / "watermark.md"
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
IN_FULL = 3  # one picture in so many, and one clip, is put through the other attacks too
RIVAL_IMAGES = 4


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
    few = slice(None, None, 16 if asked.quick else 1)
    cv2.setNumThreads(1)
    speed = _speed(media)
    with ProcessPoolExecutor(2, initializer=cv2.setNumThreads, initargs=(1,)) as pool:
        marked = list(pool.map(_still, [*large(media)[few], *small(media)[few]]))
        trials = pool.map(_clip, clips(media)[few])
        video = [trial for some in trials for trial in some]
        seen = list(pool.map(_searched, unmarked(media, train)[few], chunksize=16))
        side_by_side = _side_by_side(list(pool.map(_rival_trial, _rival_tasks(media, few))))
    if asked.docs:
        write_tables(_tables(marked, video, side_by_side))
    _publish(marked, video, seen, side_by_side, speed)


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--media", type=Path)
    parser.add_argument("--train", type=Path, help="unmarked faces; usually beside the media")
    parser.add_argument("--docs", action="store_true", help="write the tables of docs/watermark.md")
    parser.add_argument("--quick", action="store_true", help="a sixteenth of everything")
    return parser.parse_args(arguments)


def _id(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")


def _still(task: Picture) -> Marked:
    frame = read_image(task.path)
    payload = _id(f"{task.path.name} {task.number}")
    made = Marker(payload, KEY, frame.size_wh).mark(frame).pixels
    trials = []
    for name, attack in ATTACKS.items():
        if task.number % IN_FULL and name not in PROMISED:
            continue
        attacked = attack(made)
        start = time.perf_counter()
        found = detect(attacked, KEY)
        took = time.perf_counter() - start
        is_large = min(frame.size_wh) >= LEAST_SIDE
        trials.append(Trial(name, is_large, found.payload == payload, took))
    return Marked(_psnr(frame.pixels, made), _ssim(frame.pixels, made), tuple(trials))


def _clip(task: Clip) -> list[Trial]:
    frames = list(task.frames())
    payload = _id(f"{task.path.name} {task.start}")
    marker = Marker(payload, KEY, frames[0].size_wh)
    marked = [marker.mark(frame) for frame in frames]
    trials = []
    for name, attack in VIDEO_ATTACKS.items():
        if task.number % IN_FULL and name not in PROMISED_VIDEO:
            continue
        pictures = encoded(marked, attack)
        start = time.perf_counter()
        found = detect(iter(pictures), KEY)
        took = time.perf_counter() - start
        trials.append(Trial(name, True, found.payload == payload, took))
    return trials


def _searched(task: Clip | Window) -> tuple[Detection, float]:
    """What a full search finds where nothing is, and the seconds it took."""
    if isinstance(task, Clip):
        frames = list(task.frames())
        start = time.perf_counter()
        return detect(iter(frames), KEY), time.perf_counter() - start
    pixels = task.pixels()
    start = time.perf_counter()
    return detect(pixels, KEY), time.perf_counter() - start


@dataclass(frozen=True, slots=True)
class RivalTrial:
    """One picture through one rival: PSNR, and the share of bits right after each attack."""

    rival: str
    bits: int
    psnr_db: float
    right: dict[str, float]


def _rival_tasks(media: Path, few: slice) -> list[tuple[str, Path]]:
    """The smallest pictures of people who do not exist: RivaGAN needs gigabytes for larger ones."""
    people = sorted((media / "personas").glob("*.jpg"))
    small_ones = sorted(people, key=lambda path: min(size_wh(path)))[:RIVAL_IMAGES]
    return [(rival.name, path) for rival in rivals() for path in small_ones[few]]


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
    """Marking and x264 medium CRF 18 at 720p, one thread each, in turn; and long searches.

    Of each the least of several runs, in seconds of processor time: what else the machine does
    matters least to that.
    """
    frames = list(Clip(media / "body" / "dog_woman.mp4", 0).frames())[:25]
    marker = Marker(1, KEY, frames[0].size_wh)

    def mark() -> None:
        for frame in frames:
            marker.mark(frame)  # let go at once, as the writer does

    marks, encodes = [], []
    for _ in range(4):
        marks.append(_processor_s(mark))
        encodes.append(_processor_s(lambda: encoded(frames, FINE, read=False)))
    photo = cv2.resize(frames[0].pixels, (4000, 3000), interpolation=cv2.INTER_CUBIC)
    film = list(read_frames(media / "body" / "dog_woman.mp4"))
    return {
        "mark_ms": 1000 * min(marks) / len(frames),
        "encode_ms": 1000 * min(encodes) / len(frames),
        "detect_12mp_s": timed(lambda: detect(photo, KEY), runs=2).median_s,
        "detect_film_s": timed(lambda: detect(iter(film), KEY), runs=1, warm_ups=0).median_s,
    }


def _processor_s(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


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
    """The share that came back, of each attack that was tried."""
    rows = {name: [trial.right for trial in trials if trial.attack == name] for name in names}
    return {name: round(float(np.mean(row)), 4) for name, row in rows.items() if row}


def _tables(
    marked: Sequence[Marked], video: Sequence[Trial], side_by_side: dict[str, dict[str, Any]]
) -> dict[str, list[list[str]]]:
    """Rows of the tables of the docs, heads first."""
    groups = [
        [trial for one in marked for trial in one.trials if trial.is_large == is_large]
        for is_large in (True, False)
    ]
    names = list(side_by_side)
    head = ["Stills: ids read exactly", f"{LEAST_SIDE} px a side and more", "175x216 to 225x275"]
    rivals_ = [
        f"{name}, {side_by_side[name]['bits']} bits, {side_by_side[name]['pictures']} pictures"
        for name in names
    ]
    stills = [[*head, *rivals_]]
    for attack in ATTACKS:
        others = [f"{side_by_side[name]['exact'][attack]:.0%}" for name in names]
        stills.append([attack, *(_counted(group, attack) for group in groups), *others])
    mean = float(np.mean([one.psnr_db for one in marked]))
    low = min(one.psnr_db for one in marked)
    rest = [f"{side_by_side[name]['psnr_db']:.1f}" for name in names]
    stills.append(["PSNR in dB (ours: mean, lowest)", f"{mean:.1f}, {low:.1f}", "", *rest])
    films = [["Clips of 2 s at 720p", "ids read exactly"]]
    films += [[name, _counted(video, name)] for name in VIDEO_ATTACKS]
    return {"stills": stills, "video": films}


def _counted(trials: Sequence[Trial], attack: str) -> str:
    """How many came back, of how many."""
    own = [trial.right for trial in trials if trial.attack == attack]
    return f"{sum(own)} of {len(own)}"


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
    clips_: Sequence[Trial],
    seen: Sequence[tuple[Detection, float]],
    side_by_side: dict[str, dict[str, Any]],
    speed: dict[str, float],
) -> None:
    trials = [trial for one in marked for trial in one.trials]
    groups = [[one for one in trials if one.is_large == is_large] for is_large in (True, False)]
    rates, lesser = (_rates(group, list(ATTACKS)) for group in groups)
    video = _rates(clips_, list(VIDEO_ATTACKS))
    counts = [sum(one.attack == name for one in groups[0]) for name in PROMISED]
    filmed = [sum(one.attack == name for one in clips_) for name in PROMISED_VIDEO]
    alarms = sum(found.is_found for found, _ in seen)
    bars = [
        Bar("lowest PSNR, dB", min(one.psnr_db for one in marked), 42, ">="),
        Bar("pictures of each attack", min(counts), 100, ">="),
        *(Bar(f"exact ids, {name}", rates[name], 0.99, ">=") for name in PROMISED),
        Bar("clips of each codec", min(filmed), 50, ">="),
        *(Bar(f"exact ids, video, {name}", video[name], 0.99, ">=") for name in PROMISED_VIDEO),
        Bar("unmarked pictures and clips searched", len(seen), 1000, ">="),
        Bar("false alarms among them", alarms, 0, "=="),
        Bar("bound on a false alarm, log10", math.log10(FALSE_ALARM), -4),
        Bar("marking, share of encode time at 720p", speed["mark_ms"] / speed["encode_ms"], 0.15),
        Bar("search of 12 MP without a mark, s", speed["detect_12mp_s"], 5),
        Bar("search of 10 s at 720p without a mark, s", speed["detect_film_s"], 10),
    ]
    results = {
        "stills": rates,
        f"stills below {LEAST_SIDE} px": lesser,
        "marked pictures": {
            "large": counts[0],
            "small": len(marked) - counts[0],
            "clips": filmed[0],
        },
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
