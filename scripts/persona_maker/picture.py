"""A persona's picture from its recipe: donors laid, blended, and set before a backdrop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces import mesh
from masquerade.types import RGB
from scripts.persona_maker.blend import Composite, Shares, blend
from scripts.persona_maker.donors import SIZE_WH, Donor, lay, on_canvas
from scripts.persona_maker.matte import Picture, blurred
from scripts.persona_maker.recipes import PersonaRecipe
from scripts.persona_maker.shape import UPPER_LIP, Population, Shape, group_shape

GRAIN = 0.006
SHARPEN = 0.35


@dataclass(frozen=True, slots=True)
class Made:
    """A persona's picture and what is known of it.

    Attributes:
        pixels: (640, 512, 3) uint8 RGB.
        shape: (478, 2) its mesh.
        fine_shares: (n,) part of the face's fine detail from each donor of the recipe.
    """

    pixels: RGB
    shape: Shape
    fine_shares: NDArray[np.float64]


def make(recipe: PersonaRecipe, donors: Mapping[str, Donor], population: Population) -> Made:
    """The picture of a persona.

    Args:
        recipe: What it is made of.
        donors: The recipe's donors by name.
        population: How faces differ.
    """
    used = [donors[name] for name in recipe.donors]
    shape = group_shape(
        [donors[name].landmarks for name in recipe.faces],
        population,
        exaggeration=recipe.exaggeration,
        coefficients=recipe.shape,
    )
    outline = np.mean([donors[name].outline for name in recipe.frame], axis=0)
    layers = [lay(donor, population.mean, shape, outline, recipe.reach) for donor in used]
    composite = blend(layers, _shares(recipe), shape, outline)
    finished = _finished(composite, recipe, shape)
    return Made(finished, shape, composite.fine_shares)


def _shares(recipe: PersonaRecipe) -> Shares:
    place = {name: k for k, name in enumerate(recipe.donors)}
    mean, frame, body = (np.zeros(len(place)) for _ in range(3))
    mean[[place[name] for name in recipe.faces]] = 1
    for rank, name in enumerate(recipe.frame):
        frame[place[name]] = 1 - 0.01 * rank
    body[place[recipe.body]] = 1
    detail = {part: place[name] for part, name in recipe.detail.items()}
    return Shares(mean, detail, frame, body, recipe.reach)


def _finished(composite: Composite, recipe: PersonaRecipe, shape: Shape) -> RGB:
    colour = _lips_closed(_mended(composite.colour, recipe), shape)
    colour = _tinted(colour, recipe, shape)
    backdrop = _backdrop(recipe.backdrop)
    alpha = composite.alpha[..., None]
    picture = colour * alpha + backdrop * (1 - alpha)
    picture = picture + SHARPEN * (picture - blurred(picture, 1.2))
    picture = picture + GRAIN * _grain()[..., None]
    return np.asarray(np.clip(picture, 0, 1) * 255 + 0.5, np.uint8)


def _lips_closed(colour: Picture, shape: Shape) -> Picture:
    """The seam of the lips in the lips' own colour, darker: what is left of teeth goes."""
    places = on_canvas(shape)
    lips = np.zeros(colour.shape[:2], np.uint8)
    cv2.fillPoly(lips, [places[list(mesh.LIPS)].astype(np.int32)], 1)
    tone = np.median(colour[lips > 0], axis=0)
    across = [78, *UPPER_LIP[4:0:-1], 13, *UPPER_LIP[5:], 308]
    seam = (places[across] * 16).astype(np.int32)
    wide, narrow = (_line(seam, width) for width in (7, 2))
    wide, narrow = blurred(wide, 1.6), blurred(narrow, 1.0)
    brighter = np.clip((colour.max(axis=2) - tone.max()) * 12 + 0.2, 0, 1)
    redness = colour[..., 0] - colour[..., 1:].mean(axis=2)
    paler = np.clip((tone[0] - tone[1:].mean() - redness) * 9, 0, 1)
    teeth = blurred((wide * np.maximum(brighter, paler)).astype(np.float32), 0.8)
    colour = colour + (0.8 * tone - colour) * np.clip(teeth, 0, 1)[..., None]
    return np.asarray(colour * (1 - 0.5 * np.clip(narrow, 0, 1)[..., None]), np.float32)


def _line(points: NDArray[np.int32], width: int) -> Picture:
    """(640, 512) 1 on a line through points in sixteenths of a pixel."""
    drawn = np.zeros(SIZE_WH[::-1], np.float32)
    cv2.polylines(drawn, [points], False, 1.0, width, cv2.LINE_AA, 4)
    return drawn


def _mended(colour: Picture, recipe: PersonaRecipe) -> Picture:
    """Badges and the like painted over from around."""
    if not recipe.mended:
        return colour
    holes = np.zeros(colour.shape[:2], np.uint8)
    for x, y, radius in recipe.mended:
        cv2.circle(holes, (x, y), radius, 255, -1)
    as_bytes = (np.clip(colour, 0, 1) * 255).astype(np.uint8)
    filled = cv2.inpaint(as_bytes, holes, 5, cv2.INPAINT_TELEA).astype(np.float32) / 255
    soft = blurred(holes.astype(np.float32) / 255, 1.5)[..., None]
    return np.asarray(colour + (filled - colour) * soft, np.float32)


def _tinted(colour: Picture, recipe: PersonaRecipe, shape: Shape) -> Picture:
    """Skin and clothes with the recipe's change of colour."""
    lab = cv2.cvtColor(colour.astype(np.float32), cv2.COLOR_RGB2LAB)
    places = on_canvas(shape).astype(np.float32)
    face = np.zeros(colour.shape[:2], np.float32)
    cv2.fillConvexPoly(face, cv2.convexHull(places).astype(np.int32), 1)
    tone = np.median(lab[cv2.erode(face, np.ones((41, 41), np.uint8)) > 0], axis=0)
    unlike = np.linalg.norm((lab - tone) / np.array([40, 14, 16]), axis=2)
    skin = blurred(np.exp(-(unlike**2) / 2).astype(np.float32), 1.5)
    below = np.arange(colour.shape[0])[:, None] - (places[152, 1] + 20)
    clothes = np.clip(below / 30, 0, 1) * np.clip(1 - 1.5 * skin, 0, 1)
    lab = lab + skin[..., None] * np.array(recipe.skin, np.float32)
    lab = lab + clothes[..., None] * np.array(recipe.garment, np.float32)
    return np.asarray(cv2.cvtColor(lab.astype(np.float32), cv2.COLOR_LAB2RGB))


def _backdrop(colour: tuple[float, float, float]) -> Picture:
    """(640, 512, 3) paper of one colour, lit from the front, darker towards the corners."""
    width, height = SIZE_WH
    y, x = np.mgrid[0:height, 0:width]
    fall = ((x - width / 2) / width) ** 2 + ((y - 0.42 * height) / height) ** 2
    light = 1.06 - 0.5 * fall
    return np.asarray(np.array(colour) * light[..., None], np.float32)


def _grain() -> Picture:
    """(640, 512) film grain, standard deviation 1."""
    noise = np.random.default_rng(0).normal(size=SIZE_WH[::-1]).astype(np.float32)
    soft = blurred(noise, 0.6)
    return np.asarray(soft / soft.std(), np.float32)
