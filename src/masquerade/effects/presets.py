"""Presets: several effects under one name, as they are often wanted together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Preset:
    """Effects that are laid on one after the other.

    Attributes:
        summary: What they make together, in one sentence.
        effects: Each as it would be named alone, such as ``smile=0.6``.
    """

    summary: str
    effects: tuple[str, ...]


PRESETS: Final = {
    "fresh": Preset(
        "Rested: smoother, more even skin, a touch of colour and a hint of a smile.",
        ("smooth=0.5", "foundation=0.5", "blush=0.25", "smile=0.2"),
    ),
    "day": Preset(
        "Make-up for the day.",
        ("foundation=0.4", "liner=0.35", "blush=0.3", "lipstick=0.4:#b4636c"),
    ),
    "evening": Preset(
        "Make-up for the evening.",
        ("foundation=0.6", "shadow=0.6:#5a4470", "liner=0.8", "blush=0.4", "lipstick=0.8:#8f1d34"),
    ),
    "younger": Preset("Twenty years younger.", ("age=-20", "smooth=0.3")),
    "older": Preset("Thirty years older, with grey hair.", ("age=30", "hair=0.8:grey")),
    "unshaven": Preset("After a few days without a razor or much sleep.", ("stubble=0.8", "age=4")),
    "shock": Preset(
        "Signs of circulatory shock: pale, with bluish lips and heavy lids.",
        ("pallor=0.9", "cyanosis=0.5", "ptosis=0.15:both"),
    ),
    "fever": Preset(
        "Signs of a fever: flushed, with heavy lids.", ("flushing=0.7", "ptosis=0.15:both")
    ),
    "allergy": Preset(
        "Signs of an allergic swelling of lids, cheeks and lips, with flushing.",
        ("swelling=0.7:both", "lips=0.7", "flushing=0.4"),
    ),
    "injury": Preset(
        "Signs of a blow: a bruised, swollen side, with the lid half shut.",
        ("swelling=0.7:left", "bruise=0.9:left", "ptosis=0.4:left"),
    ),
}
"""What ``--effect`` takes besides effects, with how much of all of it: ``evening=0.7``."""
