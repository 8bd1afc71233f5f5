"""All networks of the face stage, opened together."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from masquerade.errors import UsageError
from masquerade.faces.readers import FaceReader
from masquerade.models import face_detector, network

MODULES = (face_detector, network)


def test_every_network_is_opened_once_and_tells_its_fetch(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: dict[str, dict[str, object]] = {}

    def open_session(name: str, **how: object) -> SimpleNamespace:
        assert name not in opened
        opened[name] = how
        return SimpleNamespace(name=name)

    for module in MODULES:
        monkeypatch.setattr(module, "open_session", open_session)

    def progress(what: str, done: int, total: int) -> None:
        """Stands for a bar."""

    FaceReader.open(device="cuda", threads=3, progress=progress)

    assert sorted(opened) == sorted(FaceReader.cards)
    assert all(how["progress"] is progress and how["threads"] == 3 for how in opened.values())
    on = {name: how.get("device", "cpu") for name, how in opened.items()}
    assert [name for name, device in on.items() if device != "cpu"] == ["face_identity"]


def test_missing_weights_are_fetched_with_progress(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, object]] = []

    class FetchedError(Exception):
        pass

    def fetch(name: str, *, progress: object) -> Path:
        asked.append((name, progress))
        raise FetchedError

    monkeypatch.setenv("MASQUERADE_CACHE", str(tmp_path))
    monkeypatch.delenv("MASQUERADE_WEIGHTS", raising=False)
    monkeypatch.setattr("masquerade.models.store.fetch", fetch)
    with pytest.raises(FetchedError):
        FaceReader.open(progress=print)
    assert asked == [("face_detector_short", print)]


@pytest.mark.weights
def test_an_unknown_device_is_refused() -> None:
    with pytest.raises(UsageError, match="toaster"):
        FaceReader.open(device="toaster")
