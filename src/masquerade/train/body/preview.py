"""Previews of a body's renderer: real moments beside puppet and network, sealed as every output.

The pictures are of a real person with consent, and some of them are made: a preview passes the
gates, carries label, watermark and manifest, and is entered in the ledger like any still.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import torch
from torch import Tensor

import masquerade
from masquerade.train.body.job import BodyJob
from masquerade.train.body.material import Material
from masquerade.train.body.trainer import BodyTrainer
from masquerade.train.sheet import Shown, preview_name, save_sheet
from masquerade.types import RGB, IdentityUse, Recipe

METHOD: Final = "body"
SHOWN: Final = 4
"""Moments on a sheet."""
_CAPTIONS: Final = ("the moment", "its puppet, of another one", "with the network")
_SIDE: Final = 288


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
    out = job.folder / preview_name(step)
    save_sheet(
        out,
        _shown(job, step),
        lambda: _columns(trainer, material),
        step=step,
        consents=[job.record],
        purpose=job.purpose,
    )
    return out


def _shown(job: BodyJob, step: int) -> Shown:
    source = job.source
    assert source.path is not None  # it was read
    target = replace(source, role="target")
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
    return Shown(_CAPTIONS, recipe, uses, source.path, f"{recipe.options_json} {source.sha256}")


def _columns(trainer: BodyTrainer, material: Material) -> list[list[RGB]]:
    """Moments never trained on: real, puppet, network."""
    given, truth = material.check()
    some = np.linspace(0, len(given) - 1, min(SHOWN, len(given))).round().astype(int)
    given, truth = given[torch.from_numpy(some)], truth[torch.from_numpy(some)]
    columns = (truth[:, :3].float() / 255, given[:, :3].float() / 255, trainer.drawn(given).pixels)
    return [list(_pictures(one)) for one in columns]


def _pictures(column: Tensor) -> Iterator[RGB]:
    """(288, 288, 3) uint8 each of (n, 3, S, S) in [0, 1]."""
    pixels = (column.permute(0, 2, 3, 1) * 255).round().byte().cpu().numpy()
    for one in pixels:
        yield np.asarray(cv2.resize(one, (_SIDE, _SIDE), interpolation=cv2.INTER_CUBIC), np.uint8)
