"""Faces on the map under lights that they were never in: smooth shading, drawn anew each time.

Light from far away changes a surface by nine numbers and the way it faces (Ramamoorthi and
Hanrahan, "An efficient representation for irradiance environment maps", 2001). The map knows which
way each place of a face looks, so a picture is shaded by a small product, a whole batch at once.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import cv2
import numpy as np
import torch
from torch import Tensor

from masquerade.faces.magnified import on_even_map
from masquerade.faces.unrolled import layout

_SHARE: Final = 0.75  # of the pictures; the others stay in their own light
_SPREADS: Final = (0.0, 0.2, 0.1, 0.28, 0.08, 0.08, 0.03, 0.08, 0.08)  # logarithms, by harmonic
_TINT: Final = 0.04  # of one colour's harmonics against the others'
_STRONGEST: Final = 0.7  # logarithm of the largest change
_SOFT: Final = 0.03  # of the width, over which neighbours are averaged


def relit(pictures: Tensor, seed: int) -> Tensor:
    """(n, 5, S, S) uint8 the pictures, most of them in another light.

    The brightness of each as a whole stays; mask and features are not touched.

    Args:
        pictures: (n, 5, S, S) uint8 faces on the map.
        seed: Decides the lights.
    """
    chance = torch.Generator().manual_seed(seed)
    count, side = len(pictures), pictures.shape[-1]
    drawn = torch.randn(count, 9, 1, generator=chance)
    tinted = drawn + _TINT * torch.randn(count, 9, 3, generator=chance) / max(_SPREADS)
    lit = (torch.rand(count, 1, 1, generator=chance) < _SHARE).float()
    lights = tinted * torch.tensor(_SPREADS)[None, :, None] * lit  # (n, 9, 3)
    shading = torch.einsum("pk,nkc->ncp", _harmonics(side), lights)
    factors = shading.clamp(-_STRONGEST, _STRONGEST).exp().view(count, 3, side, side)
    made = pictures.clone()
    bright = pictures[:, :3].float() * factors.to(pictures.device)
    made[:, :3] = bright.round().clamp(0, 255).byte()
    return made


@lru_cache(maxsize=4)
def _harmonics(side: int) -> Tensor:
    """(side * side, 9) harmonics on the map, none with a mean over the face."""
    here = layout()
    inside = here.face[..., None] * here.harmonics
    waves = here.harmonics - inside.sum(axis=(0, 1)) / here.face.sum()
    smooth = cv2.GaussianBlur(waves, (0, 0), _SOFT * len(waves), borderType=cv2.BORDER_REPLICATE)
    across, down = (len(waves) * one - np.float32(0.5) for one in on_even_map(side))
    sized = cv2.remap(
        smooth,
        np.tile(across, (side, 1)),
        np.tile(down[:, None], (1, side)),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return torch.from_numpy(np.ascontiguousarray(sized.reshape(-1, 9), np.float32))
