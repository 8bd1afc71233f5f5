"""Every page is there, says what it is, and loads nothing from elsewhere."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from masquerade.server.studio import Studio
from masquerade.server.ui import learn
from masquerade.server.ui.advice import in_page_words
from masquerade.server.ui.make_task import families, tasks

PAGES = {
    "/": "Make synthetic media openly",
    "/verify": "Verify a file",
    "/unmask": "Looks at a file from many sides",
    "/make": "What would you like to make?",
    "/consents": "Nobody's face or voice is used",
    "/ledger": "Everything that was sealed",
    "/jobs": "What takes longer is done here",
    "/train": "The best swaps come from a network",
    "/learn": "Spot the fake",
    **{f"/learn/{one.name}": one.title for one in learn.TOPICS},
}


@pytest.mark.parametrize("path", PAGES)
def test_each_page_says_what_it_is_for(visitor: TestClient, path: str) -> None:
    page = visitor.get(path)
    assert page.status_code == 200
    plain = page.text.replace("&#x27;", "'").replace("\\u0026#x27;", "'").replace("&amp;#x27;", "'")
    assert PAGES[path] in plain
    assert 'lang="en-US"' in page.text
    assert "frame-ancestors 'self'" in page.headers["content-security-policy"]


def test_pages_name_no_outside_host(visitor: TestClient) -> None:
    for path in ("/", "/make", "/assets/theme.css", "/assets/studio.js"):
        found = set(re.findall(r"https?://[\w.-]+", visitor.get(path).text))
        assert found <= {"http://www.w3.org"}, path  # the name of SVG, fetched by nobody


def test_every_family_of_methods_that_can_be_made_is_offered() -> None:
    offered = {one.method for name, _, _ in families() for one in tasks(name)}
    assert {"swap_mesh", "edit", "style", "lipsync", "anonymize", "voice_disguise"} <= offered


def test_an_unknown_persona_topic_or_example_is_not_there(visitor: TestClient) -> None:
    for path in ("/personas/nobody.jpg", "/example/nothing", "/learn/nothing"):
        assert visitor.get(path).status_code == 404


def test_the_microphone_is_for_pages_where_consent_is_recorded(visitor: TestClient) -> None:
    for path, wanted in (("/consents", "self"), ("/make", "self"), ("/verify", ""), ("/", "")):
        assert f"microphone=({wanted})" in visitor.get(path).headers["permissions-policy"]


def test_a_sign_in_of_another_time_leads_home(visitor: TestClient) -> None:
    assert visitor.get("/sign-in", follow_redirects=False).headers["location"] == "/"


def test_advice_names_pages_where_they_do_it() -> None:
    for name, _, _ in families():
        for task in tasks(name):
            options = task.module.Options.model_fields.values()
            words = [task.summary, *(in_page_words(one.description or "") for one in options)]
            assert not [one for one in words if re.search(r"`masquerade|(?<!\w)--\w", one)]


def test_pictures_of_personas_are_served(visitor: TestClient) -> None:
    found = visitor.get("/personas/ada.jpg")
    assert found.headers["content-type"] == "image/jpeg"
    assert found.content[:2] == b"\xff\xd8"


def test_jobs_of_others_show_nothing_here(visitor: TestClient, ui_studio: Studio) -> None:
    visitor.get("/")
    job = ui_studio.queue.submit("verify", {"target": "x.png"}, owner="key-0123456789abcdef").job
    assert visitor.get(f"/results/{job.id}/in/0").status_code == 404
    assert visitor.get(f"/library/{job.id}/coverage").status_code == 404
