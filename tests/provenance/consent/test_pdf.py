import re
import sys
import zlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import ModuleType

import pytest

from masquerade.errors import OutputError, UsageError
from masquerade.provenance.canonical import sha256_hex
from masquerade.provenance.consent.pdf import blank_form, export_pdf
from masquerade.provenance.consent.records import Estate, Guardian
from masquerade.provenance.consent.typefaces import typefaces

pytest.importorskip("reportlab")
NOW = datetime.now(UTC)
GUARDIAN = Guardian(name="Eva", relation="mother", statement="I, Eva, agree.", stated_on=NOW.date())
MINOR = {
    "adult_attested": False,
    "guardians": [GUARDIAN],
    "of_age_on": (NOW + timedelta(days=900)).date(),
}
ESTATE = Estate(
    representative="Max", authority="court", evidence="decision 12", died_on=date(2019, 3, 1)
)


def _pages(data: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", data))


def _box(data: bytes) -> tuple[int, int]:
    found = re.search(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", data)
    assert found is not None
    return round(float(found[1])), round(float(found[2]))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"subject": "Żółć Ðurić & <Söhne>", "grantee": "Студия Север"},
        {"subject": "Λυδία", "kind": "performer"},
        {"kind": "estate", "estate": ESTATE},
        MINOR,
        {"purposes": [f"purpose {number} " + "of many words " * 5 for number in range(20)]},
    ],
)
@pytest.mark.parametrize(("paper", "box"), [("a4", (595, 842)), ("letter", (612, 792))])
def test_any_record_is_one_page_with_its_fonts_embedded(
    scene: ModuleType, tmp_path: Path, changes: dict[str, object], paper: str, box: tuple[int, int]
) -> None:
    record, out = scene.make_record(**changes), tmp_path / "one.pdf"
    export_pdf(record, out, paper=paper)  # type: ignore[arg-type]
    data = out.read_bytes()
    assert (_pages(data), _box(data)) == (1, box)
    assert b"/FontFile2" in data
    digest = sha256_hex(record.text().encode())
    assert f"{record.id} sha256:{digest}".encode() in data  # of the QR code, as the page's subject


def test_the_file_is_not_written_over_and_too_much_is_refused(
    scene: ModuleType, tmp_path: Path
) -> None:
    out = tmp_path / "one.pdf"
    blank_form(out)
    assert _pages(out.read_bytes()) == 1
    with pytest.raises(OutputError, match="exists"):
        blank_form(out)
    long = scene.make_record(purposes=[f"{number} " + "many words " * 8 for number in range(99)])
    with pytest.raises(UsageError, match="more than one page"):
        export_pdf(long, tmp_path / "long.pdf")
    assert not (tmp_path / "long.pdf").exists()


@pytest.mark.parametrize(
    ("subject", "fault"),
    [("דנה", "from right to left"), ("\U0001f9ff Ann", "no font here has the letter")],
)
def test_a_name_that_cannot_be_set_is_told(
    scene: ModuleType, tmp_path: Path, subject: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("masquerade.provenance.consent.typefaces._FOLDERS", ())
    with pytest.raises(UsageError, match=fault):
        export_pdf(scene.make_record(subject=subject), tmp_path / "one.pdf")
    assert not list(tmp_path.iterdir())


def test_a_font_is_named_for_letters_that_are_missing(tmp_path: Path) -> None:
    import pymupdf_fonts

    font = tmp_path / "more.ttf"
    font.write_bytes(pymupdf_fonts.myfont("figo"))
    faces = typefaces(["ก"], font=font)  # Thai, which FiraGO has
    assert "more.ttf" in faces.markup("aก")
    font.write_bytes(zlib.compress(b"no font"))
    with pytest.raises(UsageError, match="is no font"):
        typefaces(["a"], font=font)


def test_without_the_extra_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pymupdf_fonts", None)
    with pytest.raises(UsageError, match=r"masquerade\[pdf\]"):
        blank_form(tmp_path / "one.pdf")


def test_a_voice_is_on_the_page(scene: ModuleType, tmp_path: Path) -> None:
    heard = replace(scene.voice(), heard="I, Ann, consent " * 200)
    record, out = scene.make_record(embeddings=(), voices=[heard]), tmp_path / "one.pdf"
    export_pdf(record, out)
    data = out.read_bytes()
    assert _pages(data) == 1
    assert b"Consent to the use of a voice" in data  # the title
