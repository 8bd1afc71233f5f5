"""Voices that were cut off, changed, mixed or made up are refused in words, never spoken with."""

import json
import struct
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from tests.pipelines.voice.test_voices import _kept, _record, _voice

from masquerade.errors import ConsentError, InputError, MasqueradeError
from masquerade.models.tensor_file import read_tensors, write_private_tensors
from masquerade.pipelines.voice.spoken_with import open_voice
from masquerade.provenance.consent import model_voice
from masquerade.provenance.consent.model_consent import KEY, remember
from masquerade.provenance.consent.model_file import add_metadata, read_model
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.provenance.consent.voices_apart import MeasuredVoice
from masquerade.speech.voice_file import About, write_voice

VOICE = cache(_voice)
Parts = tuple[dict[str, object], bytes]


@pytest.fixture
def ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, ConsentRecord]:
    """A voice under its record, of which nobody needs to listen to anything."""
    embedding = VOICE().embedding
    same = (MeasuredVoice(embedding, 60.0, 1.0),)
    monkeypatch.setattr(model_voice, "voices_of", lambda *_, **__: same)
    return made(tmp_path / "ann.mvoice", _record())


def made(path: Path, record: ConsentRecord) -> tuple[Path, ConsentRecord]:
    """A voice file as `build_voice` signs it."""
    write_voice(path, VOICE(), About(made_by="tests", consent=record.id, inputs=("a" * 64,)))
    signed = remember([record], name=path.name, weights_sha256=read_model(path).sha256)
    add_metadata(read_model(path), signed)
    return path, record


def taken_apart(data: bytes) -> Parts:
    """Header and values."""
    (length,) = struct.unpack_from("<Q", data)
    return json.loads(data[8 : 8 + length]), data[8 + length :]


def put_together(parts: Parts) -> bytes:
    words = json.dumps(parts[0]).encode()
    words += b" " * (-len(words) % 8)
    return struct.pack("<Q", len(words)) + words + parts[1]


def test_the_voice_itself_is_spoken_with(ours: tuple[Path, ConsentRecord]) -> None:
    assert open_voice(ours[0], ()).record.id == ours[1].id


@pytest.mark.parametrize("kept", [0, 7, 8, 500, 0.5, -1])
def test_a_voice_that_was_cut_off_is_refused(ours: tuple[Path, ConsentRecord], kept: float) -> None:
    data = ours[0].read_bytes()
    ours[0].write_bytes(data[: int(len(data) * kept) if 0 < kept < 1 else int(kept)])

    with pytest.raises((InputError, ConsentError)) as refused:
        open_voice(ours[0], ())

    assert refused.value.found
    assert refused.value.expected or refused.value.todo


def renamed(parts: Parts) -> Parts:
    header = {("gain2" if name == "gain" else name): one for name, one in parts[0].items()}
    return header, parts[1]


def longer(parts: Parts) -> Parts:
    return parts[0], parts[1] + bytes(8)


def without_consent(parts: Parts) -> Parts:
    return {name: one for name, one in parts[0].items() if name != "__metadata__"}, parts[1]


def other_purpose(parts: Parts) -> Parts:
    words = dict(parts[0]["__metadata__"])  # type: ignore[call-overload]
    said = json.loads(words[KEY])
    said["consents"][0]["purposes"] = ["any"]
    return parts[0] | {"__metadata__": words | {KEY: json.dumps(said)}}, parts[1]


def no_records(parts: Parts) -> Parts:
    words = dict(parts[0]["__metadata__"])  # type: ignore[call-overload]
    said = json.loads(words[KEY]) | {"consents": []}
    return parts[0] | {"__metadata__": words | {KEY: json.dumps(said)}}, parts[1]


def other_kind(parts: Parts) -> Parts:
    header = json.loads(json.dumps(parts[0]))
    header["gain"]["dtype"] = "I64"
    return header, parts[1]


def out_of_place(parts: Parts) -> Parts:
    header = json.loads(json.dumps(parts[0]))
    header["gain"]["data_offsets"] = [0, 1 << 40]
    return header, parts[1]


@pytest.mark.parametrize(
    "attack",
    [renamed, longer, without_consent, other_purpose, no_records, other_kind, out_of_place],
)
def test_a_voice_that_was_changed_is_refused(
    ours: tuple[Path, ConsentRecord], attack: Callable[[Parts], Parts]
) -> None:
    ours[0].write_bytes(put_together(attack(taken_apart(ours[0].read_bytes()))))

    with pytest.raises((InputError, ConsentError)) as refused:
        open_voice(ours[0], ())

    assert refused.value.expected or refused.value.todo


def test_the_consent_of_another_voice_does_not_fit(
    ours: tuple[Path, ConsentRecord], tmp_path: Path
) -> None:
    other, _ = made(tmp_path / "bo.mvoice", _record(subject="Bo"))
    mine, theirs = (taken_apart(one.read_bytes()) for one in (ours[0], other))
    mine[0]["__metadata__"] = theirs[0]["__metadata__"]
    ours[0].write_bytes(put_together(mine))

    with pytest.raises(ConsentError, match="weights are not those"):
        open_voice(ours[0], ())


def test_a_record_of_somebody_else_that_is_given_changes_nothing_of_whose_voice_it_is(
    ours: tuple[Path, ConsentRecord], tmp_path: Path
) -> None:
    other = _record(subject="Bo")

    spoken = open_voice(ours[0], [_kept(other, tmp_path)])

    assert spoken.record.id == other.id  # the gates hold it against the voice
    assert {one.id for one in spoken.records} == {other.id, ours[1].id}


@pytest.mark.parametrize("change", ["schema", "nan", "few"])
def test_a_signed_file_of_another_schema_is_no_voice(
    ours: tuple[Path, ConsentRecord], tmp_path: Path, change: str
) -> None:
    tensors = {name: np.array(one) for name, one in read_tensors(ours[0])[0].items()}
    if change == "schema":
        about = bytes(tensors["about"]).replace(b"masquerade voice 1", b"masquerade voice 9")
        tensors["about"] = np.frombuffer(about, np.uint8)
    elif change == "nan":
        tensors["gain"][3] = np.nan
    else:
        tensors["units"] = tensors["units"][:100]
    path = tmp_path / "odd.mvoice"
    write_private_tensors(path, tensors)
    signed = remember([ours[1]], name=path.name, weights_sha256=read_model(path).sha256)
    add_metadata(read_model(path), signed)

    with pytest.raises(InputError, match="no voice that can be used"):
        open_voice(path, ())


def test_another_models_file_by_that_name_is_refused(
    ours: tuple[Path, ConsentRecord], tmp_path: Path
) -> None:
    path = tmp_path / "face.mvoice"
    write_private_tensors(path, {"weights": np.zeros(3, np.float32)})
    signed = remember([ours[1]], name=path.name, weights_sha256=read_model(path).sha256)
    add_metadata(read_model(path), signed)

    with pytest.raises(MasqueradeError, match="voice"):
        open_voice(path, ())
