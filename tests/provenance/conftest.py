"""Fixtures of the provenance tests: a clip, a photo, a consent record, and the scene's makers."""

import importlib.util
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from masquerade.provenance.consent.records import ConsentRecord
from masquerade.types import Draft


@pytest.fixture(scope="session")
def scene() -> ModuleType:
    path = Path(__file__).with_name("scene.py")
    spec = importlib.util.spec_from_file_location("provenance_scene", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["provenance_scene"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def clip(scene: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return scene.make_clip(tmp_path_factory.mktemp("clip") / "clip.mp4")


@pytest.fixture(scope="session")
def photo(scene: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photo") / "ann.jpg"
    return Path(shutil.copy(scene.PERSONA.picture, path))


@pytest.fixture(autouse=True)
def judge(scene: ModuleType) -> Iterator[object]:
    """Finds nothing unsafe; tests of that gate put another judge in its place."""
    with scene.judged() as judge:
        yield judge


@pytest.fixture
def record(scene: ModuleType) -> ConsentRecord:
    return scene.make_record()


@pytest.fixture
def make_draft(
    scene: ModuleType, clip: Path, photo: Path, record: ConsentRecord
) -> Callable[..., Draft]:
    def make(*, seed: int = 1, consent: str | None = None) -> Draft:
        return scene.make_draft(clip, photo, record.id if consent is None else consent, seed=seed)

    return make


@pytest.fixture(scope="session")
def certificates() -> ModuleType:
    """Maker of certificates, and a timestamp authority on this machine."""
    path = Path(__file__).with_name("authority.py")
    spec = importlib.util.spec_from_file_location("provenance_authority", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["provenance_authority"] = module
    spec.loader.exec_module(module)
    return module
