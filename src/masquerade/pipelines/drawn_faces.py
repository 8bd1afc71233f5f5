"""Whose face is in the output, measured where a network decides it and not the source's pictures.

A network may be honest on the source's own picture (`masquerade.pipelines.own_face`) and draw
somebody else on the target's. So a few frames of each face are measured as they are composed. The
identity of a swap, full or half-hearted, lies not far from the way between the source's and the
target's; that of somebody else is a long detour.
"""

from __future__ import annotations

import hmac
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import ConsentError
from masquerade.faces.embed import distance, embed
from masquerade.faces.readers import FaceReader
from masquerade.pipelines.clock import clock
from masquerade.pipelines.pieces import Span
from masquerade.types import Embedding, Face, Frame, SourcePicture

ASTRAY: Final = 0.50
"""From this detour on a face is somebody else's; measured by benchmarks/drawn_faces.py."""
ASTRAY_SMALL: Final = 0.60
"""The same for small faces, whose identities are less sure."""
SMALL_PX: Final = 60.0
LOOKS: Final = 5
"""Frames of one face in one shot that are measured."""
_STRAIGHT_DEG: Final = 30.0  # faces turned further are measured only where there are no others
RULE: Final = (ASTRAY, ASTRAY_SMALL, SMALL_PX, LOOKS, _STRAIGHT_DEG)
"""What finished work was held against: under another rule it is made anew."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """The face in the output of one track, by the medians of the frames that were measured.

    Attributes:
        pts: Of the first frame that was measured.
        time_s: Its time.
        to_source: Distance of its identity to the source's.
        to_target: The same to the face that was there before.
        detour: How much longer the way from source to target is that leads by it, in [0, 2).
        face_px: Size of the face.
    """

    pts: int
    time_s: Fraction
    track_id: int
    to_source: float
    to_target: float
    detour: float
    face_px: float

    @property
    def is_weak(self) -> bool:
        """Whether it is more like the target than like the source."""
        return self.to_target < self.to_source

    @property
    def limit(self) -> float:
        """The detour from which on it is somebody else's face."""
        return ASTRAY_SMALL if self.face_px < SMALL_PX else ASTRAY

    def as_json(self) -> list[object]:
        """Plain values for JSON."""
        apart = (self.to_source, self.to_target, self.detour, self.face_px)
        return [self.pts, str(self.time_s), self.track_id, *apart]

    @classmethod
    def from_json(cls, values: Sequence[Any]) -> Self:
        """What `as_json` gave."""
        pts, time_s, track_id, *apart = values
        return cls(int(pts), Fraction(time_s), int(track_id), *map(float, apart))


@dataclass(frozen=True, slots=True)
class Identities:
    """The sources that what a method draws is held against.

    Attributes:
        sources: By member of the cast, (n, 128) float32 identities of the pictures, and their mean.
        reader: The loaded face networks.
        secret: Decides which frames are measured.
    """

    sources: Mapping[str, NDArray[np.float32]]
    reader: FaceReader
    secret: bytes

    @classmethod
    def of(
        cls, cast: Mapping[str, Sequence[SourcePicture]], reader: FaceReader, secret: bytes
    ) -> Self:
        """Those of a cast."""
        found: dict[str, NDArray[np.float32]] = {}
        for member, pictures in cast.items():
            each = np.stack([one.embedding for one in pictures])
            found[member] = np.concatenate([each, each.mean(axis=0, keepdims=True)])
        return cls(found, reader, secret)

    def over(self, chosen: Mapping[int, Sequence[Face]], span: Span) -> Looks:
        """The looks at one span.

        Args:
            chosen: By pts, the faces that are to be changed.
            span: Which frames are in the output.
        """
        return Looks(self, chosen, span)


class Looks:
    """The looks at the faces of one span; state over it."""

    def __init__(
        self, identities: Identities, chosen: Mapping[int, Sequence[Face]], span: Span
    ) -> None:
        self._identities = identities
        tracks: dict[int, dict[int, Face]] = {}
        for pts in sorted(chosen):
            if span.first <= pts <= span.last:
                for face in chosen[pts]:
                    tracks.setdefault(face.track_id, {})[pts] = face
        self._due = {
            track_id: deque(moments(faces, identities.secret, track_id))
            for track_id, faces in tracks.items()
        }
        self._measured: dict[int, list[Drawn]] = {}
        self._waiting: dict[int, tuple[Frame, Frame, Face]] = {}

    def see(self, before: Frame, after: Frame, faces: Sequence[Face]) -> None:
        """Measures the faces whose turn it is.

        Args:
            before: The target's frame.
            after: The same as it will be written.
            faces: That were drawn in it.
        """
        for face in faces:
            due = self._due[face.track_id]
            if due and due[0] <= before.pts:
                while due and due[0] <= before.pts:
                    due.popleft()
                self._waiting.pop(face.track_id, None)
                self._measure(before, after, face)
            elif face.track_id not in self._measured:
                self._waiting[face.track_id] = before, after, face

    def judged(self) -> Iterator[Drawn]:
        """Each face of the span that was drawn, once all frames were seen.

        Raises:
            ConsentError: One is somebody else's.
        """
        for seen in self._waiting.values():  # drawn, but never when it was due
            self._measure(*seen)
        for _, each in sorted(self._measured.items()):
            yield _allowed(each)

    def _measure(self, before: Frame, after: Frame, face: Face) -> None:
        reader = self._identities.reader
        was, now = (embed(one.pixels, face, reader) for one in (before, after))
        sources = self._identities.sources[face.person]
        seen = Drawn(
            before.pts,
            before.time_s,
            face.track_id,
            min(distance(now, one) for one in sources),
            distance(now, was),
            min(detour(now, one, was) for one in sources),
            face.size_px,
        )
        self._measured.setdefault(face.track_id, []).append(seen)


def moments(faces: Mapping[int, Face], secret: bytes, track_id: int) -> list[int]:
    """The pts at which one face is measured, spread over the shot, in order.

    Args:
        faces: By pts.
        secret: Decides which of neighbouring frames it is.
        track_id: Whose faces they are.
    """
    times = sorted(faces)
    found: list[int] = []
    for part in np.array_split(times, min(LOOKS, len(times))):
        straight = [pts for pts in part.tolist() if _turn_deg(faces[pts]) <= _STRAIGHT_DEG]
        some = straight or part.tolist()
        digest = hmac.digest(secret, f"{track_id} {part[0]}".encode(), "sha256")
        found.append(some[int.from_bytes(digest[:8]) % len(some)])
    return found


def detour(drawn: Embedding, source: Embedding, target: Embedding) -> float:
    """How much longer the way from one identity to another is that leads by a third.

    Example:
        >>> place = np.array([[0.0, 0.0], [0.4, 0.0], [0.2, 0.0], [0.2, 0.3]], np.float32)
        >>> [round(detour(drawn, place[0], place[1]), 2) for drawn in place]
        [0.0, 0.0, 0.0, 0.32]
    """
    return distance(source, drawn) + distance(drawn, target) - distance(source, target)


def _turn_deg(face: Face) -> float:
    return float(np.hypot(*face.pose_deg[:2]))


def _allowed(each: Sequence[Drawn]) -> Drawn:
    """The medians of what was measured of one face.

    Raises:
        ConsentError: They are somebody else's.
    """
    first = each[0]
    median = Drawn(
        first.pts,
        first.time_s,
        first.track_id,
        float(np.median([one.to_source for one in each])),
        float(np.median([one.to_target for one in each])),
        float(np.median([one.detour for one in each])),
        float(np.median([one.face_px for one in each])),
    )
    if median.detour < median.limit:
        return median
    raise ConsentError(
        f"the network draws somebody who is neither the source nor the target: from"
        f" {clock(first.time_s)} on the face lies {median.to_source:.2f} from the one and"
        f" {median.to_target:.2f} from the other, a detour of {median.detour:.2f}",
        f"less than {median.limit:.2f}: the face of the source, whom the record covers",
        "choose a network that takes its face from the source alone",
    )
