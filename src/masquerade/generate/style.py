"""A picture or video painted in the style of another picture, or in one of 26 known styles.

One network paints in the style of any picture that it is shown, another knows its styles by heart;
slowly, a picture is put together from the strokes of a painting. Pictures of any size are painted
as one, and videos are held still along what moves in them. Nobody is turned into anybody else, so
no consent record is asked for; what is made is marked all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Literal

import cv2
import numpy as np
from pydantic import Field

from masquerade import options as base
from masquerade.bodies.matte import person_matte
from masquerade.errors import UsageError
from masquerade.faces.detect import find_faces
from masquerade.faces.mesh import OVAL
from masquerade.faces.readers import FaceReader
from masquerade.hashing import file_sha256
from masquerade.models.card import card
from masquerade.models.person_mask import CARD as PERSON_MASK
from masquerade.models.person_mask import PersonMask
from masquerade.models.style.reader import CARD as READER
from masquerade.models.style.weights import ANY
from masquerade.models.style.weights import PRESETS as KNOWN
from masquerade.painting.fine import FinePainter
from masquerade.painting.painter import Painter
from masquerade.painting.steady import Steady
from masquerade.painting.wishes import PRESETS, Wish, read_wishes
from masquerade.types import (
    RGB,
    Face,
    Generator,
    Mask,
    Miss,
    Need,
    Patch,
    Resources,
    SourcePicture,
    Window,
)

_HEAD: Final = 1.25  # of the face's outline, what is kept with it
_SOFT: Final = 0.12  # of the face's size, over which keeping it fades


class Options(base.Options):
    """Knobs of painting."""

    style: tuple[str, ...] = ()
    """A picture in whose style to paint, or the name of a preset; several are mixed, each with a
    weight behind a colon, such as ink:0.3."""
    mode: Literal["fast", "fine", "portrait"] = "fast"
    """Painted by a network in a second, put together slowly from the strokes of a painting, or
    likewise with a face's strokes taken from the same part of the painting's face."""
    strength: float = Field(1.0, ge=0.05, le=1)
    """How much of the painting covers the picture."""
    strokes: float = Field(1.0, ge=0.5, le=8)
    """Size of the strokes; twice as large at 2."""
    keep_colour: bool = False
    """Only light and dark are painted, in the picture's own colours."""
    keep_face: float = Field(0.0, ge=0, le=1)
    """How far faces stay as they are."""
    only: Literal["everything", "person", "background"] = "everything"
    """What of the picture is painted."""
    steady: float = Field(0.9, ge=0, le=0.97)
    """How much of a video's painting moves along with what it shows, instead of being painted
    anew; 0 paints each frame by itself."""
    network_threads: int = Field(2, ge=1, le=64)
    """Threads of the processor that the network may use."""

    def as_recorded(self) -> dict[str, object]:
        """Plain values for a recipe; of a picture, its name alone.

        Raises:
            UsageError: No style is named, or one that is not there.
        """
        names = [wish.recorded for wish in read_wishes(self.style)]
        return super().as_recorded() | {"style": names}


needs: frozenset[Need] = frozenset()
radius = 0
resources = Resources(memory_mb=1500, cpus=2.0)
takes = ("target",)
reads = True


def files(options: Options) -> tuple[Path, ...]:
    """The pictures in whose style is painted."""
    wishes = read_wishes(options.style) if options.style else ()
    return tuple(wish.picture for wish in wishes if wish.picture is not None)


def models(options: Options) -> tuple[tuple[str, str], ...]:
    """Names and hashes of the networks and of the styles' pictures, for the recipe.

    Raises:
        UsageError: No style is named, or one that is not there.
    """
    wishes = read_wishes(options.style)
    used = [ANY, READER] if wishes[0].preset is None else [KNOWN]
    if options.mode != "fast":
        used = []
    if options.only != "everything":
        used.append(PERSON_MASK)
    pictures = (wish.picture for wish in wishes if wish.picture is not None)
    return (
        *((name, card(name).sha256) for name in used),
        *((f"style {path.name}", file_sha256(path)) for path in pictures),
    )


def vocabulary() -> dict[str, str]:
    """Every preset; ``masquerade gallery`` shows them."""
    return dict.fromkeys(PRESETS, "")


def prepare(
    cast: Mapping[str, Sequence[SourcePicture]],  # noqa: ARG001 (the seam hands it over)
    options: Options,
    *,
    device: str = "cpu",
    reader: FaceReader | None = None,
) -> Generator:
    """The generator of one job.

    Args:
        cast: Not used: the method works on whole pictures.
        options: Knobs of the method.
        device: Where the painting network runs.
        reader: The loaded face networks, to keep faces with.

    Raises:
        UsageError: No style is named, or one that is not there.
        InputError: The picture of a style cannot be used.
        ModelError: The networks cannot be had, or do not run on the device.
    """
    wishes = read_wishes(options.style)
    if options.keep_face and reader is None:
        raise UsageError("faces are to be kept, and no networks that find them are given")
    painter = _painter(wishes, options, device, reader)
    matte = None if options.only == "everything" else PersonMask.open()

    def generate(windows: Iterator[Window]) -> Iterator[list[Patch | Miss]]:
        steady = Steady(options.steady)
        for window in windows:
            pixels = window.frame.pixels
            painted = steady.held(painter(steady.calmed(pixels)))
            mask = np.ones(pixels.shape[:2], np.float32)
            if matte is not None:
                people = person_matte(pixels, matte)
                mask = people if options.only == "person" else 1 - people
            if options.keep_face and reader is not None:
                for face in find_faces(pixels, reader):
                    mask = mask * (1 - options.keep_face * _outline(face, pixels))
            yield [Patch(painted, mask, (0, 0, pixels.shape[1], pixels.shape[0]))]

    return generate


def _painter(
    wishes: Sequence[Wish], options: Options, device: str, reader: FaceReader | None
) -> Callable[[RGB], RGB]:
    if options.mode == "fast":
        return Painter.of(
            wishes,
            strength=options.strength,
            strokes=options.strokes,
            keep_colour=options.keep_colour,
            device=device,
            threads=options.network_threads,
        )
    if reader is None:
        raise UsageError("patches are to be sought, and no networks that find faces are given")
    return FinePainter.of(
        wishes,
        reader,
        portrait=options.mode == "portrait",
        strength=options.strength,
        strokes=options.strokes,
        keep_colour=options.keep_colour,
    )


def _outline(face: Face, pixels: RGB) -> Mask:
    """(H, W) in [0, 1]: 1 in a face, fading out around it."""
    outline = face.landmarks[list(OVAL), :2]
    centre = outline.mean(axis=0)
    wider = centre + (outline - centre) * _HEAD
    mask = np.zeros(pixels.shape[:2], np.float32)
    cv2.fillPoly(mask, [np.rint(wider).astype(np.int32)], 1.0, cv2.LINE_AA)
    soft = max(_SOFT * face.size_px, 1.0)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), soft), np.float32)
