import json
import struct
from pathlib import Path

import pytest
from PIL import Image

from masquerade.provenance.c2pa.walk import Report, did, ingredients, machine_uses, problems
from masquerade.provenance.c2pa.words import machine_use_words
from masquerade.provenance.verify import verify

GOOD = {"activeManifest": {"success": [], "failure": []}}


def _report(manifests: dict, results: object = None) -> Report:
    content = {"active_manifest": "a", "manifests": manifests, "validation_results": results}
    return Report.of(content)


def test_ingredients_are_listed_each_before_its_own() -> None:
    bad = {"activeManifest": {"failure": [{"code": "claimSignature.mismatch"}]}}
    top = [
        {"title": "one", "relationship": "parentOf", "active_manifest": "b"},
        {"title": "two", "relationship": "componentOf"},
    ]
    inner = {
        "label": "b",
        "signature_info": {"common_name": "Bo", "time": "2024-01-02T03:04:05+00:00"},
        "ingredients": [{"title": "deep", "relationship": "odd", "validation_results": bad}],
    }
    report = _report({"a": {"label": "a", "ingredients": top}, "b": inner}, GOOD)
    found = ingredients(report)
    assert [(one.depth, one.title) for one in found] == [(1, "one"), (2, "deep"), (1, "two")]
    assert found[0].signed_by == "Bo"
    assert found[1].broken == ("the signature does not fit the manifest",)
    assert found[2].part == "put into it"
    assert [one.where for one in problems(report)] == ["ingredient one > deep"]


def test_a_history_that_goes_round_or_is_endless_comes_to_an_end() -> None:
    round_ = {"title": "me", "active_manifest": "a"}
    assert len(ingredients(_report({"a": {"ingredients": [round_]}}))) == 2
    chain = {
        str(n): {"ingredients": [{"title": f"t{n}", "active_manifest": str(n + 1)}] * 2}
        for n in range(3000)
    }
    report = Report.of({"active_manifest": "0", "manifests": chain})
    assert len(ingredients(report)) <= 2001
    assert problems(report)[0].code == "history.long"


@pytest.mark.parametrize(
    "value", [None, 3, "x", [], {}, [[]], {"a": 3}, {"actions": 5}, {"entries": [1]}]
)
def test_a_report_of_any_shape_can_be_read(value: object) -> None:
    manifest = {
        "assertions": [
            value,
            {"label": value, "data": value},
            {"label": "c2pa.actions.v2", "data": value},
            {"label": "c2pa.actions", "data": {"actions": [value, {"action": value}]}},
            {"label": "cawg.training-mining", "data": {"entries": {"x": value}}},
        ],
        "ingredients": [value, {"title": value, "active_manifest": value}],
        "signature_info": value,
        "claim_generator_info": value,
    }
    for content in (
        value,
        {"manifests": value},
        {"active_manifest": "a", "manifests": {"a": manifest}},
    ):
        report = Report.of(content)
        assert isinstance(problems(report), tuple)
        assert isinstance(ingredients(report), tuple)
        did(report.active)
        machine_uses(report.active)


def test_a_use_that_nobody_knows_is_shown_as_it_is() -> None:
    assert machine_use_words("org.example.dance", "maybe") == "org.example.dance: maybe"


def _jumbf(content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), b"jumb") + content


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 64,
        struct.pack(">I4s", 0xFFFFFFFF, b"jumb") + b"c2pa" * 9,
        _jumbf(
            b"\x00\x00\x00\x1ejumdc2pa\x00\x11\x00\x10\x80\x00\x00\xaa\x00\x38\x9b\x71\x03c2pa\x00"
        ),
        b"".join(struct.pack(">I4s", 9000 - n, b"jumb") for n in range(0, 8000, 8)),
    ],
    ids=["empty", "zeros", "too long", "no claim", "nested"],
)
@pytest.mark.parametrize("beside", [False, True])
def test_hostile_manifests_are_broken_or_none_and_never_a_crash(
    tmp_path: Path, content: bytes, beside: bool
) -> None:
    picture = tmp_path / "in.png"
    Image.new("RGB", (32, 32)).save(picture)
    data = picture.read_bytes()
    path = tmp_path / ("out.mkv" if beside else "out.png")
    if beside:
        path.write_bytes(b"\x1aE\xdf\xa3" + data)
        path.with_suffix(".c2pa").write_bytes(content)
    else:
        chunk = struct.pack(">I4s", len(content), b"caBX") + content + b"\0\0\0\0"
        path.write_bytes(data[:33] + chunk + data[33:])
    found = verify(path)
    assert found.credentials.state in ("none", "broken", "unreadable")
    assert found.exit_code in (0, 5)
    json.dumps(found.as_json())


def test_a_huge_sidecar_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "out.mkv"
    path.write_bytes(b"\x1aE\xdf\xa3")
    with path.with_suffix(".c2pa").open("wb") as file:
        file.truncate(1 << 31)
    assert verify(path).credentials.state == "unreadable"
