import json
from pathlib import Path

import pytest

from masquerade.cli import main

pytest.importorskip("torch", reason="PyTorch is missing: the extra `train`")


def test_flags_derive_from_the_options(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "swap", "--help"]) == 0
    said = capsys.readouterr().out
    assert "--preset {tiny,small,medium,large}" in said
    assert "torchrun" in said


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--rate", "9"], 2, "--rate"),
        (["--preset", "huge"], 2, "huge"),
        ([], 4, "no file"),
    ],
)
@pytest.mark.weights
def test_what_makes_no_sense_ends_with_the_usual_codes(
    words: list[str], code: int, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "none.faceset"
    command = ["train", "swap", "--source", str(place), "--target", str(place), "--json"]

    assert main([*command, "-o", str(tmp_path / "ab.safetensors"), *words]) == code
    assert said in json.loads(capsys.readouterr().out)["error"]["found"]
