"""Verify: a file is dropped, and its marks are read, each with what it is worth."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from nicegui import ui

from masquerade.errors import MasqueradeError
from masquerade.server.studio import Studio
from masquerade.server.ui import examples
from masquerade.server.ui.advice import in_page_words, sentence
from masquerade.server.ui.drop import drop_zone
from masquerade.server.ui.filecard import file_card
from masquerade.server.ui.frame import frame
from masquerade.server.ui.icons import icon
from masquerade.server.ui.pieces import (
    Tone,
    block,
    button,
    facts,
    failure,
    link,
    more,
    part,
    text,
    title,
    verdict,
)
from masquerade.server.ui.session import shelf_of
from masquerade.server.ui.shelf import Kept, Shelf
from masquerade.server.ui.wanted import wanted

if TYPE_CHECKING:
    from masquerade.provenance.verify_report import VerifyReport

_MEANS: Final[dict[Tone, str]] = {
    "good": "Its marks are whole and lead to this installation or to a signer you trust.",
    "told": "It says of itself where it comes from, and nothing contradicts it.",
    "bad": "Something that was signed or written down no longer fits. The file was changed after"
    " that, or a part of it was exchanged.",
    "open": "Most files carry no marks at all. Their absence says nothing about whether a file is"
    " genuine; examine it to learn more.",
}

_NO_MANIFEST = "the file has no manifest"  # as the library says what is said already
_TAKEN_BACK = "It is as it was sealed, under a consent that has been taken back since."


def build(studio: Studio) -> None:
    """The page."""
    shelf = shelf_of(studio)
    with frame("verify"):
        title(
            "Verify a file",
            "Reads the marks that a file carries: who signed it, whether it was changed since, and"
            " whether it was made here. It takes a second or two.",
        )
        ways = ui.element("div").classes("stack")
        place = ui.element("section").classes("stack").props('aria-live="polite"')

        async def read(kept: Kept) -> None:
            place.clear()
            with place:
                block("<span class='busy'></span><span>Reading its marks…</span>", "row card")
            try:
                from masquerade.provenance.verify import verify

                report = await asyncio.to_thread(verify, kept.path, home=studio.home)
            except MasqueradeError as error:
                place.clear()
                with place:
                    file_card(kept)
                    failure(error)
                return
            place.clear()
            with place:
                _show(kept, report)

        with ways:
            drop_zone(
                shelf,
                read,
                words="Drop a picture, video or sound here",
                hint="It stays on the computer that this page comes from.",
                most_bytes=studio.settings.upload_mb * 1_000_000,
            )
            examples.offer(studio, read, "No file at hand? Read the marks of one of ours.")
        request = ui.context.client.request
        asked = dict(request.query_params) if request is not None else {}
        if asked:
            ui.timer(0.1, lambda: _read_again(studio, shelf, asked, read, place), once=True)


async def _read_again(
    studio: Studio,
    shelf: Shelf,
    asked: Mapping[str, str],
    read: Callable[[Kept], Awaitable[None]],
    place: ui.element,
) -> None:
    """Reads the marks of a file that is there already."""
    try:
        kept = wanted(studio, shelf, asked)
    except MasqueradeError as error:
        with place:
            failure(error)
        return
    if kept is not None:
        await read(kept)


def _show(kept: Kept, report: VerifyReport) -> None:
    """The verdict, then every mark."""
    file_card(kept)
    tone = tone_of(report)
    taken_back = bool(report.revoked) and not report.broken
    verdict(tone, report.verdict, [_TAKEN_BACK if taken_back else _MEANS[tone], *report.revoked])
    with part("card", tag="section"):
        block("What was looked for", tag="h2")
        items = "".join(_item(*one) for one in _marks(report))
        block(f"<ul class='marks'>{items}</ul>")
    with part("card"):
        body = more("For those who want to know exactly")
        with body:
            block("<pre class='log'>" + text(in_page_words("\n".join(report.lines()))) + "</pre>")
            block(facts([("SHA-256", report.sha256)]), "mono")
    with part("row"):
        link("Examine it as well", f"/unmask?file={kept.id}", sign="unmask")
        button("Verify another file", lambda: ui.navigate.to("/verify"), kind="quiet")


def tone_of(report: VerifyReport) -> Tone:
    """How a report stands, as a colour and shape."""
    if report.broken or report.revoked:
        return "bad"
    found = report.credentials
    if found.state == "intact":
        return "good" if found.signer in ("ours", "known") else "told"
    return "told" if report.marked or report.made_into else "open"


def _item(sign: str, tone: Tone, name: str, says: list[str], worth: str) -> str:
    told = "".join(f"<p>{text(sentence(in_page_words(one)))}</p>" for one in says if one)
    return (
        f"<li><span class='state {tone}'>{icon(sign)}</span><div class='stack tight'>"
        f"<h3>{text(name)}</h3>{told}<p class='soft small'>{text(worth)}</p></div></li>"
    )


def _marks(report: VerifyReport) -> Iterator[tuple[str, Tone, str, list[str], str]]:
    """Each mark: icon, tone, name, what was found, what it is worth."""
    yield _manifest(report)
    if report.claims.ledger_id:
        yield _claims(report)
    from masquerade.provenance.verify_words import LEDGER, copies_words, watermark_words

    mark = report.watermark
    said = watermark_words(mark, report.marked)
    if report.sound_mark is not None:
        said += [
            f"In the sound: {one}" for one in watermark_words(report.sound_mark, report.marked)
        ]
    heard = report.sound_mark is not None and report.sound_mark.state == "found"
    found = mark.state == "found" or heard
    yield (
        "water",
        "good" if found else "open",
        "Watermark",
        said,
        "Unseen and unheard, it survives copies, re-encoding and moderate cropping. It can be read"
        " only by the installation that put it there.",
    )
    yield (
        "copies",
        "told" if report.copies.matches else "open",
        "Looks like",
        copies_words(report.copies),
        "A fingerprint finds copies of what was made here even where every mark is gone. Likeness"
        " alone proves nothing.",
    )
    stands: dict[str, Tone] = {"found": "good", "not ours": "open"}
    yield (
        "ledger",
        stands.get(report.ledger_state, "bad"),
        "Ledger",
        [f"{LEDGER[report.ledger_state].capitalize()}.", report.ledger_row],
        "Everything made here has a row in a chain that cannot be changed without being noticed.",
    )


def _manifest(report: VerifyReport) -> tuple[str, Tone, str, list[str], str]:
    found = report.credentials
    stands: dict[str, Tone] = {"intact": "good", "broken": "bad"}
    tone = stands.get(found.state, "open")
    if found.state == "intact" and found.signer == "unknown":
        tone = "told"
    who = {
        "ours": "Signed by this installation.",
        "known": f"Signed by {found.signed_by}, whose root you trust.",
        "unknown": f"Signed by {found.signed_by}, who is unknown here: anybody can make such a"
        " certificate.",
        "invalid": "The signature, or what it covers, is broken.",
        "none": "There is no manifest.",
    }[found.signer if found.state != "none" else "none"]
    says = [who, "" if found.note == _NO_MANIFEST else found.note]
    if found.generator:
        says.append(f"It says it was made with {found.generator}.")
    if found.did:
        says.append(f"It says what was done: {', '.join(found.did)}.")
    says += [f"Broken: {one.words}." for one in report.problems]
    return (
        "signature",
        tone,
        "Signed history (C2PA)",
        says,
        "A whole signature shows that the file is as its signer signed it, and that the claims are"
        " theirs. It does not show that the claims are true, and it is easily taken off.",
    )


def _purpose(purpose: str) -> str:
    return f", for {purpose}" if purpose not in ("", "unstated") else ""


def _claims(report: VerifyReport) -> tuple[str, Tone, str, list[str], str]:
    claims = report.claims
    says = [
        f"Made by {claims.method}{_purpose(claims.purpose)}.",
        *(f"Consent {one}." for one in claims.consents),
        f"Visible label: {claims.label}." if claims.label else "",
        *(f"Revoked: {one}." for one in report.revoked),
    ]
    return (
        "consents",
        "bad" if report.revoked else "good",
        "Made under consent",
        says,
        "Whoever lends a face or voice has agreed in a signed record. Once it is taken back,"
        " nothing more can be made under it.",
    )
