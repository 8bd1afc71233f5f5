"""What a faceset holds and how its file is laid out.

A faceset is one SQLite 3 database (https://www.sqlite.org/fileformat2.html): it comes with Python,
is written as a stream, reads any face at once, and any program can open it. Measured against Arrow
and Parquet in docs/facesets.md. Of each face the figures lie in ``face``, so that all of them are
read in a moment, and the large parts in ``picture``.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from fractions import Fraction
from typing import Annotated, Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from masquerade.faces.align import Affine, inverse
from masquerade.faces.whole_face import MARGIN
from masquerade.types import RGB, Embedding, Mask, Points

VERSION: Final = 1
APPLICATION: Final = 0x4D515346
"""SQLite's ``application_id`` of a faceset: the letters MQSF."""
LEAST_SIDE, MOST_SIDE = 64, 512
MOST_FACES: Final = 1_000_000
MOST_BYTES: Final = 256 << 30
MOST_BLOB: Final = 4 << 20

Picture = Literal["jpeg", "webp", "png"]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Short = Annotated[str, StringConstraints(max_length=1000)]


@dataclass(frozen=True, slots=True)
class Expression:
    """What a face does; distances in those of the eyes, on a face turned to the camera.

    Attributes:
        mouth: Gap of the inner lips.
        smile: How wide and high the corners of the mouth lie, against the average face at rest.
        pucker: How much narrower the lips are than those of the average face at rest.
        eye_right: Height between the lids over width, of the person's right eye.
        eye_left: The same of the left.
        brows: How high the brows lie above the eyes, against the average face at rest.
    """

    mouth: float
    smile: float
    pucker: float
    eye_right: float
    eye_left: float
    brows: float


@dataclass(frozen=True, slots=True)
class Quality:
    """How well a picture shows a face.

    Attributes:
        size_px: Longer side of the face's box in the source frame.
        sharpness: Deviation of the Laplacian of a face of 150 pixels; sharp photos: 8 to 30.
        brightness: Mean of the face in [0, 255].
        clipped: Share of the face that is black or white, in [0, 1].
        occluded: Share of the face that hair, hands or other things cover, in [0, 1].
        outside: Share of the face beyond the frame's edge, in [0, 1].
        presence: Score of the mesh network, in [0, 1].
        distance: Of its identity to the nearest face of the consent record.
        light_side: Brightness of the right half less the left, over the mean.
        light_down: Brightness of the lower half less the upper, over the mean.
    """

    size_px: float
    sharpness: float
    brightness: float
    clipped: float
    occluded: float
    outside: float
    presence: float
    distance: float
    light_side: float
    light_down: float


@dataclass(frozen=True, slots=True)
class SourceFile:
    """The file a face was taken from: its name without folder, and its hash."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class FaceRecord:
    """One face.

    Attributes:
        pixels: (S, S, 3) uint8 RGB, the whole face upright.
        mask: (S, S) float32 in [0, 1]: 1 where the face shows, 0 outside it and on what covers it.
        landmarks: (478, 3) float32 in pixels of the crop.
        to_frame: (2, 3) float32 frame_from_crop.
        pose_deg: (yaw, pitch, roll) in the frame, as `masquerade.types.Face.pose_deg`.
        expression: What the face does.
        embedding: (128,) float32 identity.
        quality: How well it is seen.
        source: Where it is from.
        pts: Presentation time in units of `time_base`; 0 of a photo.
        time_base: Seconds per unit of `pts`.
    """

    pixels: RGB
    mask: Mask
    landmarks: Points
    to_frame: NDArray[np.float32]
    pose_deg: tuple[float, float, float]
    expression: Expression
    embedding: Embedding
    quality: Quality
    source: SourceFile
    pts: int = 0
    time_base: Fraction = Fraction(1)

    @property
    def time_s(self) -> Fraction:
        """Presentation time in seconds."""
        return self.pts * self.time_base

    @property
    def crop_from_frame(self) -> Affine:
        """(2, 3) float64 the transform that cut the face out."""
        return inverse(self.to_frame.astype(np.float64))


@dataclass(frozen=True, slots=True)
class FaceBatch:
    """Several faces, stacked; the attributes of `FaceRecord` with n in front.

    Attributes:
        pixels: (n, S, S, 3) uint8 RGB.
        masks: (n, S, S) float32 in [0, 1].
        landmarks: (n, 478, 3) float32 in pixels of the crop.
        index: (n,) int64 which faces they are.
    """

    pixels: NDArray[np.uint8]
    masks: NDArray[np.float32]
    landmarks: NDArray[np.float32]
    index: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FaceColumns:
    """The figures of every face of a faceset.

    Attributes:
        pose_deg: (n, 3) float32 yaw, pitch, roll.
        expression: (n, 6) float32 in the order of `Expression`.
        quality: (n, 10) float32 in the order of `Quality`.
        embedding: (n, 128) float32.
        source: (n,) int64 index into `Faceset.sources`.
        time_s: (n,) float64 seconds.
    """

    pose_deg: NDArray[np.float32]
    expression: NDArray[np.float32]
    quality: NDArray[np.float32]
    embedding: NDArray[np.float32]
    source: NDArray[np.int64]
    time_s: NDArray[np.float64]


class LeftOut(BaseModel):
    """So many pictures that were not taken, and why, in a few words."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: Short
    faces: int = Field(ge=0)


class FacesetHeader(BaseModel):
    """What a faceset says of itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["masquerade faceset 1"] = "masquerade faceset 1"
    person: Short
    """Name or pseudonym, as the consent record has it."""
    consent: Annotated[str, StringConstraints(pattern=r"^mqc-[0-9a-f]{16}$")]
    """Id of the consent record."""
    record: Annotated[str, StringConstraints(max_length=200_000)] = ""
    """The record itself, as signed; without it nothing can be trained."""
    purpose: Short = ""
    """What the faceset was made for, as the record words it."""
    made_by: Short
    """Name and version of the program."""
    side_px: int = Field(ge=LEAST_SIDE, le=MOST_SIDE)
    margin: float = Field(default=MARGIN, ge=0, le=1)
    """Room around the face in its heights; see `masquerade.faces.whole_face`."""
    picture: Picture = "jpeg"
    faces: int = Field(default=0, ge=0, le=MOST_FACES)
    left_out: tuple[LeftOut, ...] = Field(default=(), max_length=1000)
    notes: tuple[Short, ...] = Field(default=(), max_length=1000)
    """Files of which nothing was taken, or less than all, and why."""


EXPRESSION: Final = tuple(one.name for one in fields(Expression))
QUALITY: Final = tuple(one.name for one in fields(Quality))
_FIGURES: Final = ", ".join(
    f"{name} REAL NOT NULL" for name in ("yaw_deg", "pitch_deg", "roll_deg", *EXPRESSION, *QUALITY)
)
TABLES: Final = (
    "CREATE TABLE header (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE source (id INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL)",
    "CREATE TABLE face (id INTEGER PRIMARY KEY, source INTEGER NOT NULL, pts INTEGER NOT NULL,"
    f" base_num INTEGER NOT NULL, base_den INTEGER NOT NULL, {_FIGURES},"
    " to_frame BLOB NOT NULL, embedding BLOB NOT NULL)",
    "CREATE TABLE picture (id INTEGER PRIMARY KEY, pixels BLOB NOT NULL, mask BLOB NOT NULL,"
    " landmarks BLOB NOT NULL, crc INTEGER NOT NULL)",
)
"""``crc`` is the CRC-32 of pixels, mask and landmarks one after the other; arrays are little-endian
float32."""
