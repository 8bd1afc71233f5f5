"""What lies in front of a span's faces: looked at as they are tracked, kept out of patches."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.faces.mesh import OVAL
from masquerade.faces.occlusion.agree import anything
from masquerade.faces.occlusion.bare_model import BareFace, apart, learn
from masquerade.faces.occlusion.corrections import Correction, corrected
from masquerade.faces.occlusion.seen import visible
from masquerade.faces.small_map import on_map, tones
from masquerade.types import RGB, Face, Frame, Mask, Patch, PixelBox, Points, Track, Window

_EVERY: Final = 3  # frames between two looks
_MOST_FACES: Final = 8  # of one frame, the largest
_SAME: Final = 0.15  # sizes of a face by which the same face may be apart once it is steadied


@dataclass(frozen=True, slots=True)
class _Glance:
    """One face of one frame."""

    centre: NDArray[np.float32]
    pixels: RGB


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a bare face, and when something was in front of it.

    Attributes:
        bare: What it looks like.
        times: Pts at which it was looked at, in order.
        quiet: Whether there was no sign of anything in front of it then.
    """

    bare: BareFace
    times: tuple[int, ...]
    quiet: tuple[bool, ...]

    def visible(self, frame: Frame, face: Face, box: PixelBox) -> Mask | None:
        """(h, w) where the face lies bare in a frame; None where nothing is in front of it.

        Between two looks without a sign, which lie a tenth of a second apart, nothing is asked.

        Args:
            frame: Of the span.
            face: In it.
            box: The part of the frame that is asked for.
        """
        after = bisect_left(self.times, frame.pts)
        exact = after < len(self.times) and self.times[after] == frame.pts
        around = self.quiet[after if exact else max(0, after - 1) : after + 1]
        if all(around) and not face.interpolated:
            return None
        return visible(frame.pixels, face, self.bare, box)


@dataclass(slots=True)
class Glances:
    """The faces of a span, looked at every few frames; `see` is for `following.track`."""

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

    def known(self, tracks: Iterable[Track]) -> dict[int, Known]:
        """By `track_id`, what was learned of those tracks' bare faces."""
        learned = {one.track_id: _known(self._maps(one)) for one in tracks}
        return {number: one for number, one in learned.items() if one is not None}

    def _maps(self, track: Track) -> dict[int, RGB]:
        found: dict[int, RGB] = {}
        for pts, glances in self.by_pts.items():
            face = track.faces.get(pts)
            if face is None or face.interpolated or not glances:
                continue
            centre = _centre(face.landmarks)
            away = [float(np.linalg.norm(one.centre - centre)) for one in glances]
            nearest = int(np.argmin(away))
            if away[nearest] < _SAME * face.size_px:
                found[pts] = glances[nearest].pixels
        return found


def _known(maps: Mapping[int, RGB]) -> Known | None:
    bare = learn(list(maps.values()))
    if bare is None:
        return None
    quiet = tuple(not anything(apart(bare, tones(pixels))) for pixels in maps.values())
    return Known(bare, tuple(maps), quiet)


def kept_behind(
    patch: Patch,
    window: Window,
    known: Mapping[int, Known],
    corrections: Sequence[Correction],
    *,
    always: bool = False,
) -> Patch:
    """The patch, told what lies in front of the face that it replaces.

    Args:
        patch: Of the window's own frame.
        window: What the method was given.
        known: What is known of bare faces, by `track_id`.
        corrections: What people said.
        always: Also of patches that show no face of their own.
    """
    face = next((one for one in window.faces if one.track_id == patch.track_id), None)
    if face is None:
        return patch
    frame, one = window.frame, known.get(patch.track_id)
    seen = one.visible(frame, face, patch.box) if one and (patch.face_px or always) else None
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
