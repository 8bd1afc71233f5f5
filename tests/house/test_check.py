"""The one check script fails when a gate fails, and each ready-made gate can fail."""

import shutil
import sys
from pathlib import Path

import pytest

from scripts import check
from scripts.check import Gate

ROOT = Path(__file__).resolve().parents[2]


def test_every_gate_runs_and_failures_are_counted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def three(root: Path) -> tuple[Gate, ...]:
        return (
            Gate("first", (sys.executable, "-c", "print('found it'); raise SystemExit(3)"), "mend"),
            Gate("second", (sys.executable, "-c", "print('quiet')")),
            Gate("third", (str(tmp_path / "missing"),)),
        )

    monkeypatch.setattr(check, "gates", three)

    assert check.main([], root=tmp_path) == 2
    said = capsys.readouterr().out
    assert "found it" in said
    assert "to mend: mend" in said
    assert "quiet" not in said
    assert "check: 1 kept, 2 failed (first, third)" in said


def test_an_unknown_gate_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert check.main(["spelling"]) == 2
    assert "no gate is named spelling" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("format", '"""Doc."""\nx = {  1:2 }\n'),
        ("lint", '"""Doc."""\nimport os\n'),
        ("lint", "def undocumented(): ...\n"),
        ("house", '"""Doc."""\ndef f():\n    global x\n'),
        ("types", '"""Doc."""\nx: int = "one"\n'),
        ("types", '"""Doc."""\ndef f(x):\n    return x\n'),
    ],
)
def test_each_gate_fails_on_one_bad_file(tmp_path: Path, name: str, text: str) -> None:
    package = tmp_path / "src" / "masquerade"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "bad.py").write_text(text, encoding="utf-8")
    for kept in ("pyproject.toml", "scripts"):
        copy = shutil.copytree if (ROOT / kept).is_dir() else shutil.copy
        copy(ROOT / kept, tmp_path / kept)

    gate = next(gate for gate in check.gates(tmp_path) if gate.name == name)

    assert not check.run(gate, tmp_path)
