"""Pictures of a person as an appearance model draws them: what it can do, and whom it shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from masquerade.faces.appearance.skin import Appearance
from masquerade.faces.living.eyes import put_together
from masquerade.faces.portrait import SIDE, Portrait, portrait
from masquerade.faces.staging import height_px
from masquerade.types import RGB, Points

_FACE_PX: Final = 178.0  # height of the face in a portrait
_WORDED: Final = 8  # expressions that are also drawn in the model's own words


def calm_portrait(model: Appearance) -> Portrait:
    """The face at rest, as the model has it on the mean."""
    said = np.zeros(len(model.expression.parts), np.float32)
    return _portrait(model, said, np.clip(np.rint(model.mean), 0, 255).astype(np.uint8))


def expression_portrait(model: Appearance, said: NDArray[np.float32]) -> Portrait:
    """An expression in the model's own words, without detail of a real picture.

    Args:
        model: The person's looks.
        said: (m,) in the model's basis.
    """
    words = model.weights(said, (0.0, 0.0, 0.0))
    made = np.clip(np.rint(model.mean + model.change(words)), 0, 255)
    return _portrait(model, said, made.astype(np.uint8))


def portraits_of(model: Appearance) -> Iterator[Portrait]:
    """All faces that a swap is mixed from: the calm one, every real one, and some of the model's.

    The real ones come in order of how much they differ, so the first few show the most.
    """
    yield calm_portrait(model)
    for number, one in enumerate(model.examples):
        yield _portrait(model, one.said, one.pixels)
        if number < _WORDED:
            yield expression_portrait(model, one.said)


def _portrait(model: Appearance, said: NDArray[np.float32], pixels: RGB) -> Portrait:
    marks = _marks(model, said)
    drawn = portrait(pixels, marks, even=True)
    shown = np.ascontiguousarray(drawn.pixels)
    put_together(shown, model.eyes, marks)
    return Portrait(shown, drawn.face)


def _marks(model: Appearance, said: NDArray[np.float32]) -> Points:
    """(478, 3) the mesh of an expression, towards the camera, in pixels of a portrait."""
    points = model.proportion.points.copy()
    points[: len(model.expression.mean) // 3] = model.expression.shape(said)
    points *= np.float32(_FACE_PX / max(height_px(points), 1e-3))
    points[:, :2] += SIDE / 2 - (points[10, :2] + points[152, :2]) / 2
    return points.astype(np.float32)
