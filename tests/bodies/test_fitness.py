from dataclasses import replace

import cv2
import numpy as np
import pytest
from tests.bodies import mannequin
from tests.bodies.mannequin import Pose

from masquerade.bodies.fitness import (
    Concern,
    Range,
    concerns_of_photo,
    concerns_of_shot,
    concerns_of_video,
)
from masquerade.bodies.plate import Plate
from masquerade.bodies.pose import ANKLES, HIPS, KNEES, Body
from masquerade.bodies.skeleton import torso_px_of
from masquerade.bodies.track import BodyTrack

SIZE_WH = (400, 400)
GOOD = Pose(middle=(200.0, 160.0), torso_px=80.0)


def track(body: Body) -> BodyTrack:
    cover = mannequin.cover(body, (400, 400))
    grey = (cover.mask * 255).astype(np.uint8)
    data = cv2.imencode(".png", grey)[1].tobytes()
    times = range(10)
    return BodyTrack(
        0, dict.fromkeys(times, body), dict.fromkeys(times, data),
        dict.fromkeys(times, cover.crop_from_frame),
    )  # fmt: skip


def plate(noise_db: float = 40.0, *, seen: bool = True) -> Plate:
    shape = (400, 400)
    return Plate(
        np.zeros((*shape, 3), np.uint8), np.full(shape, seen), (0, 0), "still", {}, noise_db
    )


def told(body: Body, **changes: object) -> list[Concern]:
    values: dict[str, object] = {"plate": plate(), "others": (), "lost": 0.0}
    values |= changes
    return concerns_of_shot(
        track(body),
        values["others"],  # type: ignore[arg-type]
        values["plate"],  # type: ignore[arg-type]
        SIZE_WH,
        source=Range(0.0, 0.0),
        lost=values["lost"],  # type: ignore[arg-type]
    )


def test_a_good_shot_gives_no_concern() -> None:
    assert told(mannequin.body(GOOD)) == []


def seated(*, facing: bool) -> Body:
    """The mannequin on a chair: knees as high as hips, thighs towards the camera or aside."""
    body = mannequin.body(GOOD)
    metres, joints = body.metres.copy(), body.joints.copy()
    by = (0.0, 0.0, -0.4) if facing else (0.4, 0.0, 0.0)
    for hip, knee, ankle in zip(HIPS, KNEES, ANKLES, strict=True):
        metres[knee] = metres[hip] + np.array(by, np.float32)
        metres[ankle] = metres[knee] + np.array([0, 0.4, 0], np.float32)
        joints[knee, 1] = joints[hip, 1] + 4
        joints[ankle, 1] = joints[knee, 1] + 60
    return replace(body, joints=joints, metres=metres)


@pytest.mark.parametrize(
    ("body", "changes", "words", "grave"),
    [
        (seated(facing=True), {}, "sits", True),
        (seated(facing=False), {}, "sits", False),
        (mannequin.body(replace(GOOD, middle=(200.0, 420.0))), {}, "head and shoulders", True),
        (mannequin.body(replace(GOOD, torso_px=20.0)), {}, "too small", True),
        (
            mannequin.turned(mannequin.body(GOOD), 70),
            {},
            "is turned 70 degrees from the camera, and the source is seen turned 0 degrees",
            True,
        ),
        (mannequin.body(replace(GOOD, middle=(200.0, 310.0))), {}, "feet are not seen", False),
        (mannequin.body(GOOD), {"plate": plate(15.0)}, "place behind changes", True),
        (mannequin.body(GOOD), {"plate": plate(seen=False)}, "never seen", False),
        (mannequin.body(GOOD), {"lost": 0.5}, "camera's movement", True),
        (mannequin.body(GOOD), {"others": (track(mannequin.body(GOOD)),)}, "crosses", True),
    ],
)
def test_what_will_go_wrong_is_told(
    body: Body, changes: dict[str, object], words: str, grave: bool
) -> None:
    found = told(body, **changes)
    assert [one.grave for one in found if words in one.words] == [grave]
    assert [one.grave for one in found] == sorted((one.grave for one in found), reverse=True)


def test_a_photo_is_looked_at_too() -> None:
    good = mannequin.body(GOOD)
    assert concerns_of_photo(good, SIZE_WH) == []
    hidden = good.seen.copy()
    hidden[[*ANKLES, 15]] = 0.1
    words = [one.words for one in concerns_of_photo(replace(good, seen=hidden), SIZE_WH)]
    assert any("feet are not" in one for one in words)
    assert any("left hand" in one for one in words)
    turned, *_ = concerns_of_photo(mannequin.turned(good, 70), SIZE_WH)
    assert "turned by 70 degrees: it serves where the target's is turned by 45" in turned.words


@pytest.mark.parametrize(("between", "grave"), [(0.03, [True]), (0.1, [False]), (0.4, [])])
def test_a_leg_before_the_other_in_a_photo_is_told(between: float, grave: list[bool]) -> None:
    good = mannequin.body(GOOD)
    joints = good.joints.copy()
    for left, right in (KNEES, ANKLES):
        middle = joints[[left, right], 0].mean()
        apart = between * torso_px_of(good) / 2
        joints[left, 0], joints[right, 0] = middle + apart, middle - apart
    found = concerns_of_photo(replace(good, joints=joints), SIZE_WH)
    assert [one.grave for one in found if one.words.startswith("one leg")] == grave


@pytest.mark.parametrize(
    ("source", "yaw_deg", "lacks"),
    [
        (Range(0.0, 0.0), 45.0, False),
        (Range(0.0, 0.0), 55.0, True),
        (Range(45.0, 45.0), 0.0, False),
        (Range(57.0, 57.0), 20.0, True),  # the shirt's other half is not in the photo
        (Range(57.0, 57.0), 40.0, False),
        (Range(57.0, 57.0), 100.0, False),
        (Range(0.0, 180.0), 90.0, False),
    ],
)
def test_a_source_from_the_side_serves_less_turned_targets_less(
    source: Range, yaw_deg: float, lacks: bool
) -> None:
    assert source.lacks(yaw_deg) is lacks


def test_a_photo_of_head_and_shoulders_or_of_somebody_who_sits_will_not_do() -> None:
    close = mannequin.body(replace(GOOD, middle=(200.0, 420.0)))
    for body, words in ((close, "head and shoulders"), (seated(facing=True), "sits")):
        grave = [one.words for one in concerns_of_photo(body, SIZE_WH) if one.grave]
        assert any(words in one for one in grave)


def test_what_a_video_of_a_source_lacks_is_said() -> None:
    front = mannequin.body(replace(GOOD, arms=45.0))
    good = [mannequin.turned(front, yaw) for yaw in np.linspace(0, 90, 60)]
    assert concerns_of_video(good, SIZE_WH) == []
    still = mannequin.body(replace(GOOD, arms=2.0, elbows=0.0, middle=(200.0, 310.0)))
    said = " ".join(one.words for one in concerns_of_video([still] * 10, SIZE_WH))
    for words in ("10 moments", "turn once", "feet", "never seen apart"):
        assert words in said
