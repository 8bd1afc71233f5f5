"""Finds faces in one small square picture: BlazeFace, short and full range.

The networks give, for each anchor, a box and six key points (`masquerade.models.anchors`). Anchors
follow the model cards and Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face Detection on
Mobile GPUs" (2019).
"""

from __future__ import annotations

from typing import Final, Literal, Self, TypeAlias

from masquerade.models.anchors import Anchors, Detections, detect
from masquerade.models.card import card
from masquerade.models.session import Session, open_session
from masquerade.models.store import Progress
from masquerade.types import RGB

Range: TypeAlias = Literal["short", "full"]

RIGHT_EYE, LEFT_EYE, NOSE, MOUTH = 0, 1, 2, 3  # of the person shown; then right and left ear

ANCHORS: Final[dict[Range, Anchors]] = {
    "short": Anchors(side=128, layers=((8, 2), (16, 6))),  # 16 x 16 x 2 + 8 x 8 x 6 = 896
    "full": Anchors(side=192, layers=((4, 1),)),  # 48 x 48 = 2304
}


class FaceDetector:
    """One detection network: short range for faces that fill the picture, full range for others.

    Args:
        session: The loaded weights.
        span: Which of the two networks they are.
    """

    def __init__(self, session: Session, *, span: Range) -> None:
        self._session, self._input = session, card(f"face_detector_{span}").pictures
        self._centres = ANCHORS[span].centres()
        self.side = ANCHORS[span].side

    @classmethod
    def open(cls, span: Range, *, threads: int = 1, progress: Progress | None = None) -> Self:
        """The detector with its weights loaded, fetched on first use as `progress` is told."""
        name = f"face_detector_{span}"
        return cls(open_session(name, threads=threads, progress=progress), span=span)

    def __call__(self, picture: RGB, *, score: float = 0.5) -> Detections:
        """Faces in a square picture, overlapping ones blended into one.

        Their six points are the right eye, left eye, nose tip, mouth, right ear and left ear (right
        and left of the person).

        Args:
            picture: (side, side, 3) uint8 RGB.
            score: Least score in (0, 1) a detection needs.

        Raises:
            UsageError: The picture is not of that shape and type.
        """
        tensor = self._input.tensor(picture)
        return detect(self._session, tensor, self._centres, score=score)
