"""What will go wrong when a person of a video is replaced, said before the work, with a picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from masquerade.bodies.fitness import PLATE_DB, Concern, degrees, unseen_share
from masquerade.bodies.plate import Plate
from masquerade.bodies.pose import BodyReader
from masquerade.bodies.skeleton import BONES, Layer, Skeleton, skeleton_of, torso_px_of
from masquerade.bodies.track import BodyTrack
from masquerade.errors import UsageError
from masquerade.faces.readers import FaceReader
from masquerade.media.probe import MediaInfo
from masquerade.media.read import read_frames
from masquerade.models.store import Progress
from masquerade.pipelines.body.asked import faces_asked_for
from masquerade.pipelines.body.draft import shot_concerns
from masquerade.pipelines.body.footage import Poses, facing
from masquerade.pipelines.body.guide import read_video_source
from masquerade.pipelines.body.source import BodySource, read_photo_source
from masquerade.pipelines.body.study import ShotStudy, check_who, study
from masquerade.pipelines.clock import clock
from masquerade.pipelines.findings import open_target
from masquerade.pipelines.first_look import find_pieces
from masquerade.telling import no_progress
from masquerade.types import RGB

_TILES: Final = 4  # pictures of a shot on the sheet
_WIDE: Final = 320  # pixels of one
_MOST_SHOTS: Final = 8
_LINE_PX: Final = 18
_INK: Final = (30, 30, 30)
_GRAVE: Final = (190, 30, 30)
_NEVER: Final = (235, 60, 160)
_COLOURS: Final = {
    Layer.TORSO: (240, 220, 60),
    Layer.LEFT_ARM: (90, 200, 90),
    Layer.RIGHT_ARM: (80, 140, 240),
    Layer.LEFT_LEG: (60, 220, 220),
    Layer.RIGHT_LEG: (230, 110, 230),
}


@dataclass(frozen=True, slots=True)
class ShotReport:
    """One shot.

    Attributes:
        when: Its first moment, in words.
        frames: How many there are.
        people: How many are in it.
        turns_deg: How far the person is turned, from least to most.
        torso_px: How large the person is.
        camera: still or moving.
        plate_db: How well the place behind is known.
        unseen: Share of it that no frame shows.
        concerns: What will go wrong.
    """

    when: str
    frames: int
    people: int
    turns_deg: tuple[float, float] = (0.0, 0.0)
    torso_px: float = 0.0
    camera: str = ""
    plate_db: float = 0.0
    unseen: float = 0.0
    concerns: tuple[Concern, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether `masquerade body` leaves it as it is."""
        return not self.people or any(one.grave for one in self.concerns)

    def lines(self) -> list[str]:
        """In plain words."""
        if not self.people:
            return [f"shot at {self.when}: nobody is seen, it stays as it is"]
        low, high = self.turns_deg
        what = "is left as it is" if self.refused else "can be made"
        head = (
            f"shot at {self.when}, {self.frames} frames: {what}; {self.people} seen, turned"
            f" {degrees(low, high)}, torso {self.torso_px:.0f} pixels; camera"
            f" {self.camera}, place behind {self.plate_db:.1f} dB ({PLATE_DB:.0f} or more is"
            f" good), {self.unseen:.0%} of it never seen"
        )
        return [head, *(f"  {'GRAVE: ' if c.grave else ''}{c.words}" for c in self.concerns)]

    def as_json(self) -> dict[str, object]:
        """For programs."""
        return {
            "at": self.when,
            "frames": self.frames,
            "people": self.people,
            "refused": self.refused,
            "turns_deg": [round(one, 1) for one in self.turns_deg],
            "torso_px": round(self.torso_px, 1),
            "camera": self.camera,
            "plate_db": round(self.plate_db, 2),
            "never_seen": round(self.unseen, 4),
            "concerns": [{"grave": one.grave, "words": one.words} for one in self.concerns],
        }


@dataclass(frozen=True, slots=True)
class BodyReport:
    """A whole target, and a source where one was given.

    Attributes:
        shots: Of the target.
        source: What is said of the source, in sentences.
        picture: (h, w, 3) uint8 RGB.
        faces: What is said of the faces of the target that a record is asked for, in sentences.
    """

    shots: tuple[ShotReport, ...]
    source: tuple[str, ...]
    picture: RGB
    faces: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """In plain words."""
        shots = (line for shot in self.shots for line in shot.lines())
        return [*self.source, *self.faces, *shots]

    def as_json(self) -> dict[str, object]:
        """For programs."""
        return {
            "source": list(self.source),
            "faces": list(self.faces),
            "shots": [one.as_json() for one in self.shots],
        }


def inspect_body(
    target: Path | None,
    source: Path | None,
    who: str,
    *,
    source_video: Path | None = None,
    progress: Progress | None = None,
) -> BodyReport:
    """What is to be expected of a target, and of a source.

    Args:
        target: A video; None where only a source is asked about.
        source: A photo of who is to be seen, where there is one.
        source_video: A video of them instead.
        who: Who is to be replaced; see `masquerade.pipelines.body.draft.Request`.
        progress: Told (what, done, in all or 0).

    Raises:
        UsageError: The target is no video, or nobody can be meant by `who`.
        InputError: A file cannot be used.
    """
    check_who(who)
    say = progress or no_progress
    info = open_target(target) if target else None
    if target and info and info.kind != "video":
        raise UsageError(f"{target.name} is a {info.kind}", "a video of somebody")
    bodies = BodyReader.open(progress=progress)
    lent = _lent(source, source_video, bodies, progress)
    said = _said_of(lent) if lent else ()
    rows: list[RGB] = []
    if lent:
        wide = lent.picture if source_video else _fitted(lent.picture, wide=2 * _WIDE)
        rows.append(_captioned(wide, said, grave=any(one.grave for one in lent.concerns)))
    reports: list[ShotReport] = []
    for report, row in _shots(info, who, lent, bodies, say) if info else ():
        reports.append(report)
        if len(reports) <= _MOST_SHOTS:
            rows.append(row())
    faces = faces_asked_for(info) if info else None
    if faces:
        rows.append(_captioned(faces.picture, faces.said, grave=False))
    return BodyReport(tuple(reports), said, _stacked(rows), faces.said if faces else ())


def _shots(
    info: MediaInfo, who: str, lent: BodySource | None, bodies: BodyReader, say: Progress
) -> Iterator[tuple[ShotReport, Callable[[], RGB]]]:
    """What is said of each shot of a target, and what draws its row of the sheet."""
    pieces = find_pieces(info, on_damage=_ignored, progress=say)
    for shot in study(info, pieces, bodies, say).shots:
        report = _report(shot, who, lent, info)
        yield report, partial(_row, shot, report, who, info)


def _lent(
    source: Path | None, video: Path | None, bodies: BodyReader, progress: Progress | None
) -> BodySource | None:
    """Whoever is to be seen, as a video or else a photo shows them; None where neither is given."""
    if source is None and video is None:
        return None
    faces = FaceReader.open(progress=progress)
    if video is not None:
        return read_video_source(video, bodies, faces, progress or no_progress)
    assert source is not None
    return read_photo_source(source, bodies, faces)


def _report(shot: ShotStudy, who: str, source: BodySource | None, info: MediaInfo) -> ShotReport:
    start_s = info.start_pts * info.time_base
    when = clock(shot.first * info.time_base - start_s)
    track = shot.chosen(who)
    plate = shot.plate
    if track is None or plate is None:
        return ShotReport(when, shot.frames, 0)
    poses = Poses(tuple(track.bodies), tuple(track.bodies.values()))
    there = facing(source, [poses]) if source else None
    turns = [body.yaw_deg for body in track.bodies.values()]
    low, high = (float(one) for one in np.percentile(turns, (5, 95)))
    return ShotReport(
        when,
        shot.frames,
        len(shot.tracks),
        (low, high),
        float(np.median([torso_px_of(body) for body in track.bodies.values()])),
        plate.camera,
        plate.noise_db,
        unseen_share(track, plate),
        tuple(_of_shot(shot_concerns(shot, track, there, info), source)),
    )


def _of_shot(found: Sequence[Concern], source: BodySource | None) -> Iterator[Concern]:
    """Those that are not said of the source already, and all that the shot is left for."""
    for one in found:
        if one.grave or source is None or one not in source.concerns:
            yield one


def _said_of(source: BodySource) -> tuple[str, ...]:
    name = source.lender.input.name
    head = f"{name}: {source.way}; seen turned {source.range.words()}"
    return (head, *(f"  {'GRAVE: ' if one.grave else ''}{one.words}" for one in source.concerns))


def _row(shot: ShotStudy, report: ShotReport, who: str, info: MediaInfo) -> RGB:
    """A few moments of a shot with bones drawn in, and the place behind."""
    track = shot.chosen(who)
    words = tuple(report.lines())
    plate = shot.plate
    if track is None or plate is None:
        seen = [_fitted(picture) for _, picture in _at(info, [shot.first])]
        blank = np.full((_WIDE // 4, _WIDE, 3), 230, np.uint8)
        return _captioned(seen[0] if seen else blank, words, grave=True)
    times = list(track.bodies)
    chosen = [times[round(at)] for at in np.linspace(0, len(times) - 1, _TILES)]
    tiles = [_fitted(_with_bones(picture, track, pts)) for pts, picture in _at(info, chosen)]
    tiles.append(_fitted(_hatched(plate)))
    height = min(len(tile) for tile in tiles)
    return _captioned(np.hstack([tile[:height] for tile in tiles]), words, grave=report.refused)


def _at(info: MediaInfo, times: list[int]) -> list[tuple[int, RGB]]:
    found = []
    for pts in dict.fromkeys(times):
        frame = next(read_frames(info.path, start_pts=pts, stop_pts=pts + 1), None)
        if frame is not None:
            found.append((pts, frame.pixels))
    return found


def _with_bones(picture: RGB, track: BodyTrack, pts: int) -> RGB:
    drawn = picture.copy()
    bones: Skeleton = skeleton_of(track.bodies[pts])
    wide = max(round(0.04 * bones.torso_px), 2)
    for bone, (start, end), seen in zip(BONES, bones.segments, bones.seen, strict=True):
        colour = _COLOURS[bone.layer] if seen > 0.5 else _GRAVE
        points = [(round(float(x)), round(float(y))) for x, y in (start, end)]
        cv2.line(drawn, points[0], points[1], colour, wide, cv2.LINE_AA)
    return drawn


def _hatched(plate: Plate) -> RGB:
    """The place behind, in greys so that nobody takes it for a picture; never seen is pink."""
    grey = cv2.cvtColor(plate.pixels, cv2.COLOR_RGB2GRAY)
    marked = np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), np.uint8)
    marked[~plate.seen] = _NEVER
    return marked


def _fitted(picture: RGB, *, wide: int = _WIDE) -> RGB:
    height = max(round(picture.shape[0] * wide / picture.shape[1]), 1)
    small = cv2.resize(picture, (wide, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def _captioned(picture: RGB, words: tuple[str, ...], *, grave: bool) -> RGB:
    """The picture with sentences under it, broken into lines that fit."""
    wide = max(picture.shape[1], _WIDE * (_TILES + 1))
    lines = [part for sentence in words for part in _broken(sentence, wide // 7)]
    page = np.full((picture.shape[0] + _LINE_PX * len(lines) + 10, wide, 3), 255, np.uint8)
    page[: picture.shape[0], : picture.shape[1]] = picture
    for number, line in enumerate(lines):
        place = (6, picture.shape[0] + _LINE_PX * (number + 1) - 4)
        ink = _GRAVE if grave and number == 0 else _INK
        cv2.putText(page, line, place, cv2.FONT_HERSHEY_SIMPLEX, 0.42, ink, 1, cv2.LINE_AA)
    return page


def _broken(sentence: str, most: int) -> list[str]:
    lines = [""]
    for word in sentence.split(" "):
        if len(lines[-1]) + len(word) > most:
            lines.append("    ")
        lines[-1] += word + " "
    return lines


def _stacked(rows: list[RGB]) -> RGB:
    wide = max((row.shape[1] for row in rows), default=_WIDE)
    page = [
        np.pad(row, ((0, 6), (0, wide - row.shape[1]), (0, 0)), constant_values=255) for row in rows
    ]
    return np.vstack(page) if page else np.full((_WIDE, _WIDE, 3), 255, np.uint8)


def _ignored(_words: str) -> None:
    """Damage is told when the work is done."""
