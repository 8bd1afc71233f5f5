"""A patch's light brought to that of the frame around it.

Light is what varies slowly over plain skin: the difference of frame and patch, averaged over
broad Gaussians of the skin (features left out, so that no brow or beard of the target shines
through) and added to the patch. All of it is measured on a small copy.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.compose.buffers import Buffers
from masquerade.types import RGB, Mask

Picture: TypeAlias = NDArray[np.float32]

SMALL: Final = 32  # pixels a side of the copy on which light is measured
_FINE: Final = 0.075  # reach of the light matched at the edge, as a share of the face's size
_EDGE: Final = 0.12  # how far in from the edge that is done, likewise


def halved(picture: NDArray[Any], times: int) -> NDArray[Any]:
    """The picture at half its size, so many times over; odd last rows and columns are left out.

    Args:
        picture: (h, w) or (h, w, 3) uint8 or float32.
        times: 0 gives the picture itself.
    """
    for _ in range(times):
        height, width = (side - side % 2 for side in picture.shape[:2])
        # Of an even size, linear interpolation is the mean of each four pixels, and the quickest.
        picture = np.asarray(cv2.resize(picture[:height, :width], (width // 2, height // 2)))
    return picture


def small_copy(picture: RGB | Picture) -> Picture:
    """(32, 32, ...) float32 average over the cells of a picture."""
    times = 0
    while min(picture.shape[:2]) >> (times + 1) >= 2 * SMALL:
        times += 1
    made = cv2.resize(halved(picture, times), (SMALL, SMALL), interpolation=cv2.INTER_AREA)
    return np.asarray(made, np.float32)


def rows_enlarged(small: Picture, size_wh: tuple[int, int], rows: slice, out: Picture) -> Picture:
    """(rows, w, 3) float32 some rows of a picture that is enlarged linearly, in `out`.

    Args:
        small: (n, m, 3) the picture.
        size_wh: To which it is enlarged.
        rows: Which of the rows then.
        out: (rows, w, 3) memory for them.
    """
    width, height = size_wh
    if rows.stop - rows.start == height:
        return np.asarray(cv2.resize(small, size_wh, dst=out), np.float32)
    at = (np.arange(rows.start, rows.stop, dtype=np.float32) + 0.5) * len(small) / height - 0.5
    at = np.clip(at, 0, len(small) - 1)
    first, last = int(at[0]), min(int(at[-1]) + 1, len(small) - 1)
    broad = cv2.resize(small[first : last + 1], (width, last + 1 - first))
    cells = np.arange(first, last + 1, dtype=np.float32)
    share = np.maximum(1 - np.abs(at[:, None] - cells), 0)  # of each cell in each row
    np.matmul(share, broad.reshape(len(broad), -1), out=out.reshape(len(out), -1))
    return out


def weighted(picture: Picture, weight: Mask) -> Picture:
    """(h, w, 3) float32 picture times (h, w) weight, in half the time that broadcasting takes."""
    return np.asarray(cv2.multiply(picture, cv2.merge((weight, weight, weight))), np.float32)


def light_field(
    frame: Picture,
    patch: Picture,
    skin: Mask,
    mask: Mask,
    *,
    face_wh: tuple[float, float],
    reach: float,
) -> Picture:
    """(32, 32, 3) float32 what must be added to the patch to give it the frame's light.

    Args:
        frame: (32, 32, 3) in [0, 255].
        patch: (32, 32, 3) in [0, 255].
        skin: (32, 32) as for `broadly`.
        mask: (32, 32) likewise.
        face_wh: Likewise.
        reach: Likewise.
    """
    return broadly(frame - patch, skin, mask, face_wh=face_wh, reach=reach)


def broadly(
    cells: Picture,
    skin: Mask,
    mask: Mask,
    *,
    face_wh: tuple[float, float],
    reach: float,
) -> Picture:
    """(32, 32, 3) float32 what varies slowly over plain skin.

    Inside the mask only broad light counts, so that the patch keeps its own relief; towards the
    mask's edge finer and finer light, so that no seam is left.

    Args:
        cells: (32, 32, 3).
        skin: (32, 32) weight of each cell; cells of weight 0 take their neighbours' light.
        mask: (32, 32) the patch's mask.
        face_wh: The face's size in cells, across and down.
        reach: Standard deviation of what counts as broad, as a share of the face's size.
    """
    weight = skin[..., None]
    apart = np.concatenate([cells * weight, weight], axis=-1)
    everywhere = apart.mean(axis=(0, 1))
    slow = _blurred(apart, face_wh, reach)
    broad = _share(slow + 0.03 * everywhere)
    fine = _share(_blurred(apart, face_wh, _FINE) + 0.01 * slow + 1e-4 * everywhere)
    inside = depth(mask, face_wh)[..., None]
    return fine + inside * (broad - fine)


def depth(mask: Mask, face_wh: tuple[float, float]) -> Mask:
    """(32, 32) float32 in [0, 1]: 0 at the mask's edge, 1 far enough inside.

    Args:
        mask: (32, 32) the patch's mask.
        face_wh: The face's size in cells, across and down.
    """
    return np.asarray(np.clip(2 * _blurred(mask, face_wh, _EDGE) - 1, 0, 1), np.float32)


def taken_by(patch: RGB, own: Mask | None, *, skin_level: float) -> Mask:
    """(h, w) float32 in [0, 1]: how much of the light each pixel takes on.

    Brows, lashes and pupils reflect less than skin, so light changes them less.

    Args:
        patch: (h, w, 3) uint8.
        own: (h, w) pixels that already have the frame's light.
        skin_level: Brightness in [0, 255] (of green) of the patch's plain skin.
    """
    levels = np.arange(256, dtype=np.float32) / np.float32(max(skin_level, 8.0) * 0.9)
    table = np.minimum(levels, 1) ** np.float32(0.8)
    share = np.asarray(cv2.LUT(cv2.extractChannel(patch, 1), table), np.float32)
    return share if own is None else np.asarray(cv2.multiply(share, 1 - own, dst=share))


def add_light(
    patch: RGB | Picture,
    field: Picture,
    share: Mask,
    *,
    ratio: Picture | None = None,
    buffers: Buffers | None = None,
) -> Picture:
    """(h, w, 3) float32 the patch under the frame's light, in the buffer ``lit``.

    Args:
        patch: (h, w, 3) in [0, 255].
        field: (32, 32, 3) from `light_field`.
        share: (h, w) from `taken_by`.
        ratio: (32, 32, 3) what the patch is multiplied by first, with the same share.
        buffers: Memory to work in; fresh memory where none is given.
    """
    memory = buffers or Buffers()
    height, width = share.shape
    full, work = memory.picture("lit", share.shape), memory.picture("work", share.shape)
    cv2.resize(field, (width, height), dst=full)
    if ratio is not None:
        cv2.resize(ratio - 1, (width, height), dst=work)
        cv2.multiply(work, patch, dst=work, dtype=cv2.CV_32F)
        cv2.add(full, work, dst=full)
    cv2.multiply(full, cv2.merge((share, share, share), dst=work), dst=full)
    return np.asarray(cv2.add(full, patch, dst=full, dtype=cv2.CV_32F), np.float32)


def _share(sums: Picture) -> Picture:
    """(..., 3) the first three channels over the last."""
    return np.asarray(sums[..., :3] / np.maximum(sums[..., 3:], 1e-6), np.float32)


def _blurred(cells: Picture, face_wh: tuple[float, float], reach: float) -> Picture:
    x, y = (max(0.5, side * reach) for side in face_wh)
    soft = cv2.GaussianBlur(cells, (0, 0), x, sigmaY=y, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(soft, np.float32)
