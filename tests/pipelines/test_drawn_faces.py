"""Whose face is in the output: networks that are honest only on the source's picture are found."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from tests.models import tiny_networks as tiny
from tests.pipelines.test_own_face import baked, picture_of

from masquerade import personas
from masquerade.errors import ConsentError
from masquerade.faces.readers import FaceReader
from masquerade.generate import swap_network
from masquerade.models.brought.card import Crop
from masquerade.pipelines import drawn_faces
from masquerade.pipelines.drawn_faces import Drawn, Identities, moments
from masquerade.pipelines.make import make
from masquerade.pipelines.own_face import check_own_face
from masquerade.pipelines.pieces import Span
from masquerade.types import RGB, Embedding, Face, Frame

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
    people = {0: TARGET, 1: SOURCE, 2: at(0.45, 0.1), 3: at(0.4, 0.6)}

    def embed(pixels: object, _face: object, _reader: object) -> Embedding:
        who, when = int(pixels[0, 0, 0]), int(pixels[0, 0, 1])  # type: ignore[index]
        if who:
            seen.append(when)
        return people[who]

    monkeypatch.setattr(drawn_faces, "embed", embed)
    monkeypatch.setattr(drawn_faces, "added_faces", lambda *_: ())
    return seen


def looked(drawn: dict[int, int], face: Face = FACE, *, is_network: bool = True) -> list[Drawn]:
    """What comes of 100 frames with one face in each, drawn in some of them as somebody."""
    picture = SimpleNamespace(embedding=SOURCE)
    identities = Identities.of({"0": [picture]}, None, b"secret", is_network=is_network)  # type: ignore[list-item, arg-type]
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
    with pytest.raises(ConsentError, match="neither the source's nor the target's"):
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
    assert half.is_weak
    assert Drawn.from_json(half.as_json()) == half


def test_what_leaves_the_target_who_they_are_is_no_swap(measured: list[int]) -> None:
    still = dict.fromkeys(range(100), 0)
    with pytest.raises(ConsentError, match="leaves the target who they are"):
        looked(still)
    with pytest.raises(ConsentError, match="leaves the target who they are"):
        looked({pts: 1 if pts < 40 else 0 for pts in still})
    assert len(looked({pts: 0 if pts < 40 else 1 for pts in still})) == 1


@pytest.mark.parametrize(
    "face",
    [
        replace(FACE, pose_deg=(50.0, 0.0, 0.0)),
        replace(FACE, fade=0.5),
        replace(FACE, box=(0.0, 0.0, 40.0, 40.0)),
    ],
    ids=["turned", "hidden", "small"],
)
def test_a_face_that_is_hardly_shown_may_stay(measured: list[int], face: Face) -> None:
    (kept,) = looked(dict.fromkeys(range(100), 0), face)
    assert kept.is_kept


def test_a_model_of_pictures_may_draw_weakly_but_nobody_else(measured: list[int]) -> None:
    assert len(looked(dict.fromkeys(range(100), 0), is_network=False)) == 1
    with pytest.raises(ConsentError, match="neither the source's nor the target's"):
        looked(dict.fromkeys(range(100), 3), is_network=False)


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
    with pytest.raises(ConsentError, match="neither the source's nor the target's"):
        make(
            "swap_network",
            target=personas.load("femi").picture,
            out=out,
            sources=[ada.picture],
            consents=[ada.consent],
            options=options,
        )
    assert [path.name for path in tmp_path.glob("out*")] == []


def refused(card: Path, out: Path, match: str, mask: str = "outline") -> None:
    """Ada drawn over femi by a network: refused, and nothing is written."""
    ada = personas.load("ada")
    with pytest.raises(ConsentError, match=match):
        make(
            "swap_network",
            target=personas.load("femi").picture,
            out=out,
            sources=[ada.picture],
            consents=[ada.consent],
            options=swap_network.Options(network=card, mask=mask),  # type: ignore[arg-type]
        )
    assert [path.name for path in out.parent.glob("out*")] == []


@pytest.mark.weights
def test_a_network_that_hardly_changes_the_target_is_refused_and_nothing_is_written(
    tmp_path: Path,
) -> None:
    refused(tiny.shelf(tmp_path).card, tmp_path / "out.png", "leaves the target who they are")


@pytest.mark.weights
def test_a_face_in_the_corner_of_the_crop_is_refused_and_nothing_is_written(
    tmp_path: Path, reader: FaceReader
) -> None:
    data = tiny.corner_network(cut_out("cora", reader, (150, 178)))
    crop = Crop("target", "ffhq_512", 512)
    card = replace(tiny.swap_card(data), target=crop)
    path = tiny.shelf(tmp_path).put("corner", data, card)
    refused(path, tmp_path / "out.png", "a face where the target has none", "box")


def cut_out(name: str, reader: FaceReader, size_wh: tuple[int, int]) -> RGB:
    """The face of a persona, with some room."""
    shown = picture_of(name, reader)
    x0, y0, x1, y1 = shown.face.box
    room = 0.15 * (x1 - x0)
    rows = slice(max(0, int(y0 - room)), int(y1 + room))
    part = shown.pixels[rows, max(0, int(x0 - room)) : int(x1 + room)]
    return np.asarray(cv2.resize(part, size_wh, interpolation=cv2.INTER_AREA), np.uint8)
