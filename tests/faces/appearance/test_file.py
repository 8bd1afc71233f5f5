"""Appearance models as files: what goes in comes out, and nothing odd is read."""

import json
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.faces.made_face import made_model

from masquerade.errors import InputError, LimitError
from masquerade.faces.appearance import file as appearance_file
from masquerade.faces.appearance.file import (
    About,
    is_appearance,
    read_appearance,
    write_appearance,
)
from masquerade.faces.appearance.portrait import calm_portrait, portraits_of
from masquerade.models.tensor_file import read_tensors

ABOUT = About(made_by="Masquerade 0", consent="mqc-0123456789abcdef", inputs=("a" * 64,))
KINDS = {np.dtype(np.float16): "F16", np.dtype(np.float32): "F32", np.dtype(np.uint8): "U8"}
KINDS |= {np.dtype(np.int64): "I64"}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model's file."""
    path = tmp_path_factory.mktemp("kept") / "nobody.mface"
    model, measures = made_model()
    write_appearance(path, model, ABOUT, measures, np.ones(128, np.float32))
    return path


def rewrite(path: Path, tensors: dict[str, np.ndarray]) -> Path:
    header, body = {}, b""
    for name, values in tensors.items():
        data = np.ascontiguousarray(values).tobytes()
        places = [len(body), len(body) + len(data)]
        header[name] = {"dtype": KINDS[values.dtype], "shape": values.shape, "data_offsets": places}
        body += data
    words = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(words)) + words + body)
    return path


def test_what_was_written_is_read(kept: Path) -> None:
    model, measures = made_model()
    found = read_appearance(kept)
    assert found.about == ABOUT
    assert found.size_bytes == kept.stat().st_size < 2_000_000
    assert found.measures[2].mouth == pytest.approx(measures[2].mouth, rel=1e-5)
    assert found.measures[2].light == pytest.approx(measures[2].light, rel=1e-5)
    assert found.model.count == model.count
    assert len(found.model.examples) == len(model.examples)
    np.testing.assert_allclose(found.model.mean, model.mean, atol=0.13)
    said = model.examples[3].said
    np.testing.assert_allclose(
        found.model.change(found.model.weights(said, (0, 0, 0)))[100:200, 100:150],
        model.change(model.weights(said, (0, 0, 0)))[100:200, 100:150],
        atol=0.3,
    )
    apart = calm_portrait(found.model).pixels.astype(int) - calm_portrait(model).pixels
    assert np.abs(apart).max() <= 2


def test_only_its_owner_can_read_it(kept: Path) -> None:
    assert kept.stat().st_mode & 0o077 == 0


def test_every_real_picture_is_drawn_and_some_in_the_models_own_words(kept: Path) -> None:
    model = read_appearance(kept).model
    drawn = list(portraits_of(model))
    assert len(drawn) == 1 + 2 * len(model.examples)
    cheek = drawn[0].face.landmarks[205, :2].astype(int)
    for one in drawn:
        assert np.abs(one.pixels[cheek[1], cheek[0]].astype(int) - (190, 130, 100)).max() < 15
        assert (one.pixels[:4, :4] == one.pixels[0, 0]).all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.pop("mean"), "'mean' is missing"),
        (lambda t: t.update(more=np.zeros(2, np.float32)), "'more' is extra"),
        (lambda t: t.update(mean=t["mean"].astype(np.float32)), "'mean' is float32"),
        (lambda t: t.update(mean=t["mean"][:200]), "'mean' is float16"),
        (lambda t: t.update(follows=t["follows"][:-1]), "follows"),
        (lambda t: t.update({"examples.said": t["examples.said"][:2]}), "said"),
        (lambda t: t.update({"expression.low": np.full_like(t["expression.low"], np.nan)}), "low"),
        (lambda t: t.update(proportion=t["proportion"] * 3), "mesh is that of no face"),
        (lambda t: t.update({"expression.parts": t["expression.parts"] * 9}), "mesh is that of no"),
        (lambda t: t.update(numbers=t["numbers"] * -1), "figures"),
        (lambda t: t.update({"eyes.left.numbers": t["eyes.left.numbers"] * 0}), "left eye"),
        (lambda t: t.update(measures=np.zeros((0, 10), np.float32)), "measures"),
        (lambda t: t.update(about=np.frombuffer(b'{"format":"x"}', np.uint8)), "cannot be read"),
        (lambda t: t.update(about=np.frombuffer(b"\xff" * 9, np.uint8)), "cannot be read"),
        (lambda t: t.update(identity=np.zeros(128, np.int64)), "identity"),
    ],
)
def test_an_odd_file_is_one_clear_error(
    kept: Path, tmp_path: Path, change: Callable[[dict[str, np.ndarray]], object], words: str
) -> None:
    tensors = dict(read_tensors(kept)[0])
    change(tensors)
    with pytest.raises(InputError, match=words):
        read_appearance(rewrite(tmp_path / "odd.mface", tensors))


@pytest.mark.parametrize("length", [0, 7, 300, -5])
def test_a_file_cut_short_is_one_clear_error(kept: Path, tmp_path: Path, length: int) -> None:
    path = tmp_path / "short.mface"
    path.write_bytes(kept.read_bytes()[:length])
    with pytest.raises(InputError, match=r"short\.mface is no appearance model"):
        read_appearance(path)


def test_files_that_are_not_there_or_too_large_are_refused(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match="No such file"):
        read_appearance(tmp_path / "none.mface")
    monkeypatch.setattr(appearance_file, "MOST_BYTES", 1000)
    with pytest.raises(LimitError, match="MB"):
        read_appearance(kept)


def test_models_are_known_by_their_name() -> None:
    assert is_appearance(Path("Ada.MFACE"))
    assert not is_appearance(Path("ada.safetensors"))
