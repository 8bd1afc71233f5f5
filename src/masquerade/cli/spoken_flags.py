"""Flags of commands in which somebody who is seen says what somebody else may have said."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_consents(parser: argparse.ArgumentParser) -> None:
    """Under whose consent, and what for."""
    parser.add_argument(
        "--consent",
        type=Path,
        action="append",
        default=[],
        metavar="RECORD",
        help="consent record of the person who is seen, for the face, and of the person who is"
        " heard, for the voice; give both where they are two",
    )
    parser.add_argument(
        "--purpose",
        default="",
        help="what it is for, as the records word it; may be left out where they name just one",
    )


def add_language(parser: argparse.ArgumentParser) -> None:
    """What language is spoken."""
    parser.add_argument(
        "--language",
        choices=("en", "other"),
        default="en",
        help="of the recording: in English, lips are closed on b, m and p by recognised sounds;"
        " default en",
    )


def add_said(parser: argparse.ArgumentParser) -> None:
    """What is said where it is no recording, and in whose voice."""
    parser.add_argument(
        "--text", default="", metavar="TEXT", help="in English, read aloud in place of a recording"
    )
    parser.add_argument(
        "--as",
        dest="voice",
        type=Path,
        default=None,
        metavar="MVOICE",
        help="the voice that is heard; without one, the recording is heard as it is",
    )
