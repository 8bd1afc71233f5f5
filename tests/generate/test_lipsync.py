"""Lip sync: mouths go where the lines want them, everything else stays."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.contracts.conftest import Shot, Studio
from tests.faces.mouth.test_shape import talking

from masquerade.errors import UsageError
from masquerade.faces.mesh import topology
from masquerade.faces.mouth.shape import MouthSpace, opening
from masquerade.faces.pose import head_pose, rotation
from masquerade.generate.lipsync import Lines, Options, played, prepare
from masquerade.types import Miss, Patch

NEVER = np.zeros((0, 2))


@pytest.fixture
def studio() -> Studio:
    return Studio(topology().neutral)


@pytest.fixture
def space() -> MouthSpace:
    return MouthSpace.of(talking())


def lines_of(space: MouthSpace, shut_s: Any = NEVER) -> Lines:
    widest = space.shape_of(max(talking(), key=opening))
    times_s = np.arange(50) / 25
    return Lines(times_s, np.tile(widest, (50, 1)), np.asarray(shut_s, float).reshape(-1, 2))


def test_lips_close_where_they_must_and_open_again(space: MouthSpace) -> None:
    lines = lines_of(space, [(0.8, 0.9)])

    gaps = space.openings(played(space, lines, Options()))

    assert gaps[21] == pytest.approx(space.closed, abs=1e-3)
    assert gaps[5] > space.closed + 0.1
    assert gaps[40] > space.closed + 0.1


def test_closing_can_be_left_out(space: MouthSpace) -> None:
    gaps = space.openings(played(space, lines_of(space, [(0.8, 0.9)]), Options(closure=0)))

    assert gaps.min() > space.closed + 0.1


def test_the_amount_moves_the_mouth_less(space: MouthSpace) -> None:
    lines = lines_of(space)
    full, half = (
        space.openings(played(space, lines, Options(amount=amount)))[0] for amount in (1.0, 0.5)
    )

    assert half < full


def test_shapes_stay_within_what_was_seen(space: MouthSpace) -> None:
    lines = replace(lines_of(space), shapes=np.full((50, 10), 40, np.float32))

    made = played(space, lines, Options(closure=0))

    assert (made <= space.most + 1e-5).all()


def test_only_the_lower_face_is_redrawn(studio: Studio) -> None:
    shot = studio.shot(radius=1)

    for (patch,), frame_faces in zip(
        prepare(studio.cast(), Options())(shot.windows()), shot.faces, strict=True
    ):
        assert isinstance(patch, Patch)
        eyes = frame_faces[0].landmarks[[33, 133, 362, 263], 1]
        assert patch.box[1] > eyes.max()


def test_a_face_too_small_is_reported(studio: Studio) -> None:
    shot = studio.shot(radius=1, face_px=20.0)

    made = list(prepare(studio.cast(), Options())(shot.windows()))

    assert all(isinstance(one, Miss) and "small" in one.reason for (one,) in made)


def turned_by(degrees: float) -> Shot:
    """Somebody who looks that far to a side."""
    neutral = (topology().neutral @ rotation(degrees, 0, 0).T).astype(np.float32)
    shot = Studio(neutral).shot(radius=1)
    faces = tuple(
        tuple(replace(face, pose_deg=head_pose(face.landmarks)) for face in some)
        for some in shot.faces
    )
    return replace(shot, faces=faces)


def test_a_face_turned_beyond_the_bound_stays_and_is_told_of_in_words(studio: Studio) -> None:
    made = list(prepare(studio.cast(), Options())(turned_by(60).windows()))

    assert [one.reason for (one,) in made if isinstance(one, Miss)] == [
        "face turned too far: 60 degrees, fades out before 45 degrees"
    ] * 5


def test_a_face_turned_less_is_made_to_speak(studio: Studio) -> None:
    made = list(prepare(studio.cast(), Options())(turned_by(30).windows()))

    assert [isinstance(one, Patch) for (one,) in made] == [True] * 5


def test_other_devices_are_refused(studio: Studio) -> None:
    with pytest.raises(UsageError, match="cuda"):
        prepare(studio.cast(), Options(), device="cuda")
