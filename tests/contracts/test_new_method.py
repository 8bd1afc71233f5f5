"""A new method file is found, gets its command and flags, and is tested, with no other edit.

The file is the one that docs/adding-a-method.md shows.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import masquerade

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "adding-a-method.md"
PACKAGE = Path(masquerade.__file__).parent


def shown_method() -> str:
    """The source of the method that the page shows."""
    found = re.search(
        r"^```python file=mosaic\.py\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S
    )
    assert found, "the page no longer shows mosaic.py"
    return found[1]


def drop_file(place: Path) -> None:
    """A copy of the package whose generate/ holds one file more."""
    package = place / "masquerade"
    package.mkdir()
    for entry in PACKAGE.iterdir():
        if entry.name not in ("generate", "__pycache__"):
            (package / entry.name).symlink_to(entry, target_is_directory=entry.is_dir())
    (package / "generate").mkdir()
    for entry in (PACKAGE / "generate").glob("*.*"):
        (package / "generate" / entry.name).symlink_to(entry)
    (package / "generate" / "mosaic.py").write_text(shown_method(), encoding="utf-8")


def install_distribution(place: Path) -> None:
    """Another distribution that declares the method as an entry point."""
    (place / "studio_mosaic.py").write_text(shown_method(), encoding="utf-8")
    about = place / "studio_mosaic-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: studio-mosaic\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[masquerade.methods]\nmosaic = studio_mosaic\n")


@pytest.fixture(params=[drop_file, install_distribution], ids=["file", "entry-point"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    request.param(tmp_path)
    return tmp_path


def run(place: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(place), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_is_listed(place: Path) -> None:
    done = run(place, "-m", "masquerade", "methods", "--json")

    assert done.returncode == 0, done.stderr
    listed = {item["name"]: item for item in json.loads(done.stdout)["methods"]}
    assert listed["mosaic"]["command"] == "mosaic"
    assert listed["mosaic"]["summary"].startswith("A mosaic over each chosen face")
    assert {item for item in listed if item != "mosaic"}, (
        "the methods of the package are still there"
    )


def test_its_options_are_flags_of_its_command(place: Path) -> None:
    done = run(place, "-m", "masquerade", "mosaic", "--help")

    assert done.returncode == 0, done.stderr
    assert "--tiles" in done.stdout
    assert "Tiles across the face" in " ".join(done.stdout.split())


def test_its_schema_is_there_for_forms(place: Path) -> None:
    done = run(place, "-m", "masquerade", "methods", "mosaic", "--json")

    assert done.returncode == 0, done.stderr
    schema = json.loads(done.stdout)["schema"]
    assert schema["properties"]["tiles"]["maximum"] == 64


def test_the_contract_suite_takes_it_up(place: Path) -> None:
    suite = ["tests/contracts/test_methods.py", "-k", "mosaic", "-q", "-p", "no:cacheprovider"]

    done = run(place, "-m", "pytest", *suite)

    assert done.returncode == 0, done.stdout + done.stderr
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed
    assert int(passed[1]) >= 20


def test_a_method_that_declares_too_little_is_an_error_in_words(tmp_path: Path) -> None:
    install_distribution(tmp_path)
    source = shown_method().replace("radius = 0\n", "")
    (tmp_path / "studio_mosaic.py").write_text(source, encoding="utf-8")

    done = run(tmp_path, "-m", "masquerade", "methods", "mosaic")

    assert done.returncode == 2
    assert "studio_mosaic does not declare radius" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_percent_sign_in_its_summary_is_just_that(tmp_path: Path) -> None:
    install_distribution(tmp_path)
    source = shown_method().replace('"""A mosaic over', '"""A 100 % mosaic over', 1)
    (tmp_path / "studio_mosaic.py").write_text(source, encoding="utf-8")

    for words in (["--help"], ["mosaic", "--help"], ["methods"]):
        done = run(tmp_path, "-m", "masquerade", *words)

        assert done.returncode == 0, done.stderr
        assert "100 %" in done.stdout
