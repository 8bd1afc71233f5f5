"""The mesh in general: its triangles, its map, its mirror."""

import numpy as np

from masquerade.faces import mesh


def _areas(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    a, b, c = (points[triangles[:, i], :2] for i in range(3))
    e, f = b - a, c - a
    return (e[:, 0] * f[:, 1] - e[:, 1] * f[:, 0]) / 2


def test_surface_is_closed_but_for_its_rim() -> None:
    triangles = mesh.topology().triangles
    edges = np.sort(triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    _, counts = np.unique(edges, axis=0, return_counts=True)
    assert counts.max() == 2
    rim = {tuple(edge) for edge in np.unique(edges, axis=0)[counts == 1].tolist()}
    oval = mesh.OVAL
    ring = {tuple(sorted((oval[i], oval[i - 1]))) for i in range(len(oval))}
    assert rim == ring


def test_skin_mouth_and_eyes_make_the_whole() -> None:
    one = mesh.topology()
    assert [len(part) for part in (one.skin, one.mouth, one.eyes)] == [852, 18, 28]
    assert set(one.mouth.ravel().tolist()) == set(mesh.INNER_LIPS)
    assert set(one.eyes.ravel().tolist()) == {*mesh.RIGHT_EYE, *mesh.LEFT_EYE}


def test_map_is_folded_nowhere_and_fills_the_unit_square() -> None:
    one = mesh.topology()
    assert _areas(one.uv, one.triangles).min() > 0
    assert one.uv.min() >= 0
    assert one.uv.max() <= 1
    assert np.ptp(one.uv, axis=0).max() > 0.9


def test_mirror_twice_is_nothing_and_swaps_the_eyes() -> None:
    one = mesh.topology()
    assert (one.mirror[one.mirror] == np.arange(mesh.COUNT)).all()
    assert set(one.mirror[list(mesh.RIGHT_EYE)].tolist()) == set(mesh.LEFT_EYE)
    assert set(one.mirror[list(mesh.INNER_LIPS)].tolist()) == set(mesh.INNER_LIPS)
    assert one.mirror[78] == 308
    flipped = one.neutral * [-1, 1, 1]
    assert np.abs(flipped[one.mirror] - one.neutral).max() < 1e-4


def test_neutral_face_looks_at_the_camera_with_irises_one_apart() -> None:
    neutral = mesh.topology().neutral
    assert np.linalg.norm(neutral[468] - neutral[473]) == np.float32(1)
    assert neutral[4, 2] < neutral[[234, 454], 2].min()  # the nose is nearer than the ears
    assert neutral[152, 1] > neutral[10, 1]  # the chin is below the forehead
    assert neutral[33, 0] < neutral[263, 0]  # the person's right is at the picture's left


def test_what_is_shared_cannot_be_changed() -> None:
    assert not mesh.topology().triangles.flags.writeable
