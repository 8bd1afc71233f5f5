"""The detection networks: anchors, decoding, overlaps, with a session that says what it is told."""

import numpy as np
import pytest

from masquerade.models.anchors import Detections, blend_overlaps, overlap
from masquerade.models.face_detector import ANCHORS, FaceDetector, Range


class _Says:
    """A session whose outputs are given."""

    name, device = "face_detector_short", "cpu"
    input_shapes = ((1, 128, 128, 3),)

    def __init__(self, raw: np.ndarray, logits: np.ndarray) -> None:
        self._outputs = [raw, logits]
        self.seen: np.ndarray | None = None

    def __call__(self, *inputs: np.ndarray) -> list[np.ndarray]:
        (self.seen,) = inputs
        return self._outputs


@pytest.mark.parametrize(("span", "count"), [("short", 896), ("full", 2304)])
def test_anchors_are_as_many_as_the_network_has(span: Range, count: int) -> None:
    centres = ANCHORS[span].centres()
    assert centres.shape == (count, 2)
    assert centres.min() > 0
    assert centres.max() < ANCHORS[span].side


@pytest.mark.parametrize("swapped", [False, True])
def test_a_box_lies_around_its_anchor(swapped: bool) -> None:
    raw, logits = np.zeros((1, 896, 16), np.float32), np.full((1, 896, 1), -100.0, np.float32)
    raw[0, 100, :4] = [1, 2, 30, 40]
    raw[0, 100, 4:6] = [-5, -6]
    logits[0, 100] = 3.0
    session = _Says(logits, raw) if swapped else _Says(raw, logits)
    found = FaceDetector(session, span="short")(np.full((128, 128, 3), 255, np.uint8))
    x, y = ANCHORS["short"].centres()[100]
    assert np.allclose(found.boxes, [[x + 1 - 15, y + 2 - 20, x + 1 + 15, y + 2 + 20]])
    assert np.allclose(found.points[0, 0], [x - 5, y - 6])
    assert found.scores[0] == pytest.approx(1 / (1 + np.exp(-3)))
    assert session.seen is not None
    assert session.seen.max() == 1.0


def test_nothing_above_the_score_is_nothing_found() -> None:
    session = _Says(np.zeros((1, 896, 16), np.float32), np.full((1, 896, 1), -5.0, np.float32))
    found = FaceDetector(session, span="short")(np.zeros((128, 128, 3), np.uint8))
    assert len(found) == 0
    assert found.points.shape == (0, 6, 2)


def test_overlapping_detections_become_their_mean_and_others_stay() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [50, 50, 60, 60]], np.float32)
    points = np.zeros((3, 6, 2), np.float32)
    blended = blend_overlaps(Detections(boxes, np.array([0.6, 0.6, 0.9], np.float32), points))
    assert np.allclose(blended.boxes, [[50, 50, 60, 60], [0.5, 0, 10.5, 10]])


def test_overlap_of_a_box_with_itself_and_with_none() -> None:
    box = np.array([0, 0, 4, 4], np.float32)
    others = np.array([[0, 0, 4, 4], [2, 0, 6, 4], [9, 9, 10, 10]], np.float32)
    assert overlap(box, others) == pytest.approx([1, 1 / 3, 0])
