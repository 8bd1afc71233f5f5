"""The values that cross module borders: pictures, sound, faces, patches, drafts.

Everything here is frozen and knows numpy only. Arrays are never changed in place once they are
inside one of these. Boxes are ``(x0, y0, x1, y1)`` in pixels of the upright frame; time is
``pts * time_base`` as a `fractions.Fraction`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

RGB: TypeAlias = NDArray[np.uint8]
Mask: TypeAlias = NDArray[np.float32]
Points: TypeAlias = NDArray[np.float32]
Embedding: TypeAlias = NDArray[np.float32]
Box: TypeAlias = tuple[float, float, float, float]
PixelBox: TypeAlias = tuple[int, int, int, int]
Modality: TypeAlias = Literal["face", "voice", "body"]
Role: TypeAlias = Literal["source", "target", "driving"]


class Need(StrEnum):
    """What a method or a signal asks the pipeline to supply."""

    FACES = "faces"
    MESH = "mesh"
    AUDIO = "audio"
    POSE = "pose"
    MATTE = "matte"


@dataclass(frozen=True, slots=True)
class Resources:
    """What one task of a method uses, read by every executor."""

    memory_mb: int = 512
    cpus: float = 1.0
    gpus: float = 0.0


@dataclass(frozen=True, slots=True)
class Colour:
    """Colour tags of a stream in FFmpeg's numbering (2 = unspecified), kept to the output."""

    matrix: int = 2
    primaries: int = 2
    transfer: int = 2
    full_range: bool = False


@dataclass(frozen=True, slots=True)
class Planes:
    """A picture as its file stores it, so that untouched pixels go through without a conversion.

    Attributes:
        format: FFmpeg's pixel format name, such as ``yuv420p10le``.
        arrays: One array per plane, uint8 or uint16, (h, w) each, chroma at its own size.
        colour: The colour tags that say how the planes become RGB.
    """

    format: str
    arrays: tuple[NDArray[np.uint8] | NDArray[np.uint16], ...]
    colour: Colour = Colour()


@dataclass(frozen=True, slots=True)
class Frame:
    """One upright picture of a stream.

    Attributes:
        pixels: (H, W, 3) uint8 RGB, what every analysis and method sees.
        pts: Presentation time in units of `time_base`.
        time_base: Seconds per unit of `pts`.
        duration: Shown for so many units of `time_base`; 0 where the file does not say.
        alpha: (H, W) uint8 where the format has it.
        planes: The stored picture; None for pictures that were made, not read.
    """

    pixels: RGB
    pts: int = 0
    time_base: Fraction = Fraction(1, 1)
    duration: int = 0
    alpha: NDArray[np.uint8] | None = None
    planes: Planes | None = None

    @property
    def time_s(self) -> Fraction:
        """Presentation time in seconds."""
        return self.pts * self.time_base

    @property
    def size_wh(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.pixels.shape[1], self.pixels.shape[0]


@dataclass(frozen=True, slots=True)
class Audio:
    """Sound: float32 (channels, n) in [-1, 1] at `sr` samples per second."""

    samples: NDArray[np.float32]
    sr: int
    start_s: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Face:
    """One face in one frame.

    Attributes:
        box: xyxy in pixels around the mesh.
        score: Presence in [0, 1] as the mesh network gives it.
        landmarks: (478, 3) float32 in frame pixels: 468 mesh points and 2 x 5 iris points; z grows
            away from the camera, in the pixel scale of x.
        pose_deg: (yaw, pitch, roll) in degrees; yaw > 0 turns to the viewer's right, pitch > 0
            looks down, roll > 0 is clockwise in the picture.
        track_id: Which `Track` of the shot it belongs to; -1 outside a track.
        interpolated: True where a gap was bridged and no network saw this face.
        person: Whom the job turns this face into (a key of the cast); empty outside a job.
        fade: How much of the face is in sight, in [0, 1]; 0 where something hides it.
        course: (2r + 1, 3) float32 turn from the camera in degrees, height in pixels and `fade`,
            from r frames before to r frames after, so that a face fades before it must go; None
            outside a track.
    """

    box: Box
    score: float
    landmarks: Points
    pose_deg: tuple[float, float, float]
    track_id: int = -1
    interpolated: bool = False
    person: str = ""
    fade: float = 1.0
    course: NDArray[np.float32] | None = None

    @property
    def size_px(self) -> float:
        """Longer side of the box in pixels."""
        x0, y0, x1, y1 = self.box
        return max(x1 - x0, y1 - y0)


@dataclass(frozen=True, slots=True)
class Track:
    """One face through one shot (or one piece of a long shot).

    Attributes:
        track_id: Number within the file, never reused.
        faces: Face at each pts at which there is one, in order.
        embedding: (128,) float32 identity, the mean over the clearest frames; None where no frame
            was clear enough.
        brief: True where it was seen in too few frames to be sure that it is a face.
    """

    track_id: int
    faces: dict[int, Face]
    embedding: Embedding | None = None
    brief: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """What a method sees of one moment: a frame, its neighbours, and the faces it may change.

    `frames[centre]` is the frame to work on; `faces_by_frame` runs parallel to `frames` and holds
    only faces chosen for the job.
    """

    frames: tuple[Frame, ...]
    faces_by_frame: tuple[tuple[Face, ...], ...]
    centre: int = 0

    @property
    def frame(self) -> Frame:
        """The frame to work on."""
        return self.frames[self.centre]

    @property
    def faces(self) -> tuple[Face, ...]:
        """The chosen faces of that frame."""
        return self.faces_by_frame[self.centre]


@dataclass(frozen=True, slots=True)
class Patch:
    """New pixels for a part of a frame, before blending.

    Attributes:
        pixels: (h, w, 3) uint8 RGB in frame scale; the box's size.
        mask: (h, w) float32 in [0, 1], 1 where the patch replaces the frame. Hard or soft: compose
            feathers it.
        box: Where it lies in the frame, whole pixels, inside the frame.
        track_id: The face it replaces; -1 for a whole-frame patch.
        face_px: Size of the face it shows, the scale for feathers and relighting; 0 when none.
        source_px: Size in pixels the face had in the source material, so that sharpness can be
            matched; 0 when not known.
        skin: (h, w) float32 in [0, 1], 1 where patch and frame both show plain skin, so that
            light can be read there; None: everywhere under the mask.
        own: (h, w) float32 in [0, 1], 1 where the pixels were the frame's from the start (the
            inside of a mouth), so that they are not relit; None: nowhere.
        normals: (n, m, 3) float32 unit vectors of the surface over the box, coarse: right, down,
            towards the camera; None: the shape is not known.
        visible: (h, w) float32 in [0, 1], 0 where something in the frame lies in front of what the
            patch replaces and stays there; None: nothing does.
        held: Around what was found in front of the face and stays as it is, in whole pixels of the
            frame; `pixels` or `visible` keep it.
    """

    pixels: RGB
    mask: Mask
    box: PixelBox
    track_id: int = -1
    face_px: float = 0.0
    source_px: float = 0.0
    skin: Mask | None = None
    own: Mask | None = None
    normals: NDArray[np.float32] | None = None
    visible: Mask | None = None
    held: tuple[PixelBox, ...] = ()


@dataclass(frozen=True, slots=True)
class Miss:
    """A face that stayed as it was in one frame, and why, in words."""

    pts: int
    track_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class InputUse:
    """A file that went into an output: its role, its name without folder, its SHA-256.

    `path` is where it lies, for reading it again; None where nobody will, and never written down.
    """

    role: Role
    name: str
    sha256: str
    path: Path | None = None


@dataclass(frozen=True, slots=True)
class SourcePicture:
    """The face that is used of one photo of the source, and the pixels around it.

    `face` lies in `pixels`, which may be a part of the photo; `input` names the whole file.
    """

    pixels: RGB
    face: Face
    embedding: Embedding
    input: InputUse


class SoundGenerator(Protocol):
    """What a method of sound does: blocks of one sound in, blocks of another out.

    Blocks come and go without gaps; how many samples are in each is free. See
    `masquerade.registry` for what the module around it declares.
    """

    def __call__(self, blocks: Iterator[Audio]) -> Iterator[Audio]:
        """The new sound, its first sample where the first of the old one was."""
        ...


class Generator(Protocol):
    """What a method does for one shot: windows in; patches, and faces it could not do, out in step.

    See `masquerade.registry` for what the module around it declares.
    """

    def __call__(self, windows: Iterator[Window]) -> Iterator[list[Patch | Miss]]:
        """One list per window, in order: a patch or a miss for each of its faces."""
        ...


@dataclass(frozen=True, slots=True)
class IdentityUse:
    """A person's face or voice actually found in the material, for the consent check.

    `embedding` is what was measured on the supplied file; `consent` names the record that is to
    cover it (its id), or is empty when no record was given for it.
    """

    role: Role
    modality: Modality
    embedding: Embedding
    input_sha256: str
    consent: str = ""


@dataclass(frozen=True, slots=True)
class NetworkUse:
    """A network that a user brought: its card's name, the hashes of both, its licence in words."""

    name: str
    sha256: str
    card_sha256: str
    licence: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """How an output was made, in full: the part of a draft that a manifest and a ledger record.

    `options_json` is the method's Options as canonical JSON; `models` are (name, sha256) pairs;
    `also` names further methods that made parts of the output, each to be covered like `method`;
    `networks` are those that the user brought, whose hashes are among `models` too.
    """

    method: str
    version: str
    options_json: str
    models: tuple[tuple[str, str], ...]
    inputs: tuple[InputUse, ...]
    also: tuple[str, ...] = ()
    networks: tuple[NetworkUse, ...] = ()

    @property
    def methods(self) -> tuple[str, ...]:
        """Every method that made a part of the output."""
        return (self.method, *self.also)


@dataclass(frozen=True, slots=True)
class DraftSegment:
    """Generated frames of one segment, made when iterated, once.

    `key` names the segment's content (input, options, models, range), so that finished work can
    be found again after a stop. `tally`, called when the frames are through, gives what came of
    them as JSON; it is kept beside the finished work. `added` is how many of its frames come
    besides those of the target, for progress.
    """

    index: int
    key: str
    first_pts: int
    last_pts: int
    frames: Iterator[Frame]
    tally: Callable[[], str] = str
    added: int = 0


def _keep(_tallies: Mapping[int, str]) -> None:
    """Every result is kept."""


@dataclass(frozen=True, slots=True)
class SoundPiece:
    """Generated sound of one stretch, made when iterated, once.

    Attributes:
        index: Its place among the pieces, from 0.
        key: Names its content (input, options, models, range), so that finished work can be found
            again after a stop; such a piece is held in memory as a whole, so that it should last
            two minutes at most. Empty: the piece streams, and is made anew after a stop.
        blocks: The samples, without gaps, at the rate and with the channels of the `DraftSound`.
        tally: Called when the blocks are through: what came of them, as JSON.
    """

    index: int
    key: str
    blocks: Iterator[Audio]
    tally: Callable[[], str] = str


@dataclass(frozen=True, slots=True)
class DraftSound:
    """Generated sound, streamed, still without marks.

    Attributes:
        sr: Samples per second of every block, 8000 to 96 000.
        channels: Of every block.
        pieces: The sound, each piece beginning at the sample after the last of the piece before.
        count: How many samples there will be in all, for progress; None where nobody knows yet.
        start_s: When the first sample sounds, on the clock of the target's pictures; 0 in a sound
            file.
        judge: Called with the tallies of all pieces, by index, before anything is signed; raises a
            MasqueradeError where the result must not be kept.
    """

    sr: int
    channels: int
    pieces: Iterator[SoundPiece]
    count: int | None = None
    start_s: Fraction = Fraction(0)
    judge: Callable[[Mapping[int, str]], None] = _keep


@dataclass(frozen=True, slots=True)
class Film:
    """What the pictures of a video that is made of a still are like.

    Attributes:
        size_wh: Width and height in pixels.
        frame_rate: Pictures in a second; a picture's pts is its number.
    """

    size_wh: tuple[int, int]
    frame_rate: Fraction


@dataclass(frozen=True, slots=True)
class Draft:
    """Generated media with its recipe, still without marks. It cannot be saved, only sealed.

    Attributes:
        recipe: How it is made.
        uses: Whose faces and voices went in, as measured.
        target: The file whose container, sound, chapters and metadata the output keeps.
        kind: video, animation, still (one segment with one frame), or sound (no segments).
        segments: The pictures, streamed; nothing is generated until they are iterated.
        avoid: Boxes that a visible label must not cover, by pts; filled while streaming.
        onlookers: Called with every picture of a target that moves, in order of time, before the
            picture made of it is given; whoever seals the draft adds to them.
        judge: Called with the tallies of all segments, by index, before anything is signed;
            raises FaceError where nothing came of them that is worth keeping.
        conceals: The output is to say nothing of who is in the target: its tags, chapters,
            subtitles and manifest stay behind, and it is named by its hash alone.
        cells: For a still that is a sheet of pictures, where each of them lies, filled while
            streaming: they are looked at one by one. A sheet shows the target's pictures to the
            onlookers, as what moves does.
        sound: The sound of a draft of kind sound; in a video, what takes the place of all sound of
            the target. None: a video keeps the sound that it has.
        film: Of a video that is made of a still: what its pictures are like. None: they are as the
            target's.
    """

    recipe: Recipe
    uses: tuple[IdentityUse, ...]
    target: Path
    kind: Literal["video", "animation", "still", "sound"]
    segments: Iterator[DraftSegment]
    avoid: dict[int, tuple[Box, ...]] = field(default_factory=dict)
    onlookers: list[Callable[[Frame], None]] = field(default_factory=list)
    judge: Callable[[Mapping[int, str]], None] = _keep
    conceals: bool = False
    cells: list[PixelBox] | None = None
    sound: DraftSound | None = None
    film: Film | None = None

    @property
    def shows_target(self) -> bool:
        """Whether the target's pictures are shown to the onlookers, and not read as a file."""
        return self.kind != "still" or self.cells is not None
