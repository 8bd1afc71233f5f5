"""What a training begins with is what was asked for, and is said."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is missing: the extra `train`")

from safetensors.numpy import save_file  # noqa: E402
from tests.models.tiny_swap import SHAPE, weights  # noqa: E402
from train.swap_base_file import write_base  # noqa: E402

from masquerade.errors import ConsentError, ModelError, UsageError  # noqa: E402
from masquerade.hashing import file_sha256  # noqa: E402
from masquerade.models.trained.swap_base import packed, shipped_base, words_of  # noqa: E402
from masquerade.provenance.consent.model_file import read_model  # noqa: E402
from masquerade.provenance.consent.records import new_record  # noqa: E402
from masquerade.train.swap import start as starting  # noqa: E402
from masquerade.train.swap.base_mark import MARK_KEY, check_base, mark_base  # noqa: E402
from masquerade.train.swap.options import TrainOptions  # noqa: E402
from masquerade.train.swap.start import Start, start_of  # noqa: E402
from masquerade.train.swap.trainer import SwapTrainer  # noqa: E402
from masquerade.train.team import Team  # noqa: E402


@pytest.fixture
def base(tmp_path: Path) -> Path:
    path = tmp_path / "base.safetensors"
    save_file(packed(weights()), path, metadata=words_of(SHAPE))
    return path


def test_the_base_that_ships_is_taken_where_it_fits(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starting, "shipped_base", lambda preset: base)
    told: list[str] = []

    found = start_of("base", SHAPE, "tiny", tell=told.append)

    assert found.sha256 == file_sha256(base)
    assert found.weights["encoder.convs.0.weight"].dtype == torch.float32
    assert np.isclose(float(found.weights["decoder.mask.2.bias"][0]), 4)
    assert "base that ships for tiny" in told[0]


def test_where_it_does_not_fit_chance_begins_and_that_is_said(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starting, "shipped_base", lambda preset: base)
    told: list[str] = []

    found = start_of("base", SHAPE.model_copy(update={"side": 64}), "tiny", tell=told.append)

    assert not found.weights
    assert not found.sha256
    assert "is of 32 px" in told[0]


@pytest.mark.parametrize(("wanted", "said"), [("base", "no base ships"), ("none", "as asked for")])
def test_chance_is_said(wanted: str, said: str) -> None:
    told: list[str] = []

    assert not start_of(wanted, SHAPE, "large", tell=told.append).weights  # type: ignore[arg-type]
    assert said in told[0]


def test_a_file_of_another_layout_is_refused(base: Path) -> None:
    mark_base(base)
    other = SHAPE.model_copy(update={"latent": 16})
    with pytest.raises(UsageError, match="32 px with 8 numbers"):
        start_of(base, other, "tiny", tell=lambda _: None)


def test_whoever_a_model_was_trained_on_consents_to_what_is_trained_now() -> None:
    record = new_record(
        kind="performer",
        subject="Ann",
        grantee="tests",
        purposes=["test"],
        embeddings=[np.full(128, 0.088, np.float32)],
        valid_until=datetime.now(UTC) + timedelta(days=1),
        adult_attested=True,
    )
    start = Start(name="first.safetensors", records=(record,))
    start.check_purpose("test")
    with pytest.raises(ConsentError, match=r"first\.safetensors cannot be begun with: .* 'film'"):
        start.check_purpose("film")


def test_a_file_that_is_no_base_and_no_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "none.safetensors"
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(ModelError):
        start_of(path, SHAPE, "tiny", tell=lambda _: None)


def test_a_base_learned_here_and_the_one_that_ships_may_be_named(base: Path) -> None:
    mark_base(base)
    found = start_of(base, SHAPE, "tiny", tell=lambda _: None)
    assert (found.sha256, found.name) == (file_sha256(base), "base.safetensors")

    ships = shipped_base("tiny")
    assert ships is not None
    assert check_base(ships) == file_sha256(ships)


def test_a_file_that_only_says_it_is_a_base_is_refused(base: Path, tmp_path: Path) -> None:
    with pytest.raises(ConsentError, match="bears no mark"):
        start_of(base, SHAPE, "tiny", tell=lambda _: None)

    mark_base(base)
    with pytest.raises(ConsentError, match="learned elsewhere"):
        check_base(base, home=tmp_path / "another")
    code = read_model(base).metadata[MARK_KEY]
    changed = packed({name: one + 1 for name, one in weights().items()})
    save_file(changed, base, metadata=words_of(SHAPE) | {MARK_KEY: code})
    with pytest.raises(ConsentError, match="was changed since"):
        start_of(base, SHAPE, "tiny", tell=lambda _: None)


def test_a_base_that_was_just_learned_bears_the_mark(tmp_path: Path) -> None:
    trainer = SwapTrainer(SHAPE, TrainOptions(), precision="fp32", team=Team(torch.device("cpu")))
    write_base(tmp_path / "base.safetensors", trainer)

    assert start_of(tmp_path / "base.safetensors", SHAPE, "tiny", tell=lambda _: None).weights
