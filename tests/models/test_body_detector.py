import numpy as np

from masquerade.models.anchors import blend_overlaps, decode
from masquerade.models.body_detector import ANCHORS, people_of


def test_there_are_as_many_anchors_as_the_network_answers_for() -> None:
    assert len(ANCHORS.centres()) == 2254


def test_sightings_of_one_person_are_one_and_the_surest_comes_first() -> None:
    centres = np.array([[50, 50], [52, 50], [150, 60]], np.float32)
    raw = np.zeros((3, 12), np.float32)
    raw[:, 2:4] = 40
    raw[:, 4:6] = (0, 30)  # hips below the head
    raw[:, 6:8] = (0, -50)
    found = people_of(blend_overlaps(decode(raw, centres, np.array([0.6, 0.9, 0.7], np.float32))))
    assert len(found) == 2
    np.testing.assert_allclose(found.scores, [0.9, 0.7])
    np.testing.assert_allclose(found.hips, [[51.2, 80], [150, 90]], atol=0.01)
    np.testing.assert_allclose(found.reach - found.hips, [[0, -80]] * 2, atol=0.01)


def test_nobody_is_nobody() -> None:
    none = decode(
        np.zeros((0, 12), np.float32), np.zeros((0, 2), np.float32), np.zeros(0, np.float32)
    )
    nothing = people_of(blend_overlaps(none))
    assert len(nothing) == 0
    assert nothing.hips.shape == (0, 2)
