"""Refusals that a few looks tell, before anybody is followed through a whole video."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.bodies import mannequin
from tests.bodies.mannequin import Pose

from masquerade.bodies.fitness import Range
from masquerade.bodies.pose import Body
from masquerade.errors import ConsentError, FaceError, InputError, MasqueradeError, UsageError
from masquerade.media.probe import MediaInfo, probe
from masquerade.pipelines.body import early
from masquerade.pipelines.body.study import ShotStudy, Study, check_who
from masquerade.provenance.consent.records import load
from masquerade.types import Face, Frame

from .test_whose import ADA, BOB, BODY, LENDER, face

OTHER = mannequin.body(Pose(middle=(160.0, 70.0), torso_px=30.0))
READERS: Any = (None, None)
FRONT = Range(0.0, 0.0)


@dataclass
class Scene:
    """What the networks see at every look."""

    bodies: Sequence[Body] = (BODY,)
    faces: Sequence[Face] = (face(),)
    stranger: bool = False


@pytest.fixture
def video() -> MediaInfo:
    """Something of a video; no frame of it is read."""
    photo = Path(early.__file__).parents[2] / "personas" / "ada" / "picture.jpg"
    return replace(probe(photo), kind="video", time_base=Fraction(1, 10), start_pts=5)


@pytest.fixture
def see(monkeypatch: pytest.MonkeyPatch) -> Callable[[Scene], None]:
    """Sets what is seen."""

    def frames(count: int) -> list[Frame]:
        picture = np.zeros((150, 200, 3), np.uint8)
        return [Frame(picture, 5 + 10 * n, Fraction(1, 10)) for n in range(count)]

    def set_scene(scene: Scene) -> None:
        own = scene.faces[0] if scene.faces else None
        monkeypatch.setattr(early, "glances", lambda _, count: iter(frames(count)))
        monkeypatch.setattr(early, "_looks", lambda *_: iter(frames(3)))
        monkeypatch.setattr(early, "find_bodies", lambda *_: list(scene.bodies))
        monkeypatch.setattr(early, "find_faces", lambda *_: tuple(scene.faces))
        monkeypatch.setattr(early, "face_at_head", lambda *_: own)
        monkeypatch.setattr(early, "embed", lambda *_: BOB if scene.stranger else ADA)

    return set_scene


@pytest.mark.parametrize(
    ("scene", "error", "words"),
    [
        (Scene(), None, ""),
        (Scene(bodies=()), InputError, "nobody is seen"),
        (
            Scene(bodies=(BODY, OTHER)),
            InputError,
            r"2 people are seen in .*, one of them at 0:00\.00 around \(160, \d+\), \d+ px high",
        ),
        (
            Scene(faces=(face(scale=4.0),)),
            FaceError,
            r"no face .* above the body .* at 0:00\.00 around .* px is none of its own",
        ),
        (Scene(faces=()), FaceError, "no face can be measured above the body"),
        (Scene(stranger=True), FaceError, r"somebody else .* its own is at 0:00\.00 around"),
    ],
)
def test_a_source_video_is_looked_at_before_it_is_followed(
    scene: Scene,
    error: type[MasqueradeError] | None,
    words: str,
    video: MediaInfo,
    see: Callable[[Scene], None],
) -> None:
    see(scene)
    if error is None:
        early.check_one_person(video, LENDER, *READERS)
        return
    with pytest.raises(error, match=words):
        early.check_one_person(video, LENDER, *READERS)


@pytest.mark.parametrize(
    ("bodies", "shots", "force", "words"),
    [
        ((BODY,), 1, False, ""),
        ((mannequin.body(Pose(torso_px=20.0)),), 2, False, "too small"),
        ((mannequin.turned(BODY, 80.0),), 1, False, "turned 80 degrees"),
        ((mannequin.turned(BODY, 80.0),), 1, True, ""),
        ((OTHER, BODY), 1, False, ""),  # who is meant is not known yet
        ((mannequin.body(Pose(torso_px=20.0)),), 13, False, ""),  # more than are looked at
    ],
)
def test_shots_that_cannot_do_are_refused_at_a_look(
    bodies: tuple[Body, ...],
    shots: int,
    force: bool,
    words: str,
    video: MediaInfo,
    see: Callable[[Scene], None],
) -> None:
    see(Scene(bodies=bodies, faces=()))
    spans = [(0, 9)] * shots
    if not words:
        early.check_performers(video, spans, (), READERS, source=FRONT, force_quality=force)
        return
    with pytest.raises(InputError, match=f"the shot will not do: the person (is )?{words}"):
        early.check_performers(video, spans, (), READERS, source=FRONT, force_quality=force)


@pytest.mark.parametrize(
    ("seen_in", "count", "refused"),
    [
        ((), 30, True),
        ((20,), 30, True),  # half out of the picture: a moment at which no study looks
        ((12,), 30, False),
        ((), 2000, False),  # longer than is searched
    ],
)
def test_a_target_in_which_nobody_can_be_followed_is_refused_before_the_study(
    seen_in: tuple[int, ...],
    count: int,
    refused: bool,
    video: MediaInfo,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def frames(numbers: Sequence[int]) -> list[Frame]:
        return [Frame(np.full((8, 8, 3), n, np.uint8), n, Fraction(1, 10)) for n in numbers]

    monkeypatch.setattr(early, "_looks", lambda *_: iter(frames([4, 12, 20])))
    monkeypatch.setattr(early, "read_frames", lambda *_, **__: iter(frames(range(30))))
    monkeypatch.setattr(
        early, "find_bodies", lambda pixels, _: [BODY] if int(pixels[0, 0, 0]) in seen_in else []
    )
    monkeypatch.setattr(early, "face_at_head", lambda *_: None)
    video = replace(video, frame_count=count)
    if not refused:
        early.check_performers(video, [(0, 29)], (), READERS, source=FRONT, force_quality=False)
        return
    with pytest.raises(FaceError, match="nobody is seen in any shot"):
        early.check_performers(video, [(0, 29)], (), READERS, source=FRONT, force_quality=True)


@pytest.mark.parametrize(("covered", "force"), [(True, False), (False, False), (False, True)])
def test_somebody_without_a_record_is_refused_at_a_look(
    covered: bool,
    force: bool,
    video: MediaInfo,
    see: Callable[[Scene], None],
    make_record: Callable[..., Path],
) -> None:
    records = [load(make_record(embeddings=[ADA if covered else BOB]))]
    see(Scene())
    if covered:
        early.check_performers(video, [(0, 9)], records, READERS, source=None, force_quality=force)
        return
    with pytest.raises(ConsentError, match=r"no record covers \(seen at 0:00\.00 around") as no:
        early.check_performers(video, [(0, 9)], records, READERS, source=None, force_quality=force)
    assert "--kind performer --body" in no.value.todo


@pytest.mark.parametrize(
    ("who", "valid"),
    [("auto", True), ("2", True), ("0", False), ("9" * 5000, False), ("me", False)],
)
def test_who_is_meant_is_asked_before_anything_is_read(who: str, valid: bool) -> None:
    if valid:
        check_who(who)
        return
    with pytest.raises(UsageError, match=f"--person {who[:40]}"):
        check_who(who)


@pytest.mark.parametrize(
    ("seen", "words", "number"),
    [((1, 0), "1 person is seen", "1"), ((1, 3), "3 people are seen", "a number from 1 to 3")],
)
def test_a_number_that_nobody_has_is_told_beside_those_there_are(
    seen: tuple[int, ...], words: str, number: str
) -> None:
    shots = tuple(ShotStudy(0, 9, 9, (None,) * count, None, 0.0) for count in seen)  # type: ignore[arg-type]
    told = Study(shots).nobody("7")
    assert isinstance(told, UsageError)
    assert words in told.found
    assert told.expected == number


def test_that_nobody_is_seen_is_told_with_what_to_do() -> None:
    told = Study((ShotStudy(0, 9, 9, (), None, 0.0),)).nobody("auto")
    assert isinstance(told, FaceError)
    assert "body inspect" in told.todo
