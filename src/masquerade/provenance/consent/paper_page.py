"""One page of paper, laid out: a heading, points in a table, places for signatures.

The letters are as large as they can be for one page. ReportLab draws it; fonts are embedded.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from masquerade.errors import UsageError
from masquerade.provenance.consent.typefaces import Typefaces

if TYPE_CHECKING:
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Flowable

Paper: TypeAlias = Literal["a4", "letter"]
_SIZES_PT: Final = (10.0, 9.0, 8.0, 7.0, 6.5)
_MARGIN_PT: Final = 48.0
_QR_PT: Final = 88.0
_GREY: Final = "#b8b8b8"


@dataclass(frozen=True, slots=True)
class Page:
    """What goes on a page, top to bottom.

    Attributes:
        title: The heading.
        intro: What the page is.
        points: A short name and a sentence each; on a form, what to fill in.
        revoking: How to take it back.
        signers: Who has to sign.
        proof: What ties the page to a record; empty on a form.
        code: The same for machines, drawn as a QR code.
    """

    title: str
    intro: str
    points: tuple[tuple[str, str], ...]
    revoking: str
    signers: tuple[str, ...]
    proof: str = ""
    code: str = ""

    @property
    def texts(self) -> list[str]:
        """All that is to be set."""
        words = [self.title, self.intro, self.revoking, self.proof, *self.signers]
        return words + [word for point in self.points for word in point]


def pdf_of(page: Page, faces: Typefaces, *, paper: Paper) -> bytes:
    """The page as a PDF of one page.

    Raises:
        UsageError: It takes more than one page even in small letters.
    """
    from reportlab.lib import pagesizes
    from reportlab.pdfgen.canvas import Canvas
    from reportlab.platypus import Frame

    width, height = {"a4": pagesizes.A4, "letter": pagesizes.LETTER}[paper]
    inner_wh = width - 2 * _MARGIN_PT, height - 2 * _MARGIN_PT
    for size_pt in _SIZES_PT:
        file = io.BytesIO()
        canvas = Canvas(file, pagesize=(width, height), invariant=1)
        canvas.setTitle(page.title)
        canvas.setSubject(page.code)
        canvas.setCreator("Masquerade")
        story = _story(page, faces, size_pt, inner_wh[0])
        Frame(_MARGIN_PT, _MARGIN_PT, *inner_wh, 0, 0, 0, 0).addFromList(story, canvas)
        if not story:
            canvas.save()
            return file.getvalue()
    raise UsageError(
        "the record takes more than one page", "fewer or shorter purposes, names and statements"
    )


def _story(page: Page, faces: Typefaces, size_pt: float, width_pt: float) -> list[Flowable]:
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph, Spacer

    plain = ParagraphStyle(
        "plain", fontName=faces.plain[0].name, fontSize=size_pt, leading=size_pt * 1.4
    )
    title = ParagraphStyle(
        "title", plain, fontName=faces.bold, fontSize=size_pt * 1.8, leading=size_pt * 2.6
    )
    gap = Spacer(1, size_pt)
    story: list[Flowable] = [
        Paragraph(page.title, title),
        Paragraph(faces.markup(page.intro), plain),
        gap,
        _points(page, faces, plain, width_pt),
        gap,
        Paragraph(faces.markup(page.revoking), plain),
    ]
    if page.code:
        story += [gap, _proof(page, faces, plain, width_pt)]
    return [*story, gap, _signatures(page.signers, faces, plain, width_pt)]


def _points(page: Page, faces: Typefaces, plain: ParagraphStyle, width_pt: float) -> Flowable:
    from reportlab.lib.colors import HexColor
    from reportlab.platypus import Paragraph, Table

    size_pt = plain.fontSize
    rows = [
        [
            Paragraph(f'<font name="{faces.bold}">{name}</font>', plain),
            Paragraph(faces.markup(words), plain),
        ]
        for name, words in page.points
    ]
    heights = None if page.code else [size_pt * 3.8] * len(rows)  # a form leaves room to write
    return Table(
        rows,
        [size_pt * 7, width_pt - size_pt * 7],
        heights,
        style=[
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, HexColor(_GREY)),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), size_pt * 0.2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), size_pt * 0.4),
        ],
    )


def _proof(page: Page, faces: Typefaces, plain: ParagraphStyle, width_pt: float) -> Flowable:
    """What ties the page to the record, in letters and as a QR code."""
    from reportlab.graphics.barcode.qr import QrCodeWidget
    from reportlab.graphics.shapes import Drawing
    from reportlab.platypus import Paragraph, Table

    code = QrCodeWidget(page.code, barLevel="M")
    left, bottom, right, top = code.getBounds()
    scale = _QR_PT / max(right - left, top - bottom)
    drawing = Drawing(_QR_PT, _QR_PT, transform=[scale, 0, 0, scale, 0, 0])
    drawing.add(code)
    return Table(
        [[Paragraph(faces.markup(page.proof), plain), drawing]],
        [width_pt - _QR_PT, _QR_PT],
        style=[("VALIGN", (0, 0), (-1, -1), "MIDDLE"), ("LEFTPADDING", (0, 0), (0, 0), 0)],
    )


def _signatures(
    signers: Sequence[str], faces: Typefaces, plain: ParagraphStyle, width_pt: float
) -> Flowable:
    """A line each for place and date, and for the signature."""
    from reportlab.lib.colors import black
    from reportlab.platypus import Paragraph, Table

    size_pt = plain.fontSize
    rows = [
        [
            Paragraph(faces.markup("Place and date"), plain),
            "",
            Paragraph(faces.markup(f"Signature of {signer}"), plain),
        ]
        for signer in signers
    ]
    return Table(
        rows,
        [width_pt * 0.3, width_pt * 0.05, width_pt * 0.65],
        style=[
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEABOVE", (0, 0), (0, -1), 0.7, black),
            ("LINEABOVE", (2, 0), (2, -1), 0.7, black),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), size_pt * 3.2),
        ],
        spaceBefore=size_pt * 3.4,
    )
