"""What lies behind a person: the place as it would be without them.

The camera's movement is found from what does not belong to people: corners followed from picture to
picture (Lucas and Kanade 1981), a homography that most of them agree on (Fischler and Bolles 1981).
In the frame of the first picture each pixel then takes the median of those moments at which nobody
stood before it. What was never seen is painted in from around it, and told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.bodies.texture import textured
from masquerade.types import RGB, Mask, PixelBox

Homography: TypeAlias = NDArray[np.float64]
Camera: TypeAlias = Literal["still", "moving"]

MOST: Final = 48  # pictures that a plate is made of
_SMALL_PX: Final = 640  # longer side at which corners are followed
_TEXTURE_PX: Final = 480  # longer side at which what was never seen gets its texture
_LARGE_HOLE: Final = 0.3  # of the plate, from which it gets none: too little is around
_STILL_PX: Final = 1.0  # by which corners of a still camera's pictures move at most, on the median
_CORNERS: Final = 600
_AGREE_PX: Final = 1.5
_FEWEST: Final = 24  # corners that must agree
_LARGEST: Final = 3.0  # times the area of a frame, a plate at most
_ROWS: Final = 64
_RING_STEP: Final = 4  # every so many pixels around people are compared for brightness
_RING_LEAST: Final = 30
_FEW: Final = 7  # pictures that are enough where nobody ever stood


@dataclass(frozen=True, slots=True)
class Plate:
    """A place without the people in it.

    Attributes:
        pixels: (h, w, 3) uint8 RGB, in the frame of the first picture, moved by `corner`.
        seen: (h, w) bool where it was seen at least once.
        corner: (2,) x and y of its left upper pixel in the first picture.
        camera: Whether it moves.
        first_from_frame: By pts, the homography that takes a frame's pixels to the first's.
        noise_db: How near pixels of the plate that were seen come to the pictures, as PSNR.
    """

    pixels: RGB
    seen: NDArray[np.bool_]
    corner: tuple[int, int]
    camera: Camera
    first_from_frame: Mapping[int, Homography]
    noise_db: float

    def at(self, pts: int, box: PixelBox) -> tuple[RGB, NDArray[np.bool_]]:
        """A part of the place as seen at a moment.

        Args:
            pts: Of a frame.
            box: Of the frame.

        Returns:
            (h, w, 3) uint8 RGB; (h, w) bool where it is known and not painted in.
        """
        x0, y0, x1, y1 = box
        if self.camera == "still":
            return self.pixels[y0:y1, x0:x1], self.seen[y0:y1, x0:x1]
        width, height = x1 - x0, y1 - y0
        from_frame = _shift(-self.corner[0], -self.corner[1]) @ self._move(pts) @ _shift(x0, y0)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        pixels = cv2.warpPerspective(
            self.pixels, from_frame, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE
        )
        seen = cv2.warpPerspective(
            self.seen.astype(np.uint8), from_frame, (width, height), flags=flags
        )
        return np.asarray(pixels, np.uint8), np.asarray(seen, np.uint8) > 0

    def _move(self, pts: int) -> Homography:
        if pts in self.first_from_frame:
            return self.first_from_frame[pts]
        near = min(self.first_from_frame, key=lambda one: abs(one - pts))
        return self.first_from_frame[near]


@dataclass(frozen=True, slots=True, eq=False)
class PackedPlate:
    """A plate with its pictures packed, without loss: some 1 MB of a frame of 1280 x 720.

    Attributes:
        bare: The plate without pictures.
        pixels: Its `pixels` as PNG.
        seen: Its `seen` as PNG.
    """

    bare: Plate
    pixels: bytes
    seen: bytes

    @classmethod
    def of(cls, plate: Plate) -> PackedPlate:
        """A plate, packed."""
        empty = np.zeros((0, 0, 3), np.uint8), np.zeros((0, 0), np.bool_)
        quick = [cv2.IMWRITE_PNG_COMPRESSION, 1]
        pixels = cv2.imencode(".png", plate.pixels, quick)[1].tobytes()
        seen = cv2.imencode(".png", plate.seen.astype(np.uint8), quick)[1].tobytes()
        return cls(replace(plate, pixels=empty[0], seen=empty[1]), pixels, seen)

    def opened(self) -> Plate:
        """The plate as it was; takes some 20 ms."""
        pixels = cv2.imdecode(np.frombuffer(self.pixels, np.uint8), cv2.IMREAD_UNCHANGED)
        seen = cv2.imdecode(np.frombuffer(self.seen, np.uint8), cv2.IMREAD_UNCHANGED)
        return replace(self.bare, pixels=np.asarray(pixels, np.uint8), seen=np.asarray(seen) > 0)


@dataclass(slots=True)
class CameraPath:
    """How a camera moved so far; told of each picture of a shot in turn."""

    moves: dict[int, Homography] = field(default_factory=dict)
    _before: NDArray[np.uint8] | None = None
    _scale: float = 1.0
    _weak: int = 0

    def see(self, pts: int, picture: RGB, people: NDArray[np.bool_]) -> None:
        """Takes up the next picture.

        Args:
            pts: Of the picture.
            picture: (H, W, 3) uint8 RGB.
            people: (H, W) where people are, generously.
        """
        self._scale = min(1.0, _SMALL_PX / max(picture.shape[:2]))
        size = round(picture.shape[1] * self._scale), round(picture.shape[0] * self._scale)
        grey = cv2.cvtColor(
            np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA)), cv2.COLOR_RGB2GRAY
        )
        free = cv2.resize((~people).astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
        if self._before is None:
            self.moves[pts] = np.eye(3)
        else:
            step = _step(self._before, np.asarray(grey, np.uint8), np.asarray(free, np.uint8))
            self._weak += step is None
            zoom = np.diag([self._scale, self._scale, 1.0])
            last = next(reversed(self.moves.values()))
            back = np.eye(3) if step is None else np.linalg.inv(zoom) @ step @ zoom
            self.moves[pts] = last @ back
        self._before = np.asarray(grey, np.uint8)

    @property
    def weak(self) -> int:
        """Pictures whose movement could not be told, and that were taken to stand still."""
        return self._weak

    def settled(self, shape_hw: tuple[int, int]) -> tuple[Camera, dict[int, Homography]]:
        """Whether the camera moved, and how; one that hardly did stands still."""
        height, width = shape_hw
        corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
        shifts = [np.abs(_through(corners, one) - corners).max() for one in self.moves.values()]
        if not shifts or float(np.median(shifts)) < _STILL_PX * 2:
            return "still", {pts: np.eye(3) for pts in self.moves}
        return "moving", dict(self.moves)


def make_plate(
    pictures: Iterable[tuple[int, RGB, NDArray[np.bool_]]],
    camera: Camera,
    moves: Mapping[int, Homography],
    shape_hw: tuple[int, int],
) -> Plate:
    """The place of a shot.

    Args:
        pictures: pts, (H, W, 3) uint8 RGB, and (H, W) where people are, generously; up to `MOST` of
            them, spread over the shot.
        camera: Whether it moved.
        moves: From `CameraPath`.
        shape_hw: Size of the frames.
    """
    corner, (high, wide) = _extent(moves.values(), shape_hw)
    layers: list[NDArray[np.uint8]] = []
    frees: list[NDArray[np.bool_]] = []
    for pts, picture, people in pictures:
        move = _shift(-corner[0], -corner[1]) @ moves[pts]
        if camera == "still":
            layers.append(picture)
            frees.append(~people)
            continue
        layers.append(np.asarray(cv2.warpPerspective(picture, move, (wide, high)), np.uint8))
        free = cv2.warpPerspective(
            (~people).astype(np.uint8), move, (wide, high), flags=cv2.INTER_NEAREST
        )
        frees.append(np.asarray(free, np.uint8) > 0)
    pixels, seen, noise_db = _median(layers, frees)
    return Plate(_painted(pixels, seen), seen, corner, camera, dict(moves), noise_db)


def _median(
    layers: Sequence[NDArray[np.uint8]], frees: Sequence[NDArray[np.bool_]]
) -> tuple[RGB, NDArray[np.bool_], float]:
    """The median over free moments, where there are any, and how near it comes to them as PSNR."""
    pixels = np.zeros_like(layers[0])
    seen = np.zeros(pixels.shape[:2], np.bool_)
    wrong, count = 0.0, 0
    for top in range(0, len(pixels), _ROWS):
        rows = slice(top, top + _ROWS)
        free = np.stack([one[rows] for one in frees])
        part = np.stack([one[rows] for one in layers])
        times = free.sum(axis=0)
        here = times > 0
        seen[rows] = here
        some = here & (times < len(frees)) if (times < len(frees)).any() else here
        steady = here & ~some
        few = np.sort(part[:: max(len(part) // _FEW, 1), steady], axis=0)
        pixels[rows][steady] = few[len(few) // 2]
        if some.any():
            values = np.where(free[:, some, None], part[:, some], 255)
            values.sort(axis=0)
            middle = ((times[some] - 1) // 2)[None, :, None]
            chosen = np.take_along_axis(values, np.broadcast_to(middle, (1, *values.shape[1:])), 0)[
                0
            ]
            pixels[rows][some] = chosen
            apart = (part[:, some].astype(np.int16) - chosen)[free[:, some]]
            wrong += float((apart.astype(np.float64) ** 2).sum())
            count += apart.size
    noise_db = 10 * np.log10(255**2 / max(wrong / max(count, 1), 1e-3))
    return pixels, seen, float(noise_db)


def _painted(pixels: RGB, seen: NDArray[np.bool_]) -> RGB:
    """The plate with what was never seen painted in, at a size at which that is quick.

    With texture from around, where enough of that is seen; else smoothly.
    """
    if seen.all() or not seen.any():
        return pixels
    scale = min(1.0, _SMALL_PX / max(pixels.shape[:2]))
    size = round(pixels.shape[1] * scale), round(pixels.shape[0] * scale)
    hole = cv2.resize((~seen).astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
    hole = cv2.dilate(hole, np.ones((3, 3), np.uint8))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    filled = cv2.inpaint(small, hole, 5, cv2.INPAINT_TELEA)
    smooth = cv2.resize(filled, pixels.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    rough = np.asarray(np.where(seen[..., None], pixels, smooth), np.uint8)
    scale = min(1.0, _TEXTURE_PX / max(pixels.shape[:2]))
    size = round(pixels.shape[1] * scale), round(pixels.shape[0] * scale)
    gone = cv2.resize((~seen).astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
    near = np.asarray(cv2.dilate(gone, np.ones((3, 3), np.uint8)) > 0, np.bool_)
    fine = np.asarray(cv2.resize(rough, size, interpolation=cv2.INTER_AREA), np.uint8)
    made = textured(fine, near) if near.mean() < _LARGE_HOLE else None
    if made is None:
        return rough
    wide = cv2.resize(made, pixels.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.where(seen[..., None], pixels, wide), np.uint8)


def fitted(plate: RGB, frame: RGB, people: Mask) -> RGB:
    """The plate as bright as the frame is around the people.

    Args:
        plate: (H, W, 3) uint8.
        frame: (H, W, 3) uint8.
        people: (H, W) in [0, 1], what is replaced.
    """
    small = slice(None, None, _RING_STEP), slice(None, None, _RING_STEP)
    inside = (people[small] > 0).astype(np.uint8)
    ring = cv2.dilate(inside, np.ones((7, 7), np.uint8)) > inside
    if ring.sum() < _RING_LEAST:
        return plate
    apart = np.median(frame[small][ring].astype(np.int16) - plate[small][ring], axis=0)
    if np.abs(apart).max() < 1:
        return plate
    lit = np.clip(plate + np.rint(apart).astype(np.int16), 0, 255)
    return np.asarray(lit, np.uint8)


def _step(
    before: NDArray[np.uint8], now: NDArray[np.uint8], free: NDArray[np.uint8]
) -> Homography | None:
    """before_from_now, or None where too few corners agree."""
    points = cv2.goodFeaturesToTrack(now, _CORNERS, 0.01, 7, mask=free)
    if points is None or len(points) < _FEWEST:
        return None
    found, good, _ = cv2.calcOpticalFlowPyrLK(now, before, points, np.zeros_like(points))
    kept = good.ravel() > 0
    if kept.sum() < _FEWEST:
        return None
    cv2.setRNGSeed(1)
    matrix, agreed = cv2.findHomography(points[kept], found[kept], cv2.RANSAC, _AGREE_PX)
    if matrix is None or agreed is None or int(agreed.sum()) < _FEWEST:
        return None
    return np.asarray(matrix, np.float64)


def _extent(
    moves: Iterable[Homography], shape_hw: tuple[int, int]
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Left upper corner and size of what all frames cover, kept within bounds."""
    height, width = shape_hw
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    places = np.concatenate([_through(corners, one) for one in moves])
    low, high = np.floor(places.min(axis=0)).astype(int), np.ceil(places.max(axis=0)).astype(int)
    size = high - low
    if float(size[0]) * float(size[1]) > _LARGEST * width * height or (size < 2).any():
        return (0, 0), shape_hw
    return (int(low[0]), int(low[1])), (int(size[1]), int(size[0]))


def _through(points: NDArray[np.float32], move: Homography) -> NDArray[np.float32]:
    moved = cv2.perspectiveTransform(points[None].astype(np.float64), move)
    return np.asarray(moved[0], np.float32)


def _shift(x: float, y: float) -> Homography:
    return np.asarray([[1.0, 0.0, x], [0.0, 1.0, y], [0.0, 0.0, 1.0]], np.float64)
