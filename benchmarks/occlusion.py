"""How much of what lies in front of a face is found, and how much of bare faces is taken for it.

``python -m benchmarks.occlusion [--media DIR] [--out DIR] [--scenes N] [--every N]``

Scenes are made by ``benchmarks.occlusion_set``: real hands and objects of the test media and drawn
ones move over GRID speakers; where they are is known at every pixel. Clips are tracked and looked
at as a swap does it. Measured within the outline of the tracked face: intersection over union of
what was found and what is there (half covered or more), all frames of a clip together; pixels that
are neither the occluder nor, in the clip without it, the face count for nothing. Clips without
occluders give the share of the face that is wrongly held back. Only scenes that nobody looked at
while the finder was made count for the bar; those in which something is in front from the first
frame to the last are told apart. Times are medians of process time in one thread. Contact sheets go
to ``--out``. The last line is JSON.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.media import media_dir
from benchmarks.occlusion_set import SCENES, Scene, film, write_clip
from benchmarks.report import Bar, publish
from masquerade.faces.following.track import track
from masquerade.faces.mesh import OVAL
from masquerade.faces.readers import FaceReader
from masquerade.faces.staging import height_px, patch_box
from masquerade.media.read import read_frames
from masquerade.pipelines.in_front import Glances, Known
from masquerade.types import Face, Frame, Mask, PixelBox, Track

_CHEEKS = (50, 280, 205, 425)
_SHOWN = (18, 24, 35, 49)


@dataclass(slots=True)
class Found:
    """What was counted in one clip.

    Attributes:
        both: Pixels found that are the occluder's.
        either: Pixels found or the occluder's.
        wrong: Pixels found that are the face's.
        face: Pixels of the face.
        frames: Frames looked at, of which the face was tracked in `tracked`.
        quiet_ms: Time of each frame in which nothing was found.
        busy_ms: Time of each other frame.
        learn_ms: Time it took to learn the bare face, for each frame of the clip.
    """

    both: int = 0
    either: int = 0
    wrong: int = 0
    face: int = 0
    frames: int = 0
    tracked: int = 0
    quiet_ms: list[float] = field(default_factory=list)
    busy_ms: list[float] = field(default_factory=list)
    learn_ms: float = 0.0
    pictures: list[NDArray[np.uint8]] = field(default_factory=list)

    @property
    def iou(self) -> float:
        """Intersection over union."""
        return self.both / max(self.either, 1)


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip with its one face, followed and learned."""

    frames: tuple[Frame, ...]
    track: Track
    known: Known | None
    learn_ms: float


def followed(path: Path, reader: FaceReader) -> Clip:
    """A clip as a swap looks at it before it renders."""
    frames = tuple(read_frames(path))
    glances, spent = Glances(), 0.0

    def see(frame: Frame, faces: Sequence[Face]) -> None:
        nonlocal spent
        began = time.process_time()
        glances.see(frame, faces)
        spent += time.process_time() - began

    longest = max(track(frames, reader, see=see), key=lambda one: len(one.faces))
    began = time.process_time()
    known = glances.known([longest]).get(longest.track_id)
    spent += time.process_time() - began
    return Clip(frames, longest, known, spent / len(frames) * 1e3)


def measured(clip: Clip, clean: Clip, covered: Sequence[Mask], every: int) -> Found:
    """What is found in a clip whose occluder is known.

    Args:
        clip: With the occluder.
        clean: The same without.
        covered: (H, W) for each frame the occluder's share of each pixel.
        every: Frames between two that are looked at.
    """
    found = Found(learn_ms=clip.learn_ms)
    for number in range(0, len(clip.frames), every):
        frame, before = clip.frames[number], clean.frames[number]
        face = clip.track.faces.get(frame.pts)
        found.frames += 1
        if face is None or clip.known is None:
            continue
        found.tracked += 1
        box = patch_box(face.landmarks, height_px(face.landmarks), frame.size_wh)
        began = time.process_time()
        seen = clip.known.visible(frame, face, box)
        took_ms = (time.process_time() - began) * 1e3
        (found.quiet_ms if seen is None else found.busy_ms).append(took_ms)
        x0, y0, x1, y1 = box
        there = covered[number][y0:y1, x0:x1] >= 0.5
        held = np.zeros_like(there) if seen is None else seen < 0.5
        outline = _outline(face, box)
        own = clean.track.faces.get(before.pts, face)
        counted = outline & (_outline(own, box) | there)
        found.both += int((held & there & counted).sum())
        found.either += int(((held | there) & counted).sum())
        found.wrong += int((held & ~there & counted).sum())
        found.face += int((counted & ~there).sum())
        if any(shown // every * every == number for shown in _SHOWN):
            found.pictures.append(_picture(frame, box, seen, covered[number]))
    return found


def _outline(face: Face, box: PixelBox) -> NDArray[np.bool_]:
    x0, y0, x1, y1 = box
    drawn = np.zeros((y1 - y0, x1 - x0), np.uint8)
    corners = np.round((face.landmarks[list(OVAL), :2] - (x0, y0)) * 16).astype(np.int32)
    return np.asarray(cv2.fillPoly(drawn, [corners], 1, cv2.LINE_8, 4) > 0)


def _picture(frame: Frame, box: PixelBox, seen: Mask | None, covered: Mask) -> NDArray[np.uint8]:
    """The face beside itself: what was held back in pink, the truth outlined in yellow."""
    x0, y0, x1, y1 = box
    drawn = frame.pixels.astype(np.float32)
    if seen is not None:
        share = 0.55 * (1 - seen)[..., None]
        part = drawn[y0:y1, x0:x1]
        part += share * (np.array([255, 0, 160], np.float32) - part)
    marked = np.clip(drawn, 0, 255).astype(np.uint8)
    edges, _ = cv2.findContours((covered >= 0.5).astype(np.uint8), 0, 1)
    cv2.drawContours(marked, edges, -1, (255, 255, 0), 1)
    top, left = max(0, y0 - 20), max(0, x0 - 20)
    pair = np.hstack([image[top : y1 + 20, left : x1 + 20] for image in (frame.pixels, marked)])
    return np.asarray(cv2.resize(pair, (320, 200), interpolation=cv2.INTER_AREA), np.uint8)


def scenes(media: Path, reader: FaceReader, chosen: Sequence[Scene], every: int) -> Iterator[Any]:
    """(scene, found) for each scene, (speaker, found) for each speaker without an occluder."""
    clean: dict[str, Clip] = {}
    with tempfile.TemporaryDirectory() as folder:
        for scene in chosen:
            if scene.speaker not in clean:
                clean[scene.speaker] = followed(media / scene.speaker, reader)
            bare = clean[scene.speaker]
            places, skin = _places(bare)
            pixels = [frame.pixels for frame in bare.frames]
            shot = film(scene, pixels, places, skin, media.parent)
            path = Path(folder) / "scene.mp4"
            write_clip(shot, path)
            yield scene, measured(followed(path, reader), bare, shot.covered, every)
    nothing = np.zeros(next(iter(clean.values())).frames[0].pixels.shape[:2], np.float32)
    for speaker in sorted(
        f"{place.parent.name}/{place.name}" for place in media.glob("grid_*/*.mpg")
    ):
        if len(chosen) < len(SCENES) and speaker not in clean:
            continue
        bare = clean.get(speaker) or followed(media / speaker, reader)
        yield speaker, measured(bare, bare, [nothing] * len(bare.frames), every)


def _places(clip: Clip) -> tuple[list[tuple[float, float, float]], NDArray[np.float32]]:
    """Middle and height of the face in each frame, and the colour of its cheeks."""
    known = next(iter(clip.track.faces.values()))
    places = []
    for frame in clip.frames:
        known = clip.track.faces.get(frame.pts, known)
        x, y = known.landmarks[[10, 152, 234, 454], :2].mean(axis=0)
        places.append((float(x), float(y), height_px(known.landmarks)))
    first = clip.frames[0]
    marks = clip.track.faces.get(first.pts, known).landmarks
    spots = [
        first.pixels[int(y) - 2 : int(y) + 3, int(x) - 2 : int(x) + 3].reshape(-1, 3)
        for x, y in marks[list(_CHEEKS), :2]
    ]
    return places, np.median(np.concatenate(spots), axis=0).astype(np.float32)


def _sheet(rows: Sequence[tuple[str, Found]], path: Path) -> None:
    """Four pictures for each clip, two clips in a line."""
    lines = []
    for name, found in rows:
        pictures = [*found.pictures[:4], *[np.zeros((200, 320, 3), np.uint8)] * 4][:4]
        line = np.hstack(pictures)
        words = f"{name}: {found.iou:.2f}"
        cv2.putText(line, words, (6, 192), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 255, 255), 1)
        lines.append(line)
    if len(lines) % 2:
        lines.append(np.zeros_like(lines[0]))
    pairs = [np.hstack(lines[k : k + 2]) for k in range(0, len(lines), 2)]
    cv2.imwrite(str(path), cv2.cvtColor(np.vstack(pairs), cv2.COLOR_RGB2BGR))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--media", type=Path)
    parser.add_argument("--out", type=Path, help="folder for contact sheets")
    parser.add_argument("--scenes", type=int, default=len(SCENES))
    parser.add_argument("--every", type=int, default=1, help="frames between two looked at")
    asked = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    media, reader = media_dir(asked.media) / "talking", FaceReader.open()
    filmed: list[tuple[Scene, Found]] = []
    plain: list[tuple[str, Found]] = []
    for what, found in scenes(media, reader, SCENES[: asked.scenes], asked.every):
        if isinstance(what, Scene):
            filmed.append((what, found))
            print(f"{what.name:40} {what.path:6} IoU {found.iou:.3f}", flush=True)
        else:
            plain.append((what, found))
            share = found.wrong / max(found.face, 1)
            print(f"{what:40} held back {share:.5f}", flush=True)
    if asked.out:
        asked.out.mkdir(parents=True, exist_ok=True)
        _sheet([(one.name, found) for one, found in filmed], asked.out / "occlusion.png")
    _publish(filmed, plain)


def _publish(filmed: Sequence[tuple[Scene, Found]], plain: Sequence[tuple[str, Found]]) -> None:
    def mean(which: Sequence[float]) -> float:
        return round(statistics.fmean(which), 4) if which else float("nan")

    unseen = [f.iou for s, f in filmed if s.path == "visit" and not s.tuning]
    tuning = [f.iou for s, f in filmed if s.path == "visit" and s.tuning]
    wrong = sum(f.wrong for _, f in plain) / max(1, sum(f.face for _, f in plain))
    quiet = statistics.median([ms for _, f in plain for ms in f.quiet_ms] or [float("nan")])
    learn = statistics.median([f.learn_ms for _, f in plain])
    busy = [ms for _, f in filmed for ms in f.busy_ms]
    publish(
        "occlusion",
        [
            Bar("occluder IoU, mean of unseen scenes", mean(unseen), 0.85, ">="),
            Bar("share of bare faces held back", wrong, 0.005, "<="),
            Bar("ms a frame where nothing is in front", quiet + learn, 1.5, "<="),
        ],
        {
            "iou_tuning": mean(tuning),
            "iou_standing": mean([f.iou for s, f in filmed if s.path == "stay"]),
            "iou": {s.name + (" (standing)" * (s.path == "stay")): round(f.iou, 3)
                    for s, f in filmed},
            "held_back": {name: round(f.wrong / max(f.face, 1), 5) for name, f in plain},
            "tracked": mean([f.tracked / f.frames for _, f in filmed]),
            "look_ms": round(quiet, 2),
            "learn_ms_a_frame": round(learn, 2),
            "ms_where_something_is_in_front": round(statistics.median(busy), 2) if busy else None,
        },
    )  # fmt: skip


if __name__ == "__main__":
    main()
