"""Who stands for whom: a person who does not exist for everybody who is to be hidden.

Every persona is tried on the clearest pictures of a person first: one that leaves too much of them
is not taken. Of the others the one that fits best in skin and build is, with a little chance that
is drawn from the file itself, so that the same file gives the same people again and nobody can
tell from a persona whom it hides.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.compose.blend import ComposeOptions, compose
from masquerade.faces.embed import SAME_PERSON, chip, distance, embed_chips
from masquerade.faces.mesh import OVAL
from masquerade.faces.readers import FaceReader
from masquerade.generate import anonymize
from masquerade.pipelines.anonymize.survey import Seen
from masquerade.pipelines.anonymize.trouble import Portrait
from masquerade.types import RGB, Embedding, Face, Frame, Patch, SourcePicture, Window

SAFE: Final = SAME_PERSON + 0.04
"""Least distance to themselves that a persona must give somebody on every trial picture."""
_WISHED: Final = SAME_PERSON + 0.1  # a clip has worse frames than its clearest ones
_PER_LACK: Final = 200.0  # what 1 of distance less than wished costs
_PER_LIKENESS: Final = 100.0  # what 1 of embedding distance costs, in units of colour difference
_PER_TONE: Final = 0.5  # the lamp and the camera colour skin too
_CHANCE: Final = 3.0  # at most so much of the cost is drawn
_AGAIN: Final = 1000.0  # for each person a persona stands for already
_LEAKS: Final = 10_000.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A persona who may stand for somebody: its name, its pictures and their mean identity."""

    name: str
    pictures: tuple[SourcePicture, ...]
    embedding: Embedding


@dataclass(frozen=True, slots=True)
class StandIn:
    """Who stands for a person.

    Attributes:
        name: Of the persona; empty where every one leaves too much of the person.
        trial: Least distance to themselves that was measured on the trial pictures.
    """

    name: str
    trial: float


def choose(
    people: Mapping[int, Seen],
    candidates: Sequence[Candidate],
    reader: FaceReader,
    *,
    key: bytes,
    options: anonymize.Options,
    blending: ComposeOptions,
) -> dict[int, StandIn]:
    """A persona for each person, different ones while there are enough.

    Args:
        people: By their number in the survey.
        candidates: All personas.
        reader: The loaded face networks.
        key: Decides between personas that fit alike: the same file, the same key.
        options: With which faces are drawn.
        blending: And put in.
    """
    taken: dict[str, int] = {one.name: 0 for one in candidates}
    chosen: dict[int, StandIn] = {}
    for number, seen in sorted(people.items(), key=lambda item: (-item[1].frames, item[0])):
        offers = []
        for one in candidates:
            trial = _trial(seen.portraits, one, seen.person.embedding, reader, options, blending)
            cost = _cost(seen, one) + _CHANCE * _drawn(key, number, one.name)
            cost += _PER_LACK * max(0.0, _WISHED - trial)
            cost += _AGAIN * taken[one.name] + _LEAKS * (trial < SAFE)
            offers.append((cost, one.name, trial))
        _, name, trial = min(offers)
        if trial < SAFE:
            chosen[number] = StandIn("", trial)
            continue
        taken[name] += 1
        chosen[number] = StandIn(name, trial)
    return chosen


def _cost(seen: Seen, one: Candidate) -> float:
    """How badly a persona fits: difference of the skin's colour, and unlikeness."""
    theirs = np.mean([skin_lab(p.pixels, p.face) for p in seen.portraits], axis=0)
    mine = np.mean([skin_lab(p.pixels, p.face) for p in one.pictures], axis=0)
    tone = float(np.linalg.norm((theirs - mine) * (0.5, 1, 1)))
    return _PER_TONE * tone + _PER_LIKENESS * distance(seen.person.embedding, one.embedding)


def _drawn(key: bytes, number: int, name: str) -> float:
    """A number in [0, 1) that only the key decides."""
    digest = hmac.digest(key, f"{number} {name}".encode(), "sha256")
    return int.from_bytes(digest[:4]) / 2**32


def skin_lab(pixels: RGB, face: Face) -> NDArray[np.float64]:
    """(3,) median CIE Lab colour of a face's skin: L in [0, 100].

    Args:
        pixels: (H, W, 3) uint8 RGB.
        face: A face of that picture.
    """
    rim = face.landmarks[list(OVAL), :2]
    inner = rim.mean(axis=0) + 0.7 * (rim - rim.mean(axis=0))
    mask = np.zeros(pixels.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.rint(inner).astype(np.int32)], 1)
    lab = cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2Lab)[mask > 0]
    return np.median(lab, axis=0).astype(np.float64) if len(lab) else np.zeros(3)


def _trial(
    portraits: Sequence[Portrait],
    one: Candidate,
    person: Embedding,
    reader: FaceReader,
    options: anonymize.Options,
    blending: ComposeOptions,
) -> float:
    """Least distance to themselves that somebody has once a persona is drawn over them."""
    method = anonymize.prepare({"0": one.pictures}, options)
    chips = []
    for portrait in portraits:
        if anonymize.unfit(portrait.face, options):
            continue
        face = replace(portrait.face, person="0")
        frame = Frame(portrait.pixels)
        ((made,),) = method(iter([Window((frame,), ((face,),))]))
        if isinstance(made, Patch):
            chips.append(chip(compose(frame, [made], blending).pixels, face))
    if not chips:
        return float("inf")  # nobody to be drawn over: they are covered wherever they are
    return float(np.linalg.norm(embed_chips(chips, reader) - person, axis=1).min())
