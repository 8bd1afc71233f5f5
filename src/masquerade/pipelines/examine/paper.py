"""An examination as PDF: one page of summary first, then an item after the other."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from masquerade.errors import UsageError
from masquerade.forensics.evidence import Evidence, Figure
from masquerade.pipelines.examine.advice import helps
from masquerade.pipelines.examine.examine import Examination
from masquerade.pipelines.examine.words import (
    FAMILIES,
    MEANS,
    MEASURES,
    READING,
    Custody,
    aside,
    custody_facts,
    facts,
    figure_of,
    items,
    maps,
    name_of,
    propositions,
    rests,
    told,
    untested,
    weight,
    worth,
)
from masquerade.provenance.consent.typefaces import Typefaces, typefaces

if TYPE_CHECKING:
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfgen.canvas import Canvas
    from reportlab.platypus import Flowable
    from reportlab.platypus.doctemplate import BaseDocTemplate

_MARGIN_PT: Final = 50.0
_SIZE_PT: Final = 9.5
_PICTURE_PT: Final = (420.0, 190.0)
_FIRST_PT: Final = (420.0, 85.0)  # on the first page, which has to hold it all
_FIRST_SOUND_PT: Final = (420.0, 160.0)  # the same for a spectrum, beside which no map stands
_GREY: Final = "#5d6470"


@dataclass(frozen=True, slots=True)
class _Pen:
    """Styles, and the fonts behind them."""

    faces: Typefaces
    plain: ParagraphStyle
    soft: ParagraphStyle
    heads: tuple[ParagraphStyle, ParagraphStyle, ParagraphStyle]

    def text(self, words: str, style: ParagraphStyle | None = None) -> Flowable:
        """A paragraph; letters that no font here has, or that run leftwards, are spelled out."""
        from reportlab.platypus import Paragraph

        shown = "".join(self._shown(letter) for letter in unicodedata.normalize("NFC", words))
        if style in self.heads:  # words of ours, in one font that has all their letters
            return Paragraph(escape(shown), style)
        return Paragraph(self.faces.markup(shown), style or self.plain)

    def _shown(self, letter: str) -> str:
        known = any(ord(letter) in face.letters for face in self.faces.plain)
        turned = unicodedata.bidirectional(letter) in ("R", "AL")
        plain = known and not turned and letter.isprintable()
        return letter if plain else ascii(letter)[1:-1]


def examine_paper(found: Examination, custody: Custody) -> bytes:
    """The report, as the bytes of a PDF; equal for the same examination and custody.

    Args:
        found: What came of the examination.
        custody: Who did it and when.

    Raises:
        UsageError: The extra ``pdf`` is not installed.
    """
    pen = _pen(found)
    from reportlab.lib.pagesizes import A4
    from reportlab.platypus import PageBreak, SimpleDocTemplate

    file = io.BytesIO()
    page = SimpleDocTemplate(
        file,
        pagesize=A4,
        invariant=1,
        leftMargin=_MARGIN_PT,
        rightMargin=_MARGIN_PT,
        topMargin=_MARGIN_PT,
        bottomMargin=_MARGIN_PT,
    )
    page.title, page.creator = f"Examination of {found.sha256[:16]}", "Masquerade"
    story = [*_summary(found, pen), PageBreak(), *_body(found, custody, pen)]

    def foot(canvas: Canvas, _document: BaseDocTemplate) -> None:
        canvas.setFont(pen.plain.fontName, 7.5)
        canvas.drawString(_MARGIN_PT, 28, f"SHA-256 {found.sha256}")
        canvas.drawRightString(A4[0] - _MARGIN_PT, 28, str(canvas.getPageNumber()))

    page.build(story, onFirstPage=foot, onLaterPages=foot)
    return file.getvalue()


def _pen(found: Examination) -> _Pen:
    try:
        import reportlab  # noqa: F401
    except ImportError as error:
        raise UsageError(
            "a PDF cannot be made: the extra pdf is not installed",
            "reportlab and pymupdf-fonts",
            'python -m pip install "masquerade[pdf]"; or name the report .html',
        ) from error
    from reportlab.lib.colors import HexColor
    from reportlab.lib.styles import ParagraphStyle

    faces = typefaces([found.name])
    leading = _SIZE_PT * 1.4
    name = faces.plain[0].name
    plain = ParagraphStyle("plain", fontName=name, fontSize=_SIZE_PT, leading=leading)
    soft = ParagraphStyle("soft", plain, textColor=HexColor(_GREY), fontSize=_SIZE_PT - 1)
    heads = tuple(
        ParagraphStyle(
            f"head{size}", plain, fontName=faces.bold, fontSize=size, leading=size * 1.3,
            spaceBefore=size * 0.8, spaceAfter=size * 0.3, keepWithNext=1,
        )
        for size in (19, 13, 10.5)
    )  # fmt: skip
    return _Pen(faces, plain, soft, (heads[0], heads[1], heads[2]))


def _summary(found: Examination, pen: _Pen) -> Iterator[Flowable]:
    """What fits on the first page."""
    from reportlab.platypus import Spacer

    verdict = found.verdict
    yield pen.text(verdict.finding.value.capitalize(), pen.heads[0])
    yield pen.text(found.name, pen.soft)
    yield Spacer(1, 4)
    yield pen.text(verdict.sentence)
    yield pen.text(MEANS[verdict.finding], pen.soft)
    yield from _points([weight(verdict)], pen)
    yield pen.text("What the verdict rests on", pen.heads[1])
    yield from _points(list(rests(found)), pen)
    for one in maps(found):
        yield _picture(one, pen, _FIRST_PT)
    yield from _section("Marks and metadata", told(found), pen)
    if found.seen:
        yield pen.text("What was looked at", pen.heads[1])
    for one in found.seen[:1]:
        yield _picture(one, pen, _FIRST_SOUND_PT if found.kind == "audio" else _FIRST_PT)
    yield from _section("What would help", helps(found), pen)
    yield from _section("Measured too, and counted for nothing", aside(found), pen)


def _section(head: str, words: Iterable[str], pen: _Pen) -> Iterator[Flowable]:
    """A heading with its lines; nothing where there are none."""
    points = list(_points(list(words), pen))
    if points:
        yield pen.text(head, pen.heads[1])
        yield from points


def _body(found: Examination, custody: Custody, pen: _Pen) -> Iterator[Flowable]:
    before = None
    for picture in found.seen[1:]:
        yield _picture(picture, pen)
    for one in items(found):
        head = [] if one.family is before else [pen.text(FAMILIES[one.family], pen.heads[1])]
        before = one.family
        yield from _item(one, head, pen)
    yield pen.text("What was not tested, and why", pen.heads[1])
    yield from _points(list(untested(found)), pen)
    yield pen.text("How to read this", pen.heads[1])
    yield from _points(propositions(), pen)
    yield pen.text(READING)
    yield pen.text(MEASURES)
    yield pen.text("The file, and how to do it again", pen.heads[1])
    yield _table([*facts(found), *custody_facts(custody)], pen)


def _item(one: Evidence, head: Sequence[Flowable], pen: _Pen) -> Iterator[Flowable]:
    """An item; its name and its first picture are never on two pages."""
    from reportlab.platypus import KeepTogether

    first, *others = [_drawn(figure, pen) for figure in one.figures] or [[]]
    yield KeepTogether([*head, pen.text(name_of(one), pen.heads[2]), pen.text(one.says), *first])
    yield from (KeepTogether(drawn) for drawn in others)
    rows = [
        ("Figure", figure_of(one)),
        ("Worth", worth(one)),
        ("How well it does", one.error_rate),
        ("Cannot tell", one.limits),
        ("Calibration", one.calibration),
        *((what[:1].upper() + what[1:], words) for what, words in one.details),
    ]
    yield _table([(what, words) for what, words in rows if words], pen)


def _picture(one: Figure, pen: _Pen, most_pt: tuple[float, float] = _PICTURE_PT) -> Flowable:
    """A picture and its caption, on one page."""
    from reportlab.platypus import KeepTogether

    return KeepTogether(_drawn(one, pen, most_pt))


def _drawn(one: Figure, pen: _Pen, most_pt: tuple[float, float] = _PICTURE_PT) -> list[Flowable]:
    """A picture and its caption."""
    from reportlab.platypus import Image, Spacer

    image = Image(io.BytesIO(one.png))
    scale = min(1.0, most_pt[0] / image.drawWidth, most_pt[1] / image.drawHeight)
    image.drawWidth, image.drawHeight = image.drawWidth * scale, image.drawHeight * scale
    image.hAlign = "LEFT"
    return [Spacer(1, 4), image, Spacer(1, 2), pen.text(one.caption, pen.soft), Spacer(1, 4)]


def _points(words: Sequence[str], pen: _Pen) -> Iterator[Flowable]:
    from reportlab.lib.styles import ParagraphStyle

    style = ParagraphStyle("point", pen.plain, leftIndent=12, firstLineIndent=-6.5, spaceBefore=2)
    for one in words:
        if one:
            yield pen.text(f"\N{BULLET} {one}", style)


def _table(told: Sequence[tuple[str, str]], pen: _Pen) -> Flowable:
    from reportlab.platypus import Table

    wide = 595.27 - 2 * _MARGIN_PT
    rows = [[pen.text(what, pen.soft), pen.text(_breakable(words))] for what, words in told]
    return Table(
        rows,
        [90, wide - 90],
        style=[
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (0, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 1),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
        ],
    )


def _breakable(words: str) -> str:
    """Long hashes in parts of 64, so that they fit a line."""
    return " ".join(
        " ".join(one[at : at + 64] for at in range(0, len(one), 64)) for one in words.split(" ")
    )
