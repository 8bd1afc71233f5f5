"""A photo of somebody that talks: lips, jaw, head, lids and chest move as a recording has it.

The person moves in front of a background that stays where it is. Lips go where the speech wants
them and close on b, m and p; teeth that the photo does not show are drawn. The head moves a little,
as of people who speak, breath is drawn in pauses, lids blink. Whoever is seen has to consent: it
is their face that speaks. Good to twelve degrees of turn, so that nobody looks about.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from zlib import crc32

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from masquerade import options as base
from masquerade.errors import UsageError
from masquerade.faces.living.bearing import Bearing, bearing, smoothed
from masquerade.faces.living.draw import Moment, drawn
from masquerade.faces.living.photo import LivingPhoto, living_photo
from masquerade.faces.mouth.shape import on_skull, opening
from masquerade.faces.mouth.spoken_mesh import CLOSED, Mouth
from masquerade.faces.staging import height_px, ramp, turn_deg
from masquerade.types import (
    Face,
    Frame,
    Generator,
    Miss,
    Need,
    Patch,
    Resources,
    SourcePicture,
    Window,
)

Floats = NDArray[np.float32]

_IDLE_S: Final = 60.0  # of silence that is thought out where nothing is said
_IDLE_FPS: Final = 25
_SHUT_S: Final = 0.1  # before and after a closed phone, over which lips close and open
_LIPS_S, _JAW_S = 0.02, 0.07  # deviations of what lips and jaw are too slow for
_NARROW_PX: Final = 4.0  # width of a face below which there is nothing to be bent
_BEGINS_S: Final = 0.25  # over which a mouth comes to speak, and comes to rest


class Options(base.Options):
    """Knobs of talking portraits."""

    motion: float = Field(1.0, ge=0, le=1)
    """How much head and chest move; 0 holds them still."""
    lips: float = Field(1.0, ge=0.3, le=1.6)
    """How widely the mouth moves."""
    closure: float = Field(1.0, ge=0, le=1)
    """How far lips are made to close where b, m or p is spoken."""
    seed: int = Field(0, ge=0, le=2**31 - 1)
    """Another number gives other movements of the head and other blinks."""
    size: int = Field(720, ge=128, le=2160)
    """Shorter side of the video in pixels, at most; a smaller photo is not enlarged."""
    fps: int = Field(25, ge=10, le=60)
    """Pictures in a second."""
    min_face_px: float = Field(40.0, ge=16, le=512)
    """Faces smaller than this are refused."""
    max_turn_deg: float = Field(28.0, ge=10, le=40)
    """Faces turned further from the camera than this are refused."""


needs = frozenset({Need.FACES, Need.MESH, Need.AUDIO})
radius = 0
resources = Resources(memory_mb=900, cpus=1.0)
portrays_target = True  # whoever is made to speak is seen in the target


@dataclass(frozen=True, slots=True)
class Lines:
    """What somebody is to say.

    Attributes:
        times_s: (n,) seconds on the clock of the pictures, evenly spaced, growing.
        lips: (n, 2) float32 opening of the lips and spread of each corner, in distances of the
            eyes.
        loudness: (n,) float32 in [0, 1] of the voice.
        spans: Stretches in which they speak, in seconds.
        shut_s: (m, 2) seconds from when to when lips must be closed.
    """

    times_s: NDArray[np.float64]
    lips: Floats
    loudness: Floats
    spans: tuple[tuple[float, float], ...]
    shut_s: NDArray[np.float64]

    @classmethod
    def silent(cls) -> Lines:
        """Nothing said, for a minute."""
        count = int(_IDLE_S * _IDLE_FPS)
        times_s = np.arange(count) / _IDLE_FPS
        nothing = np.zeros((count, 2), np.float32)
        return cls(times_s, nothing, nothing[:, 0], (), np.zeros((0, 2)))


def prepare(
    cast: Mapping[str, Sequence[SourcePicture] | LivingPhoto],
    options: Options,
    *,
    device: str = "cpu",
    lines: Mapping[str, Lines] | None = None,
) -> Generator:
    """The generator of one job.

    Args:
        cast: For each person who speaks, the photo made ready, where that is done already; else
            it is taken from the frames, without a matte.
        options: Knobs of the method.
        device: Only ``cpu``: the method draws with the processor.
        lines: What each of them says; who says nothing holds their mouth as the photo has it.

    Raises:
        UsageError: Another device is asked for.
    """
    if device != "cpu":
        raise UsageError(
            f"portrait was asked to run on {device!r}", "cpu, where it draws", "leave --device out"
        )
    roles = {name: _Role.of((lines or {}).get(name) or Lines.silent(), options) for name in cast}
    ready = {name: one for name, one in cast.items() if isinstance(one, LivingPhoto)}

    def generate(windows: Iterator[Window]) -> Iterator[list[Patch | Miss]]:
        seen: dict[str, tuple[Frame, LivingPhoto]] = {}
        for window in windows:
            alone = len(window.faces) == 1
            made: list[Patch | Miss] = []
            for face in window.faces:
                miss = refusal(face, options)
                if miss:
                    made.append(Miss(window.frame.pts, face.track_id, miss))
                    continue
                photo = ready.get(face.person) or _photo(window.frame, face, seen)
                moment = roles[face.person].at(float(window.frame.time_s), photo)
                made.append(_patch(photo, moment, face, alone=alone))
            yield made

    return generate


def refusal(face: Face, options: Options) -> str:
    """Why a face cannot be made to talk; empty where it can.

    Args:
        face: With its landmarks in pixels of the video.
        options: Knobs of the method.
    """
    height, turn = height_px(face.landmarks), turn_deg(face)
    if height < options.min_face_px or float(np.ptp(face.landmarks[:, 0])) < _NARROW_PX:
        return f"face too small: {height:.0f} px tall, below {options.min_face_px:.0f} px"
    if turn > options.max_turn_deg:
        return f"face turned too far: {turn:.0f} degrees, beyond {options.max_turn_deg:.0f}"
    return ""


@dataclass(frozen=True, slots=True)
class _Role:
    """Somebody's lines, with all that goes along with them."""

    times_s: NDArray[np.float64]
    bearing: Bearing
    speaks: Floats
    mouths: Floats

    @classmethod
    def of(cls, lines: Lines, options: Options) -> _Role:
        times_s = lines.times_s
        steps = np.rint(lines.loudness * 100).astype(np.uint8)
        seed = options.seed ^ crc32(steps.tobytes())
        moves = bearing(times_s, lines.loudness, lines.spans, motion=options.motion, seed=seed)
        spans = np.array(lines.spans, np.float64).reshape(-1, 2)
        speaks = ramp(_firm(times_s, spans, _BEGINS_S)).astype(np.float64)
        firm = options.closure * ramp(_firm(times_s, lines.shut_s, _SHUT_S)).astype(np.float64)
        lips = options.lips * lines.lips.astype(np.float64)
        wide = smoothed(np.maximum(lips[:, 0], CLOSED), times_s, _LIPS_S)
        parted = speaks * (wide + firm * (CLOSED - wide))
        mouths = [parted, speaks * lips[:, 1], smoothed(parted, times_s, _JAW_S)]
        return cls(
            times_s, moves, speaks.astype(np.float32), np.stack(mouths, axis=1).astype(np.float32)
        )

    def at(self, time_s: float, photo: LivingPhoto) -> Moment:
        """What is done at a time."""
        place = float(np.interp(time_s, self.times_s, np.arange(len(self.times_s))))
        turn, shift = _between(self.bearing.turn_deg, place), _between(self.bearing.shift, place)
        return Moment(
            (float(turn[0]), float(turn[1]), float(turn[2])),
            (float(shift[0]), float(shift[1])),
            float(_between(self.bearing.breath, place)),
            float(_between(self.bearing.blink, place)),
            self._mouth(place, photo),
        )

    def _mouth(self, place: float, photo: LivingPhoto) -> Mouth | None:
        speaks = float(_between(self.speaks, place))
        if speaks <= 0:
            return None
        parted, spread, jaw = (float(value) for value in _between(self.mouths, place))
        rest = (1 - speaks) * opening(on_skull(photo.landmarks, photo.head))
        return Mouth(parted + rest, spread, jaw + rest)


def _between(values: Floats, place: float) -> Floats:
    """A row of values at a place between two of them."""
    low = int(place)
    share = np.float32(place - low)
    after = values[min(low + 1, len(values) - 1)]
    return np.asarray(values[low] + share * (after - values[low]), np.float32)


def _firm(times_s: NDArray[np.float64], spans: NDArray[np.float64], fade_s: float) -> Floats:
    """(n,) 1 within stretches of time, falling to 0 beside them."""
    firm = np.zeros(len(times_s))
    for start, end in spans:
        low, high = np.searchsorted(times_s, (start - fade_s, end + fade_s))
        near = times_s[low:high]
        away = np.maximum(np.maximum(start - near, near - end), 0)
        firm[low:high] = np.maximum(firm[low:high], 1 - away / fade_s)
    return np.asarray(np.clip(firm, 0, 1), np.float32)


def _photo(frame: Frame, face: Face, seen: dict[str, tuple[Frame, LivingPhoto]]) -> LivingPhoto:
    """The photo that a frame is, taken apart once for all frames that show the same."""
    known = seen.get(face.person)
    if known is not None and known[0].pixels is frame.pixels:
        return known[1]
    made = living_photo(frame.pixels, face)
    seen[face.person] = (frame, made)
    return made


def _patch(photo: LivingPhoto, moment: Moment, face: Face, *, alone: bool) -> Patch:
    pixels = drawn(photo, moment)
    height, width = pixels.shape[:2]
    mask = np.ones((height, width), np.float32)
    if not alone:  # whoever else is in the picture moves by themselves
        near = cv2.dilate(photo.cover, np.ones((5, 5)))
        mask = np.asarray(cv2.resize(near, (width, height)), np.float32)
    return Patch(
        pixels, mask, (0, 0, width, height), face.track_id, source_px=height_px(face.landmarks)
    )
