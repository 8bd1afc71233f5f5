"""People made unrecognisable: another face where one stands for them, else blocks over the head.

A face with photos in the cast is drawn over by `masquerade.generate.swap_mesh`, with more of the
donor's proportions than a swap has. A face without, or one that cannot be drawn over fully (too
small, turned too far, bridged and not seen), is covered: the whole head becomes a few plain blocks
that move along with it. Nothing is ever faded half way back to the face that was there.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import cv2
import numpy as np
from pydantic import Field

from masquerade import options as base
from masquerade.faces.landmarks import place_of
from masquerade.generate import swap_mesh
from masquerade.types import (
    RGB,
    Face,
    Frame,
    Generator,
    Miss,
    Need,
    Patch,
    Resources,
    SourcePicture,
    Window,
)

_TURN_FADE_DEG: Final = 10.0  # swap_mesh fades a face out over so much before its own limit,
_SIZE_FADE: Final = 1.2  # and over so much above its least size: both limits are moved out
_STEEPEST_DEG: Final = 75.0
_ACROSS: Final = 0.95  # half axes of the ellipse over the head with its hair, in sizes of the face
_DOWN: Final = 1.1
_UP: Final = 0.12  # by which its centre lies above the middle of the face
_EDGE: Final = 0.08  # width of its soft rim, outside of it
_TONES: Final = 16  # levels between two tones of a block


class Options(base.Options):
    """Knobs of anonymising."""

    shape: float = Field(0.5, ge=0, le=1)
    """How far the proportions inside a drawn face move towards the other person's."""
    feather: float = Field(0.04, gt=0, le=0.5)
    """Width of the soft edge inside a drawn face's outline, as a share of the face's height."""
    min_face_px: float = Field(34.0, ge=12, le=512)
    """Faces smaller than this are not drawn over."""
    max_turn_deg: float = Field(55.0, ge=20, le=_STEEPEST_DEG)
    """Faces turned further from the camera than this are not drawn over."""
    blocks: float = Field(3.0, ge=1, le=4)
    """Blocks across a covered face; the fewer, the less is left of it."""


needs = frozenset({Need.FACES, Need.MESH})
radius = swap_mesh.radius
resources = Resources(memory_mb=600, cpus=1.0)
takes = ("target",)
conceals = True


def prepare(
    cast: Mapping[str, Sequence[SourcePicture]], options: Options, *, device: str = "cpu"
) -> Generator:
    """The generator of one job.

    Args:
        cast: For each person of the cast, photos of the one who stands for them; none where their
            head is to be covered. A face of nobody in the cast is covered too.
        options: Knobs of the method.
        device: Only ``cpu``: the method draws with the processor.

    Raises:
        UsageError: Another device is asked for.
    """
    drawn = {name: pictures for name, pictures in cast.items() if pictures}
    swap = swap_mesh.prepare(drawn, _swap_options(options), device=device)

    def generate(windows: Iterator[Window]) -> Iterator[list[Patch | Miss]]:
        held: deque[Window] = deque()

        def fitting() -> Iterator[Window]:
            for window in windows:
                held.append(window)
                yield _only_fitting(window, drawn, options)

        for made in swap(fitting()):
            window = held.popleft()
            swapped = iter(made)  # in step with those faces of the window that were given to it
            yield [
                _or_covered(
                    next(swapped) if _fits(face, drawn, options) else None,
                    window.frame,
                    face,
                    options,
                )
                for face in window.faces
            ]

    return generate


def unfit(face: Face, options: Options) -> str:
    """Why a face cannot be drawn over so that nothing of it is left, in words; empty if it can.

    Args:
        face: As tracked.
        options: Of this method.
    """
    yaw, pitch, _ = np.radians(face.pose_deg)
    turn = float(np.degrees(np.arccos(np.clip(np.cos(yaw) * np.cos(pitch), -1, 1))))
    tall = float(np.linalg.norm(face.landmarks[10] - face.landmarks[152]))
    if face.interpolated:
        return "not seen between two sightings"
    if tall < options.min_face_px:
        return f"too small: {tall:.0f} px, at least {options.min_face_px:.0f} px"
    if turn > options.max_turn_deg:
        return f"turned too far: {turn:.0f} degrees, at most {options.max_turn_deg:.0f} degrees"
    return ""


def covered(frame: Frame, face: Face, options: Options) -> Patch | Miss:
    """Plain blocks over the whole head; a miss where the head lies outside the picture.

    The blocks are laid out from the head's own place, so that a head that moves shows no more of
    itself than one at rest, and their tones are few, so that neither do many frames together.

    Args:
        frame: What the head is in.
        face: Where it is.
        options: How many blocks.
    """
    place = place_of(face.landmarks)
    up = np.array([np.sin(place.angle), -np.cos(place.angle)])
    centre = place.centre + _UP * place.size_px * up
    axes = np.array([_ACROSS, _DOWN]) * place.size_px
    reach = float(axes.max() + 2 * _EDGE * place.size_px) + 2
    low = np.maximum(np.floor(centre - reach), 0).astype(int)
    high = np.minimum(np.ceil(centre + reach), frame.size_wh).astype(int)
    if (high - low < 2).any():
        return Miss(frame.pts, face.track_id, "the face lies outside the picture")
    box = (int(low[0]), int(low[1]), int(high[0]), int(high[1]))
    pixels = frame.pixels[box[1] : box[3], box[0] : box[2]]
    mask = np.zeros(pixels.shape[:2], np.float32)
    rim = _EDGE * place.size_px
    turn = float(np.degrees(place.angle))
    middle = (float(centre[0] - box[0]), float(centre[1] - box[1]))
    size = (2 * float(axes[0] + rim), 2 * float(axes[1] + rim))
    cv2.ellipse(mask, (middle, size, turn), 1.0, -1)
    soft = np.asarray(cv2.GaussianBlur(mask, (0, 0), max(0.5, rim / 3)), np.float32)
    side = place.size_px / options.blocks
    return Patch(pixels=_blocks(pixels, middle, side), mask=soft, box=box, track_id=face.track_id)


def _or_covered(
    made: Patch | Miss | None, frame: Frame, face: Face, options: Options
) -> Patch | Miss:
    return made if isinstance(made, Patch) else covered(frame, face, options)


def _blocks(pixels: RGB, middle: tuple[float, float], side: float) -> RGB:
    """The picture as squares of one tone each, one of them around `middle`."""
    height, width = pixels.shape[:2]
    columns = np.floor((np.arange(width) - middle[0]) / side + 0.5).astype(int)
    rows = np.floor((np.arange(height) - middle[1]) / side + 0.5).astype(int)
    columns, rows = columns - columns.min(), rows - rows.min()
    starts_y = np.flatnonzero(np.r_[True, rows[1:] != rows[:-1]])
    starts_x = np.flatnonzero(np.r_[True, columns[1:] != columns[:-1]])
    sums = np.add.reduceat(pixels.astype(np.float64), starts_y, axis=0)
    sums = np.add.reduceat(sums, starts_x, axis=1)
    tall, wide = np.diff(np.r_[starts_y, height]), np.diff(np.r_[starts_x, width])
    means = sums / (tall[:, None] * wide[None])[..., None]
    tones = np.clip(np.rint(means / _TONES) * _TONES, 0, 255).astype(np.uint8)
    return np.asarray(tones[rows][:, columns], np.uint8)


def _swap_options(options: Options) -> swap_mesh.Options:
    """Those of the swap: its limits moved out, so that it fades nothing within ours."""
    return swap_mesh.Options(
        feather=options.feather,
        shape=options.shape,
        min_face_px=max(8.0, options.min_face_px / _SIZE_FADE),
        max_turn_deg=options.max_turn_deg + _TURN_FADE_DEG,
    )


def _only_fitting(
    window: Window, drawn: Mapping[str, Sequence[SourcePicture]], options: Options
) -> Window:
    """The window with those faces only that can be drawn over, none of them faded."""
    faces = tuple(
        tuple(replace(face, fade=1.0, course=None) for face in row if _fits(face, drawn, options))
        for row in window.faces_by_frame
    )
    return replace(window, faces_by_frame=faces)


def _fits(face: Face, drawn: Mapping[str, Sequence[SourcePicture]], options: Options) -> bool:
    return face.person in drawn and not unfit(face, options)
