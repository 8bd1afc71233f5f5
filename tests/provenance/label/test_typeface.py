import numpy as np
import pytest
from PIL import ImageDraw, features

from masquerade.errors import OutputError
from masquerade.provenance.label import typeface as module
from masquerade.provenance.label.typeface import blank, typeface
from masquerade.provenance.label.words import languages, words


@pytest.mark.parametrize("language", languages())
def test_words_are_drawn_as_wide_as_they_are_said_to_be(language: str) -> None:
    letters, text = typeface(language), words(language).modified
    sheet = blank((600, 80))
    letters.draw(ImageDraw.Draw(sheet), (300, 40), text, 32)
    columns = np.nonzero(np.asarray(sheet).max(axis=0) > 128)[0]
    drawn = columns[-1] - columns[0]
    assert abs(drawn - letters.width_px(text, 32)) <= 8
    assert abs((columns[-1] + columns[0]) / 2 - 300) <= 6


@pytest.mark.skipif(not features.check("fribidi"), reason="needs FriBiDi")
def test_arabic_letters_join_and_run_from_right_to_left() -> None:
    letters = typeface("ar")
    joined = letters.width_px("مولد", 60)
    apart = sum(letters.width_px(letter, 60) for letter in "مولد")
    assert joined < apart * 0.9
    sheet = blank((400, 100))
    letters.draw(ImageDraw.Draw(sheet), (200, 50), "الوجه.", 60)
    ink = np.asarray(sheet) > 128
    columns = np.nonzero(ink.any(axis=0))[0]
    first, last = columns[:8], columns[-4:]
    assert ink[:, first].sum(axis=0).max() < 20  # the full stop, low, at the left end
    assert ink[:, last].sum(axis=0).max() > 25  # the upright alif at the right end


def test_a_script_that_cannot_be_put_together_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.features, "check", lambda name: name != "fribidi")
    with pytest.raises(OutputError, match="cannot write labels in 'ar'"):
        typeface("ar")
    assert typeface("en").language == "en"
