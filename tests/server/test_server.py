"""What stands around the API: rates, pages behind a key, warnings before others reach it."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from fastapi.testclient import TestClient
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from masquerade.errors import (
    ConsentError,
    DiskFullError,
    GivenModelError,
    LimitError,
    MasqueradeError,
    ModelError,
    OutputError,
    ProvenanceError,
    UsageError,
)
from masquerade.jobs.sweep import Keep
from masquerade.server.app import create_app
from masquerade.server.bodies import Bounds, bounded
from masquerade.server.caller import Role
from masquerade.server.events import told_while_it_lasts
from masquerade.server.problems import SlowError, TooManyError, response_to, status_of
from masquerade.server.rates import Rates
from masquerade.server.serving import serve, warnings
from masquerade.server.settings import Settings
from masquerade.server.studio import Studio
from masquerade.server.turns import Turns


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ConsentError, 403),
        (LimitError, 413),
        (GivenModelError, 422),
        (ModelError, 409),
        (OutputError, 409),
        (DiskFullError, 507),
        (SlowError, 408),
        (ProvenanceError, 409),
        (MasqueradeError, 409),
    ],
)
def test_no_error_that_has_a_name_is_the_servers_fault(
    error: type[MasqueradeError], status: int
) -> None:
    assert status_of(error("x")) == status


def test_a_rate_is_each_callers_own() -> None:
    rates = Rates(2)
    rates.take("ada")
    rates.take("ada")
    with pytest.raises(TooManyError) as told:
        rates.take("ada")
    assert 0 < told.value.wait_s <= 30
    rates.take("ben")


def test_what_holds_memory_is_bounded_for_each_and_for_all() -> None:
    turns = Turns("parts", each=1, most=2)
    with turns.taken("ada"), pytest.raises(TooManyError, match="parts"), turns.taken("ada"):
        pass
    with turns.taken("ada"), turns.taken("ben"), pytest.raises(TooManyError), turns.taken("cy"):
        pass
    with turns.taken("cy"):
        pass


def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    async def silent() -> Message:
        await asyncio.sleep(60)
        return {"type": "http.request"}

    async def reads(_scope: Scope, receive: Receive, _send: Send) -> None:
        assert (await receive())["type"] == "http.disconnect"
        raise ClientDisconnect

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST"}
    asyncio.run(bounded(reads, scope, silent, send, Bounds(9, idle_s=0.01), response_to))
    assert sent[0]["status"] == 408


def test_events_end_with_the_key_that_they_were_asked_for_with(studio: Studio) -> None:
    job = studio.queue.submit("verify", {"target": "a.png"}).job

    async def here() -> bool:
        return False

    async def told(*, good: int) -> list[str]:
        left = [True] * good
        events = told_while_it_lasts(studio.queue, job.id, here, lambda: bool(left and left.pop()))
        return [name async for name, _ in events]

    assert asyncio.run(told(good=2)) == ["job"]
    assert asyncio.run(told(good=0)) == []
    studio.queue.cancel(job.id)


def test_too_many_requests_are_told_when_to_come_back(app: FastAPI, studio: Studio) -> None:
    app.state.studio = replace(studio, rates=Rates(1))
    try:
        client = TestClient(app)
        assert client.get("/v1/me").status_code == 401
        late = client.get("/v1/me")
    finally:
        app.state.studio = studio
    assert late.status_code == 429
    assert int(late.headers["retry-after"]) >= 1


async def _echo(socket: WebSocket) -> None:
    await socket.accept()
    with suppress(WebSocketDisconnect):
        while True:
            await socket.send_text(await socket.receive_text())
    await socket.close()


def test_pages_ask_for_a_key_where_others_can_reach_them(tmp_path: Path) -> None:
    def mount(app: FastAPI, _studio: Studio) -> None:
        app.add_api_route("/", lambda: PlainTextResponse("pages"))
        app.add_api_websocket_route("/live", _echo)

    settings = Settings(host="0.0.0.0", names=("studio.example",))
    app = create_app(settings, home=tmp_path, mounts=(mount,))
    keys = app.state.studio.keys
    _, creator = keys.new("c", Role.CREATOR)
    key, admin = keys.new("a", Role.ADMIN)
    client = TestClient(app, base_url="https://studio.example")
    assert "An admin" in client.get("/").text
    assert "An admin" in client.get("/docsx").text
    assert client.get("/docs").status_code == 200
    assert client.post("/sign-in", data={"key": creator}).status_code == 403
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 421
    foreign = {"Origin": "https://evil.example"}
    assert client.post("/sign-in", data={"key": admin}, headers=foreign).status_code == 403
    client.cookies.set("masquerade", f"{key.id}.99999999999.0000")
    assert "An admin" in client.get("/").text
    client.cookies.clear()
    hidden = {"Origin": "null"}  # as browsers say it of a page that tells nobody where it is
    assert client.post("/sign-in", data={"key": admin}, headers=hidden).status_code == 403
    ours = hidden | {"Sec-Fetch-Site": "same-origin"}
    answer = client.post("/sign-in", data={"key": admin}, headers=ours, follow_redirects=False)
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "secure" in cookie
    assert client.get("/").text == "pages"
    assert client.get("/sign-in").text == "pages"  # whoever has signed in is not asked again
    assert client.get("/v1/me").status_code == 401  # the cookie opens pages alone
    with client.websocket_connect("wss://studio.example/live") as open_page:
        open_page.send_text("a")
        assert open_page.receive_text() == "a"
        keys.end(key.id)
        open_page.send_text("b")
        with pytest.raises(WebSocketDisconnect):
            open_page.receive_text()
    assert "An admin" in client.get("/").text


def test_loopback_needs_no_key_and_no_warning(tmp_path: Path) -> None:
    assert warnings(Settings()) == ()
    assert not Settings().asks_pages
    assert Settings(sign_in="always").asks_pages
    open_settings = Settings(host="192.0.2.1")
    assert open_settings.asks_pages
    assert "encrypted" in warnings(open_settings)[0]


def test_an_address_that_is_taken_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = Settings(port=taken.getsockname()[1], workers=0)
        with pytest.raises(UsageError, match="already in use"):
            serve(settings, Keep(), print)
