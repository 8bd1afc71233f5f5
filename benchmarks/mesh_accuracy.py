"""How well faces are found, read, told apart and steadied.

Run `python -m benchmarks.mesh_accuracy [--media DIR] [--dlib-shape FILE]`. With dlib installed and
its five-point model given, dlib's own detection and alignment are measured beside ours, with the
same identity network.
"""

from __future__ import annotations

import argparse
import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.report import Bar, publish, timed
from masquerade.faces import mesh
from masquerade.faces.align import Affine, crop, moved
from masquerade.faces.detect import SMALLEST_PX, find_faces, looks, sightings
from masquerade.faces.embed import SAME_PERSON, chip
from masquerade.faces.following.smooth import smooth
from masquerade.faces.landmarks import place_of, read_face, read_face_well
from masquerade.faces.pose import head_pose
from masquerade.faces.readers import FaceReader
from masquerade.media.read import read_frames, read_image
from masquerade.types import RGB, Face

SEED = 20261121
SIZES = (16, 20, 24, 32, 64, 200, 500)
TILTS = (0, 30, 45, 60, 90, -90)
CANVAS = (720, 1280)
PHOTO_SUFFIXES = {".jpg", ".png"}


@dataclass(frozen=True)
class Photo:
    """A portrait, whose it is, and its face."""

    name: str
    person: str
    pixels: RGB
    face: Face


def photos_of(folder: Path, reader: FaceReader) -> tuple[list[Photo], int]:
    """Portraits with the largest face in each, and how many had other than one face."""
    photos, odd = [], 0
    for path in sorted(p for p in folder.iterdir() if p.suffix in PHOTO_SUFFIXES):
        pixels = read_image(path).pixels
        faces = find_faces(pixels, reader)
        odd += len(faces) != 1
        if faces:
            photos.append(Photo(path.name, path.stem.rsplit("_", 1)[0], pixels, faces[0]))
    return photos, odd


def telling_apart(photos: list[Photo], embeddings: NDArray[np.float32]) -> dict[str, float | int]:
    """Same/different over all pairs: error rates at dlib's threshold and the best threshold."""
    same: list[float] = []
    other: list[float] = []
    for i, j in itertools.combinations(range(len(photos)), 2):
        apart = float(np.linalg.norm(embeddings[i] - embeddings[j]))
        (same if photos[i].person == photos[j].person else other).append(apart)
    a, b = np.array(same), np.array(other)
    steps = np.arange(0.3, 0.9, 0.005)
    balanced = [((a < t).mean() + (b >= t).mean()) / 2 for t in steps]
    best = float(np.mean(steps[np.array(balanced) >= max(balanced) - 1e-9]))
    right = (a < SAME_PERSON).sum() + (b >= SAME_PERSON).sum()
    return {
        "same_pairs": len(a),
        "different_pairs": len(b),
        "mean_same": round(float(a.mean()), 4),
        "mean_different": round(float(b.mean()), 4),
        "accuracy_at_0.6": round(float(right) / (len(a) + len(b)), 5),
        "false_accept_at_0.6": round(float((b < SAME_PERSON).mean()), 5),
        "false_reject_at_0.6": round(float((a >= SAME_PERSON).mean()), 5),
        "best_threshold": round(best, 3),
        "balanced_accuracy_at_best": round(float(max(balanced)), 5),
        "auc": round(float((a[:, None] < b[None]).mean()), 6),
    }


def dlib_chips(photos: list[Photo], shape_file: Path) -> list[RGB]:
    """Chips as dlib cuts them, with its own detector and five points."""
    import dlib

    detector, shape = dlib.get_frontal_face_detector(), dlib.shape_predictor(str(shape_file))
    chips = []
    for photo in photos:
        found = detector(photo.pixels, 1)
        box = (
            max(found, key=lambda r: r.area())
            if found
            else dlib.rectangle(*(int(v) for v in photo.face.box))
        )
        chips.append(dlib.get_face_chip(photo.pixels, shape(photo.pixels, box), 150, 0.25))
    return chips


def error(seen: NDArray[np.float32], wanted: NDArray[np.float32]) -> float:
    """Mean distance of two meshes in the picture, in eye distances."""
    apart = np.linalg.norm(seen[:, :2] - wanted[:, :2], axis=1).mean()
    return float(apart) / mesh.interocular_px(wanted)


def mirror_errors(photos: list[Photo], reader: FaceReader) -> list[float]:
    """Mesh of the mirrored picture against the mirrored mesh."""
    errors = []
    for photo in photos:
        flipped = np.ascontiguousarray(photo.pixels[:, ::-1])
        wanted = mesh.mirrored(photo.face.landmarks, flipped.shape[1])
        seen = read_face_well(flipped, place_of(wanted), reader)
        errors.append(error(seen.landmarks, wanted))
    return errors


def turned(
    photo: Photo, degrees: float, scale: float, rng: np.random.Generator
) -> tuple[RGB, NDArray[np.float32]]:
    """A photo turned and scaled onto a canvas of soft colours, and its mesh there."""
    height, width = CANVAS
    ground = rng.integers(60, 190, (9, 16, 3)).astype(np.uint8)
    canvas = cv2.resize(ground, (width, height), interpolation=cv2.INTER_CUBIC)
    pixels, shrink = photo.pixels, 1.0
    if scale < 0.5:
        shrink = scale
        pixels = np.asarray(
            cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8
        )
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * scale
    middle = np.array(photo.face.box).reshape(2, 2).mean(axis=0)
    half = photo.face.size_px * scale * 0.7
    room = [(min(half, n / 2), max(n - half, n / 2)) for n in (width, height)]
    place = np.array([rng.uniform(*span) for span in room])
    canvas_from_photo: Affine = np.column_stack([turn, place - turn @ middle])
    # Pixels are centred at whole numbers, so a shrunk picture's are shifted by half the difference.
    inner = turn / shrink
    shift = canvas_from_photo[:, 2] + turn @ np.full(2, (1 / shrink - 1) / 2)
    made = cv2.warpAffine(
        pixels,
        np.column_stack([inner, shift]),
        (width, height),
        dst=canvas,
        borderMode=cv2.BORDER_TRANSPARENT,
    )
    return np.asarray(made, np.uint8), moved(photo.face.landmarks, canvas_from_photo)


def equivariance(photos: list[Photo], reader: FaceReader) -> dict[str, Any]:
    """Error of the mesh when the picture is turned or scaled, in eye distances; pose in degrees."""
    rng = np.random.default_rng(SEED)
    by_turn: dict[str, Any] = {}
    for degrees, scale in ((10, 1), (25, 1), (45, 1), (90, 1), (0, 0.5), (0, 0.7), (0, 1.5)):
        errors, quick_errors, poses = [], [], []
        for photo in photos:
            picture, wanted = turned(photo, degrees, scale, rng)
            seen = read_face_well(picture, place_of(wanted), reader)
            quick = read_face(picture, place_of(wanted), reader)
            errors.append(error(seen.landmarks, wanted))
            quick_errors.append(error(quick.landmarks, wanted))
            poses.append(np.abs(np.subtract(seen.pose_deg, head_pose(wanted)))[:2].max())
        by_turn[f"{degrees} deg x{scale}"] = {
            "mesh": round(float(np.mean(errors)), 5),
            "mesh_read_once": round(float(np.mean(quick_errors)), 5),
            "yaw_pitch_deg": round(float(np.mean(poses)), 3),
        }
    return by_turn


def recall(photos: list[Photo], reader: FaceReader) -> dict[str, Any]:
    """Share of faces found by size and tilt, and faces seen where none is."""
    rng = np.random.default_rng(SEED)
    table: dict[str, Any] = {}
    false_faces, pictures = 0, 0
    for size in SIZES:
        row = {}
        for tilt in TILTS:
            found, tried = 0, 0
            for photo in photos:
                scale = size / photo.face.size_px
                if scale > 3:
                    continue
                picture, wanted = turned(photo, tilt, scale, rng)
                faces = find_faces(picture, reader)
                hits = [face for face in faces if error(face.landmarks, wanted) < 0.25]
                found, tried = found + bool(hits), tried + 1
                false_faces, pictures = false_faces + len(faces) - len(hits), pictures + 1
            row[str(tilt)] = round(found / tried, 3) if tried else None
        table[str(size)] = row
    return {"by_size_and_tilt": table, "false_faces": false_faces, "pictures": pictures}


def jitter(clip: Path, reader: FaceReader) -> dict[str, float]:
    """Tremble of points fixed to the skull before and after smoothing, and fast motion kept."""
    marks, times, place = [], [], None
    for frame in read_frames(clip):
        if place is None:
            place = place_of(find_faces(frame.pixels, reader)[0].landmarks)
        face = read_face(frame.pixels, place, reader)
        place = place_of(face.landmarks)
        marks.append(face.landmarks)
        times.append(float(frame.time_s))
    raw = np.stack(marks)
    steady = smooth(raw, np.array(times))
    unit = mesh.interocular_px(raw[0])

    def tremble(x: NDArray[np.float32]) -> float:
        x = x[:, list(mesh.STABLE)]
        bend = x[:-2] - 2 * x[1:-1] + x[2:]
        rms = np.sqrt(np.square(bend[..., :2]).sum(axis=2).mean(axis=1) / 6) / unit
        return float(np.quantile(rms, 0.5))

    def opening(x: NDArray[np.float32], top: int, bottom: int) -> NDArray[np.float64]:
        return np.asarray(np.linalg.norm(x[:, top, :2] - x[:, bottom, :2], axis=1) / unit)

    lips, lids = (13, 14), (159, 145)
    speed = [float(np.abs(np.diff(opening(x, *lips))).max()) for x in (raw, steady)]
    blink = [float(np.ptp(opening(x, *lids))) for x in (raw, steady)]
    return {
        "before": round(tremble(raw), 6),
        "after": round(tremble(steady), 6),
        "ratio": round(tremble(steady) / tremble(raw), 4),
        "fastest_lip_step_kept": round(speed[1] / speed[0], 4),
        "blink_range_kept": round(blink[1] / blink[0], 4),
    }


def stage_times(photo: Photo, reader: FaceReader) -> dict[str, float]:
    """Milliseconds of each stage on one thread."""
    rng = np.random.default_rng(SEED)
    picture, wanted = turned(photo, 0, 300 / photo.face.size_px, rng)
    place = place_of(wanted)
    size_wh = (CANVAS[1], CANVAS[0])
    upright = [look for look in looks(size_wh, smallest_px=1280.0) if look.angle == 0]
    work = {
        "crop": lambda: crop(picture, place.crop_from_frame(192), 192),
        "mesh": lambda: reader.mesh(np.zeros((192, 192, 3), np.uint8)),
        "iris": lambda: reader.iris(np.zeros((64, 64, 3), np.uint8)),
        "read_with_care": lambda: read_face_well(picture, place, reader),
        "track_one_face": lambda: read_face(picture, place, reader),
        "pose": lambda: head_pose(wanted),
        "detect_whole_frame": lambda: sightings(picture, upright, reader),
        "find_faces_720p": lambda: find_faces(picture, reader),
        "identity": lambda: reader.identity(np.zeros((1, 150, 150, 3), np.uint8)),
    }
    made = {}
    for name, call in work.items():
        made[name] = round(timed(call, runs=15, warm_ups=3).median_s * 1000, 3)
    return made


def measure(media: Path, dlib_shape: Path | None) -> tuple[list[Bar], dict[str, Any]]:
    """Everything, in order of cost."""
    reader = FaceReader.open()
    photos, odd = photos_of(media / "portraits", reader)
    ours = telling_apart(
        photos, reader.identity(np.stack([chip(p.pixels, p.face) for p in photos]))
    )
    mirrored = mirror_errors(photos, reader)
    few = photos[::5]
    turns = equivariance(few, reader)
    found = recall(photos[::10], reader)
    clips = sorted((media / "talking" / "grid_s1").glob("*.mpg"))[:3]
    clips += sorted((media / "talking" / "grid_others").glob("*.mpg"))[:2]
    shakes = {clip.stem: jitter(clip, reader) for clip in clips}
    results: dict[str, Any] = {
        "photos": len(photos),
        "photos_with_other_than_one_face": odd,
        "identity": ours,
        "mirror_error": round(float(np.mean(mirrored)), 5),
        "equivariance": turns,
        "recall": found,
        "jitter": shakes,
        "stage_ms": stage_times(photos[0], reader),
        "seed": SEED,
    }
    if dlib_shape:
        rival = telling_apart(photos, reader.identity(np.stack(dlib_chips(photos, dlib_shape))))
        results["identity_with_dlib_alignment"] = rival
    return bars_of(results), results


def bars_of(results: dict[str, Any]) -> list[Bar]:
    """What has to hold."""
    table = results["recall"]["by_size_and_tilt"]
    cells = [
        value
        for size, row in table.items()
        if int(size) >= SMALLEST_PX
        for value in row.values()
        if value is not None
    ]
    shakes = results["jitter"].values()
    turns = results["equivariance"].values()
    return [
        Bar("same/different accuracy at 0.6", results["identity"]["accuracy_at_0.6"], 0.99, ">="),
        Bar("faces found from 24 px, any tilt", float(np.mean(cells)), 0.98, ">="),
        Bar("mirror error, eye distances", results["mirror_error"], 0.01),
        Bar("worst error when turned or scaled", max(t["mesh"] for t in turns), 0.01),
        Bar("yaw and pitch when turned or scaled", max(t["yaw_pitch_deg"] for t in turns), 1.0),
        Bar("tremble left by smoothing", max(s["ratio"] for s in shakes), 0.85),
        Bar("fast lips kept", min(s["fastest_lip_step_kept"] for s in shakes), 0.9, ">="),
        Bar("blinks kept", min(s["blink_range_kept"] for s in shakes), 0.9, ">="),
        Bar("ms to follow one face", results["stage_ms"]["track_one_face"], 3.0),
    ]


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    beside = Path(__file__).resolve().parents[2] / "shared" / "media"
    parser.add_argument("--media", type=Path, default=beside)
    parser.add_argument("--dlib-shape", type=Path, help="dlib's five-point shape predictor")
    args = parser.parse_args()
    publish("mesh_accuracy", *measure(args.media, args.dlib_shape))


if __name__ == "__main__":
    main()
