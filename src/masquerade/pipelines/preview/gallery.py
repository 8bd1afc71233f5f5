"""One sealed sheet of a photo in every style, or with every effect, to choose by eye."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.bodies.matte import person_matte
from masquerade.effects.lay_on import laid_on
from masquerade.effects.portrait import ROOM, Portrait
from masquerade.effects.presets import PRESETS as MIXES
from masquerade.effects.words import ANY_COLOUR, effect, effect_names, read_wishes, room_of
from masquerade.errors import FaceError, LimitError, UsageError
from masquerade.faces.detect import find_faces
from masquerade.faces.readers import FaceReader
from masquerade.generate import edit, style
from masquerade.media.encoding import Encoding
from masquerade.media.lettering import draw_words, width_px
from masquerade.media.probe import probe
from masquerade.media.read import read_image
from masquerade.models.person_mask import PersonMask
from masquerade.models.style.network import LEAST_SIDE, StyleNetwork
from masquerade.models.style.weights import preset_styles
from masquerade.options import Options
from masquerade.painting.wishes import PRESETS
from masquerade.pipelines.generate import Groundwork, Job, groundwork, recipe_of, uses_of
from masquerade.pipelines.request import Request, read_request
from masquerade.pipelines.saving import check_out
from masquerade.provenance.label import Label
from masquerade.provenance.saved import SaveReport
from masquerade.provenance.seal import save, seal
from masquerade.telling import Progress
from masquerade.types import RGB, Box, Draft, DraftSegment, Frame, PixelBox

_PICTURE_PX: Final = 300  # longer side of a picture on the sheet
_ACROSS: Final = 7  # pictures in a row
_STRENGTHS: Final = 4  # of an effect, in a row behind the photo
_FEW_ACROSS: Final = 3  # where they are one row: squeezed into a square, a strip misleads gates
_GAP: Final = 12
_CAPTION_PX: Final = 20
_LEAST_PX: Final = 9  # of letters that can be read
_LINE: Final = 34  # height of a caption
_HEAD: Final = 96  # room for the label
_AROUND: Final = 0.18  # of a face's box, shown around it where strengths of an effect are
_PAPER: Final = 250

Kind = Literal["styles", "effects"]


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Where pictures go.

    Attributes:
        size_wh: Of one picture.
        count: Of pictures.
        across: Pictures in a row.
    """

    size_wh: tuple[int, int]
    count: int
    across: int

    @property
    def page(self) -> NDArray[np.uint8]:
        """The empty sheet."""
        width, height = self.size_wh
        rows = -(-self.count // self.across)
        size = _HEAD + rows * (height + _LINE + _GAP), self.across * (width + _GAP) + _GAP, 3
        return np.full(size, _PAPER, np.uint8)

    def place(self, number: int) -> PixelBox:
        """Box of a picture, counted from 0."""
        down, across = divmod(number, self.across)
        width, height = self.size_wh
        x, y = _GAP + across * (width + _GAP), _HEAD + down * (height + _LINE + _GAP)
        return x, y, x + width, y + height


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a sheet is to show.

    Attributes:
        effects: Those whose strengths are shown; every effect once where none is.
        picture_px: Longer side of each picture.
    """

    of: Kind
    effects: tuple[str, ...]
    picture_px: int


@dataclass(frozen=True, slots=True)
class _Choice:
    """One picture of the sheet.

    Attributes:
        name: What is written below it.
        made: Gives it, of the same size, from the photo as it is shown.
    """

    name: str
    made: Callable[[RGB], RGB]


_PHOTO: Final = _Choice("the photo", lambda photo: photo)


def gallery(
    photo: Path,
    out: Path,
    *,
    of: Kind = "styles",
    effects: Sequence[str] = (),
    consents: Sequence[Path] = (),
    purpose: str = "",
    label: Label,
    picture_px: int = _PICTURE_PX,
    encoding: Encoding | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> SaveReport:
    """Write one sealed sheet of a photo in every style, or with every effect.

    Args:
        photo: A still picture; for effects, of one person.
        out: The sheet.
        of: What is shown.
        effects: Those whose strengths are shown, or presets, such as ``smile``, ``smile=0.3`` (up
            to that) or ``lipstick=1:#a02040``; every effect once where none is.
        consents: For effects, the record of the person in the photo.
        purpose: What it is for; may be left out where the record names just one purpose.
        label: The visible label.
        picture_px: Longer side of each picture.
        encoding: How the sheet is encoded.
        overwrite: Replace `out` if it exists.
        progress: Told (stage, done, total or None).

    Raises:
        UsageError: It is no still picture, or `out` exists.
        InputError: It cannot be used; FaceError where effects are asked for and no face is seen.
        RefusedError: Consent or a policy gate says no.
    """
    label.check()
    check_out(out, photo, overwrite=overwrite)
    if probe(photo).kind != "still":
        raise UsageError(f"{photo.name} is no still picture", "a photo", "save one frame of it")
    for name in effects:
        read_wishes([name])
    method, options = _asked_for(of)
    asked = read_request(
        Request(method, photo, consents=tuple(consents), purpose=purpose, options=options)
    )
    ground = _alone(asked.job, progress)
    sealed = seal(
        _draft(_Wanted(of, tuple(effects), picture_px), asked.job, ground, progress),
        consents=asked.records,
        purpose=asked.purpose,
        label_preset=label.preset,
        label_language=label.language,
    )
    return save(sealed, out, encoding=encoding or Encoding(), progress=progress)


def _alone(job: Job, progress: Progress | None) -> Groundwork:
    """What is known of a photo of one person.

    Raises:
        FaceError: Nobody is in it, or several people are: a sheet is of one.
    """
    try:
        return groundwork(job, progress=progress)
    except FaceError as error:
        if "--person" not in error.todo:
            raise
        raise FaceError(error.found, "one person", "cut the photo to the one person") from error


def _asked_for(of: Kind) -> tuple[str, Options]:
    """The method that makes a gallery, and options that stand for all of its pictures."""
    if of == "styles":
        return "style", style.Options(style=(PRESETS[0],))
    return "edit", edit.Options(effect=(next(iter(effect_names())),))


def _draft(wanted: _Wanted, job: Job, ground: Groundwork, progress: Progress | None) -> Draft:
    said = json.dumps(
        {"gallery": wanted.of, "of": wanted.effects, "px": wanted.picture_px}, separators=(",", ":")
    )
    recipe = replace(recipe_of(job, ground), options_json=said)
    onlookers: list[Callable[[Frame], None]] = []
    avoid: dict[int, tuple[Box, ...]] = {}
    cells: list[PixelBox] = []

    def pictures() -> Iterator[Frame]:
        shown = read_image(job.target)
        for onlooker in onlookers:
            onlooker(shown)
        if wanted.of == "styles":
            small, choices = _small(shown.pixels, wanted.picture_px), [_PHOTO, *_styles()]
        else:
            small, choices = _effects(shown, wanted, ground.found.reader)
        page = _laid_out(small, choices, _across(wanted, len(choices)), cells, progress)
        avoid[0] = ((0.0, float(_HEAD), float(page.shape[1]), float(page.shape[0])),)
        yield Frame(page)

    return Draft(
        recipe=recipe,
        uses=tuple(uses_of(job, ground, recipe)),
        target=job.target,
        kind="still",
        segments=iter([DraftSegment(0, f"{said} {recipe.inputs[0].sha256}", 0, 0, pictures())]),
        avoid=avoid,
        onlookers=onlookers,
        cells=cells,
    )


def _small(photo: RGB, longer_px: int = _PICTURE_PX) -> RGB:
    """The photo at the size at which it is shown.

    Raises:
        LimitError: It is too narrow to be shown.
    """
    height, width = photo.shape[:2]
    scale = min(1.0, longer_px / max(height, width))
    size = round(width * scale), round(height * scale)
    if min(size) < LEAST_SIDE:
        raise LimitError(
            f"a picture of {width} x {height} pixels",
            f"at least {LEAST_SIDE} pixels each way where the longer side has {longer_px}",
            "cut it to the part that matters",
        )
    return np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA), np.uint8)


def _styles() -> list[_Choice]:
    weights = preset_styles()

    def choice(number: int, name: str) -> _Choice:
        return _Choice(
            name, lambda photo: StyleNetwork(weights.layers, weights.preset(number))(photo)
        )

    return [choice(number, name) for number, name in enumerate(PRESETS)]


def _across(wanted: _Wanted, count: int) -> int:
    """How many of so many pictures stand in a row."""
    if not wanted.effects:
        return _ACROSS
    return 1 + _STRENGTHS if count > 1 + _STRENGTHS else _FEW_ACROSS


def _effects(photo: Frame, wanted: _Wanted, reader: FaceReader) -> tuple[RGB, list[_Choice]]:
    """The largest face, and effects on it: every one at its strongest, or rows of strengths.

    Raises:
        FaceError: No face is seen.
    """
    faces = find_faces(photo.pixels, reader)
    people = person_matte(photo.pixels, PersonMask.open())
    shown = wanted.effects or tuple(effect_names())
    room = room_of(read_wishes(shown))
    whole = Portrait.of(photo, faces[0], room=room, people=people) if faces else None
    if whole is None or whole.people is None:
        raise FaceError("no face is seen in the photo", "one that fills a good part of it")
    near = _near(whole) if wanted.effects and room == ROOM else (0, 0, *whole.pixels.shape[1::-1])
    portrait, (x0, y0, x1, y1) = _shrunk(whole, near, wanted.picture_px)

    def choice(name: str, amount: float, word: str) -> _Choice:
        said = f"{name}={amount:g}" + (f":{word}" if word else "")
        shown_as = said if wanted.effects else said.partition(":")[0]
        return _Choice(shown_as, lambda _photo: _changed(portrait, said).pixels[y0:y1, x0:x1])

    if wanted.effects:
        rows = [(said.partition("=")[0], row) for said in shown for row in _strengths(said)]
        choices = [
            one
            for name, row in rows
            for one in (_PHOTO, *(choice(name, *strength) for strength in row))
        ]
    else:
        choices = [_PHOTO, *(choice(name, *one) for name in shown for one in _strongest(name))]
    return np.ascontiguousarray(portrait.pixels[y0:y1, x0:x1]), choices


def _changed(portrait: Portrait, said: str) -> Portrait:
    """A portrait with an effect laid on, or with all those of a preset."""
    return laid_on(portrait, read_wishes([said]))


def _near(whole: Portrait) -> PixelBox:
    """The face and a little around it."""
    low, high = whole.points[:468].min(axis=0), whole.points[:468].max(axis=0)
    around = _AROUND * (high - low)
    x0, y0 = np.maximum(low - around, 0).astype(int).tolist()
    x1, y1 = np.minimum(high + around, whole.pixels.shape[1::-1]).astype(int).tolist()
    return x0, y0, x1, y1


def _shrunk(whole: Portrait, view: PixelBox, longer_px: int) -> tuple[Portrait, PixelBox]:
    """A portrait at the size at which a part of it is shown, and that part."""
    x0, y0, x1, y1 = view
    small = _small(np.ascontiguousarray(whole.pixels[y0:y1, x0:x1]), longer_px)
    scale = small.shape[1] / (x1 - x0)
    height, width = (max(round(side * scale), 2) for side in whole.pixels.shape[:2])
    assert whole.people is not None
    pixels = cv2.resize(whole.pixels, (width, height), interpolation=cv2.INTER_AREA)
    portrait = Portrait(
        np.asarray(pixels, np.uint8),
        (whole.points * scale).astype(np.float32),
        (whole.depth * scale).astype(np.float32),
        (0, 0, width, height),
        np.asarray(cv2.resize(whole.people, (width, height)), np.float32),
    )
    left, top = round(x0 * scale), round(y0 * scale)
    return portrait, (
        left,
        top,
        min(left + small.shape[1], width),
        min(top + small.shape[0], height),
    )


def _strongest(name: str) -> Iterator[tuple[float, str]]:
    """The strongest amount, and the other way if there is one."""
    one = effect(name)
    for amount in sorted(set(one.RANGE) - {0.0}, reverse=True):
        yield amount, (one.WORDS or ("",))[0]


def _strengths(said: str) -> Iterator[list[tuple[float, str]]]:
    """For each word that is no colour at will, amounts over the whole range.

    Where an amount is said, a row leads up to it; where a word is said, it is shown alone.
    """
    name, _, rest = said.partition("=")
    number, _, chosen = rest.partition(":")
    low, high = (0.0, 1.0) if name in MIXES else effect(name).RANGE
    words = () if name in MIXES else effect(name).WORDS
    if number:
        low, high = 0.0, float(number)
    steps = (low, low / 2, high / 2, high) if low else (high / 4, high / 2, high * 3 / 4, high)
    known = [word for word in words if word != ANY_COLOUR] or [""]
    for word in [chosen] if chosen else known:
        yield [(amount, word) for amount in steps]


def _laid_out(
    photo: RGB,
    choices: Sequence[_Choice],
    across: int,
    cells: list[PixelBox],
    progress: Progress | None,
) -> RGB:
    """(H, W, 3) uint8: every choice with its name below."""
    sheet = _Sheet((photo.shape[1], photo.shape[0]), len(choices), across)
    page = sheet.page
    for number, one in enumerate(choices):
        x0, y0, x1, y1 = sheet.place(number)
        page[y0:y1, x0:x1] = one.made(photo)
        cells.append((x0, y0, x1, y1))
        middle = ((x0 + x1) / 2, y1 + _LINE / 2)
        draw_words(page, one.name, middle, size_px=_letters_px(one.name, x1 - x0), anchor="middle")
        if progress:
            progress("drawing", number, len(choices))
    return page


def _letters_px(name: str, wide_px: int) -> int:
    """Height of letters in which a name fits below a picture."""
    room = (wide_px + _GAP / 2) / max(width_px(name, _CAPTION_PX), 1.0)
    return max(min(_CAPTION_PX, int(_CAPTION_PX * room)), _LEAST_PX)
