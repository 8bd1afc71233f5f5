"""Code that the docs show runs: blocks marked ``python run``, and what they print.

A block may be followed by a fenced ``text`` block directly after it, which is what it prints.
"""

import contextlib
import io
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(
    r"^```python run(?P<marks>[^\n]*)\n(?P<code>.*?)^```$"
    r"(?:\n+^```text\n(?P<printed>.*?)^```$)?",
    re.M | re.S,
)


@dataclass(frozen=True)
class Example:
    page: Path
    line: int
    code: str
    printed: str | None

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT).as_posix()}:{self.line}"


def examples() -> list[Example]:
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for match in BLOCK.finditer(text):
            line = text.count("\n", 0, match.start()) + 2
            found.append(Example(page, line, match["code"], match["printed"]))
    return found


@pytest.mark.parametrize("example", examples(), ids=str)
def test_example_runs(example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = io.StringIO()
    code = compile("\n" * (example.line - 1) + example.code, str(example.page), "exec")

    with contextlib.redirect_stdout(said):
        exec(code, {"__name__": "__main__"})

    if example.printed is not None:
        assert said.getvalue() == example.printed


PEOPLE = re.compile(r"^```toml people\n(.*?)^```$", re.M | re.S)


@pytest.mark.parametrize("page", [page for page in PAGES if PEOPLE.search(page.read_text("utf-8"))])
def test_people_maps_that_are_shown_can_be_read(page: Path, tmp_path: Path) -> None:
    from masquerade.pipelines.cast import read_people_map

    for number, text in enumerate(PEOPLE.findall(page.read_text(encoding="utf-8"))):
        path = tmp_path / f"{number}.toml"
        path.write_text(text, encoding="utf-8")

        assert all(member.sources and member.consent for member in read_people_map(path))
