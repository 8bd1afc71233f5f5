"""What light a picture was taken in, and what a person's colours become in another one's.

A light's colour is told by the place (Finlayson and Trezzi, "Shades of gray and colour constancy",
2004), by its brightest surfaces, which are mostly walls, paper and concrete, whatever grows or lies
around them (the idea behind white patches: Land and McCann, "Lightness and retinex theory", 1971),
and by faces' skin, whose colour differs less between people than lights do; clothes tell
nothing, as everybody wears others. Each is trusted by how much it varies where the light does not
(a mean of logarithms, weighted by precision), and so is the guess that both lights are alike:
little is changed where little is known. A place that differs far more than its whites is of another
ground, and skin that differs far more than the place is another person's: both count for less. Each
channel has a factor of its own (von Kries), in linear light; black is as high as the haze of the
place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.types import RGB, Mask

Levels: TypeAlias = NDArray[np.float64]
Curves: TypeAlias = NDArray[np.uint8]
"""(1, 256, 3) what each level of red, green and blue becomes."""

_LUMA: Final = np.array([0.2126, 0.7152, 0.0722])
_ORDER: Final = 6  # of the Minkowski mean, which Finlayson and Trezzi found best
_STEP: Final = 4  # every so many pixels of a picture are looked at
_GLARE: Final = 90  # percentile of brightness, above which skies and lamps have lost their colour
_WHITES: Final = 90  # percentile of brightness of what is not clipped, above which whites are
_CLIPPED: Final = 250  # levels, from which a channel says nothing
_ENDS: Final = (0.5, 99.5)  # percentiles of a picture that are its black and its white
_TRUNK: Final = (25.0, 85.0)  # percentiles of a face's brightness between which skin is plain
_FEWEST: Final = 64  # pixels that tell something
_FLOOR: Final = 1e-3
_WHITE: Final = 0.9  # linear, from which a picture's white may have been brighter than it shows

# Spread of logarithms: by how much each differs between pictures although the light is the same.
_HUE_SKIN: Final = 0.12
_TREMBLE: Final = 0.005  # linear, by which skin of one person differs from frame to frame besides
_HUE_PLACE: Final = 0.2  # 5 degrees in each picture, which is what the paper's tests came to
_HUE_WHITE: Final = 0.1
_NEUTRAL: Final = 0.15  # what whites differ from grey by in pictures whose cameras balanced them
_LEVEL_SKIN: Final = 0.5
_LEVEL_PLACE: Final = 0.7
_LEVEL_WHITE: Final = 0.5
# And by how much lights differ.
_HUE_LIGHT: Final = 0.35
_LEVEL_LIGHT: Final = 0.5

_MOST_HUE: Final = 0.4  # of the logarithm of a channel's factor beside the others'
_MOST_LEVEL: Final = 0.6  # of the logarithm of brightness
_BRIGHT: Final = 0.5  # linear, from which a level takes on less of a cast
_WHITE_TAKES: Final = 0.3  # of it, that white does
_SHOULDER: Final = 3.0  # power by which brightness is held back near white, so as not to clip it
_MOST_HAZE: Final = 0.01  # linear, by which black is lifted or lowered


@dataclass(frozen=True, slots=True, eq=False)
class Light:
    """What was measured of the light in pictures of one place; linear, in [0, 1].

    Attributes:
        place: (3,) colour of the light, as what stands around says.
        level: Brightness of what stands around.
        black: Brightness of the darkest.
        white: Brightness of the brightest.
        skin: (3,) of a face's skin; None where no face was seen well.
        bright: What the brightest surfaces say; None where nothing is bright and not clipped.
    """

    place: Levels
    level: float
    black: float
    white: float
    skin: Levels | None = None
    bright: Whites | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Whites:
    """The colour of the brightest surfaces.

    Attributes:
        chroma: (3,) logarithms of the channels beside green.
        uneven: (3,) by how much these differ from surface to surface.
    """

    chroma: Levels
    uneven: Levels


def light_of(
    pictures: Sequence[tuple[RGB, NDArray[np.bool_]]], skins: Sequence[Levels]
) -> Light | None:
    """The light in pictures of one place; None where hardly anything of it is seen.

    Args:
        pictures: (H, W, 3) uint8 RGB each, and (H, W) where nobody is.
        skins: From `skin_of`, of one person.
    """
    if not pictures:
        return None
    small = [
        (one[::_STEP, ::_STEP].reshape(-1, 3), free[::_STEP, ::_STEP].ravel())
        for one, free in pictures
    ]
    all_of = np.concatenate([one for one, _ in small])
    around = np.concatenate([one[free] for one, free in small])
    if len(around) < _FEWEST:
        return None
    bright = np.maximum(_linear(around) @ _LUMA, _FLOOR)
    usual = bright <= np.percentile(bright, _GLARE)
    whole = around[usual & (around.max(axis=1) < _CLIPPED)]
    if len(whole) < _FEWEST:
        return None
    black, white = np.percentile(_linear(all_of) @ _LUMA, _ENDS)
    return Light(
        np.maximum((_linear(whole) ** _ORDER).mean(axis=0) ** (1 / _ORDER), _FLOOR),
        float(np.exp(np.log(bright).mean())),
        float(black),
        float(max(white, _FLOOR)),
        np.median(skins, axis=0) if len(skins) else None,
        _whites_of(around),
    )


def _whites_of(around: NDArray[np.uint8]) -> Whites | None:
    """What the brightest of the pixels say that are not clipped; None where they are too few."""
    linear = np.maximum(_linear(around[around.max(axis=1) < _CLIPPED]), _FLOOR)
    bright = linear @ _LUMA
    if not len(bright):
        return None
    whites = linear[bright >= np.percentile(bright, _WHITES)]
    if len(whites) < _FEWEST:
        return None
    seen = np.log(whites / whites[:, 1:2])
    chroma = np.median(seen, axis=0)
    return Whites(chroma, np.median(np.abs(seen - chroma), axis=0))


def skin_of(picture: RGB, skin: Mask) -> Levels | None:
    """(3,) the linear colour of plain skin, without its gloss and shadows; None where it is little.

    Args:
        picture: (h, w, 3) uint8 RGB.
        skin: (h, w) where a face shows skin.
    """
    there = picture[skin > 0.5]
    there = there[there.max(axis=1) < _CLIPPED]
    if len(there) < _FEWEST:
        return None
    linear = _linear(there)
    bright = linear @ _LUMA
    low, high = np.percentile(bright, _TRUNK)
    plain = linear[(bright >= low) & (bright <= high)]
    return np.asarray(np.maximum(np.median(plain, axis=0), _FLOOR))


def curves(source: Light, target: Light) -> Curves:
    """What a person's colours become in the light of another place.

    Args:
        source: Of the pictures they are drawn from.
        target: Of the place they are put into.
    """
    hue = np.clip(_hue(source, target), -_MOST_HUE, _MOST_HUE)
    level = float(np.exp(np.clip(_level(source, target), -_MOST_LEVEL, _MOST_LEVEL)))
    haze = float(np.clip(target.black - source.black, -_MOST_HAZE, _MOST_HAZE))
    levels = _linear(np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1))
    made = levels * np.exp(hue * _share_of(levels))
    if level > 1:
        made *= level / (1 + (level - 1) * np.clip(made, 0, 1) ** _SHOULDER)
    else:
        made *= level
    made += haze * (1 - levels)  # white stays where it was
    return _levels(np.clip(np.maximum.accumulate(made, axis=0), 0, 1))[None]


def _share_of(levels: Levels) -> Levels:
    """(256, 3) how much of a cast each level takes on: white clothes take on little."""
    near = np.clip((levels - _BRIGHT) / (1 - _BRIGHT), 0, 1)
    return np.asarray(1 - (1 - _WHITE_TAKES) * near**2 * (3 - 2 * near))


def relit(picture: RGB, by: Curves | None) -> RGB:
    """A picture in another light.

    Args:
        picture: (h, w, 3) uint8 RGB.
        by: From `curves`; None changes nothing.
    """
    return picture if by is None else np.asarray(cv2.LUT(picture, by), np.uint8)


def _hue(source: Light, target: Light) -> Levels:
    """(3,) logarithms of the channels' factors, whose brightness is left as it is."""
    place, spread = _chroma(target.place) - _chroma(source.place), np.full(3, _HUE_PLACE)
    said = [(place, spread)]
    if source.bright is not None and target.bright is not None:
        white, sure = _whites(source.bright, target.bright)
        said = [(place, _apart(place, spread, white, sure)), (white, sure)]
        place = _weighed(said, np.inf)
    if source.skin is not None and target.skin is not None:
        skin = _chroma(target.skin) - _chroma(source.skin)
        sure = np.hypot(_HUE_SKIN, _TREMBLE / np.minimum(source.skin, target.skin))
        said.append((skin, _apart(skin, sure, place, spread)))
    found = _weighed(said, _HUE_LIGHT)
    return np.asarray(found - np.log(_LUMA @ np.exp(found)))


def _apart(one: Levels, spread: Levels, other: Levels, sure: Levels) -> Levels:
    """(3,) the spread of what is said, with what it differs by from what is surer: that is its own,
    of grounds or of people, and not of light.
    """
    own = np.maximum((one - other) ** 2 - spread**2 - sure**2, 0)
    return np.asarray(np.sqrt(spread**2 + own))


def _whites(source: Whites, target: Whites) -> tuple[Levels, Levels]:
    """What two places' brightest surfaces say of their lights, and how far that may be off.

    Where they are uneven they are no one thing, as leaves in the sun are; where they are far from
    grey, they may be a sky.
    """
    sure = np.full(3, _HUE_WHITE**2)
    for one in (source, target):
        sure = sure + one.uneven**2 + np.maximum(one.chroma**2 - _NEUTRAL**2, 0)
    return target.chroma - source.chroma, np.sqrt(sure)


def _chroma(colour: Levels) -> Levels:
    """(3,) logarithms of the channels beside green: a cast adds the same to those of any colour."""
    return np.asarray(np.log(colour / colour[1]))


def _level(source: Light, target: Light) -> Levels:
    """() logarithm of the factor of brightness."""
    said = [(np.asarray(target.level / source.level), _LEVEL_PLACE)]
    if min(source.white, target.white) < _WHITE:
        said.append((np.asarray(target.white / source.white), _LEVEL_WHITE))
    if source.skin is not None and target.skin is not None:
        bright = np.asarray((_LUMA @ target.skin) / (_LUMA @ source.skin))
        said.append((bright, _LEVEL_SKIN))
    return _weighed([(np.log(one), np.asarray(spread)) for one, spread in said], _LEVEL_LIGHT)


def _weighed(said: Sequence[tuple[Levels, Levels]], usual: float) -> Levels:
    """What is most likely, where by itself a difference of so much is usual."""
    total = sum(spread**-2 for _, spread in said) + usual**-2
    return np.asarray(np.sum([one * spread**-2 for one, spread in said], axis=0) / total)


def _linear(levels: NDArray[np.uint8]) -> Levels:
    """Light of levels, by the curve of sRGB (IEC 61966-2-1)."""
    share = levels.astype(np.float64) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def _levels(linear: Levels) -> NDArray[np.uint8]:
    share = np.where(
        linear <= 0.0031308, linear * 12.92, 1.055 * np.maximum(linear, 0) ** (1 / 2.4) - 0.055
    )
    return np.asarray(np.rint(share * 255), np.uint8)
