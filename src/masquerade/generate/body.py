"""A whole person in a video becomes another one, who moves as they did.

Arms, legs, torso and head of the other person are layers that the bones of the one who is replaced
move, over the place as it would be with nobody in it. Things that pass in front stay there. Whoever
is seen lends their looks, whoever is replaced their performance: both have to consent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from masquerade import options as base
from masquerade.bodies.figure import Figure
from masquerade.bodies.light import Curves, relit
from masquerade.bodies.plate import Plate, fitted
from masquerade.bodies.pose import CARDS
from masquerade.bodies.puppet import Drawn, InLight, Puppet, draw
from masquerade.bodies.refine import Refiner, laid, refined
from masquerade.bodies.skeleton import NUMBER, Skeleton, retarget, shifted
from masquerade.bodies.track import Cover
from masquerade.bodies.usual import Usual, things
from masquerade.errors import UsageError
from masquerade.models.card import card
from masquerade.types import (
    RGB,
    Frame,
    Generator,
    Mask,
    Miss,
    Need,
    Patch,
    PixelBox,
    Resources,
    SourcePicture,
    Window,
)

_HEAD: Final = 0.62  # torsos, height of a head
_GROW: Final = 0.07  # torsos by which what is taken away of the old person reaches beyond them
_SOFT: Final = 0.02  # torsos over which it fades
_THERE: Final = 0.15  # of a mask, from which somebody may be there
_FAINT: Final = 0.02  # of a shadow, that cannot be seen
_FEET: Final = ("left foot", "right foot")
_SOLE: Final = 0.2  # torsos around a foot's bone, within which its drawn sole lies
_FLAT: Final = 0.1  # torsos above its lowest pixel, up to which a sole is near the ground
_SPOT: Final = (0.07, 0.035)  # torsos to the side and up and down that its shadow reaches
_RAISED: Final = 0.2  # torsos by which a foot is raised, over which its shadow fades
_PLAIN: Final = 0.08  # of a shadow, from which none of the frame's own ground is left
_APART: Final = 34  # steps of 255 by which something in front differs from the place
_ROOM: Final = 0.35  # torsos around them that are looked at
_NOBODY: Final = "the person is not seen"


class Options(base.Options):
    """Knobs of whole-body replacement."""

    proportions: Literal["source", "target"] = "source"
    """Whose arms and legs set lengths: those of who is seen, or of who is replaced."""
    shadow: float = Field(0.35, ge=0, le=1)
    """How dark the ground is made right under the feet."""
    keep_objects: Literal["auto", "front", "off"] = "auto"
    """Which things stay before the new person: those that pass in front and those that are held or
    lie before the body, in colours that are not the person's own; those in front only; none."""

    match: Literal["auto", "off"] = "auto"
    """Whether the new person takes on the place's white balance, brightness and haze, bounded."""
    face: Literal["auto", "off"] = "auto"
    """Whether the drawn face moves as the target's, where a source video shows it well enough."""


needs = frozenset({Need.POSE, Need.MATTE})
radius = 0
resources = Resources(memory_mb=1500, cpus=1.0)
lends = "body"
performs_target = True


@dataclass(frozen=True, slots=True)
class Cue:
    """Where the person who is replaced is in one frame.

    Attributes:
        skeleton: Their bones.
        cover: Which pixels are theirs.
    """

    skeleton: Skeleton
    cover: Cover


@dataclass(frozen=True, slots=True)
class Act:
    """Whoever is replaced, through one shot.

    Attributes:
        person: Who takes their place: a key of the cast.
        build: (14,) lengths of their bones in torsos.
        plate: The place without them.
        refused: Why nothing is done in this shot; empty where it is.
        refiner: A network that makes the drawn person better; None: they stay as drawn.
        usual: What the person usually looks like, where enough was seen of them.
        light: What the new person's colours become in the light of the shot; None: as they are.
    """

    person: str
    build: NDArray[np.float32]
    plate: Plate
    refused: str = ""
    refiner: Refiner | None = None
    usual: Usual | None = None
    light: Curves | None = None
    _lit: InLight = field(default_factory=InLight)


class Script(Protocol):
    """What is known of every frame: which act, and where the person is; made by a pipeline."""

    def act(self, pts: int) -> Act | None:
        """The act a frame belongs to; None where nobody is meant."""
        ...

    def cue(self, pts: int) -> Cue | None:
        """Where the person is; None where they are not seen."""
        ...


def models(options: Options) -> tuple[tuple[str, str], ...]:  # noqa: ARG001 (the seam asks so)
    """Names and hashes of the networks."""
    return tuple((name, card(name).sha256) for name in CARDS)


def prepare(
    cast: Mapping[str, Sequence[SourcePicture] | Figure],
    options: Options,
    *,
    device: str = "cpu",
    script: Script | None = None,
) -> Generator:
    """The generator of one job.

    Args:
        cast: For each person who is seen, how they can be drawn.
        options: Knobs of the method.
        device: Only ``cpu``: the method draws with the processor.
        script: What is known of every frame; without it everybody stays.

    Raises:
        UsageError: Another device is asked for, or nothing is known of how somebody is drawn.
    """
    if device != "cpu":
        raise UsageError(
            f"body was asked to run on {device!r}", "cpu, where it draws", "leave --device out"
        )
    figures: dict[str, Figure] = {}
    for name, one in cast.items():
        if script is not None and isinstance(one, Sequence):
            raise UsageError("faces were given to body", "figures, of whole people")
        if not isinstance(one, Sequence):
            figures[name] = one

    def generate(windows: Iterator[Window]) -> Iterator[list[Patch | Miss]]:
        for window in windows:
            yield [_replaced(window.frame, script, figures, options)]

    return generate


def _replaced(
    frame: Frame, script: Script | None, figures: Mapping[str, Figure], options: Options
) -> Patch | Miss:
    act = script.act(frame.pts) if script else None
    cue = script.cue(frame.pts) if script else None
    if act is None or cue is None:
        return Miss(frame.pts, -1, _NOBODY)
    if act.refused:
        return Miss(frame.pts, -1, act.refused)
    return drawn(frame, cue, act, figures[act.person], options)


def drawn(frame: Frame, cue: Cue, act: Act, figure: Figure, options: Options) -> Patch:
    """The frame with another person in it, as one patch.

    Args:
        frame: To be changed.
        cue: Where the person is.
        act: The shot.
        figure: Who takes their place.
        options: Knobs of the method.
    """
    torso_px = cue.skeleton.torso_px
    pose = cue.skeleton
    if options.proportions == "source":
        pose = retarget(pose, act.build, figure.build)
    box = _box(frame.size_wh, cue, pose)
    x0, y0, x1, y1 = box
    pixels, pose = frame.pixels[y0:y1, x0:x1], shifted(pose, -x0, -y0)
    coarse = cue.cover.in_box(box)
    gone = _gone(coarse, torso_px)
    place, known = act.plate.at(frame.pts, box)
    place = fitted(place, pixels, gone)
    made = _in_light(figure.puppet(frame.pts, torso_px), pose, place, act, options)
    dark = _shadow(made.alpha, pose, options.shadow)
    mask = np.maximum(np.maximum(gone, made.alpha), np.minimum(dark / _PLAIN, 1))
    visible = None
    if options.keep_objects != "off":
        stays = _in_front(pixels, place, known, coarse, torso_px)
        if options.keep_objects == "auto" and act.usual is not None:
            bones = shifted(cue.skeleton, -x0, -y0)
            stays = np.maximum(stays, things(pixels, place, bones, coarse, act.usual))
        visible = 1 - stays
    pixels = _over_shadow(made, place, dark)
    return Patch(pixels, mask, box, face_px=_HEAD * torso_px, visible=visible)


def _in_light(puppet: Puppet, pose: Skeleton, ground: RGB, act: Act, options: Options) -> Drawn:
    """The puppet over the ground, in the light of the shot."""
    light = act.light if options.match == "auto" else None
    if act.refiner is None:
        lit = puppet if light is None else act._lit.puppet(puppet, light)
        return draw(lit, pose, ground)
    alone = refined(draw(puppet, pose, np.zeros_like(ground)), pose, act.refiner)
    return laid(replace(alone, pixels=relit(alone.pixels, light)), ground)


def _gone(coarse: Mask, torso_px: float) -> Mask:
    """(H, W) in [0, 1] where the old person must go: all of them, and a little around."""
    small = _halved((coarse > _THERE).astype(np.uint8) * 255)
    grow = max(round(_GROW * torso_px / 2), 1)
    wide = cv2.dilate(small, _disc(grow))
    soft = cv2.GaussianBlur(wide, (0, 0), max(_SOFT * torso_px / 2, 0.6))
    full = cv2.resize(soft, coarse.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(full, np.float32) / np.float32(255)


def _shadow(alpha: Mask, pose: Skeleton, strength: float) -> Mask:
    """(H, W) how much darker the ground is right under the soles that are drawn over it."""
    dark = np.zeros(alpha.shape, np.float32)
    soles = [_sole(alpha, pose.segments[NUMBER[name]], pose.torso_px) for name in _FEET]
    lows = [int(sole[1].max()) for sole in soles if sole is not None]
    if not strength or not lows:
        return dark
    for sole in soles:
        if sole is None:
            continue
        raised = (max(lows) - int(sole[1].max())) / (_RAISED * pose.torso_px)
        spot = np.zeros_like(dark)
        spot[sole[1], sole[0]] = 1
        size = tuple(2 * max(round(axis * pose.torso_px), 1) + 1 for axis in _SPOT)
        wide = cv2.dilate(spot, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, size))
        dark = np.maximum(dark, wide * np.float32(np.exp(-raised)))
    rows, columns = np.flatnonzero(dark.max(axis=1)), np.flatnonzero(dark.max(axis=0))
    room = max(round(0.1 * pose.torso_px), 3)
    part = (
        slice(max(rows[0] - room, 0), rows[-1] + room),
        slice(max(columns[0] - room, 0), columns[-1] + room),
    )
    soft = cv2.GaussianBlur(dark[part], (0, 0), max(0.03 * pose.torso_px, 0.8))
    dark[part] = np.where(soft < _FAINT, 0, soft)
    return np.asarray(np.float32(strength) * dark, np.float32)


def _sole(
    alpha: Mask, foot: NDArray[np.float32], torso_px: float
) -> tuple[NDArray[np.intp], NDArray[np.intp]] | None:
    """Columns and rows of the lowest pixels of a foot as it is drawn; None where none is."""
    room = round(_SOLE * torso_px)
    low, high = np.floor(foot.min(axis=0)).astype(int), np.ceil(foot.max(axis=0)).astype(int)
    x0, y0 = max(int(low[0]) - room, 0), max(int(low[1]) - room, 0)
    there = alpha[y0 : max(int(high[1]) + room, 0), x0 : max(int(high[0]) + room, 0)] > 0.5
    columns = np.flatnonzero(there.any(axis=0))
    if not len(columns):
        return None
    rows = y0 + there.shape[0] - 1 - np.argmax(there[::-1, columns], axis=0)
    flat = rows > rows.max() - _FLAT * torso_px
    return columns[flat] + x0, rows[flat]


def _over_shadow(made: Drawn, ground: RGB, dark: Mask) -> RGB:
    """The drawn person with the ground darker where they do not hide it."""
    rows, columns = np.flatnonzero(dark.max(axis=1)), np.flatnonzero(dark.max(axis=0))
    if not len(rows):
        return made.pixels
    part = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    pixels = made.pixels.copy()
    less = ground[part] * (dark[part] * (1 - made.alpha[part]))[..., None]
    pixels[part] = np.clip(np.rint(pixels[part] - less), 0, 255).astype(np.uint8)
    return pixels


def _in_front(
    frame: RGB, place: RGB, known: NDArray[np.bool_], coarse: Mask, torso_px: float
) -> Mask:
    """(H, W) in [0, 1] what is neither the place nor the person, and so passes in front."""
    red, green, blue = cv2.split(_halved(cv2.absdiff(frame, place)))
    apart = cv2.max(cv2.max(red, green), blue)
    free = _halved(((coarse < 0.3) & known).astype(np.uint8) * 255)
    differs = ((apart > _APART) & (free > 254)).astype(np.uint8)
    disc = _disc(max(round(0.01 * torso_px), 1))
    opened = cv2.morphologyEx(differs, cv2.MORPH_OPEN, disc)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(opened)
    kept = np.zeros(count, np.uint8)
    kept[1:] = (stats[1:, cv2.CC_STAT_AREA] > (0.06 * torso_px) ** 2) * 255
    solid = cv2.GaussianBlur(cv2.dilate(kept[labels], disc), (0, 0), 0.8)
    full = cv2.resize(solid, coarse.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(full, np.float32) / np.float32(255)


def _halved(picture: NDArray[Any]) -> NDArray[np.uint8]:
    height, width = picture.shape[:2]
    size = -(-width // 2), -(-height // 2)
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _disc(reach: int) -> NDArray[np.uint8]:
    shape = (2 * reach + 1, 2 * reach + 1)
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, shape), np.uint8)


def _box(size_wh: tuple[int, int], cue: Cue, pose: Skeleton) -> PixelBox:
    """Around both people, the old one and the new; inside the frame."""
    points = np.concatenate([pose.segments.reshape(-1, 2), cue.cover.corners()])
    room = _ROOM * pose.torso_px
    low = np.floor(points.min(axis=0) - room).astype(int).tolist()
    high = np.ceil(points.max(axis=0) + room).astype(int).tolist()
    width, height = size_wh
    x0, y0 = min(max(low[0], 0), width - 8), min(max(low[1], 0), height - 8)
    return x0, y0, max(min(high[0], width), x0 + 8), max(min(high[1], height), y0 + 8)
