"""Several files examined at once: each with its verdict as soon as it is there, and a way to it."""

from __future__ import annotations

from typing import Any, Final

from nicegui import ui

from masquerade.errors import MasqueradeError
from masquerade.jobs.types import Job, State
from masquerade.server.studio import Studio
from masquerade.server.ui.job_view import STATES, says
from masquerade.server.ui.pieces import block, meter, part, pill, text, trouble
from masquerade.server.ui.verdict_tones import tone_of_finding

_EVERY_S: Final = 1.0


class Many:
    """The files that were dropped so far, with their examinations; state of a page."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._jobs: list[tuple[str, str]] = []
        self._place: ui.html | None = None

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self._jobs)

    def add(self, name: str, job: Job) -> int:
        """Another one; says how many there are."""
        self._jobs.append((name, job.id))
        return len(self._jobs)

    def draw(self, place: ui.element) -> None:
        """Puts the list on the page, once; it goes on by itself."""
        if self._place is not None:
            return
        place.clear()
        with place, part("card", tag="section"):
            block("<h2>Several files</h2>")
            self._place = block("").props('aria-live="polite"')
            ui.timer(_EVERY_S, self._look)
        self._look()

    def _look(self) -> None:
        found = [(name, self._job(job_id)) for name, job_id in self._jobs]
        over = sum(job is None or job.ended for _, job in found)
        rows = "".join(_row(name, job) for name, job in found)
        share = over / max(1, len(found))
        bar = meter(share, "Examining several files") if over < len(found) else ""
        said = f"<p class='soft small'>{over} of {len(found)} are done.</p>"
        if self._place is not None:
            self._place.set_content(
                f"<div class='stack tight'>{bar}{said}<ul class='several'>{rows}</ul></div>"
            )

    def _job(self, job_id: str) -> Job | None:
        try:
            return self._studio.queue.show(job_id, owner="")
        except MasqueradeError:  # erased meanwhile
            return None


def _row(name: str, job: Job | None) -> str:
    """One file, as markup."""
    head = f"<b>{text(name)}</b>"
    if job is None:
        return f"<li>{head}{pill('not there any more')}</li>"
    if job.state is State.DONE:
        told: Any = job.result
        finding = str(told["verdict"]["finding"])
        below = f"<p class='soft small'>{text(told['verdict']['sentence'])}</p>"
        see = f"<a href='/unmask?job={job.id}'>Look at the evidence</a>"
        return f"<li>{head}{pill(finding, tone_of_finding(finding))}{see}{below}</li>"
    words, tone = STATES[job.state]
    below = trouble(job.problem) if job.problem else ""
    if not job.ended:
        below = f"<p class='soft small'>{text(says(job))}</p>"
    return f"<li>{head}{pill(words, tone)}{below}</li>"
