"""A faceset as a folder of pictures with a table, for other programs.

These are real pictures of a person, nothing that was made: there is nothing to seal, but the
consent they were collected under holds for whoever gets them, and says so beside them.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Final, Literal

from masquerade.errors import UsageError
from masquerade.faces.readers import FaceReader
from masquerade.provenance.consent.words import lines
from masquerade.train.collect.consent import admit
from masquerade.train.facesets.faceset import FaceRecord, Faceset
from masquerade.train.facesets.pack import PackedPicture
from masquerade.train.facesets.writer import written

Table = Literal["csv", "json"]
_ENDINGS: Final = {b"\xff\xd8": ".jpg", b"RI": ".webp", b"\x89P": ".png"}


def export_faceset(
    faceset: Faceset,
    folder: Path,
    *,
    table: Table = "csv",
    purpose: str = "",
    reader: FaceReader | None = None,
    home: Path | None = None,
) -> int:
    """How many faces were written to a new folder; it appears as a whole or not at all.

    Pictures are those stored, byte for byte: ``000000.jpg`` and its mask ``000000.mask.png``; the
    table has a row for each, landmarks in a file of their own; ``CONSENT.txt`` is the record in
    words.

    Args:
        faceset: The faces.
        folder: The new folder.
        table: Kind of the table.
        purpose: What for; that of the faceset where not given.
        reader: The loaded face networks; loaded here where not given.
        home: The installation's folder.

    Raises:
        UsageError: The folder exists.
        ConsentError: The record does not cover it, or no longer holds.
        OutputError: It cannot be written.
    """
    if folder.exists():
        raise UsageError(f"{folder} exists", "a new folder", "choose another name")
    record = admit(faceset, purpose=purpose, reader=reader, home=home).record
    work = folder.with_name(f".{folder.name}.{os.getpid()}.writing")
    try:
        with written(folder):
            work.mkdir(mode=0o700)
            _write(faceset, work, table)
            text = "\n".join(lines(record)) + "\n"
            (work / "CONSENT.txt").write_text(text, encoding="utf-8")
            work.rename(folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return len(faceset)


def _write(faceset: Faceset, folder: Path, table: Table) -> None:
    rows = (_row(faceset, index, folder) for index in range(len(faceset)))
    if table == "json":
        with (folder / "faces.json").open("w", encoding="utf-8") as file:
            header = faceset.header.model_dump(mode="json", exclude={"record"})
            file.write('{"faceset": ' + json.dumps(header) + ', "faces": [\n')
            for number, row in enumerate(rows):
                file.write((",\n" if number else "") + json.dumps(row))
            file.write("\n]}\n")
        return
    with (folder / "faces.csv").open("w", encoding="utf-8", newline="") as file:
        for number, row in enumerate(rows):
            if not number:
                csv.writer(file).writerow(row)
            csv.writer(file).writerow(
                [_cell(value) for value in row.values()],
            )


def _row(faceset: Faceset, index: int, folder: Path) -> dict[str, object]:
    """The figures of a face, its pictures written beside."""
    _, picture = faceset.packed(index)
    name = f"{index:06d}{_ending(picture)}"
    (folder / name).write_bytes(picture.pixels)
    (folder / f"{index:06d}.mask.png").write_bytes(picture.mask)
    record = faceset[index]
    landmarks = "\n".join(f"{x:.3f},{y:.3f},{z:.3f}" for x, y, z in record.landmarks.tolist())
    (folder / f"{index:06d}.landmarks.csv").write_text(f"x,y,z\n{landmarks}\n", encoding="utf-8")
    return {"picture": name, **dict(_figures(record))}


def _figures(record: FaceRecord) -> Iterator[tuple[str, object]]:
    yield "source", record.source.name
    yield "source_sha256", record.source.sha256
    yield "pts", record.pts
    yield "time_s", float(record.time_s)
    yield from zip(("yaw_deg", "pitch_deg", "roll_deg"), record.pose_deg, strict=True)
    yield from asdict(record.expression).items()
    yield from asdict(record.quality).items()
    yield "frame_from_crop", [round(float(one), 6) for one in record.to_frame.ravel()]
    yield "embedding", [round(float(one), 6) for one in record.embedding]


def _cell(value: object) -> object:
    return " ".join(str(one) for one in value) if isinstance(value, list) else value


def _ending(picture: PackedPicture) -> str:
    return _ENDINGS.get(picture.pixels[:2], ".bin")
