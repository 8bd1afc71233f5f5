"""Sources that are exchanged while they are read, and put back before they are looked at again."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image

from masquerade.errors import PolicyError
from masquerade.hashing import file_sha256
from masquerade.media.probe import probe
from masquerade.pipelines import cast, morph
from masquerade.pipelines.body import footage
from masquerade.pipelines.body import source as photo
from masquerade.pipelines.body.source import Lender
from masquerade.pipelines.lips import talking
from masquerade.pipelines.source import material
from masquerade.types import InputUse

ANY: Any = None


@pytest.fixture
def path(tmp_path: Path) -> Path:
    frames = [Image.fromarray(np.full((40, 40, 3), 20 * n, np.uint8)) for n in range(3)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:], duration=100)
    return tmp_path / "a.gif"


def _exchanging(real: Callable[..., Any], there: list[Path]) -> Callable[..., Any]:
    """The same function, before which another file is put there, and this one back afterwards."""

    def reads(path: Path, *rest: Any, **named: Any) -> Any:
        there.append(path)
        whole = path.read_bytes()
        try:
            Image.new("RGB", (40, 40), "red").save(path, "GIF")
            made = real(path, *rest, **named)
            return made if not hasattr(made, "__next__") else iter(list(made))
        finally:
            path.write_bytes(whole)

    return reads


def _use(path: Path) -> InputUse:
    return InputUse("source", path.name, file_sha256(path), path)


@pytest.mark.parametrize(
    ("module", "name", "read"),
    [
        (photo, "read_image", lambda path: photo.read_photo_source(path, ANY, ANY)),
        (cast, "read_image", lambda path: cast.read_photo(path, ANY)),
        (cast, "probe", lambda path: cast.read_photo(path, ANY)),
        (material, "read_frames", lambda path: material.read_video(probe(path), ANY)),
        (morph, "read_photo", lambda path: morph._sitter(path, ANY, ())),
        (footage, "probe", lambda path: footage.read_lender(path, ANY, ANY)),
        (footage, "probe", lambda path: footage.read_footage(Lender((), _use(path)), ANY, ANY)),
        (talking, "probe", lambda path: talking.read_footage(_use(path), 0, *[ANY] * 5)),
    ],
)
def test_nothing_of_another_file_is_read(
    module: ModuleType,
    name: str,
    read: Callable[[Path], object],
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there: list[Path] = []
    monkeypatch.setattr(module, name, _exchanging(getattr(module, name), there))
    with pytest.raises(PolicyError, match="was changed while it was worked on"):
        read(path)
    assert there == [path]
