"""Whether what a picture claims of its camera fits how it is stored.

A camera writes its own quantisation tables, its name, and times that agree. A program that saves
the picture again usually leaves its name, the Independent JPEG Group's standard tables at some
quality, or a date of change after the date of capture. All of that is ordinary for an edited or
shared picture: it shows that the file is not the camera's own, not that its content is false.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

import numpy as np

from masquerade import options as base
from masquerade.forensics.evidence import Applies, Evidence, Family
from masquerade.forensics.sample import Sample
from masquerade.media.tags import FileTags


class Options(base.Options):
    """This signal has no knobs."""


family = Family.METADATA
limits = (
    "Shows that a file was saved by another program than it claims, which honest people do every"
    " day; it says nothing about what the picture shows."
)

# ITU-T T.81, annex K, in rows; the base from which the IJG's library scales its tables.
_LUMA: Final = (
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56,
    14, 17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113,
    92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
)  # fmt: skip
_EDITORS: Final = (
    "photoshop", "gimp", "lightroom", "paint.net", "affinity", "pixelmator", "snapseed", "picasa",
    "imagemagick", "ffmpeg", "lavf", "krita", "darktable", "capture one", "canva", "facetune",
    "premiere", "davinci", "final cut", "after effects", "handbrake",
)  # fmt: skip
_MAKERS: Final = (
    "apple", "canon", "casio", "fujifilm", "nikon", "olympus", "panasonic", "samsung", "sony",
)  # fmt: skip
"""That a model's name begins with. Names that other firms sell under, as Kodak's, are left out."""
_MOST_SAID: Final = 60
_TIME: Final = "%Y:%m:%d %H:%M:%S"


def examine(sample: Sample, options: Options) -> Evidence:
    """Signs that the file is not as the camera it names wrote it."""
    tags = sample.tags
    if not tags.entries and not tags.quantisation:
        return Evidence(
            "claims",
            family,
            Applies.NO,
            "The file says nothing of itself that could be compared.",
            limits=limits,
            options_json=options.canonical_json(),
        )
    found = tuple(dict.fromkeys(contradictions(tags, stills=sample.info.kind == "still")))
    camera = " ".join((tags.get("Make"), tags.get("Model"))).strip()[:_MOST_SAID]
    said = f"It names the camera {camera}; " if camera else ""
    said += "; ".join(found) if found else "nothing in its metadata contradicts itself"
    return Evidence(
        signal="claims",
        family=family,
        applies=Applies.YES,
        says=f"{said[:1].upper()}{said[1:]}.",
        value=float(len(found)),
        unit="signs of another program",
        limits=limits,
        error_rate="Not weighed: most pictures that are shared show such signs.",
        options_json=options.canonical_json(),
    )


def contradictions(tags: FileTags, *, stills: bool = True) -> Iterator[str]:
    """What does not fit together, in words.

    Args:
        tags: What the file says of itself.
        stills: Whether it is a still; what stored a video is told of its container.
    """
    maker, model = tags.get("Make"), tags.get("Model")
    claims_camera = bool(maker or model)
    other = next((one for one in _MAKERS if model.lower().startswith(one)), "")
    if maker and other not in maker.lower():
        yield f"its model is another maker's than {maker.strip()[:_MOST_SAID]}"
    encoders = ("encoder",) if stills else ()
    for name in ("Software", *encoders, "ProcessingSoftware", "HistorySoftwareAgent"):
        value = tags.get(name)
        if any(editor in value.lower() for editor in _EDITORS):
            yield f"it was saved by {value[:_MOST_SAID]}"
    quality = standard_quality(tags.quantisation)
    if claims_camera and quality is not None:
        yield f"its tables are the common library's at quality {quality}, not a camera's own"
    taken, changed = (_time(tags.get(name)) for name in ("DateTimeOriginal", "DateTime"))
    if taken and changed and changed < taken:
        yield "it says it was changed before it was taken"
    elif taken and changed and (changed - taken).total_seconds() > 2:
        yield f"it was changed after it was taken, on {changed:%Y-%m-%d}"


def standard_quality(tables: Sequence[Sequence[int]]) -> int | None:
    """The quality at which the IJG's library gives this table; None where it never does.

    Args:
        tables: Quantisation tables of 64 numbers; the first is that of brightness.

    Example:
        >>> standard_quality([_LUMA])
        50
    """
    if not tables or len(tables[0]) != 64:
        return None
    wanted = np.sort(np.asarray(tables[0]))
    for quality in range(1, 101):
        scale = 5000 // quality if quality < 50 else 200 - 2 * quality
        made = np.clip((np.asarray(_LUMA) * scale + 50) // 100, 1, 255)
        if np.array_equal(np.sort(made), wanted):
            return quality
    return None


def _time(text: str) -> datetime | None:
    try:
        return datetime.strptime(text[:19], _TIME)
    except ValueError:
        return None
