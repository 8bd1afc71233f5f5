"""Makes src/masquerade/faces/topology.npz: what is known of the 478-point mesh in general.

Run it with a folder of portraits (mostly looking into the camera) and the file that lists the
mesh's edges, `mediapipe/python/solutions/face_mesh_connections.py` of the mediapipe 0.10.21 wheel
(Apache-2.0; read as text, never imported)::

    python scripts/make_face_topology.py --faces DIR... --connections FILE

The shapes are averages of the faces found, mirrored and averaged again, so that they are nobody's:
`neutral` over faces with closed mouths, `uv` an unrolled cylinder around those with open ones.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from masquerade.errors import MasqueradeError
from masquerade.faces.detect import find_faces
from masquerade.faces.readers import FaceReader
from masquerade.media.read import read_frames, read_image

Array = NDArray[np.float64]
UPPER_LIP = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
LOWER_LIP = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
UPPER_LID = (33, 246, 161, 160, 159, 158, 157, 173, 133)
LOWER_LID = (33, 7, 163, 144, 145, 153, 154, 155, 133)
SKIN = 852 * 3  # edges of the mesh without eyes and mouth, three for a triangle, in order


def skin_triangles(connections: str) -> NDArray[np.int64]:
    """(852, 3) triangles: the listed edges, three by three, close to triangles."""
    text = connections[connections.index("FACEMESH_TESSELATION") :]
    pairs = [(int(a), int(b)) for a, b in re.findall(r"\((\d+),\s*(\d+)\)", text)][:SKIN]
    threes = [pairs[i : i + 3] for i in range(0, SKIN, 3)]
    for a, b, c in threes:
        if not (a[1] == b[0] and b[1] == c[0] and c[1] == a[0]):
            raise SystemExit(f"edges {a} {b} {c} are no triangle: another version of the file?")
    return np.array([[edge[0] for edge in three] for three in threes])


def strip(upper: tuple[int, ...], lower: tuple[int, ...]) -> list[tuple[int, int, int]]:
    """Triangles that fill the opening between two lips or lids with common ends."""
    last = len(upper) - 1
    made = [(upper[0], upper[1], lower[1]), (upper[last - 1], upper[last], lower[last - 1])]
    for i in range(1, last - 1):
        made.append((upper[i], upper[i + 1], lower[i]))
        made.append((upper[i + 1], lower[i + 1], lower[i]))
    return made


def fitted(shape: Array, target: Array, *, on: slice = slice(0, 468)) -> Array:
    """`shape` turned, scaled and moved to lie nearest to `target` (Umeyama 1991)."""
    mean_a, mean_b = shape[on].mean(axis=0), target[on].mean(axis=0)
    a, b = shape[on] - mean_a, target[on] - mean_b
    u, s, vt = np.linalg.svd(a.T @ b)
    sign = np.array([1, 1, np.linalg.det(u @ vt)])
    scale = (s * sign).sum() / (a * a).sum()
    return np.asarray(scale * (shape - mean_a) @ (u * sign) @ vt + mean_b)


def mirror_of(mean: Array, skin: NDArray[np.int64]) -> NDArray[np.int64]:
    """(478,) the point on the other side for each point."""
    flipped = mean[:468] * [-1, 1, 1]
    for _ in range(10):
        cost = np.linalg.norm(mean[:468, None] - flipped[None], axis=2)
        pair = cost.argmin(axis=1)
        sure = pair[pair] == np.arange(468)
        flipped = fitted_on(flipped, mean[:468], pair, sure)
    rings = rings_of(skin)
    sure[pair[~sure]] = False  # a point that is wrongly claimed twice
    free = np.flatnonzero(~sure).tolist()
    for i in free:  # points whose neighbour is nearer than their mirror image: ask the triangles
        around = {int(pair[k]) for k in rings[i] if sure[k]}
        pair[i] = max(free, key=lambda j: len(around & rings[j]))
    same = {tuple(sorted(t)) for t in skin.tolist()} & {
        tuple(sorted(t)) for t in pair[skin].tolist()
    }
    if not (pair[pair] == np.arange(468)).all() or len(same) < 0.98 * len(skin):
        raise SystemExit(f"no clear mirror image for points {free}: {len(same)} triangles alike")
    return np.concatenate([pair, np.arange(473, 478), np.arange(468, 473)])


def rings_of(triangles: NDArray[np.int64]) -> list[set[int]]:
    """The neighbours of each point."""
    rings: list[set[int]] = [set() for _ in range(478)]
    for a, b, c in triangles.tolist():
        rings[a] |= {b, c}
        rings[b] |= {a, c}
        rings[c] |= {a, b}
    return rings


def fitted_on(shape: Array, target: Array, pair: NDArray[np.int64], sure: Array) -> Array:
    """`shape` fitted to `target` by the pairs that are sure."""
    a, b = shape[pair[sure]], target[sure]
    both = fitted(np.concatenate([a, shape]), np.concatenate([b, target]), on=slice(0, len(a)))
    return both[len(a) :]


def upright(shape: Array, mirror: NDArray[np.int64]) -> Array:
    """The shape made symmetric about x = 0, its middle at 0."""
    other = fitted((shape * [-1, 1, 1])[mirror], shape)
    shape = (shape + other) / 2
    shape = shape - shape.mean(axis=0)
    across = shape - shape[mirror]
    x = (across * np.sign(across[:, :1])).sum(axis=0)
    x /= np.linalg.norm(x)
    z = np.cross(x, [0.0, 1.0, 0.0])
    z /= np.linalg.norm(z)
    shape = shape @ np.array([x, np.cross(z, x), z]).T
    return np.asarray((shape + (shape * [-1, 1, 1])[mirror]) / 2)


def average(shapes: Array, mirror: NDArray[np.int64] | None = None) -> Array:
    """The Procrustes mean of (n, 478, 3) shapes, symmetric when `mirror` is given."""
    mean: Array = shapes[0] - shapes[0].mean(axis=0)
    for _ in range(8):
        mean = np.mean([fitted(shape, mean) for shape in shapes], axis=0)
        mean = upright(mean, mirror) if mirror is not None else mean - mean.mean(axis=0)
        mean /= np.linalg.norm(mean[468] - mean[473])
    return mean


def tilt_of(shape: Array, mean: Array) -> float:
    """Radians by which `shape` nods against `mean`."""
    a, b = mean - mean.mean(axis=0), shape - shape.mean(axis=0)
    u, _, vt = np.linalg.svd(a[:468].T @ b[:468])
    turn = (u @ vt).T
    return float(np.arctan2(turn[2, 1], turn[2, 2]))


def facing(shape: Array, angle: float) -> Array:
    """The shape nodded by `angle`, the middle of its irises at 0, their distance 1."""
    cos, sin = np.cos(angle), np.sin(angle)
    shape = shape @ np.array([[1, 0, 0], [0, cos, -sin], [0, sin, cos]]).T
    shape = shape - (shape[468] + shape[473]) / 2
    return np.asarray(shape / np.linalg.norm(shape[468] - shape[473]))


def unrolled(shape: Array, triangles: NDArray[np.int64]) -> Array:
    """(478, 2) places in [0, 1]^2 on a cylinder unrolled, relaxed until no triangle is folded."""
    axis = np.quantile(shape[:, 2], 0.98)
    angle = np.arctan2(shape[:, 0], axis - shape[:, 2])
    uv = np.column_stack([angle * (axis - np.quantile(shape[:, 2], 0.3)), shape[:, 1]])
    uv = relaxed(uv, triangles)
    uv -= uv.min(axis=0)
    uv /= uv.max() / 0.96
    return np.asarray(uv + (1 - uv.max(axis=0)) / 2)


def relaxed(uv: Array, triangles: NDArray[np.int64]) -> Array:
    """The map with the corners of thin or folded triangles drawn to their neighbours' mean."""
    ring = rings_of(triangles)
    rim = rim_of(triangles)
    for _ in range(400):
        p = uv[triangles]
        e, f = p[:, 1] - p[:, 0], p[:, 2] - p[:, 0]
        area = e[:, 0] * f[:, 1] - e[:, 1] * f[:, 0]
        sign = np.sign(np.median(area))
        long = np.maximum((e**2).sum(1), np.maximum((f**2).sum(1), ((e - f) ** 2).sum(1)))
        bad = area * sign < 0.08 * long
        move = set(triangles[bad].ravel().tolist()) - rim
        if not move:
            break
        new = uv.copy()
        for i in move:
            new[i] = 0.8 * uv[i] + 0.2 * uv[list(ring[i])].mean(axis=0)
        uv = new
    print(f"uv: {int(bad.sum())} thin triangles, {int((area * sign <= 0).sum())} folded")
    return uv


def rim_of(triangles: NDArray[np.int64]) -> set[int]:
    """The points on the mesh's outer edge."""
    edges: dict[tuple[int, int], int] = {}
    for a, b, c in triangles.tolist():
        for edge in ((a, b), (b, c), (c, a)):
            key = (min(edge), max(edge))
            edges[key] = edges.get(key, 0) + 1
    return {i for edge, count in edges.items() if count == 1 for i in edge}


def shapes_in(folders: list[Path]) -> Array:
    """(n, 478, 3) of every picture that shows one face."""
    reader, shapes = FaceReader.open(), []
    for path in sorted(path for folder in folders for path in folder.rglob("*")):
        if path.suffix not in {".jpg", ".png", ".mpg", ".mp4"}:
            continue
        try:
            video = path.suffix in {".mpg", ".mp4"}
            pixels = (next(read_frames(path)) if video else read_image(path)).pixels
            faces = find_faces(pixels, reader, tilts=(0.0,))
        except MasqueradeError as error:
            print(f"left out {path.name}: {error}")
            continue
        if len(faces) == 1:
            shapes.append(faces[0].landmarks.astype(np.float64))
    return np.array(shapes)


def topology(shapes: Array, connections: str) -> dict[str, NDArray[np.generic]]:
    """The arrays of the data file."""
    skin = skin_triangles(connections)
    mirror = mirror_of(average(shapes), skin)
    mean = average(shapes, mirror)
    nod = float(np.median([tilt_of(shape, mean) for shape in shapes]))
    level = facing(mean, nod)
    width = np.linalg.norm(shapes[:, 33] - shapes[:, 263], axis=1)
    gap = np.linalg.norm(shapes[:, 13] - shapes[:, 14], axis=1) / width
    mouth = np.linalg.norm(shapes[:, 61] - shapes[:, 291], axis=1) / width
    closed = shapes[(gap < 0.03) & (mouth < np.quantile(mouth, 0.35))]
    opened = shapes[gap > np.quantile(gap, 0.85)]
    print(f"{len(shapes)} faces, {len(closed)} with closed and {len(opened)} with open mouths")
    neutral, wide = (facing(fitted(average(s, mirror), level), 0.0) for s in (closed, opened))
    fill = strip(UPPER_LIP, LOWER_LIP) + strip(UPPER_LID, LOWER_LID)
    fill += [tuple(mirror[list(t)][::-1].tolist()) for t in strip(UPPER_LID, LOWER_LID)]
    triangles = np.concatenate([skin, np.array(fill)])
    triangles = wound(triangles, wide)
    uv = unrolled(wide, triangles)
    return {
        "neutral": neutral.astype(np.float32),
        "uv": uv.astype(np.float32),
        "triangles": triangles.astype(np.int16),
        "mirror": mirror.astype(np.int16),
    }


def wound(triangles: NDArray[np.int64], shape: Array) -> NDArray[np.int64]:
    """The filling triangles turned to go round the same way as the skin's."""
    p = shape[triangles][..., :2]
    e, f = p[:, 1] - p[:, 0], p[:, 2] - p[:, 0]
    area = e[:, 0] * f[:, 1] - e[:, 1] * f[:, 0]
    if np.median(area) < 0:
        triangles, area = triangles[:, ::-1], -area
    wrong = (area < 0) & (np.arange(len(triangles)) >= SKIN // 3)
    return np.where(wrong[:, None], triangles[:, ::-1], triangles)


def main() -> None:
    """Reads the faces and writes the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--faces", type=Path, nargs="+", required=True)
    parser.add_argument("--connections", type=Path, required=True)
    place = Path(__file__).parents[1] / "src" / "masquerade" / "faces" / "topology.npz"
    parser.add_argument("--out", type=Path, default=place)
    args = parser.parse_args()
    made = topology(shapes_in(args.faces), args.connections.read_text())
    np.savez_compressed(args.out, allow_pickle=False, **made)
    print(f"{args.out}: {args.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
