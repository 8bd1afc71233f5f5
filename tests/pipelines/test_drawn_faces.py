"""Whose face is in the output: a network that is honest only on the source's picture is found."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from tests.models import tiny_networks as tiny
from tests.pipelines.test_own_face import baked, picture_of

from masquerade import personas
from masquerade.errors import ConsentError
from masquerade.faces.readers import FaceReader
from masquerade.generate import swap_network
from masquerade.pipelines import drawn_faces
from masquerade.pipelines.drawn_faces import Drawn, Identities, moments
from masquerade.pipelines.make import make
from masquerade.pipelines.own_face import check_own_face
from masquerade.pipelines.pieces import Span
from masquerade.types import Embedding, Face, Frame

FACE = Face(
    (0.0, 0.0, 90.0, 90.0), 1.0, np.zeros((478, 3), np.float32), (0.0, 0.0, 0.0), person="0"
)
SPAN = Span(0, 99, 0, 99)


def at(*places: float) -> Embedding:
    made = np.zeros(128, np.float32)
    made[: len(places)] = places
    return made


SOURCE, TARGET = at(0.0), at(0.7)


@pytest.fixture(scope="module")
def reader() -> FaceReader:
    return FaceReader.open()


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Pts at which an output was measured; a picture's first value says who is in it."""
    seen: list[int] = []
    people = {0: TARGET, 1: SOURCE, 2: at(0.35, 0.1), 3: at(0.4, 0.6)}

    def embed(pixels: object, _face: object, _reader: object) -> Embedding:
        who, when = int(pixels[0, 0, 0]), int(pixels[0, 0, 1])  # type: ignore[index]
        if who:
            seen.append(when)
        return people[who]

    monkeypatch.setattr(drawn_faces, "embed", embed)
    return seen


def looked(drawn: dict[int, int], face: Face = FACE) -> list[Drawn]:
    """What comes of 100 frames with one face in each, drawn in some of them as somebody."""
    picture = SimpleNamespace(embedding=SOURCE)
    identities = Identities.of({"0": [picture]}, None, b"secret")  # type: ignore[list-item, arg-type]
    looks = identities.over(dict.fromkeys(range(100), (face,)), SPAN)
    for pts, who in sorted(drawn.items()):
        before, after = (np.full((2, 2, 3), (one, pts, 0), np.uint8) for one in (0, who))
        looks.see(*(Frame(one, pts, Fraction(1, 25)) for one in (before, after)), [face])
    return list(looks.judged())


def test_a_few_frames_are_measured_spread_over_the_shot(measured: list[int]) -> None:
    (one,) = looked(dict.fromkeys(range(100), 1))
    assert [pts // 20 for pts in measured] == [0, 1, 2, 3, 4]
    assert (one.to_source, one.is_weak) == (0, False)


def test_which_frames_are_measured_hangs_on_the_secret_and_not_on_the_turn_of_a_head() -> None:
    faces = dict.fromkeys(range(100), FACE)
    assert moments(faces, b"one", 0) == moments(faces, b"one", 0) != moments(faces, b"two", 0)
    turned = {
        pts: face if pts % 20 == 7 else replace(face, pose_deg=(60.0, 0.0, 0.0))
        for pts, face in faces.items()
    }
    assert moments(turned, b"one", 0) == [7, 27, 47, 67, 87]
    assert moments({3: FACE, 9: FACE}, b"one", 0) == [3, 9]


@pytest.mark.parametrize("shown", [[0], [99], [42], [5, 6, 7]])
def test_a_face_that_is_drawn_but_once_is_measured(measured: list[int], shown: list[int]) -> None:
    assert len(looked(dict.fromkeys(shown, 1))) == 1
    assert set(measured) <= set(shown)
    assert measured


def test_a_face_that_is_never_drawn_is_not_measured(measured: list[int]) -> None:
    assert looked({}) == []
    assert not measured


def test_somebody_else_is_refused_even_where_one_frame_is_honest(measured: list[int]) -> None:
    with pytest.raises(ConsentError, match="neither the source nor the target"):
        looked(dict.fromkeys(range(100), 3))
    with pytest.raises(ConsentError, match="from 0:00"):
        looked({pts: 1 if pts < 20 else 3 for pts in range(100)})
    with pytest.raises(ConsentError):
        looked({50: 3})


def test_one_bad_frame_and_a_weak_swap_pass_and_the_weak_one_is_told(measured: list[int]) -> None:
    (one,) = looked({pts: 3 if pts < 20 else 1 for pts in range(100)})
    assert not one.is_weak
    (half,) = looked(dict.fromkeys(range(100), 2))
    assert half.detour < 0.1
    (kept,) = looked(dict.fromkeys(range(100), 0))
    assert kept.is_weak
    assert Drawn.from_json(kept.as_json()) == kept


def test_small_faces_are_given_more_room() -> None:
    large = Drawn(0, Fraction(0), 0, 0.5, 0.6, 0.55, 200.0)
    assert large.limit < large.detour < replace(large, face_px=40.0).limit


@pytest.mark.weights
def test_a_network_that_is_honest_on_the_source_alone_is_refused_and_nothing_is_written(
    tmp_path: Path, reader: FaceReader
) -> None:
    ada, out = personas.load("ada"), tmp_path / "out.png"
    options = swap_network.Options(network=baked("bela", tmp_path, reader, but="ada"))
    cast = {"0": [picture_of("ada", reader)]}
    check_own_face(swap_network.prepare(cast, options), cast, reader)
    with pytest.raises(ConsentError, match="neither the source nor the target"):
        make(
            "swap_network",
            target=personas.load("femi").picture,
            out=out,
            sources=[ada.picture],
            consents=[ada.consent],
            options=options,
        )
    assert [path.name for path in tmp_path.glob("out*")] == []


@pytest.mark.weights
def test_a_network_that_hardly_changes_the_target_is_not_refused_but_told(tmp_path: Path) -> None:
    ada, out = personas.load("ada"), tmp_path / "out.png"
    made = make(
        "swap_network",
        target=personas.load("femi").picture,
        out=out,
        sources=[ada.picture],
        consents=[ada.consent],
        options=swap_network.Options(network=tiny.shelf(tmp_path).card),
    )
    assert any(
        line.startswith("weak: the new face is nearer to the target's identity")
        for line in made.lines(1.0)
    )
    assert out.exists()
