"""Jobs: asked for, watched, stopped; what they made is fetched by links that end."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import FileResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, create_model

from masquerade import registry
from masquerade.errors import UsageError
from masquerade.jobs.sweep import forget_results
from masquerade.jobs.types import Job, State, clock_text
from masquerade.jobs.work import KINDS, REMOTE, kind_of
from masquerade.options import Options
from masquerade.provenance.canonical import Json
from masquerade.server import audit
from masquerade.server.asking import ACaller, AStudio, read
from masquerade.server.caller import Caller
from masquerade.server.events import told_while_it_lasts
from masquerade.server.examples import example_of
from masquerade.server.problems import RESPONSES, UnknownError
from masquerade.server.studio import Studio
from masquerade.types import Need

JOB_ID: Final = r"^job-[0-9a-f]{32}$"
_EXAMPLE: Final = "job-00000000000000000000000000000000"
router = APIRouter(prefix="/v1", tags=["jobs"], responses=RESPONSES)
AJobId = Annotated[str, Path(pattern=JOB_ID, examples=[_EXAMPLE])]


class Asked(BaseModel):
    """What every request for a job may say besides what is to be done."""

    model_config = ConfigDict(extra="forbid")
    priority: int = Field(0, ge=-100, le=100, description="Above 0 for an admin only.")
    after: list[Annotated[str, Field(pattern=JOB_ID)]] = Field(
        default_factory=list, max_length=32, description="Own jobs that must be done before."
    )
    again: bool = Field(False, description="Do it even where the same work was done before.")


class Line(BaseModel):
    """One line of a log."""

    number: int
    time: str
    text: str


class Made(BaseModel):
    """A file that a job made, and where to fetch it."""

    name: str
    bytes: int
    sha256: str
    link: str = Field(description="Works without a key, for some minutes.")


@router.get("/jobs", summary="Own jobs; an admin's key sees all")
async def listed(
    studio: AStudio,
    caller: ACaller,
    state: Annotated[list[State] | None, Query(max_length=5)] = None,
    kind: Annotated[list[str] | None, Query(max_length=20)] = None,
    before: Annotated[int | None, Query(ge=0, le=2**53, description="A job's seq.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[dict[str, Any]]:
    """Jobs, newest first."""
    found = await read(
        studio,
        lambda: studio.queue.list_jobs(
            owner=caller.sees, states=state or (), kinds=kind or (), before_seq=before, limit=limit
        ),
    )
    return [one.as_json() | {"seq": one.seq} for one in found]


@router.get("/jobs/{job_id}", summary="One job")
async def show(job_id: AJobId, studio: AStudio, caller: ACaller) -> dict[str, Any]:
    """How far it is, and what came of it."""
    return (await read(studio, lambda: _job(studio, caller, job_id))).as_json()


@router.get("/jobs/{job_id}/log", summary="What it told")
async def log(
    job_id: AJobId,
    studio: AStudio,
    caller: ACaller,
    after: Annotated[int, Query(ge=0, le=2**53)] = 0,
) -> list[Line]:
    """Lines beyond a number."""
    await read(studio, lambda: _job(studio, caller, job_id))
    lines = await read(studio, lambda: studio.queue.log(job_id, after=after))
    return [
        Line(number=one.number, time=clock_text(one.time_s) or "", text=one.text) for one in lines
    ]


@router.get(
    "/jobs/{job_id}/events",
    summary="Progress as it happens",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}}},
)
def events(job_id: AJobId, request: Request, studio: AStudio, caller: ACaller) -> StreamingResponse:
    """Server-sent events: `job` whenever something changed, `line` for the log, `end` at last."""
    _job(studio, caller, job_id)

    def may_see() -> bool:
        return studio.keys.holds(caller.id) is not None

    async def stream() -> AsyncIterator[bytes]:
        async for name, told in told_while_it_lasts(
            studio.queue, job_id, request.is_disconnected, may_see
        ):
            yield f"event: {name}\ndata: {json.dumps(told)}\n\n".encode()

    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(stream(), media_type="text/event-stream", headers=headers)


@router.post("/jobs/{job_id}/cancel", summary="Stop it")
def cancel(job_id: AJobId, studio: AStudio, caller: ACaller) -> dict[str, Any]:
    """Ends it at once where it waits, and soon where it runs."""
    _job(studio, caller, job_id)
    audit.note("cancelled", job_id, caller, home=studio.home)
    return studio.queue.cancel(job_id, owner=caller.sees).as_json()


@router.post("/jobs/{job_id}/retry", summary="Do it again")
def retry(job_id: AJobId, studio: AStudio, caller: ACaller) -> dict[str, Any]:
    """Goes on from what a failed or stopped job has finished."""
    _job(studio, caller, job_id)
    audit.note("retried", job_id, caller, home=studio.home)
    return studio.queue.retry(job_id, owner=caller.sees).as_json()


@router.get("/jobs/{job_id}/files", summary="What it made")
def files(job_id: AJobId, studio: AStudio, caller: ACaller) -> list[Made]:
    """Its files, each with a link that works for some minutes."""
    job = _job(studio, caller, job_id)
    made = _made(studio, job)
    return [
        Made(
            name=str(one["name"]),
            bytes=one["bytes"],
            sha256=one["sha256"],
            link=studio.links.link(job_id, str(one["name"]), caller.id),
        )
        for one in made
    ]


@router.delete("/jobs/{job_id}/files", status_code=204, summary="Erase what it made")
def erase(job_id: AJobId, studio: AStudio, caller: ACaller) -> Response:
    """Overwrites and removes its files; the account of the job stays."""
    job = _job(studio, caller, job_id)
    audit.note("erased", job_id, caller, home=studio.home)
    forget_results(studio.queue, studio.files, job)
    return Response(status_code=204)


@router.get("/files/{job_id}/{name}", summary="Fetch a file", response_class=FileResponse)
def fetch(
    job_id: AJobId,
    name: Annotated[str, Path(max_length=200)],
    studio: AStudio,
    request: Request,
    until: Annotated[int, Query(ge=0, le=2**53)],
    by: Annotated[str, Query(max_length=40)],
    signature: Annotated[str, Query(max_length=64)],
) -> FileResponse:
    """The file that a link is for; ranges are served. No key is asked for: the link is signed."""
    studio.rates.take(request.client.host if request.client else "unknown")
    studio.links.check(job_id, name, by, until, signature)
    caller = studio.keys.holds(by)
    if caller is None:
        raise UnknownError("whoever the link was made for has no key any more")
    job = _job(studio, caller, job_id)
    if not any(one["name"] == name for one in _made(studio, job)):
        raise UnknownError(f"{job_id} has no file of that name, or it is not kept any more")
    path = studio.files.result(job_id, name)
    if "range" not in request.headers or studio.links.is_first(until, signature):
        audit.note("fetched", job_id, caller, home=studio.home, name=name)
    return FileResponse(path, filename=name, headers={"Cache-Control": "private, no-store"})


def kinds_router() -> APIRouter:
    """Every kind of work, and every method, with an address of its own, typed by its Options."""
    adding = APIRouter(prefix="/v1/jobs", tags=["jobs"], responses=RESPONSES)
    for name in REMOTE:
        if name not in ("make", "preview"):
            _add(adding, name, kind_of(name).Spec, f"/{name}", kind_of(name).summary)
    for method in registry.names():
        module = registry.get(method)
        own = method in KINDS or Need.AUDIO in module.needs or getattr(module, "conceals", False)
        if own or registry.makes(module) != "pictures":
            continue  # not by this pipeline
        summary = registry.entry(method).summary
        for name in ("make", "preview"):
            spec = _spec_of(name, method, module.Options)
            _add(adding, name, spec, f"/{name}/{method}", summary)
    return adding


def _spec_of(name: str, method: str, options: type[Options]) -> type[Options]:
    """The spec of a kind for one method, its options typed."""
    parent: type[Options] = kind_of(name).Spec
    declared: dict[str, Any] = {
        "method": (str, Field(method, pattern=f"^{method}$")),
        "options": (options, Field(options(), description="Options of the method.")),
    }
    made: type[Options] = create_model(f"{name}_{method}", __base__=parent, **declared)
    return made


def _add(router_of: APIRouter, kind: str, spec: type[Options], path: str, summary: str) -> None:
    body = create_model(
        f"Ask_{path.strip('/').replace('/', '_')}",
        __base__=Asked,
        spec=(spec, Field(description="What is to be done.", examples=[example_of(kind, path)])),
    )

    def ask(asked: Any, studio: AStudio, caller: ACaller, response: Response) -> dict[str, Any]:
        told = studio.submit(
            caller,
            kind,
            asked.spec.model_dump(mode="json"),
            priority=asked.priority,
            after=asked.after,
            again=asked.again,
        )
        response.status_code = 201 if told.is_new else 200
        return told.job.as_json()

    ask.__annotations__["asked"] = body
    ask.__doc__ = "The job, new (201); or the one that does, or did, the same work (200)."
    router_of.add_api_route(
        path,
        ask,
        methods=["POST"],
        status_code=201,
        summary=summary,
        operation_id=f"ask_{path.strip('/').replace('/', '_')}",
        responses={200: {"description": "The same work was asked for before."}},
    )


def _made(studio: Studio, job: Job) -> list[Any]:
    """What a job made, as it was when it ended, and as far as it is still kept."""
    if job.state is not State.DONE:
        return []
    told: Json = job.result.get("files", [])
    kept = {path.name for path in studio.files.results(job.id)}
    assert isinstance(told, list)
    return [one for one in told if isinstance(one, dict) and one.get("name") in kept]


def _job(studio: Studio, caller: Caller, job_id: str) -> Job:
    try:
        return studio.job(caller, job_id)
    except UsageError as error:
        raise UnknownError(error.found, error.expected) from None
