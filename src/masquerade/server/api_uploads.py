"""Uploads: a file is announced, sent in parts that can be taken up again, and checked."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Header, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from masquerade.errors import LimitError, UsageError
from masquerade.jobs.files import Upload
from masquerade.server import audit
from masquerade.server.asking import ACaller, AStudio
from masquerade.server.caller import Caller
from masquerade.server.problems import RESPONSES, UnknownError
from masquerade.server.studio import Studio

PART_BYTES: Final = 16 * 1024 * 1024
"""Most that one request may carry of a file."""
UPLOAD_ID: Final = r"^up-[0-9a-f]{32}$"
_EXAMPLE: Final = "up-00000000000000000000000000000000"

router = APIRouter(prefix="/v1/uploads", tags=["uploads"], responses=RESPONSES)
AnUploadId = Annotated[str, Path(pattern=UPLOAD_ID, examples=[_EXAMPLE])]


class Announced(BaseModel):
    """A file that is going to be sent."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"name": "clip.mp4", "size": 1048576}}
    )
    name: str = Field(min_length=1, max_length=255, description="What it is called, with ending.")
    size: int = Field(gt=0, le=2**53, description="Its length in bytes.")


class Hash(BaseModel):
    """What the file should be."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"sha256": ""}})
    sha256: str = Field(
        "", pattern="^([0-9a-fA-F]{64})?$", description="SHA-256 of the whole; empty: not checked."
    )


class Sent(BaseModel):
    """An upload and how much of it is there."""

    id: str = Field(examples=[_EXAMPLE])
    name: str
    size: int
    received: int
    sha256: str
    reference: str = Field(description="How jobs name it.", examples=[f"upload:{_EXAMPLE}"])

    @classmethod
    def of(cls, upload: Upload) -> Sent:
        """What is told of an upload."""
        return cls(
            id=upload.id,
            name=upload.name,
            size=upload.size,
            received=upload.received,
            sha256=upload.sha256,
            reference=f"upload:{upload.id}",
        )


@router.post("", status_code=201, summary="Announce a file")
def begin(asked: Announced, studio: AStudio, caller: ACaller) -> Sent:
    """Says what is going to be sent, and gives its name here."""
    return Sent.of(studio.files.begin(caller.id, asked.name, asked.size))


@router.get("", summary="Own uploads")
def listed(studio: AStudio, caller: ACaller) -> list[Sent]:
    """Uploads that are kept, newest first."""
    return [Sent.of(one) for one in studio.files.uploads(caller.id)]


@router.get("/{upload_id}", summary="How much of a file is there")
def show(upload_id: AnUploadId, studio: AStudio, caller: ACaller) -> Sent:
    """Tells from where on to go on sending: `received`."""
    return Sent.of(_upload(studio, caller, upload_id))


@router.patch("/{upload_id}", summary="Send a part")
async def append(
    upload_id: AnUploadId,
    request: Request,
    studio: AStudio,
    caller: ACaller,
    upload_offset: Annotated[
        int, Header(ge=0, le=2**53, description="Where in the file the part begins.")
    ],
) -> Sent:
    """Takes bytes of the file, at most 16 MiB in one request; sending some again is no fault."""
    upload = await run_in_threadpool(_upload, studio, caller, upload_id)
    data = await _body(request)
    return Sent.of(await run_in_threadpool(studio.files.append, upload, upload_offset, data))


@router.post("/{upload_id}/complete", summary="Say that all was sent")
def complete(upload_id: AnUploadId, asked: Hash, studio: AStudio, caller: ACaller) -> Sent:
    """Checks the content, after which jobs can name the file."""
    upload = _upload(studio, caller, upload_id)
    return Sent.of(studio.files.complete(upload, asked.sha256))


@router.delete("/{upload_id}", status_code=204, summary="Erase a file")
def erase(upload_id: AnUploadId, studio: AStudio, caller: ACaller) -> Response:
    """Overwrites and removes it; jobs that wait for it will fail."""
    upload = _upload(studio, caller, upload_id)
    audit.note("erased", upload.id, caller, home=studio.home)
    studio.files.remove(upload)
    return Response(status_code=204)


def _upload(studio: Studio, caller: Caller, upload_id: str) -> Upload:
    try:
        return studio.files.upload(upload_id, caller.id)
    except UsageError as error:
        raise UnknownError(error.found, error.expected) from None


async def _body(request: Request) -> bytes:
    """The request's body, as far as it is not too long.

    Raises:
        LimitError: It is.
    """
    parts, count = [], 0
    async for part in request.stream():
        count += len(part)
        if count > PART_BYTES:
            raise LimitError(
                "a part of more than 16 MiB", f"at most {PART_BYTES} bytes", "send smaller parts"
            )
        parts.append(part)
    return b"".join(parts)
