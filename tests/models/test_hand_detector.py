import numpy as np

from masquerade.models.anchors import blend_overlaps, decode
from masquerade.models.hand_detector import ANCHORS, palms_of


def test_there_are_as_many_anchors_as_the_network_answers_for() -> None:
    assert len(ANCHORS.centres()) == 2016


def test_sightings_of_one_palm_are_one_and_the_surest_comes_first() -> None:
    centres = np.array([[50, 50], [52, 50], [150, 60]], np.float32)
    raw = np.zeros((3, 18), np.float32)
    raw[:, 2:4] = 40
    raw[:, 4:6] = (0, 20)  # the wrist
    raw[:, 8:10] = (0, -10)  # the root of the middle finger
    found = palms_of(blend_overlaps(decode(raw, centres, np.array([0.6, 0.9, 0.7], np.float32))))
    assert len(found) == 2
    np.testing.assert_allclose(found.scores, [0.9, 0.7])
    np.testing.assert_allclose(found.wrists, [[51.2, 70], [150, 80]], atol=0.01)
    np.testing.assert_allclose(found.roots - found.wrists, [[0, -30]] * 2, atol=0.01)
    np.testing.assert_allclose(found.boxes[1], [130, 40, 170, 80])


def test_no_palm_is_no_palm() -> None:
    none = decode(
        np.zeros((0, 18), np.float32), np.zeros((0, 2), np.float32), np.zeros(0, np.float32)
    )
    nothing = palms_of(blend_overlaps(none))
    assert len(nothing) == 0
    assert nothing.wrists.shape == (0, 2)
