"""Previews of a mouth's training: frames as they were, as drawn before, as the network draws them.

Some of the pictures are made: a preview passes the gates, carries label, watermark and manifest,
and is entered in the ledger like any still.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

import masquerade
from masquerade.hashing import file_sha256
from masquerade.media.encoding import Encoding
from masquerade.media.lettering import draw_words
from masquerade.provenance.seal import save, seal
from masquerade.train.lips_job import METHOD, LipsJob
from masquerade.types import (
    RGB,
    Box,
    Draft,
    DraftSegment,
    Frame,
    IdentityUse,
    InputUse,
    PixelBox,
    Recipe,
)

SHOWN: Final = 4
"""Frames on a sheet."""
_SIDE: Final = 208
_GAP: Final = 8
_HEAD: Final = 104  # number of iterations, room for the label, captions of the columns
_TITLE_Y: Final = 36
_CAPTION_Y: Final = 86
_TITLE_PX: Final = 24
_CAPTION_PX: Final = 16
_CAPTIONS: Final = ("real", "without the network", "with it")
_PAPER: Final = 248

Pictures = NDArray[np.float32]


def write_lips_preview(
    job: LipsJob,
    columns: tuple[Pictures, Pictures, Pictures],
    *,
    step: int,
    tell: Callable[[str], None],
) -> Path | None:
    """Where the preview lies; None: the record covers no stills.

    Args:
        job: What is trained.
        columns: (n, 3, 104, 104) float32 in [0, 1] each: frames never trained on as they were, as
            they are drawn without the network, and with it.
        step: Iterations done.
        tell: Told, in a sentence, why there is none.

    Raises:
        RefusedError: Consent or a policy gate says no.
        OutputError: It cannot be written.
    """
    if "still" not in job.record.media:
        tell(f"no preview at iteration {step}: consent {job.record.id} covers no stills")
        return None
    out = job.folder / f"preview-{step:08d}.png"
    with TemporaryDirectory(dir=job.folder, prefix=".preview") as place:
        photo = Path(place) / "photo.png"
        _, packed = cv2.imencode(".png", cv2.cvtColor(job.photo, cv2.COLOR_RGB2BGR))
        photo.write_bytes(np.asarray(packed, np.uint8).tobytes())
        sealed = seal(
            _draft(job, columns, photo, step),
            consents=[job.record],
            purpose=job.purpose,
            label_preset="eu",
        )
        save(sealed, out, encoding=Encoding())
    return out


def _draft(
    job: LipsJob, columns: tuple[Pictures, Pictures, Pictures], photo: Path, step: int
) -> Draft:
    digest = file_sha256(photo)
    recipe = Recipe(
        method=METHOD,
        version=masquerade.__version__,
        options_json=json.dumps({"preview": step}),
        models=(),
        inputs=tuple(InputUse(role, "a frame", digest, photo) for role in ("target", "source")),
    )
    onlookers: list[Callable[[Frame], None]] = []
    avoid: dict[int, tuple[Box, ...]] = {}
    cells: list[PixelBox] = []

    def pictures() -> Iterator[Frame]:
        for onlooker in onlookers:
            onlooker(Frame(job.photo))
        page = _sheet(columns, step, cells)
        across, down = float(page.shape[1]), float(page.shape[0])
        captions = (0.0, float(_CAPTION_Y - _CAPTION_PX), across, down)
        avoid[0] = (captions, (0.0, 0.0, across / 2, down))  # the title stands at the left
        yield Frame(page)

    return Draft(
        recipe=recipe,
        uses=(IdentityUse("source", "face", job.identity, digest, job.record.id),),
        target=photo,
        kind="still",
        segments=iter([DraftSegment(0, f"{job.run} {step}", 0, 0, pictures())]),
        avoid=avoid,
        onlookers=onlookers,
        cells=cells,
    )


def _sheet(columns: tuple[Pictures, ...], done: int, cells: list[PixelBox]) -> RGB:
    """(H, W, 3) uint8: a row for each frame; `cells` takes up where pictures lie."""
    step = _SIDE + _GAP
    size = _HEAD + len(columns[0]) * step, len(columns) * step + _GAP, 3
    page = np.full(size, _PAPER, np.uint8)
    draw_words(page, f"{done:,} iterations", (_GAP, _TITLE_Y), size_px=_TITLE_PX)
    for across, (column, caption) in enumerate(zip(columns, _CAPTIONS, strict=True)):
        middle = (_GAP + across * step + _SIDE / 2, _CAPTION_Y)
        draw_words(page, caption, middle, size_px=_CAPTION_PX, anchor="middle")
        for down, picture in enumerate(column):
            x, y = _GAP + across * step, _HEAD + down * step
            whole = np.rint(picture.transpose(1, 2, 0) * 255).astype(np.uint8)
            large = cv2.resize(whole, (_SIDE, _SIDE), interpolation=cv2.INTER_CUBIC)
            page[y : y + _SIDE, x : x + _SIDE] = large
            cells.append((x, y, x + _SIDE, y + _SIDE))
    return page
