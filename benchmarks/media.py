"""Where the shared test media lie."""

from __future__ import annotations

import os
from pathlib import Path


def media_dir(given: Path | None = None) -> Path:
    """The folder of media: as given, else ``MASQUERADE_MEDIA``, else ``../shared/media``.

    Raises:
        SystemExit: There is no such folder.
    """
    beside = Path(__file__).resolve().parents[2] / "shared" / "media"
    place = given or Path(os.environ.get("MASQUERADE_MEDIA", beside))
    if not place.is_dir():
        raise SystemExit(f"no media at {place}: name the folder with --media or MASQUERADE_MEDIA")
    return place
