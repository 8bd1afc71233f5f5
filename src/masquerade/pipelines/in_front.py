"""What lies in front of a span's faces: looked at as they are tracked, kept out of patches."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.effects.hands_before import Before, HandsBefore
from masquerade.faces.mesh import OVAL
from masquerade.faces.occlusion.agree import anything
from masquerade.faces.occlusion.bare_model import BareFace, apart, learn
from masquerade.faces.occlusion.corrections import Correction, corrected
from masquerade.faces.occlusion.seen import visible
from masquerade.faces.small_map import on_map, tones
from masquerade.pipelines.spectacles import Spectacles, wearers, wears_glasses
from masquerade.types import RGB, Face, Frame, Mask, Patch, PixelBox, Points, Track, Window

_EVERY: Final = 3  # frames between two looks
_GLASSES_EVERY: Final = 4  # looks between two of which one is for spectacles
_MOST_FACES: Final = 8  # of one frame, the largest
_SAME: Final = 0.15  # sizes of a face by which the same face may be apart once it is steadied


@dataclass(frozen=True, slots=True)
class _Glance:
    """One face of one frame; `worn` says whether spectacles are seen, None that nobody looked."""

    centre: NDArray[np.float32]
    pixels: RGB
    worn: bool | None


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
        look = (self.frames - 1) % (_EVERY * _GLASSES_EVERY) == 0
        self.by_pts[frame.pts] = [
            _Glance(
                _centre(face.landmarks),
                on_map(frame.pixels, face.landmarks),
                wears_glasses(frame, face) if look else None,
            )
            for face in largest
        ]

    def see_still(self, frame: Frame, tracks: Iterable[Track]) -> None:
        """Look at the faces of a picture that does not move."""
        self.see(frame, [one.faces[frame.pts] for one in tracks])

    def known(self, tracks: Iterable[Track]) -> dict[int, Known]:
        """By `track_id`, what was learned of those tracks' bare faces."""
        learned = {
            one.track_id: _known({pts: seen.pixels for pts, seen in self._of(one).items()})
            for one in tracks
        }
        return {number: one for number, one in learned.items() if one is not None}

    def wearers(self, tracks: Iterable[Track]) -> frozenset[int]:
        """Those of the tracks that wear spectacles."""
        return wearers(
            (one.track_id, seen.worn)
            for one in tracks
            for seen in self._of(one).values()
            if seen.worn is not None
        )

    def _of(self, track: Track) -> dict[int, _Glance]:
        """By pts, the looks at the face of one track."""
        found: dict[int, _Glance] = {}
        for pts, glances in self.by_pts.items():
            face = track.faces.get(pts)
            if face is None or face.interpolated or not glances:
                continue
            centre = _centre(face.landmarks)
            away = [float(np.linalg.norm(one.centre - centre)) for one in glances]
            nearest = int(np.argmin(away))
            if away[nearest] < _SAME * face.size_px:
                found[pts] = glances[nearest]
        return found


def _known(maps: Mapping[int, RGB]) -> Known | None:
    bare = learn(list(maps.values()))
    if bare is None:
        return None
    quiet = tuple(not anything(apart(bare, tones(pixels))) for pixels in maps.values())
    return Known(bare, tuple(maps), quiet)


@dataclass(frozen=True, slots=True)
class InFront:
    """All that stays in front of new faces in one span, whose frames are to come in order.

    Attributes:
        known: What is known of bare faces, by `track_id`.
        corrections: What people said.
        worn: Spectacles of its people; None: they are not looked for.
        hands: Finds hands, in a picture that does not move; None: they are not looked for.
        always: Whether patches stay behind it that show no face of their own, too.
    """

    known: Mapping[int, Known]
    corrections: Sequence[Correction]
    worn: Spectacles | None = None
    hands: HandsBefore | None = None
    always: bool = False

    def keep(self, patches: Sequence[Patch], window: Window) -> list[Patch]:
        """The patches of the next frame, told what lies in front of them.

        Args:
            patches: Of the window's own frame.
            window: What the method was given.
        """
        found = None
        if self.hands and patches:
            found = self.hands.of(window.frame.pixels, window.faces)
        return [
            kept_behind(
                one,
                window,
                self.known,
                self.corrections,
                always=self.always,
                worn=self.worn,
                hands=found,
            )
            for one in patches
        ]


def kept_behind(
    patch: Patch,
    window: Window,
    known: Mapping[int, Known],
    corrections: Sequence[Correction],
    *,
    always: bool = False,
    worn: Spectacles | None = None,
    hands: Before | None = None,
) -> Patch:
    """The patch, told what lies in front of the face that it replaces.

    Args:
        patch: Of the window's own frame.
        window: What the method was given.
        known: What is known of bare faces, by `track_id`.
        corrections: What people said.
        always: Also of patches that show no face of their own.
        worn: Spectacles, which stay in front of patches that show one.
        hands: Those that were found in the frame; likewise.
    """
    face = next((one for one in window.faces if one.track_id == patch.track_id), None)
    if face is None:
        return patch
    frame, one = window.frame, known.get(patch.track_id)
    seen = one.visible(frame, face, patch.box) if one and (patch.face_px or always) else None
    rims = worn.before(frame, face, patch.box) if worn and patch.face_px else None
    if rims is not None:
        seen = 1 - rims if seen is None else np.minimum(seen, 1 - rims)
    if hands and patch.face_px:
        x0, y0, x1, y1 = patch.box
        bare = 1 - hands.mask[y0:y1, x0:x1]
        if ((bare < 1) & (patch.mask > 0)).any():
            seen = bare if seen is None else np.minimum(seen, bare)
            patch = replace(patch, held=hands.near(patch.mask, patch.box) or hands.boxes)
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
