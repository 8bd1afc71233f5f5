"""Where hair is: what hangs together with the crown of the head, and looks like it.

Rother, Kolmogorov and Blake, "GrabCut: interactive foreground extraction using iterated graph
cuts" (2004): the crown is surely hair, the middle of the face and what is no person surely not;
colours of both and edges in the picture decide about the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.effects.portrait import Portrait
from masquerade.effects.skin_tone import BARE, SkinTone, smooth, texture
from masquerade.effects.tint import lab_of
from masquerade.faces.mesh import OVAL
from masquerade.types import RGB, Mask

ROOM: Final = 1.1
"""What has to be cut out around a face to find its hair, in its box's sizes."""
_WORK_PX: Final = 224  # the longer side at which hair is looked for
_PEOPLE: Final = (0.3, 0.8)  # of a person: below it is none, above it surely one
_SKULL: Final = 1.14  # times the face's outline: beyond it, above the brows, there is hair
_HAIRLINE: Final = 1.4  # times the outline, to which a high forehead may reach
_RECESS: Final = 1.25  # times the outline, to which bare temples may reach
_SURE: Final = 0.6  # of the spreads from the crown's colour, within which they are of the skin's
_STRAND: Final = 5  # pixels by which hair on a forehead hangs together with the rest
_FACE: Final = 0.78  # times the outline: within it, below the brows, there is none
_SPREAD: Final = (6.0, 3.0, 3.5)  # of a group's colours in CIE Lab, at least
_COVERS: Final = (0.4, 1.6)  # spreads from the skin's colour: sparse hair, and hair that covers it
_SKIN_APART: Final = 0.9  # spreads from the skin's colour that the crown has to lie
_SIDES_APART: Final = 0.6  # the same beside the face, and
_EARS_APART: Final = 1.6  # where ears may be:
_UNLIKE: Final = 3.0  # spreads from the crown's colour, from which they are ears and no hair
_LIKE_SKIN: Final = 2.0  # spreads from the skin's colour within which ears are
_EARS: Final = 1.4  # within so many times the outline, below the brows
_FOLDS: Final = 9  # pixels: folds of an ear in deep shade
_LEAST: Final = 20  # pixels of a crown
_ROUNDS: Final = 3
_DEEP: Final = 1.1  # units below the chin to which hair may fall
_SHORT: Final = 0.25  # the same where clothes look like the hair
_ALIKE: Final = 1.6  # spreads of the hair's colour within which they do
_LEVEL: Final = -0.35  # the same, from which shoulders may be, and
_CHEEKS: Final = (-0.9, -0.5)  # between which a head is as wide as its hair falls, give or take
_FALLS: Final = 0.08  # units by which hair spreads as it falls
_STRANDS: Final = 0.8  # of the crown's change from strand to strand, below which it is no hair
_COLLAR: Final = 0.75  # units below the chin, from which clothes are worn in the middle

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _View:
    """The portrait at the size at which hair is looked for.

    Attributes:
        pixels: (h, w, 3) uint8.
        people: (h, w) in [0, 1].
        points: (478, 2) the mesh.
    """

    pixels: RGB
    people: Mask
    points: Floats

    @property
    def size(self) -> tuple[int, int]:
        return self.pixels.shape[1], self.pixels.shape[0]

    @property
    def unit(self) -> float:
        """Distance of the eyes' outer corners in its pixels."""
        return float(np.linalg.norm(self.points[263] - self.points[33]))

    def within(self, times: float) -> NDArray[np.bool_]:
        """(h, w) what lies within the face's outline, made larger or smaller."""
        ring = self.points[list(OVAL)]
        ring = ring.mean(axis=0) + (ring - ring.mean(axis=0)) * times
        drawn = np.zeros(self.size[::-1], np.uint8)
        cv2.fillPoly(drawn, [np.rint(ring).astype(np.int32)], 1)
        return np.asarray(drawn > 0)

    def inside(self, rings: Sequence[Sequence[int]]) -> NDArray[np.bool_]:
        """(h, w) what lies within rings of mesh points."""
        drawn = np.zeros(self.size[::-1], np.uint8)
        for ring in rings:
            cv2.fillPoly(drawn, [np.rint(self.points[list(ring)]).astype(np.int32)], 1)
        return np.asarray(drawn > 0)

    def beyond(self, middle: Floats) -> tuple[Floats, Floats]:
        """(h, w) each, in units: how far to the face's left of a place, and how far below it."""
        down = self.points[152] - self.points[10]
        down = down / np.linalg.norm(down)
        unit = self.unit
        rows, columns = np.indices(self.size[::-1], np.float32)
        x, y = (columns - middle[0]) / unit, (rows - middle[1]) / unit
        return x * down[1] - y * down[0], x * down[0] + y * down[1]


def hair_of(portrait: Portrait) -> Mask:
    """(h, w) in [0, 1]: how much of each pixel is hair of the head; all 0 where none is seen.

    What the portrait knows of it already is taken as it is.

    Args:
        portrait: The face, with room around it and with what is a person.
    """
    people = portrait.people
    if portrait.hair is not None:
        return portrait.hair
    if people is None:
        raise ValueError("hair is looked for in portraits that know what is a person")
    height, width = portrait.pixels.shape[:2]
    scale = min(1.0, _WORK_PX / max(height, width))
    size = max(round(width * scale), 2), max(round(height * scale), 2)
    small = np.asarray(cv2.resize(portrait.pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    person = np.asarray(cv2.resize(people, size, interpolation=cv2.INTER_AREA), np.float32)
    view = _View(small, person, portrait.points * np.float32(scale))
    crown = _crown(view)
    if crown is None:
        return np.zeros((height, width), np.float32)
    known = _known(view, crown)
    back, front = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(1)
    cv2.grabCut(small, known, (0, 0, 1, 1), back, front, _ROUNDS, cv2.GC_INIT_WITH_MASK)
    cut = np.isin(known, (cv2.GC_FGD, cv2.GC_PR_FGD)) & ~_shaded_ears(view, crown)
    found = _hanging(cut, view).astype(np.float32)
    whole = _whole(found, crown) * np.clip(person * 1.5, 0, 1) * _covering(view)
    return _fitted(np.asarray(whole, np.float32), portrait.pixels)


def _crown(view: _View) -> NDArray[np.bool_] | None:
    """(h, w) what is surely hair: above the brows, beyond the face, of another colour than skin.

    None where there is hardly any.
    """
    from_skin, under_brows = _from_skin(view), _under_brows(view)
    above = (under_brows < 0) & ~view.within(_SKULL) & (view.people > _PEOPLE[1])
    crown = above & (from_skin > _SKIN_APART)
    crown = _hanging(crown, view)
    return crown if crown.sum() >= _LEAST else None


def _hanging(found: NDArray[np.bool_], view: _View) -> NDArray[np.bool_]:
    """The largest piece, and what goes beyond a forehead: what lies on it alone is bare skin."""
    across = np.abs(view.beyond(view.points[10])[0])
    high = view.within(_HAIRLINE) & (across < 0.6)
    brow = (view.within(1.05) | high) & (_under_brows(view) <= 0.1)
    thick = cv2.erode(found.astype(np.uint8), np.ones((_STRAND, _STRAND), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(thick)
    largest = 1 + stats[1:, cv2.CC_STAT_AREA].argmax() if len(stats) > 1 else 0
    outside = np.append(labels[~brow], largest)
    reaching = np.isin(labels, np.setdiff1d(outside, [0])).astype(np.uint8)
    near = cv2.dilate(reaching, np.ones((_STRAND + 2, _STRAND + 2), np.uint8)) > 0
    return np.asarray(found & (~brow | near))


def _known(view: _View, crown: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """(h, w) what is known before the cut: surely or probably hair, or not."""
    under_brows, from_skin, lab = _under_brows(view), _from_skin(view), lab_of(view.pixels)
    across, under_chin = view.beyond(view.points[152])
    worn = (under_chin > _COLLAR) & (np.abs(across) < 0.8)
    clothes = lab[worn & (view.people > _PEOPLE[1])]
    alike = len(clothes) > 0 and float(np.median(_apart(clothes[None], lab[crown]))) < _ALIKE
    high = view.within(_HAIRLINE) & (np.abs(across) < 0.6)
    recess = view.within(_RECESS) & (under_brows < -0.2)
    brow = (view.within(1.05) | high | recess) & (under_brows <= 0.1)  # bare, or hair falls over it
    sure = np.where(high | view.within(1.05), 1.0, _SURE)
    bare = brow & (from_skin < sure * _apart(lab, lab[crown]))
    known = np.full(view.size[::-1], cv2.GC_PR_BGD, np.uint8)
    known[~view.within(1.0) & (view.people > 0.5) & (under_chin < 0.1)] = cv2.GC_PR_FGD
    known[brow & ~bare] = cv2.GC_PR_FGD
    deep = under_chin > (_SHORT if alike else _DEEP)
    if len(clothes):
        nearer = _apart(lab, clothes[None]) < _apart(lab, lab[crown])
        known[(under_chin > _LEVEL) & (np.abs(across) > 0.5) & nearer] = cv2.GC_BGD
    known[_shoulders(view, crown) | _middle(view) | bare | worn | deep] = cv2.GC_BGD
    known[view.people < _PEOPLE[0]] = cv2.GC_BGD
    known[(under_chin > -0.1) & (np.abs(across) < 0.45)] = cv2.GC_BGD
    beside = ~view.within(_SKULL) & (view.people > _PEOPLE[1]) & (under_chin < -0.2)
    ears = view.within(_EARS) & (under_brows > 0)
    beside &= from_skin > np.where(ears, _EARS_APART, _SIDES_APART)
    known[(crown | beside) & ~bare & (known != cv2.GC_BGD)] = cv2.GC_FGD
    skin = from_skin < _LIKE_SKIN
    known[ears & ~crown & skin & (_apart(lab, lab[crown]) > _UNLIKE)] = cv2.GC_BGD
    return known


def _shaded_ears(view: _View, crown: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(h, w) where ears may be, what is skin by its hue and richness, however dark it is.

    It is taken away after the cut: told beforehand, it would change what is cut elsewhere.
    """
    hues = lab_of(view.pixels)[..., 1:]
    skin = hues[view.inside(BARE)]
    if not len(skin):
        return np.zeros(crown.shape, np.bool_)
    alike, unlike = _apart(hues, skin[None]), _apart(hues, hues[crown][None])
    beside = view.within(_EARS) & (_under_brows(view) > 0)
    beside &= view.beyond(view.points[152])[1] < _LEVEL
    found = (beside & ~crown & (alike < _LIKE_SKIN) & (unlike > _UNLIKE)).astype(np.uint8)
    piece = cv2.morphologyEx(found, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    folds = cv2.morphologyEx(piece, cv2.MORPH_CLOSE, np.ones((_FOLDS, _FOLDS), np.uint8))
    return np.asarray(cv2.dilate(folds, np.ones((3, 3), np.uint8)) > 0)


def _shoulders(view: _View, crown: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(h, w) what lies further out than the head is wide, below it, and shows no strands."""
    across, under_chin = view.beyond(view.points[152])
    strands = _texture(view)
    person = view.people > _PEOPLE[1]
    head = person & (under_chin > _CHEEKS[0]) & (under_chin < _CHEEKS[1])
    found = np.zeros(crown.shape, np.bool_)
    for side in (-across, across):
        beside = side[head & (side > 0)]
        if len(beside):
            wide = float(np.percentile(beside, 98)) + _FALLS
            found |= (side > wide) & (under_chin > _LEVEL)
    return np.asarray(found & (strands < _STRANDS * float(np.median(strands[crown]))))


def _under_brows(view: _View) -> Floats:
    """(h, w) units below the brows."""
    return view.beyond(view.points[[105, 334]].mean(axis=0))[1]


def _middle(view: _View) -> NDArray[np.bool_]:
    """(h, w) the middle of the face, below the brows."""
    return np.asarray(view.within(_FACE) & (_under_brows(view) > 0.1))


def _from_skin(view: _View) -> Floats:
    """(h, w) how many spreads each pixel lies from the skin's colour; 0 where no skin is seen."""
    lab = lab_of(view.pixels)
    tone = SkinTone.of(lab, view.inside(BARE))
    if tone is None:
        return np.zeros(lab.shape[:2], np.float32)
    middle = np.abs(view.beyond(view.points[10])[0]) < 0.6
    still = smooth(lab[..., 0], view.unit)
    shines = np.asarray((view.within(_RECESS) & middle) * still, np.float32)
    return tone.apart(lab, shines=shines)


def _texture(view: _View) -> Floats:
    """(h, w) how much lightness changes from strand to strand."""
    return texture(lab_of(view.pixels)[..., 0], view.unit)


def _apart(lab: Floats, colours: Floats) -> Floats:
    """(h, w) how many spreads each pixel lies from the middle of some colours, in CIE Lab.

    Colours and pixels may have all three channels, or a and b alone.
    """
    colours = colours.reshape(-1, lab.shape[-1])
    spread = np.maximum(colours.std(axis=0), _SPREAD[-colours.shape[1] :])
    return np.asarray(np.sqrt((((lab - np.median(colours, axis=0)) / spread) ** 2).mean(axis=2)))


def _covering(view: _View) -> Floats:
    """(h, w) in [0, 1]: how much of the skin below hair would cover; little, where it is sparse."""
    low, high = _COVERS
    seen = cv2.GaussianBlur(np.clip((_from_skin(view) - low) / (high - low), 0, 1), (0, 0), 1.5)
    return np.asarray(seen, np.float32)


def _whole(found: Floats, crown: NDArray[np.bool_]) -> Floats:
    """What hangs together with the crown, without holes."""
    closed = cv2.morphologyEx(found, cv2.MORPH_CLOSE, np.ones((3, 3)))
    _, labels = cv2.connectedComponents((closed > 0).astype(np.uint8))
    return np.asarray(np.isin(labels, np.setdiff1d(labels[crown], [0])), np.float32)


def _fitted(found: Floats, pixels: RGB) -> Mask:
    """(h, w) the finding at full size, its edge drawn to that of the picture (guided filter)."""
    height, width = pixels.shape[:2]
    size = found.shape[1], found.shape[0]
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    guide = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    reach = (7, 7)
    mean_g, mean_m = cv2.blur(guide, reach), cv2.blur(found, reach)
    slope = (cv2.blur(guide * found, reach) - mean_g * mean_m) / (
        cv2.blur(guide * guide, reach) - mean_g**2 + 2e-3
    )
    shift = mean_m - slope * mean_g
    slope, shift = cv2.blur(slope, reach), cv2.blur(shift, reach)
    full = (width, height)
    mask = cv2.resize(slope, full) * grey + cv2.resize(shift, full)
    return np.asarray(np.clip((mask - 0.12) / 0.7, 0, 1), np.float32)
