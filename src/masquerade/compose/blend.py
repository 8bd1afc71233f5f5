"""Patches put into a frame so that they belong there: light, sharpness, grain, seam."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import cv2
import numpy as np
from pydantic import Field

from masquerade.compose.grain import grain, grain_level
from masquerade.compose.light import (
    SMALL,
    Picture,
    add_light,
    light_field,
    small_copy,
    taken_by,
    weighted,
)
from masquerade.compose.mask import inner_edge, shaped_mask
from masquerade.compose.relight import fitted_to, light_ratio
from masquerade.compose.seam import Seam, put_in
from masquerade.compose.sharpness import soften, softness
from masquerade.compose.transfer import Recolour, Transfer, transfer
from masquerade.media.colour import replace
from masquerade.options import Options
from masquerade.types import RGB, Frame, Mask, Patch

_OFTEN: Final = 5  # frames between two measurements of sharpness and grain
_SETTLE: Final = 0.25  # share of a new measurement that is taken up in each frame
_JUMP: Final = 24.0  # levels by which light may jump before it is followed at once
_LOOKED_AT: Final = 192  # pixels a side, in the patch's middle, in which detail is measured


class ComposeOptions(Options):
    """How new faces are put into the picture."""

    blend: Seam = "multiband"
    """Seam: multiband fades broad tones widely and details narrowly; poisson makes tones meet at
    the edge; feather is a plain soft edge."""
    colour: Literal["none"] | Transfer = "none"
    """Colours brought to the target's before light is matched: rct by mean and spread, lct and
    mkl by covariance, idt and sot by the whole distribution."""
    relight: float = Field(0.0, ge=0, le=1)
    """How much of the target's light is laid on through the shape of the face."""
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
    ratio: Picture | None = None
    colour: Recolour | None = None
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
        out = replace(out, put_in(matched, behind, mask, how=options.blend), patch.box)
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
    drawn = soften(patch.pixels, known.softness * options.sharpness)
    pixels = _lit(drawn, patch, behind, (mask, skin), options, known)
    known.seen += 1
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
    share = taken_by(pixels, patch.own, skin_level=level)
    changed: RGB | Picture = pixels
    if options.colour != "none":
        recolour = _recolour(theirs, mine, weight, options.colour, known)
        mine = recolour(mine)
        changed = _but_own(recolour(pixels), pixels, patch.own)
    if options.relight and patch.normals is not None:
        ratio = _ratio(theirs, mine, patch.normals, weight, known) ** np.float32(options.relight)
        mine = mine * ratio
        changed = _multiplied(changed, ratio, patch.own)
    height, width = skin.shape
    face_wh = (SMALL * patch.face_px / width, SMALL * patch.face_px / height)
    field_now = light_field(
        theirs, mine, weight, small_copy(mask), face_wh=face_wh, reach=options.light_reach
    )
    known.light = _steadied(known.light, field_now)
    return add_light(changed, known.light * np.float32(options.light), share)


def _recolour(
    theirs: Picture, mine: Picture, weight: Mask, how: Transfer, known: FaceLook
) -> Recolour:
    if known.colour is None or known.seen % _OFTEN == 0:
        now = transfer(theirs, mine, weight, how=how)
        known.colour = now if known.colour is None else known.colour.mixed(now, _SETTLE)
    return known.colour


def _ratio(
    theirs: Picture, mine: Picture, normals: Picture, weight: Mask, known: FaceLook
) -> Picture:
    now = light_ratio(theirs, mine, fitted_to(normals, weight.shape), weight)
    before = known.ratio
    known.ratio = now if before is None else before + np.float32(_SETTLE) * (now - before)
    return known.ratio


def _multiplied(pixels: RGB | Picture, ratio: Picture, own: Mask | None) -> Picture:
    height, width = pixels.shape[:2]
    full = np.asarray(cv2.resize(ratio, (width, height)), np.float32)
    made = np.asarray(cv2.multiply(full, pixels, dst=full, dtype=cv2.CV_32F), np.float32)
    return _but_own(made, pixels, own)


def _but_own(changed: Picture, before: RGB | Picture, own: Mask | None) -> Picture:
    """The changed pixels, and those before where they were the frame's own."""
    if own is None:
        return changed
    kept = weighted(np.asarray(cv2.subtract(before, changed, dtype=cv2.CV_32F), np.float32), own)
    return np.asarray(cv2.add(changed, kept, dst=changed), np.float32)


def _steadied(before: Picture | None, now: Picture) -> Picture:
    """The light so far with a share of what is seen now; more of it, the more it differs."""
    if before is None:
        return now
    jump = float(np.abs(now - before).mean())
    share = min(1.0, max(_SETTLE, jump / _JUMP))
    return before + np.float32(share) * (now - before)


def _measure(pixels: RGB, behind: RGB, mask: Mask, skin: Mask, known: FaceLook) -> None:
    middle = tuple(
        slice((n - min(n, _LOOKED_AT)) // 2, (n + min(n, _LOOKED_AT)) // 2) for n in mask.shape
    )
    pixels, behind, mask, skin = pixels[middle], behind[middle], mask[middle], skin[middle]
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
    return np.asarray(cv2.add(pixels, cv2.merge((noise, noise, noise)), dst=pixels), np.float32)
