"""How well a whole person is replaced: the two people of media/body, driven by themselves.

``python -m benchmarks.body [--media DIR] [--every N] [--out SHEETS]``

Nobody else's footage is there to be told the truth by, so each clip drives its own person. From
one picture of it: how much of the real mask the drawn one covers; where the network finds joints
in the result, against where they were commanded (PCK@.1: within a tenth of the longer side of the
joints' box), and in the untouched clip, which is the network's own ceiling. From moments of the
first half of the clip, in the second: the same, and the picture against the real one. Mattes are
measured on people pasted over the other clip's place, which is then known; plates on people pasted
over a place that is held still, or moved. Movement and flicker are held against those of the clip.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.media import media_dir
from benchmarks.report import Bar, publish
from masquerade.bodies.centred import centred
from masquerade.bodies.cutout import fine_matte, matte_before
from masquerade.bodies.figure import Figure, PhotoFigure, largest_part, shown
from masquerade.bodies.footage import Moment, VideoFigure, course, mirrored
from masquerade.bodies.plate import CameraPath, Plate, make_plate
from masquerade.bodies.pose import (
    LIMBS,
    Body,
    BodyReader,
    closely_masked,
    find_bodies,
    read_with_mask,
)
from masquerade.bodies.puppet import draw
from masquerade.bodies.refine import Refiner, refined
from masquerade.bodies.skeleton import build_of, skeleton_of
from masquerade.bodies.track import Cover, steadied
from masquerade.bodies.usual import cleared, usual_of
from masquerade.compose.blend import ShotLook, compose
from masquerade.generate.body import Act, Cue, Options, drawn
from masquerade.media.read import read_frames
from masquerade.pipelines.body.replace import BLENDING
from masquerade.types import RGB, Frame

CLIPS = ("juggle_man", "dog_woman")
FRONTAL_DEG = 35.0
JUMPS = ("jitter_photo", "jitter_video")
FLICKERS = ("flicker_photo", "flicker_video")
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Clip:
    """Frames of one person, some time apart, as read."""

    name: str
    frames: tuple[Frame, ...]
    bodies: tuple[Body, ...]
    raw: tuple[Body, ...]
    covers: tuple[Cover, ...]
    plate: Plate
    plate_s: float

    def cue(self, number: int) -> Cue:
        """Where the person is in a frame."""
        return Cue(skeleton_of(self.bodies[number]), self.covers[number])


def read_clip(path: Path, every: int, reader: BodyReader) -> Clip:
    """Every n-th frame of a clip with its person, and the place behind."""
    return clip_of(path.stem, read_frames(path), every, reader)


def clip_of(name: str, whole: Iterable[Frame], every: int, reader: BodyReader) -> Clip:
    """The same of frames as they come, in the first of which somebody is."""
    place = None
    kept: list[tuple[int, Frame, Cover]] = []
    raw: list[Body] = []
    seen: list[Body] = []
    for number, frame in enumerate(whole):
        place = place or find_bodies(frame.pixels, reader)[0].place
        body, mask, crop = read_with_mask(frame.pixels, place, reader)
        if body is None:
            continue
        place = body.place
        if number % every == 0:
            kept.append((len(raw), frame, Cover(mask, crop)))
        raw.append(body)
        seen.append(centred(body, mask, crop))
    smooth = steadied(seen)
    frames, covers = [frame for _, frame, _ in kept], [cover for _, _, cover in kept]
    began = time.process_time()
    plate = plate_of([(one.pts, one.pixels) for one in frames], covers)
    took = time.process_time() - began
    return Clip(
        name,
        tuple(frames),
        tuple(smooth[number] for number, _, _ in kept),
        tuple(raw[number] for number, _, _ in kept),
        tuple(covers),
        plate,
        took,
    )


def plate_of(pictures: Sequence[tuple[int, RGB]], covers: Sequence[Cover]) -> Plate:
    """The place behind a person, from all pictures there are."""
    camera = CameraPath()
    shape_hw = pictures[0][1].shape[0], pictures[0][1].shape[1]
    seen = []
    for (pts, picture), cover in zip(pictures, covers, strict=True):
        wide = np.ones((29, 29), np.uint8)
        there = cv2.dilate((cover.in_frame(shape_hw) > 0.15).astype(np.uint8), wide) > 0
        camera.see(pts, picture, there)
        seen.append((pts, picture, there))
    kind, moves = camera.settled(shape_hw)
    return make_plate(seen, kind, moves, shape_hw)


@dataclass(frozen=True, slots=True)
class Driven:
    """A clip with its person drawn anew."""

    frames: tuple[Frame, ...]
    numbers: tuple[int, ...]
    overlap: Floats
    psnr_db: Floats
    found: tuple[Body | None, ...]
    exact: bool
    frame_s: float


def drive(
    clip: Clip,
    figure: Figure,
    numbers: Sequence[int],
    reader: BodyReader,
    refiner: Refiner | None = None,
) -> Driven:
    """The person of a clip drawn anew in some of its frames, and what is seen of it."""
    act = Act("0", build_of(list(clip.bodies)), clip.plate, refiner=refiner)
    options, look = Options(shadow=0.0), ShotLook()
    made, overlap, psnr, found, took = [], [], [], [], []
    exact = True
    for number in numbers:
        frame, cue = clip.frames[number], clip.cue(number)
        began = time.process_time()
        patch = drawn(frame, cue, act, figure, options)
        out = compose(frame, [patch], BLENDING, look=look)
        took.append(time.process_time() - began)
        made.append(out)
        x0, y0, x1, y1 = patch.box
        real = cue.cover.in_box(patch.box) > 0.5
        blank = np.zeros_like(patch.pixels)
        pose = _at(cue, patch.box)
        alone = draw(figure.puppet(frame.pts, cue.skeleton.torso_px), pose, blank)
        if refiner is not None:
            alone = refined(alone, pose, refiner)
        mine = alone.alpha > 0.5
        overlap.append((mine & real).sum() / max((mine | real).sum(), 1))
        truth = frame.pixels[y0:y1, x0:x1].astype(np.float32)
        wrong = ((out.pixels[y0:y1, x0:x1] - truth) ** 2)[real | mine].mean()
        psnr.append(10 * np.log10(255**2 / max(float(wrong), 1e-3)))
        found.append(read_with_mask(out.pixels, clip.raw[number].place, reader)[0])
        exact &= _untouched(frame, out, patch.mask, patch.box)
    return Driven(
        tuple(made),
        tuple(numbers),
        np.array(overlap, np.float32),
        np.array(psnr, np.float32),
        tuple(found),
        exact,
        float(np.median(took)),
    )


def _at(cue: Cue, box: tuple[int, int, int, int]) -> Any:
    by = np.array(box[:2], np.float32)
    bones = cue.skeleton
    return replace(bones, segments=bones.segments - by, corners=bones.corners - by)


def _untouched(before: Frame, after: Frame, mask: Floats, box: tuple[int, int, int, int]) -> bool:
    """Whether every stored pixel outside the mask is bit by bit what it was."""
    x0, y0, x1, y1 = box
    free = np.ones(before.pixels.shape[:2], np.bool_)
    free[y0:y1, x0:x1] = mask == 0
    same = bool((before.pixels[free] == after.pixels[free]).all())
    if before.planes is not None and after.planes is not None:
        luma = before.planes.arrays[0], after.planes.arrays[0]
        same &= bool((luma[0][free] == luma[1][free]).all())
    return same


def pck(
    found: Sequence[Body | None], wanted: Sequence[Body], joints: Sequence[int] = LIMBS
) -> float:
    """Share of joints within a tenth of the box's longer side of where they should be."""
    near = []
    for one, other in zip(found, wanted, strict=True):
        if one is None:
            near.append(0.0)
            continue
        apart = np.linalg.norm((one.joints - other.joints)[list(joints), :2], axis=1)
        near.append(float((apart < 0.1 * other.height_px).mean()))
    return float(np.mean(near)) if near else float("nan")


def jitter(bodies: Sequence[Body | None]) -> float:
    """How much joints jump: the mean second difference through time."""
    there = [one for one in bodies if one is not None]
    xy = np.stack([one.joints[list(LIMBS), :2] for one in there])
    return float(np.linalg.norm(xy[2:] - 2 * xy[1:-1] + xy[:-2], axis=-1).mean())


def flicker(clip: Clip, made: Driven) -> float:
    """Second differences of brightness in cells around the person, the result's over the clip's."""

    def jumps(pictures: Sequence[RGB]) -> float:
        grey = [cv2.cvtColor(one, cv2.COLOR_RGB2GRAY) for one in pictures]
        cells = np.stack([cv2.resize(one, (80, 45), interpolation=cv2.INTER_AREA) for one in grey])
        flat = cells.astype(np.float32)[:, _around(clip)]
        return float(np.abs(flat[2:] - 2 * flat[1:-1] + flat[:-2]).mean())

    real = [clip.frames[number].pixels for number in made.numbers]
    return jumps([one.pixels for one in made.frames]) / max(jumps(real), 1e-6)


def _around(clip: Clip) -> NDArray[np.bool_]:
    joints = np.concatenate([one.joints[:, :2] for one in clip.bodies])
    (x0, y0), (x1, y1) = joints.min(axis=0) / 16, joints.max(axis=0) / 16
    cells = np.zeros((45, 80), np.bool_)
    cells[max(int(y0), 0) : int(y1) + 1, max(int(x0), 0) : int(x1) + 1] = True
    return cells


def matte_scores(clip: Clip, place: RGB, reader: BodyReader, count: int) -> tuple[float, float]:
    """IoU and boundary F (2 px) of the person pasted over another place and found again."""
    unions, edges = [], []
    for number in np.linspace(0, len(clip.frames) - 1, count).astype(int).tolist():
        picture = clip.frames[number].pixels
        shape_hw = picture.shape[0], picture.shape[1]
        truth = largest_part(fine_matte(picture, clip.covers[number].in_frame(shape_hw)))
        pasted = picture * truth[..., None] + place * (1 - truth[..., None])
        both = pasted.astype(np.uint8)
        coarse = closely_masked(both, clip.raw[number], reader)
        known = np.ones(shape_hw, np.bool_)
        found = largest_part(matte_before(both, coarse, place, known)) > 0.5
        real = truth > 0.5
        unions.append((found & real).sum() / max((found | real).sum(), 1))
        edges.append(boundary_f(found, real))
    return float(np.mean(unions)), float(np.mean(edges))


def boundary_f(one: NDArray[np.bool_], other: NDArray[np.bool_], px: int = 2) -> float:
    """F score of edge pixels that lie within so many pixels of the other edge."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * px + 1, 2 * px + 1))
    cross = np.ones((3, 3), np.uint8)

    def edge(mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
        flat = mask.astype(np.uint8)
        return np.asarray(flat - cv2.erode(flat, cross), np.uint8)

    a, b = edge(one), edge(other)
    precise = float((cv2.dilate(b, kernel)[a > 0] > 0).mean())
    complete = float((cv2.dilate(a, kernel)[b > 0] > 0).mean())
    return 2 * precise * complete / max(precise + complete, 1e-6)


def plate_truth(clip: Clip, place: RGB, *, moves: bool, count: int = 24) -> tuple[float, float]:
    """PSNR of the plate under people pasted over a known place, and of all that was ever seen."""
    wide, high = 960, 540
    pictures, covers, corners = [], [], []
    rng = np.random.default_rng(7)
    for step, number in enumerate(np.linspace(0, len(clip.frames) - 1, count).astype(int)):
        x0 = round(40 + 200 * step / count) if moves else 120
        y0 = round(90 + 40 * np.sin(step / 4)) if moves else 90
        picture, cover = clip.frames[number].pixels, clip.covers[number]
        mask = fine_matte(picture, cover.in_frame((720, 1280)))[..., None]
        both = picture * mask + place * (1 - mask) + rng.normal(0, 2, picture.shape)
        pictures.append(
            (step, np.clip(both, 0, 255).astype(np.uint8)[y0 : y0 + high, x0 : x0 + wide])
        )
        crop = cover.crop_from_frame.copy()
        crop[:, 2] += crop[:, :2] @ np.array([x0, y0], np.float64)
        covers.append(Cover(cover.mask, crop))
        corners.append((x0, y0))
    plate = plate_of(pictures, covers)
    wrong, seen = [], []
    for (step, _), cover, (x0, y0) in zip(pictures, covers, corners, strict=True):
        got, known = plate.at(step, (0, 0, wide, high))
        under = cover.in_frame((high, wide)) > 0.5
        truth = place[y0 : y0 + high, x0 : x0 + wide].astype(np.float32)
        error = ((got - truth) ** 2).mean(axis=2)
        wrong.append(error[under])
        seen.append(error[under & known])
    return tuple(
        float(10 * np.log10(255**2 / max(float(np.concatenate(one).mean()), 1e-3)))
        for one in (wrong, seen)
    )  # type: ignore[return-value]


def photo_of(clip: Clip, numbers: Sequence[int]) -> tuple[int, PhotoFigure]:
    """The frame that is most frontal, with arms and legs apart, as a photo of the person."""

    def worth(number: int) -> float:
        body = clip.bodies[number]
        return abs(body.yaw_deg) - 20 * float(body.seen[list(LIMBS)].min())

    best = min(numbers, key=worth)
    cover = clip.covers[best]
    body = centred(clip.raw[best], cover.mask, cover.crop_from_frame)
    cut = shown(clip.frames[best].pixels, body, cover)
    assert cut is not None
    return best, PhotoFigure(cut, body)


def moments_of(clip: Clip, numbers: Sequence[int]) -> list[Moment]:
    """Some frames of a clip as moments of its person, what lies before them painted over."""
    found = []
    for number in numbers:
        cut = shown(clip.frames[number].pixels, clip.bodies[number], clip.covers[number])
        assert cut is not None
        found.append(Moment(cut, clip.bodies[number]))
    usual = usual_of([one.shown for one in found])
    return [replace(one, shown=cleared(one.shown, usual)[0]) for one in found] if usual else found


def video_of(clip: Clip, lent: Sequence[int], shown_in: Sequence[int]) -> VideoFigure:
    """Some frames as moments of a video, and which of them is shown in each of some others."""
    moments = moments_of(clip, lent)
    both = [*moments, *map(mirrored, moments)]
    found = course(both, [clip.bodies[number] for number in shown_in])
    chosen = {
        clip.frames[number].pts: int(moment)
        for number, moment in zip(shown_in, found.moments, strict=True)
    }
    return VideoFigure(both, chosen)


def sheet(clip: Clip, made: Sequence[Driven], path: Path) -> None:
    """A contact sheet: the clip above what was made of it."""
    numbers = made[0].numbers
    picked = np.linspace(0, len(numbers) - 1, 8).astype(int).tolist()
    rows = [[clip.frames[numbers[n]].pixels for n in picked]]
    rows += [[one.frames[n].pixels for n in picked] for one in made]
    tiles = [
        np.hstack([cv2.resize(one, (400, 225), interpolation=cv2.INTER_AREA) for one in row])
        for row in rows
    ]
    cv2.imwrite(str(path), np.vstack(tiles)[..., ::-1])


def measure(clip: Clip, other: Clip, reader: BodyReader, out: Path | None) -> dict[str, float]:
    """All numbers of one clip."""
    count = len(clip.frames)
    late = list(range(count // 2, count))
    _, photo = photo_of(clip, range(count // 2))
    still = drive(clip, photo, late, reader)
    played = drive(clip, video_of(clip, range(count // 2), late), late, reader)
    if out:
        sheet(clip, (still, played), out / f"{clip.name}.png")
    wanted = [clip.bodies[number] for number in late]
    raw = [clip.raw[number] for number in late]
    front = [n for n, one in enumerate(wanted) if one.yaw_deg < FRONTAL_DEG]
    union, edge = matte_scores(clip, other.plate.pixels, reader, 6)
    plates = [plate_truth(clip, other.plate.pixels, moves=moves) for moves in (False, True)]
    return {
        "frames": count,
        "frontal": len(front),
        "pck": pck(still.found, wanted),
        "pck_frontal": pck([still.found[n] for n in front], [wanted[n] for n in front]),
        "pck_ceiling": pck(raw, wanted),
        "pck_video": pck(played.found, wanted),
        "iou_photo": float(still.overlap.mean()),
        "iou_video": float(played.overlap.mean()),
        "psnr_photo_db": float(still.psnr_db.mean()),
        "psnr_video_db": float(played.psnr_db.mean()),
        "matte_iou": union,
        "matte_boundary_f": edge,
        "plate_still_db": plates[0][1],
        "plate_still_all_db": plates[0][0],
        "plate_moving_db": plates[1][1],
        "plate_moving_all_db": plates[1][0],
        "plate_noise_db": clip.plate.noise_db,
        "plate_s": clip.plate_s,
        "exact": float(still.exact and played.exact),
        "jitter_photo": jitter(still.found) / jitter(raw),
        "jitter_video": jitter(played.found) / jitter(raw),
        "flicker_photo": flicker(clip, still),
        "flicker_video": flicker(clip, played),
        "draw_s": still.frame_s,
    }


def main() -> None:
    """Measures both clips, prints bars and JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--media", type=Path)
    parser.add_argument("--every", type=int, default=4, help="take every n-th frame")
    parser.add_argument("--out", type=Path, help="folder for contact sheets")
    given = parser.parse_args()
    media = media_dir(given.media)
    cv2.setNumThreads(1)
    reader = BodyReader.open()
    clips = [read_clip(media / "body" / f"{n}.mp4", given.every, reader) for n in CLIPS]
    found = {
        clip.name: measure(clip, other, reader, given.out)
        for clip, other in zip(clips, reversed(clips), strict=True)
    }
    man, woman = (found[name] for name in CLIPS)

    def least(name: str) -> float:
        return min(man[name], woman[name])

    def most(name: str) -> float:
        return max(man[name], woman[name])

    ceiling = min(one["pck"] / one["pck_ceiling"] for one in found.values())
    bars = [
        Bar("PCK@.1 from one picture, frontal frames", man["pck_frontal"], 0.9, ">="),
        Bar("the same by the network's ceiling, all frames", ceiling, 0.88, ">="),
        *(
            Bar(f"mask IoU from one picture, {name}", one["iou_photo"], 0.8, ">=")
            for name, one in found.items()
        ),
        Bar("matte IoU", least("matte_iou"), 0.975, ">="),
        Bar("matte boundary F at 2 px", least("matte_boundary_f"), 0.95, ">="),
        Bar("pixels outside the mask as they were", least("exact"), 1.0, "=="),
        Bar("plate, camera still, where seen, dB", least("plate_still_db"), 30, ">="),
        Bar("plate, camera moving, where seen, dB", least("plate_moving_db"), 28, ">="),
        Bar("joints jump, by the clip's", max(map(most, JUMPS)), 1.15),
        Bar("flicker, by the clip's", max(map(most, FLICKERS)), 1.2),
        Bar("plate, seconds of one core", most("plate_s"), 20),
        Bar("drawn and put in, frames a second of one core", 1 / most("draw_s"), 8, ">="),
    ]
    publish("body", bars, found)


if __name__ == "__main__":
    main()
