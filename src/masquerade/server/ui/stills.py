"""One picture of a film, for browsers that cannot play it and for small pictures of files."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Final

import cv2
from starlette.responses import PlainTextResponse, Response

from masquerade.errors import InputError, MasqueradeError
from masquerade.media.probe import probe
from masquerade.media.read import read_frames

_AFTER: Final = 24  # frames: many films begin with black
_WIDEST_PX: Final = 1280


def still_of(path: Path) -> bytes:
    """A picture as JPEG, of a film one of its first second; of two equally long, the same moment.

    Raises:
        MediaError: The film cannot be read.
        InputError: It holds no picture.
    """
    number = min(_AFTER, (probe(path).frame_count or 2) // 2)
    frame = next(islice(read_frames(path), number, None), None)
    if frame is None:
        raise InputError(f"{path.name} holds no picture", "a film", "use another file")
    wide, high = frame.size_wh
    share = min(1.0, _WIDEST_PX / max(wide, high))
    size = (max(1, round(wide * share)), max(1, round(high * share)))
    small = cv2.resize(frame.pixels, size, interpolation=cv2.INTER_AREA)
    _, packed = cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR))
    return packed.tobytes()


def still_response(path: Path) -> Response:
    """It for a browser; 404 where the file gives none."""
    try:
        data = still_of(path)
    except MasqueradeError as error:
        return PlainTextResponse(f"{error.found}.", 404)
    return Response(
        data, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=3600"}
    )
