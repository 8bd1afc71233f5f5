"""`masquerade jobs`, `serve key`, `backup`: commands become jobs, and jobs are told about."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from masquerade.cli import build_parser, main
from masquerade.cli.jobs_asked import asked
from masquerade.errors import UsageError
from masquerade.jobs.work import kind_of, read_spec


def told(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> Any:
    """What a command answers to programs."""
    assert main([*words, "--json"]) == code
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (32, 24), (90, 120, 60)).save(tmp_path / "a.png")
    return Path("a.png")


@pytest.mark.parametrize(
    ("words", "kind", "wanted"),
    [
        (
            "swap ada.jpg clip.mp4 -o out.mp4 --consent a.consent --method mesh --crf 20",
            "make",
            {"method": "swap_mesh", "sources": ["ada.jpg"], "encoding": {"crf": 20}},
        ),
        ("style a.png -o b.png --style ink", "make", {"options": {"style": ["ink"]}}),
        ("anonymize a.mp4 -o b.mp4 --keep left", "anonymize", {"keep": ["left"]}),
        ("lipsync a.mp4 --speech s.wav -o b.mp4", "lipsync", {"speech": "s.wav"}),
        ("dub a.mp4 --text Hello --as v.mvoice -o b.mp4", "lipsync", {"text": "Hello"}),
        ("portrait a.jpg --speech s.wav -o b.mp4", "portrait", {"target": "a.jpg"}),
        ("body a.jpg v.mp4 -o b.mp4", "body", {"source": "a.jpg", "target": "v.mp4"}),
        ("body a.jpg v.mp4 -o b.mp4 --holdout m.png", "body", {"holdout": "m.png"}),
        ("body inspect v.mp4 a.jpg -o s.png", "body_inspect", {"target": "v.mp4"}),
        ("body inspect --source-video v.mp4 -o s.png", "body_inspect", {"target": None}),
        ("examine a.mp4 -o r.html", "examine", {"reports": ["r.html"]}),
        ("examine . -o ../reports", "examine_folder", {"target": ".", "out": "../reports"}),
        ("morph a.jpg b.jpg -o c.jpg --share 0.3", "morph", {"share": 0.3}),
        ("personas voice ada -o ada.mvoice", "persona_voice", {"name": "ada"}),
        ("train lips a.mp4 b.mp4 -o m.safetensors", "train_lips", {"footage": ["a.mp4", "b.mp4"]}),
        ("train body a.mp4 -o m.mbody --preset small", "train_body", {"video": "a.mp4"}),
        ("verify a.mp4", "verify", {"target": "a.mp4"}),
        ("evaluate swap a.mp4 b.mp4 --source c.jpg --picture p.png", "evaluate", {"out": "p.png"}),
        ("gallery a.jpg -o b.png --of effects", "gallery", {"of": "effects"}),
        ("person enrol Ada a.mp4 b.mp4 -o a.person", "person", {"name": "Ada"}),
        ("preview a.jpg b.mp4 -o s.png --at 0:01", "preview", {"at": [1.0]}),
        ("source build a.mp4 -o a.mface", "source", {"inputs": ["a.mp4"]}),
        ("faceset build a.mp4 -o a.faceset --most 9", "faceset", {"limits": {"most": 9}}),
        ("voice build a.wav -o a.mvoice", "voice_build", {"inputs": ["a.wav"]}),
        ("voice convert a.wav --as v.mvoice -o b.wav", "voice_convert", {"voice": "v.mvoice"}),
        ("voice disguise a.wav -o b.wav", "voice_disguise", {"target": "a.wav"}),
        ("voice speak Hello --as v.mvoice -o b.wav", "voice_speak", {"text": "Hello"}),
        (
            "train swap --source a --target b -o m.safetensors --iterations 5",
            "train",
            {"options": {"iterations": 5}},
        ),
    ],
)
def test_commands_become_jobs_with_all_their_flags(
    words: str, kind: str, wanted: dict[str, Any]
) -> None:
    found, spec = asked(build_parser(words.split()).parse_args(words.split()))
    assert found == kind
    assert wanted.items() <= spec.items()
    left = set(kind_of(kind).Spec.model_fields) - spec.keys()
    assert left <= {"count", "encoding"}  # of a preview: a sheet is always stored alike
    assert read_spec(kind, spec)


@pytest.mark.parametrize(
    "words",
    [
        "doctor",
        "consent list",
        "examine --check r.html",
        "body inspect v.mp4 a.jpg b.jpg -o s.png",
        "body inspect v.mp4 a.jpg --source-video b.mp4 -o s.png",
    ],
)
def test_other_commands_cannot_wait(words: str) -> None:
    with pytest.raises(UsageError):
        asked(build_parser(words.split()).parse_args(words.split()))


def test_a_job_is_asked_for_shown_stopped_and_brought_back(
    picture: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = told(capsys, "jobs", "submit", "--priority", "2", "verify", str(picture))
    again = told(capsys, "jobs", "submit", "verify", str(picture))
    assert (first["is_new"], again["is_new"]) == (True, False)
    name = first["job"]["id"]
    later = told(capsys, "jobs", "submit", "--after", name[:12], "examine", str(picture))
    assert later["job"]["after"] == [name]
    listed = told(capsys, "jobs", "list", "--state", "waiting")["jobs"]
    assert [job["id"] for job in listed] == [later["job"]["id"], name]
    assert told(capsys, "jobs", "cancel", name)["job"]["state"] == "cancelled"
    shown = told(capsys, "jobs", "show", later["job"]["id"])["job"]
    assert shown["state"] == "cancelled"
    assert name in shown["message"]
    assert told(capsys, "jobs", "retry", name)["job"]["state"] == "waiting"
    assert main(["jobs", "list"]) == 0
    assert f"after {name[:16]}" in capsys.readouterr().out
    assert told(capsys, "jobs", "sweep") == {"uploads": 0, "results": 0, "jobs": 0, "exit_code": 0}
    assert told(capsys, "jobs", "show", "job-none", code=2)["error"]["found"]


def test_a_command_without_its_action_shows_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["jobs"]) == 2
    assert "submit" in capsys.readouterr().out
    assert told(capsys, "personas", code=2)["error"]["found"]


def test_a_keys_secret_is_shown_once(capsys: pytest.CaptureFixture[str]) -> None:
    key = told(capsys, "serve", "key", "new", "--role", "examiner", "--name", "desk")
    assert key["secret"].startswith("mqk_")
    assert key["secret"] not in str(told(capsys, "serve", "key", "list"))
    assert told(capsys, "serve", "key", "end", key["id"])["ended"]
    assert [one["ended"] is None for one in told(capsys, "serve", "key", "list")["keys"]] == [False]


def test_state_is_kept_and_put_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told(capsys, "serve", "key", "new", "--role", "admin")
    kept = told(capsys, "backup", str(tmp_path / "state.tar"))
    monkeypatch.setenv("MASQUERADE_HOME", str(tmp_path / "other"))
    assert told(capsys, "restore", str(tmp_path / "state.tar"))["files"] == kept["files"]
    assert len(told(capsys, "serve", "key", "list")["keys"]) == 1
