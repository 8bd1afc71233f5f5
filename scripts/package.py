"""Builds wheel and sdist, installs the wheel where nothing is, and runs it there.

``python scripts/package.py [--into FOLDER]``

What is built stays in FOLDER (`dist/` where none is named); the environment is thrown away. Each
step is told with the seconds that it took, and the first that fails ends it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tarfile
import tempfile
import time
import venv
import zipfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
PROBES: Final = (
    ("--version",), ("--help",), ("personas", "list"), ("methods",), ("jobs", "kinds"),
)  # fmt: skip
WANTED: Final = (
    "masquerade/py.typed",
    "masquerade/server/ui/assets/theme.css",
    "masquerade/server/ui/prose/marks.md",
)
OWN: Final = "masquerade/models/own/"  # trained by us; docs/training.md says on what
FOREIGN: Final = (".onnx", ".safetensors", ".tflite", ".pt", ".mp4")


def main() -> int:
    """Builds, installs, runs; 1 where a step fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=ROOT / "dist", help="where both are put")
    into: Path = parser.parse_args().into.resolve()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        timed("build", [sys.executable, "-m", "build", "--outdir", str(into), str(ROOT)])
        wheel, sdist = newest(into, "*.whl"), newest(into, "*.tar.gz")
        check(wheel, sdist)
        venv.create(place / "env", with_pip=True)
        programs = place / "env" / ("Scripts" if os.name == "nt" else "bin")
        pip = [str(programs / "python"), "-m", "pip", "install", "--quiet", str(wheel)]
        timed("install", pip)
        alone = {"PATH": os.environ["PATH"], "HOME": folder, "MASQUERADE_HOME": str(place / "home")}
        for words in PROBES:
            timed(" ".join(words), [str(programs / "masquerade"), *words], place, alone)
    print(f"{wheel.name} and {sdist.name} are in {into}")
    return 0


def newest(folder: Path, pattern: str) -> Path:
    """The file of that kind which was built last."""
    return max(folder.glob(pattern), key=lambda path: path.stat().st_mtime)


def check(wheel: Path, sdist: Path) -> None:
    """Passes when both hold what they should, and nothing of others."""
    inside = zipfile.ZipFile(wheel).namelist()
    with tarfile.open(sdist) as opened:
        source = [name.partition("/")[2] for name in opened.getnames()]
    missing = [name for name in WANTED if name not in inside]
    missing += [name for name in ("LICENSE", "README.md", "pyproject.toml") if name not in source]
    if missing:
        raise SystemExit(f"not in there: {', '.join(missing)}")
    foreign = [name for name in (*inside, *source) if name.endswith(FOREIGN) and OWN not in name]
    if foreign:
        raise SystemExit(f"should not be in there: {', '.join(foreign)}")
    sizes = ", ".join(f"{one.name} {one.stat().st_size / 1e6:.1f} MB" for one in (wheel, sdist))
    print(f"{sizes}; {len(inside)} files in the wheel")


def timed(
    name: str, command: list[str], place: Path = ROOT, surroundings: dict[str, str] | None = None
) -> None:
    """Runs a step and says how long it took."""
    began = time.monotonic()
    done = subprocess.run(
        command, cwd=place, env=surroundings, capture_output=True, text=True, check=False
    )
    print(f"{name}: {time.monotonic() - began:.1f} s", flush=True)
    if done.returncode:
        raise SystemExit(f"{name} failed with {done.returncode}\n{done.stdout}\n{done.stderr}")


if __name__ == "__main__":
    sys.exit(main())
