"""Cards of brought networks: every field checked, written and read the same, found by name."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from tests.models.tiny_networks import embedding_card, swap_card

from masquerade.errors import ModelError, UsageError
from masquerade.models.brought.card import (
    BroughtCard,
    Crop,
    beside,
    brought_from,
    card_text,
    find_card,
    networks_dir,
)

SWAP = swap_card(b"swap")
EMBEDDING = embedding_card(b"id")


def text(changed: dict[str, str]) -> str:
    """The swap card with some of its lines replaced."""
    made = card_text(SWAP)
    for line, other in changed.items():
        assert line in made
        made = made.replace(line, other)
    return made


@pytest.mark.parametrize(
    "card",
    [
        SWAP,
        EMBEDDING,
        replace(SWAP, licence='Häkchen "und"\nZeilen \x7f \\ 😀'),
        replace(
            SWAP,
            latent=replace(SWAP.latent, rule="picture", network=""),
            picture=Crop("source", "ffhq_512", 256, "NHWC", "BGR", (1, 2, 3), (0.5, 4e-7, 1e9)),
        ),
    ],
)
def test_a_card_is_read_as_it_was_written(card: BroughtCard) -> None:
    assert brought_from(card_text(card), name="c.toml") == card


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({'role = "swap"': 'role = "other"'}, "has the role 'other'"),
        ({'role = "swap"': ""}, "has the role None"),
        ({"role": "role role"}, "is not TOML"),
        ({"size_px = 128": f"size_px = {'9' * 5000}"}, "is not TOML"),
        ({"size_px = 128": "size_px = 8"}, "target.size_px"),
        ({"size_px = 128": "size_px = 4000"}, "target.size_px"),
        ({'template = "arcface_128"': 'template = "mine"'}, "target.template"),
        ({"size_px = 128": "size_px = 128\npad = 1"}, "target.pad"),
        ({'layout = "NCHW"\n': 'layout = "CHW"\n'}, "target.layout"),
        ({"mean = [0.0, 0.0, 0.0]": "mean = [0.0, 0.0]"}, "target.mean"),
        ({"mean = [0.0, 0.0, 0.0]": "mean = [0.0, nan, 0.0]"}, "target.mean"),
        ({"std = [255.0, 255.0, 255.0]": "std = [255.0, 0.0, 255.0]"}, "std is"),
        ({"high = 1.0": "high = 0.0"}, "low below high"),
        ({f'sha256 = "{SWAP.sha256}"': 'sha256 = "abc"'}, "sha256 is 'abc'"),
        ({f'licence = "{SWAP.licence}"': 'licence = " "'}, "licence has 0 letters"),
        ({f'licence = "{SWAP.licence}"': ""}, "licence"),
        ({'rule = "normalised"': 'rule = "emap"'}, "latent.emap is ''"),
        ({'rule = "normalised"': 'rule = "picture"'}, r"no \[picture\]"),
        ({'network = "id.toml"': ""}, "latent.network is ''"),
        (
            {'rule = "normalised"': 'rule = "emap"\nemap = "e.npy"'},
            "latent.emap_sha256 is ''",
        ),
    ],
)
def test_a_card_that_makes_no_sense_is_told_which_field(
    changed: dict[str, str], words: str
) -> None:
    with pytest.raises(ModelError, match=words):
        brought_from(text(changed), name="c.toml")


def test_the_cards_that_the_page_shows_are_valid() -> None:
    page = Path(__file__).resolve().parents[3] / "docs" / "one-shot-networks.md"
    shown = re.findall(r"^```toml\n(.*?)^```$", page.read_text(encoding="utf-8"), re.M | re.S)
    whole = [text.replace('"..."', f'"{"0" * 64}"') for text in shown if "role =" in text]

    roles = [brought_from(text, name="shown").role for text in whole]

    assert roles == ["swap", "embedding"]


def test_a_card_is_found_by_its_file_or_by_name(tmp_path: Path) -> None:
    networks_dir().mkdir(parents=True)
    named = networks_dir() / "mine.toml"
    named.write_text(card_text(SWAP))
    other = tmp_path / "other.toml"
    other.write_text(card_text(SWAP))

    assert find_card(Path("mine")) == named
    assert find_card(other) == other
    with pytest.raises(UsageError, match="one of mine"):
        find_card(Path("hers"))
    with pytest.raises(UsageError, match="there is no card"):
        find_card(tmp_path / "mine")


def test_names_that_no_file_can_have_are_those_of_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no card"):
        find_card(tmp_path / ("n" * 5000))
    with pytest.raises(ModelError, match="nobody of that name has a home here"):
        beside(tmp_path / "c.toml", "~nobody.of-that-name/swap.onnx")
