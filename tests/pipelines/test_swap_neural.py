"""A swap by a trained model, from request to sealed file: whose face it is, is measured."""

import json
from pathlib import Path

import numpy as np
import pytest
from tests.models.tiny_swap import SHAPE, write_swap

from masquerade import personas
from masquerade.errors import ConsentError, ModelError, UsageError
from masquerade.faces.align import crop, moved
from masquerade.faces.detect import find_faces
from masquerade.faces.readers import FaceReader
from masquerade.faces.trained_face import cut
from masquerade.faces.whole_face import whole_face
from masquerade.generate import swap_neural
from masquerade.media.read import read_image
from masquerade.models.trained import swap as trained_swap
from masquerade.models.trained.swap import KEY, LANDMARKS, PICTURES, SwapDescription, TrainedOn
from masquerade.models.trained.swap_shape import SwapShape
from masquerade.pipelines.make import make
from masquerade.provenance import ledger
from masquerade.provenance.consent.model_consent import mark_model
from masquerade.provenance.consent.records import ConsentRecord, load, new_record
from masquerade.provenance.consent.revocation import revoke
from masquerade.provenance.verify import verify

pytestmark = pytest.mark.weights

LARGE = SwapShape(**SHAPE.model_dump() | {"side": 256})


@pytest.fixture(scope="module")
def reader() -> FaceReader:
    return FaceReader.open()


@pytest.fixture
def draws_what_it_sees(monkeypatch: pytest.MonkeyPatch, reader: FaceReader) -> None:
    """Networks that give back what they are shown: portraits of the source are the source's."""

    def drawn(self: trained_swap.TrainedSwap, faces):
        return [(one, np.ones(one.shape[:2], np.float32)) for one in faces]

    monkeypatch.setattr(trained_swap.TrainedSwap, "__call__", drawn)


def model_of(name: str, place: Path, reader: FaceReader, *records: ConsentRecord) -> Path:
    """A model whose portraits are those of a persona."""
    pixels = read_image(personas.load(name).picture).pixels
    face = max(find_faces(pixels, reader), key=lambda one: one.size_px)
    transform = whole_face(face.landmarks, 256)
    marks = moved(face.landmarks, transform)
    on_map = cut(crop(pixels, transform, 256), marks, LARGE.side)[..., :3]
    side = TrainedOn(faceset_sha256="0" * 64, faces=9, consent=records[0].id)
    about = SwapDescription(shape=LARGE, source=side, target=side, iterations=3)
    from tests.models.tiny_swap import weights

    write_swap(
        place,
        weights(LARGE) | {PICTURES: on_map[None].copy(), LANDMARKS: marks[None].copy()},
        {KEY: about.model_dump_json()},
    )
    mark_model(place, records)
    return place


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "ada.jpg"  # what the networks of these tests leave as it is
    path.write_bytes(personas.load("ada").picture.read_bytes())
    return path


def record_of(name: str) -> ConsentRecord:
    return load(personas.load(name).consent)


def made_with(model: Path, target: Path, out: Path, **others: object):
    options = swap_neural.Options(model=model)
    return make("swap_neural", target=target, out=out, options=options, **others)  # type: ignore[arg-type]


def test_a_model_brings_its_own_record_and_is_named_as_what_was_used(
    tmp_path: Path, target: Path, reader: FaceReader, draws_what_it_sees: None
) -> None:
    model = model_of("ada", tmp_path / "ab.safetensors", reader, record_of("ada"))
    out = tmp_path / "out.png"

    made = made_with(model, target, out, purpose="research")

    assert out.exists()
    assert made.plan.tally.swapped == 1
    (row,) = [one for one in ledger.rows() if one.kind == "output"]
    body = json.loads(row.body)
    assert [one["role"] for one in body["inputs"]] == ["target", "source"]
    assert body["consents"][0]["id"] == record_of("ada").id
    assert body["consents"][0]["distance"] < 0.5
    assert json.loads(body["options"])["method"]["model"] == "ab.safetensors"


def test_a_model_that_shows_another_person_than_its_record_is_refused(
    tmp_path: Path, target: Path, reader: FaceReader, draws_what_it_sees: None
) -> None:
    model = model_of("cora", tmp_path / "ab.safetensors", reader, record_of("ada"))

    with pytest.raises(ConsentError, match=r"does not draw .* yet: after 3 iterations") as told:
        made_with(model, target, tmp_path / "out.png", purpose="research")
    assert "train it on" in told.value.todo
    assert "supplied" not in told.value.found
    assert not (tmp_path / "out.png").exists()


def test_one_of_everybody_it_was_trained_on_can_close_it(
    tmp_path: Path, target: Path, reader: FaceReader, draws_what_it_sees: None
) -> None:
    from datetime import UTC, datetime, timedelta

    other = new_record(
        kind="performer",
        subject="Ann",
        grantee="tests",
        purposes=["research"],
        embeddings=[np.full(128, 0.088, np.float32)],
        valid_until=datetime.now(UTC) + timedelta(days=1),
        adult_attested=True,
    )
    model = model_of("ada", tmp_path / "ab.safetensors", reader, record_of("ada"), other)
    made_with(model, target, tmp_path / "one.png", purpose="research")
    (row,) = [one for one in ledger.rows() if one.kind == "output"]
    named = {one["id"]: one["distance"] for one in json.loads(row.body)["consents"]}
    assert named.keys() == {record_of("ada").id, other.id}
    assert named[record_of("ada").id] < 0.5  # measured; the other is not seen
    assert named[other.id] is None
    told = revoke(other.id)
    assert [one.name for one in told.outputs] == ["one.png"]
    assert any(other.id in words for words in verify(tmp_path / "one.png").revoked)

    with pytest.raises(ConsentError, match="was revoked"):
        made_with(model, target, tmp_path / "two.png", purpose="research")
    assert not (tmp_path / "two.png").exists()


@pytest.mark.parametrize("spoil", ["cut", "unmarked", "other weights"])
def test_a_model_that_was_changed_is_refused(
    tmp_path: Path, target: Path, reader: FaceReader, spoil: str
) -> None:
    model = model_of("ada", tmp_path / "ab.safetensors", reader, record_of("ada"))
    data = model.read_bytes()
    if spoil == "cut":
        model.write_bytes(data[:-9])
    elif spoil == "unmarked":
        model.write_bytes(data.replace(b"masquerade.consent", b"masquerade.nothing"))
    else:
        model.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))

    with pytest.raises((ConsentError, ModelError)):
        made_with(model, target, tmp_path / "out.png", purpose="research")
    assert not (tmp_path / "out.png").exists()


def test_without_a_model_nothing_is_made(tmp_path: Path, target: Path) -> None:
    with pytest.raises(UsageError, match="no source"):
        make("swap_neural", target=target, out=tmp_path / "out.png")
