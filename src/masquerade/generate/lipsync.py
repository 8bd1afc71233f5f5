"""A person's own mouth, made to say something else; eyes, head and body stay as they are.

Lips, jaw and cheeks of each frame go where the new speech wants them. What lips and teeth look like
then was learned from footage of the same person: broad tones follow the shape, fine detail is that
of real frames. Who is seen has to consent: it is their face that speaks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from masquerade import options as base
from masquerade.errors import UsageError
from masquerade.faces.mouth.covered import within
from masquerade.faces.mouth.crop import given, placed, told
from masquerade.faces.mouth.draw import moved_by, redraw
from masquerade.faces.mouth.look import in_light
from masquerade.faces.mouth.shape import MouthSpace, moving, of_lips, on_skull
from masquerade.faces.mouth.talker import Talker
from masquerade.faces.mouth.unrolled import unroll_mouth
from masquerade.faces.pose import fit_head
from masquerade.faces.staging import height_px, steadied, strength
from masquerade.faces.warp import widen
from masquerade.models.trained.lips import TrainedLips
from masquerade.types import (
    RGB,
    Face,
    Frame,
    Generator,
    Miss,
    Need,
    Patch,
    Points,
    Resources,
    SourcePicture,
    Window,
)

Floats = NDArray[np.float32]
_SHARES: Final = ((-1, 0.25), (0, 0.5), (1, 0.25))  # of real frames one after the other
_NEVER: Final = np.zeros((0, 2))
_SHUT_S: Final = 0.03  # before and after a closed phone, over which lips close and open


class Options(base.Options):
    """Knobs of lip sync."""

    amount: float = Field(1.0, ge=0.3, le=2)
    """How widely the mouth moves; 1 moves it as the person does."""
    closure: float = Field(1.0, ge=0, le=1)
    """How far lips are made to close where b, m or p is spoken."""
    min_face_px: float = Field(40.0, ge=16, le=512)
    """Faces smaller than this stay as they are and are reported."""
    max_turn_deg: float = Field(45.0, ge=20, le=70)
    """Faces turned further from the camera than this stay as they are and are reported."""


needs = frozenset({Need.FACES, Need.MESH, Need.AUDIO})
radius = 1  # landmarks are averaged with those just before and after: steadier, and no lag
resources = Resources(memory_mb=900, cpus=1.0)
portrays_target = True  # whoever is made to speak is seen in the target


@dataclass(frozen=True, slots=True)
class Lines:
    """What somebody is to say, as the shapes of their mouth.

    Attributes:
        times_s: (n,) seconds on the clock of the target's pictures, evenly spaced, growing; before
            the first and after the last the mouth rests.
        shapes: (n, 10) float32 in the space of the person's `Talker`.
        shut_s: (m, 2) seconds from when to when lips must be closed.
    """

    times_s: NDArray[np.float64]
    shapes: Floats
    shut_s: NDArray[np.float64]


def prepare(
    cast: Mapping[str, Sequence[SourcePicture] | Talker],
    options: Options,
    *,
    device: str = "cpu",
    lines: Mapping[str, Lines] | None = None,
    drawn_by: Mapping[str, TrainedLips] | None = None,
    covered_s: Mapping[str, NDArray[np.float64]] | None = None,
) -> Generator:
    """The generator of one job.

    Args:
        cast: For each person who speaks, what is known of them, or at least pictures of them.
        options: Knobs of the method.
        device: Only ``cpu``: the method draws with the processor.
        lines: What each of them says; who says nothing holds their mouth at rest.
        drawn_by: Networks that were trained to draw their mouths; they are told shapes of the
            person's `Talker`, whose space has to be the one they were trained with.
        covered_s: (m, 2) seconds from when to when something covers their mouths, which then stay
            as they are and are reported.

    Raises:
        UsageError: Another device is asked for.
        FaceError: Nothing shows somebody's mouth.
    """
    if device != "cpu":
        raise UsageError(
            f"lipsync was asked to run on {device!r}", "cpu, where it draws", "leave --device out"
        )
    roles = {
        name: _Role.of(
            one if isinstance(one, Talker) else Talker.of_pictures(one),
            (lines or {}).get(name),
            options,
            (drawn_by or {}).get(name),
            (covered_s or {}).get(name, _NEVER),
        )
        for name, one in cast.items()
    }

    def generate(windows: Iterator[Window]) -> Iterator[list[Patch | Miss]]:
        for window in windows:
            yield [
                _spoken(window.frame, steadied(face, window), roles[face.person], options)
                for face in window.faces
            ]

    return generate


@dataclass(frozen=True, slots=True)
class _Role:
    """Somebody and their lines: shapes, the real frames that lend them detail, a network."""

    talker: Talker
    times_s: NDArray[np.float64]
    shapes: Floats
    examples: NDArray[np.intp]
    network: TrainedLips | None
    covered_s: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        talker: Talker,
        lines: Lines | None,
        options: Options,
        network: TrainedLips | None,
        covered_s: NDArray[np.float64],
    ) -> _Role:
        times_s, shapes = np.zeros(1), talker.space.rest[None]
        if lines is not None and len(lines.times_s):
            times_s, shapes = lines.times_s, played(talker.space, lines, options)
        examples = talker.look.chosen(shapes, talker.space.openings(shapes))
        return cls(talker, times_s, shapes, examples, network, covered_s)

    def texture(self, frame: Frame, seen: RGB) -> tuple[Floats, Floats]:
        """The shape at a frame's time, and the mouth on the map, in the light of the frame."""
        time_s = float(frame.time_s)
        shape, examples = self.at(time_s)
        drawn = in_light(self.talker.look.drawn(shape, examples), seen)
        if self.network is None:
            return shape, drawn
        around = told(self.shapes, self.times_s, np.array([time_s]))
        return shape, placed(self.network(given(drawn, seen), around), drawn)

    def at(self, time_s: float) -> tuple[Floats, list[tuple[int, float]]]:
        """The shape at a time, and numbers and shares of the frames that lend it detail."""
        last = len(self.times_s) - 1
        place = float(np.interp(time_s, self.times_s, np.arange(last + 1)))
        low = int(place)
        share = np.float32(place - low)
        shape = self.shapes[low] + share * (self.shapes[min(low + 1, last)] - self.shapes[low])
        near = round(place)
        found: dict[int, float] = {}
        for step, weight in _SHARES:
            number = int(self.examples[min(max(near + step, 0), last)])
            found[number] = found.get(number, 0.0) + weight
        return shape, list(found.items())


def played(space: MouthSpace, lines: Lines, options: Options) -> Floats:
    """(n, 10) float32 the shapes of lines as shown: in bounds, lips closed where they must be.

    Args:
        space: The person's shapes.
        lines: What is said.
        options: How widely, and how firmly closed.
    """
    wide = space.rest + np.float32(options.amount) * (lines.shapes - space.rest)
    within = np.clip(wide, space.least, space.most)
    most = np.full(len(within), space.closed, np.float32)
    firm = np.float32(options.closure) * _shut(lines)
    return space.opened(within, most, firm)


def _shut(lines: Lines) -> Floats:
    """(n,) in [0, 1] how firmly lips are closed at each time."""
    firm = np.zeros(len(lines.times_s))
    for start, end in lines.shut_s:
        away = np.maximum(np.maximum(start - lines.times_s, lines.times_s - end), 0)
        firm = np.maximum(firm, 1 - away / _SHUT_S)
    return np.asarray(np.clip(firm, 0, 1), np.float32)


def _spoken(frame: Frame, face: Face, role: _Role, options: Options) -> Patch | Miss:
    shown_by, reason = strength(face, least_px=options.min_face_px, most_deg=options.max_turn_deg)
    if shown_by <= 0:
        return Miss(frame.pts, face.track_id, reason)
    if within(np.array([float(frame.time_s)]), role.covered_s)[0]:
        return Miss(frame.pts, face.track_id, "something covers the mouth")
    marks, face_px = face.landmarks, height_px(face.landmarks)
    shape, texture = role.texture(frame, unroll_mouth(frame.pixels, marks))
    head = fit_head(marks)
    before = widen(marks)
    after = moved_by(before, _change(role.talker.space, on_skull(marks, head), shape), head)
    source_px = role.talker.look.face_px
    made = redraw(frame.pixels, before, after, texture, face_px, source_px=source_px)
    if made is None:
        return Miss(frame.pts, face.track_id, "the mouth lies outside the picture")
    mask = made.mask * np.float32(shown_by)
    return Patch(made.pixels, mask, made.box, face.track_id)


def _change(space: MouthSpace, skull: Points, shape: Floats) -> Points:
    """(k, 3) how far each moving point goes, so that the mouth has this shape.

    What the numbers of a shape do not say of a frame's mesh is left to it, but for the lips: they
    take the wanted shape in full, or a mouth that is to be closed would stay a little open.
    """
    index, _ = moving()
    now = space.points(space.shape_of(skull))
    change = space.points(shape) - now
    lips = of_lips()
    rest = skull[index][lips] - now[lips]
    change[lips] -= rest - rest.mean(axis=0)
    return change
