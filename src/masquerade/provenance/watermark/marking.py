"""The watermark as the seal puts it in and as anybody with the key finds it: which id, and where.

The id of an output is not stored before the output exists: it is derived with the installation's
secret from everything that decides the output: its pictures, their consent and purpose. So a run
that was killed goes on with the same id, the same job gives the same bytes, and the number tells
nobody else anything. The ledger says which output it stands for.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain, takewhile
from pathlib import Path
from typing import Final, Literal

from masquerade.errors import InputError
from masquerade.media.audio import sound_blocks
from masquerade.media.probe import probe
from masquerade.media.read import read_frames, read_image
from masquerade.provenance.canonical import Json
from masquerade.provenance.keys import rest_key
from masquerade.provenance.watermark.decode import Detection, detect_all
from masquerade.provenance.watermark.embed import Marker
from masquerade.provenance.watermark.sound.decode import read_sound
from masquerade.provenance.watermark.sound.embed import marked
from masquerade.provenance.watermark.sound.pattern import LEAST_RATE_HZ
from masquerade.provenance.watermark.spectrum import is_readable
from masquerade.types import Audio, Frame

SCHEME: Final = "masquerade-pixels-1"
"""Name of the watermark as it is written; a change of its pattern changes this name."""

SOUND_SCHEME: Final = "masquerade-sound-1"
"""The same for the watermark in sound."""

_PREFIX: Final = "mqw-"
_ID_BYTES: Final = 8

SOUND_S: Final = 600
"""How much of a sound is searched; reading takes about a fortieth of the time it lasts."""

MarkState = Literal["found", "none", "too small", "unreadable"]
MarkedIn = Literal["pictures", "sound", "both"]


@dataclass(frozen=True, slots=True)
class Mark:
    """The watermark of one output.

    Attributes:
        payload: The id, 64 bits.
        key: The installation's secret for watermarks, 32 bytes.
    """

    payload: int
    key: bytes = field(repr=False)

    @property
    def text(self) -> str:
        """The id as the ledger and the manifest write it: ``mqw-`` and 16 hexadecimal digits."""
        return mark_text(self.payload)

    def claim(
        self, place: MarkedIn = "pictures", *, is_read_back: bool, is_heard: bool = False
    ) -> MarkClaim:
        """What is to be said of it."""
        return MarkClaim(self.text, is_read_back, place, is_heard)

    def put(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """The same frames with the mark in their brightness."""
        marker: Marker | None = None
        for frame in frames:
            if marker is None or marker.size_wh != frame.size_wh:
                marker = Marker(self.payload, self.key, frame.size_wh)
            yield marker.mark(frame)

    def put_in_sound(self, blocks: Iterable[Audio]) -> Iterator[Audio]:
        """The same sound with the mark in it; see `masquerade.provenance.watermark.sound`."""
        return marked(blocks, self.payload, self.key)


@dataclass(frozen=True, slots=True)
class MarkClaim:
    """What ledger and manifest say of an output's watermark.

    Attributes:
        text: Its id.
        is_read_back: Whether it was found in the finished file's pictures, before that was signed.
        place: What it was put into.
        is_heard: Whether it was found in the file's sound likewise.
    """

    text: str
    is_read_back: bool
    place: MarkedIn = "pictures"
    is_heard: bool = False

    @property
    def words(self) -> str:
        """The claim in plain words."""
        said = []
        if self.place != "sound":
            said.append(
                "and it was read back"
                if self.is_read_back
                else "written; the picture is too small or too plain to read it back"
            )
        if self.place != "pictures":
            said.append(
                "in the sound, and it was read back from there"
                if self.is_heard
                else "in the sound too, which is too short or too quiet to read it back from"
            )
        return f"{self.text}, {'; '.join(said)}"

    def as_json(self) -> dict[str, Json]:
        """The claim for programs."""
        sound: dict[str, Json] = {"scheme": SOUND_SCHEME, "read_back": self.is_heard}
        if self.place == "sound":
            return {"id": self.text, **sound}
        made: dict[str, Json] = {"scheme": SCHEME, "id": self.text, "read_back": self.is_read_back}
        return made if self.place == "pictures" else {**made, "sound": sound}


@dataclass(frozen=True, slots=True)
class FoundMark:
    """What was found of a watermark in a file.

    Attributes:
        state: ``found``; ``none`` that this installation could read; or why nobody could look.
        texts: The ids that were found; several where a marked file was used as an input again.
        chance: Bound on the chance that a file made without the key gives such a find.
        frames: How many frames it took.
        note: Why the file could not be looked at.
    """

    state: MarkState
    texts: tuple[str, ...] = ()
    chance: float = 1.0
    frames: int = 0
    note: str = ""


def mark_of(job: str, *, home: Path | None = None) -> Mark:
    """The watermark of the output that a job makes.

    Args:
        job: Name of all that decides the output's pictures.
        home: The installation's folder.

    Raises:
        ProvenanceError: The installation's secret cannot be read or made.
    """
    key = rest_key(home, "watermark")
    digest = hmac.digest(rest_key(home, "watermark id"), job.encode(), "sha256")
    return Mark(int.from_bytes(digest[:_ID_BYTES]), key)


def mark_text(payload: int) -> str:
    """An id as text.

    Example:
        >>> mark_text(255)
        'mqw-00000000000000ff'
    """
    return f"{_PREFIX}{payload:0{2 * _ID_BYTES}x}"


def find_mark(path: Path, *, home: Path | None = None) -> FoundMark:
    """This installation's watermark in a picture, a video's pictures or a sound, if it can be read.

    Args:
        path: Any file.
        home: The installation's folder.

    Raises:
        ProvenanceError: The installation's secret cannot be read.
    """
    key = rest_key(home, "watermark")
    try:
        info = probe(path)
        if info.kind == "audio":
            return _in_sound(path, key)
        if not is_readable(info.size_wh):
            return FoundMark("too small", note=f"{info.size_wh[0]}x{info.size_wh[1]} pixels")
        if info.kind == "still":
            return _found(detect_all(read_image(path).pixels, [key]))
        return _found(detect_all(read_frames(path), [key]))
    except InputError as error:
        return FoundMark("unreadable", note=error.found)


def find_sound_mark(path: Path, *, home: Path | None = None) -> FoundMark:
    """This installation's watermark in the sound of a file, a video's too; see `find_mark`.

    Raises:
        ProvenanceError: The installation's secret cannot be read.
    """
    key = rest_key(home, "watermark")
    try:
        return _in_sound(path, key)
    except InputError as error:
        return FoundMark("unreadable", note=error.found)


def _in_sound(path: Path, key: bytes) -> FoundMark:
    """The mark in the first ten minutes of a sound, listened to until one stands."""
    with closing(sound_blocks(path)) as blocks:
        first = next(blocks, None)
        if first is None:
            return FoundMark("too small", note="there is no sound")
        if first.sr < LEAST_RATE_HZ:
            return FoundMark("too small", note=f"{first.sr} samples a second")
        seen = read_sound(_up_to(chain([first], blocks), first.start_s + SOUND_S), key)
    note = f"{seen.heard_s:.0f} s were listened to"
    if seen.payload is None:
        return FoundMark("too small" if seen.outcome == "too short" else "none", note=note)
    return FoundMark("found", (mark_text(seen.payload),), seen.p_value, note=note)


def _up_to(blocks: Iterable[Audio], end_s: Fraction) -> Iterator[Audio]:
    return takewhile(lambda block: block.start_s < end_s, blocks)


def _found(seen: tuple[Detection, ...]) -> FoundMark:
    first = seen[0]
    if first.outcome != "found":
        note = f"{first.frames} pictures from its start were searched" if first.frames > 1 else ""
        return FoundMark(first.outcome, frames=first.frames, note=note)
    texts = tuple(mark_text(one.payload) for one in seen if one.payload is not None)
    return FoundMark("found", texts, max(one.p_value for one in seen), first.frames)
