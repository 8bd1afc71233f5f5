"""One file under examination: opened for reading only, each part of it decoded once, when asked.

Signals share what is here: pictures spread over the file, faces followed through a few stretches
and cut out, sound, and what the file says of itself. How much is looked at follows a stated plan,
so that memory stays flat however long the file is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np

from masquerade.errors import InputError, UsageError
from masquerade.faces.align import crop, inverse, moved, square_crop
from masquerade.faces.detect import find_faces
from masquerade.faces.following.follow import same_place
from masquerade.faces.following.track import track
from masquerade.faces.readers import FaceReader
from masquerade.forensics.person import Person
from masquerade.forensics.plan import Plan, plan
from masquerade.hashing import file_digests, file_sha256
from masquerade.media.audio import read_audio
from masquerade.media.glance import glances
from masquerade.media.probe import MediaInfo, probe
from masquerade.media.read import read_frames, read_image
from masquerade.media.tags import FileTags, read_tags
from masquerade.telling import no_progress
from masquerade.types import RGB, Audio, Box, Embedding, Face, Frame, Points, Track

CUT_PX: Final = 256
SPEECH_SR: Final = 16_000
_AROUND: Final = 1.5  # side of a cut-out in sizes of the face
_MOST_CUTS: Final = 1200  # in all: 240 MB
_BESIDE_S: Final = Fraction(1, 2)
_FULL_S: Final = Fraction(30)
_MOST_PEOPLE: Final = 4  # largest faces of a stretch that are looked at

Tell = Callable[[str, int, int | None], None]
Networks: TypeAlias = FaceReader | Callable[[], FaceReader]
"""Loaded face networks, or what opens them."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A face cut out of one frame, with a little of what is around it.

    Attributes:
        pixels: (256, 256, 3) uint8 RGB, upright as in the frame, not turned.
        landmarks: (478, 3) float32 in pixels of the cut-out.
        face_px: Size of the face in the frame, in pixels.
        pose_deg: yaw, pitch, roll.
        box: Where the face is in the frame.
        time_s: When it is shown.
        pts: The same, in the stream's units.
        shrunk: Frame pixels for each pixel of the cut-out; below 1 where it was enlarged.
        interpolated: Whether no network saw this face.
        seen: (478, 3) the landmarks as the network gave them, before they were steadied through
            time; None where they are the same, or not known.
    """

    pixels: RGB
    landmarks: Points
    face_px: float
    pose_deg: tuple[float, float, float]
    box: Box
    time_s: Fraction
    pts: int
    shrunk: float
    interpolated: bool = False
    seen: Points | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One face through one stretch of a video, or the one sight of it in a still.

    Attributes:
        cuts: In order of time.
        embedding: (128,) identity; None where it was never clear.
    """

    cuts: tuple[Cut, ...]
    embedding: Embedding | None


class Sample:
    """A file and what was read of it so far. Its file is never written to.

    Args:
        path: Any picture, video or sound.
        reader: The face networks, or what opens them when faces are first asked for.
        person: Who is enrolled, to compare with.
        tell: Told (stage, done, total or None).

    Raises:
        InputError: The file cannot be read or holds no media.

    Example:
        >>> Sample(Path("clip.mp4")).info.kind  # doctest: +SKIP
        'video'
    """

    def __init__(
        self,
        path: Path,
        *,
        reader: Networks = FaceReader.open,
        person: Person | None = None,
        tell: Tell | None = None,
    ) -> None:
        self.path = Path(path)
        self.person = person
        self.damages: list[str] = []
        self._reader = reader
        self._tell = tell or no_progress
        try:
            self._as_opened = _state(self.path)
            self.sha256, self.sha512 = file_digests(self.path)
            self.size_bytes = self.path.stat().st_size
        except OSError as error:
            raise InputError(f"{path} cannot be read ({error.strerror})", "a file") from error
        self.info: MediaInfo = probe(self.path)
        self.plan: Plan = plan(self.info)

    def check_unchanged(self) -> None:
        """Passes when the file still holds the bytes that were hashed: it is opened many times.

        Raises:
            InputError: It was written to, exchanged or taken away since.
        """
        try:
            if _state(self.path) == self._as_opened or file_sha256(self.path) == self.sha256:
                return
        except OSError:
            pass  # taken away
        raise InputError(
            f"{self.path.name} was changed while it was examined",
            "a file that nobody writes to",
            "wait until it is complete, or examine a copy",
        )

    @cached_property
    def reader(self) -> FaceReader:
        """The face networks."""
        return self._reader() if callable(self._reader) else self._reader

    @property
    def looked_for_faces(self) -> bool:
        """Whether anything has asked for faces so far."""
        return "still_faces" in vars(self) or "lines" in vars(self)

    @cached_property
    def tags(self) -> FileTags:
        """What the file says of itself."""
        return read_tags(self.path)

    @property
    def glances(self) -> Iterator[Frame]:
        """Pictures spread over the file, decoded anew at each call: they are large."""
        if self.info.kind == "still":
            yield self.still
        elif self.plan.glances:
            yield from glances(self.info, self.plan.glances)

    @cached_property
    def still(self) -> Frame:
        """The picture of a still, decoded once: it must fit into memory to be looked at.

        Raises:
            UsageError: It is no still.
        """
        if self.info.kind != "still":
            raise UsageError(f"{self.path} is no still", "a picture")
        return read_image(self.path)

    @cached_property
    def still_faces(self) -> tuple[Face, ...]:
        """Faces of a still, largest first; none of what moves."""
        if self.info.kind != "still":
            return ()
        found = find_faces(self.still.pixels, self.reader)
        return tuple(sorted(found, key=lambda face: -face.size_px)[:_MOST_PEOPLE])

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Faces, followed through the plan's stretches; of a still, each once."""
        if self.info.kind == "audio":
            return ()
        if self.info.kind == "still":
            return tuple(Line((cut_out(self.still, face),), None) for face in self.still_faces)
        found: list[Line] = []
        for number, (start_s, end_s) in enumerate(self.plan.runs):
            self._tell("following faces", number, len(self.plan.runs))
            found += self._of_run(start_s, end_s)
        return tuple(found)

    @cached_property
    def sound(self) -> tuple[Audio, ...]:
        """Mono sound at 16 kHz, by stretch of the plan; empty where there is none."""
        if not self.info.audio:
            return ()
        return tuple(
            read_audio(self.path, sr=SPEECH_SR, mono=True, span_s=span, on_damage=self._damage)
            for span in self.plan.sound
        )

    @cached_property
    def sound_seen(self) -> tuple[Audio, ...]:
        """What of `sound` goes with the stretches in which faces are followed, and a little more.

        There is one for each stretch, and none where the file has no sound.
        """
        return tuple(
            part(sound, start_s - _BESIDE_S, end_s + _BESIDE_S)
            for start_s, end_s in self.plan.runs
            for sound in self.sound
            if sound.start_s < end_s and start_s < _end_s(sound)
        )

    @cached_property
    def full_sound(self) -> tuple[Audio, ...]:
        """The first half minute of each stretch of sound at the file's own rate, mono."""
        if not self.info.audio:
            return ()
        spans = [(start, min(end, start + _FULL_S)) for start, end in self.plan.sound]
        return tuple(
            read_audio(self.path, mono=True, span_s=span, on_damage=self._damage) for span in spans
        )

    def _of_run(self, start_s: Fraction, end_s: Fraction) -> list[Line]:
        base, first = self.info.time_base, self.info.start_pts
        start, stop = first + int(start_s / base), first + int(end_s / base) + 1
        span = (start, stop) if self.info.duration_s else (None, None)

        def frames() -> Iterator[Frame]:
            return read_frames(
                self.path, start_pts=span[0], stop_pts=span[1], on_damage=self._damage
            )

        return followed(frames, self.reader, most=_MOST_CUTS // len(self.plan.runs))

    def _damage(self, words: str) -> None:
        if words not in self.damages:
            self.damages.append(words)


def _state(path: Path) -> tuple[int, ...]:
    """What of a file changes with its bytes, or when another takes its place."""
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def followed(
    frames: Callable[[], Iterator[Frame]], reader: FaceReader, *, most: int = _MOST_CUTS
) -> list[Line]:
    """Faces through one stretch of pictures, the largest people first, cut out of each picture.

    Args:
        frames: Gives the pictures, each time from the start: they are read twice and not kept.
        reader: The loaded networks.
        most: Cut-outs at most; where there are more, the smallest people are left out first.
    """
    seen: dict[int, list[Face]] = {}

    def see(frame: Frame, faces: Sequence[Face]) -> None:
        seen[frame.pts] = list(faces)

    tracks = track(frames(), reader, see=see)
    tracks.sort(key=lambda one: -max(face.size_px for face in one.faces.values()))
    chosen = _within([one for one in tracks if not one.brief][:_MOST_PEOPLE], most)
    cuts: list[list[Cut]] = [[] for _ in chosen]
    kept = 0
    for frame in frames() if chosen else ():
        for place, one in enumerate(chosen):
            face = one.faces.get(frame.pts)
            if face is not None and kept < most:
                near = [other for other in seen.get(frame.pts, ()) if same_place(other, face)]
                cuts[place].append(cut_out(frame, face, near[0] if near else None))
                kept += 1
    return [
        Line(tuple(some), one.embedding) for some, one in zip(cuts, chosen, strict=True) if some
    ]


def _within(tracks: list[Track], most: int) -> list[Track]:
    """The first tracks, as many as have so many faces together, and the first in any case."""
    counts = np.cumsum([len(one.faces) for one in tracks])
    return tracks[: max(1, int((counts <= most).sum()))]


def _end_s(sound: Audio) -> Fraction:
    return sound.start_s + Fraction(sound.samples.shape[1], sound.sr)


def part(sound: Audio, start_s: Fraction, end_s: Fraction) -> Audio:
    """A stretch of a sound, as far as the sound goes.

    Args:
        sound: On the clock of its file.
        start_s: In seconds on the same clock.
        end_s: Likewise.
    """
    first = max(0, int((start_s - sound.start_s) * sound.sr))
    last = max(first, int((end_s - sound.start_s) * sound.sr))
    begins_s = sound.start_s + Fraction(first, sound.sr)
    return replace(sound, samples=sound.samples[:, first:last], start_s=begins_s)


def cut_out(frame: Frame, face: Face, seen: Face | None = None) -> Cut:
    """A face with a little of what is around it, at a fixed size.

    Args:
        frame: The picture it is in.
        face: One of its faces.
        seen: The same face as the network saw it, before it was steadied.
    """
    x0, y0, x1, y1 = face.box
    centre = np.array([(x0 + x1) / 2, (y0 + y1) / 2])
    side = _AROUND * face.size_px
    to_cut = square_crop(centre, side, 0.0, CUT_PX)
    return Cut(
        pixels=crop(frame.pixels, to_cut, CUT_PX),
        landmarks=moved(face.landmarks, to_cut),
        face_px=face.size_px,
        pose_deg=face.pose_deg,
        box=face.box,
        time_s=frame.time_s,
        pts=frame.pts,
        shrunk=float(inverse(to_cut)[0, 0]),
        interpolated=face.interpolated,
        seen=None if seen is None else moved(seen.landmarks, to_cut),
    )
