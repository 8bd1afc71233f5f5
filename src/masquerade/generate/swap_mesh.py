"""Another person's skin drawn over the target's own mesh: one photo is enough, nothing is trained.

The target gives geometry, expression and gaze; the source photos give the appearance. For every
frame the source's mesh is laid over the target's, the photo is looked up through that map, and
the inside of the target's mouth is kept, because a photo has none that moves. Eyes are put
together from the photo's skin, lashes and eyeball at the opening that the target's have. Now and
then a drawn face is read again, so that lips, eyes and brows are seen where the target's are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from masquerade import options as base
from masquerade.errors import FaceError, UsageError
from masquerade.faces.aim import Aim
from masquerade.faces.landmarks import place_of, read_face
from masquerade.faces.living.eye_look import EyeLook, take_apart
from masquerade.faces.living.eyes import limited, opened_by, put_together
from masquerade.faces.mouth.kept import keep_mouth
from masquerade.faces.mouth.shut import draw_line, ready_to_part
from masquerade.faces.normals import normal_map
from masquerade.faces.occlusion.bare import bare_face
from masquerade.faces.proportion import Proportion, reproportion
from masquerade.faces.readers import FaceReader
from masquerade.faces.smile_folds import flatten, folds, share_gone, smile_of
from masquerade.faces.staging import (
    height_px,
    neutral_height,
    patch_box,
    ramp,
    steadied,
    strength,
)
from masquerade.faces.warp import dense_map, sheet, widen
from masquerade.types import (
    Face,
    Frame,
    Generator,
    Miss,
    Need,
    Patch,
    PixelBox,
    Points,
    Resources,
    SourcePicture,
    Window,
)

_PAINT_PX: Final = 130.0  # a face is painted at no more than this
_OVERSAMPLE: Final = 1.25  # source pixels for each frame pixel, so that nothing aliases
_FORGET: Final = 0.998  # of the widest opening of the eyes, kept from frame to frame
_WIDEST: Final = 1.45  # times the photo's opening, to which its eyes may be opened
_SETTLE: Final = 0.15  # share of a new view's weight taken up in each frame


class Options(base.Options):
    """Knobs of the mesh swap."""

    feather: float = Field(0.05, gt=0, le=0.5)
    """Width of the soft edge inside the face's outline, as a share of the face's height."""
    shape: float = Field(0.15, ge=0, le=1)
    """How far the proportions inside the face move towards the source's; 0 keeps the target's."""
    expression: float = Field(0.7, ge=0, le=1)
    """How exactly lips, eyes and brows are seen where the target's are; less keeps more of the
    source's likeness."""
    min_face_px: float = Field(28.0, ge=8, le=512)
    """Faces smaller than this stay as they are and are reported."""
    max_turn_deg: float = Field(65.0, ge=20, le=85)
    """Faces turned further from the camera than this stay as they are and are reported."""


needs = frozenset({Need.FACES, Need.MESH})
reads = True  # what it has drawn, with the networks of the face stage
radius = 1  # landmarks are averaged with those just before and after: steadier, and no lag
resources = Resources(memory_mb=600, cpus=1.0)
preferred = True


def prepare(
    cast: Mapping[str, Sequence[SourcePicture]],
    options: Options,
    *,
    device: str = "cpu",
    reader: FaceReader | None = None,
) -> Generator:
    """The generator of one job.

    Args:
        cast: For each person of the cast, one or several photos of the source.
        options: Knobs of the method.
        device: Only ``cpu``: the method draws with the processor.
        reader: Reads what was drawn; None: the source is drawn over the target's own mesh,
            wherever lips, eyes and brows are then seen.

    Raises:
        UsageError: Another device is asked for.
        FaceError: Someone of the cast has no photo.
    """
    if device != "cpu":
        raise UsageError(
            f"swap_mesh was asked to run on {device!r}", "cpu, where it draws", "leave --device out"
        )
    donors = {name: _donor(name, pictures) for name, pictures in cast.items()}

    def generate(windows: Iterator[Window]) -> Iterator[list[Patch | Miss]]:
        shots: dict[int, _Shot] = {}
        for window in windows:
            made: list[Patch | Miss] = []
            for face in (steadied(face, window) for face in window.faces):
                shot = shots.setdefault(face.track_id, _Shot(Aim(share=options.expression)))
                made.append(_swap(window.frame, face, donors[face.person], shot, options, reader))
            yield made

    return generate


@dataclass(frozen=True, slots=True)
class _View:
    """One photo of a source, ready to be looked up.

    Attributes:
        levels: The photo at falling sizes, each 1/sqrt(2) of the one before; (h, w, 4) uint8,
            eyes covered with skin, lips carried on to their edges, the fourth channel 255 where
            the face lies bare.
        folds: (h, w, 3) uint8 at the same sizes, what takes a smile's folds away.
        smile: How much the person smiles in it.
        line: How dark the line between the lips is in it.
        points: (550, 3) widened mesh in pixels of the first level.
        pose_deg: yaw, pitch, roll of the head in it.
        face_px: Height of the face in pixels of the first level.
        eyes: The right and the left one.
    """

    levels: tuple[NDArray[np.uint8], ...]
    folds: tuple[NDArray[np.uint8], ...]
    smile: float
    line: float
    points: Points
    pose_deg: tuple[float, float, float]
    face_px: float
    eyes: tuple[EyeLook, EyeLook]


@dataclass(frozen=True, slots=True)
class _Donor:
    """A source person: all views, and the proportions of the face."""

    views: tuple[_View, ...]
    proportion: Proportion


@dataclass(slots=True)
class _Shot:
    """What is carried from frame to frame of one track."""

    aim: Aim
    proportion: Proportion | None = None
    seen: int = 0
    opened: float = 0.0
    weights: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    level: int = -1


def _donor(name: str, pictures: Sequence[SourcePicture]) -> _Donor:
    if not pictures:
        raise FaceError(f"the cast's {name!r} has no photo", "at least one photo with a face")
    views = tuple(_view(picture) for picture in pictures)
    shapes = [Proportion.of(picture.face.landmarks) for picture in pictures]
    return _Donor(views, Proportion(np.mean([shape.points for shape in shapes], axis=0)))


def _view(picture: SourcePicture) -> _View:
    landmarks = picture.face.landmarks
    face_px = height_px(landmarks)
    bare = bare_face(picture.pixels, landmarks)
    skin, eyes = take_apart(picture.pixels, landmarks)
    skin, line = ready_to_part(skin, landmarks)
    whole = np.dstack([skin, (bare * 255).astype(np.uint8)])
    return _View(
        levels=_smaller(whole, face_px),
        folds=_smaller(folds(picture.pixels, landmarks, bare), face_px),
        smile=smile_of(landmarks),
        line=line,
        points=widen(landmarks),
        pose_deg=picture.face.pose_deg,
        face_px=face_px,
        eyes=eyes,
    )


def _smaller(picture: NDArray[np.uint8], face_px: float) -> tuple[NDArray[np.uint8], ...]:
    """The picture at falling sizes, each 1/sqrt(2) of the one before."""
    levels = [picture]
    height, width = picture.shape[:2]
    size = face_px
    while size > 40:
        size /= np.sqrt(2)
        factor = size / face_px
        small = (max(2, round(width * factor)), max(2, round(height * factor)))
        reduced = cv2.resize(picture, small, interpolation=cv2.INTER_AREA)
        levels.append(np.asarray(reduced, np.uint8))
    return tuple(levels)


def _swap(
    frame: Frame,
    face: Face,
    donor: _Donor,
    shot: _Shot,
    options: Options,
    reader: FaceReader | None,
) -> Patch | Miss:
    shown_by, reason = strength(face, least_px=options.min_face_px, most_deg=options.max_turn_deg)
    if shown_by <= 0:
        return Miss(frame.pts, face.track_id, reason)
    box = patch_box(face.landmarks, height_px(face.landmarks), frame.size_wh)
    if box[2] - box[0] < 8 or box[3] - box[1] < 8:
        return Miss(frame.pts, face.track_id, "the face lies outside the picture")
    weights = _view_weights(face, donor, shot)
    eyes = donor.views[int(np.argmax(weights))].eyes
    shot.opened = max(_FORGET * shot.opened, opened_by(face.landmarks))
    meant = _reshaped(face, donor, shot, options.shape)
    meant = limited(meant, eyes, usual=shot.opened, most=_WIDEST)
    place = _Place(frame, face, box, shown_by, weights)
    if reader is None or not options.expression:
        return _patch(place, donor, meant, shot, options)
    shot.aim.step()
    made = _patch(place, donor, shot.aim.at(meant), shot, options)
    while shown_by >= 1 and shot.aim.due:
        shot.aim.learn(_read(made, place, reader), face.landmarks)
        if shot.aim.frames > 1:  # from then on it is followed little by little
            break
        made = _patch(place, donor, shot.aim.at(meant), shot, options)
    return made


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a face is drawn, how strongly, and how much each photo counts there."""

    frame: Frame
    face: Face
    box: PixelBox
    shown_by: float
    weights: NDArray[np.float64]


def _patch(place: _Place, donor: _Donor, shown: Points, shot: _Shot, options: Options) -> Patch:
    """The source's face over a mesh."""
    frame, face, box = place.frame, place.face, place.box
    face_px = height_px(face.landmarks)
    step = max(1.0, face_px / _PAINT_PX)
    drawn, carried = _draw(donor, place.weights, shown, box, step, face_px, shot)
    pixels = np.asarray(cv2.cvtColor(drawn, cv2.COLOR_RGBA2RGB), np.uint8)
    bare = drawn[..., 3] * np.float32(1 / 255)
    mask = ramp(carried[..., 2] / (options.feather * neutral_height())) * bare * place.shown_by
    own = keep_mouth(pixels, frame.pixels, face.landmarks, shown, box, face_px)
    return Patch(
        pixels=pixels,
        mask=mask.astype(np.float32),
        box=box,
        track_id=face.track_id,
        face_px=face_px,
        source_px=donor.views[int(np.argmax(place.weights))].face_px,
        skin=np.clip(carried[..., 3], 0, 1) * bare,
        own=own,
        normals=normal_map(shown, box),
    )


def _read(made: Patch, place: _Place, reader: FaceReader) -> Points:
    """(478, 3) the mesh of a drawn face in its frame, in pixels, in the frame's mean colour."""
    x0, y0, x1, y1 = made.box
    pixels = place.frame.pixels.copy()
    behind = pixels[y0:y1, x0:x1]
    skin = made.mask if made.skin is None else made.mask * made.skin
    shift = np.zeros(3)
    total = float(skin.sum())
    if total > 0:
        weight = skin.ravel() / np.float32(total)
        shift = weight @ behind.reshape(-1, 3) - weight @ made.pixels.reshape(-1, 3)
    shown = np.clip(made.pixels + shift.astype(np.float32), 0, 255).astype(np.uint8)
    share = made.mask if made.own is None else made.mask * (1 - made.own)
    behind[:] = cv2.blendLinear(shown, np.ascontiguousarray(behind), share, 1 - share)
    return read_face(pixels, place_of(place.face.landmarks), reader).landmarks


def _reshaped(face: Face, donor: _Donor, shot: _Shot, amount: float) -> Points:
    """The target's mesh moved towards the source's proportions."""
    here = Proportion.of(face.landmarks)
    shot.seen += 1
    known = shot.proportion or here
    shot.proportion = known.mixed(here, 1 / min(shot.seen, 100))
    return reproportion(face.landmarks, shot.proportion, donor.proportion, amount)


def _view_weights(face: Face, donor: _Donor, shot: _Shot) -> NDArray[np.float64]:
    """(views,) how much each photo counts: those seen from nearly the same side count most."""
    yaw, pitch, _ = face.pose_deg
    apart = np.array([np.hypot(v.pose_deg[0] - yaw, v.pose_deg[1] - pitch) for v in donor.views])
    worth = np.array([min(1.0, v.face_px / height_px(face.landmarks)) for v in donor.views])
    wanted = worth * np.exp(-(((apart - apart.min()) / 6.0) ** 2))
    wanted /= wanted.sum()
    if len(shot.weights) != len(wanted):
        shot.weights = wanted
    shot.weights = shot.weights + _SETTLE * (wanted - shot.weights)
    return shot.weights


def _draw(
    donor: _Donor,
    weights: NDArray[np.float64],
    shown: Points,
    box: PixelBox,
    step: float,
    face_px: float,
    shot: _Shot,
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """(h, w, 4) the source's skin over the target's mesh, and (h, w, 4) what the mesh carries.

    The last two of the carried channels are the distance to the edge and the skin weight.
    """
    shape, points = sheet(), widen(shown)
    shared = np.stack([shape.edge, shape.skin], axis=1)
    used = [int(k) for k in np.argsort(-weights)[:2] if weights[k] > 0.05]
    total, smiles = 0.0, smile_of(shown)
    pixels: NDArray[np.uint8] | None = None
    carried: NDArray[np.float32] | None = None
    for k in used:
        view = donor.views[k]
        level = _level(view, face_px, shot)
        photo = view.levels[level]
        factor = photo.shape[0] / view.levels[0].shape[0]
        places = (view.points[:, :2] + 0.5) * factor - 0.5
        drawn = dense_map(points, np.concatenate([places, shared], axis=1), box, step=step)
        x, y = drawn[..., 0], drawn[..., 1]
        looked = np.asarray(_looked_up(photo, x, y), np.uint8)
        skin = np.ascontiguousarray(looked[..., :3])
        flatten(skin, _looked_up(view.folds[level], x, y), share_gone(view.smile, smiles))
        draw_line(skin, shown, box, view.line)
        put_together(skin, view.eyes, shown, at=box[:2])
        looked[..., :3] = skin
        total += weights[k]
        if pixels is None or carried is None:
            pixels, carried = np.asarray(looked), drawn
        else:
            share = float(weights[k] / total)
            pixels = np.asarray(cv2.addWeighted(pixels, 1 - share, looked, share, 0)).astype(
                np.uint8
            )
    assert pixels is not None
    assert carried is not None
    return pixels, carried


def _looked_up(
    photo: NDArray[np.uint8], x: NDArray[np.float32], y: NDArray[np.float32]
) -> NDArray[np.uint8]:
    pixels = cv2.remap(photo, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(pixels, np.uint8)


def _level(view: _View, face_px: float, shot: _Shot) -> int:
    """The smallest level that still has enough pixels; it changes only by a clear margin."""
    wanted = 2 * np.log2(max(1.0, view.face_px / (face_px * _OVERSAMPLE)))
    wanted = min(wanted, len(view.levels) - 1.0)
    if shot.level < 0 or abs(wanted - shot.level - 0.5) > 0.75:
        shot.level = int(wanted)
    return min(shot.level, len(view.levels) - 1)
