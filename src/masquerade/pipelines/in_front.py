"""What lies in front of a span's faces: looked at as they are tracked, kept out of patches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.faces.bare_model import BareFace, learn
from masquerade.faces.mesh import OVAL
from masquerade.faces.occlusion import visible
from masquerade.faces.occlusion_corrections import Correction, corrected
from masquerade.faces.small_map import on_map
from masquerade.types import RGB, Face, Frame, Patch, Points, Track, Window

_EVERY: Final = 3  # frames between two looks
_MOST_FACES: Final = 8  # of one frame, the largest
_SAME: Final = 0.15  # sizes of a face by which the same face may be apart once it is steadied


@dataclass(frozen=True, slots=True)
class _Glance:
    """One face of one frame."""

    centre: NDArray[np.float32]
    pixels: RGB


@dataclass(slots=True)
class Glances:
    """The faces of a span, looked at every few frames; `see` is for `masquerade.faces.track`."""

    by_pts: dict[int, list[_Glance]] = field(default_factory=dict)
    frames: int = 0

    def see(self, frame: Frame, faces: Sequence[Face]) -> None:
        """Look at the faces of the next frame."""
        self.frames += 1
        if (self.frames - 1) % _EVERY:
            return
        largest = sorted(faces, key=lambda face: -face.size_px)[:_MOST_FACES]
        self.by_pts[frame.pts] = [
            _Glance(_centre(face.landmarks), on_map(frame.pixels, face.landmarks))
            for face in largest
        ]

    def bare_faces(self, tracks: Iterable[Track]) -> dict[int, BareFace]:
        """By `track_id`, what was learned of those tracks' bare faces."""
        learned = {one.track_id: learn(self._maps(one)) for one in tracks}
        return {number: bare for number, bare in learned.items() if bare is not None}

    def _maps(self, track: Track) -> list[RGB]:
        found: list[RGB] = []
        for pts, glances in self.by_pts.items():
            face = track.faces.get(pts)
            if face is None or face.interpolated or not glances:
                continue
            centre = _centre(face.landmarks)
            apart = [float(np.linalg.norm(one.centre - centre)) for one in glances]
            nearest = int(np.argmin(apart))
            if apart[nearest] < _SAME * face.size_px:
                found.append(glances[nearest].pixels)
        return found


def kept_behind(
    patch: Patch,
    window: Window,
    bare: Mapping[int, BareFace],
    corrections: Sequence[Correction],
) -> Patch:
    """The patch, told what lies in front of the face that it replaces.

    Args:
        patch: Of the window's own frame.
        window: What the method was given.
        bare: What is known of bare faces, by `track_id`.
        corrections: What people said.
    """
    face = next((one for one in window.faces if one.track_id == patch.track_id), None)
    if face is None:
        return patch
    frame, known = window.frame, bare.get(patch.track_id)
    seen = visible(frame.pixels, face, known, patch.box) if known and patch.face_px else None
    if any(one.holds(frame.time_s) for one in corrections):
        seen = corrected(
            np.ones_like(patch.mask) if seen is None else seen,
            corrections,
            face,
            origin_xy=patch.box[:2],
            size_wh=frame.size_wh,
            time_s=frame.time_s,
        )
    return patch if seen is None else replace(patch, visible=seen)


def _centre(landmarks: Points) -> NDArray[np.float32]:
    return np.asarray(landmarks[list(OVAL), :2].mean(axis=0), np.float32)
