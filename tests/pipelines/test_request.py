"""What is asked for, read: what a method may be asked for at all."""

from pathlib import Path

import pytest

from masquerade.errors import UsageError
from masquerade.pipelines.request import Request, read_request


@pytest.mark.parametrize("method", ["lipsync", "voice_convert", "voice_speak", "voice_disguise"])
def test_methods_of_sound_are_not_made_as_pictures(method: str) -> None:
    with pytest.raises(UsageError, match=f"{method} works with sound"):
        read_request(Request(method, Path("clip.mp4"), sources=(Path("ada.jpg"),)))


def test_who_is_hidden_is_not_named_by_the_way_round() -> None:
    with pytest.raises(UsageError, match="anonymize hides who is there"):
        read_request(Request("anonymize", Path("clip.mp4")))
