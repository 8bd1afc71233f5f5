"""Every card says all that is needed to fetch, check, credit and run its file."""

import re
from dataclasses import fields
from importlib.resources import files
from pathlib import PurePosixPath

import numpy as np
import pytest

from masquerade.errors import ModelError, UsageError
from masquerade.models.card import Card, Input, SoundInput, card, cards, read_card

LICENCES = {"Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0"}


@pytest.fixture(params=cards())
def one(request: pytest.FixtureRequest) -> Card:
    return card(request.param)


def test_a_card_states_hash_size_licence_and_paper(one: Card) -> None:
    assert re.fullmatch("[0-9a-f]{64}", one.sha256)
    assert 1000 < one.size_bytes < 1 << 30
    assert one.licence in LICENCES
    assert one.licence_note
    assert one.paper
    assert one.task.endswith(".")
    assert one.output


def test_a_card_pins_each_source_to_one_wheel(one: Card) -> None:
    assert one.sources
    for source in one.sources:
        assert re.fullmatch(r"\d+(\.\d+)+", source.version)
        assert source.wheel_bytes > 0
        assert (source.platform == "any") == (source.abi == "none")
        member = PurePosixPath(source.member)
        assert not member.is_absolute()
        assert ".." not in member.parts


def test_the_file_of_a_card_suits_its_runtime(one: Card) -> None:
    suffix = PurePosixPath(one.file).suffix
    wanted = {
        "litert": {".tflite"},
        "onnxruntime": {".onnx"},
        "ctranslate2": {".txt", ".json"},
        "torch": {".pth"},
    }
    assert suffix in wanted[one.runtime] or one.export


def test_a_card_turns_black_and_white_into_its_range(one: Card) -> None:
    if isinstance(one.input, SoundInput):
        pytest.skip("it takes sound")
    width, height = one.input.size_wh
    grey = np.stack([np.full((height, width, 3), value, np.uint8) for value in (0, 255)])

    tensor = one.input.tensor(grey)

    assert tensor.dtype == np.float32
    assert tensor.shape in ((2, height, width, 3), (2, 3, height, width))
    channel = tensor[..., 0] if one.input.layout == "NHWC" else tensor[:, 0]
    mean, std = one.input.mean[0], one.input.std[0]
    assert channel[0].max() == pytest.approx(-mean / std, abs=1e-5)
    assert channel[1].min() == pytest.approx((255 - mean) / std, abs=1e-5)


def test_hashes_and_file_names_are_unique() -> None:
    every = list(cards().values())
    assert len({one.sha256 for one in every}) == len(every)
    assert len({one.file for one in every}) == len(every)


def test_the_face_networks_have_cards() -> None:
    wanted = {"face_detector_short", "face_detector_full", "face_mesh", "iris", "face_identity"}
    assert wanted | {"unsafe_content"} <= set(cards())


def test_the_networks_of_speech_have_cards_and_take_no_pictures() -> None:
    for name in ("voice_activity", "speech_content", "pitch", "speaker"):
        assert card(name).input == SoundInput(16_000, card(name).input.form)
        with pytest.raises(UsageError, match="takes sound"):
            _ = card(name).pictures


def test_an_unknown_name_lists_the_cards() -> None:
    with pytest.raises(UsageError, match="face_mesh"):
        card("face_mash")


def _text(name: str) -> str:
    return (files("masquerade.models") / "cards" / f"{name}.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "ok"),
    [
        ("", "", True),
        ('licence = "Apache-2.0"', 'licence = "Apache-2.0"\ncolour = "red"', False),
        ('licence = "Apache-2.0"', "", False),
        ("size_bytes = 2640568", 'size_bytes = "many"', False),
        ('runtime = "litert"', 'runtime = "tensorflow"', False),
        ("size_wh = [64, 64]", "size_wh = [64]", False),
        ('layout = "NHWC"', 'layout = "HWCN"', False),
        ('python = "3.12"', "", False),
        ("[input]", "[input", False),
    ],
)
def test_a_card_is_checked_field_by_field(old: str, new: str, ok: bool) -> None:
    text = _text("iris")
    assert old in text
    changed = text.replace(old, new) if old else text
    if ok:
        assert read_card("iris", changed) == card("iris")
    else:
        with pytest.raises(ModelError, match="'iris' is not valid"):
            read_card("iris", changed)


def test_colour_order_and_layout_are_applied() -> None:
    picture = np.zeros((1, 2, 3), np.uint8)
    picture[0, 0] = (10, 20, 30)
    bgr = Input((2, 1), "NCHW", "BGR", (1.0, 2.0, 3.0), (1.0, 1.0, 1.0))

    tensor = bgr.tensor(picture)

    assert tensor.shape == (1, 3, 1, 2)
    assert tensor[0, :, 0, 0].tolist() == [29.0, 18.0, 7.0]
    assert tensor.flags.c_contiguous


@pytest.mark.parametrize(
    "pictures",
    [
        np.zeros((64, 63, 3), np.uint8),
        np.zeros((64, 64), np.uint8),
        np.zeros((1, 64, 64, 4), np.uint8),
        np.zeros((64, 64, 3), np.float32),
    ],
)
def test_pictures_of_another_shape_or_type_are_refused(pictures: np.ndarray) -> None:
    with pytest.raises(UsageError, match="resize the crop"):
        card("iris").pictures.tensor(pictures)


def test_the_card_type_has_no_field_that_no_card_sets() -> None:
    for item in fields(Card):
        assert any(getattr(one, item.name) for one in cards().values()), item.name
