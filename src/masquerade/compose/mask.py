"""The weight a patch gets at each pixel: grown, shrunk and softened as asked."""

from __future__ import annotations

import cv2
import numpy as np

from masquerade.types import Mask


def shaped_mask(mask: Mask, face_px: float, *, grow: float = 0.0, blur: float = 0.0) -> Mask:
    """(h, w) float32 in [0, 1]: a patch's mask after the user's adjustments.

    Args:
        mask: (h, w) in [0, 1], hard or soft.
        face_px: Size of the face in pixels, the unit of the other two.
        grow: Share of the face's size by which the mask grows, or shrinks where negative.
        blur: Share of the face's size by which its edge is softened.
    """
    out = mask
    reach = round(abs(grow) * face_px)
    if reach:
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
        change = cv2.dilate if grow > 0 else cv2.erode
        out = np.asarray(change(out, kernel, borderType=cv2.BORDER_REPLICATE), np.float32)
    if blur * face_px >= 0.3:
        soft = cv2.GaussianBlur(out, (0, 0), blur * face_px, borderType=cv2.BORDER_REPLICATE)
        out = np.asarray(soft, np.float32)
    return out


def inner_edge(mask: Mask, box_edges: tuple[bool, bool, bool, bool], width: int = 2) -> Mask:
    """The mask faded to 0 at those edges of its box that lie inside the frame.

    Args:
        mask: (h, w) in [0, 1].
        box_edges: left, top, right, bottom: True where the frame goes on beyond the box.
        width: Pixels over which it fades.
    """
    left, top, right, bottom = box_edges
    ramp = np.arange(1, width + 1, dtype=np.float32) / (width + 1)
    if min(mask.shape) <= 2 * width:
        return mask
    out = mask.copy()
    if left:
        out[:, :width] *= ramp
    if right:
        out[:, -width:] *= ramp[::-1]
    if top:
        out[:width] *= ramp[:, None]
    if bottom:
        out[-width:] *= ramp[::-1, None]
    return out
