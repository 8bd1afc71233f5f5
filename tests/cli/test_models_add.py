"""`masquerade models add`, `list` and `verify` with networks of the user's own."""

import json
from pathlib import Path

import numpy as np
import pytest
from tests.models import tiny_networks as tiny

from masquerade.cli import main
from masquerade.models.brought.card import networks_dir

IDENTITY = ["models", "add", "id.onnx", "--like", "arcface", "--licence", "mine"]
SWAP = ["models", "add", "swap.onnx", "--like", "inswapper", "--licence", "not for sale"]


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    emap = np.eye(tiny.SIZE, dtype=np.float32)
    (tmp_path / "swap.onnx").write_bytes(tiny.swap_network(emap=emap))
    (tmp_path / "id.onnx").write_bytes(tiny.embedding_network())
    return tmp_path


def test_a_pair_is_added_to_the_users_folder_listed_and_verified(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(IDENTITY) == 0
    assert main([*SWAP, "--embedding", "id"]) == 0

    said = capsys.readouterr().out
    assert "tried: it gives 16 numbers for a face" in said
    assert "tried: it gives 128 x 128 pixels, several faces in a call" in said
    assert "licence, as you state it: not for sale" in said
    assert "--method swap_network --network swap" in said
    assert main(["models", "list", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["brought"]
    assert [(row["name"], row["state"], row["role"]) for row in told] == [
        ("id", "verified", "embedding"),
        ("swap", "verified", "swap"),
    ]
    assert told[1]["licence"] == "not for sale"


def test_an_altered_file_and_a_broken_card_are_findings(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(IDENTITY)
    (networks_dir() / "torn.toml").write_text("role = ")
    (files / "id.onnx").write_bytes(b"another")
    capsys.readouterr()

    assert main(["models", "verify"]) == 1
    out = capsys.readouterr().out
    assert "id                     altered" in out
    assert "torn                   broken" in out


def test_a_card_beside_its_files_can_be_moved_with_them(files: Path) -> None:
    assert main([*IDENTITY, "-o", "id.toml"]) == 0
    assert main([*SWAP, "-o", "swap.toml", "--embedding", "id.toml"]) == 0

    text = (files / "swap.toml").read_text(encoding="utf-8")
    assert 'file = "swap.onnx"' in text
    assert 'network = "id.toml"' in text


def test_a_matrix_of_its_own_is_hashed(files: Path) -> None:
    main([*IDENTITY, "-o", "id.toml"])
    np.save(files / "e.npy", np.eye(tiny.SIZE, dtype=np.float32))

    words = ["-o", "swap.toml", "--embedding", "id.toml", "--emap", "e.npy"]
    assert main([*SWAP, *words]) == 0

    text = (files / "swap.toml").read_text(encoding="utf-8")
    assert 'emap = "e.npy"' in text
    assert tiny.sha256((files / "e.npy").read_bytes()) in text


@pytest.mark.parametrize(
    ("words", "code", "found"),
    [
        ([*SWAP], 2, "no embedding network is named"),
        ([*SWAP, "--embedding", "nobody"], 2, "there is no card nobody"),
        ([*IDENTITY[:3], "--licence", "mine"], 2, "how id.onnx wants its crop"),
        ([*IDENTITY[:-1], " "], 4, "licence has 0 letters"),
        ([*IDENTITY[:-2]], 2, "--licence"),
        ([*IDENTITY, "-o", "card.txt"], 2, "card.txt"),
        ([*IDENTITY, "-o", "missing/deep/c.toml", "--template", "mine"], 2, "invalid choice"),
        (["models", "add", "no.onnx", *IDENTITY[3:]], 2, "no.onnx cannot be read"),
        ([*IDENTITY, "--device", "tpu"], 2, "no device is named 'tpu'"),
        ([*SWAP, "--embedding", "x", "--emap", "no.npy"], 2, "no.npy cannot be read"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_written(
    files: Path, words: list[str], code: int, found: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(files.iterdir())

    assert main(words) == code
    assert found in capsys.readouterr().err
    assert sorted(files.iterdir()) == before
    assert not networks_dir().exists()


def test_a_card_is_replaced_only_when_asked(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(IDENTITY) == 0
    assert main(IDENTITY) == 2
    assert "exists" in capsys.readouterr().err
    assert main([*IDENTITY, "--overwrite"]) == 0
