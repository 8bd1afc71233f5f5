"""Joints put in the middle of what the mask shows of their limbs.

The network's joints lie in a limb, but beside its middle by up to a seventh of a torso, now here
and now there: a leg that is cut out around one line and laid along another then stands beside
itself. Rays across each bone find both edges of its limb in the mask; the joints are moved so that
the bones lie between them, by least squares, and stay where the edges are another limb's.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.bodies.pose import (
    ANKLES,
    ELBOWS,
    HEELS,
    HIPS,
    INDICES,
    KNEES,
    PINKIES,
    SHOULDERS,
    THUMBS,
    TOES,
    WRISTS,
    Affine,
    Body,
)
from masquerade.bodies.skeleton import BONES, NUMBER, torso_px_of
from masquerade.types import Mask

Floats: TypeAlias = NDArray[np.float32]

_STEP: Final = 1.0  # pixels of the mask between two looks along a ray
_LOOKS: Final = 9  # rays across a bone
_REACH: Final = 2.0  # of a limb's radius, how far a ray goes
_WIDE: Final = (0.4, 2.5)  # radii that a limb is wide; wider, it is another one beside it
_OFF: Final = 0.35  # of a ray, how far outside the mask a bone may lie
_LOOSE: Final = 0.03  # torsos by which a ray that disagrees counts half
_MERGED: Final = 1.25  # times as wide as a leg, from which two of them are seen as one
_SIDES: Final = 0.06  # torsos that legs are apart at hips and ankles, to tell which is which
_FARTHEST: Final = 0.12  # torsos that a joint is moved at most
_ARM: Final = (1.0, 0.6, 0.6)  # rays against which shoulder, elbow and wrist hold their ground
_LEG: Final = (0.6, 0.4, 0.4)

_TURNED: Final = (0.4, 0.6)  # torsos between the shoulders: seen from the side, and not at all
_DEEP: Final = (0.25, 0.85)  # torsos that a torso is deep
_HALF: Final = 0.29  # of it, from the back to the middle, where arms hide the front
_LEAN: Final = 0.2  # torsos that a torso is moved at most

_FLAT: Final = (0.22, 0.34)  # torsos from heel to toes: pointing at the camera, and across
_SOLE: Final = 0.05  # torsos from the line between heel and toes to the sole
_FOOT: Final = (0.3, 0.75)  # torsos that a foot is long
_TRUST: Final = (0.8, 0.7)  # in the sole, and in both ends of a foot
_STRAY: Final = 0.15  # torsos that a foot is moved at most


def centred(body: Body, mask: Mask, crop_from_frame: Affine) -> Body:
    """The person with joints of arms, legs and a torso seen from the side amid what is seen.

    Args:
        body: As read.
        mask: (h, w) float32 in [0, 1] which pixels of a crop are theirs.
        crop_from_frame: (2, 3) where the crop lies.
    """
    turn = crop_from_frame[:, :2]
    scale = max(float(np.hypot(turn[0, 0], turn[1, 0])), 1e-6)
    was = np.asarray(body.joints[:, :2] @ turn.T + crop_from_frame[:, 2], np.float32)
    torso_px = torso_px_of(body) * scale
    at = was.copy()
    _straighten_torso(at, mask, torso_px)
    for side in (0, 1):
        arm, leg = (SHOULDERS, ELBOWS, WRISTS), (HIPS, KNEES, ANKLES)
        by = _of_limb([one[side] for one in arm], ("upper arm", "forearm"), at, mask, torso_px)
        at[[PINKIES[side], INDICES[side], THUMBS[side]]] += by
        other = was[[one[1 - side] for one in leg]]
        by = _of_limb([one[side] for one in leg], ("thigh", "shin"), at, mask, torso_px, other)
        at[[HEELS[side], TOES[side]]] += by
        _set_foot(at, side, mask, torso_px)
    joints = body.joints.copy()
    joints[:, :2] += ((at - was) @ turn / scale**2).astype(np.float32)
    return replace(body, joints=joints)


def _of_limb(
    joints: list[int],
    names: tuple[str, str],
    at: Floats,
    mask: Mask,
    torso_px: float,
    other: Floats | None = None,
) -> Floats:
    """(2,) how far the last joint of a limb is moved; all three are moved in place.

    Args:
        joints: Numbers of its joints, from the body on.
        names: Of its bones.
        at: (33, 2) all joints in pixels of the mask.
        mask: (h, w) float32 in [0, 1].
        torso_px: Length of the torso.
        other: (3, 2) the joints of a limb that may be seen as one with it.
    """
    rows: list[Floats] = []
    wanted: list[Floats] = []
    for place, name in enumerate(names):
        radius = BONES[NUMBER[f"left {name}"]].radius * torso_px
        start, end = at[joints[place]], at[joints[place + 1]]
        along = np.linspace(0.3 if place == 0 else 0.15, 0.9, _LOOKS, dtype=np.float32)
        across = _across(start, end)
        low, high = _edges(mask, start + (end - start) * along[:, None], across, _REACH * radius)
        if other is not None:
            beside = np.asarray((at[joints] - other) @ across, np.float32)
            low, high = _apart(low, high, beside, radius, torso_px)
        wide = high - low
        good = (wide > _WIDE[0] * radius) & (wide < _WIDE[1] * radius)
        row = np.zeros((_LOOKS, 6), np.float32)
        row[:, 2 * place : 2 * place + 2] = (1 - along)[:, None] * across
        row[:, 2 * place + 2 : 2 * place + 4] = along[:, None] * across
        rows.append(row[good])
        wanted.append(np.asarray((low + high)[good] / 2, np.float32))
    hold = np.repeat(np.array(_LEG if names[0] == "thigh" else _ARM, np.float32), 2)
    by = _fitted(np.concatenate(rows), np.concatenate(wanted), hold, _LOOSE * torso_px)
    moved = by.reshape(3, 2)
    far = np.linalg.norm(moved, axis=1, keepdims=True)
    moved = moved * np.minimum(1, _FARTHEST * torso_px / np.maximum(far, 1e-6))
    at[joints] += moved
    return np.asarray(moved[2], np.float32)


def _apart(
    low: Floats, high: Floats, beside: Floats, radius: float, torso_px: float
) -> tuple[Floats, Floats]:
    """Both edges of one leg alone, where rays across it meet both legs as one; NaN where it cannot
    be told which of them is which.

    Args:
        low: (n,) where the mask ends backwards.
        high: (n,) where it ends forwards.
        beside: (3,) how far its joints are ahead of the other leg's, along the rays.
        radius: Of a leg.
        torso_px: Length of the torso.
    """
    merged = high - low > 2 * _MERGED * radius
    if not merged.any() or float(np.abs(beside).max()) > 4 * radius:
        return low, high
    ahead = float(beside[[0, 2]].mean()) / torso_px
    if abs(ahead) < _SIDES:
        return np.where(merged, np.nan, low), np.where(merged, np.nan, high)
    one = np.float32(2 * radius)
    if ahead > 0:
        return np.where(merged, high - one, low), high
    return low, np.where(merged, low + one, high)


def _straighten_torso(at: Floats, mask: Mask, torso_px: float) -> None:
    """Moves shoulders and hips of a torso seen from the side to its middle, in place.

    Where arms hide the front, the back tells alone: it is the edge that runs smoothly.
    """
    apart = float(np.linalg.norm(at[SHOULDERS[0]] - at[SHOULDERS[1]])) / torso_px
    turned = float(np.clip((_TURNED[1] - apart) / (_TURNED[1] - _TURNED[0]), 0, 1))
    if not turned:
        return
    hips, neck = at[list(HIPS)].mean(axis=0), at[list(SHOULDERS)].mean(axis=0)
    along = np.linspace(0.1, 0.8, _LOOKS, dtype=np.float32)
    across = _across(hips, neck)
    points = hips + (neck - hips) * along[:, None]
    low, high = _edges(mask, points, across, _DEEP[1] * torso_px)
    wide = high - low
    both = (wide > _DEEP[0] * torso_px) & (wide < _DEEP[1] * torso_px)
    half = np.float32(_HALF * torso_px)
    back = low + half if _roughness(low) < _roughness(high) else high - half
    middle = np.where(both, (low + high) / 2, back)
    known = ~np.isnan(middle)
    share = np.where(both, 1, 0.7).astype(np.float32)[known]
    rows = np.stack([1 - along, along], axis=1)[known] * share[:, None]
    hold = np.full(2, 0.5, np.float32)
    by = _fitted(rows, middle[known] * share, hold, 0.04 * torso_px)
    by = np.clip(by, -_LEAN * torso_px, _LEAN * torso_px) * turned
    at[list(HIPS)] += by[0] * across
    at[list(SHOULDERS)] += by[1] * across


def _roughness(edge: Floats) -> float:
    """How much an edge jumps from ray to ray; infinite where most rays do not meet it."""
    found = edge[~np.isnan(edge)]
    if len(found) < 2 * _LOOKS // 3:
        return float("inf")
    return float(np.diff(found).std())


def _set_foot(at: Floats, side: int, mask: Mask, torso_px: float) -> None:
    """Moves a foot that is seen from the side onto its sole and between its ends, in place."""
    joints = [ANKLES[side], HEELS[side], TOES[side]]
    ankle, heel, toes = at[joints]
    long = float(np.linalg.norm(toes - heel))
    flat = float(np.clip((long / torso_px - _FLAT[0]) / (_FLAT[1] - _FLAT[0]), 0, 1))
    if not flat:
        return
    way, down = (toes - heel) / long, _across(heel, toes)
    if float((heel - ankle) @ down) < 0:
        down = -down
    room = np.float32(_SOLE * torso_px)
    along = np.linspace(0, 1, 6, dtype=np.float32)
    line = heel + (toes - heel) * along[:, None]
    _, sole = _edges(mask, line - down * room, down, 0.3 * torso_px)
    off = (sole - 2 * room)[np.abs(sole - 2 * room) < _LEAN * torso_px]
    most = _STRAY * torso_px
    if len(off) >= len(along) // 2:
        at[joints] += flat * _TRUST[0] * np.clip(np.median(off), -most, most) * down
    middle = (at[joints[1]] + at[joints[2]]) / 2
    above = np.array([0, 0.04, 0.08], np.float32)[:, None] * np.float32(torso_px)
    ends = _edges(mask, middle - down * above, way, long / 2 + 0.3 * torso_px)
    back, front = (one[~np.isnan(one)] for one in ends)
    if not len(back) or not len(front):
        return
    low, high = float(np.median(back)), float(np.median(front))
    if _FOOT[0] * torso_px < high - low < _FOOT[1] * torso_px:
        at[joints] += flat * _TRUST[1] * np.clip((low + high) / 2, -most, most) * way


def _edges(mask: Mask, points: Floats, way: Floats, reach: float) -> tuple[Floats, Floats]:
    """(n,) how far from points the mask ends backwards and forwards; NaN where it does not."""
    half = max(int(reach / _STEP), 1)
    steps = np.arange(-half, half + 1, dtype=np.float32) * np.float32(_STEP)
    looks = np.asarray(points[:, None] + steps[None, :, None] * way, np.float32)
    xs, ys = np.ascontiguousarray(looks[..., 0]), np.ascontiguousarray(looks[..., 1])
    seen = np.asarray(cv2.remap(mask, xs, ys, cv2.INTER_LINEAR), np.float32)
    low, high = np.full((2, len(points)), np.nan, np.float32)
    for row, inside in enumerate(seen > 0.5):
        there = np.flatnonzero(inside)
        if not len(there):
            continue
        start = int(there[np.argmin(np.abs(there - half))])
        if abs(start - half) > _OFF * half:
            continue
        before, after = np.flatnonzero(~inside[:start]), np.flatnonzero(~inside[start:])
        if len(before):
            low[row] = _between(seen[row], steps, int(before[-1]), int(before[-1]) + 1)
        if len(after):
            end = start + int(after[0])
            high[row] = _between(seen[row], steps, end, end - 1)
    return low, high


def _between(seen: Floats, steps: Floats, out: int, inside: int) -> float:
    """Where between two looks along a ray the mask is a half."""
    share = (0.5 - float(seen[out])) / max(float(seen[inside] - seen[out]), 1e-3)
    return float(steps[out] + share * (steps[inside] - steps[out]))


def _fitted(rows: Floats, wanted: Floats, hold: Floats, loose: float) -> Floats:
    """(k,) what the rows make of the wanted values, those that disagree counting less."""
    share: NDArray[np.floating] = np.ones(len(rows), np.float64)
    found: NDArray[np.floating] = np.zeros(len(hold), np.float64)
    if len(rows) < 3:
        return found.astype(np.float32)
    for _ in range(3):
        weighted = rows * share[:, None]
        found = np.linalg.solve(weighted.T @ rows + np.diag(hold), weighted.T @ wanted)
        share = 1 / (1 + ((rows @ found - wanted) / np.float32(loose)) ** 2)
    return np.asarray(found, np.float32)


def _across(start: Floats, end: Floats) -> Floats:
    """(2,) the direction across the way from one point to another."""
    way = end - start
    way = way / max(float(np.linalg.norm(way)), 1e-6)
    return np.array([-way[1], way[0]], np.float32)
