"""What is asked for, read: what a method may be asked for at all."""

from pathlib import Path

import pytest

from masquerade import personas
from masquerade.errors import UsageError
from masquerade.pipelines.request import Request, only_purpose, read_request
from masquerade.provenance.consent.records import load


@pytest.mark.parametrize("method", ["lipsync", "voice_convert", "voice_speak", "voice_disguise"])
def test_methods_of_sound_are_not_made_as_pictures(method: str) -> None:
    with pytest.raises(UsageError, match=f"{method} works with sound"):
        read_request(Request(method, Path("clip.mp4"), sources=(Path("ada.jpg"),)))


def test_who_is_hidden_is_not_named_by_the_way_round() -> None:
    with pytest.raises(UsageError, match="anonymize hides who is there"):
        read_request(Request("anonymize", Path("clip.mp4")))


@pytest.mark.parametrize(
    ("named", "purpose"),
    [
        ([("any",)], "unstated"),
        ([("film",)], "film"),
        ([("any",), ("film",)], "film"),
        ([("film",), ("guide",)], None),
        ([("film", "guide"), ("any",)], None),
    ],
)
def test_a_record_for_any_purpose_covers_the_one_that_another_names(
    named: list[tuple[str, ...]], purpose: str | None
) -> None:
    ada = load(personas.load("ada").consent)
    records = [ada.model_copy(update={"purposes": one}) for one in named]

    if purpose is None:
        with pytest.raises(UsageError, match="several purposes: film, guide"):
            only_purpose(records)
    else:
        assert only_purpose(records) == purpose
