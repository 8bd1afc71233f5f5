from __future__ import annotations

from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest

from masquerade import registry
from masquerade.bodies.hands import HandReader
from masquerade.compose.blend import ComposeOptions
from masquerade.pipelines import rigs
from masquerade.pipelines.cast import CastMember
from masquerade.pipelines.rigs import Casts, Rigs, keeps_hands
from masquerade.pipelines.takes import Take
from masquerade.types import Face, InputUse, SourcePicture


def picture(size: float) -> SourcePicture:
    landmarks = np.linspace(60, 60 + size, 478, dtype=np.float32)[:, None].repeat(3, axis=1)
    face = Face((60, 60, 60 + size, 60 + size), 1.0, landmarks, (0.0, 0.0, 0.0))
    pixels = np.full((160, 160, 3), 120, np.uint8)
    return SourcePicture(pixels, face, np.zeros(128, np.float32), InputUse("source", "a", ""))


def test_small_pictures_are_enlarged_once_for_all_methods() -> None:
    small, large = picture(40), picture(90)
    made = Casts({"one": {"0": (small, large)}, "other": {"0": (small, large)}}).enlarged(100)
    grown, kept = made.by_method["one"]["0"]
    assert grown.face.size_px > 75
    assert kept is large
    assert made.by_method["other"]["0"][0] is grown
    assert made.pictures() == ((grown, large),)


def test_of_many_pictures_none_is_enlarged() -> None:
    many = tuple(picture(40) for _ in range(13))
    assert Casts({"one": {"0": many}}).enlarged(300).by_method["one"]["0"] == many


def test_members_without_pictures_stay_without() -> None:
    assert Casts({"one": {"0": ()}}).enlarged(300).by_method["one"]["0"] == ()


def test_a_method_that_learns_from_many_pictures_says_so_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rigs, "read_sources", lambda *_args, **_words: (picture(90),))
    member = CastMember("auto", (Path("ada.jpg"),))
    told: list[str] = []
    rigs.read_casts((member,), ("swap_mesh", "swap_appearance"), Mock(), told.append)
    assert len(told) == 1
    assert "20 pictures" in told[0]


@pytest.mark.parametrize(
    ("method", "occlusion", "kept"),
    [
        ("swap_mesh", "auto", True),
        ("swap_mesh", "off", False),
        ("edit", "auto", False),  # finds hands itself
        ("style", "auto", False),  # puts in no face: no network is loaded for nothing
    ],
)
def test_hands_are_looked_for_before_new_faces_alone(
    method: str, occlusion: str, kept: bool
) -> None:
    options = registry.get(method).Options()
    blending = ComposeOptions.model_validate({"occlusion": occlusion})
    assert keeps_hands(Take(method, options, blending)) is kept


def test_hands_are_looked_for_in_stills_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    hands = Mock()
    monkeypatch.setattr(HandReader, "open", lambda: hands)
    take = Take("swap_mesh", registry.get("swap_mesh").Options(), ComposeOptions())
    cast = Casts({"swap_mesh": {"0": (picture(90),)}})
    for is_still in (True, False):
        made = Rigs(cast, "cpu", Mock(), is_still=is_still).of(take)
        assert made is not None
        assert made.hands is (hands if is_still else None)
