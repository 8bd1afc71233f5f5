"""A swap by a brought network, from request to sealed file: its card and licence go along."""

import json
from pathlib import Path

import pytest
from tests.models import tiny_networks as tiny
from tests.pipelines.test_own_face import crop_of

from masquerade import personas
from masquerade.errors import ConsentError, ModelError
from masquerade.faces.readers import FaceReader
from masquerade.generate import swap_network
from masquerade.pipelines.make import make
from masquerade.provenance import ledger
from masquerade.provenance.verify import verify

pytestmark = pytest.mark.weights


@pytest.fixture
def faces(tmp_path: Path) -> dict[str, Path]:
    """Pictures and records of two personas."""
    made = {}
    for name in ("ada", "bela"):
        persona = personas.load(name)
        made[name] = tmp_path / f"{name}.jpg"
        made[name].write_bytes(persona.picture.read_bytes())
        made[f"{name}.consent"] = tmp_path / f"{name}.consent"
        made[f"{name}.consent"].write_bytes(persona.consent.read_bytes())
    return made


def test_manifest_and_ledger_name_network_card_and_licence(
    faces: dict[str, Path], tmp_path: Path
) -> None:
    shelf = tiny.shelf(tmp_path)
    data = tiny.baked_network(crop_of("ada", FaceReader.open()))
    shelf.put("swap", data, tiny.swap_card(data))
    out = tmp_path / "out.png"

    made = make(
        "swap_network",
        target=faces["bela"],
        out=out,
        sources=[faces["ada"]],
        consents=[faces["ada.consent"]],
        options=swap_network.Options(network=shelf.card),
    )

    assert f"network 'swap', on these terms: {tiny.LICENCE}" in made.plan.notes
    (row,) = [one for one in ledger.rows() if one.kind == "output"]
    body = json.loads(row.body)
    assert [one["name"] for one in body["networks"]] == ["swap", "id"]
    assert body["networks"][0]["licence"] == tiny.LICENCE
    assert body["networks"][0]["card_sha256"] == tiny.sha256(shelf.card.read_bytes())
    assert {"name": "swap.toml", "sha256": body["networks"][0]["card_sha256"]} in body["models"]
    assert json.loads(body["options"])["method"]["network"] == "swap.toml"
    assert str(tmp_path) not in row.body
    report = verify(out)
    assert report.exit_code == 0
    assert any(tiny.LICENCE in line for line in report.lines())


def test_no_network_is_a_way_round_consent(faces: dict[str, Path], tmp_path: Path) -> None:
    shelf = tiny.shelf(tmp_path)
    options = swap_network.Options(network=shelf.card)
    for consents in ([], [faces["bela.consent"]]):
        with pytest.raises(ConsentError):
            make(
                "swap_network",
                target=faces["bela"],
                out=tmp_path / "out.png",
                sources=[faces["ada"]],
                consents=consents,
                options=options,
            )
    assert not (tmp_path / "out.png").exists()


def test_a_changed_network_is_refused_before_anything_is_read(
    faces: dict[str, Path], tmp_path: Path
) -> None:
    shelf = tiny.shelf(tmp_path)
    (shelf.folder / "swap.onnx").write_bytes(tiny.swap_network(256))

    with pytest.raises(ModelError, match="has SHA-256"):
        make(
            "swap_network",
            target=faces["bela"],
            out=tmp_path / "out.png",
            sources=[faces["ada"]],
            consents=[faces["ada.consent"]],
            options=swap_network.Options(network=shelf.card),
        )
