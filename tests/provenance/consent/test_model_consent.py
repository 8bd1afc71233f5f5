import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import sleep
from types import ModuleType

import numpy as np
import pytest

from masquerade.errors import ConsentError, InputError, OutputError, UsageError
from masquerade.provenance import ledger
from masquerade.provenance.consent import model_consent, trust
from masquerade.provenance.consent.model_consent import KEY, check_model, mark_model, remember
from masquerade.provenance.consent.model_file import read_model
from masquerade.provenance.consent.records import ConsentRecord
from masquerade.provenance.consent.revocation import revoke

numpy_io = pytest.importorskip("safetensors.numpy")
safetensors = pytest.importorskip("safetensors")

WEIGHTS = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.ones(5, np.float16)}


def _metadata(path: Path) -> dict[str, str]:
    with safetensors.safe_open(path, "numpy") as model:
        return dict(model.metadata() or {})


def _rewrite(path: Path, metadata: dict[str, str], weights: object = None) -> None:
    numpy_io.save_file(weights or WEIGHTS, path, metadata=metadata)


@pytest.fixture
def model(record: ConsentRecord, tmp_path: Path) -> Path:
    path = tmp_path / "ann.safetensors"
    _rewrite(path, {"epochs": "3"})
    mark_model(path, [record])
    return path


def test_a_marked_model_loads_as_before_and_knows_its_records(
    model: Path, record: ConsentRecord
) -> None:
    assert check_model(model) == (record,)
    assert _metadata(model)["epochs"] == "3"
    loaded = numpy_io.load_file(model)
    assert all(np.array_equal(loaded[name], WEIGHTS[name]) for name in WEIGHTS)
    row = ledger.rows(kind="model")[0]
    assert record.id in row.body


def test_revoking_a_record_closes_its_models_and_names_them(
    model: Path, record: ConsentRecord
) -> None:
    told = revoke(record.id)
    assert [one.name for one in told.models] == ["ann.safetensors"]
    assert "  Delete what is left of their training beside them too: ann.training." in told.lines()
    with pytest.raises(ConsentError, match=r"ann\.safetensors .* cannot be used: .* was revoked"):
        check_model(model)


def test_an_expired_record_closes_its_models(scene: ModuleType, tmp_path: Path) -> None:
    begin = datetime.now(UTC) - timedelta(days=1)
    short = scene.make_record(valid_from=begin, valid_until=begin + timedelta(days=1, seconds=1))
    path = tmp_path / "short.safetensors"
    _rewrite(path, {})
    mark_model(path, [short])
    sleep(max(0.0, (short.valid_until - datetime.now(UTC)).total_seconds()))
    with pytest.raises(ConsentError, match="expired on"):
        check_model(path)


def test_stripped_metadata_is_refused(model: Path) -> None:
    _rewrite(model, {"epochs": "3"})
    with pytest.raises(ConsentError, match="does not say under whose consent"):
        check_model(model)


def test_an_edited_description_is_refused(model: Path) -> None:
    _rewrite(model, _metadata(model) | {"epochs": "9"})
    with pytest.raises(ConsentError, match="says of itself was changed"):
        check_model(model)


def test_a_file_of_before_descriptions_were_signed_still_loads(
    record: ConsentRecord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "old.safetensors"
    _rewrite(path, {})
    with monkeypatch.context() as before:
        before.setattr(model_consent, "_words_sha256", lambda _: "")
        mark_model(path, [record])
    _rewrite(path, _metadata(path) | {"epochs": "3"})
    assert check_model(path) == (record,)


def test_the_metadata_of_another_model_is_refused(model: Path) -> None:
    _rewrite(model, _metadata(model), WEIGHTS | {"b": np.zeros(5, np.float16)})
    with pytest.raises(ConsentError, match="weights are not those"):
        check_model(model)


EDITS = [
    "another record",
    "another name",
    "no signature",
    "no record",
    "no digest of words",
    "longer consent",
    "no JSON",
    "a name twice",
]


def _edits(text: str, other: ConsentRecord) -> dict[str, str]:
    content = json.loads(text)
    return {
        "another record": json.dumps(content | {"consents": [json.loads(other.text())]}),
        "another name": json.dumps(content | {"name": "harmless"}),
        "no signature": json.dumps(content | {"signature": ""}),
        "no record": json.dumps(content | {"consents": []}),
        "no digest of words": json.dumps(content | {"words_sha256": ""}),
        "longer consent": text.replace('"grantee": "the tests"', '"grantee": "everyone"'),
        "no JSON": "x",
        "a name twice": text.replace("{", '{"name": "harmless",', 1),
    }


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_statement_is_refused(model: Path, scene: ModuleType, edit: str) -> None:
    metadata = _metadata(model)
    changed = _edits(metadata[KEY], scene.make_record())[edit]
    assert changed != metadata[KEY]
    _rewrite(model, metadata | {KEY: changed})
    with pytest.raises(ConsentError, match=r"was changed|cannot be read"):
        check_model(model)


def test_a_model_of_another_installation_needs_trust(
    model: Path, record: ConsentRecord, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    with pytest.raises(ConsentError, match="unknown installation"):
        check_model(model, home=other)
    trust.trust_signer(record.signer, "Studio A", home=other)
    assert check_model(model, home=other) == (record,)


def test_a_model_needs_a_record_that_holds(record: ConsentRecord) -> None:
    with pytest.raises(UsageError, match="under 0 consent records"):
        remember([], name="x", weights_sha256="a" * 64)
    with pytest.raises(UsageError):
        remember([record], name="x", weights_sha256="none")
    revoke(record.id)
    with pytest.raises(ConsentError, match="was revoked"):
        remember([record], name="x", weights_sha256="a" * 64)


@pytest.mark.parametrize(
    "content", [b"", b"\xff" * 8, b"\x02\0\0\0\0\0\0\0[]", b'\x09\0\0\0\0\0\0\0{"a": 1}', b"x" * 99]
)
def test_another_file_is_no_model(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bad.safetensors"
    path.write_bytes(content)
    with pytest.raises((InputError, ConsentError)):
        check_model(path)
    with pytest.raises(InputError):
        read_model(tmp_path / "none")


def test_a_full_disk_leaves_the_model_as_it_was(
    model: Path, record: ConsentRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_file: int) -> None:
        raise OSError(28, "No space left on device")

    before = model.read_bytes()
    monkeypatch.setattr("masquerade.provenance.consent.model_file.os.fsync", full)
    monkeypatch.setattr("masquerade.provenance.ledger.append", lambda *a, **k: None)
    with pytest.raises(OutputError, match="No space left"):
        mark_model(model, [record])
    assert model.read_bytes() == before
    assert [path.name for path in model.parent.iterdir()] == [model.name]
