"""Reports: the same bytes for the same file, whatever is in it only text, signed, in the ledger."""

import csv
import io
import json
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from masquerade.cli import main
from masquerade.errors import InputError, OutputError, UsageError
from masquerade.faces.readers import FaceReader
from masquerade.forensics.evidence import Applies, Finding
from masquerade.pipelines.examine.examine import UNKNOWN, Examination, examine
from masquerade.pipelines.examine.many import Folder, examine_folder, watch
from masquerade.pipelines.examine.page import examine_page
from masquerade.pipelines.examine.save import json_bytes, save
from masquerade.pipelines.examine.sign import beside, checked
from masquerade.pipelines.examine.tables import (
    Done,
    check_tables,
    index_page,
    put_tables,
    sign_tables,
    table,
)
from masquerade.pipelines.examine.text import examine_text
from masquerade.pipelines.examine.words import Custody
from masquerade.provenance import ledger

CUSTODY = Custody("mql-1", "2026-01-01T00:00:00+00:00", "ed25519:key")
QUICK = ("declared", "claims", "capture", "error_level", "jpeg_grid")
EVIL = '<script>alert(1)</script>"><img src=x onerror=alert(2)>\u202eexe.gpj\x1b[31m'


@pytest.fixture(scope="module")
def reader() -> FaceReader:
    """The face networks, loaded once."""
    return FaceReader.open()


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A picture whose tags want to be more than text."""
    return _hostile(tmp_path)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory, reader: FaceReader) -> Examination:
    """Another picture of the same bytes and name, examined."""
    path = _hostile(tmp_path_factory.mktemp("examined"))
    home = tmp_path_factory.mktemp("home")
    return examine(path, signals=QUICK, reader=reader, home=home)


def _hostile(folder: Path) -> Path:
    path = folder / "a &lt;b&gt; `x` $title.jpg"
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0131] = EVIL, "|a|b|\n# head", "Photoshop " + EVIL
    exif[0x9003] = "<i>now</i>"
    Image.radial_gradient("L").convert("RGB").save(path, exif=exif, quality=90)
    return path


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.events: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.events += [name for name, _ in attrs if name.startswith("on")]


def test_hostile_metadata_is_only_text(found: Examination) -> None:
    page = examine_page(found, CUSTODY)
    seen = _Tags()
    seen.feed(page)
    assert "Photoshop" in page
    assert not seen.names & {"script", "iframe", "object", "i", "b", "link", "form"}
    assert seen.events == []
    assert "\u202e" not in page
    assert "\x1b" not in page
    assert "default-src 'none'" in page
    assert page.count("<img") == page.count('src="data:image/png;base64,')


def test_markdown_keeps_hostile_metadata_on_its_line(found: Examination) -> None:
    text = examine_text(found, CUSTODY)
    assert "<script>" not in text
    assert "\n# head" not in text


def test_json_is_the_same_bytes_for_the_same_file(
    hostile: Path, found: Examination, reader: FaceReader
) -> None:
    again = examine(hostile, signals=QUICK, reader=reader)
    assert json_bytes(found) == json_bytes(again)
    told = json.loads(json_bytes(found))
    assert told["file"]["sha256"] == found.sha256
    assert [one["caption"] for one in told["seen"]] == [one.caption for one in found.seen]


def test_pdf_begins_with_its_summary_and_spells_out_what_it_cannot_set(
    found: Examination, tmp_path: Path
) -> None:
    pytest.importorskip("reportlab")
    out = tmp_path / "r.pdf"
    save(found, [out])
    assert out.read_bytes().startswith(b"%PDF-")


def test_a_report_is_signed_and_in_the_ledger(found: Examination, tmp_path: Path) -> None:
    out = tmp_path / "r.html"
    saved = save(found, [out, tmp_path / "r.json"])
    (row,) = ledger.rows(kind="examined")
    assert (row.id, row.subject) == (saved.ledger_id, found.sha256)
    assert checked(out)["file_sha256"] == found.sha256
    assert checked(out)["key"] == "this installation's"
    assert checked(out, home=tmp_path / "another")["key"].startswith("not this installation's")
    assert row.id in out.read_text(encoding="utf-8")
    with pytest.raises(OutputError, match="exists"):
        save(found, [out])
    out.write_text(out.read_text(encoding="utf-8") + " ", encoding="utf-8")
    with pytest.raises(InputError, match="not as it was signed"):
        checked(out)
    beside(out).write_text("[]", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be read"):
        checked(out)


def test_a_report_never_replaces_what_is_examined(tmp_path: Path) -> None:
    evidence = tmp_path / "clip.html"
    evidence.write_bytes(b"media")
    assert (
        main(["examine", str(evidence), "-o", str(evidence), "--overwrite"])
        == OutputError.exit_code
    )
    assert evidence.read_bytes() == b"media"


def test_other_endings_are_refused_before_any_work(found: Examination, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="report"):
        save(found, [tmp_path / "r.docx"])


@pytest.mark.parametrize(
    ("name", "data"), [("a.mp4", b"no media"), ("b.jpg", b""), ("c.png", b"\x89PNG\r\n\x1a\n" * 4)]
)
def test_what_cannot_be_opened_is_not_examinable(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    found = examine(path)
    assert found.verdict.finding is Finding.NOT_EXAMINABLE
    assert found.kind == UNKNOWN
    assert examine_page(found, CUSTODY)
    assert main(["examine", str(path)]) == 4


def test_one_pixel_is_not_examinable(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("RGB", (1, 1)).save(path)
    found = examine(path, signals=QUICK)
    assert found.verdict.finding is Finding.NOT_EXAMINABLE
    looked = [one for one in found.evidence if one.signal in ("error_level", "jpeg_grid")]
    assert {one.applies for one in looked} == {Applies.NO}


def test_where_a_file_lies_is_not_told(tmp_path: Path, hostile: Path, reader: FaceReader) -> None:
    torn = tmp_path / "torn.jpg"
    torn.write_bytes(hostile.read_bytes()[:900])
    for path in (torn, hostile):
        assert str(tmp_path) not in json_bytes(examine(path, signals=QUICK, reader=reader)).decode()


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        examine(tmp_path / "none.mp4")


def test_no_report_is_made_of_a_file_that_is_exchanged_meanwhile(hostile: Path) -> None:
    other = hostile.with_name("other.jpg")
    Image.new("RGB", (64, 64)).save(other)

    def exchange(_stage: str, number: int, _total: int | None) -> None:
        if number == 1:
            other.replace(hostile)

    with pytest.raises(InputError, match="changed while it was examined"):
        examine(hostile, signals=QUICK[:2], tell=exchange)


@pytest.mark.weights
def test_a_folder_gets_a_report_each_a_table_and_an_index(
    hostile: Path, tmp_path: Path, reader: FaceReader
) -> None:
    (hostile.parent / "torn.mp4").write_bytes(b"torn")
    (hostile.parent / ".hidden.jpg").write_bytes(b"x")
    out = tmp_path.parent / f"{tmp_path.name}_reports"
    done = examine_folder(Folder(tmp_path, out, QUICK), reader=reader)
    assert [one.verdict for one in done] == ["inconclusive", "not examinable"]
    rows = list(csv.reader(io.StringIO((out / "summary.csv").read_text(encoding="utf-8"))))
    assert len(rows) == 3
    for one in done:
        assert (out / one.report).is_file()
        assert one.report in (out / "index.html").read_text(encoding="utf-8")
    assert main(["examine", str(tmp_path), "-o", str(out)]) == OutputError.exit_code  # not again
    with pytest.raises(OutputError, match="lies within"):
        examine_folder(Folder(tmp_path, tmp_path / "reports"))


def test_a_run_that_was_stopped_hinders_no_other(tmp_path: Path) -> None:
    done = Done("a.jpg", "inconclusive", 0.0, "", "", "picture", "00", "a.html")
    put_tables([done], "holiday", tmp_path)
    check_tables(tmp_path)
    sign_tables([done], "holiday", tmp_path)
    with pytest.raises(OutputError, match="exists"):
        check_tables(tmp_path)
    (tmp_path / "summary.csv").unlink()
    (tmp_path / "index.html").write_text("a page of somebody's", encoding="utf-8")
    with pytest.raises(OutputError, match="exists"):
        check_tables(tmp_path)


@pytest.mark.weights
def test_watching_takes_what_no_longer_grows_and_again_what_changed(
    hostile: Path, tmp_path: Path
) -> None:
    out = tmp_path.parent / f"{tmp_path.name}_watched"
    growing, other = tmp_path / "b.jpg", hostile.read_bytes()
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        growing.write_bytes(b"x" * len(waits))  # it never stops
        if len(waits) == 3:
            hostile.write_bytes(other[:900])

    done = watch(Folder(tmp_path, out, QUICK[:1]), rounds=5, wait=wait)
    assert [one.place for one in done] == [hostile.name]
    assert len(list(out.glob("*.html"))) == 3  # before and after the change, and the index


def test_a_table_holds_no_formulas_and_an_index_no_tags() -> None:
    one = Done("=cmd|' /C calc'!A0", "x", -1.5, "weak", "a; =b", "still", "00", 'a"><script>.html')
    row = list(csv.reader(io.StringIO(table([one]))))[1]
    assert row[0].startswith("'=")
    assert row[2] == "-1.5000"
    assert row[4] == "a; '=b"
    assert "<script>" not in index_page([one], "<b>")
    assert 'href="summary.csv"' in index_page([one], "<b>")
    assert "1 file examined" in index_page([one], "<b>")
