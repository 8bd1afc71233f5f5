"""Previews of a body's renderer: real moments beside puppet and network, sealed as every output.

The pictures are of a real person with consent, and some of them are made: a preview passes the
gates, carries label, watermark and manifest, and is entered in the ledger like any still.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import torch
from torch import Tensor

import masquerade
from masquerade.media.encoding import Encoding
from masquerade.media.lettering import draw_words
from masquerade.provenance.seal import save, seal
from masquerade.train.body_job import BodyJob
from masquerade.train.body_material import Material
from masquerade.train.body_trainer import BodyTrainer
from masquerade.types import RGB, Box, Draft, DraftSegment, Frame, IdentityUse, PixelBox, Recipe

METHOD: Final = "body"
SHOWN: Final = 4
"""Moments on a sheet."""
_CAPTIONS: Final = ("the moment", "its puppet, of another one", "with the network")
_SIDE: Final = 288
_GAP: Final = 8
_HEAD: Final = 96  # number of iterations, room for the label, captions of the columns
_TITLE_Y: Final = 32
_CAPTION_Y: Final = 80
_TITLE_PX: Final = 24
_CAPTION_PX: Final = 16
_PAPER: Final = 248


def write_body_preview(
    job: BodyJob,
    trainer: BodyTrainer,
    material: Material,
    *,
    step: int,
    tell: Callable[[str], None],
) -> Path | None:
    """Where the preview lies: moments never trained on, their puppets, and what is made of them.

    Args:
        job: What was asked for.
        trainer: With the network as it is now.
        material: What it is learned from.
        step: Iterations done.
        tell: Told, in a sentence, why there is none.

    Returns:
        None: the record covers no stills.

    Raises:
        RefusedError: Consent or a policy gate says no.
        OutputError: It cannot be written.
    """
    if "still" not in job.record.media:
        tell(f"no preview at iteration {step}: consent {job.record.id} covers no stills")
        return None
    out = job.folder / f"preview-{step:08d}.png"
    draft = _draft(job, lambda cells: _sheet(trainer, material, step, cells), step)
    sealed = seal(draft, consents=[job.record], purpose=job.purpose, label_preset="eu")
    save(sealed, out, encoding=Encoding())
    return out


def _draft(job: BodyJob, sheet: Callable[[list[PixelBox]], RGB], step: int) -> Draft:
    onlookers: list[Callable[[Frame], None]] = []
    avoid: dict[int, tuple[Box, ...]] = {}
    cells: list[PixelBox] = []
    source = job.source
    assert source.path is not None  # it was read
    target = type(source)("target", source.name, source.sha256, source.path)

    def pictures() -> Iterator[Frame]:
        page = sheet(cells)
        for onlooker in onlookers:
            onlooker(Frame(page))
        across, down = float(page.shape[1]), float(page.shape[0])
        captions = (0.0, float(_CAPTION_Y - _CAPTION_PX), across, down)
        avoid[0] = (captions, (0.0, 0.0, across / 2, down))  # the title stands at the left
        yield Frame(page)

    said = {"preview": step, "side": job.shape.side}
    recipe = Recipe(
        method=METHOD,
        version=masquerade.__version__,
        options_json=json.dumps(said, sort_keys=True, separators=(",", ":")),
        models=(),
        inputs=(target, source),
    )
    uses = tuple(
        IdentityUse(item.role, "body", job.identity, item.sha256, job.record.id)
        for item in (source, target)
    )
    key = f"{recipe.options_json} {source.sha256}"
    return Draft(
        recipe=recipe,
        uses=uses,
        target=source.path,
        kind="still",
        segments=iter([DraftSegment(0, key, 0, 0, pictures())]),
        avoid=avoid,
        onlookers=onlookers,
        cells=cells,
    )


def _sheet(trainer: BodyTrainer, material: Material, step: int, cells: list[PixelBox]) -> RGB:
    """(H, W, 3) uint8: a row for each moment; real, puppet, network."""
    given, truth = material.check()
    some = np.linspace(0, len(given) - 1, min(SHOWN, len(given))).round().astype(int)
    given, truth = given[torch.from_numpy(some)], truth[torch.from_numpy(some)]
    columns = (truth[:, :3].float() / 255, given[:, :3].float() / 255, trainer.drawn(given).pixels)
    width = len(columns) * (_SIDE + _GAP) + _GAP
    page = np.full((_HEAD + len(some) * (_SIDE + _GAP), width, 3), _PAPER, np.uint8)
    words = f"{step:,} iteration{'s' * (step != 1)}"
    draw_words(page, words, (_GAP, _TITLE_Y), size_px=_TITLE_PX)
    for across, (column, caption) in enumerate(zip(columns, _CAPTIONS, strict=True)):
        x = _GAP + across * (_SIDE + _GAP)
        middle = (x + _SIDE / 2, _CAPTION_Y)
        draw_words(page, caption, middle, size_px=_CAPTION_PX, anchor="middle")
        for down, picture in enumerate(_pictures(column)):
            y = _HEAD + down * (_SIDE + _GAP)
            page[y : y + _SIDE, x : x + _SIDE] = picture
            cells.append((x, y, x + _SIDE, y + _SIDE))
    return page


def _pictures(column: Tensor) -> Iterator[RGB]:
    """(288, 288, 3) uint8 each of (n, 3, S, S) in [0, 1]."""
    pixels = (column.permute(0, 2, 3, 1) * 255).round().byte().cpu().numpy()
    for one in pixels:
        yield np.asarray(cv2.resize(one, (_SIDE, _SIDE), interpolation=cv2.INTER_CUBIC), np.uint8)
