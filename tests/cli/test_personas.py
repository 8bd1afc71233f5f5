import json
from hashlib import sha256
from pathlib import Path

import pytest

from masquerade import personas
from masquerade.cli import main


def test_the_list_names_everyone_with_proof_and_distance(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["personas", "list"]) == 0
    told = capsys.readouterr().out
    for name in personas.names():
        one = personas.load(name)
        assert f"{name} " in told
        assert f"{one.nearest_real_face:.3f}" in told
        assert one.recipe_sha256[:12] in told


def test_the_list_is_there_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["personas", "list", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["personas"]
    assert [row["name"] for row in rows] == personas.names()
    assert all(row["nearest_real_face"] > 0.6 and Path(row["picture"]).exists() for row in rows)


def test_an_export_is_the_picture_and_its_record(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "somebody.jpg"
    assert main(["personas", "export", "bela", "-o", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    one = personas.load("bela")
    assert sha256(out.read_bytes()).hexdigest() == one.picture_sha256
    assert Path(told["consent"]).read_bytes() == one.consent.read_bytes()
    assert told["consent"] == str(tmp_path / "somebody.consent")


@pytest.mark.parametrize("there", ["b.jpg", "b.consent"])
def test_what_exists_is_kept_unless_told(tmp_path: Path, there: str) -> None:
    (tmp_path / there).write_text("mine")
    words = ["personas", "export", "bela", "-o", str(tmp_path / "b.jpg")]
    assert main(words) == 2
    assert [path.name for path in tmp_path.iterdir()] == [there]
    assert (tmp_path / there).read_text() == "mine"
    assert main([*words, "--overwrite"]) == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["export", "nobody", "-o", "a.jpg"], 2),
        (["export", "bela", "-o", "a.png"], 2),
        (["export", "bela", "-o", "no/such/folder/a.jpg"], 1),
        (["export", "bela"], 2),
        ([], 2),
    ],
)
def test_what_cannot_be_done_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], code: int
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["personas", *words, "--json"]) == code
    assert not list(tmp_path.iterdir())
