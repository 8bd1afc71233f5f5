import dataclasses

import numpy as np
import pytest
from PIL import ImageFont

from masquerade.errors import UsageError
from masquerade.provenance.label.typeface import typeface
from masquerade.provenance.label.words import Words, languages, words


@pytest.mark.parametrize("language", languages())
def test_no_entry_of_a_language_is_empty(language: str) -> None:
    assert all(text.strip() for text in dataclasses.astuple(words(language)))


@pytest.mark.parametrize("language", languages())
def test_every_letter_is_in_the_font(language: str) -> None:
    said = words(language)
    texts = (*said.card("AI MODIFIED", ("face", "voice", "body")), *said.card("AI GENERATED", ()))
    font = ImageFont.truetype(typeface(language).path, 40)
    missing = np.asarray(font.getmask("\U0010ffff"))
    assert missing.any()
    for letter in {*"".join((*texts, said.ai))} - {" "}:
        drawn = np.asarray(font.getmask(letter))
        assert drawn.any(), letter
        assert drawn.shape != missing.shape or not np.array_equal(drawn, missing), letter


@pytest.mark.parametrize("language", languages())
def test_the_two_wordings_differ(language: str) -> None:
    said = words(language)
    assert said.plate("AI MODIFIED") != said.plate("AI GENERATED")
    assert said.card("AI MODIFIED", ())[1] != said.card("AI GENERATED", ())[1]


def test_the_card_names_what_was_changed() -> None:
    assert words("en").card("AI MODIFIED", ("face", "voice")) == (
        "AI MODIFIED",
        "This video was modified with artificial intelligence.",
        "Changed: face, voice",
    )
    assert words("zh").card("AI MODIFIED", ("face",))[-1] == "修改内容：人脸"
    assert len(words("de").card("AI MODIFIED", ())) == 2


@pytest.mark.parametrize("language", languages())
def test_pieces_joined_are_the_text(language: str) -> None:
    said: Words = words(language)
    assert "".join(said.pieces(said.sentence_modified)) == said.sentence_modified


@pytest.mark.parametrize("language", ["ja", "zh"])
def test_no_line_begins_with_what_closes(language: str) -> None:
    said = words(language)
    for text in (said.sentence_modified, said.sentence_generated, said.what):
        assert not any(piece[0] in "。、，：）" for piece in said.pieces(text))


@pytest.mark.parametrize("language", ["", "xx", "EN", "en\n", "../words"])
def test_a_language_without_words_is_refused(language: str) -> None:
    with pytest.raises(UsageError, match="one of ar, bg"):
        words(language)
