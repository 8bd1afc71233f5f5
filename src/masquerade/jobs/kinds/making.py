"""What kinds of work share that end in a sealed file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from masquerade.jobs.asked import Prose
from masquerade.media.encoding import Encoding
from masquerade.options import Options


class Making(Options):
    """Where a sealed file goes, and how it is stored and labelled."""

    out: Path
    """The file that is made; its ending chooses the container."""
    overwrite: bool = False
    """Replace the file if it exists."""
    label: str = Field("eu", max_length=40)
    """Preset of the label."""
    label_language: str = Field("en", max_length=8)
    """Code of the language of the label."""
    encoding: Encoding = Encoding()
    """How the result is encoded."""


class Consented(Making):
    """The same, under somebody's consent."""

    consents: tuple[Path, ...] = Field((), max_length=64)
    """Consent records of everybody concerned."""
    purpose: Annotated[str, Prose()] = Field("", max_length=400)
    """What it is for; may be left out where the records name just one purpose."""
