"""The API: who may do what, uploads that resume, jobs, links; and no server path is ever taken."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from fastapi.testclient import TestClient
from tests.jobs.test_files import PNG
from tests.server.conftest import As

from masquerade import registry
from masquerade.jobs.types import State
from masquerade.jobs.work import REMOTE
from masquerade.provenance import ledger
from masquerade.server.api_jobs import kinds_router
from masquerade.server.studio import Studio


def send(client: TestClient, name: str = "a.png", data: bytes = PNG) -> str:
    """An upload's reference."""
    told = client.post("/v1/uploads", json={"name": name, "size": len(data)}).json()
    place = f"/v1/uploads/{told['id']}"
    for start in (0, 1000):
        part = data[start : start + 1000 if start == 0 else None]
        client.patch(place, content=part, headers={"Upload-Offset": str(start)})
    done = client.post(f"{place}/complete", json={"sha256": hashlib.sha256(data).hexdigest()})
    assert done.status_code == 200, done.text
    return str(done.json()["reference"])


def ask(client: TestClient, kind: str, spec: dict[str, Any], **more: Any) -> Any:
    return client.post(f"/v1/jobs/{kind}", json={"spec": spec, **more})


def test_nothing_of_a_request_is_read_without_a_key(as_role: As) -> None:
    answer = as_role("nobody").post("/v1/uploads", content=b"{ no json")
    assert answer.status_code == 401
    assert "serve key new" in answer.json()["error"]["todo"]
    assert as_role("nobody").get("/v1/none").status_code == 401


def test_an_address_that_is_none_is_told_as_every_error(as_role: As) -> None:
    for place, method, status in (("/v1/none", "GET", 404), ("/v1/uploads", "PUT", 405)):
        answer = as_role("creator").request(method, place)
        assert answer.status_code == status
        assert answer.json()["error"]["found"]
    assert answer.headers["allow"] == "GET, POST"


@pytest.mark.parametrize(
    ("role", "status"), [("nobody", 401), ("creator", 403), ("examiner", 403), ("admin", 200)]
)
def test_keys_and_ledger_are_an_admins(as_role: As, role: str, status: int) -> None:
    for place in ("/v1/keys", "/v1/ledger"):
        answer = as_role(role).get(place)
        assert answer.status_code == status
        assert status == 200 or answer.json()["error"]["found"]


def test_a_key_works_until_it_is_withdrawn(as_role: As, studio: Studio) -> None:
    made = as_role("admin").post("/v1/keys", json={"name": "desk", "role": "examiner"}).json()
    client = TestClient(as_role("admin").app)
    client.headers["Authorization"] = f"Bearer {made['secret']}"
    assert client.get("/v1/me").json()["role"] == "examiner"
    assert made["secret"] not in as_role("admin").get("/v1/keys").text
    with studio.queue.database.reading() as connection:
        assert made["secret"] not in str(connection.rows("SELECT * FROM access_keys"))
    as_role("admin").delete(f"/v1/keys/{made['id']}")
    assert client.get("/v1/me").status_code == 401
    actions = [
        json.loads(row.body)["action"] for row in ledger.rows(kind="server", home=studio.home)
    ]
    assert actions[-2:] == ["key made", "key withdrawn"]


def test_everything_that_is_installed_is_listed_with_its_schema(as_role: As) -> None:
    client = as_role("examiner")
    assert {one["name"] for one in client.get("/v1/methods").json()} == set(registry.names())
    assert {one["name"] for one in client.get("/v1/kinds").json()} == set(REMOTE)
    assert {one["name"] for one in client.get("/v1/signals").json()} == set(
        registry.names("signals")
    )
    for group, name in (("methods", "swap_mesh"), ("methods", "style"), ("signals", "container")):
        told = client.get(f"/v1/{group}/{name}").json()
        wanted = registry.get(name, group).Options.model_json_schema().get("properties", {})
        assert told["schema"].get("properties", {}).keys() == wanted.keys()
    assert client.get("/v1/methods/none").status_code == 404


def test_every_kind_and_method_has_an_address(as_role: As) -> None:
    paths = {getattr(route, "path", "") for route in kinds_router().routes}
    assert {f"/v1/jobs/{kind}" for kind in REMOTE if kind not in ("make", "preview")} <= paths
    assert {"/v1/jobs/make/swap_mesh", "/v1/jobs/make/style", "/v1/jobs/preview/edit"} <= paths
    assert "/v1/jobs/make/anonymize" not in paths


@pytest.mark.slow
def test_the_description_is_a_page_without_scripts(as_role: As) -> None:
    page = as_role("nobody").get("/docs").text
    assert "/v1/jobs/make/swap_mesh" in page
    assert "<script" not in page
    assert "://" not in page.replace("http://127.0.0.1", "")


def test_an_upload_goes_on_where_it_stopped(as_role: As) -> None:
    client = as_role("creator")
    told = client.post("/v1/uploads", json={"name": "a.png", "size": len(PNG)}).json()
    place = f"/v1/uploads/{told['id']}"
    client.patch(place, content=PNG[:500], headers={"Upload-Offset": "0"})
    assert client.get(place).json()["received"] == 500
    gap = client.patch(place, content=PNG[600:], headers={"Upload-Offset": "600"})
    assert gap.status_code == 400
    assert "from 500 on" in gap.json()["error"]["expected"]
    client.patch(place, content=PNG[500:], headers={"Upload-Offset": "500"})
    assert client.post(f"{place}/complete", json={}).json()["sha256"]
    assert as_role("another").get(place).status_code == 404
    assert client.delete(place).status_code == 204
    assert client.get(place).status_code == 404


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"name": "a.exe", "size": 10}, 422),
        ({"name": "a.png", "size": 2_000_000}, 413),
        ({"name": "a.png", "size": 0}, 422),
        ({"name": "", "size": 10}, 422),
        ({"name": "a.png"}, 422),
    ],
)
def test_uploads_are_of_bounded_size_and_known_kinds(
    as_role: As, asked: dict[str, Any], status: int
) -> None:
    answer = as_role("creator").post("/v1/uploads", json=asked)
    assert answer.status_code == status
    assert answer.json()["error"]["expected"]


def test_requests_are_bounded(as_role: As) -> None:
    for content in (b" " * 1_100_000, iter([b" " * 600_000] * 2)):  # with and without a length
        answer = as_role("creator").post("/v1/uploads", content=content)
        assert answer.status_code == 413
        assert answer.json()["error"]["expected"]


def test_an_examiner_makes_nothing(as_role: As) -> None:
    client = as_role("examiner")
    reference = send(client)
    assert ask(client, "verify", {"target": reference}).status_code == 201
    refused = ask(client, "anonymize", {"target": reference, "out": "r.png"})
    assert refused.status_code == 403
    assert ask(client, "verify", {"target": reference}, priority=5).status_code == 403


def test_jobs_are_their_owners_and_an_admins(as_role: As, studio: Studio) -> None:
    client = as_role("creator")
    spec = {"target": send(client), "out": "r.png", "options": {"style": ["ink"]}}
    told = ask(client, "make/style", spec)
    assert told.status_code == 201, told.text
    assert ask(client, "make/style", spec).status_code == 200
    assert ask(client, "make/style", spec, again=True).status_code == 201
    job = told.json()
    assert client.get(f"/v1/jobs/{job['id']}").json()["spec"]["options"]["style"] == ["ink"]
    for place in ("", "/log", "/files"):
        assert as_role("another").get(f"/v1/jobs/{job['id']}{place}").status_code == 404
    assert as_role("another").post(f"/v1/jobs/{job['id']}/cancel").status_code == 404
    assert job["id"] in {one["id"] for one in as_role("admin").get("/v1/jobs").json()}
    assert client.post(f"/v1/jobs/{job['id']}/cancel").json()["state"] == "cancelled"
    row = ledger.rows(kind="server", subject=job["id"], home=studio.home)
    assert [json.loads(one.body)["action"] for one in row] == ["asked", "cancelled"]
    assert ask(as_role("another"), "verify", {"target": spec["target"]}).status_code == 400
    assert ask(as_role("another"), "verify", {"target": f"job:{job['id']}"}).status_code == 400


def test_one_key_does_not_fill_the_queue(
    as_role: As, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = as_role("examiner")
    asked = {"target": send(client)}
    full = dict.fromkeys(State, studio.settings.waiting)
    monkeypatch.setattr(type(studio.queue), "counts", lambda _queue, *, owner: full)
    told = ask(client, "verify", asked, again=True)
    assert told.status_code == 413
    assert "wait already" in told.text


@pytest.mark.parametrize("path", ["/etc/passwd", "a.png", "../a.png", "~/a.png", "C:\\a.png"])
def test_server_paths_are_never_taken(as_role: As, path: str) -> None:
    client = as_role("creator")
    good = send(client)
    for kind, spec in (
        ("verify", {"target": path}),
        ("make/style", {"target": good, "out": path + "/r.png", "options": {"style": ["ink"]}}),
        ("make/style", {"target": good, "out": "r.png", "options": {"style": [path]}}),
        ("make/swap_mesh", {"target": good, "out": "r.png", "sources": [path]}),
    ):
        answer = ask(client, kind, spec)
        if path == "a.png" and "options" in spec and spec["out"] == "r.png":
            continue  # a plain word: it names nothing in the empty folder that the job works in
        assert answer.status_code == 400, answer.text
        assert answer.json()["error"]["todo"]


def test_results_are_fetched_by_links_that_end(as_role: As, studio: Studio) -> None:
    client = as_role("creator")
    job = ask(client, "anonymize", {"target": send(client, data=PNG + b"1"), "out": "r.png"}).json()
    while (taken := studio.queue.take("w")) is not None and taken.id != job["id"]:
        studio.queue.finish(taken.id, "w", State.CANCELLED)
    folder = studio.files.job_folder(job["id"])
    folder.mkdir(parents=True)
    (folder / "r.png").write_bytes(PNG)
    assert client.get(f"/v1/jobs/{job['id']}/files").json() == []
    told = {"name": "r.png", "bytes": len(PNG), "sha256": hashlib.sha256(PNG).hexdigest()}
    studio.queue.finish(job["id"], "w", State.DONE, result={"files": [told]})  # type: ignore[dict-item]
    (made,) = client.get(f"/v1/jobs/{job['id']}/files").json()
    nobody = as_role("nobody")
    for start in (0, 4):  # whoever fetches a file in parts has fetched it, once
        part = nobody.get(made["link"], headers={"Range": f"bytes={start}-{start + 3}"})
        assert part.content == PNG[start : start + 4]
    fetched = [one for one in ledger.rows(kind="server", home=studio.home) if "fetched" in one.body]
    assert [one.subject for one in fetched] == [job["id"]]
    answer = nobody.get(made["link"])
    assert answer.content == PNG
    assert answer.headers["content-disposition"].startswith("attachment")
    assert nobody.get(made["link"][:-1] + "x").status_code == 403
    assert nobody.get(made["link"].replace("r.png", "s.png")).status_code == 403
    old = studio.links
    late = type(old)(old._key, -1).link(job["id"], "r.png", made["link"].split("by=")[1][:20])
    assert nobody.get(late).json()["error"]["found"] == "the link is not good any more"
    with client.stream("GET", f"/v1/jobs/{job['id']}/events") as stream:
        assert "event: end" in "".join(stream.iter_text())
    assert client.delete(f"/v1/jobs/{job['id']}/files").status_code == 204
    assert nobody.get(made["link"]).status_code == 404


def test_every_answer_carries_its_fences(as_role: As) -> None:
    for place in ("/v1/health", "/v1/me", "/v1/none", "/none"):
        headers = as_role("nobody").get(place).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
    assert (
        "default-src 'none'"
        in as_role("nobody").get("/v1/health").headers["content-security-policy"]
    )
