"""A photo that talks: lips open and close as the lines say, and rest as the photo has them."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from tests.contracts.conftest import Studio

from masquerade.errors import UsageError
from masquerade.faces.mesh import topology
from masquerade.faces.mouth.shape import on_skull, opening
from masquerade.generate.portrait import Lines, Options, _Role, prepare, refusal
from masquerade.types import Face, Frame, Patch, Window

TIMES = np.arange(50) / 25
SPOKEN = ((0.4, 1.6),)


@pytest.fixture(scope="module")
def shot() -> tuple[Frame, Face]:
    made = Studio(topology().neutral).shot(radius=0, count=1)
    return made.frames[0], made.faces[0][0]


def lines(shut: list[tuple[float, float]]) -> Lines:
    lips = np.tile(np.array([0.2, 0.0], np.float32), (50, 1))
    loud = np.full(50, 0.8, np.float32)
    return Lines(TIMES, lips, loud, SPOKEN, np.array(shut, float).reshape(-1, 2))


def openings(
    shot: tuple[Frame, Face], options: Options, shut: list[tuple[float, float]]
) -> list[float]:
    from masquerade.faces.living.photo import living_photo

    frame, face = shot
    photo = living_photo(frame.pixels, face)
    role = _Role.of(lines(shut), options)
    moments = [role.at(float(time_s), photo).mouth for time_s in TIMES]
    rest = opening(on_skull(face.landmarks))
    return [one.opening if one else rest for one in moments]


def test_lips_close_where_they_must_and_rest_in_silence(shot: tuple[Frame, Face]) -> None:
    gaps = openings(shot, Options(), [(0.95, 1.05)])

    assert gaps[25] < 0.01
    assert gaps[15] == pytest.approx(0.2, abs=0.01)
    assert gaps[0] == gaps[49] == opening(on_skull(shot[1].landmarks))


def test_closing_can_be_left_out_and_lips_move_less(shot: tuple[Frame, Face]) -> None:
    gaps = openings(shot, Options(closure=0, lips=0.5), [(0.95, 1.05)])

    assert gaps[25] == pytest.approx(0.1, abs=0.01)


def pictures(shot: tuple[Frame, Face], options: Options) -> list[np.ndarray]:
    frame, face = shot
    generator = prepare({face.person: ()}, options, lines={face.person: lines([])})
    windows = (
        Window((replace(frame, pts=pts, time_base=Fraction(1, 25)),), ((face,),)) for pts in (0, 24)
    )
    return [one.pixels for items in generator(windows) for one in items if isinstance(one, Patch)]


def test_without_motion_the_silent_photo_hardly_changes(shot: tuple[Frame, Face]) -> None:
    silent, speaking = pictures(shot, Options(motion=0))

    assert np.abs(silent.astype(int) - shot[0].pixels).mean() < 0.5
    assert np.abs(speaking.astype(int) - silent).max() > 30


def test_another_seed_moves_the_head_otherwise(shot: tuple[Frame, Face]) -> None:
    one, other = (pictures(shot, Options(seed=seed))[1] for seed in (1, 2))

    assert (one != other).any()


@pytest.mark.parametrize(
    ("changes", "word"),
    [({}, ""), ({"pose_deg": (50.0, 0.0, 0.0)}, "turned too far")],
)
def test_faces_that_cannot_talk_are_refused_in_words(
    shot: tuple[Frame, Face], changes: dict[str, object], word: str
) -> None:
    why = refusal(replace(shot[1], **changes), Options())  # type: ignore[arg-type]

    assert (word in why) if word else not why
    assert "too small" in refusal(shot[1], Options(min_face_px=512))


def test_other_devices_are_refused() -> None:
    with pytest.raises(UsageError, match="cuda"):
        prepare({}, Options(), device="cuda")
