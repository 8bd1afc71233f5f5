from pathlib import Path

import numpy as np
import pytest

from masquerade import personas
from masquerade.effects.words import effect
from masquerade.errors import ConsentError, LimitError
from masquerade.pipelines import gallery
from masquerade.provenance.label import Label


@pytest.mark.parametrize("shape", [(4, 3000, 3), (900, 1, 3), (9, 9, 3)])
def test_slivers_are_refused(shape: tuple[int, int, int]) -> None:
    with pytest.raises(LimitError, match=f"{shape[1]} x {shape[0]} pixels"):
        gallery._small(np.zeros(shape, np.uint8))


def test_pictures_are_shown_whole() -> None:
    assert gallery._small(np.zeros((1200, 600, 3), np.uint8)).shape == (300, 150, 3)


def test_strengths_of_an_effect_fill_a_row_for_each_word() -> None:
    smile, lipstick = (list(gallery._strengths(effect(name))) for name in ("smile", "lipstick"))
    ptosis = list(gallery._strengths(effect("ptosis")))

    assert [amount for amount, _ in smile] == [-1, -0.67, -0.33, 0.33, 0.67, 1]
    assert len(lipstick) == 7
    assert lipstick[-1] == (1, "#a3243b")
    assert [word for _, word in ptosis[::7]] == ["left", "right", "both"]


def test_effects_are_shown_on_nobody_without_a_record(tmp_path: Path) -> None:
    photo = personas.load(personas.names()[0]).picture

    with pytest.raises(ConsentError, match="0 consent records"):
        gallery.gallery(photo, tmp_path / "sheet.png", of="effects", label=Label("eu", "en"))
    assert not (tmp_path / "sheet.png").exists()
