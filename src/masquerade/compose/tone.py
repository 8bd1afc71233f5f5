"""A patch's colours and light brought to the frame's, and held steady through a shot.

First colours, where a transfer is wanted; then the side that light comes from, where that is
wanted; last broad light, which takes up whatever is left of a difference.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.compose.buffers import Buffers
from masquerade.compose.choice import Ranges, choice, ranges
from masquerade.compose.light import (
    SMALL,
    Picture,
    add_light,
    broadly,
    depth,
    light_field,
    small_copy,
    taken_by,
    weighted,
)
from masquerade.compose.on_skin import lit_as_skin, needed
from masquerade.compose.relight import fitted_to, light_ratio, lights_apart
from masquerade.compose.transfer import (
    Recolour,
    for_features,
    transfer,
    unchanged,
    with_own_brightness,
)
from masquerade.types import RGB, Mask, Patch

Colour: TypeAlias = Literal["auto", "none", "rct", "lct", "mkl", "idt", "sot"]

_OFTEN: Final = (
    5  # frames between two measurements of colours, and those that a shot's choice takes
)
_SETTLE: Final = 0.25  # share of a new measurement that is taken up
_JUMP: Final = 24.0  # levels by which light may jump before it is followed at once


@dataclass(slots=True)
class Tone:
    """What was found of one face's colours and light in the frames so far of a shot.

    Attributes:
        light: (32, 32, 3) what is added.
        skin: (32, 32, 3) the patch's plain skin before that, broadly.
        apart: (9, 3) by how much the frame's light comes from elsewhere.
        colour: The map of colours.
        features: The one for eyes, brows, lips and teeth.
        ranges: What a choice of transfer is made from; held after the first frames.
        buffers: Memory that the result lies in until the next frame.
        seen: Frames so far.
    """

    light: Picture | None = None
    skin: Picture | None = None
    apart: NDArray[np.float64] | None = None
    colour: Recolour | None = None
    features: Recolour | None = None
    ranges: Ranges = field(default_factory=Ranges)
    buffers: Buffers = field(default_factory=Buffers)
    seen: int = 0


@dataclass(frozen=True, slots=True)
class Wishes:
    """How colours and light are matched: fields of the options of composing."""

    colour: Colour
    relight: float
    light: float
    reach: float


def toned(
    pixels: RGB, patch: Patch, behind: RGB, masks: tuple[Mask, Mask], known: Tone, wishes: Wishes
) -> Picture:
    """(h, w, 3) float32 the patch in the frame's colours and light.

    Args:
        pixels: (h, w, 3) uint8 the patch's pixels, as sharp as the frame.
        patch: As the method made it.
        behind: (h, w, 3) uint8 the frame there.
        masks: (h, w) what of the patch is shown, and where of that both show plain skin.
        known: What was found so far; it takes up what this frame shows.
        wishes: How.
    """
    height, width = pixels.shape[:2]
    face_wh = (SMALL * patch.face_px / width, SMALL * patch.face_px / height)
    cover, weight = (small_copy(mask) for mask in masks)
    theirs, mine = small_copy(behind), small_copy(pixels)
    level = float((mine[..., 1] * weight).sum() / max(float(weight.sum()), 1e-6))
    share = taken_by(pixels, patch.own, skin_level=level)
    changed: RGB | Picture = pixels
    recolour = _recolour(theirs, mine, (cover, weight), wishes.colour, known)
    if recolour:
        mine = recolour(mine)
        inside = depth(cover, face_wh)
        changed = _but_own(_recoloured(pixels, patch.skin, inside, known), pixels, patch.own)
    ratio = _ratio(theirs, mine, patch.normals, weight, known) if wishes.relight else None
    if ratio is not None:
        ratio = ratio ** np.float32(wishes.relight)
        mine = mine * ratio
    field_now = light_field(theirs, mine, weight, cover, face_wh=face_wh, reach=wishes.reach)
    skin_now = broadly(mine, weight, cover, face_wh=face_wh, reach=wishes.reach)
    known.light = _steadied(known.light, field_now)
    known.skin = _steadied(known.skin, skin_now)
    known.seen += 1
    light = known.light * np.float32(wishes.light)
    lit = add_light(changed, light, share, ratio=ratio, buffers=known.buffers)
    skin = masks[1] if patch.skin is None else patch.skin
    return _in_proportion(lit, changed, (skin, weight), patch.own, light, ratio, known)


def _in_proportion(
    lit: Picture,
    pixels: RGB | Picture,
    skin: tuple[Mask, Mask],
    own: Mask | None,
    light: Picture,
    ratio: Picture | None,
    known: Tone,
) -> Picture:
    """The patch with light added, but on skin that becomes much darker or brighter as a share.

    Args:
        lit: (h, w, 3) the patch with light added.
        pixels: (h, w, 3) without it.
        skin: (h, w) and (32, 32) where plain skin is.
        own: (h, w) pixels that already have the frame's light.
        light: (32, 32, 3) what was added.
        ratio: (32, 32, 3) what was multiplied by before.
        known: What was found so far.
    """
    assert known.skin is not None
    after = known.skin + light
    much, levels = needed(known.skin, after, skin[1])
    if not much:
        return lit
    share = np.full_like(skin[0], much) if own is None else np.asarray(much * (1 - own), np.float32)
    return lit_as_skin(
        lit,
        pixels,
        known.skin,
        after,
        skin[0],
        share,
        levels=levels,
        ratio=ratio,
        buffers=known.buffers,
    )


def _recolour(
    theirs: Picture, mine: Picture, masks: tuple[Mask, Mask], colour: Colour, known: Tone
) -> Recolour | None:
    if colour == "none":
        return None
    cover, weight = masks
    if colour == "auto":
        if known.seen < _OFTEN:
            now = ranges(theirs, mine, cover)
            known.ranges = known.ranges.mixed(now, 1 / (known.seen + 1))
        how, strength = choice(known.ranges)
    else:
        how, strength = colour, 1.0
    if strength <= 0:
        return None
    if known.colour is None or known.seen % _OFTEN == 0:
        found = transfer(theirs, mine, weight, how=how)
        if colour == "auto" and how == "mkl":
            found = with_own_brightness(found, theirs, weight)
        wanted = found(mine)  # the light that is added later brings the rest of brightness
        found = unchanged().mixed(found, strength)
        known.colour = known.colour.mixed(found, _SETTLE) if known.colour else found
        has = ranges(theirs, mine, cover)
        light = for_features(wanted, mine, weight, colours=has.colours, contrast=has.contrast)
        found = unchanged().mixed(light, strength)
        known.features = known.features.mixed(found, _SETTLE) if known.features else found
    return known.colour


def _recoloured(pixels: RGB, skin: Mask | None, inside: Mask, known: Tone) -> Picture:
    """The pixels in new colours: skin by what skin tells, features by what light tells.

    Towards the face's edge there are none: what is no plain skin there is skin that fades out.
    """
    assert known.colour is not None
    made = known.colour(pixels)
    if skin is None or known.features is None:
        return made
    rim = np.asarray(cv2.resize(1 - inside, skin.shape[::-1]), np.float32)
    share = np.clip(np.maximum(skin, rim), 0, 1)
    return np.asarray(cv2.blendLinear(made, known.features(pixels), share, 1 - share), np.float32)


def _ratio(
    theirs: Picture, mine: Picture, normals: Picture | None, weight: Mask, known: Tone
) -> Picture | None:
    """What light from the frame's side multiplies by; None where the face's shape is not known."""
    if normals is None:
        return None
    here = fitted_to(normals, weight.shape)
    if known.apart is None or known.seen % _OFTEN == 0:
        now = lights_apart(theirs, mine, here, weight)
        known.apart = now if known.apart is None else known.apart + _SETTLE * (now - known.apart)
    return light_ratio(known.apart, here, weight)


def _but_own(changed: Picture, before: RGB, own: Mask | None) -> Picture:
    """The changed pixels, and those before where they were the frame's own."""
    if own is None:
        return changed
    apart = np.asarray(cv2.subtract(before, changed, dtype=cv2.CV_32F), np.float32)
    return np.asarray(cv2.add(changed, weighted(apart, own), dst=changed), np.float32)


def _steadied(before: Picture | None, now: Picture) -> Picture:
    """The light so far with a share of what is seen now; more of it, the more it differs."""
    if before is None:
        return now
    jump = float(np.abs(now - before).mean())
    share = min(1.0, max(_SETTLE, jump / _JUMP))
    return before + np.float32(share) * (now - before)
