"""A trained swap as ONNX: the same network, its consent in the file, refused once it is revoked."""

from pathlib import Path

import numpy as np
import pytest
from tests.models.tiny_swap import SHAPE, SIDE, description, write_swap

from masquerade.cli import main
from masquerade.errors import ConsentError, ModelError, UsageError
from masquerade.models.session import open_onnx
from masquerade.models.trained.swap import KEY, TrainedSwap
from masquerade.pipelines.source.export import export_swap
from masquerade.provenance.consent.model_consent import mark_model
from masquerade.provenance.consent.records import ConsentRecord, load
from masquerade.provenance.consent.revocation import revocation_of, revoke


@pytest.fixture
def record(make_record) -> ConsentRecord:
    return load(make_record())


@pytest.fixture
def model(record: ConsentRecord, tmp_path: Path) -> Path:
    return model_of(tmp_path / "ab.safetensors", record, record.id)


def model_of(path: Path, record: ConsentRecord, named: str) -> Path:
    """A model under a record, whose description names another's id where that is given."""
    source, target = SIDE.model_copy(update={"consent": record.id}), SIDE.model_dump()
    words = description(source=source.model_dump(), target=target | {"consent": named})
    mark_model(write_swap(path, words={KEY: words}), [record])
    return path


def test_somebody_who_never_consented_is_not_named_in_what_is_exported(
    record: ConsentRecord, tmp_path: Path
) -> None:
    model = model_of(tmp_path / "ab.safetensors", record, SIDE.consent)
    with pytest.raises(ConsentError, match="and does not hold it"):
        export_swap(model, tmp_path / "ab.onnx")
    assert not (tmp_path / "ab.onnx").exists()


def test_the_exported_network_draws_the_same(
    model: Path, record: ConsentRecord, tmp_path: Path, rng: np.random.Generator
) -> None:
    made = export_swap(model, tmp_path / "ab.onnx")
    data = made.path.read_bytes()
    assert made.consents == (record.id,)
    assert KEY.encode() in data
    assert record.id.encode() in data
    face = rng.integers(0, 255, (SHAPE.side, SHAPE.side, 3), dtype=np.uint8)
    session = open_onnx("ab", data, device="cpu", threads=1)
    given = face.transpose(2, 0, 1)[None].astype(np.float32) / 255
    (drawn,) = session.run(None, {"pictures": given})
    (wanted, mask), *_ = TrainedSwap.open(model)([face])
    assert np.abs(drawn[0, :3].transpose(1, 2, 0) * 255 - wanted).max() <= 0.51
    assert drawn[0, 3] == pytest.approx(mask)


def test_a_revoked_consent_names_the_file_and_forbids_another(
    model: Path, record: ConsentRecord, tmp_path: Path
) -> None:
    export_swap(model, tmp_path / "ab.onnx")
    words = "\n".join(revoke(record.id, "asked to").lines())
    assert "Other programs go on loading what was exported: ab.onnx" in words
    assert "ab.onnx" in {one.name for one in revocation_of(record.id).models}
    with pytest.raises(ConsentError):
        export_swap(model, tmp_path / "again.onnx")
    assert not (tmp_path / "again.onnx").exists()


def test_the_command_says_what_it_wrote_and_replaces_nothing_unasked(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "ab.onnx"
    assert main(["train", "export", str(model), "-o", str(out)]) == 0
    assert "32 px" in capsys.readouterr().out
    assert main(["train", "export", str(model), "-o", str(out)]) == 2
    assert main(["train", "export", str(model), "-o", str(out), "--overwrite"]) == 0
    with pytest.raises(UsageError, match="is to hold a network"):
        export_swap(model, tmp_path / "ab.bin")


@pytest.mark.parametrize("name", ["", "none.safetensors"])
def test_what_is_no_file_is_refused_in_words(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelError, match="the model cannot be read"):
        export_swap(tmp_path / name, tmp_path / "ab.onnx")
