"""Patches put into a frame so that they belong there: light, sharpness, grain, seam."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from masquerade.compose.grain import grain, grain_level
from masquerade.compose.mask import inner_edge, shaped_mask
from masquerade.compose.match import (
    SMALL,
    Picture,
    Transfer,
    add_light,
    colour_change,
    light_field,
    small_copy,
    soften,
    softness,
    weighted,
)
from masquerade.media.colour import replace
from masquerade.options import Options
from masquerade.types import RGB, Frame, Mask, Patch

_OFTEN: Final = 5  # frames between two measurements of sharpness and grain
_SETTLE: Final = 0.25  # share of a new measurement that is taken up in each frame
_JUMP: Final = 24.0  # levels by which light may jump before it is followed at once
_BANDS: Final = 4


class ComposeOptions(Options):
    """How new faces are put into the picture."""

    blend: Literal["multiband", "poisson", "feather"] = "multiband"
    """Seam: multiband fades broad tones widely and details narrowly; poisson makes tones meet at
    the edge; feather is a plain soft edge."""
    colour: Transfer = "none"
    """Colours brought to the target's before light is matched: rct by mean and spread, mkl by
    covariance."""
    light: float = Field(1.0, ge=0, le=1)
    """How much of the target's light the new face takes on."""
    light_reach: float = Field(0.5, ge=0.05, le=2)
    """What counts as light rather than feature, as a share of the face's size; larger keeps more
    of the source's own shading."""
    sharpness: float = Field(1.0, ge=0, le=1)
    """How far sharpness is matched to the frame."""
    grain: float = Field(1.0, ge=0, le=2)
    """How much of the frame's noise is laid over the new face."""
    padding: float = Field(0.0, ge=-0.2, le=0.2)
    """The mask grown, or shrunk where negative, as a share of the face's size."""
    blur: float = Field(0.0, ge=0, le=0.3)
    """The mask's edge softened further, as a share of the face's size."""


@dataclass(slots=True)
class FaceLook:
    """What was measured of one face in the frames so far of a shot."""

    light: Picture | None = None
    colour: NDArray[np.float64] | None = None
    softness: float = 0.0
    grain: float = 0.0
    seen: int = 0


@dataclass(slots=True)
class ShotLook:
    """What is carried from frame to frame of one shot, so that nothing measured flickers."""

    faces: dict[int, FaceLook] = field(default_factory=dict)


def compose(
    frame: Frame,
    patches: Sequence[Patch],
    options: ComposeOptions,
    *,
    look: ShotLook | None = None,
) -> Frame:
    """The frame with its patches put in, later ones over earlier ones.

    Args:
        frame: What is changed; pixels outside the patches' masks stay bit-exact.
        patches: As a method made them for this very frame.
        options: How they are put in.
        look: Of the shot; pass the same one for all its frames in order, and measurements are
            steadied over time. None: this frame alone.

    Example:
        >>> compose(frame, patches, ComposeOptions())  # doctest: +SKIP
    """
    shot = look or ShotLook()
    out = frame
    for patch in patches:
        known = shot.faces.setdefault(patch.track_id, FaceLook())
        x0, y0, x1, y1 = patch.box
        behind = out.pixels[y0:y1, x0:x1]
        mask = _mask(patch, frame.size_wh, options)
        matched = _matched(patch, behind, mask, options, known, frame.pts)
        out = replace(out, _blended(matched, behind, mask, options), patch.box)
    return out


def _mask(patch: Patch, size_wh: tuple[int, int], options: ComposeOptions) -> Mask:
    if not patch.face_px:
        return patch.mask
    x0, y0, x1, y1 = patch.box
    edges = (x0 > 0, y0 > 0, x1 < size_wh[0], y1 < size_wh[1])
    mask = shaped_mask(patch.mask, patch.face_px, grow=options.padding, blur=options.blur)
    return inner_edge(mask, edges)


def _matched(
    patch: Patch,
    behind: RGB,
    mask: Mask,
    options: ComposeOptions,
    known: FaceLook,
    pts: int,
) -> Picture:
    """The patch's pixels with the frame's light, sharpness and grain."""
    if not patch.face_px:
        return patch.pixels.astype(np.float32)
    skin = mask if patch.skin is None else mask * patch.skin
    if (options.sharpness or options.grain) and known.seen % _OFTEN == 0:
        _measure(patch.pixels, behind, mask, skin, known)
    known.seen += 1
    drawn = soften(patch.pixels, known.softness * options.sharpness)
    pixels = _lit(drawn, patch, behind, (mask, skin), options, known)
    return _grained(pixels, patch, options, known, pts)


def _lit(
    pixels: RGB,
    patch: Patch,
    behind: RGB,
    masks: tuple[Mask, Mask],
    options: ComposeOptions,
    known: FaceLook,
) -> Picture:
    mask, skin = masks
    weight = small_copy(skin)
    theirs, mine = small_copy(behind), small_copy(pixels)
    level = float((mine[..., 1] * weight).sum() / max(float(weight.sum()), 1e-6))
    recolour = None
    if options.colour != "none":
        now = colour_change(theirs, mine, weight, how=options.colour)
        recolour = known.colour = _followed(known.colour, now, _SETTLE)
        mine = np.asarray(cv2.transform(mine, recolour), np.float32)
    height, width = skin.shape
    face_wh = (SMALL * patch.face_px / width, SMALL * patch.face_px / height)
    field_now = light_field(
        theirs, mine, weight, small_copy(mask), face_wh=face_wh, reach=options.light_reach
    )
    known.light = _steadied(known.light, field_now)
    wanted = known.light * np.float32(options.light)
    return add_light(pixels, wanted, patch.own, skin_level=level, recolour=recolour)


def _steadied(before: Picture | None, now: Picture) -> Picture:
    """The light so far with a share of what is seen now; more of it, the more it differs."""
    if before is None:
        return now
    jump = float(np.abs(now - before).mean())
    share = min(1.0, max(_SETTLE, jump / _JUMP))
    return before + np.float32(share) * (now - before)


def _followed(
    before: NDArray[np.float64] | None, now: NDArray[np.float64], share: float
) -> NDArray[np.float64]:
    return now if before is None else before + share * (now - before)


def _measure(pixels: RGB, behind: RGB, mask: Mask, skin: Mask, known: FaceLook) -> None:
    soft = softness(behind, pixels, mask)
    mine = np.asarray(cv2.cvtColor(soften(pixels, soft), cv2.COLOR_RGB2GRAY), np.float32)
    theirs = np.asarray(cv2.cvtColor(behind, cv2.COLOR_RGB2GRAY), np.float32)
    apart = grain_level(theirs, skin) ** 2 - grain_level(mine, skin) ** 2
    noise = float(np.sqrt(max(0.0, apart)))
    share = 1.0 if known.seen == 0 else _SETTLE
    known.softness += share * (soft - known.softness)
    known.grain += share * (noise - known.grain)


def _grained(
    pixels: Picture, patch: Patch, options: ComposeOptions, known: FaceLook, pts: int
) -> Picture:
    level = known.grain * options.grain
    if level < 0.25:
        return pixels
    seed = (pts * 1_000_003) ^ (patch.track_id * 7919)
    noise = grain(pixels.shape[:2], level, seed)
    if patch.own is not None:
        noise *= 1 - patch.own
    pixels += noise[..., None]
    return pixels


def _blended(pixels: Picture, behind: RGB, mask: Mask, options: ComposeOptions) -> RGB:
    change = np.asarray(cv2.subtract(pixels, behind, dtype=cv2.CV_32F), np.float32)
    if options.blend == "poisson":
        change = _meeting(change, mask)
    if options.blend == "multiband" and min(mask.shape) >= 2 ** (_BANDS + 2):
        change = _banded(change, mask)
    else:
        change = weighted(change, mask)
    changed = cv2.add(behind, change, dtype=cv2.CV_8U)  # rounds and stays in [0, 255]
    inside = (mask > 0).astype(np.uint8)
    return np.asarray(cv2.copyTo(changed, inside, behind.copy()), np.uint8)


def _banded(change: Picture, mask: Mask) -> Picture:
    """The change weighted band by band (Burt and Adelson, "A multiresolution spline", 1983).

    The difference to the frame is split, not both pictures: the sum is the same. Before that it
    is taken to 0 outside the mask, so that what lies beyond the face has no say.
    """
    rest = weighted(change, np.minimum(mask * 4, 1))
    bands: list[Picture] = []
    weights = [mask]
    for _ in range(_BANDS):
        smaller = np.asarray(cv2.pyrDown(rest), np.float32)
        rest -= _enlarged(smaller, rest)
        bands.append(rest)
        weights.append(np.asarray(cv2.pyrDown(weights[-1]), np.float32))
        rest = smaller
    out = weighted(rest, weights[-1])
    for band, weight in zip(reversed(bands), reversed(weights[:-1]), strict=True):
        out = weighted(band, weight) + _enlarged(out, band)
    return out


def _enlarged(small: Picture, like: Picture) -> Picture:
    height, width = like.shape[:2]
    return np.asarray(cv2.resize(small, (width, height)), np.float32)


def _meeting(change: Picture, mask: Mask) -> Picture:
    """The change less a membrane that takes its value along the mask's edge.

    Perez et al., "Poisson image editing" (2003), in the form of a membrane (Farbman et al. 2009),
    solved on a small copy because it is smooth.
    """
    inside = small_copy(mask) > 0.5
    known = small_copy(change)
    rim = cv2.dilate(inside.astype(np.uint8), np.ones((3, 3), np.uint8)) > inside
    if not rim.any():
        return change
    membrane = np.where(rim[..., None], known, known[rim].mean(axis=0)).astype(np.float32)
    free = inside[..., None]
    kernel = np.array([[0, 0.25, 0], [0.25, 0, 0.25], [0, 0.25, 0]], np.float32)
    for _ in range(4 * SMALL):
        membrane = np.where(free, cv2.filter2D(membrane, -1, kernel), membrane)
    height, width = mask.shape
    return change - np.asarray(cv2.resize(membrane, (width, height)), np.float32)
