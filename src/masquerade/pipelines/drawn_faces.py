"""Whose face is in the output, measured where a file decides it and not the source's pictures.

A network may be honest on the source's own picture (`masquerade.pipelines.own_face`), and a model
in its portraits, and draw somebody else on the target's. So a few frames of each face are measured
as they are composed. The identity of a swap, full or half-hearted, lies not far from the way
between the source's and the target's; that of somebody else is a long detour. A network may also
leave the target who they are and move their face only, or add a face of its own
(`masquerade.pipelines.added_faces`): neither is a swap.
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
from masquerade.faces.detour import ASTRAY, ASTRAY_SMALL, SMALL_PX, detour
from masquerade.faces.embed import distance, embed
from masquerade.faces.readers import FaceReader
from masquerade.pipelines.added_faces import SAME_PLACE, added_faces
from masquerade.pipelines.clock import clock
from masquerade.pipelines.pieces import Span
from masquerade.types import Face, Frame, SourcePicture

LOOKS: Final = 5
"""Frames of one face in one shot that are measured."""
KEPT: Final = (0.3, 0.6)
"""Nearer than the one to the target and further than the other from the source is no swap."""
_STRAIGHT_DEG: Final = 30.0  # faces turned further are measured only where there are no others
_SHOWN: Final = 0.9  # from here on a face is in sight, and is drawn as it should be
RULE: Final = (ASTRAY, ASTRAY_SMALL, SMALL_PX, LOOKS, _STRAIGHT_DEG, *KEPT, _SHOWN, SAME_PLACE)
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
    def is_kept(self) -> bool:
        """Whether it is still the target's face, of somebody who is not the source."""
        near, far = KEPT
        return self.to_target < near and self.to_source > far

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
        is_network: Whether a network decides every pixel; a model's looks stay within the mesh, on
            which they are always drawn.
    """

    sources: Mapping[str, NDArray[np.float32]]
    reader: FaceReader
    secret: bytes
    is_network: bool = True

    @classmethod
    def of(
        cls,
        cast: Mapping[str, Sequence[SourcePicture]],
        reader: FaceReader,
        secret: bytes,
        *,
        is_network: bool = True,
    ) -> Self:
        """Those of a cast."""
        found: dict[str, NDArray[np.float32]] = {}
        for member, pictures in cast.items():
            each = np.stack([one.embedding for one in pictures])
            found[member] = np.concatenate([each, each.mean(axis=0, keepdims=True)])
        return cls(found, reader, secret, is_network)

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
        self._plain: dict[int, list[Drawn]] = {}
        self._waiting: dict[int, tuple[Frame, Frame, Face]] = {}

    def see(self, before: Frame, after: Frame, faces: Sequence[Face]) -> None:
        """Measures the faces whose turn it is.

        Args:
            before: The target's frame.
            after: The same as it will be written.
            faces: That were drawn in it.

        Raises:
            ConsentError: There is a face in it that the target does not have.
        """
        turns = 0
        for face in faces:
            due = self._due[face.track_id]
            if due and due[0] <= before.pts:
                while due and due[0] <= before.pts:
                    due.popleft()
                self._waiting.pop(face.track_id, None)
                self._measure(before, after, face)
                turns += 1
            elif face.track_id not in self._measured:
                self._waiting[face.track_id] = before, after, face
        if turns:
            self._search(before, after, faces)

    def judged(self) -> Iterator[Drawn]:
        """Each face of the span that was drawn, once all frames were seen.

        Raises:
            ConsentError: One is somebody else's, was added, or is still the target's.
        """
        for before, after, face in self._waiting.values():  # drawn, but never when it was due
            self._measure(before, after, face)
            self._search(before, after, [face])
        for track_id, each in sorted(self._measured.items()):
            yield _allowed(each)
            if self._identities.is_network and track_id in self._plain:
                _check_swapped(self._plain[track_id])

    def _search(self, before: Frame, after: Frame, faces: Sequence[Face]) -> None:
        identities = self._identities
        if not identities.is_network:
            return
        for x0, y0, x1, y1 in added_faces(before.pixels, after.pixels, faces, identities.reader):
            raise ConsentError(
                f"the network draws a face where the target has none: at {clock(before.time_s)},"
                f" {max(x1 - x0, y1 - y0):.0f} px, around ({(x0 + x1) / 2:.0f},"
                f" {(y0 + y1) / 2:.0f})",
                "the source's face in the place of the target's, and no other",
                "choose another network, or --mask outline, which keeps to the face",
            )

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
        in_sight = face.fade >= _SHOWN and face.size_px >= SMALL_PX
        if in_sight and _turn_deg(face) <= _STRAIGHT_DEG:
            self._plain.setdefault(face.track_id, []).append(seen)


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


def _turn_deg(face: Face) -> float:
    return float(np.hypot(*face.pose_deg[:2]))


def _median(each: Sequence[Drawn]) -> Drawn:
    """The medians of what was measured of one face."""
    first = each[0]
    return Drawn(
        first.pts,
        first.time_s,
        first.track_id,
        float(np.median([one.to_source for one in each])),
        float(np.median([one.to_target for one in each])),
        float(np.median([one.detour for one in each])),
        float(np.median([one.face_px for one in each])),
    )


def _allowed(each: Sequence[Drawn]) -> Drawn:
    """The medians of what was measured of one face.

    Raises:
        ConsentError: They are somebody else's.
    """
    median = _median(each)
    if median.detour < median.limit:
        return median
    raise ConsentError(
        f"the face that is drawn is neither the source's nor the target's: from"
        f" {clock(median.time_s)} on it lies {median.to_source:.2f} from the one and"
        f" {median.to_target:.2f} from the other, a detour of {median.detour:.2f}",
        f"less than {median.limit:.2f}: the face of the source, whom the record covers",
        "choose a network or a model that takes its face from the source alone",
    )


def _check_swapped(each: Sequence[Drawn]) -> None:
    """Passes when a face in plain sight is no longer the target's.

    Raises:
        ConsentError: It is: whoever is shown has no record.
    """
    median, (near, far) = _median(each), KEPT
    if median.is_kept:
        raise ConsentError(
            f"the network leaves the target who they are: from {clock(median.time_s)} on the face"
            f" lies {median.to_target:.2f} from the target's and {median.to_source:.2f} from the"
            " source's",
            f"{near:.2f} or more from the target's, or at most {far:.2f} from the source's: the"
            " source's face, whom the record covers",
            "choose a network that puts the source's face in the place of the target's",
        )
