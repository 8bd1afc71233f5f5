from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from tests.bodies import mannequin
from tests.bodies.mannequin import Pose

from masquerade.bodies import track as tracking
from masquerade.bodies.outfit import ALIKE, alike, outfit_of
from masquerade.bodies.pose import Body, Place
from masquerade.bodies.track import BodyTrack, savgol, steadied, track_bodies
from masquerade.types import RGB, Frame

HIGH, WIDE = 200, 300


@dataclass(frozen=True)
class Seen:
    """Somebody in a frame: Ada wears blue, Bob red."""

    who: str
    x: float


Follow = Callable[[Sequence[Seen | tuple[Seen, ...] | None]], list[BodyTrack]]


@pytest.fixture
def follow(monkeypatch: pytest.MonkeyPatch) -> Follow:
    """Follows whom a script names, frame by frame, as networks would that never err."""
    scene: dict[int, list[Body]] = {}

    def there(picture: RGB) -> list[Body]:
        return scene[int(picture[0, 0, 0])]

    def at_place(picture: RGB, place: Place, _reader: object) -> tuple[Any, Any, Any]:
        away = lambda one: float(np.linalg.norm(one.place.hips - place.hips))  # noqa: E731
        for body in sorted(there(picture), key=away):
            if np.linalg.norm(body.place.hips - place.hips) < 100:
                return body, mannequin.cover(body, (HIGH, WIDE)).mask, place.crop_from_frame(256)
        return None, np.zeros((256, 256), np.float32), place.crop_from_frame(256)

    monkeypatch.setattr(tracking, "find_bodies", lambda picture, _reader: there(picture))
    monkeypatch.setattr(tracking, "read_with_mask", at_place)

    def run(script: Sequence[Seen | tuple[Seen, ...] | None]) -> list[BodyTrack]:
        frames = []
        for number, who in enumerate(script):
            picture = np.full((HIGH, WIDE, 3), 128, np.uint8)
            scene[number] = []
            for seen in (who,) if isinstance(who, Seen) else who or ():
                body = mannequin.body(Pose(middle=(seen.x, 90)))
                scene[number].append(body)
                bob = seen.who == "Bob"
                picture = mannequin.dressed_otherwise(picture) if bob else picture
                picture = mannequin.painted(body, picture)
                picture = mannequin.dressed_otherwise(picture) if bob else picture
            picture[0, 0, 0] = number
            frames.append(Frame(picture, number))
        return track_bodies(frames, None)  # type: ignore[arg-type]

    return run


ADA, BOB = Seen("Ada", 100), Seen("Bob", 110)


def test_outfits_tell_people_apart_and_know_them_again() -> None:
    one, other = mannequin.body(Pose()), mannequin.body(Pose(arms=70, middle=(120, 80)))
    grey = np.full((150, 250, 3), 128, np.uint8)
    ada = outfit_of(mannequin.painted(one, grey), one)
    assert alike(ada, outfit_of(mannequin.painted(other, grey), other)) > ALIKE
    bob = outfit_of(mannequin.dressed_otherwise(mannequin.painted(other, grey)), other)
    assert alike(ada, bob) < ALIKE
    assert alike(ada.taken_up(bob), ada) > 0.9


@pytest.mark.parametrize("gap", [0, 5, 30])
def test_somebody_else_in_the_place_of_who_was_lost_is_somebody_new(
    follow: Follow, gap: int
) -> None:
    first, second = follow([ADA] * 20 + [None] * gap + [BOB] * 25)
    assert max(first.bodies) < 20
    assert min(second.bodies) >= 20 + gap
    assert len(second.stretches()) == 1


@pytest.mark.parametrize(("gap", "x"), [(5, 104), (30, 220)])
def test_whoever_comes_back_is_told_by_their_clothes(follow: Follow, gap: int, x: float) -> None:
    (one,) = follow([ADA] * 20 + [None] * gap + [Seen("Ada", x)] * 25)
    before, after = one.stretches()
    assert before == (0, 19)
    assert 20 + gap <= after[0] < 20 + gap + 13
    assert after[1] == 44 + gap


def test_two_people_who_cross_are_never_taken_for_each_other(follow: Follow) -> None:
    """Bob passes before Ada, who is hidden meanwhile."""
    script: list[Seen | tuple[Seen, ...] | None] = []
    for number in range(40):
        ada, bob = Seen("Ada", 60 + 4 * number), Seen("Bob", 240 - 4 * number)
        script.append((bob,) if abs(ada.x - bob.x) < 40 else (ada, bob))
    for track in follow(script):
        who = {
            "Ada" if abs(body.joints[0, 0] - (60 + 4 * pts)) < 6 else "Bob"
            for pts, body in track.bodies.items()
            if abs(4 * pts - 90) > 25
        }
        assert len(who) <= 1


def test_where_two_are_dressed_alike_nobody_is_taken_for_either(follow: Follow) -> None:
    trails = [tracking._Trail(bodies={n: mannequin.body()}) for n in (0, 1, 2)]
    grey = np.full((150, 250, 3), 128, np.uint8)
    body = mannequin.body()
    for trail in trails:
        trail.wears = outfit_of(mannequin.painted(body, grey), body)
    trails[1].bodies = dict.fromkeys((0, 1), body)
    assert len(tracking._joined(trails)) == 3


def test_a_parabola_goes_through_as_it_is_and_tremble_does_not() -> None:
    times = np.arange(20, dtype=np.float32)
    path = (0.3 * times**2 - 2 * times)[:, None]
    np.testing.assert_allclose(savgol(path, 7), path, atol=1e-3)
    noise = np.random.default_rng(2).normal(0, 1, (200, 1)).astype(np.float32)
    assert savgol(noise, 7).std() < 0.65 * noise.std()


def test_few_frames_stay_as_read() -> None:
    bodies = [mannequin.body(Pose(arms=angle)) for angle in (10, 40)]
    assert steadied(bodies) == bodies


def test_a_cover_is_the_same_in_the_frame_and_in_a_part_of_it() -> None:
    body = mannequin.body(Pose())
    cover = mannequin.cover(body, (150, 200))
    whole = cover.in_frame((150, 200))
    np.testing.assert_allclose(cover.in_box((40, 30, 160, 140)), whole[30:140, 40:160], atol=0.05)
    real = mannequin.mask(body, (150, 200))
    assert ((whole > 0.5) == (real > 0.5)).mean() > 0.99
    corners = cover.corners()
    rows, columns = np.flatnonzero(real.any(1)), np.flatnonzero(real.any(0))
    assert abs(corners[:, 0].min() - columns[0]) < 3
    assert abs(corners[:, 1].max() - rows[-1]) < 3
    assert abs(cover.size_px - np.sqrt(real.sum())) < 2
