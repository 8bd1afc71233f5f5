"""Files of jobs for the browser: what they made, what they worked on, pictures of their reports."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from masquerade.errors import MasqueradeError
from masquerade.jobs.types import Job
from masquerade.server.studio import Studio
from masquerade.server.ui.asking import inputs, outs
from masquerade.server.ui.library import picture_of
from masquerade.server.ui.session import has_entered
from masquerade.server.ui.stills import still_response

SHOWN: Final = {
    ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp",
    ".gif": "image/gif", ".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/quicktime",
    ".webm": "video/webm", ".mkv": "video/x-matroska", ".wav": "audio/wav", ".mp3": "audio/mpeg",
    ".flac": "audio/flac", ".m4a": "audio/mp4", ".ogg": "audio/ogg",
}  # fmt: skip
_ALONE: Final = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox"
_EXAMINED: Final = "What was examined."  # older results hold no captions
_PICTURE: Final = re.compile(rb'src="data:image/png;base64,([A-Za-z0-9+/=]+)"')


def result_address(job: Job, path: Path, *, save: bool = False) -> str:
    """Where a browser finds a file that a job made or worked on."""
    made = outs(job)
    kind, among = ("out", made) if path in made else ("in", inputs(job))
    return f"/results/{job.id}/{kind}/{among.index(path)}" + ("?save=1" if save else "")


def figure_address(job: Job, sha256: str) -> str:
    """Where a browser finds a picture of a job's report."""
    return f"/results/{job.id}/figure/{sha256}"


def result_route(studio: Studio) -> Callable[..., Response]:
    """Answers for files of this machine's jobs; only to whoever may open the pages."""

    def result(
        request: Request,
        job_id: str,
        kind: str,
        which: str,
        save: bool = False,
        still: bool = False,
    ) -> Response:
        if not has_entered(request, studio):
            return PlainTextResponse("Open a page first.", 403)
        try:
            job = studio.queue.show(job_id, owner="")
        except MasqueradeError as error:
            return PlainTextResponse(f"{error.found}.", 404)
        if kind == "figure":
            return _figure(job, which)
        files = outs(job) if kind == "out" else inputs(job) if kind == "in" else []
        number = (
            int(which) if which.isascii() and which.isdigit() and len(which) < 9 else len(files)
        )
        if number >= len(files):
            return PlainTextResponse("There is no such file any more.", 404)
        return still_response(files[number]) if still else served(files[number], save=save)

    return result


def library_route(studio: Studio) -> Callable[..., Response]:
    """Answers for pictures of facesets and trainings; only to whoever may open the pages."""

    def library(request: Request, job_id: str, name: str) -> Response:
        if not has_entered(request, studio):
            return PlainTextResponse("Open a page first.", 403)
        try:
            path = picture_of(studio, job_id, name)
        except MasqueradeError as error:
            return PlainTextResponse(f"{error.found}.", 404)
        return served(path) if path else PlainTextResponse("There is no such picture.", 404)

    return library


def seen_figures(job: Job) -> list[tuple[str, str]]:
    """(SHA-256, caption) of the pictures of a report that belong to no piece of evidence."""
    page = next((path for path in outs(job) if path.suffix == ".html"), None)
    told: Any = job.result
    evidence = {one["sha256"] for item in told["evidence"] for one in item["figures"]}
    found = [
        hashlib.sha256(base64.b64decode(one[1])).hexdigest()
        for one in _PICTURE.finditer(page.read_bytes() if page else b"")
    ]
    captions = {one["sha256"]: one["caption"] for one in told.get("seen", ())}
    return [(one, captions.get(one, _EXAMINED)) for one in found if one not in evidence]


def _figure(job: Job, sha256: str) -> Response:
    page = next((path for path in outs(job) if path.suffix == ".html"), None)
    for found in _PICTURE.finditer(page.read_bytes()) if page else ():
        data = base64.b64decode(found[1])
        if hashlib.sha256(data).hexdigest() == sha256:
            return Response(data, media_type="image/png", headers={"Cache-Control": "max-age=3600"})
    return PlainTextResponse("There is no such picture.", 404)


def served(path: Path, *, save: bool = False) -> Response:
    """A file for a browser: shown where it is media or a report, else handed over to be kept."""
    headers = {"Cache-Control": "private, max-age=3600"}
    kind = SHOWN.get(path.suffix.lower())
    if path.suffix.lower() == ".html":
        kind, headers["Content-Security-Policy"] = "text/html; charset=utf-8", _ALONE
    if save or kind is None:
        return FileResponse(path, filename=path.name, headers=headers)
    return FileResponse(path, media_type=kind, headers=headers)
