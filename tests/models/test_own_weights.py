from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest

from masquerade.errors import ModelError
from masquerade.models.own_weights import OwnCard, open_own, own_card, own_file, read_own_card

CARD = OwnCard(
    task='Tells "this" from that.',
    sha256="0" * 64,
    size_bytes=3,
    licence="Apache-2.0",
    data="A few.",
    command="python -m train.this",
    made="2026-11-22",
    quality="AUC .9\non that",
    limits="Many.",
    paper="None",
    input="(N, 1)",
    output="(N, 1)",
)
SHIPPED = sorted(
    place.name.removesuffix(".onnx")
    for place in (files("masquerade.models") / "own").iterdir()
    if place.name.endswith(".onnx")
)


def test_a_card_reads_back_as_it_was_written() -> None:
    assert read_own_card("this", CARD.as_toml()) == CARD


@pytest.mark.parametrize("text", ["", "task = 3", CARD.as_toml() + 'more = "x"\n', "task = "])
def test_a_card_that_is_not_one_is_refused(text: str) -> None:
    with pytest.raises(ModelError, match="card of this"):
        read_own_card("this", text)


def test_a_network_that_does_not_ship_has_no_card() -> None:
    assert own_card("nothing_like_it") is None
    with pytest.raises(ModelError, match="does not ship"):
        open_own("nothing_like_it")
    with pytest.raises(ModelError, match="do not ship"):
        own_file("nothing_like_it")


def test_a_network_other_than_its_card_says_is_not_opened(tmp_path, monkeypatch) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "this.onnx").write_bytes(b"abc")
    (folder / "this.toml").write_text(replace(CARD, sha256="1" * 64).as_toml())
    monkeypatch.setattr("masquerade.models.own_weights.files", lambda _: tmp_path)
    with pytest.raises(ModelError, match="as its card says"):
        open_own("this")


@pytest.mark.parametrize("name", SHIPPED)
def test_what_ships_is_small_and_runs(name: str) -> None:
    card = own_card(name)
    assert card is not None
    assert card.size_bytes <= 15_000_000
    net = open_own(name)
    shape = [size or 1 for size in net.input_shapes[0]]
    assert np.isfinite(net(np.zeros(shape, np.float32))[0]).all()
