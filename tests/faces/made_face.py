"""A small appearance model of nobody, built from drawn pictures."""

import cv2
import numpy as np

from masquerade.faces.appearance.build import build
from masquerade.faces.appearance.skin import Appearance
from masquerade.faces.coverage import Measures, measure
from masquerade.faces.landmarks import face_of
from masquerade.faces.mesh import INNER_LIPS, OVAL, topology
from masquerade.types import InputUse, SourcePicture


def picture(opened: float) -> SourcePicture:
    """A face of one tone whose mouth is so far open."""
    points = topology().neutral.copy()
    points[list(INNER_LIPS[11:]), 1] += np.float32(opened)
    mesh = (points * 50 + 110).astype(np.float32)
    image = np.full((230, 220, 3), 30, np.uint8)
    cv2.fillPoly(image, [mesh[list(OVAL), :2].astype(np.int32)], (190, 130, 100))
    cv2.fillPoly(image, [mesh[list(INNER_LIPS), :2].astype(np.int32)], (240, 240, 240))
    use = InputUse("source", "made.png", "0" * 64)
    return SourcePicture(image, face_of(mesh, 1.0), np.zeros(128, np.float32), use)


def made_model(count: int = 6) -> tuple[Appearance, list[Measures]]:
    """The model of such pictures, and what each of them shows."""
    pictures = [picture(float(opened)) for opened in np.linspace(0, 0.3, count)]
    return build(pictures), [measure(one.pixels, one.face) for one in pictures]
