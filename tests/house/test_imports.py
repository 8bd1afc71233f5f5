"""Each import contract of pyproject.toml breaks on a small tree with one forbidden import."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from scripts.check import lint_imports
from scripts.house import WRITER_PARTS

ROOT = Path(__file__).resolve().parents[2]
LOWER = ("media", "models", "faces", "bodies", "painting", "speech", "effects", "personas")
MIDDLE = ("generate", "compose", "forensics", "provenance", "pipelines")
UPPER = ("distributed", "jobs", "cli", "server", "evaluate", "train")
MODULES = (
    *("errors", "options", "types", "registry"),
    *("media.write", "provenance.seal", "provenance.publish"),
)


LAYERS = "Imports point one way"
WAY_OUT = "provenance.seal is the one caller of media.write and of provenance.publish"
PARTS = "media.write is the one caller of its parts"
RUNTIMES = "Runtimes of networks live in models"
PYAV = "PyAV lives in media"
WEB = "What serves requests lives in server, and what speaks to PostgreSQL in jobs.postgres"
RAY = "Ray lives in distributed.ray"
BY_PIPELINES = "Clusters, jobs and server make media by pipelines alone, and neither seal nor write"

BROKEN = [
    (LAYERS, "types", "import masquerade.media"),
    (LAYERS, "media.read", "import masquerade.faces"),
    (LAYERS, "media.read", "import masquerade.models"),
    (LAYERS, "faces.detect", "import masquerade.generate"),
    (LAYERS, "generate.swap_mesh", "import masquerade.forensics"),
    (LAYERS, "forensics.signals", "import masquerade.generate"),
    (LAYERS, "generate.swap_mesh", "import masquerade.compose"),
    (LAYERS, "compose.blend", "import masquerade.provenance"),
    (LAYERS, "provenance.seal", "import masquerade.pipelines"),
    (LAYERS, "pipelines.generate", "import masquerade.cli"),
    (LAYERS, "pipelines.generate", "import masquerade.evaluate"),
    (LAYERS, "evaluate.report", "import masquerade.pipelines"),
    (LAYERS, "provenance.seal", "import masquerade.evaluate"),
    (LAYERS, "pipelines.generate", "import masquerade.train"),
    (LAYERS, "train.swap", "import masquerade.pipelines"),
    (LAYERS, "jobs.queue", "import masquerade.cli"),
    (LAYERS, "newcomer", "import masquerade.types"),
    (WAY_OUT, "pipelines.generate", "import masquerade.media.write"),
    (WAY_OUT, "media.read", "import masquerade.media.write"),
    (WAY_OUT, "provenance.verify", "from masquerade.media import write"),
    (WAY_OUT, "pipelines.generate", "import masquerade.provenance.publish"),
    (WAY_OUT, "cli.run", "def f():\n    import masquerade.media.write"),
    (PARTS, "provenance.seal", "import masquerade.media.segment"),
    (PARTS, "media.read", "import masquerade.media.join"),
    (RUNTIMES, "faces.detect", "import onnxruntime"),
    (RUNTIMES, "pipelines.generate", "import torch.nn"),
    (RUNTIMES, "speech.vad", "def f():\n    import ai_edge_litert.interpreter"),
    (PYAV, "provenance.seal", "import av"),
    (PYAV, "cli.run", "import av.video"),
    (WEB, "jobs.queue", "import fastapi"),
    (WEB, "jobs.queue", "import psycopg"),
    (RAY, "jobs.worker", "import ray"),
    (BY_PIPELINES, "server.app", "import masquerade.provenance.seal"),
]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A package of empty modules in the shape of ours, with our contracts."""
    for package in (*LOWER, *MIDDLE, *UPPER):
        (tmp_path / "masquerade" / package).mkdir(parents=True)
        (tmp_path / "masquerade" / package / "__init__.py").touch()
    (tmp_path / "masquerade" / "__init__.py").touch()
    for module in (*MODULES, *(f"media.{part}" for part in WRITER_PARTS)):
        plant(tmp_path, module, "")
    plant(tmp_path, "models.session", "import onnxruntime\nimport torch\n")
    plant(tmp_path, "media.read", "import av\n")
    plant(tmp_path, "provenance.seal", "import masquerade.media.write\n")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def plant(root: Path, module: str, text: str) -> None:
    place = root / "masquerade" / Path(*module.split(".")).with_suffix(".py")
    place.write_text(text + "\n", encoding="utf-8")


def contracts(root: Path) -> tuple[int, str]:
    done = subprocess.run(
        [lint_imports(), "--no-cache"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_bare_tree_keeps_every_contract(tree: Path) -> None:
    code, output = contracts(tree)

    assert code == 0, output
    assert "8 kept, 0 broken" in output


def test_the_front_door_may_name_what_lies_behind_it(tree: Path) -> None:
    plant(tree, "__init__", "from masquerade.pipelines import make")
    plant(tree, "provenance.seal", "import masquerade\nimport masquerade.media.write")

    code, output = contracts(tree)

    assert code == 0, output


@pytest.mark.parametrize(("contract", "module", "text"), BROKEN)
def test_one_forbidden_import_breaks_its_contract(
    tree: Path, contract: str, module: str, text: str
) -> None:
    plant(tree, module, text)

    code, output = contracts(tree)

    assert code == 1
    if module == "newcomer":
        assert "newcomer" in output
    else:
        assert f"{contract} BROKEN" in output
