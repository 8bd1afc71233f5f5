from pathlib import Path

import pytest

from masquerade.errors import UsageError
from masquerade.painting.wishes import PRESETS, read_wishes


def test_every_preset_has_a_name_of_its_own() -> None:
    assert len(PRESETS) == len(set(PRESETS)) == 26


def test_names_and_weights() -> None:
    ink, frost = read_wishes(["Ink:0.25", "frost"])

    assert (ink.preset, ink.weight) == (2, 0.25)
    assert (frost.preset, frost.weight) == (14, 1.0)


def test_pictures_with_a_colon_in_their_name(tmp_path: Path) -> None:
    odd = tmp_path / "night:2"
    odd.write_bytes(b"")
    plain = tmp_path / "wave.jpg"
    plain.write_bytes(b"")

    assert read_wishes([str(odd)])[0].picture == odd
    weighed = read_wishes([f"{plain}:0.4"])[0]
    assert (weighed.picture, weighed.weight) == (plain, 0.4)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "no style is named"),
        (["no-such-style"], "no style and no file is named 'no-such-style'"),
        (["ink:-1"], "the weight of 'ink'"),
        (["ink:nan"], "the weight of 'ink'"),
        (["missing.jpg"], "no style and no file"),
    ],
)
def test_what_is_no_style_is_told(words: list[str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read_wishes(words)


def test_presets_and_pictures_do_not_mix(tmp_path: Path) -> None:
    wave = tmp_path / "wave.jpg"
    wave.write_bytes(b"")

    with pytest.raises(UsageError, match="mixed"):
        read_wishes(["ink", str(wave)])
