"""Shut lips of a photo made ready to part: each lip's colour carried on to its inner edge.

Where a photo's lips meet lies a dark line, and points of a mesh are never quite on it. Drawn over
lips that part, pieces of it, and of the other lip, would stand on both edges. So each lip is
painted over up to its edge with its own colour, and the line is drawn anew where lips do meet.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.mesh import INNER_LIPS, LIPS, interocular_px
from masquerade.faces.mouth import lips
from masquerade.faces.staging import ramp
from masquerade.types import RGB, Mask, PixelBox, Points

_SHUT: Final = (0.04, 0.06)  # opening up to which lips are shut, and from which they are left
_BAND: Final = 0.016  # interocular distances from the edge within which colour is carried on
_ALONG: Final = 0.06  # likewise, over which lips are evened out along their line
_AROUND: Final = 0.1  # likewise, around the mouth
_LINE: Final = 0.012  # width of the line, likewise
_TOUCH: Final = (0.015, 0.04)  # gap of the lips, likewise, at which the line begins to go, is gone
_DARKEST: Final = 0.35  # the line's brightness as a share of the lips', at the least
_UPPER: Final = tuple(INNER_LIPS[:11])
_LOWER: Final = (INNER_LIPS[0], *reversed(INNER_LIPS[10:]))


def ready_to_part(picture: RGB, landmarks: Points) -> tuple[RGB, float]:
    """The picture with both lips carried on to their edges, and how dark the line there was.

    Lips that are open stay as they are, and have no line.

    Args:
        picture: (H, W, 3) uint8.
        landmarks: (478, 3) its mesh in pixels.

    Returns:
        The picture, and the line's brightness as a share of the lips'; 1 where there is none.
    """
    first, last = _SHUT
    amount = 1 - float(ramp(np.float32((lips.opening(landmarks) - first) / (last - first))))
    unit = interocular_px(landmarks)
    x0, y0, x1, y1 = _around(landmarks, unit, picture.shape)
    if amount <= 0 or x1 - x0 < 4 or y1 - y0 < 4:
        return picture, 1.0
    at = np.array([x0, y0], np.float32)
    seam = _meeting(landmarks) - at
    part = picture[y0:y1, x0:x1]
    seen = part.astype(np.float32)
    off = _distance(seam, seen.shape[:2]) / np.float32(_BAND * unit)
    even = _evened(seen, seam, _ALONG * unit)
    made = seen.copy()
    for outer in (LIPS[:11], (LIPS[0], *reversed(LIPS[10:]))):
        inside = _filled(np.concatenate([landmarks[list(outer), :2] - at, seam[::-1]]), off.shape)
        own = _carried_on(even, inside * ramp(off - np.float32(0.4)), _BAND * unit)
        share = (1 - ramp(off - np.float32(0.3)))[..., None]
        made += (amount * inside)[..., None] * (even + share * (own - even) - made)
    covered = picture.copy()
    covered[y0:y1, x0:x1] = np.rint(made)
    return covered, 1 - amount * (1 - _darkness(seen, made, off))


def draw_line(pixels: RGB, shown: Points, box: PixelBox, darkness: float) -> None:
    """Draws the line between lips, in place, where they meet.

    Args:
        pixels: (h, w, 3) uint8.
        shown: (478, 3) the drawn face's mesh, in pixels of the frame.
        box: Where `pixels` lie in the frame.
        darkness: From `ready_to_part`.
    """
    if darkness >= 1:
        return
    unit = interocular_px(shown)
    x0, y0, x1, y1 = _around(shown, unit, pixels.shape, box[:2])
    if x1 - x0 < 4 or y1 - y0 < 4:
        return
    at = np.array([box[0] + x0, box[1] + y0], np.float32)
    gap = np.linalg.norm(shown[list(_UPPER), :2] - shown[list(_LOWER), :2], axis=1) / unit
    first, last = _TOUCH
    touch = 1 - ramp(((gap - first) / (last - first)).astype(np.float32))
    seam = _meeting(shown) - at
    line = np.zeros((y1 - y0, x1 - x0), np.float32)
    width = max(1, round(2 * _LINE * unit))
    for k in range(len(seam) - 1):
        ends = [tuple(int(v) for v in np.round(p * 16)) for p in seam[k : k + 2]]
        weight = float((touch[k] + touch[k + 1]) / 2)
        one = np.zeros(line.shape, np.uint8)
        cv2.line(one, ends[0], ends[1], 255, width, cv2.LINE_AA, 4)
        np.maximum(line, one * np.float32(weight / 255), out=line)
    line = np.asarray(cv2.GaussianBlur(line, (0, 0), max(0.6, _LINE * unit)))
    factor = 1 - np.float32(1 - darkness) * np.minimum(1.4 * line, 1)
    region = pixels[y0:y1, x0:x1]
    region[:] = cv2.multiply(region, cv2.merge((factor, factor, factor)), dtype=cv2.CV_8U)


def _meeting(landmarks: Points) -> NDArray[np.float32]:
    """(11, 2) where the lips meet, from the right corner to the left one."""
    middle = (landmarks[list(_UPPER), :2] + landmarks[list(_LOWER), :2]) / 2
    return np.asarray(middle, np.float32)


def _around(
    landmarks: Points, unit: float, shape: tuple[int, ...], at: tuple[int, int] = (0, 0)
) -> PixelBox:
    """The mouth and a margin, within a picture."""
    places = landmarks[list(LIPS), :2] - np.array(at)
    wh = (shape[1], shape[0])
    x0, y0 = np.clip(np.floor(places.min(axis=0) - _AROUND * unit), 0, wh).astype(int)
    x1, y1 = np.clip(np.ceil(places.max(axis=0) + _AROUND * unit), 0, wh).astype(int)
    return int(x0), int(y0), int(x1), int(y1)


def _distance(line: NDArray[np.float32], shape_hw: tuple[int, ...]) -> Mask:
    """(h, w) pixels from a line of points."""
    free = np.full(shape_hw, 255, np.uint8)
    cv2.polylines(free, [np.round(line).astype(np.int32)], False, 0)
    return np.asarray(cv2.distanceTransform(free, cv2.DIST_L2, 5), np.float32)


def _filled(ring: NDArray[np.float32], shape_hw: tuple[int, ...]) -> Mask:
    made = np.zeros(shape_hw, np.uint8)
    cv2.fillPoly(made, [np.round(ring * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    return np.asarray(made, np.float32) / np.float32(255)


def _evened(
    seen: NDArray[np.float32], seam: NDArray[np.float32], reach: float
) -> NDArray[np.float32]:
    """(h, w, 3) colours averaged along the line where lips meet, and not across it.

    Lips that are drawn thicker than they are in the photo would show its noise as teeth of a saw.
    """
    height, width = seen.shape[:2]
    along = (seam[-1] - seam[0]) / max(float(np.linalg.norm(seam[-1] - seam[0])), 1e-6)
    turn = np.array([along, [-along[1], along[0]]], np.float32)
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    places = np.stack([x, y], axis=-1) @ turn.T  # of each pixel, along the mouth and across it
    first, line = places.reshape(-1, 2).min(axis=0), seam @ turn.T
    size = np.ceil(places.reshape(-1, 2).max(axis=0) - first).astype(int) + 1
    u = first[0] + np.arange(size[0], dtype=np.float32)
    v = first[1] + np.arange(size[1], dtype=np.float32)
    height_of = np.interp(u, line[:, 0], line[:, 1]).astype(np.float32)
    middle = np.float32(line[:, 1].mean())
    across = v[:, None] + height_of - middle  # the line lies level in what follows
    back = np.stack([np.broadcast_to(u, across.shape), across], axis=-1) @ turn
    level = cv2.remap(
        seen, back[..., 0], back[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    level = cv2.GaussianBlur(level, (0, 0), max(reach, 0.3), sigmaY=0.3)
    at = places[..., 0] - first[0]
    down = places[..., 1] - np.interp(places[..., 0], u, height_of) + middle - first[1]
    made = cv2.remap(
        level, at, down.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(made, np.float32)


def _carried_on(seen: NDArray[np.float32], known: Mask, reach: float) -> NDArray[np.float32]:
    """(h, w, 3) the colours of known places averaged around, further off where none is near."""
    sums = np.dstack([seen * known[..., None], known])
    near, far = (cv2.GaussianBlur(sums, (0, 0), reach * times) for times in (0.6, 3.0))
    both = near + 1e-2 * far + 1e-6 * np.dstack([seen, np.ones_like(known)])
    return np.asarray(both[..., :3] / both[..., 3:], np.float32)


def _darkness(seen: NDArray[np.float32], made: NDArray[np.float32], off: Mask) -> float:
    """The line's brightness as a share of the lips' around it."""
    within = off < 0.5
    ratio = (seen.mean(axis=2) + 1) / (made.mean(axis=2) + 1)
    return float(np.clip(np.percentile(ratio[within], 15), _DARKEST, 1)) if within.any() else 1.0
