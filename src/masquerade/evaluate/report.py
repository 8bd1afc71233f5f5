"""The table of the papers, on a user's own files: how good is this swap?

Target and output are read side by side. Faces are followed in the target; those that the output
changed are measured in every frame: who they are now, whether head, mouth, brows and eyes do the
same, whether the face flickers, and whether it is as sharp as what was there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade import personas
from masquerade.errors import FaceError, UsageError
from masquerade.evaluate.expression import expression_error, motion_error
from masquerade.evaluate.eyes import blinks_kept, eyes_together
from masquerade.evaluate.flicker import face_luminance, flicker_ratio
from masquerade.evaluate.identity import identity_score
from masquerade.evaluate.pose import pose_error_deg
from masquerade.evaluate.side_by_side import Pair, changed, shots
from masquerade.faces.detect import find_faces
from masquerade.faces.embed import SAME_PERSON, chip, embed, embed_chips
from masquerade.faces.following.track import track
from masquerade.faces.landmarks import place_of, read_face
from masquerade.faces.lids import openings
from masquerade.faces.readers import FaceReader
from masquerade.media.read import read_image
from masquerade.types import RGB, Embedding, Points

MOST_FRAMES: Final = 1500
SHOWN: Final = 5
_LEAST_FRAMES: Final = 3  # for what is measured over time

Tell = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True)
class Line:
    """Everything measured of one face through one shot, or a part of a long one.

    Attributes:
        times_s: (n,) seconds.
        to_source: (n,) embedding distance of the output to the source.
        to_target: (n,) of the output to the target's person.
        before: Distance of the target's person to the source.
        pose_deg: (n,) angle between the two head poses.
        expression: (n,) mesh error in interocular distances.
        opened: (n, 2) how far the eyes are open: target, output.
        sharpness: (n,) fine detail of the output's face over that of the target's.
        embeddings: (n, 128) of the output.
        motion: Mesh error about each one's own mean; None for very short lines.
        flicker: Of the output over that of the target; None likewise.
        eyes: Correlation of the openings; None where the target's eyes hardly move.
        blinks: Share of the target's blinks kept; None where there are none.
        shown: A few (target, output) pictures of the face.
    """

    times_s: NDArray[np.float64]
    to_source: NDArray[np.float32]
    to_target: NDArray[np.float32]
    before: float
    pose_deg: NDArray[np.float64]
    expression: NDArray[np.float64]
    opened: NDArray[np.float64]
    sharpness: NDArray[np.float64]
    embeddings: NDArray[np.float32]
    motion: float | None
    flicker: float | None
    eyes: float | None
    blinks: float | None
    shown: tuple[tuple[RGB, RGB], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class SwapReport:
    """How good a swap is.

    Attributes:
        lines: By face and shot, in order of time.
        source: The first photo's face, upright.
        retrieval: Share of frames nearer to the source than to everybody else.
        others: Among how many other people.
        frames: How many were measured.
        unchanged: Faces of the target that the output shows as they were.
        left: Frames in which a face is as it was, those of unchanged faces among them; they are
            not measured.
    """

    lines: tuple[Line, ...]
    source: RGB = field(repr=False)
    retrieval: float
    others: int
    frames: int
    unchanged: int
    left: int

    def numbers(self) -> dict[str, float | int | None]:
        """The table, for programs and people; None where there was nothing to measure."""
        return {
            "frames": self.frames,
            "identity_retrieval": round(self.retrieval, 4),
            "other_people": self.others,
            "distance_to_source": _mean(self.lines, "to_source"),
            "distance_to_target": _mean(self.lines, "to_target"),
            "share_within_0.6_of_target": _share(self.lines),
            "pose_error_deg": _mean(self.lines, "pose_deg"),
            "expression_error": _mean(self.lines, "expression"),
            "motion_error": _weighted(self.lines, "motion"),
            "eyes_correlation": _weighted(self.lines, "eyes"),
            "blinks_kept": _weighted(self.lines, "blinks"),
            "flicker_ratio": _weighted(self.lines, "flicker"),
            "sharpness_ratio": _median(self.lines),
            "faces_unchanged": self.unchanged,
            "frames_unchanged": self.left,
        }


def evaluate_swap(
    target: Path,
    output: Path,
    sources: Sequence[Path],
    reader: FaceReader,
    *,
    most_frames: int = MOST_FRAMES,
    tell: Tell | None = None,
) -> SwapReport:
    """How good the swap from `target` to `output` is.

    Args:
        target: The file before.
        output: The file after: as many frames, as large.
        sources: Photos of the person who was put in.
        reader: The loaded face networks.
        most_frames: Only so many from the beginning are measured.
        tell: Told (what, frames done, None).

    Raises:
        UsageError: The two files are not one before and after, or are the wrong way round.
        FaceError: There is no face, or none that the output changed.
        InputError: A file cannot be used.
    """
    who, upright = _source(sources, reader)
    lines: list[Line] = []
    people: list[Embedding] = []
    unchanged = left = done = 0
    for shot in shots(target, output, most_frames):
        done += len(shot)
        for one in track([before for before, _ in shot], reader):
            pairs = [(b, a, one.faces[b.pts]) for b, a in shot if b.pts in one.faces]
            if one.brief or not pairs:
                continue
            if one.embedding is not None:
                people.append(one.embedding)
            stretches = changed(pairs)
            unchanged += not stretches
            left += len(pairs) - sum(map(len, stretches))
            lines += [_line(stretch, who, reader) for stretch in stretches]
        if tell:
            tell("measuring", done, None)
    if not lines:
        raise FaceError(
            f"no face of {target.name} is changed in {output.name} ({len(people)} were followed)",
            "at least one face that was swapped",
            "check that the files are in order: the one before, then the one after",
        )
    _check_order(lines, target, output)
    others = _others(people, who, reader)
    found = np.concatenate([line.embeddings for line in lines])
    score = identity_score(found, who, others)
    return SwapReport(
        tuple(lines), upright, score.retrieval, len(others), len(found), unchanged, left
    )


def _source(sources: Sequence[Path], reader: FaceReader) -> tuple[Embedding, RGB]:
    """(128,) mean identity of the photos, and the first one's face."""
    if not sources:
        raise UsageError("no photo of the source is given", "--source PHOTO", "see --help")
    found: list[Embedding] = []
    shown: RGB | None = None
    for path in sources:
        pixels = read_image(path).pixels
        faces = find_faces(pixels, reader)
        if not faces:
            raise FaceError(f"no face in {path.name}", "one face", "use another photo")
        face = max(faces, key=lambda one: one.size_px)
        found.append(embed(pixels, face, reader))
        shown = chip(pixels, face) if shown is None else shown
    assert shown is not None
    return np.mean(found, axis=0, dtype=np.float32), shown


def _check_order(lines: Sequence[Line], target: Path, output: Path) -> None:
    """Passes unless the first file shows the source, and the second somebody else.

    Raises:
        UsageError: It does.
    """
    before = float(
        np.average([one.before for one in lines], weights=[len(one.times_s) for one in lines])
    )
    after = _mean(lines, "to_source")
    if before < SAME_PERSON <= after:
        raise UsageError(
            f"{target.name} shows the source (distance {before:.2f}), and {output.name} somebody"
            f" else ({after:.2f})",
            "the file before the swap, then the one after it",
            "name them the other way round",
        )


def _line(pairs: Sequence[Pair], who: Embedding, reader: FaceReader) -> Line:
    was = [read_face(b.pixels, place_of(face.landmarks), reader) for b, _, face in pairs]
    now = [read_face(a.pixels, place_of(face.landmarks), reader) for _, a, face in pairs]
    chips = [
        (chip(b.pixels, old), chip(a.pixels, new))
        for (b, a, _), old, new in zip(pairs, was, now, strict=True)
    ]
    found = embed_chips([after for _, after in chips], reader)
    before = embed_chips([old for old, _ in chips], reader).mean(axis=0)
    meshes = [(new.landmarks, old.landmarks) for new, old in zip(now, was, strict=True)]
    opened = np.array([[openings(old), openings(new)] for new, old in meshes])
    long = len(pairs) >= _LEAST_FRAMES
    shown = np.linspace(0, len(pairs) - 1, min(SHOWN, len(pairs))).astype(int)
    return Line(
        times_s=np.array([float(b.time_s) for b, _, _ in pairs]),
        to_source=np.linalg.norm(found - who, axis=1).astype(np.float32),
        to_target=np.linalg.norm(found - before, axis=1).astype(np.float32),
        before=float(np.linalg.norm(before - who)),
        pose_deg=np.array([pose_error_deg(new, old) for new, old in meshes]),
        expression=np.array([expression_error(new, old) for new, old in meshes]),
        opened=opened.mean(axis=2),
        sharpness=np.array([_detail(new) / max(_detail(old), 1e-6) for old, new in chips]),
        embeddings=found,
        motion=_motion(meshes) if long else None,
        flicker=_flicker(pairs) if long else None,
        eyes=eyes_together(opened[:, 1], opened[:, 0]) if long else None,
        blinks=blinks_kept(opened[:, 1], opened[:, 0]) if long else None,
        shown=tuple(_shown(pairs[int(number)]) for number in shown),
    )


def _motion(meshes: Sequence[tuple[Points, Points]]) -> float:
    new, old = zip(*meshes, strict=True)
    return motion_error(np.stack(new), np.stack(old))


def _flicker(pairs: Sequence[Pair]) -> float:
    before = [face_luminance(b.pixels, face.landmarks) for b, _, face in pairs]
    after = [face_luminance(a.pixels, face.landmarks) for _, a, face in pairs]
    return flicker_ratio(np.stack(after), np.stack(before))


def _detail(picture: RGB) -> float:
    """How much fine detail an upright face of fixed size has, in levels."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return float(cv2.Laplacian(grey, cv2.CV_32F).std())


def _shown(pair: Pair) -> tuple[RGB, RGB]:
    """(256, 256, 3) pictures of the face with what is around it, before and after."""
    before, after, face = pair
    x0, y0, x1, y1 = face.box
    scale = 256 / (1.5 * face.size_px)
    shift = (128 - scale * (x0 + x1) / 2, 128 - scale * (y0 + y1) / 2)
    matrix = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
    first, second = (
        np.asarray(cv2.warpAffine(one.pixels, matrix, (256, 256), flags=cv2.INTER_AREA), np.uint8)
        for one in (before, after)
    )
    return first, second


def _others(people: Sequence[Embedding], who: Embedding, reader: FaceReader) -> NDArray[np.float32]:
    """Everybody the output is not to be: the target's people, and all personas but the source."""
    found = list(people)
    for name in personas.names():
        pixels = read_image(personas.load(name).picture).pixels
        found.append(embed(pixels, find_faces(pixels, reader)[0], reader))
    return np.stack([one for one in found if np.linalg.norm(one - who) >= SAME_PERSON])


def _all(lines: Sequence[Line], name: str) -> NDArray[np.float64]:
    return np.concatenate([np.asarray(getattr(line, name), np.float64) for line in lines])


def _mean(lines: Sequence[Line], name: str) -> float:
    return round(float(_all(lines, name).mean()), 4)


def _median(lines: Sequence[Line]) -> float:
    return round(float(np.median(_all(lines, "sharpness"))), 4)


def _share(lines: Sequence[Line]) -> float:
    return round(float((_all(lines, "to_target") < SAME_PERSON).mean()), 4)


def _weighted(lines: Sequence[Line], name: str) -> float | None:
    """Mean of what each line has one number of, by length; None where none has it."""
    known = [(getattr(one, name), len(one.times_s)) for one in lines]
    known = [(value, length) for value, length in known if value is not None]
    if not known:
        return None
    return round(float(np.average([v for v, _ in known], weights=[n for _, n in known])), 4)
