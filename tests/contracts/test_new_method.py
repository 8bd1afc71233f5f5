"""A new method file is found, gets its command and flags, and is tested, with no other edit.

The file is the one that docs/adding-a-method.md shows.
"""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

import masquerade

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "adding-a-method.md"
PACKAGE = Path(masquerade.__file__).parent


def shown_method() -> str:
    """The source of the method that the page shows."""
    found = re.search(
        r"^```python file=swap_flat\.py\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S
    )
    assert found, "the page no longer shows swap_flat.py"
    return found[1]


def drop_file(place: Path, name: str, source: str) -> None:
    """A copy of the package whose generate/ holds one file more."""
    package = place / "masquerade"
    package.mkdir()
    for entry in PACKAGE.iterdir():
        if entry.name not in ("generate", "__pycache__"):
            (package / entry.name).symlink_to(entry, target_is_directory=entry.is_dir())
    (package / "generate").mkdir()
    for entry in (PACKAGE / "generate").glob("*.*"):
        (package / "generate" / entry.name).symlink_to(entry)
    (package / "generate" / f"{name}.py").write_text(source, encoding="utf-8")


def install_distribution(place: Path, name: str, source: str) -> None:
    """Another distribution that declares the method as an entry point."""
    (place / f"studio_{name}.py").write_text(source, encoding="utf-8")
    about = place / "studio-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: studio\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[masquerade.methods]\n{name} = studio_{name}\n")


@dataclass(frozen=True)
class Place:
    """Where a method was added, and under which name; the name decides its command."""

    path: Path
    name: str
    command: str


@pytest.fixture(
    params=[
        (drop_file, "swap_flat", "swap"),
        (drop_file, "flat", "flat"),
        (install_distribution, "swap_flat", "swap"),
    ],
    ids=["file", "file-own-command", "entry-point"],
)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    add, name, command = request.param
    add(tmp_path, name, shown_method())
    return Place(tmp_path, name, command)


def run(place: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": str(place),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_is_listed_beside_the_others(place: Place) -> None:
    done = run(place.path, "-m", "masquerade", "methods", "--json")

    assert done.returncode == 0, done.stderr
    listed = {item["name"]: item for item in json.loads(done.stdout)["methods"]}
    assert listed[place.name]["command"] == place.command
    assert listed[place.name]["summary"].startswith("The source's face laid flat")
    assert "swap_mesh" in listed


def test_its_options_are_flags_of_its_command(place: Place) -> None:
    words = [place.command, "--method", place.name, "--help"]

    done = run(place.path, "-m", "masquerade", *words)

    assert done.returncode == 0, done.stderr
    said = " ".join(done.stdout.split())
    assert "--opacity X How much of the new face is seen" in said


def test_its_schema_is_there_for_forms(place: Place) -> None:
    done = run(place.path, "-m", "masquerade", "methods", place.name, "--json")

    assert done.returncode == 0, done.stderr
    schema = json.loads(done.stdout)["schema"]
    assert schema["properties"]["opacity"]["maximum"] == 1


def test_the_contract_suite_takes_it_up(place: Place) -> None:
    suite = ["tests/contracts/test_methods.py", "-k", f"[{place.name}", "-q"]

    done = run(place.path, "-m", "pytest", "-p", "pytest_timeout", "-p", "no:cacheprovider", *suite)

    assert done.returncode == 0, done.stdout + done.stderr
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed
    assert int(passed[1]) >= 20


def test_a_method_that_declares_too_little_is_an_error_in_words(tmp_path: Path) -> None:
    install_distribution(tmp_path, "flat", shown_method().replace("radius = 0\n", ""))

    done = run(tmp_path, "-m", "masquerade", "methods", "flat")

    assert done.returncode == 2
    assert "studio_flat does not declare radius" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_percent_sign_in_its_summary_is_just_that(tmp_path: Path) -> None:
    source = shown_method().replace('"""The source', '"""100 % of the source', 1)
    install_distribution(tmp_path, "flat", source)

    for words in (["--help"], ["flat", "--help"], ["methods"]):
        done = run(tmp_path, "-m", "masquerade", *words)

        assert done.returncode == 0, done.stderr
        assert "100 %" in done.stdout


def test_the_file_shown_passes_the_gates(tmp_path: Path) -> None:
    drop_file(tmp_path, "swap_flat", shown_method())
    path = tmp_path / "masquerade" / "generate" / "swap_flat.py"
    settings = ["--config", str(ROOT / "pyproject.toml")]

    for gate in (
        [sys.executable, "-m", "ruff", "check", *settings, str(path)],
        [sys.executable, "-m", "ruff", "format", "--check", *settings, str(path)],
    ):
        done = subprocess.run(gate, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
