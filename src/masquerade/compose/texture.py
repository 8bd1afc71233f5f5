"""What a camera and a codec did to the frame, found once in a while and done to the patch too.

Sharpness, noise, motion blur and the blocks of compression. All of it is measured in the patch's
middle every few frames and steadied in between.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np

from masquerade.compose.blocks import FROM, blockiness, coarsest, coded, quality_for
from masquerade.compose.grain import Grain, grain_between, grained
from masquerade.compose.light import Picture
from masquerade.compose.motion import LEAST_PX, Way, shutter, smeared
from masquerade.compose.sharpness import soften, softness
from masquerade.types import RGB, Mask, Patch, PixelBox

_OFTEN: Final = 5  # frames between two measurements, but for the first ones
_FIRST: Final = 3
_RARELY: Final = 2  # of these measurements, one that looks for noise and blocks too
_SETTLE: Final = 0.25  # share of a new measurement that is taken up
_MIDDLE: Final = 192  # pixels a side, in the patch's middle, in which detail is measured
_ALIKE: Final = 1.15  # times its size, up to which a picture of the face at rest still serves


@dataclass(slots=True)
class Texture:
    """What was found of one face in the frames so far of a shot.

    Attributes:
        softness: From `masquerade.compose.sharpness.softness`.
        grain: The noise that the frame has and the patch lacks.
        blocks: How much the codec's blocks stand out in the frame.
        quality: Of the JPEG in which they stand out as much in the patch.
        shutter: Share of the face's movement over which it is smeared.
        way: The face's movement since the frame before.
        box: Where the patch lay in that frame.
        still: True once anything was measured while the face held still.
        rested: (h, w, 3) uint8 the target's own face when it last was seen to hold still, or None.
        seen: Frames so far.
        moved: Of those, frames in which it moved.
    """

    softness: float = 0.0
    grain: Grain = field(default_factory=Grain)
    blocks: float = 0.0
    quality: float = 0.0
    shutter: float = 0.0
    way: Way = (0.0, 0.0)
    box: PixelBox | None = None
    still: bool = False
    rested: RGB | None = None
    seen: int = 0
    moved: int = 0

    @property
    def moving(self) -> bool:
        """True where the face moves enough to be smeared."""
        return float(np.hypot(*self.way)) >= LEAST_PX


def follow(known: Texture, patch: Patch, behind: RGB, mask: Mask, skin: Mask) -> None:
    """Notes where the face went, and every few frames what the frame looks like there.

    Args:
        known: What was found so far.
        patch: As the method made it.
        behind: (h, w, 3) uint8 the frame there.
        mask: (h, w) what of the patch is shown.
        skin: (h, w) where of that both show plain skin.
    """
    box = patch.box
    before = known.box or box
    known.way = (
        (box[0] + box[2] - before[0] - before[2]) / 2,
        (box[1] + box[3] - before[1] - before[3]) / 2,
    )
    known.box = box
    if known.moving and known.still:
        if known.moved < _FIRST or known.moved % _OFTEN == 0:
            _measure_smear(known, patch, behind, mask)
        known.moved += 1
    elif known.seen < _FIRST or known.seen % _OFTEN == 0:
        _measure(known, patch, behind, mask, skin)
    known.seen += 1


def _measure_smear(known: Texture, patch: Patch, behind: RGB, mask: Mask) -> None:
    rows, columns = (_middle(side) for side in mask.shape)
    sharp = _at_rest(known, mask[rows, columns].shape)
    if sharp is None:
        sharp = soften(patch.pixels[rows, columns], known.softness)
    found = shutter(behind[rows, columns], sharp, mask[rows, columns], known.way)
    known.shutter += (0.5 if known.moved else 1.0) * (found - known.shutter)


def _at_rest(known: Texture, shape_hw: tuple[int, ...]) -> RGB | None:
    """The target's face without a smear, which tells one better than another person's face does.

    A face has more detail across some ways than along them without any movement, each its own.
    """
    if known.rested is None:
        return None
    sides = [now / then for now, then in zip(shape_hw, known.rested.shape[:2], strict=False)]
    if max(*sides, *(1 / side for side in sides)) > _ALIKE:
        return None
    return np.asarray(cv2.resize(known.rested, shape_hw[::-1]), np.uint8)


def _measure(known: Texture, patch: Patch, behind: RGB, mask: Mask, skin: Mask) -> None:
    rows, columns = (_middle(side) for side in mask.shape)
    pixels, under = patch.pixels[rows, columns], behind[rows, columns]
    inside, plain = mask[rows, columns], skin[rows, columns]
    share = _SETTLE if known.still else 1.0
    known.still = True
    if known.seen and not known.moving:  # of a shot's first frame nobody knows whether it moves
        known.rested = under.copy()
    known.softness += share * (softness(under, pixels, inside) - known.softness)
    if known.seen < _FIRST or known.seen % (_OFTEN * _RARELY) == 0:
        corner = (patch.box[0] + columns.start, patch.box[1] + rows.start)
        soft = soften(pixels, known.softness)
        _measure_noise(known, soft, under, (inside, plain), corner, share, (behind, mask))


def _measure_noise(
    known: Texture,
    pixels: RGB,
    under: RGB,
    masks: tuple[Mask, Mask],
    corner: tuple[int, int],
    share: float,
    whole: tuple[RGB, Mask],
) -> None:
    inside, plain = masks
    mine = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.float32)
    theirs = np.asarray(cv2.cvtColor(under, cv2.COLOR_RGB2GRAY), np.float32)
    found_grain = grain_between(theirs, mine, plain)
    if found_grain.coarse:
        around = np.asarray(cv2.cvtColor(whole[0], cv2.COLOR_RGB2GRAY), np.float32)
        found_grain = found_grain.without_texture(around, (whole[1] <= 0).astype(np.float32))
    known.grain = known.grain.mixed(found_grain, share)
    found = blockiness(under, inside, corner)
    # Quickly down, slowly up: single pictures of a stream that are coded alone stand out for once.
    known.blocks += max(share, 0.9 * (found < known.blocks)) * (found - known.blocks)
    if known.blocks >= FROM:
        quality = quality_for(known.blocks, pixels, inside, corner, coarsest(under, corner))
        known.quality += (share if known.quality else 1.0) * (quality - known.quality)


def focused(pixels: RGB, known: Texture, *, sharpness: float, motion: float) -> RGB:
    """The patch as sharp as the frame, and smeared as the moving face is.

    Args:
        pixels: (h, w, 3) uint8.
        known: What was found.
        sharpness: How far sharpness is matched, in [0, 1].
        motion: How far motion blur is, in [0, 1].
    """
    made = soften(pixels, known.softness * sharpness)
    return smeared(made, known.way, known.shutter * motion) if known.moving else made


def with_noise(pixels: Picture, patch: Patch, known: Texture, *, amount: float, pts: int) -> None:
    """Lays the frame's noise over a patch, in place; less of it where pixels were the frame's own.

    Args:
        pixels: (h, w, 3) in [0, 255].
        patch: As the method made it.
        known: What was found.
        amount: How much of the noise.
        pts: Of the frame: the same one gives the same noise.
    """
    if not known.grain.seen or not amount:
        return
    seed = (pts * 1_000_003) ^ (patch.track_id * 7919)
    share = amount if patch.own is None else np.asarray(amount * (1 - patch.own), np.float32)
    grained(pixels, known.grain, share, seed)


def with_blocks(pixels: RGB, mask: Mask, known: Texture, *, amount: float, box: PixelBox) -> RGB:
    """The blended part with the blocks that the frame's codec left; as it was outside the mask.

    Args:
        pixels: (h, w, 3) uint8.
        mask: (h, w) in [0, 1].
        known: What was found.
        amount: How much of it, in [0, 1].
        box: Where the part lies in the frame.
    """
    if known.blocks < FROM or not amount:
        return pixels
    made = coded(pixels, known.quality, box[:2])
    share = np.asarray(mask * np.float32(amount), np.float32)
    mixed = np.asarray(cv2.blendLinear(made, pixels, share, 1 - share), np.uint8)
    return np.asarray(cv2.copyTo(mixed, (mask > 0).astype(np.uint8), pixels.copy()), np.uint8)


def _middle(side: int) -> slice:
    start = (side - min(side, _MIDDLE)) // 2
    return slice(start, start + min(side, _MIDDLE))
