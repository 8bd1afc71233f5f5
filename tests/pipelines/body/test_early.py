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
from masquerade.pipelines.body.study import check_who
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
        ((mannequin.turned(BODY, 80.0),), 1, False, "turns 80 to 80 degrees"),
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
    ("who", "valid"), [("auto", True), ("2", True), ("0", False), ("me", False)]
)
def test_who_is_meant_is_asked_before_anything_is_read(who: str, valid: bool) -> None:
    if valid:
        check_who(who)
        return
    with pytest.raises(UsageError, match=f"--person {who}"):
        check_who(who)
