"""Synthetic shots and casts for the contract suites: no network, no file is needed for them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from types import ModuleType

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.bodies import mannequin
from tests.models.tiny_networks import shelf
from tests.models.tiny_style import tiny_style
from tests.models.tiny_swap import write_swap

from masquerade.bodies.figure import PhotoFigure, shown
from masquerade.bodies.plate import Plate
from masquerade.bodies.skeleton import build_of, skeleton_of
from masquerade.faces.mesh import topology
from masquerade.generate.body import Act, Cue, Script
from masquerade.options import Options
from masquerade.types import RGB, Face, Frame, InputUse, Points, SourcePicture, Window

SIZE_WH = (200, 150)
TIME_BASE = Fraction(1, 30000)
FRAME_DURATION = 1001


@dataclass
class Shot:
    """Windows of a few frames, handed out one by one; counts how many were taken."""

    frames: tuple[Frame, ...]
    faces: tuple[tuple[Face, ...], ...]
    radius: int
    taken: int = field(default=0, init=False)

    def windows(self) -> Iterator[Window]:
        for index in range(len(self.frames)):
            first = max(0, index - self.radius)
            span = slice(first, index + self.radius + 1)
            self.taken += 1
            yield Window(self.frames[span], self.faces[span], index - first)


@dataclass(frozen=True)
class Studio:
    """Makes shots, faces and casts that look like nobody and are the same every time."""

    neutral: Points

    def shot(
        self,
        *,
        radius: int,
        count: int = 5,
        seed: int = 1,
        people: int = 1,
        centre: tuple[float, float] = (100.0, 75.0),
        face_px: float = 70.0,
    ) -> Shot:
        frames, faces = [], []
        for index, pixels in enumerate(pictures(SIZE_WH, seed, count)):
            frames.append(Frame(pixels, index * FRAME_DURATION, TIME_BASE, FRAME_DURATION))
            faces.append(
                tuple(
                    self.face(
                        (centre[0] + 45.0 * (2 * who - people + 1) + index, centre[1]),
                        face_px,
                        track_id=who,
                        person=str(who),
                    )
                    for who in range(people)
                )
            )
        return Shot(tuple(frames), tuple(faces), radius)

    def face(
        self, centre: tuple[float, float], face_px: float, *, track_id: int, person: str
    ) -> Face:
        points = self.neutral * np.float32(face_px / np.ptp(self.neutral[:468, 1]))
        points[:, :2] += np.asarray(centre, np.float32) - points[:468, :2].mean(axis=0)
        low, high = points[:468, :2].min(axis=0), points[:468, :2].max(axis=0)
        box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
        return Face(box, 0.99, points, (0.0, 0.0, 0.0), track_id, person=person)

    def cast(self, people: int = 1, photos: int = 2) -> dict[str, tuple[SourcePicture, ...]]:
        return {
            str(who): tuple(self.source(100 * who + photo) for photo in range(photos))
            for who in range(people)
        }

    def figures(self, people: int = 1) -> dict[str, PhotoFigure]:
        """Whole people, for methods that want those."""
        pose = mannequin.body(mannequin.Pose(middle=(100.0, 110.0), torso_px=55.0))
        pixels = mannequin.painted(pose, np.full((260, 200, 3), 90, np.uint8))
        cut = shown(pixels, pose, mannequin.cover(pose, (260, 200)))
        assert cut is not None
        return {str(who): PhotoFigure(cut, pose) for who in range(people)}

    def source(self, seed: int) -> SourcePicture:
        rng = np.random.default_rng(1000 + seed)
        embedding = rng.normal(size=128).astype(np.float32)
        face = self.face((120.0, 120.0), 150.0, track_id=-1, person="")
        use = InputUse("source", f"photo{seed}.png", f"{seed:064x}")
        return SourcePicture(
            pictures((240, 240), seed)[0], face, embedding / np.linalg.norm(embedding), use
        )


@cache
def pictures(size_wh: tuple[int, int], seed: int, count: int = 1) -> tuple[RGB, ...]:
    """Pictures that are the same every time; a method that paints into one is stopped."""
    rng = np.random.default_rng(seed)
    made = tuple(picture(size_wh, rng) for _ in range(count))
    for pixels in made:
        pixels.flags.writeable = False
    return made


def picture(size_wh: tuple[int, int], rng: np.random.Generator) -> RGB:
    """A soft, coloured noise picture (H, W, 3) that no plain colour can stand for."""
    width, height = size_wh
    coarse: NDArray[np.float64] = rng.uniform(40, 215, (height // 10 + 2, width // 10 + 2, 3))
    y, x = np.mgrid[0:height, 0:width] / 10.0
    iy, ix = y.astype(int), x.astype(int)
    fy, fx = (y - iy)[..., None], (x - ix)[..., None]
    top = coarse[iy, ix] * (1 - fx) + coarse[iy, ix + 1] * fx
    low = coarse[iy + 1, ix] * (1 - fx) + coarse[iy + 1, ix + 1] * fx
    grain = rng.normal(0, 2, (height, width, 1))
    mixed: NDArray[np.float64] = top * (1 - fy) + low * fy + grain
    return np.clip(mixed, 0, 255).astype(np.uint8)


class StudioScript(Script):
    """A mannequin in the middle of every frame of a shot, before a grey wall."""

    def __init__(self) -> None:
        height, width = SIZE_WH[1], SIZE_WH[0]
        pose = mannequin.body(mannequin.Pose(torso_px=34.0, middle=(100.0, 75.0)))
        self._cue = Cue(skeleton_of(pose), mannequin.cover(pose, (height, width)))
        seen = np.ones((height, width), np.bool_)
        wall = np.full((height, width, 3), 128, np.uint8)
        plate = Plate(wall, seen, (0, 0), "still", {0: np.eye(3)}, 40.0)
        self._act = Act("0", build_of([pose]), plate)

    def act(self, pts: int) -> Act:
        """The one act there is."""
        return self._act

    def cue(self, pts: int) -> Cue:
        """They stand still."""
        return self._cue


@pytest.fixture(scope="session")
def studio() -> Studio:
    return Studio(topology().neutral)


@pytest.fixture(autouse=True)
def _tiny_painter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Painting needs no weights here."""
    monkeypatch.setattr("masquerade.painting.painter.preset_styles", lambda **_: tiny_style())


@pytest.fixture(scope="session")
def options_for(tmp_path_factory: pytest.TempPathFactory) -> Callable[[ModuleType], Options]:
    """The Options with which a method can run: a network or a model where it takes one."""
    card = shelf(tmp_path_factory.mktemp("networks")).card

    trained = write_swap(tmp_path_factory.mktemp("models") / "ab.safetensors")

    def made(method: ModuleType) -> Options:
        files: dict[str, object] = {
            "network": card,
            "model": trained,
            "style": ("ink",),
            "effect": ("smile=1",),
        }
        brought = {name: files[name] for name in files if name in method.Options.model_fields}
        options: Options = method.Options(**brought)
        return options

    return made
