"""The Makefile sets up by itself, when it must and only then; the CI script stops on failure."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAKE = shutil.which("make")

pytestmark = pytest.mark.skipif(MAKE is None, reason="make is not installed")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with the files that make looks at, set up a moment ago."""
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    ready = tmp_path / ".venv" / ".ready"
    ready.parent.mkdir()
    ready.touch()
    os.utime(tmp_path / "pyproject.toml", (1, 1))
    return tmp_path


def make(place: Path, *words: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    clean = {name: text for name, text in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        [str(MAKE), *words],
        cwd=place,
        env={**clean, "PATH": path or os.environ["PATH"], "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_names_every_target() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.search(r"^\.PHONY: (.*)$", text, re.M)

    said = make(ROOT, "help").stdout

    assert targets
    assert set(targets[1].split()) == set(re.findall(r"make (\w+)", said))


def test_help_is_what_plain_make_gives() -> None:
    assert make(ROOT).stdout == make(ROOT, "help").stdout


@pytest.mark.parametrize("target", ["demo", "test", "check", "bench", "docs"])
def test_a_clone_that_is_set_up_is_not_set_up_again(clone: Path, target: str) -> None:
    done = make(clone, "-n", target)

    assert done.returncode == 0
    assert "pip install" not in done.stdout


@pytest.mark.parametrize("target", ["demo", "test", "check", "bench", "docs"])
def test_every_target_sets_up_a_fresh_clone_first(clone: Path, target: str) -> None:
    shutil.rmtree(clone / ".venv")

    assert "pip install" in make(clone, "-n", target).stdout


def test_a_change_of_pyproject_sets_up_again(clone: Path) -> None:
    os.utime(clone / "pyproject.toml")
    os.utime(clone / ".venv" / ".ready", (1, 1))

    assert "pip install" in make(clone, "-n", "check").stdout


def test_without_a_python_new_enough_it_says_what_to_do(clone: Path, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("sh", "sed", "touch"):
        (tools / tool).symlink_to(str(shutil.which(tool)))
    (tools / "python3").write_text("#!/bin/sh\nexit 1\n")
    (tools / "python3").chmod(0o755)
    shutil.rmtree(clone / ".venv")

    done = make(clone, "check", path=str(tools))

    assert done.returncode != 0
    assert "make PYTHON=" in done.stderr
    assert not (clone / ".venv" / ".ready").exists()


def test_a_failed_installation_is_not_taken_for_a_finished_one(clone: Path) -> None:
    """A stand-in for Python makes the environment; its pip fails."""
    python = clone / "python"
    python.write_text(
        '#!/bin/sh\ncase "$*" in\n'
        '*"-m venv"*) mkdir -p .venv/bin; cp "$0" .venv/bin/python;;\n'
        "*pip*) exit 1;;\nesac\n"
    )
    python.chmod(0o755)
    shutil.rmtree(clone / ".venv")

    done = make(clone, "check", f"PYTHON={python}")

    assert done.returncode != 0
    assert (clone / ".venv" / "bin" / "python").exists()
    assert not (clone / ".venv" / ".ready").exists()


def test_the_ci_script_stops_on_failure_and_ends_with_the_tests() -> None:
    script = ROOT / ".ci" / "run"
    lines = script.read_text(encoding="utf-8").splitlines()

    assert os.access(script, os.X_OK)
    assert lines[0] == "#!/usr/bin/env bash"
    assert "set -euo pipefail" in lines
    assert "make check" in lines
    assert lines[-1] == "make test"
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0
