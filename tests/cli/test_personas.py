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


def test_the_list_names_voices_with_their_distances(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["personas", "list"]) == 0
    told = capsys.readouterr().out
    for name in personas.voices():
        recipe, _ = personas.load_voice(name)
        assert f"{name:6} {recipe.sounds}; nearest of {recipe.compared_real_voices}" in told
    assert "masquerade personas voice NAME" in told


def test_a_voice_is_made_and_said_to_be_nobodys(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from masquerade.pipelines.voice import persona as persona_voice

    class Built:
        def lines(self) -> list[str]:
            return ["made"]

        def as_json(self) -> dict[str, object]:
            return {"out": "a.mvoice"}

    asked: list[object] = []

    def made(*words: object, **_: object) -> Built:
        asked.extend(words)
        return Built()

    monkeypatch.setattr(persona_voice, "make_persona_voice", made)
    name, out = personas.voices()[0], tmp_path / "a.mvoice"
    assert main(["personas", "voice", name, "-o", str(out)]) == 0
    told = capsys.readouterr().out
    assert asked == [name, out]
    assert "real voices at" in told
    assert "masquerade voice speak" in told


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
        (["export", "bela", "-o", "no/such/folder/a.jpg"], 2),
        (["export", "bela"], 2),
        (["voice", "bela", "-o", "b.mvoice"], 2),
        (["voice", "ada", "-o", "a.wav"], 2),
        (["voice", "ada", "-o", "no/such/folder/a.mvoice"], 2),
        ([], 2),
    ],
)
def test_what_cannot_be_done_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], code: int
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["personas", *words, "--json"]) == code
    assert not list(tmp_path.iterdir())
