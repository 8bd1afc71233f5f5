"""Two volunteers' facesets for benchmarks of training, collected in the run.

The source is GRID speaker 1, the target another volunteer of whom there are two clips. Neither is
in the data of the base that ships.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from masquerade.faces.detect import find_faces
from masquerade.faces.embed import embed
from masquerade.faces.readers import FaceReader
from masquerade.media.glance import glances
from masquerade.media.probe import probe
from masquerade.provenance.consent.records import ConsentRecord, new_record
from masquerade.train.collect.build import Request, build
from masquerade.train.collect.limits import Collecting, Limits
from masquerade.train.facesets.faceset import Faceset
from masquerade.types import Embedding

_SOURCE: Final = "grid_s1"
_TARGET: Final = ("grid_others/id2_vcd_swwp2s.mpg", "grid_others/pwij3p.mpg")
_DAYS: Final = timedelta(days=1)


def facesets(media: Path, folder: Path, reader: FaceReader) -> tuple[Faceset, Faceset]:
    """The source's and the target's faces, every picture of their clips.

    Args:
        media: The folder of media.
        folder: Where the facesets go; those that are there are taken.
        reader: The loaded face networks.
    """
    talking = media / "talking"
    clips = {
        "source": tuple(sorted((talking / _SOURCE).glob("*.mpg"))),
        "target": tuple(talking / name for name in _TARGET),
    }
    made = [_faceset(name, paths, folder, reader) for name, paths in clips.items()]
    return made[0], made[1]


def shown(path: Path, reader: FaceReader) -> Embedding:
    """(128,) mean identity of the one face in a clip."""
    pictures = [frame.pixels for frame in glances(probe(path), 4)]
    found = [embed(one, find_faces(one, reader)[0], reader) for one in pictures]
    return np.asarray(np.mean(found, axis=0), np.float32)


def _faceset(name: str, clips: tuple[Path, ...], folder: Path, reader: FaceReader) -> Faceset:
    path = folder / f"{name}.faceset"
    if not path.is_file():
        request = Request(
            clips,
            path,
            _record(name, shown(clips[0], reader), folder),
            limits=Limits(apart=0.0),
            how=Collecting(rate=25.0),
            home=folder / "home",
        )
        for line in build(request, reader=reader).lines():
            print(line, flush=True)
    return Faceset.open(path)


def _record(name: str, face: Embedding, folder: Path) -> ConsentRecord:
    """A volunteer's record for this benchmark alone."""
    return new_record(
        kind="subject",
        subject=f"GRID volunteer ({name})",
        grantee="this benchmark",
        purposes=["benchmark"],
        embeddings=[face],
        valid_until=datetime.now(UTC) + _DAYS,
        adult_attested=True,
        home=folder / "home",
    )
