"""Each house rule finds what it is there to find, and leaves alone what it should."""

import tomllib
from pathlib import Path

import pytest

from scripts import house

ROOT = Path(__file__).resolve().parents[2]
SRC = "src/masquerade/"
LONG_BODY = "\n".join(f"    x{i} = {i}" for i in range(house.FUNCTION_LINES))
ROOTED = "/" + "home/ann/clip.mp4"  # put together, or this file would break the rule itself
HOST = "pypi" + ".org"

BROKEN = [
    ("syntax", SRC + "faces/detect.py", "def (:\n"),
    ("module-length", SRC + "faces/detect.py", "x = 1\n" * (house.MODULE_LINES + 1)),
    ("function-length", SRC + "faces/detect.py", f"def f():\n{LONG_BODY}\n"),
    ("global", SRC + "faces/detect.py", "def f():\n    global x\n    x = 1\n"),
    ("pickle", SRC + "faces/detect.py", "import pickle\n"),
    ("pickle", SRC + "faces/detect.py", "from pickle import loads\n"),
    ("pickle", SRC + "faces/detect.py", "np.load('a.npy', allow_pickle=True)\n"),
    ("pickle", SRC + "models/net.py", "torch.load('a.pt')\n"),
    ("pickle", "benchmarks/speed.py", "import joblib\n"),
    ("vague-name", SRC + "faces/utils.py", ""),
    ("vague-name", SRC + "faces/mask_utils.py", ""),
    ("vague-name", SRC + "core/detect.py", ""),
    ("library-home", SRC + "faces/detect.py", "import onnxruntime\n"),
    ("library-home", SRC + "faces/detect.py", "def f():\n    import torch.nn\n"),
    ("library-home", SRC + "faces/detect.py", "from dlib import vector\n"),
    ("library-home", SRC + "compose/blend.py", "import av\n"),
    ("library-home", SRC + "provenance/seal.py", "from PIL import Image\n"),
    ("library-home", SRC + "jobs/queue.py", "import ray\n"),
    ("one-way-out", SRC + "pipelines/generate.py", "from masquerade.media import write\n"),
    ("one-way-out", SRC + "pipelines/generate.py", "import masquerade.media.write\n"),
    ("one-way-out", SRC + "cli/run.py", "from masquerade.provenance.publish import publish\n"),
    ("one-way-out", SRC + "cli/run.py", "from masquerade.provenance import publish\n"),
    ("one-way-out", SRC + "cli/run.py", "from masquerade.media.write import join\n"),
    ("one-way-out", SRC + "cli/run.py", "importlib.import_module('masquerade.media.write')\n"),
    ("one-way-out", SRC + "cli/run.py", "from masquerade.media import join\n"),
    ("one-way-out", SRC + "media/read.py", "from masquerade.media.segment import encode_segment\n"),
    ("side-door", SRC + "cli/run.py", "cv2.imwrite('a.png', x)\n"),
    ("side-door", SRC + "media/bmp.py", "def write_bmp(): ...\n"),
    ("one-way-out", "examples/demo.py", "from masquerade.media.write import join\n"),
    ("front-door", SRC + "types.py", "from masquerade import make\n"),
    ("machine-path", SRC + "faces/detect.py", f"CLIP = '{ROOTED}'\n"),
    ("machine-path", "docs/install.md", f"Run it on {ROOTED}.\n"),
    ("machine-path", "README.md", f"See `{ROOTED}`.\n"),
    ("registry-host", "docs/install.md", f"Comes from {HOST}.\n"),
    ("unfinished", SRC + "faces/detect.py", "x = 1  # TO" + "DO: more\n"),
]

KEPT = [
    (SRC + "faces/detect.py", "x = 1\n" * house.MODULE_LINES),
    (SRC + "models/net.py", "import onnxruntime\nimport torch\n"),
    (SRC + "models/net.py", "torch.load('a.pt', weights_only=True)\n"),
    (SRC + "media/read.py", "import av\nfrom PIL import Image\ncv2.imread('a.png')\n"),
    (SRC + "provenance/label/plate.py", "from PIL import ImageDraw\n"),
    (SRC + "media/write.py", "from masquerade.media.join import join\n"),
    (SRC + "media/join.py", "def join(): ...\n"),
    (SRC + "provenance/seal.py", "from masquerade.media import write\n"),
    (SRC + "provenance/seal.py", "from masquerade.provenance.publish import publish\n"),
    (SRC + "distributed/ray.py", "import ray\n"),
    (SRC + "registry.py", "from masquerade import __version__, registry\n"),
    (SRC + "options.py", "class Base: ...\n"),
    (SRC + "faces/detect.py", "URL = 'https://example.org/work/home/x'\n"),
    ("tests/media/test_write.py", "import av\nfrom masquerade.media import write\n"),
    ("docs/install.md", "Weights lie in `~/.cache/masquerade`, configuration in `/etc`.\n"),
]


def test_the_writers_parts_are_those_of_the_import_contract() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    (contract,) = [one for one in contracts if one["id"] == "writer-parts"]

    assert sorted(contract["protected_modules"]) == [
        f"masquerade.media.{part}" for part in sorted(house.WRITER_PARTS)
    ]


def plant(root: Path, path: str, text: str) -> None:
    place = root / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(("rule", "path", "text"), BROKEN, ids=lambda v: str(v)[:40])
def test_a_broken_rule_is_found_and_fails_the_gate(
    tmp_path: Path, rule: str, path: str, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(tmp_path, path, text)

    assert rule in {found.rule for found in house.check(tmp_path)}
    assert house.main([str(tmp_path)]) == 1
    assert f"{path}:" in capsys.readouterr().out


@pytest.mark.parametrize(("path", "text"), KEPT, ids=lambda v: str(v)[:40])
def test_code_that_keeps_the_rules_passes(tmp_path: Path, path: str, text: str) -> None:
    plant(tmp_path, path, text)

    assert house.check(tmp_path) == []
    assert house.main([str(tmp_path)]) == 0


def test_a_long_function_is_noted_before_it_fails(tmp_path: Path) -> None:
    body = "\n".join(f"    x{i} = {i}" for i in range(house.ADVISED_LINES))
    plant(tmp_path, SRC + "faces/detect.py", f"def f():\n{body}\n")

    assert house.check(tmp_path) == []
    assert house.long_functions(tmp_path) == [
        f"{SRC}faces/detect.py:1: f has {house.ADVISED_LINES + 1} lines of code"
    ]


def test_docstrings_blank_lines_and_comments_do_not_make_a_function_long(tmp_path: Path) -> None:
    padding = "\n".join(["    # why", ""] * house.FUNCTION_LINES)
    text = f"def f():\n    '''Doc.\n{padding}\n    '''\n{padding}\n    return 1\n"
    plant(tmp_path, SRC + "faces/detect.py", text)

    assert house.check(tmp_path) == []
    assert house.long_functions(tmp_path) == []
