"""Who is meant: by place, size, number or name, and whose a track is."""

from pathlib import Path

import numpy as np
import pytest

from masquerade.errors import FaceError, InputError, UsageError
from masquerade.pipelines import people
from masquerade.pipelines.people import Person, belongs, resolve
from masquerade.types import Embedding, Face, Frame, Track


def _embedding(seed: int) -> Embedding:
    vector = np.random.default_rng(seed).normal(size=128)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def _person(seed: int, x: float, *, size_px: float = 100.0, seen: int = 4) -> Person:
    return Person(_embedding(seed), seen, x, size_px, 0.0)


ADA, BO, CY = _person(1, 0.1), _person(2, 0.55, size_px=160.0), _person(3, 0.6)


def _resolve(who: str, *people: Person) -> Person | None:
    return resolve(who, people, None)  # type: ignore[arg-type]  # no photo, no network


@pytest.mark.parametrize(
    ("who", "people", "wanted"),
    [
        ("auto", (ADA,), ADA),
        ("auto", (ADA, _person(4, 0.9, seen=1)), ADA),  # a face seen once may be a poster
        ("largest", (ADA, BO, CY), BO),
        ("left", (ADA, BO, CY), ADA),
        ("right", (ADA, BO, CY), CY),
        ("centre", (ADA, BO, CY), BO),
        ("centre", (_person(5, 0.45), _person(6, 0.95)), "first"),
        ("2", (ADA, BO, CY), BO),
        ("everyone", (ADA, BO), None),
        ("everyone", (), None),
    ],
)
def test_who_is_meant(who, people, wanted) -> None:
    assert _resolve(who, *people) is (people[0] if wanted == "first" else wanted)


@pytest.mark.parametrize(
    ("who", "people", "error", "words"),
    [
        ("auto", (), FaceError, "no face was found"),
        ("auto", (ADA, BO), FaceError, "2 people"),
        ("0", (ADA,), UsageError, "1 to 1"),
        ("2", (ADA,), UsageError, "1 to 1"),
        ("9" * 5000, (ADA,), UsageError, "1 to 1"),
        ("²", (ADA,), UsageError, "no such photo"),
        ("the tall one", (ADA,), UsageError, "no such photo"),
    ],
)
def test_a_choice_that_cannot_be_made_says_why(who, people, error, words) -> None:
    with pytest.raises(error, match=words):
        _resolve(who, *people)


def test_two_alike_in_one_picture_are_two_people(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sisters, or personas: their faces are nearer than two photos of one person may be."""
    ann = _embedding(1)
    seen = {left: (ann + 0.02 * _embedding(left)) for left in (10, 300)}
    faces = tuple(Face((x, 10.0, x + 90.0, 100.0), 1.0, np.zeros((478, 3), np.float32), (0, 0, 0))
                  for x in (10.0, 300.0))  # fmt: skip
    monkeypatch.setattr(people, "find_faces", lambda *_a, **_k: faces)
    monkeypatch.setattr(people, "embed", lambda _pixels, face, _reader: seen[int(face.box[0])])
    frames = [Frame(np.zeros((200, 400, 3), np.uint8), pts) for pts in range(3)]
    found = people.who_is_there(frames, None)  # type: ignore[arg-type]
    assert [person.seen for person in found] == [3, 3]
    with pytest.raises(FaceError, match="2 people"):
        _resolve("auto", *found)


def test_a_folder_is_no_reference_photo(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        _resolve(str(tmp_path), ADA)


@pytest.mark.parametrize(
    ("embedding", "people", "whose"),
    [
        (_embedding(1), (ADA, BO), True),
        (_embedding(2), (ADA, BO), False),
        (_embedding(9), (ADA, BO), False),
        (_embedding(9), (ADA,), False),
        (None, (ADA,), True),
        (None, (ADA, BO), False),
    ],
)
def test_a_track_belongs_to_the_nearest_person_or_to_nobody(embedding, people, whose) -> None:
    assert belongs(Track(0, {}, embedding), ADA, people) is whose
