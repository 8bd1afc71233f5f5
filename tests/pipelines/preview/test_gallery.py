from pathlib import Path

import numpy as np
import pytest

from masquerade import personas
from masquerade.errors import ConsentError, FaceError, LimitError
from masquerade.media.lettering import width_px
from masquerade.pipelines.preview import gallery
from masquerade.provenance.label import Label


@pytest.mark.parametrize("shape", [(4, 3000, 3), (900, 1, 3), (9, 9, 3)])
def test_slivers_are_refused(shape: tuple[int, int, int]) -> None:
    with pytest.raises(LimitError, match=f"{shape[1]} x {shape[0]} pixels"):
        gallery._small(np.zeros(shape, np.uint8))


def test_pictures_are_shown_whole() -> None:
    assert gallery._small(np.zeros((1200, 600, 3), np.uint8)).shape == (300, 150, 3)


def test_strengths_of_an_effect_fill_a_row_for_each_word() -> None:
    (smile,), (lipstick,) = (list(gallery._strengths(name)) for name in ("smile", "lipstick"))
    ptosis = list(gallery._strengths("ptosis"))

    assert [amount for amount, _ in smile] == [-1, -0.5, 0.5, 1]
    assert lipstick == [(amount, "#a3243b") for amount in (0.25, 0.5, 0.75, 1)]
    assert [amount for amount, _ in next(gallery._strengths("evening"))] == [0.25, 0.5, 0.75, 1]
    assert [amount for amount, _ in next(gallery._strengths("smile=0.8"))][::3] == [0.2, 0.8]
    assert next(gallery._strengths("lipstick=0.8:#a02040"))[-1] == (0.8, "#a02040")
    assert [row[-1] for row in gallery._strengths("ptosis=1:right")] == [(1.0, "right")]
    assert [{word for _, word in row} for row in ptosis] == [{"left"}, {"right"}, {"both"}]


@pytest.mark.parametrize(
    ("effects", "count", "across"), [((), 29, 7), (("smile",), 5, 3), (("ptosis",), 15, 5)]
)
def test_strengths_of_one_word_make_no_long_strip(
    effects: tuple[str, ...], count: int, across: int
) -> None:
    assert gallery._across(gallery._Wanted("effects", effects, 320), count) == across


def test_effects_are_shown_on_nobody_without_a_record(tmp_path: Path) -> None:
    photo = personas.load(personas.names()[0]).picture

    with pytest.raises(ConsentError, match="0 consent records"):
        gallery.gallery(photo, tmp_path / "sheet.png", of="effects", label=Label("eu", "en"))
    assert not (tmp_path / "sheet.png").exists()


def test_captions_fit_below_their_pictures() -> None:
    assert gallery._letters_px("smile", 300) == gallery._CAPTION_PX
    long = "shadow=0.25:#6d4a86"
    assert width_px(long, gallery._letters_px(long, 150)) <= 160


def test_of_several_people_a_sheet_asks_for_a_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    def two(*_asked: object, **_more: object) -> None:
        raise FaceError("2 people in the target", "one person", "add --person largest")

    monkeypatch.setattr(gallery, "groundwork", two)

    with pytest.raises(FaceError, match="cut the photo") as caught:
        gallery._alone(None, None)  # type: ignore[arg-type]
    assert "--person" not in str(caught.value)
