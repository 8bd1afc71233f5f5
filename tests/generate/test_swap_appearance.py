"""The appearance swap on faces made here."""

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
import pytest

from masquerade import registry
from masquerade.errors import FaceError, UsageError
from masquerade.faces.landmarks import face_of
from masquerade.faces.mesh import INNER_LIPS, OVAL, topology
from masquerade.generate import swap_appearance
from masquerade.types import RGB, Frame, InputUse, Patch, Points, SourcePicture, Window

LOWER = list(INNER_LIPS[11:])


def _marks(opened: float, px: float = 50) -> Points:
    points = topology().neutral.copy()
    points[LOWER, 1] += np.float32(opened)
    return (points * np.float32(px) + 110).astype(np.float32)


def _image(mesh: Points, skin: Sequence[int], inside: Sequence[int]) -> RGB:
    image = np.full((230, 220, 3), 30, np.uint8)
    cv2.fillPoly(image, [mesh[list(OVAL), :2].astype(np.int32)], tuple(skin))
    cv2.fillPoly(image, [mesh[list(INNER_LIPS), :2].astype(np.int32)], tuple(inside))
    return image


def _source(opened: float) -> SourcePicture:
    mesh = _marks(opened)
    teeth = (240, 240, 240) if opened > 0.15 else (120, 30, 30)
    use = InputUse("source", "made.png", "0" * 64)
    image = _image(mesh, (190, 130, 100), teeth)
    return SourcePicture(image, face_of(mesh, 1.0), np.zeros(128, np.float32), use)


def _run(
    frames: Sequence[tuple[RGB, Points]],
    options: swap_appearance.Options | None = None,
    widest: float = 0.4,
) -> list[Patch]:
    cast = {"0": tuple(_source(o) for o in np.linspace(0, widest, 24))}
    method = swap_appearance.prepare(cast, options or swap_appearance.Options())

    def windows() -> Iterator[Window]:
        for image, mesh in frames:
            face = face_of(mesh, 1.0)
            face = type(face)(face.box, 1.0, mesh, face.pose_deg, 1, person="0")
            yield Window((Frame(image),), ((face,),))

    made = [items[0] for items in method(windows())]
    assert all(isinstance(one, Patch) for one in made)
    return [one for one in made if isinstance(one, Patch)]


def test_teeth_are_the_sources_own_and_not_the_targets() -> None:
    mesh = _marks(0.35)
    (made,) = _run([(_image(mesh, (90, 90, 200), (10, 250, 10)), mesh)])
    x, y = (mesh[list(INNER_LIPS), :2].mean(axis=0) - made.box[:2]).astype(int)
    assert made.pixels[y, x].min() > 200
    cheek = (mesh[205, :2] - made.box[:2]).astype(int)
    assert np.abs(made.pixels[cheek[1], cheek[0]].astype(int) - (190, 130, 100)).max() < 15
    assert made.own is None


@pytest.mark.parametrize(
    ("options", "widest"),
    [(swap_appearance.Options(mouth="target"), 0.4), (swap_appearance.Options(), 0.1)],
    ids=["asked-for", "never-so-far-open"],
)
def test_the_mouth_is_the_targets_where_that_is_better(
    options: swap_appearance.Options, widest: float
) -> None:
    mesh = _marks(0.35)
    (made,) = _run([(_image(mesh, (90, 90, 200), (10, 250, 10)), mesh)], options, widest)
    x, y = (mesh[list(INNER_LIPS), :2].mean(axis=0) - made.box[:2]).astype(int)
    assert np.abs(made.pixels[y, x].astype(int) - (10, 250, 10)).max() < 30
    assert made.own is not None
    assert made.own[y, x] > 0.9


def test_a_mouth_that_opens_shows_teeth_only_then() -> None:
    meshes = [_marks(o) for o in (0.1, 0.1, 0.35, 0.35, 0.35, 0.35)]
    made = _run([(_image(mesh, (90, 90, 200), (10, 250, 10)), mesh) for mesh in meshes])
    levels = []
    for patch, mesh in zip(made, meshes, strict=True):
        x, y = (mesh[list(INNER_LIPS), :2].mean(axis=0) - patch.box[:2]).astype(int)
        levels.append(int(patch.pixels[y, x, 1]))
    assert levels[0] < 90
    assert levels[-1] > 200


def test_teeth_give_way_where_the_target_shows_a_dark_opening() -> None:
    mesh = _marks(0.35)
    dark = _image(mesh, (150, 120, 110), (25, 10, 10))
    made = _run([(dark, mesh)] * 8)
    x, y = (mesh[list(INNER_LIPS), :2].mean(axis=0) - made[-1].box[:2]).astype(int)
    levels = [int(one.pixels[y, x, 1]) for one in made]
    assert levels[-1] < 40
    assert levels == sorted(levels, reverse=True)  # and do not flicker


def test_it_runs_on_the_processor_only_and_wants_a_picture() -> None:
    with pytest.raises(UsageError, match="cuda"):
        swap_appearance.prepare({}, swap_appearance.Options(), device="cuda")
    with pytest.raises(FaceError, match="has no picture"):
        swap_appearance.prepare({"0": ()}, swap_appearance.Options())


def test_the_mesh_swap_stays_the_one_that_is_used_when_none_is_named() -> None:
    assert registry.preferred("swap") == "swap_mesh"
    assert registry.pictures(swap_appearance) == 500
    assert registry.pictures(registry.get("swap_mesh")) == 0
