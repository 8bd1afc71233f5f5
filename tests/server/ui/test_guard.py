"""Who may ask: the right host, no page of another site, no endless body, no other session."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from masquerade.errors import InputError
from masquerade.jobs.files import Files
from masquerade.jobs.place import open_files, open_queue
from masquerade.server.studio import Studio
from masquerade.server.ui.guard import LOOPBACK, Guard
from masquerade.server.ui.shelf import Shelf, clean_name, sweep

_Kept = TypeVar("_Kept")
SESSION = "0f8fad5b-d9cb-469f-a165-70867728950e"


async def _taken(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


@pytest.fixture
def fenced() -> TestClient:
    inner = Starlette(routes=[Route("/", _taken, methods=["GET", "POST"])])
    guard = Guard(inner, hosts=LOOPBACK, most_bytes=1000)
    return TestClient(guard, base_url="http://localhost:8420", raise_server_exceptions=False)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://localhost:8420"}, 200),
        ({"Origin": "http://localhost:9999"}, 403),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Host": "elsewhere.example"}, 421),
        ({"Host": ""}, 421),
    ],
)
def test_only_pages_of_ours_can_change_something(
    fenced: TestClient, headers: dict[str, str], status: int
) -> None:
    assert fenced.post("/", content=b"x", headers=headers).status_code == status


def test_nothing_is_read_by_scripts_of_other_sites(fenced: TestClient) -> None:
    asked = fenced.get("/", headers={"Origin": "https://elsewhere.example"})
    assert asked.status_code == 403
    assert "access-control-allow-origin" not in asked.headers
    assert fenced.get("/", headers={"Origin": "http://localhost:8420"}).status_code == 200


def test_the_channel_of_the_pages_is_not_opened_for_other_sites(visitor: TestClient) -> None:
    place = "/_nicegui_ws/socket.io/?EIO=4&transport=polling"
    asked = visitor.get(place, headers={"Origin": "https://elsewhere.example"})
    assert asked.status_code == 403
    assert "access-control-allow-origin" not in asked.headers


def test_others_may_link_to_a_page(fenced: TestClient) -> None:
    assert fenced.get("/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_a_body_that_is_too_large_is_refused_with_or_without_a_length(fenced: TestClient) -> None:
    large = b"x" * (1024 * 1024 + 2000)
    assert fenced.post("/", content=large).status_code == 413
    cut = fenced.post("/", content=iter([large, large]))
    assert cut.status_code == 413


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("../../etc/passwd", "passwd"),
        ("..", "file"),
        ("", "file"),
        ("a\x00b\n.png", "ab.png"),
        (".consent", "consent"),
        ("D:\\films\\clip.mp4", "clip.mp4"),
        ("x" * 300 + ".png", "x" * 76 + ".png"),
    ],
)
def test_names_become_harmless(name: str, cleaned: str) -> None:
    assert clean_name(name) == cleaned


def _run(made: Coroutine[object, object, _Kept]) -> _Kept:
    """What a coroutine gives, in a thread of its own: a browser of other tests may hold a loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, made).result()


async def _parts(*parts: bytes) -> AsyncIterator[bytes]:
    for one in parts:
        yield one


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Files]:
    queue = open_queue(home=tmp_path)
    yield open_files(queue, home=tmp_path)
    queue.close()


def test_a_file_is_found_by_its_own_session_alone(tmp_path: Path, files: Files) -> None:
    mine = Shelf(SESSION, tmp_path)
    kept = _run(mine.keep("../clip.mp4", _parts(b"ab", b"c"), size=3, files=files))
    assert mine.find(kept.id).path.read_bytes() == b"abc"
    assert kept.path.is_relative_to(tmp_path)
    other = Shelf(SESSION.replace("0", "1"), tmp_path)
    for file_id in (kept.id, "..", "../" + SESSION, "", "0" * 24):
        with pytest.raises(InputError):
            other.find(file_id)


@pytest.mark.parametrize("size", [1, 17, 19])
def test_a_file_that_is_not_as_long_as_was_said_leaves_nothing(
    tmp_path: Path, files: Files, size: int
) -> None:
    parts = _parts(b"x" * 9, b"y" * 9)
    with pytest.raises(InputError, match="did not come whole"):
        _run(Shelf(SESSION, tmp_path).keep("a.png", parts, size=size, files=files))
    assert not list((tmp_path / "studio" / "shelves").rglob("*.png"))


def test_a_session_is_no_path(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        Shelf("../../elsewhere", tmp_path)


def test_old_files_are_swept_and_new_ones_stay(tmp_path: Path) -> None:
    kept = Shelf(SESSION, tmp_path).place("a.png")
    kept.path.write_bytes(b"x")
    assert sweep(tmp_path) == 0
    assert sweep(tmp_path, older_than_s=-1.0) == 1
    assert not kept.path.parent.exists()


def test_files_of_a_session_are_not_given_to_another_browser(
    visitor: TestClient, ui_app: object, ui_studio: Studio
) -> None:
    kept = Shelf(SESSION, ui_studio.home).place("a.html")
    kept.path.write_text("<script>alert(1)</script>")
    assert visitor.get(kept.address).status_code == 404  # no session at all
    visitor.get("/")
    assert visitor.get(kept.address).status_code == 404  # a session of its own
