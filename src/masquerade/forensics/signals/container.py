"""What the container and the encoders of a file say of its way through programs.

Cameras and phones write their own brands, handlers and order of boxes. Programs that store a video
again leave theirs: names of encoders inside the stream, an index moved to the front, other brands.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

from masquerade import options as base
from masquerade.forensics.evidence import SHOWN_ONLY, Applies, Evidence, Family, silent
from masquerade.forensics.sample import Sample
from masquerade.media.atoms import Atom, atoms, encoder_strings
from masquerade.media.tags import FileTags


class Options(base.Options):
    """This signal has no knobs."""


family = Family.METADATA
limits = (
    "Nearly every video that was ever shared was stored again by such a program; it says how the"
    " file travelled, not what it shows."
)
_MAKERS: Final = ("make", "com.apple.quicktime.make", "com.android.manufacturer", "manufacturer")
_MODELS: Final = ("model", "com.apple.quicktime.model", "com.android.model")
_CODECS: Final = ("h.264", "h264", "hevc", "h.265", "aac", "jpeg", "mpeg-4 video", "photo - jpeg")
_CAMERAS: Final = ("gopro",)  # whose own encoder names itself, by how that begins
_MOST_SAID: Final = 60


def examine(sample: Sample, options: Options) -> Evidence:
    """Programs and order that the container tells of."""
    told = options.canonical_json()
    quiet = partial(silent, "container", family, limits=limits, options_json=told)
    if sample.info.kind not in ("video", "audio"):
        return quiet("Only videos and sound files have a container of that kind.")
    boxes, strings = atoms(sample.path), encoder_strings(sample.path)
    found = list(dict.fromkeys(signs(boxes, strings, sample.tags)))
    device = _device(sample.tags)
    said = [f"it names the device {device}"] if device else []
    said += found or ["nothing tells of another program than the one that recorded it"]
    words = "; ".join(said)
    return Evidence(
        "container",
        family,
        Applies.YES,
        f"{words[:1].upper()}{words[1:]}.",
        value=float(len(found)),
        unit="signs of another program",
        calibration=f"none{SHOWN_ONLY}",
        limits=limits,
        error_rate="Not weighed: most videos that are shared show such signs.",
        options_json=told,
    )


def signs(boxes: Sequence[Atom], strings: Sequence[str], tags: FileTags) -> Iterator[str]:
    """What tells of another program than a camera's own, in words.

    Args:
        boxes: Of an ISO media file; empty for others.
        strings: Encoders that name themselves inside the streams.
        tags: What the file says of itself.
    """
    written = [value for _, name, value in tags.entries if name.lower() in ("encoder", "software")]
    programs = dict.fromkeys(
        one[:_MOST_SAID]
        for one in (*written, *strings)
        if one.lower() not in _CODECS and not one.lower().startswith(_CAMERAS)
    )
    if programs:
        yield f"it was stored by {', '.join(programs)}: few recording devices name a program"
    order = [box.path for box in boxes if "/" not in box.path]
    if "moov" in order and "mdat" in order and order.index("moov") < order.index("mdat"):
        yield "its index stands before the pictures, as programs put it for the web"
    if any(box.path == "moof" for box in boxes):
        yield "it is in fragments, as streams are"
    handlers = {value for _, name, value in tags.entries if name.lower() == "handler_name"}
    theirs = sorted(handlers & {"VideoHandler", "SoundHandler"})
    if theirs:
        yield f"its tracks are called {' and '.join(theirs)}, as FFmpeg calls them"


def _device(tags: FileTags) -> str:
    """Maker and model that the file names."""
    maker = next((tags.get(name) for name in _MAKERS if tags.get(name)), "")
    model = next((tags.get(name) for name in _MODELS if tags.get(name)), "")
    return f"{maker} {model}".strip()[:_MOST_SAID]
