"""Previews of a mouth's training: frames as they were, as drawn before, as the network draws them.

Some of the pictures are made: a preview passes the gates, carries label, watermark and manifest,
and is entered in the ledger like any still.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

import masquerade
from masquerade.hashing import file_sha256
from masquerade.train.lips.job import METHOD, LipsJob
from masquerade.train.sheet import Shown, preview_name, save_sheet
from masquerade.types import RGB, IdentityUse, InputUse, Recipe

SHOWN: Final = 4
"""Frames on a sheet."""
_SIDE: Final = 208
_CAPTIONS: Final = ("real", "without the network", "with it")

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
    out = job.folder / preview_name(step)
    with TemporaryDirectory(dir=job.folder, prefix=".preview") as place:
        photo = Path(place) / "photo.png"
        _, packed = cv2.imencode(".png", cv2.cvtColor(job.photo, cv2.COLOR_RGB2BGR))
        photo.write_bytes(np.asarray(packed, np.uint8).tobytes())
        save_sheet(
            out,
            _shown(job, photo, step),
            lambda: [_pictures(one) for one in columns],
            step=step,
            consents=[job.record],
            purpose=job.purpose,
            measured=job.photo,
        )
    return out


def _shown(job: LipsJob, photo: Path, step: int) -> Shown:
    digest = file_sha256(photo)
    recipe = Recipe(
        method=METHOD,
        version=masquerade.__version__,
        options_json=json.dumps({"preview": step}),
        models=(),
        inputs=tuple(InputUse(role, "a frame", digest, photo) for role in ("target", "source")),
    )
    uses = (IdentityUse("source", "face", job.identity, digest, job.record.id),)
    return Shown(_CAPTIONS, recipe, uses, photo, f"{job.run} {step}")


def _pictures(column: Pictures) -> list[RGB]:
    """(208, 208, 3) uint8 each."""
    found = []
    for picture in column:
        whole = np.rint(picture.transpose(1, 2, 0) * 255).astype(np.uint8)
        large = cv2.resize(whole, (_SIDE, _SIDE), interpolation=cv2.INTER_CUBIC)
        found.append(np.asarray(large, np.uint8))
    return found
