"""Donors: portraits of real adults, read, cut out, and laid onto the shape of a persona."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.errors import FaceError
from masquerade.faces.detect import find_faces
from masquerade.faces.mesh import STABLE, mirrored
from masquerade.faces.readers import FaceReader
from masquerade.hashing import file_sha256
from masquerade.media.read import read_image
from masquerade.types import Points
from scripts.persona_maker.matte import Cutout, Picture, blurred, cut_out
from scripts.persona_maker.shape import Shape, transform

SIZE_WH = (512, 640)
MIDDLE = np.array([256.0, 262.0])  # between the eyes
EYES_PX = 150.0  # between their outer corners
ANGLES = np.radians(np.arange(-115, 116, 8))  # of the rays to the hair's outline, 0 upwards
RAYS = np.stack([np.sin(ANGLES), -np.cos(ANGLES)], axis=1)
LONGEST_PX = 420
LONG_HAIR, EARS = 95.0, 75.0  # degrees from the vertical: short hair ends above the ears
INNER_LIP_RING = (13, 82, 81, 80, 191, 312, 311, 310, 415, 14, 87, 178, 88, 95, 317, 402, 318, 324)
OUTER_LIP_RING = (0, 37, 39, 40, 185, 267, 269, 270, 409, 17, 84, 181, 91, 146, 314, 405, 321, 375)


@dataclass(frozen=True, slots=True)
class Donor:
    """One portrait.

    Attributes:
        name: File name without ending, a minus before it when mirrored.
        sha256: Of the file.
        cutout: The person, (h, w) pixels.
        landmarks: (478, 3) in pixels of the portrait.
        outline: (29,) distances of the hair's outline from the eyes' middle along `RAYS`, in
            pixels of the persona's picture.
    """

    name: str
    sha256: str
    cutout: Cutout
    landmarks: Points
    outline: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Layer:
    """A donor laid onto a persona's shape, (640, 512): colour, alpha, and 1 where there is data."""

    colour: Picture
    alpha: Picture
    known: Picture


def on_canvas(shape: Shape) -> Shape:
    """(478, 2) a shape in pixels of the persona's picture."""
    return np.asarray(shape * EYES_PX + MIDDLE)


def read_donor(path: Path, mean: Shape, reader: FaceReader, *, mirror: bool = False) -> Donor:
    """The donor of a portrait file.

    Args:
        path: A portrait before a plain backdrop.
        mean: (478, 2) the mean shape of the population.
        reader: The loaded networks.
        mirror: Whether to swap left and right.

    Raises:
        FaceError: There is not exactly one face.
    """
    image = read_image(path).pixels
    faces = find_faces(image, reader, smallest_px=48, tilts=(0.0,))
    if len(faces) != 1:
        raise FaceError(f"{path.name} shows {len(faces)} faces", "one", "leave this donor out")
    landmarks = faces[0].landmarks
    cutout = cut_out(image, landmarks)
    if mirror:
        flipped = (np.ascontiguousarray(one[:, ::-1]) for one in (cutout.colour, cutout.alpha))
        cutout = Cutout(*flipped)
        landmarks = mirrored(landmarks, image.shape[1])
    name = f"-{path.stem}" if mirror else path.stem
    outline = _outline(cutout.alpha, _placed(landmarks, mean))
    return Donor(name, file_sha256(path), cutout, landmarks, outline)


def lay(
    donor: Donor, mean: Shape, shape: Shape, outline: NDArray[np.float64], reach: float
) -> Layer:
    """A donor's picture bent so that its mesh and its hair's outline are the persona's.

    Args:
        donor: The donor.
        mean: (478, 2) the mean shape of the population, for the first placement.
        shape: (478, 2) the persona's shape.
        outline: (29,) the persona's outline.
        reach: Rays up to so many degrees from the vertical are bent to the outline.
    """
    canvas_from_donor = _placed(donor.landmarks, mean)
    matrix, shift = canvas_from_donor[:, :2], canvas_from_donor[:, 2]
    bent = np.abs(ANGLES) < np.radians(reach if reach > LONG_HAIR else EARS)
    frame = _frame_points()
    own = [
        _off_teeth(donor.landmarks[:, :2].astype(np.float64)) @ matrix.T + shift,
        (MIDDLE + RAYS * donor.outline[:, None])[bent],
        (MIDDLE + RAYS * (donor.outline[:, None] + 70))[bent],
        frame,
    ]
    wanted = [
        on_canvas(shape),
        (MIDDLE + RAYS * outline[:, None])[bent],
        (MIDDLE + RAYS * (outline[:, None] + 70))[bent],
        frame,
    ]
    offset = _field(np.concatenate(wanted), np.concatenate(own), on_canvas(shape))
    width, height = SIZE_WH
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    places = np.stack([x, y], axis=-1) + offset - shift
    places = (places @ np.linalg.inv(matrix).T).astype(np.float32)
    return _sampled(donor.cutout, places)


def _off_teeth(points: Shape) -> Shape:
    """The mesh with the inner edge of open lips drawn a little into the lips.

    The network puts that edge onto the teeth at times, which would show as a white line.
    """
    open_by = np.linalg.norm(points[13] - points[14]) / np.linalg.norm(points[33] - points[263])
    amount = 0.3 * min(1.0, float(open_by) / 0.05)
    out = points.copy()
    for inner, outer in zip(INNER_LIP_RING, OUTER_LIP_RING, strict=True):
        out[inner] += amount * (points[outer] - points[inner])
    return out


def _sampled(cutout: Cutout, places: Picture) -> Layer:
    x, y = places[..., 0], places[..., 1]
    height, width = cutout.alpha.shape
    colour = cv2.remap(cutout.colour, x, y, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE)
    alpha = cv2.remap(cutout.alpha, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    known = (x > 0) & (x < width - 1) & (y > 0) & (y < height - 1)
    return Layer(np.clip(colour, 0, 1), np.clip(alpha, 0, 1), known.astype(np.float32))


def _placed(landmarks: Points, mean: Shape) -> NDArray[np.float64]:
    """(2, 3) similarity to the persona's picture by the points that stay put."""
    still = list(STABLE)
    matrix, shift = transform(landmarks[still, :2].astype(np.float64), on_canvas(mean)[still])
    return np.column_stack([matrix, shift])


def _outline(alpha: Picture, canvas_from_donor: NDArray[np.float64]) -> NDArray[np.float64]:
    """(29,) where each ray leaves the person: for the last time upwards, the first time below."""
    laid = cv2.warpAffine(alpha, canvas_from_donor, SIZE_WH, flags=cv2.INTER_LINEAR)
    radius = np.arange(40, LONGEST_PX, dtype=np.float32)
    found = []
    for angle, ray in zip(ANGLES, RAYS, strict=True):
        x = (MIDDLE[0] + radius * ray[0]).astype(np.float32)[None]
        y = (MIDDLE[1] + radius * ray[1]).astype(np.float32)[None]
        inside = cv2.remap(laid, x, y, cv2.INTER_LINEAR)[0] > 0.5
        if np.abs(angle) > np.radians(75):
            left = np.flatnonzero(~inside & (radius > 90))
            found.append(radius[left[0]] if len(left) else radius[-1])
        else:
            last = np.flatnonzero(inside)
            found.append(radius[last[-1]] if len(last) else radius[0])
    smooth = blurred(np.array(found, np.float32)[:, None], 0.8)
    return np.asarray(smooth[:, 0], np.float64)


def _frame_points() -> NDArray[np.float64]:
    """Points around the picture and in the clothes that stay where they are."""
    width, height = SIZE_WH
    points = [(x, y) for x in np.linspace(-60, width + 60, 7) for y in (-120, height + 40)]
    points += [(x, y) for y in np.linspace(0, height, 7) for x in (-100, width + 100)]
    points += [(x, y) for x in np.linspace(40, width - 40, 6) for y in (540, 600)]
    return np.array(points, np.float64)


def _field(wanted: Shape, own: Shape, face: Shape) -> Picture:
    """(640, 512, 2) what to add to a place in the picture to come to the donor's, smooth outside.

    Args:
        wanted: (n, 2) control points in the persona's picture.
        own: (n, 2) where the donor has them.
        face: (478, 2) the persona's mesh; inside it the field follows every triangle.
    """
    width, height = SIZE_WH
    field = _linear(wanted / 2, (own - wanted).astype(np.float32), (height // 2, width // 2))
    hull = np.zeros((height // 2, width // 2), np.uint8)
    ring = cv2.convexHull(face.astype(np.float32)) / 2
    cv2.fillConvexPoly(hull, ring.astype(np.int32), 1)
    core = np.asarray(cv2.erode(hull, np.ones((9, 9), np.uint8)), np.float32)
    inner = blurred(core, 3)[..., None]
    field = field * inner + blurred(field, 6) * (1 - inner)
    return np.asarray(cv2.resize(blurred(field, 0.7), (width, height)))


def _linear(points: Shape, values: Picture, shape_hw: tuple[int, int]) -> Picture:
    """(H, W, k) values at points carried on linearly over their Delaunay triangles, 0 outside.

    Args:
        points: (n, 2) in pixels of the result.
        values: (n, k).
        shape_hw: Size of the result.
    """
    low = points.min(axis=0) - 1
    shifted = (points - low).astype(np.float32)
    far = np.ceil(shifted.max(axis=0)) + 2
    plane = cv2.Subdiv2D((0, 0, int(far[0]), int(far[1])))
    for point in shifted:
        plane.insert((float(point[0]), float(point[1])))
    corners = np.asarray(plane.getTriangleList()).reshape(-1, 3, 2)
    inside = ((corners >= 0) & (corners < far)).all(axis=(1, 2))
    index = np.linalg.norm(corners[inside][:, :, None] - shifted, axis=3).argmin(axis=2)
    label = np.full(shape_hw, -1, np.int32)
    for k, triangle in enumerate(index):
        outline = np.round(points[triangle] * 16).astype(np.int32)
        cv2.fillConvexPoly(label, outline, k, lineType=cv2.LINE_8, shift=4)
    planes = np.zeros((len(index) + 1, 3, values.shape[1]))
    for k, triangle in enumerate(index):
        places = np.column_stack([points[triangle], np.ones(3)])
        planes[k] = np.linalg.pinv(places) @ values[triangle]
    y, x = np.mgrid[0 : shape_hw[0], 0 : shape_hw[1]]
    chosen = planes[label]
    field = x[..., None] * chosen[..., 0, :] + y[..., None] * chosen[..., 1, :] + chosen[..., 2, :]
    return np.asarray(field, np.float32)
