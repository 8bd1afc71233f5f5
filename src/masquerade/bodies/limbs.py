"""Arms and legs that a picture does not show: the other side's stands in, and it is said."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.bodies.puppet import PARTS, Puppet
from masquerade.bodies.skeleton import NUMBER, Layer, Skeleton
from masquerade.types import RGB

Affine: TypeAlias = NDArray[np.float64]

_SHOWN: Final = 0.4  # of a bone's middle line, from which the picture shows it
_WHOLE: Final = 0.8  # of it, from which it may stand in for the other side's
_END: Final = 0.2  # the same as `_SHOWN` of hands and feet, which are short
_WIDE: Final = 0.4  # torsos between both shoulders, from which somebody is seen from the front
_LOOKS: Final = np.linspace(0.15, 0.85, 12, dtype=np.float32)
_OTHER: Final = {
    Layer.LEFT_ARM: Layer.RIGHT_ARM,
    Layer.RIGHT_ARM: Layer.LEFT_ARM,
    Layer.LEFT_LEG: Layer.RIGHT_LEG,
    Layer.RIGHT_LEG: Layer.LEFT_LEG,
}


def completed(puppet: Puppet) -> Puppet:
    """The puppet, with limbs of which a part is not shown made of the other side's.

    From the front it is the other one in a mirror, from the side the other one itself.

    Args:
        puppet: From `masquerade.bodies.puppet.cut_out`.
    """
    for layer in _lacking(puppet):
        if _is_whole(puppet, _OTHER[layer]):
            puppet = _with_other(puppet, layer)
    return puppet


def missing(puppet: Puppet) -> list[str]:
    """What will be seen of limbs that are not shown, in sentences without a full stop.

    Args:
        puppet: From `masquerade.bodies.puppet.cut_out`, before it was completed.
    """
    found = []
    for layer, names in _lacking(puppet).items():
        other = _OTHER[layer]
        what = f"{' and '.join(names)} cannot be seen in the picture"
        if _is_whole(puppet, other):
            found.append(f"{what}: the whole {layer} is made of the {other}")
        else:
            found.append(f"{what}, nor the {other} as a whole: it will be missing")
    for layer, names_of in PARTS.items():
        end = names_of[-1]
        if layer not in _lacking(puppet) and _share(puppet, layer, end) < _END:
            found.append(f"the {end} cannot be seen in the picture: it may be missing")
    return found


def _lacking(puppet: Puppet) -> dict[Layer, list[str]]:
    """By limb, its long bones that are not shown."""
    found = {}
    for layer, names in PARTS.items():
        lacking = [f"the {one}" for one in names[:-1] if _share(puppet, layer, one) < _SHOWN]
        if lacking:
            found[layer] = lacking
    return found


def _is_whole(puppet: Puppet, layer: Layer) -> bool:
    return all(_share(puppet, layer, one) >= _WHOLE for one in PARTS[layer][:-1])


def _share(puppet: Puppet, layer: Layer, name: str) -> float:
    """Share of a bone's middle line that the picture shows."""
    start, end = puppet.skeleton.segments[NUMBER[name]]
    xy = np.rint(start + (end - start) * _LOOKS[:, None]).astype(int)
    mask = puppet.masks[layer][..., PARTS[layer].index(name)]
    inside = ((xy >= 0) & (xy < (mask.shape[1], mask.shape[0]))).all(axis=1)
    return float((mask[xy[inside, 1], xy[inside, 0]] > 127).sum()) / len(xy)


def _with_other(puppet: Puppet, layer: Layer) -> Puppet:
    """The puppet with one limb made of the other side's."""
    other, bones = _OTHER[layer], puppet.skeleton
    moved = _move(bones, layer)
    size = puppet.masks[other].shape[1], puppet.masks[other].shape[0]

    def warped(picture: RGB, border: int) -> RGB:
        return np.asarray(cv2.warpAffine(picture, moved, size, borderMode=border), np.uint8)

    segments, slant = bones.segments.copy(), bones.slant.copy()
    for mine, theirs in zip(PARTS[layer], PARTS[other], strict=True):
        ends = bones.segments[NUMBER[theirs]]
        segments[NUMBER[mine]] = ends @ moved[:, :2].T.astype(np.float32) + moved[:, 2]
        slant[NUMBER[mine]] = slant[NUMBER[theirs]]
    pixels = puppet.pixels | {layer: warped(puppet.pixels[other], cv2.BORDER_REPLICATE)}
    masks = puppet.masks | {layer: warped(puppet.masks[other], cv2.BORDER_CONSTANT)}
    return Puppet(pixels, masks, replace(bones, segments=segments, slant=slant))


def _move(bones: Skeleton, layer: Layer) -> Affine:
    """(2, 3) the transform that takes the other side's limb to the place of this one."""
    names = PARTS[layer], PARTS[_OTHER[layer]]
    to, start = (bones.segments[NUMBER[one[0]], 0].astype(np.float64) for one in names)
    apart = float(np.linalg.norm(bones.corners[0] - bones.corners[1]))
    turned = -1.0 if apart > _WIDE * bones.torso_px else 1.0
    return np.array([[turned, 0, to[0] - turned * start[0]], [0, 1, to[1] - start[1]]])
