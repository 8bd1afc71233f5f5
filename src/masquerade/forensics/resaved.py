"""A picture as it would be after being stored as a JPEG."""

from __future__ import annotations

import cv2
import numpy as np

from masquerade.errors import OutputError
from masquerade.types import RGB


def resaved(picture: RGB, quality: int) -> RGB:
    """The picture stored as a JPEG and read again, in memory.

    Args:
        picture: (H, W, 3) uint8 RGB.
        quality: Of the common library, 1 to 100.

    Raises:
        OutputError: It cannot be encoded.
    """
    done, data = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise OutputError(f"a picture of shape {picture.shape} cannot be stored as JPEG")
    read = cv2.imdecode(data, cv2.IMREAD_COLOR)
    return np.ascontiguousarray(np.asarray(read, np.uint8)[..., ::-1])
