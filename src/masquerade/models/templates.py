"""Where networks of faces want the eyes, the nose and the corners of the mouth in their crop."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

TemplateName: TypeAlias = Literal["arcface_112_v1", "arcface_112_v2", "arcface_128", "ffhq_512"]

# Eye, eye, tip of the nose, corner, corner of the mouth, those at the picture's left first, in
# pixels of the crop side in front. v2 is the template of Deng et al., ArcFace (arXiv:1801.07698),
# 112 x 112; 128 is the same at the same scale, 8 pixels further to the right; v1 is the frontal one
# of InsightFace's set for several views; ffhq is the mean of the crops of Karras et al.
# (arXiv:1812.04948).
_ARCFACE: Final = (
    (38.2946, 51.6963),
    (73.5318, 51.5014),
    (56.0252, 71.7366),
    (41.5493, 92.3655),
    (70.7299, 92.2041),
)
_PIXELS: Final[dict[TemplateName, tuple[int, tuple[tuple[float, float], ...]]]] = {
    "arcface_112_v1": (
        112,
        ((39.73, 51.138), (72.27, 51.138), (56.0, 68.493), (42.463, 87.01), (69.537, 87.01)),
    ),
    "arcface_112_v2": (112, _ARCFACE),
    "arcface_128": (128, tuple((x + 8, y) for x, y in _ARCFACE)),
    "ffhq_512": (
        512,
        (
            (192.98138, 239.94708),
            (318.90277, 240.1936),
            (256.63416, 314.01935),
            (201.26117, 371.41043),
            (313.08905, 371.15118),
        ),
    ),
}


TEMPLATES: Final[tuple[TemplateName, ...]] = tuple(_PIXELS)


def template_px(template: TemplateName, size_px: int) -> NDArray[np.float32]:
    """(5, 2) float32 places in a crop of `size_px`: eyes, tip of the nose, corners of the mouth.

    Args:
        template: Its name; the number in it is the side it was published for, not a limit.
        size_px: Width and height of the crop.

    Example:
        >>> template_px("arcface_112_v1", 224)[2].tolist()
        [112.0, 136.98599243164062]
    """
    side, points = _PIXELS[template]
    return np.asarray(points, np.float32) * np.float32(size_px / side)
