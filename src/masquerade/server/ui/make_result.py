"""What came of something made: before and after, what was done, ways to keep and check it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from nicegui import ui

from masquerade.errors import MasqueradeError
from masquerade.jobs.endings import VIDEOS
from masquerade.jobs.types import Job
from masquerade.server.studio import Studio
from masquerade.server.ui.asking import ask, inputs, outs
from masquerade.server.ui.compare import films, pictures
from masquerade.server.ui.drop import PICTURES, SOUND
from masquerade.server.ui.job_view import watch
from masquerade.server.ui.make_account import account, to_know
from masquerade.server.ui.pieces import (
    block,
    button,
    facts,
    failed,
    failure,
    link,
    more,
    part,
    points,
    verdict,
)
from masquerade.server.ui.results import SHOWN, result_address

_STILL: Final = (*PICTURES, ".gif")


def show_result(studio: Studio, job: Job) -> None:
    """Puts it on the page."""
    made = outs(job)
    if not made:
        failed(
            "The file is not there any more",
            "It was swept away with old files",
            "",
            "make it again",
        )
        return
    out, before = made[0], next(iter(inputs(job)), None)
    verdict(
        "good",
        f"Made and sealed: {out.name}",
        [
            "It carries a visible label, a watermark and a signed history, and has a row in the"
            " ledger."
        ],
    )
    if said := to_know(job):
        block(f"<h3>Good to know</h3>{points(said)}", "card note", tag="section")
    with part("card", tag="section"):
        if before is not None:
            block(_both(job, before, out))
        else:
            block(_one(job, out))
        with part("row"):
            save = result_address(job, out, save=True)
            link("Download", save, sign="download", kind="first", saves=True)
            link("Verify it", f"/verify?made={job.id}", sign="verify")
            link("Examine it", f"/unmask?made={job.id}", sign="unmask")
            link("Make another", "/make", kind="quiet")
        if job.kind == "make" and before is not None and _photos(job):
            _offer_measure(studio, job, before, out)
        with more("What was done, in full"):
            block(facts(account(job)))


def _photos(job: Job) -> list[str]:
    """Pictures and films of whose face was put in; empty where it was a model of them."""
    sources = job.spec.get("sources")
    named = [str(one) for one in sources] if isinstance(sources, list) else []
    return [one for one in named if Path(one).suffix.lower() in SHOWN and Path(one).is_file()]


def _offer_measure(studio: Studio, job: Job, before: Path, out: Path) -> None:
    """A part to open: likeness, pose, expression, flicker, as papers measure them."""
    with more("How good is it?"):
        block("<p>Likeness, pose, expression, eyes, flicker and sharpness, measured.</p>")
        with part("row"):
            button("Measure it", lambda: measure())
        place = ui.element("div").classes("stack")

        def measure() -> None:
            place.clear()
            with place:
                try:
                    asked = ask(
                        studio,
                        "evaluate",
                        {
                            "target": str(before),
                            "output": str(out),
                            "sources": list(_photos(job)),
                            "out": str(out.with_name(f"{out.stem}-measured.png")),
                            "overwrite": True,
                        },
                        once=True,
                    )
                except MasqueradeError as error:
                    failure(error)
                    return
                watch(studio, asked.id, "Measuring it", lambda done: _measured(studio, done))


def _measured(studio: Studio, job: Job) -> None:
    lines = [one.text for one in studio.queue.log(job.id)]
    told = (one.partition(": ") for one in lines if ": " in one)
    block(facts((name, value) for name, _, value in told))
    for path in outs(job)[:1]:
        block(
            f"<figure><img src='{result_address(job, path)}' alt='Faces before and after, and"
            " curves over time'></figure>"
        )


def _both(job: Job, before: Path, out: Path) -> str:
    """Before and after, as markup."""
    old, new = result_address(job, before), result_address(job, out)
    endings = {before.suffix.lower(), out.suffix.lower()}
    if not endings <= set(SHOWN):  # the browser could not show one of them
        if before.suffix.lower() not in VIDEOS or out.suffix.lower() not in VIDEOS:
            return _one(job, out)
        moment = pictures(f"{old}?still=1", f"{new}?still=1", before.stem)
        words = "A moment of it; browsers cannot play films of the kind that was dropped."
        return (
            f"<div class='stack'><figure>{moment}<figcaption>{words}</figcaption></figure>"
            f"{_one(job, out)}</div>"
        )
    if endings & set(SOUND):
        return (
            f"<h3>Before</h3><audio controls src='{old}' aria-label='Before'></audio>"
            f"<h3>After</h3><audio controls src='{new}' aria-label='After'></audio>"
        )
    if endings <= set(_STILL):
        return pictures(old, new, before.stem)
    if endings & set(PICTURES):  # a photo that speaks: nothing to lay over each other
        return _one(job, out)
    if job.kind == "lipsync":  # what is heard matters most
        return (
            f"{_one(job, out)}<details class='more'><summary>Before and after, without sound"
            f"</summary><div class='body'>{films(old, new)}</div></details>"
        )
    return films(old, new) + (
        "<details class='more'><summary>The result alone, with its sound</summary>"
        f"<div class='body'>{_one(job, out)}</div></details>"
    )


def _one(job: Job, out: Path) -> str:
    place, ending = result_address(job, out), out.suffix.lower()
    if ending in SOUND:
        return f"<audio controls src='{place}' aria-label='The result'></audio>"
    if ending in _STILL:
        return f"<figure><img src='{place}' alt='The result'></figure>"
    return (
        f"<video controls playsinline src='{place}' poster='{place}?still=1'"
        " aria-label='The result'"
        " style='max-width:100%;border-radius:10px'></video>"
    )
