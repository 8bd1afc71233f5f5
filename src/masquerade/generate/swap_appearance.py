"""Another person's looks as they change with the expression: from a video or many photos of them.

The target gives geometry, pose and gaze. What the skin looks like follows the target's expression,
said in the words of what the source is known to do. Teeth and tongue are those of the source's own
nearest picture, unless the target opens its mouth further than the source was ever seen to, or
shows no teeth where that picture does. The
model is made in seconds from the source's pictures; nothing is trained.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from masquerade import options as base
from masquerade.errors import FaceError, UsageError
from masquerade.faces.appearance.build import build
from masquerade.faces.appearance.file import ENDING, is_appearance, read_appearance
from masquerade.faces.appearance.skin import Appearance, Example, map_face_px
from masquerade.faces.carried_on import bare_skin
from masquerade.faces.expression import Translator
from masquerade.faces.living.eyes import limited, opened_by, put_together
from masquerade.faces.mouth import lips
from masquerade.faces.mouth.kept import bright_inside, keep_mouth
from masquerade.faces.normals import normal_map
from masquerade.faces.proportion import Proportion, reproportion
from masquerade.faces.staging import (
    height_px,
    neutral_height,
    patch_box,
    ramp,
    steadied,
    strength,
)
from masquerade.faces.unrolled import SIDE, layout, unroll
from masquerade.faces.warp import dense_map, sheet, widen
from masquerade.types import (
    RGB,
    Face,
    Frame,
    Generator,
    Mask,
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
_OVERSAMPLE: Final = 1.25  # pixels of the map for each of the frame, so that nothing aliases
_FORGET: Final = 0.998  # of the widest opening of the eyes, kept from frame to frame
_WIDEST: Final = 1.45  # times the source's opening, to which its eyes may be opened
_BETTER: Final = 0.75  # a real picture takes another's place when it is nearer by this factor
_FADE: Final = 3.0  # frames over which it does within the mouth
_RELIEF: Final = (
    0.1  # share of its fine detail taken up in each frame elsewhere: creases do not pop
)
_SPOKEN: Final = 0.06  # opening of the lips below which hardly anything is seen between them
_STRETCHED: Final = 1.15  # times the source's widest, up to which its mouth is stretched
_BRIGHTER: Final = (0.05, 0.15)  # by which teeth show where the target has none: they go, are gone
_LET_GO: Final = 0.5  # share of that which is taken up in each frame
_LOOKED_AT: Final = 25  # frames between two looks at where hair hides the target's face
_SETTLE: Final = 0.15  # share of what was seen then, taken up in each frame
_STEADY: Final = (0.3, 0.85)  # share of a new frame's weights taken up: at rest, when it moves
_MOVES: Final = 0.4  # change of the weights, in their usual deviations, from which it moves


class Options(base.Options):
    """Knobs of the appearance swap."""

    feather: float = Field(0.04, gt=0, le=0.5)
    """Width of the soft edge inside the face's outline, as a share of the face's height."""
    shape: float = Field(0.2, ge=0, le=1)
    """How far the proportions inside the face move towards the source's; 0 keeps the target's."""
    detail: float = Field(0.4, ge=0, le=1)
    """How much fine detail is taken from the source's nearest picture; 0 leaves the model's own."""
    mouth: Literal["source", "target"] = "source"
    """Whose teeth and tongue are shown; the target's suit moustaches and short sources."""
    min_face_px: float = Field(28.0, ge=8, le=512)
    """Faces smaller than this stay as they are and are reported."""
    max_turn_deg: float = Field(65.0, ge=20, le=85)
    """Faces turned further from the camera than this stay as they are and are reported."""


needs = frozenset({Need.FACES, Need.MESH})
radius = 1  # landmarks are averaged with those just before and after: steadier, and no lag
resources = Resources(memory_mb=1200, cpus=1.0)
pictures = 500  # of a source video, that are of use
endings = frozenset({ENDING})


def study(cast: Mapping[str, Sequence[SourcePicture]]) -> dict[str, Appearance]:
    """The models of a cast, for `prepare`: they take seconds, and are the same for all options.

    Raises:
        FaceError: Someone of the cast has no picture.
    """
    return {name: _model(name, pictures) for name, pictures in cast.items()}


def prepare(
    cast: Mapping[str, Sequence[SourcePicture] | Appearance],
    options: Options,
    *,
    device: str = "cpu",
) -> Generator:
    """The generator of one job.

    Args:
        cast: For each person of the cast, pictures of the source: 20 or more, best hundreds; or
            the model that `study` made of them.
        options: Knobs of the method.
        device: Only ``cpu``: the method draws with the processor.

    Raises:
        UsageError: Another device is asked for.
        FaceError: Someone of the cast has no picture.
    """
    if device != "cpu":
        raise UsageError(
            f"swap_appearance was asked to run on {device!r}",
            "cpu, where it draws",
            "leave --device out",
        )
    models = {
        name: one if isinstance(one, Appearance) else _model(name, one)
        for name, one in cast.items()
    }

    def generate(windows: Iterator[Window]) -> Iterator[list[Patch | Miss]]:
        shots: dict[int, _Shot] = {}
        for window in windows:
            made: list[Patch | Miss] = []
            for face in (steadied(face, window) for face in window.faces):
                model = models[face.person]
                if face.track_id not in shots:
                    shots[face.track_id] = _Shot(Translator(model.expression))
                made.append(_swap(window.frame, face, model, shots[face.track_id], options))
            yield made

    return generate


@dataclass(slots=True)
class _Shot:
    """What is carried from frame to frame of one track."""

    translator: Translator
    proportion: Proportion | None = None
    bare: Mask | None = None
    bare_now: Mask | None = None
    seen: int = 0
    opened: float = 0.0
    weights: NDArray[np.float32] | None = None
    reach: NDArray[np.float32] | None = None
    example: int = -1
    before: int = -1
    share: float = 1.0
    relief: NDArray[np.float32] | None = None
    explained: NDArray[np.float32] | None = None
    unlike: float = 0.0


def _model(name: str, pictures: Sequence[SourcePicture]) -> Appearance:
    if not pictures:
        raise FaceError(
            f"the cast's {name!r} has no picture", "a video, or 20 photos or more, of one person"
        )
    files = {one.input.path: one.input for one in pictures if one.input.path is not None}
    models = [path for path in files if is_appearance(path)]
    if not models:
        return build(pictures)
    if len(files) > 1:
        others = ", ".join(sorted(path.name for path in files if path != models[0]))
        raise UsageError(
            f"{models[0].name} is a model of its own, and {others} would add to it",
            "one model alone, or pictures",
            "build a model of all of them with `masquerade source build`",
        )
    return read_appearance(models[0], sha256=files[models[0]].sha256).model


def _swap(
    frame: Frame, face: Face, model: Appearance, shot: _Shot, options: Options
) -> Patch | Miss:
    shown_by, reason = strength(face, least_px=options.min_face_px, most_deg=options.max_turn_deg)
    if shown_by <= 0:
        return Miss(frame.pts, face.track_id, reason)
    face_px = height_px(face.landmarks)
    box = patch_box(face.landmarks, face_px, frame.size_wh)
    if box[2] - box[0] < 8 or box[3] - box[1] < 8:
        return Miss(frame.pts, face.track_id, "the face lies outside the picture")
    looks = _looks(face, model, shot, options.detail)
    shot.opened = max(_FORGET * shot.opened, opened_by(face.landmarks))
    shown = _reshaped(face, model, shot, options.shape)
    shown = limited(shown, model.eyes, usual=shot.opened, most=_WIDEST)
    hairless = _bare(frame, face, shot)
    drawn, carried = _draw(np.dstack([looks, hairless]), shown, box, face_px)
    pixels = np.ascontiguousarray(drawn[..., :3])
    put_together(pixels, model.eyes, shown, at=box[:2])
    amount = 1.0
    if options.mouth == "source":
        local = shown - np.array([*box[:2], 0], np.float32)
        amount = max(_own_mouth(face, model), _unlike(frame, face, pixels, local, shot))
    own = None
    if amount > 0:
        own = keep_mouth(pixels, frame.pixels, face.landmarks, shown, box, face_px, amount=amount)
    bare = drawn[..., 3] * np.float32(1 / 255)
    mask = ramp(carried[..., 2] / (options.feather * neutral_height())) * bare * shown_by
    return Patch(
        pixels=pixels,
        mask=mask.astype(np.float32),
        box=box,
        track_id=face.track_id,
        face_px=face_px,
        source_px=min(model.face_px, map_face_px()),
        skin=np.clip(carried[..., 3], 0, 1) * bare,
        own=own,
        normals=normal_map(shown, box),
    )


def _own_mouth(face: Face, model: Appearance) -> float:
    """How much of the inside of the target's mouth is kept, in [0, 1].

    None of it, unless the mouth is open further than the source's was ever seen to be.
    """
    shape = Proportion.of(face.landmarks).points
    beyond = lips.apart(shape) / max(model.widest, _SPOKEN) - _STRETCHED
    return float(ramp(np.float32(beyond / 0.3)))


def _unlike(frame: Frame, face: Face, drawn: RGB, local: Points, shot: _Shot) -> float:
    """How much of the target's mouth is kept since the drawn one shows teeth that it does not.

    Rounded lips show a dark opening; a source that was seen so open with its teeth only has them.

    Args:
        frame: The target's.
        face: Its face.
        drawn: (h, w, 3) uint8 the drawn face.
        local: (478, 3) its mesh in pixels of it.
        shot: Of the track.
    """
    theirs, mine = bright_inside(frame.pixels, face.landmarks), bright_inside(drawn, local)
    apart = 0.0 if theirs is None or mine is None else mine - theirs
    first, last = _BRIGHTER
    wanted = float(ramp(np.float32((apart - first) / (last - first))))
    shot.unlike += _LET_GO * (wanted - shot.unlike)
    return shot.unlike if shot.unlike > 0.02 else 0.0


def _looks(face: Face, model: Appearance, shot: _Shot, detail: float) -> NDArray[np.uint8]:
    """(256, 256, 3) uint8 the source's skin in this expression."""
    said = shot.translator(face.landmarks)
    _follow_weights(shot, model, model.weights(said, face.pose_deg))
    assert shot.weights is not None
    _choose_example(model, shot, said)
    one, other = model.examples[shot.example], model.examples[shot.before]
    relief, explained = _relief(shot, one)
    apart = np.asarray(shot.weights - np.float32(detail) * explained, np.float32)
    pixels = model.change(apart)
    pixels += np.float32(detail) * relief
    if detail < 1:
        pixels += np.float32(1 - detail) * model.mean
    share = float(shot.share)
    real = cv2.addWeighted(one.pixels, share, other.pixels, 1 - share, 0)
    pixels += layout().mouth[..., None] * (real - pixels)
    return np.asarray(cv2.convertScaleAbs(np.maximum(pixels, 0)))  # rounds, and keeps to 255


def _follow_weights(shot: _Shot, model: Appearance, wanted: NDArray[np.float32]) -> None:
    """Take up a frame's weights, none further than real pictures go: creases would be exaggerated.

    At rest they are followed slowly, so that skin does not tremble with the landmarks.
    """
    if shot.reach is None:
        parts = np.stack([one.parts for one in model.examples])
        shot.reach = np.stack([parts.min(axis=0), parts.max(axis=0)])
    within = np.clip(wanted, *shot.reach)
    if shot.weights is None:
        shot.weights = within
    apart = within - shot.weights
    moving = min(1.0, float(np.sqrt(np.mean(apart * apart))) / _MOVES)
    slow, fast = _STEADY
    shot.weights = shot.weights + np.float32(slow + (fast - slow) * moving) * apart


def _relief(shot: _Shot, one: Example) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(256, 256, 3) real detail, followed slowly, and (k,) what the model explains of it."""
    if shot.relief is None or shot.explained is None:
        shot.relief, shot.explained = one.pixels.astype(np.float32), one.parts.copy()
    cv2.accumulateWeighted(one.pixels, shot.relief, _RELIEF)
    shot.explained = shot.explained + np.float32(_RELIEF) * (one.parts - shot.explained)
    return shot.relief, shot.explained


def _bare(frame: Frame, face: Face, shot: _Shot) -> NDArray[np.uint8]:
    """(256, 256) uint8 where the target's own skin lies bare: its hair stays before the new face.

    Looked at now and then only: hair hardly moves on a face.
    """
    if shot.bare_now is None or shot.seen % _LOOKED_AT == 0:
        pixels, _ = unroll(frame.pixels, face.landmarks)
        shot.bare_now = bare_skin(pixels, down_to="nose")
    before = shot.bare_now if shot.bare is None else shot.bare
    shot.bare = before + np.float32(_SETTLE) * (shot.bare_now - before)
    return np.asarray(cv2.convertScaleAbs(shot.bare, alpha=255), np.uint8)


def _choose_example(model: Appearance, shot: _Shot, said: NDArray[np.float32]) -> None:
    """Go on with the real picture at hand until another is nearer by far; then fade to it."""
    away = model.nearest(said)
    best = int(away.argmin())
    if shot.example < 0:
        shot.example = shot.before = best
    shot.share = min(1.0, shot.share + 1 / _FADE)
    if best != shot.example and shot.share >= 1 and away[best] < _BETTER * away[shot.example]:
        shot.before, shot.example, shot.share = shot.example, best, 1 / _FADE


def _reshaped(face: Face, model: Appearance, shot: _Shot, amount: float) -> Points:
    """The target's mesh moved towards the source's proportions."""
    here = Proportion.of(face.landmarks)
    shot.seen += 1
    known = shot.proportion or here
    shot.proportion = known.mixed(here, 1 / min(shot.seen, 100))
    return reproportion(face.landmarks, shot.proportion, model.proportion, amount)


def _draw(
    looks: NDArray[np.uint8], shown: Points, box: PixelBox, face_px: float
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """(h, w, 4) the map laid over the target's mesh, and (h, w, 4) what the mesh carries.

    The last two of the carried channels are the distance to the edge and the skin weight.
    """
    factor = min(1.0, face_px * _OVERSAMPLE / map_face_px())
    side = max(2, round(SIDE * factor))
    small = cv2.resize(looks, (side, side), interpolation=cv2.INTER_AREA) if side < SIDE else looks
    places = (layout().points[:, :2] + 0.5) * np.float32(side / SIDE) - 0.5
    shared = np.stack([sheet().edge, sheet().skin], axis=1)
    carried = np.concatenate([places, shared], axis=1).astype(np.float32)
    drawn = dense_map(widen(shown), carried, box, step=max(1.0, face_px / _PAINT_PX))
    x, y = np.ascontiguousarray(drawn[..., 0]), np.ascontiguousarray(drawn[..., 1])
    pixels = cv2.remap(small, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(pixels, np.uint8), drawn
