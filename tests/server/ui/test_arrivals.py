"""Files that pages send: counted, bounded in size and time, and gone where they are not whole."""

from __future__ import annotations

import asyncio
import shutil
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message

from masquerade.errors import LimitError
from masquerade.server.studio import Studio
from masquerade.server.ui import guard
from masquerade.server.ui.arrivals import PLACE
from masquerade.server.ui.guard import LOOPBACK, Guard
from masquerade.server.ui.shelf import shelves

CLIP = b"\x00\x00\x00\x18ftypmp42" * 100


@pytest.fixture
def known(visitor: TestClient) -> TestClient:
    """A browser that has a page open."""
    visitor.get("/")
    return visitor


@pytest.fixture
def room(ui_studio: Studio) -> Iterator[Studio]:
    """A studio with room for 1000 bytes more than there are."""
    before = ui_studio.files.quota_bytes
    ui_studio.files.quota_bytes = ui_studio.files.used_bytes() + 1000
    yield ui_studio
    ui_studio.files.quota_bytes = before


def _on_shelves(studio: Studio) -> int:
    return len([one for one in shelves(studio.home).rglob("*") if one.is_file()])


def test_a_file_is_kept_counted_and_given_back(known: TestClient, ui_studio: Studio) -> None:
    before = ui_studio.files.used_bytes()
    sent = known.post(PLACE, params={"name": "../my clip.mp4"}, content=CLIP)
    assert sent.status_code == 201
    assert sent.json()["name"] == "my clip.mp4"
    assert known.get(f"{PLACE}/{sent.json()['id']}").content == CLIP
    assert ui_studio.files.used_bytes() == before + len(CLIP)


def test_a_film_that_no_browser_plays_gives_a_picture(known: TestClient, tmp_path: Path) -> None:
    place = tmp_path / "clip.avi"
    with av.open(place, "w") as out:
        stream = out.add_stream("mpeg4", 25)
        stream.width, stream.height = 64, 48
        for _ in range(3):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 200, np.uint8), format="rgb24")
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    sent = known.post(PLACE, params={"name": "clip.avi"}, content=place.read_bytes()).json()
    still = known.get(f"{PLACE}/{sent['id']}", params={"still": "true"})
    assert still.headers["content-type"] == "image/jpeg"
    assert still.content[:2] == b"\xff\xd8"
    other = known.post(PLACE, params={"name": "clip.avi"}, content=CLIP).json()
    assert known.get(f"{PLACE}/{other['id']}", params={"still": "true"}).status_code == 404


def test_a_length_has_to_be_stated(known: TestClient) -> None:
    assert known.post(PLACE, content=iter([CLIP])).status_code == 400


def test_a_file_beyond_the_largest_is_refused_unread(known: TestClient, ui_studio: Studio) -> None:
    answer = known.post(PLACE, content=b"x" * 1_000_001)
    assert answer.status_code == 413
    assert "1000001" in answer.json()["error"]["found"]


def test_files_that_pages_sent_use_up_the_quota(known: TestClient, room: Studio) -> None:
    assert known.post(PLACE, content=b"x" * 700).status_code == 201
    before = _on_shelves(room)
    answer = known.post(PLACE, content=b"x" * 700)
    assert answer.status_code == 413
    assert answer.json()["error"]["todo"].startswith("delete")
    assert _on_shelves(room) == before


def test_room_is_held_before_the_content_is_there(room: Studio) -> None:
    place = shelves(room.home) / "held"
    room.files.hold(place, 900)
    with pytest.raises(LimitError):
        room.files.hold(place.with_name("second"), 900)
    place.unlink()


def test_a_full_disk_is_said(
    known: TestClient, ui_studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(9, 9, 0))
    before = _on_shelves(ui_studio)
    assert known.post(PLACE, content=CLIP).status_code == 507
    assert _on_shelves(ui_studio) == before


async def _read(request: Request) -> Response:
    try:
        await request.body()
    except ClientDisconnect:
        return Response(status_code=400)
    return Response()


def _slowly(guarded: Guard, path: str, length: int) -> list[Message]:
    """What is answered to a body of which a byte comes now and then."""
    answers: list[Message] = []

    async def receive() -> Message:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def send(message: Message) -> None:
        answers.append(message)

    headers = [(b"host", b"localhost"), (b"content-length", str(length).encode())]
    scope = {
        "type": "http", "method": "POST", "path": path, "headers": headers, "query_string": b"",
    }  # fmt: skip
    asyncio.run(guarded(scope, receive, send))
    return answers


def test_a_file_that_takes_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "_WHOLE_S", 0.1)
    guarded = Guard(
        Starlette(routes=[Route(PLACE, _read, methods=["POST"])]), hosts=LOOPBACK, most_bytes=10**9
    )
    assert _slowly(guarded, PLACE, 1000)[0]["status"] == 408


def test_a_longer_file_has_more_time_and_nothing_else_has_much(ui_app: object) -> None:
    guarded = Guard(Starlette(), hosts=LOOPBACK, most_bytes=10**9)

    def bounds(path: str, length: int) -> tuple[int, float]:
        scope = {"path": path, "headers": [(b"content-length", str(length).encode())]}
        found = guarded._bounds(scope)
        return found.most_bytes, found.whole_s

    assert bounds(PLACE, 0) == (10**9, 300.0)
    assert bounds(PLACE, 10**9) == (10**9, 8300.0)
    assert bounds("/elsewhere", 10**9) == (1024 * 1024, 300.0)
