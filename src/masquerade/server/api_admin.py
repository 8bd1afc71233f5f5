"""What an admin's key may do besides: keys, the ledger, sweeping."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from masquerade.errors import UsageError
from masquerade.provenance import ledger
from masquerade.server import audit
from masquerade.server.asking import AnAdmin, AStudio
from masquerade.server.caller import Role
from masquerade.server.problems import RESPONSES, UnknownError

router = APIRouter(prefix="/v1", tags=["admin"], responses=RESPONSES)


class NewKey(BaseModel):
    """A key that is wanted."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"name": "press desk", "role": "examiner"}}
    )
    name: str = Field(min_length=1, max_length=80, pattern=r"^\s*\S.*$")
    role: Role


@router.get("/keys", summary="All keys")
def keys(studio: AStudio, _caller: AnAdmin) -> list[dict[str, Any]]:
    """Whose they are and what they may do; secrets are not known any more."""
    return [one.as_json() for one in studio.keys.list_keys()]


@router.post("/keys", status_code=201, summary="Make a key")
def new_key(asked: NewKey, studio: AStudio, caller: AnAdmin) -> dict[str, Any]:
    """The key with its secret, which is shown this once."""
    key, secret = studio.keys.new(asked.name, asked.role)
    audit.note("key made", key.id, caller, home=studio.home, for_role=key.role.value)
    return key.as_json() | {"secret": secret}


@router.delete("/keys/{key_id}", summary="Withdraw a key")
def end_key(
    key_id: Annotated[str, Path(pattern=r"^key-[0-9a-f]{16}$")], studio: AStudio, caller: AnAdmin
) -> dict[str, Any]:
    """Nobody can use it any more; its jobs and uploads stay."""
    try:
        key = studio.keys.end(key_id)
    except UsageError as error:
        raise UnknownError(error.found, error.expected) from None
    audit.note("key withdrawn", key.id, caller, home=studio.home)
    return key.as_json()


@router.get("/ledger", summary="The record of what was made, examined and asked for")
def rows(
    studio: AStudio,
    _caller: AnAdmin,
    kind: Annotated[str, Query(max_length=40)] = "",
    newest: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> list[dict[str, Any]]:
    """The newest rows, oldest first."""
    found = ledger.rows(kind=kind, newest=newest, home=studio.home)
    return [
        {
            "seq": one.seq,
            "id": one.id,
            "time": one.time,
            "kind": one.kind,
            "subject": one.subject,
            "body": one.body,
            "hash": one.hash,
        }
        for one in found
    ]
