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


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree in which every gate is kept, with as little in it as there can be."""
    for folder in ("src/masquerade", "benchmarks", "scripts", "train"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "__init__.py").touch()
    for kept in ("pyproject.toml", "scripts/house.py"):
        shutil.copy(ROOT / kept, tmp_path / kept)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("format", '"""Doc."""\nx = {  1:2 }\n'),
        ("lint", '"""Doc."""\nimport os\n'),
        ("lint", "def undocumented(): ...\n"),
        ("house", '"""Doc."""\ndef f():\n    global x\n'),
        ("types", '"""Doc."""\ndef f(x):\n    return x\n'),
    ],
)
def test_each_gate_fails_on_one_bad_file(
    tree: Path, capsys: pytest.CaptureFixture[str], name: str, text: str
) -> None:
    (tree / "src" / "masquerade" / "bad.py").write_text(text, encoding="utf-8")

    assert not check.run(_gate(name, tree), tree)
    assert "bad.py" in capsys.readouterr().out


def test_types_are_checked_in_every_folder_but_that_of_tests(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places = [tree / name for name in ("src/masquerade", "benchmarks", "scripts", "train")]
    for place in places:
        (place / "bad.py").write_text('"""Doc."""\nx: int = "one"\n', encoding="utf-8")

    assert not check.run(_gate("types", tree), tree)
    said = capsys.readouterr().out
    assert all(str((place / "bad.py").relative_to(tree)) in said for place in places)


def _gate(name: str, root: Path) -> Gate:
    return next(gate for gate in check.gates(root) if gate.name == name)
