"""Patches put into a frame so that they belong there: light, sharpness, grain, seam."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from pydantic import Field

from masquerade.compose.light import Picture
from masquerade.compose.mask import inner_edge, shaped_mask
from masquerade.compose.seam import Seam, put_in
from masquerade.compose.show import mask_shown
from masquerade.compose.texture import (
    Texture,
    focused,
    follow,
    with_blocks,
    with_noise,
)
from masquerade.compose.tone import Colour, Tone, Wishes, toned
from masquerade.media.colour import replace
from masquerade.options import Options
from masquerade.types import RGB, Frame, Mask, Patch


class ComposeOptions(Options):
    """How new faces are put into the picture."""

    blend: Seam = "multiband"
    """Seam: multiband fades broad tones widely and details narrowly; poisson makes tones meet at
    the edge; feather is a plain soft edge."""
    colour: Colour = "auto"
    """Colours brought to the target's before light is: rct by mean and spread, lct and mkl by
    covariance, idt and sot by the whole distribution; auto: only in shots that need it."""
    relight: float = Field(0.5, ge=0, le=1)
    """How far light is made to come from the side that it comes from in the target."""
    light: float = Field(1.0, ge=0, le=1)
    """How much of the target's light the new face takes on."""
    light_reach: float = Field(0.5, ge=0.05, le=2)
    """What counts as light rather than feature, as a share of the face's size; larger keeps more
    of the source's own shading."""
    sharpness: float = Field(1.0, ge=0, le=1)
    """How far sharpness is matched to the frame."""
    grain: float = Field(1.0, ge=0, le=2)
    """How much of the frame's noise is laid over the new face."""
    motion: float = Field(1.0, ge=0, le=1)
    """How far a moving face is blurred as the target's is."""
    compression: float = Field(1.0, ge=0, le=1)
    """How far the blocks of an old or strong compression are put on the new face too."""
    padding: float = Field(0.0, ge=-0.2, le=0.2)
    """The mask grown, or shrunk where negative, as a share of the face's size."""
    blur: float = Field(0.0, ge=0, le=0.3)
    """The mask's edge softened further, as a share of the face's size."""
    occlusion: Literal["auto", "off"] = "auto"
    """Whether hands, cups, microphones and hair in front of a face are found and stay in front;
    places that settings by shot name count either way."""
    occlusion_grow: float = Field(0.0, ge=-0.1, le=0.1)
    """What stays in front grown, or shrunk where negative, as a share of the face's size."""
    occlusion_blur: float = Field(0.0, ge=0, le=0.1)
    """The edge of what stays in front softened, as a share of the face's size."""
    show: Literal["result", "mask"] = "result"
    """mask: the target as it is, tinted green where it would be replaced and pink where something
    stays in front."""


@dataclass(slots=True)
class FaceLook:
    """What was measured of one face in the frames so far of a shot."""

    tone: Tone = field(default_factory=Tone)
    texture: Texture = field(default_factory=Texture)


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
        whole = _mask(patch, frame.size_wh, options)
        mask = _bare(whole, patch, options)
        if options.show == "mask":
            out = mask_shown(out, patch.box, mask, whole - mask)
            continue
        if not patch.face_px and float(mask.min()) >= 1:  # nothing of the frame is left there
            out = replace(out, patch.pixels, patch.box)
            continue
        matched = _matched(patch, behind, mask, options, known, frame.pts)
        part = put_in(matched, behind, mask, how=options.blend, buffers=known.tone.buffers)
        if patch.face_px:
            amount = options.compression
            part = with_blocks(part, mask, known.texture, amount=amount, box=patch.box)
        out = replace(out, part, patch.box)
    return out


def _mask(patch: Patch, size_wh: tuple[int, int], options: ComposeOptions) -> Mask:
    if not patch.face_px:
        return patch.mask
    x0, y0, x1, y1 = patch.box
    edges = (x0 > 0, y0 > 0, x1 < size_wh[0], y1 < size_wh[1])
    mask = shaped_mask(patch.mask, patch.face_px, grow=options.padding, blur=options.blur)
    return inner_edge(mask, edges)


def _bare(mask: Mask, patch: Patch, options: ComposeOptions) -> Mask:
    """The mask without what lies in front of the face."""
    if patch.visible is None:
        return mask
    grow, blur = options.occlusion_grow, options.occlusion_blur
    return mask * (1 - shaped_mask(1 - patch.visible, patch.face_px, grow=grow, blur=blur))


def _matched(
    patch: Patch,
    behind: RGB,
    mask: Mask,
    options: ComposeOptions,
    known: FaceLook,
    pts: int,
) -> RGB | Picture:
    """The patch's pixels with the frame's sharpness, colours, light and noise."""
    if not patch.face_px:
        return patch.pixels
    skin = mask if patch.skin is None else mask * patch.skin
    texture = known.texture
    follow(texture, patch, behind, mask, skin)
    drawn = focused(patch.pixels, texture, sharpness=options.sharpness, motion=options.motion)
    wishes = Wishes(options.colour, options.relight, options.light, options.light_reach)
    pixels = toned(drawn, patch, behind, (mask, skin), known.tone, wishes)
    with_noise(pixels, patch, texture, amount=options.grain, pts=pts)
    return pixels
