"""`masquerade takedown` and `masquerade policy` from the command line."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from masquerade.cli import main
from masquerade.provenance.policy import GATES

NOTICE = [
    "--who", "Ann Example", "--contact", "ann@example.org", "--what", "a picture on a forum",
    "--good-faith", "published without my consent, I believe in good faith",
    "--signature", "Ann Example", "--signed-on", "2026-05-02",
]  # fmt: skip


@pytest.fixture
def picture(tmp_path: Path, rng: np.random.Generator) -> Path:
    path = tmp_path / "picture.png"
    blots = rng.integers(0, 256, (24, 40, 3)).astype(np.uint8)
    Image.fromarray(cv2.resize(blots, (320, 192), interpolation=cv2.INTER_CUBIC)).save(path)
    return path


def _said(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


def test_a_notice_goes_through_its_life(picture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["takedown", "add", *NOTICE, "--file", str(picture), "--json"]) == 0
    added = _said(capsys)
    assert (added["pictures"], added["state"]) == (1, "open")
    notice = str(added["id"])
    assert main(["takedown", "list"]) == 0
    listed = capsys.readouterr().out
    assert "48.0 h left" in listed
    assert "Ann" not in listed
    assert main(["takedown", "show", notice]) == 0
    assert "ann@example.org" in capsys.readouterr().out
    assert main(["takedown", "done", notice, "--why", "removed"]) == 0
    assert main(["takedown", "withdraw", notice, "--why", "entered twice", "--json"]) == 0
    capsys.readouterr()
    assert main(["takedown", "list", "--json"]) == 0
    assert _said(capsys)["notices"][0]["state"] == "withdrawn"  # type: ignore[index]


@pytest.mark.parametrize(
    "words",
    [
        ["add"],
        ["add", *NOTICE],
        ["add", *NOTICE, "--file", "nowhere.png"],
        ["add", *NOTICE, "--received", "yesterday", "--file", "x"],
        ["show", "mqt-0000000000000000"],
        ["withdraw", "mqt-0000000000000000", "--why", "so"],
        ["done", "mqt-0000000000000000"],
        ["remove"],
    ],
)
def test_what_makes_no_sense_is_a_usage_error(words: list[str]) -> None:
    assert main(["takedown", *words]) == 2


def test_a_picture_that_tells_nothing_cannot_be_blocked(tmp_path: Path) -> None:
    plain = tmp_path / "plain.png"
    Image.fromarray(np.full((64, 64, 3), 200, np.uint8)).save(plain)
    assert main(["takedown", "add", *NOTICE, "--file", str(plain)]) == 2


@pytest.mark.weights
def test_the_face_of_a_photo_is_blocked(capsys: pytest.CaptureFixture[str]) -> None:
    from masquerade import personas

    photo = personas.load("ada").picture
    assert main(["takedown", "add", *NOTICE, "--face", str(photo), "--json"]) == 0
    assert _said(capsys)["faces"] == 1


def test_policy_explains_every_gate(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy"]) == 0
    text = capsys.readouterr().out
    assert all(gate.name in text for gate in GATES)
    assert main(["policy", "--json"]) == 0
    gates = _said(capsys)["gates"]
    assert isinstance(gates, list)
    assert all(one["built"] and one["mistake"] for one in gates)


@pytest.mark.parametrize("flag", ["--off", "--skip", "--threshold", "--allow"])
def test_policy_has_no_switch(flag: str) -> None:
    assert main(["policy", flag]) == 2
