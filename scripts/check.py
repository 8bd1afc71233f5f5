"""All gates, the same for people and for CI: ``make check``, or this file with any Python.

    python scripts/check.py [GATE ...]      run all gates, or those named
    python scripts/check.py --list          name them

Every gate runs even when an earlier one failed, so that one call shows all there is to mend. The
exit code is the number of gates that failed. ``tests/house/`` shows that each gate can fail.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PYTHON_CODE = ("src", "tests", "benchmarks", "scripts", "examples", "train")


@dataclass(frozen=True, slots=True)
class Gate:
    """One check: its name, its command, and how to mend what it finds (may be empty)."""

    name: str
    command: tuple[str, ...]
    mend: str = ""


def gates(root: Path) -> tuple[Gate, ...]:
    """The gates of the repository at `root`, quick ones first."""
    python = sys.executable
    code = tuple(folder for folder in PYTHON_CODE if any((root / folder).rglob("*.py")))
    return (
        Gate("format", (python, "-m", "ruff", "format", "--check", *code), "ruff format"),
        Gate("lint", (python, "-m", "ruff", "check", *code), "ruff check --fix"),
        Gate("house", (python, "scripts/house.py"), "see CONTRIBUTING.md"),
        Gate("imports", (lint_imports(), "--no-cache"), "see docs/architecture.md"),
        Gate("docs", (python, "scripts/docs_tables.py", "--check"), "make docs"),
        Gate("types", (python, "-m", "mypy"), ""),
    )


def lint_imports() -> str:
    """Import-linter's command beside this Python; it has no ``python -m`` form."""
    folder = Path(sysconfig.get_path("scripts"))
    return str(folder / ("lint-imports.exe" if sys.platform == "win32" else "lint-imports"))


def run(gate: Gate, root: Path) -> bool:
    """True when the gate is kept; prints its own output only when it is not."""
    started = time.monotonic()
    try:
        done = subprocess.run(gate.command, cwd=root, capture_output=True, text=True, check=False)
        kept, output = done.returncode == 0, done.stdout + done.stderr
    except OSError as error:
        kept, output = False, f"{error}; is the package installed with its dev extra?"
    print(f"{'ok    ' if kept else 'FAILED'} {gate.name:8} {time.monotonic() - started:5.1f} s")
    if not kept:
        print(output.rstrip())
        if gate.mend:
            print(f"to mend: {gate.mend}")
    sys.stdout.flush()
    return kept


def main(arguments: list[str], *, root: Path = ROOT) -> int:
    """The number of gates that failed; 2 when a name is not a gate's."""
    known = {gate.name: gate for gate in gates(root)}
    if arguments == ["--list"]:
        print("\n".join(known))
        return 0
    unknown = [name for name in arguments if name not in known]
    if unknown:
        print(f"no gate is named {', '.join(unknown)}; there are: {', '.join(known)}")
        return 2
    chosen = [known[name] for name in arguments] or list(known.values())
    failed = [gate.name for gate in chosen if not run(gate, root)]
    counts = f"{len(chosen) - len(failed)} kept, {len(failed)} failed"
    print(f"check: {counts}" + (f" ({', '.join(failed)})" if failed else ""))
    return len(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
