"""Tags that name a generator are found; the names of people and places are not taken for them."""

import pytest

from masquerade.forensics.signals.declared import declarations
from masquerade.media.tags import FileTags


@pytest.mark.parametrize(
    ("where", "name", "value", "said"),
    [
        (
            "xmp",
            "xmp",
            'SourceType="http://x/trainedAlgorithmicMedia"',
            "source",
        ),
        ("text", "parameters", "a cat\nSteps: 20, Sampler: Euler a, CFG scale: 7", "settings"),
        ("text", "prompt", '{"3": {"class_type": "KSampler"}}', "settings"),
        ("exif", "Software", "Midjourney v6", "midjourney"),
        ("file", "comment", "made with FaceApp", "faceapp"),
    ],
)
def test_generators_that_name_themselves_are_found(
    where: str, name: str, value: str, said: str
) -> None:
    assert any(said in words for words in declarations(FileTags(((where, name, value),))))


@pytest.mark.parametrize(
    "value", ["Sorano Photography", "Veolia", "the steps of the cathedral", "prompt delivery"]
)
def test_words_that_only_look_alike_are_not(value: str) -> None:
    tags = FileTags((("exif", "Artist", value), ("text", "prompt", value)))
    assert not list(declarations(tags))
