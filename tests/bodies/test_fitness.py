from dataclasses import replace

import cv2
import numpy as np
import pytest
from tests.bodies import mannequin
from tests.bodies.mannequin import Pose

from masquerade.bodies.fitness import Concern, Range, concerns_of_photo, concerns_of_shot
from masquerade.bodies.plate import Plate
from masquerade.bodies.pose import ANKLES, Body
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


@pytest.mark.parametrize(
    ("body", "changes", "words", "grave"),
    [
        (mannequin.body(replace(GOOD, torso_px=20.0)), {}, "too small", True),
        (mannequin.turned(mannequin.body(GOOD), 70), {}, "turns 70", True),
        (mannequin.body(replace(GOOD, middle=(200.0, 330.0))), {}, "feet are out", False),
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
    turned = concerns_of_photo(mannequin.turned(good, 70), SIZE_WH)
    assert any(one.grave for one in turned)
