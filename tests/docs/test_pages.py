"""Pages are in step with the code, their links lead somewhere, and commands they show exist."""

import re
import shlex
from pathlib import Path

import pytest

from scripts import docs_tables

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:)([^)#\s]*)(#[^)\s]*)?\)")
COMMAND = re.compile(r"^\$? ?(masquerade [^\n]*?)(?:\s+#.*)?$", re.M)
FENCED = re.compile(r"^```(?:bash|sh|console)\n(.*?)^```$", re.M | re.S)


def anchors(text: str) -> set[str]:
    """Anchors of a page's headings, as forges make them."""
    heads = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_to_files_and_headings_that_exist(page: Path) -> None:
    for place, anchor in LINK.findall(page.read_text(encoding="utf-8")):
        file = (page.parent / place).resolve() if place else page
        assert file.exists(), f"{page.name} links to {place}"
        if anchor and file.suffix == ".md":
            assert anchor[1:] in anchors(file.read_text(encoding="utf-8")), f"{place}{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands_shown_are_commands_that_exist(page: Path) -> None:
    from masquerade.cli import build_parser

    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    for block in FENCED.findall(text):
        for line in COMMAND.findall(block):
            words = shlex.split(line, comments=True)[1:]
            if words and words[-1] not in ("--help", "--version"):
                build_parser(words).parse_args(words)


def test_every_page_is_reached_from_the_index() -> None:
    docs = ROOT / "docs"
    for page in docs.rglob("*.md"):
        if page == docs / "index.md":
            continue
        own = docs / "effects" / "index.md"  # a folder of its own, with an index of its own
        index = own if page.parent == own.parent and page != own else docs / "index.md"
        listed = f"({page.relative_to(index.parent).as_posix()})"
        assert listed in index.read_text(encoding="utf-8"), page.name


def test_tables_are_in_step_with_the_code() -> None:
    late = [path.name for path, _, _ in docs_tables.behind(ROOT / "docs")]

    assert late == [], "run `make docs`"


def test_a_page_behind_the_code_fails_the_gate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "docs" / "errors.md"
    page.parent.mkdir()
    page.write_text("<!-- table: errors -->\n| old |\n<!-- end of table -->\n", encoding="utf-8")
    monkeypatch.setattr(docs_tables, "DOCS", page.parent)

    assert docs_tables.main(["--check"]) == 1
    assert "| old |" in page.read_text(encoding="utf-8"), "a check writes nothing"
    assert "-| old |" in capsys.readouterr().out
    assert docs_tables.main([]) == 0
    assert docs_tables.main(["--check"]) == 0


def test_a_table_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(KeyError, match="weather"):
        docs_tables.fill("<!-- table: weather -->\n<!-- end of table -->\n")
