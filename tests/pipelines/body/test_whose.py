"""Whose body it is: the face above it decides, for each time it was followed unbroken."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.bodies import mannequin
from tests.bodies.mannequin import Pose

from masquerade.bodies.outfit import Outfit, outfit_of
from masquerade.bodies.pose import Body
from masquerade.bodies.track import BodyTrack
from masquerade.errors import ConsentError, FaceError
from masquerade.faces.align import (
    LEFT_EYE_INNER,
    LEFT_EYE_OUTER,
    RIGHT_EYE_INNER,
    RIGHT_EYE_OUTER,
)
from masquerade.pipelines.body.face import face_of, is_within, part_of
from masquerade.pipelines.body.source import Lender
from masquerade.pipelines.body.whose import Faces, Performer, shots_of_theirs, strangers
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.provenance.consent.records import load
from masquerade.types import Embedding, Face, InputUse

SHOTS = [(0, 9), (10, 19)]
ADA, BOB = (np.eye(128, dtype=np.float32)[number] for number in (0, 1))
LENDER = Lender((ADA,), InputUse("source", "ada.mp4", "0" * 64, Path("ada.mp4")))
BODY = mannequin.body(Pose())


def outfit(body: Body = BODY, *, otherwise: bool = False) -> Outfit:
    """What the mannequin wears."""
    picture = mannequin.painted(body, np.full((150, 200, 3), 128, np.uint8))
    return outfit_of(mannequin.dressed_otherwise(picture) if otherwise else picture, body)


def track(starts: tuple[int, ...] = (), wears: Outfit | None = None) -> BodyTrack:
    """The mannequin through twenty frames."""
    return BodyTrack(0, dict.fromkeys(range(20), BODY), {}, {}, starts, wears)


def face(scale: float = 1.0, shift: tuple[float, float] = (0, 0)) -> Face:
    """A face whose eyes, nose and mouth lie on the mannequin's, or somewhere else."""
    nose = BODY.joints[0, :2]
    points = np.tile(nose, (478, 1))
    places = {4: 0, 61: 10, 291: 9}
    places |= {RIGHT_EYE_OUTER: 5, RIGHT_EYE_INNER: 5, LEFT_EYE_OUTER: 2, LEFT_EYE_INNER: 2}
    for point, joint in places.items():
        points[point] = BODY.joints[joint, :2]
    points = nose + (points - nose) * scale + np.array(shift)
    half, (x, y) = 7.0 * scale, points.mean(axis=0)
    landmarks = np.concatenate([points, np.zeros((478, 1))], axis=1).astype(np.float32)
    return Face((x - half, y - half, x + half, y + half), 1.0, landmarks, (0.0, 0.0, 0.0))


def at(who: Embedding, one: Face | None = None) -> list[tuple[Face, Embedding]]:
    """Somebody's face in a frame, above the body where nothing else is said."""
    return [(one or face(), who)]


@pytest.mark.parametrize(
    "other",
    [
        face(shift=(30, 0)),  # a telephone held beside the head
        face(scale=0.4),  # a small picture on the wall behind
        face(scale=2.5),  # a poster that the person stands before
        face(scale=0.5, shift=(0, -6)),
    ],
)
def test_a_face_that_does_not_lie_on_the_bodys_own_is_nobodys(other: Face) -> None:
    assert face_of(BODY, [other]) is None
    own = face()
    assert face_of(BODY, [other, own]) is own


def test_where_two_faces_could_be_the_bodys_neither_is() -> None:
    assert face_of(BODY, [face(), face(shift=(1, 0))]) is None


def test_a_face_lies_on_the_person_it_belongs_to() -> None:
    mask = mannequin.mask(BODY, (150, 200))
    assert is_within(face(), mask)
    assert not is_within(face(shift=(60, 0)), mask)
    assert not is_within(face(shift=(400, 0)), mask)


def test_a_shot_without_the_face_above_the_body_is_not_used() -> None:
    assert shots_of_theirs(SHOTS, track(), {3: at(ADA), 4: []}, LENDER) == [(0, 9)]


def test_a_time_after_the_person_was_lost_needs_the_face_anew() -> None:
    lost = track(starts=(0, 6))
    assert shots_of_theirs([(0, 19)], lost, {3: at(ADA)}, LENDER) == [(0, 5)]
    with pytest.raises(FaceError, match="somebody else"):
        shots_of_theirs([(0, 19)], lost, {3: at(ADA), 8: at(BOB)}, LENDER)


def test_a_face_elsewhere_in_the_picture_says_nothing() -> None:
    far = face(shift=(80, 0))
    with pytest.raises(FaceError, match="no face can be measured above the body"):
        shots_of_theirs(SHOTS, track(), {3: at(ADA, far), 12: []}, LENDER)


def test_a_shot_of_somebody_else_is_refused() -> None:
    with pytest.raises(FaceError, match="somebody else"):
        shots_of_theirs(SHOTS, track(), {3: at(ADA), 12: at(BOB)}, LENDER)


@pytest.fixture
def ada(make_record: Callable[..., Path]) -> ConsentRecord:
    """Her performer's record."""
    return load(make_record(kind="performer", embeddings=[ADA], modality=["face", "body"]))


def test_a_body_whose_face_no_record_covers_stays(ada: ConsentRecord) -> None:
    hers = Performer(track(starts=(0, 10)), {0: (ADA, ADA), 10: (BOB, BOB)})
    (one,) = strangers([hers], [ada])
    assert (one.first, one.last) == (10, 19)
    assert "no record covers" in one.why
    with pytest.raises(ConsentError, match="nobody may be replaced"):
        strangers([Performer(track(), {0: (BOB,)})], [ada])


def test_a_body_without_a_face_has_to_be_dressed_like_somebody_measured(
    ada: ConsentRecord,
) -> None:
    hers = Performer(track(wears=outfit()), {0: (ADA,)})
    same, other, unknown = (
        Performer(track(wears=wears), {0: ()})
        for wears in (outfit(mannequin.body(Pose(arms=40))), outfit(otherwise=True), None)
    )
    assert strangers([hers, same], [ada]) == ()
    for one in (other, unknown):
        (found,) = strangers([hers, one], [ada])
        assert "dressed" in found.why


def test_where_no_face_is_seen_a_performers_word_is_asked_for(
    ada: ConsentRecord, make_record: Callable[..., Path]
) -> None:
    nobody = [Performer(track(), {0: ()})]
    assert strangers(nobody, [ada]) == ()
    with pytest.raises(ConsentError, match="no performer has a record"):
        strangers(nobody, [load(make_record(embeddings=[ADA], modality=["face", "body"]))])


def test_portraits_are_of_the_lenders_own_face_above_their_body() -> None:
    picture = np.zeros((150, 200, 3), np.uint8)
    faces = Faces(None, LENDER.input)  # type: ignore[arg-type]
    for pts, who, one in ((2, ADA, face()), (3, BOB, face()), (4, ADA, face(shift=(80, 0)))):
        faces.seen[pts] = at(who, one)
        faces.parts[pts] = [part_of(picture, one, who, LENDER.input)]
    (portrait,) = faces.portraits(track(), [(0, 9)], LENDER)
    assert portrait.embedding is ADA
    height, width = portrait.pixels.shape[:2]
    assert width < 60
    nose = portrait.face.landmarks[4]
    assert 0 < nose[0] < width
    assert 0 < nose[1] < height
    assert faces.portraits(track(), [(5, 9)], LENDER) == []
