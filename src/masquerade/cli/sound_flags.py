"""Flags that every command has which writes a sound file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from masquerade.cli.flags import add_flags, read_flags

if TYPE_CHECKING:
    from masquerade.media.encoding import Encoding


def add_sound_flags(parser: argparse.ArgumentParser) -> None:
    """Where the sound goes, what is said of it, and how it is stored."""
    from masquerade.media.encoding import Encoding
    from masquerade.media.sound_containers import SOUND_ENDINGS
    from masquerade.provenance.label import ENGLISH, PRESETS
    from masquerade.provenance.label.spoken import LANGUAGES

    endings = ", ".join(SOUND_ENDINGS)
    parser.add_argument(
        "-o", "--out", type=Path, required=True, help=f"where the result goes; ends in {endings}"
    )
    parser.add_argument(
        "--label",
        choices=sorted(PRESETS),
        default="eu",
        help="spoken label: eu, a sentence before the sound; minimal, a softer one; film, a"
        " sentence after it; default eu",
    )
    parser.add_argument(
        "--label-language",
        choices=sorted(LANGUAGES),
        default=ENGLISH,
        metavar="CODE",
        help=f"language of the sentence, one of {', '.join(sorted(LANGUAGES))}; default {ENGLISH}",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace OUT if it exists")
    add_flags(parser, Encoding, "encoding", only=("audio_kbps", "tags"))


def sound_encoding(given: argparse.Namespace) -> Encoding:
    """How the sound is stored.

    Raises:
        UsageError: A value is out of range.
    """
    from masquerade.media.encoding import Encoding

    return read_flags(given, Encoding)
