"""The face of a drawn figure, moved as the target's by a model of the source's own looks.

A figure is drawn from pictures, and its face is theirs: it looks one way and does not speak. Where
a video shows the source's face large enough, `swap_appearance` draws it in the target's expression,
laid onto the figure's head.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from masquerade.bodies.skeleton import torso_px_of
from masquerade.bodies.track import BodyTrack
from masquerade.compose.blend import ComposeOptions
from masquerade.faces.align import (
    LEFT_EYE_INNER,
    LEFT_EYE_OUTER,
    RIGHT_EYE_INNER,
    RIGHT_EYE_OUTER,
    similarity,
)
from masquerade.faces.appearance.skin import Appearance
from masquerade.faces.readers import FaceReader
from masquerade.faces.staging import height_px
from masquerade.generate import swap_appearance
from masquerade.pipelines.body.face import face_at_head
from masquerade.pipelines.pieces import Span
from masquerade.pipelines.render import Rig, Roles, render_span
from masquerade.pipelines.tally import PieceTally
from masquerade.provenance.consent.record import ANY, ConsentRecord
from masquerade.types import Face, Frame, Points, SourcePicture

METHOD: Final = "swap_appearance"
MEMBER: Final = "0"
FEWEST: Final = 20
"""Pictures from which on `masquerade.faces.appearance.build.build` makes a model that moves."""
LEAST_PX: Final = 48.0
"""Height of a face in them: below, a model shows less than the picture that is drawn."""
_FADE: Final = 0.2  # by which a face comes or goes from one frame to the next
_TURNED: Final = (18.0, 30.0)  # degrees between the two heads, over which it fades
_STILL: Final = [  # points that no expression moves: corners of the eyes, bridge and tip, temples
    RIGHT_EYE_OUTER,
    RIGHT_EYE_INNER,
    LEFT_EYE_INNER,
    LEFT_EYE_OUTER,
    168,
    6,
    4,
    10,
    234,
    454,
]

Person = Callable[[int], BodyTrack | None]
"""Whoever is replaced in the frame of a pts."""


@dataclass(frozen=True, slots=True)
class FaceModel:
    """What a source's face is drawn from, or why it is not.

    Attributes:
        looks: The model; None where there is none.
        why: In words.
    """

    looks: Appearance | None
    why: str


LEFT_STILL: Final = FaceModel(None, "the face is that of the pictures, as asked for")


def face_model(portraits: Sequence[SourcePicture], records: Sequence[ConsentRecord]) -> FaceModel:
    """The model of a source's face, where the pictures and the records allow one.

    Args:
        portraits: The source's face in a video, every one measured as theirs.
        records: All that are given.
    """
    if not portraits:
        return FaceModel(
            None,
            "the face is that of the photo and does not move: no video shows it, which"
            " --source-video could",
        )
    large = [one for one in portraits if height_px(one.face.landmarks) >= LEAST_PX]
    if len(large) < FEWEST:
        return FaceModel(
            None,
            f"the face is that of the pictures and does not move: {len(large)} pictures of a video"
            f" show it {LEAST_PX:.0f} pixels high, {FEWEST} are needed",
        )
    if not all(_covers(one) for one in records):
        return FaceModel(
            None,
            "the face is that of the pictures and does not move: not every record covers"
            f" {METHOD}, which would draw it",
        )
    why = f"the face moves as the target's, by a model of {len(large)} pictures ({METHOD})"
    return FaceModel(swap_appearance.study({MEMBER: large})[MEMBER], why)


def _covers(record: ConsentRecord) -> bool:
    return bool({ANY, METHOD, METHOD.partition("_")[0]} & set(record.methods))


class Expressions:
    """Draws the faces of figures anew.

    Args:
        looks: Of the source.
        reader: The networks that read faces.
        person: Whoever is replaced.
    """

    def __init__(self, looks: Appearance, reader: FaceReader, person: Person) -> None:
        self._looks, self._reader, self._person = looks, reader, person

    def over(
        self,
        targets: Iterable[Frame],
        draw: Callable[[Iterable[Frame]], Iterator[Frame]],
        span: Span,
    ) -> Iterator[Frame]:
        """The drawn frames of a span, their faces with the target's expression.

        Args:
            targets: The frames of the target.
            draw: Makes drawn frames of them.
            span: Which of them are wanted.
        """
        meant: dict[int, Face] = {}
        chosen: dict[int, tuple[Face, ...]] = {}
        made = swap_appearance.prepare({MEMBER: self._looks}, swap_appearance.Options())
        rig = Rig(METHOD, made, swap_appearance.radius, ComposeOptions(occlusion="off"))
        drawn = self._noted(draw(self._watched(targets, meant)), meant, chosen)
        own = replace(span, before=span.first, after=span.last)
        yield from render_span(drawn, Roles(chosen, {}), rig, PieceTally(), own)

    def _watched(self, targets: Iterable[Frame], meant: dict[int, Face]) -> Iterator[Frame]:
        """The same frames; the face of whoever is replaced is noted."""
        for frame in targets:
            face = self._face(frame)
            if face is not None:
                meant[frame.pts] = face
            yield frame

    def _noted(
        self, drawn: Iterator[Frame], meant: dict[int, Face], chosen: dict[int, tuple[Face, ...]]
    ) -> Iterator[Frame]:
        """The same frames; where the figure's face is, and how it is to look, is noted."""
        fade, known = 0.0, None
        for frame in drawn:
            known = meant.pop(frame.pts, None) or known
            here = self._face(frame, own=False)
            wanted = _agree(known, here) if known is not None and here is not None else 0.0
            fade += float(np.clip(wanted - fade, -_FADE, _FADE))
            if known is not None and here is not None and fade > 0:
                chosen[frame.pts] = (_laid_onto(known, here, fade),)
            yield frame

    def _face(self, frame: Frame, *, own: bool = True) -> Face | None:
        """The face at the head of whoever is replaced, in the target or as drawn."""
        track = self._person(frame.pts)
        body = track.bodies.get(frame.pts) if track else None
        if body is None or torso_px_of(body) < 1:
            return None
        return face_at_head(frame.pixels, body, self._reader, own=own)


def _agree(one: Face, other: Face) -> float:
    """How well two heads go together, in [0, 1]: less the further they are turned apart."""
    yaw, pitch = (one.pose_deg[n] - other.pose_deg[n] for n in (0, 1))
    well, no_more = _TURNED
    return float(np.clip((no_more - np.hypot(yaw, pitch)) / (no_more - well), 0, 1))


def _laid_onto(face: Face, onto: Face, fade: float) -> Face:
    """A face with its expression and turn, as large as another and in its place."""
    move = similarity(face.landmarks[_STILL, :2], onto.landmarks[_STILL, :2])
    points: Points = face.landmarks.copy()
    points[:, :2] = points[:, :2] @ move[:, :2].T.astype(np.float32) + move[:, 2].astype(np.float32)
    points[:, 2] *= np.float32(np.hypot(move[0, 0], move[1, 0]))
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    turn = (*face.pose_deg[:2], onto.pose_deg[2])
    return replace(
        face, landmarks=points, box=box, pose_deg=turn, track_id=0, person=MEMBER, fade=fade
    )
