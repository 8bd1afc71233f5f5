"""A cluster of two machines on this one, and a short clip to be drawn in pieces."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import pytest

from benchmarks.cluster_machines import Machines, machines
from masquerade.distributed.token import token_file
from masquerade.pipelines import pieces

FRAMES = 32
RATE = 25


@dataclass(frozen=True)
class TwoMachines:
    """A cluster, its token, and where its machines would keep keys."""

    ray: Machines
    token: Path
    drawing_home: Path


@pytest.fixture(scope="module")
def two_machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoMachines]:
    if importlib.util.find_spec("ray") is None:  # Ray reads its variables when it is imported
        pytest.skip("Ray is not installed: pip install 'masquerade[cluster]'")
    home, drawing_home = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("drawing")
    with machines(2, home=home, drawing_home=drawing_home) as ray:
        yield TwoMachines(ray, token_file(home), drawing_home)


@pytest.fixture
def clip(media_dir: Path, tmp_path: Path) -> Path:
    """The first moments of somebody who talks."""
    source = sorted((media_dir / "talking" / "grid_others").iterdir())[0]
    path = tmp_path / "clip.mp4"
    with av.open(str(source)) as given, av.open(str(path), "w") as made:
        stream = made.add_stream("libx264", rate=RATE, options={"preset": "ultrafast"})
        stream.width, stream.height = given.streams.video[0].width, given.streams.video[0].height
        for number, frame in zip(range(FRAMES), given.decode(video=0), strict=False):
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            made.mux(stream.encode(frame))
        made.mux(stream.encode(None))
    return path


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four pieces of a clip that would be one."""
    monkeypatch.setattr(pieces, "MAX_FRAMES", FRAMES // 4)
    monkeypatch.setattr(pieces, "OVERLAP", 2)
    monkeypatch.setattr(pieces, "ENOUGH", 4)
