"""Whether a recording carries this program's watermark: a second mark in it cannot be read back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from masquerade.errors import UsageError
from masquerade.hashing import BlockHashes
from masquerade.media.audio import sound_blocks
from masquerade.provenance.keys import rest_key
from masquerade.provenance.watermark.marking import mark_text
from masquerade.provenance.watermark.sound.decode import read_sound
from masquerade.types import Audio

LISTENED_S: Final = 60.0
"""How much of a recording is listened to."""


def check_unmarked_speech(path: Path, known: BlockHashes | None = None) -> None:
    """Passes when a recording does not carry this installation's watermark, as far as is heard.

    Args:
        path: A sound file, or a video with sound.
        known: What it has to hold still; None where that was not asked before.

    Raises:
        UsageError: It does, so that what is made with it could not be marked.
        InputError: It cannot be read.
        PolicyError: It does not hold any more what it held.
    """
    with closing(sound_blocks(path, known=known)) as blocks:
        found = read_sound(_beginning(blocks), rest_key(None, "watermark"))
    if found.payload is not None:
        raise UsageError(
            f"{path.name} was made here: it carries the watermark {mark_text(found.payload)}",
            "a recording without one, as two marks in one sound cannot both be read",
            "give the recording it was made from; to have a text said in a voice, give the text: "
            "`masquerade dub CLIP --text ... --as VOICE.mvoice`, or `masquerade portrait PHOTO "
            "--text ... --as VOICE.mvoice`",
        )


def _beginning(blocks: Iterator[Audio]) -> Iterator[Audio]:
    for block in blocks:
        if block.start_s >= LISTENED_S:
            return
        yield block
