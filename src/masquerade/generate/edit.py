"""A face with effects laid on: shape, make-up, signs of illness for training health staff.

Effects are small files in `masquerade.effects`, and are laid on in the order in which they are
named. Whoever is changed has to consent, as if their face were lent: it is shown as it never was.
Everybody who is meant is changed in the same way; pixels beside them stay bit-exact.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from pydantic import Field

from masquerade import options as base
from masquerade.bodies.backdrop import Backdrop
from masquerade.bodies.hands import CARDS as HANDS
from masquerade.bodies.hands import HandReader
from masquerade.bodies.matte import person_matte
from masquerade.bodies.pose import BodyReader, find_bodies
from masquerade.effects.hands_before import Before, HandsBefore
from masquerade.effects.held_in_front import (
    NOTHING,
    all_in_front,
    front_mask,
    read_areas,
    with_front_apart,
)
from masquerade.effects.lay_on import laid_on
from masquerade.effects.portrait import Portrait
from masquerade.effects.presets import PRESETS
from masquerade.effects.steady_masks import Masks, SteadyMasks
from masquerade.effects.words import (
    KINDS,
    Wish,
    asks_for_hair,
    asks_for_skin,
    effect,
    effect_names,
    models_of,
    read_wishes,
    room_of,
    summary,
)
from masquerade.errors import UsageError
from masquerade.faces.detect import find_faces
from masquerade.faces.occlusion.corrections import Correction
from masquerade.faces.readers import FaceReader
from masquerade.faces.staging import steadied, strength
from masquerade.hashing import file_sha256
from masquerade.media.read import read_image
from masquerade.models.card import card
from masquerade.models.own_weights import own_card
from masquerade.models.person_mask import CARD as PERSON_MASK
from masquerade.models.person_mask import PersonMask
from masquerade.types import (
    RGB,
    Face,
    Frame,
    Generator,
    Mask,
    Miss,
    Need,
    Patch,
    Resources,
    SourcePicture,
    Window,
)

_PERSON: Final = 0.995  # of a person, from which a pixel shows nothing of the background
_SOMEBODY: Final = 0.005  # of a picture, from which what looks like a body in it is a person
_LEAST_SIDE_PX: Final = 720  # a smaller picture is looked at enlarged, as it is shown
_SOFT: Final = 0.02  # of the cut-out's size, over which changes fade into what is not changed


class Options(base.Options):
    """Knobs of effects."""

    effect: tuple[str, ...] = ()
    """An effect and how much of it, such as smile=0.6, lipstick=0.8:#a02040 or ptosis=0.5:left, or
    a preset such as evening=0.7; several are laid on one after the other."""
    front: tuple[str, ...] = ()
    """What is in front of the face and stays as it is, such as a hand in a photo: corners x,y in
    pixels, two of a box or more of an outline, such as "310,220 420,330"; "face:0.2,0.6 0.8,1.1"
    means shares of the face's box. Hands are found without it; "none": nothing is in front, and
    hands are not looked for."""
    background: str = ""
    """What is behind people instead: blur, blur=0.5 or a colour such as #203040."""
    background_image: Path | None = None
    """A picture of a place that is put behind people instead; nobody may be seen in it."""
    min_face_px: float = Field(28.0, ge=8, le=512)
    """Faces smaller than this stay as they are and are reported."""
    max_turn_deg: float = Field(50.0, ge=20, le=85)
    """Faces turned further from the camera than this stay as they are and are reported."""


needs = frozenset({Need.FACES, Need.MESH})
radius = 1  # landmarks are averaged with those just before and after: steadier, and no lag
resources = Resources(memory_mb=600, cpus=1.0)
takes = ("target",)
reads = True
portrays_target = True
stays_behind = True


def vocabulary() -> dict[str, str]:
    """Every effect, with what it does and how strong it may be."""
    said = {}
    for name in effect_names():
        found = effect(name)
        low, high = found.RANGE
        words = "".join(f", {word}" for word in found.WORDS)
        said[name] = f"{summary(found)} ({low:g} to {high:g}{words})"
    for name, preset in PRESETS.items():
        said[name] = f"{preset.summary} (preset, 0 to 1: {', '.join(preset.effects)})"
    return said


def overview() -> str:
    """Every effect and preset by kind, for the help of the command."""
    kinds = {
        kind: [name for name, place in effect_names().items() if f".{kind}." in place]
        for kind in KINDS
    }
    named = [f"  {kind:8} {' '.join(names)}" for kind, names in kinds.items()]
    return "\n".join(
        (
            "effects, by kind (`masquerade methods edit` says what each does, and its range):",
            *named,
            f"  {'presets':8} {' '.join(PRESETS)}",
            "hands in front of a face stay as they are; what else does, say with --front",
        )
    )


def models(options: Options) -> tuple[tuple[str, str], ...]:
    """Names and hashes of the weights that the effects work with, for the recipe."""
    wishes = _wishes(options)
    behind = (PERSON_MASK,) if _backs(options) else ()
    hands = HANDS if _looks_for_hands(wishes, options) else ()
    used = [
        (name, ours.sha256 if (ours := own_card(name)) else card(name).sha256)
        for name in dict.fromkeys((*models_of(wishes), *behind, *hands))
    ]
    if options.background_image is not None:
        picture = options.background_image
        used.append((f"background {picture.name}", file_sha256(picture)))
    return tuple(used)


def prepare(
    cast: Mapping[str, Sequence[SourcePicture]],  # noqa: ARG001 (the seam hands it over)
    options: Options,
    *,
    device: str = "cpu",
    reader: FaceReader | None = None,
) -> Generator:
    """The generator of one job.

    Args:
        cast: Whom to change; nobody lends a face.
        options: Knobs of the method.
        device: Only ``cpu``: effects are drawn with the processor.
        reader: The loaded face networks, to see that nobody is in the picture of a background.

    Raises:
        UsageError: No effect is named, one is not known, an area in front is none, somebody is
            seen in the picture of a background, or another device is asked for.
        InputError: The picture of a background cannot be used.
    """
    if device != "cpu":
        raise UsageError(f"edit was asked to run on {device!r}", "cpu", "leave --device out")
    wishes, areas = _wishes(options), read_areas(options.front)
    backdrop = Backdrop.read(options.background, _place(options.background_image, reader))
    asked = backdrop is not None or PERSON_MASK in models_of(wishes)
    network = PersonMask.open() if asked else None
    hand_reader = HandReader.open() if _looks_for_hands(wishes, options) else None

    def generate(windows: Iterator[Window]) -> Iterator[list[Patch | Miss]]:
        masks = _masks(network, wishes) if network else None
        hands = HandsBefore(hand_reader) if hand_reader else None
        for window in windows:
            faces = [steadied(face, window) for face in window.faces]
            known = masks.of(window.frame, faces) if masks else None
            front = _Front(areas, hands.of(window.frame.pixels, faces) if hands else None)
            laid = partial(_edited, known=known, wishes=wishes, front=front, options=options)
            made = [laid(window.frame, face) for face in faces if wishes]
            if backdrop is None or known is None:
                yield made
            else:
                yield [_behind(window.frame, made, known.people, backdrop)]

    return generate


def _masks(network: PersonMask, wishes: Sequence[Wish]) -> SteadyMasks:
    skin = room_of(wishes) if asks_for_skin(wishes) else None
    return SteadyMasks(network, hair=asks_for_hair(wishes), skin=skin)


@dataclass(frozen=True, slots=True)
class _Front:
    """What is in front of faces: areas that were named, and hands that were found."""

    areas: tuple[Correction, ...]
    hands: Before | None


def _backs(options: Options) -> bool:
    return bool(options.background or options.background_image)


def _wishes(options: Options) -> tuple[Wish, ...]:
    return () if _backs(options) and not options.effect else read_wishes(options.effect)


def _looks_for_hands(wishes: Sequence[Wish], options: Options) -> bool:
    return bool(wishes) and NOTHING not in options.front


def _place(picture: Path | None, reader: FaceReader | None) -> RGB | None:
    """The picture of a background, when nobody is seen in it."""
    if picture is None:
        return None
    shown = read_image(picture).pixels
    if reader is None:
        raise UsageError("a background is given, and no networks that look for people in it")
    if _anybody(shown, reader):
        raise UsageError(
            f"somebody is seen in {picture.name}",
            "a picture of a place with nobody in it: whoever is shown has to consent",
            "choose another one, or cut it",
        )
    return shown


def _anybody(shown: RGB, reader: FaceReader) -> bool:
    """Whether a face is seen, or a body from behind or without its head."""
    scale = _LEAST_SIDE_PX / min(shown.shape[:2])
    if scale > 1:
        large = cv2.resize(shown, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        if find_faces(np.asarray(large, np.uint8), reader):
            return True
    if find_faces(shown, reader):
        return True
    if (person_matte(shown, PersonMask.open()) > 0.5).mean() < _SOMEBODY:
        return False
    return bool(find_bodies(shown, BodyReader.open()))


def _behind(
    frame: Frame, made: Sequence[Patch | Miss], people: Mask, backdrop: Backdrop
) -> Patch | Miss:
    """The whole frame with effects laid on and its background replaced."""
    pixels = frame.pixels.astype(np.float32)
    changed = people < _PERSON
    for patch in made:
        if isinstance(patch, Patch):
            x0, y0, x1, y1 = patch.box
            share = patch.mask[..., None]
            pixels[y0:y1, x0:x1] += share * (patch.pixels - pixels[y0:y1, x0:x1])
            changed[y0:y1, x0:x1] |= patch.mask > 0
    whole = backdrop.behind(np.rint(pixels).astype(np.uint8), people)
    width, height = frame.size_wh
    return Patch(whole, changed.astype(np.float32), (0, 0, width, height))


def _edited(
    frame: Frame,
    face: Face,
    *,
    known: Masks | None,
    wishes: Sequence[Wish],
    front: _Front,
    options: Options,
) -> Patch | Miss:
    share, why = strength(face, least_px=options.min_face_px, most_deg=options.max_turn_deg)
    portrait = Portrait.of(
        frame,
        face,
        room=room_of(wishes),
        people=known.people if known else None,
        hair=known.hair if known else None,
        beside=known.beside if known else None,
    )
    if share <= 0 or portrait is None:
        return Miss(frame.pts, face.track_id, why or "the face lies outside the picture")
    named = front_mask(front.areas, frame, face, portrait)
    before = all_in_front(named, front.hands, portrait.box)
    made = with_front_apart(portrait, before, partial(laid_on, wishes=wishes))
    mask = _changed(portrait, made) * portrait.border(frame.size_wh) * np.float32(share)
    if not mask.any():
        return Miss(frame.pts, face.track_id, "none of the effects changes the face")
    held = front.hands.near(mask, portrait.box) if front.hands else ()
    return Patch(made.pixels, mask, portrait.box, face.track_id, held=held)


def _changed(before: Portrait, after: Portrait) -> Mask:
    """(h, w): 1 where pixels were changed, fading to 0 just beside; 0 where nothing is near."""
    apart = cv2.absdiff(before.pixels, after.pixels).max(axis=2) > 0
    reach = max(round(_SOFT * max(apart.shape)), 1)
    grown = cv2.dilate(apart.astype(np.float32), np.ones((3, 3)), iterations=reach)
    soft = cv2.blur(grown, (2 * reach + 1, 2 * reach + 1))
    return np.asarray(np.maximum(soft * grown, apart), np.float32)
