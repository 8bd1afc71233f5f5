"""How fast faces of a faceset are read in any order, on one core, and in how much memory.

The same encoded faces are put into a faceset (SQLite), into Arrow IPC and into Parquet with row
groups of 64 where pyarrow is installed, and are read in the same shuffled order, one by one, as a
trainer asks for them; then decoded into pictures of 128 pixels. Each container is read in a process
of its own, so that its memory is its own.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import psutil

from benchmarks.report import Bar, publish
from masquerade import personas
from masquerade.media.read import read_image
from masquerade.train.facesets.faceset import (
    Expression,
    FaceRecord,
    Faceset,
    FacesetHeader,
    FacesetWriter,
    Quality,
    SourceFile,
)
from masquerade.train.facesets.pack import packed_picture, unpacked_mask, unpacked_pixels

_SIDE, _WANTED = 256, 128
_GROUP = 64
_RAW, _DECODED = 3000, 600
Read = Callable[[int], tuple[bytes, bytes, bytes]]


def face(number: int, picture: np.ndarray) -> FaceRecord:
    """A face of its own: a persona's, shifted, with noise."""
    rng = np.random.default_rng(number)
    noise = rng.integers(-5, 6, (_SIDE, _SIDE, 1))
    moved = np.roll(picture, number % 32, axis=1)
    mask = np.zeros((_SIDE, _SIDE), np.float32)
    cv2.ellipse(mask, (128, 128), (80 + number % 9, 100), number % 20, 0, 360, 1.0, -1)
    return FaceRecord(
        np.clip(moved + noise, 0, 255).astype(np.uint8),
        mask,
        rng.normal(128, 40, (478, 3)).astype(np.float32),
        np.eye(2, 3, dtype=np.float32),
        (0.0, 0.0, 0.0),
        Expression(0, 0, 0, 0, 0, 0),
        rng.normal(size=128).astype(np.float32),
        Quality(200, 12, 120, 0, 0, 0, 1, 0.2, 0, 0),
        SourceFile("clip.mp4", "0" * 64),
        number,
        Fraction(1, 25),
    )


def write(folder: Path, count: int) -> None:
    """The same faces in every container there is."""
    picture = read_image(personas.load("ada").picture).pixels
    picture = np.asarray(
        cv2.resize(picture, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA), np.uint8
    )
    about = FacesetHeader(
        person="ada", consent="mqc-" + "0" * 16, made_by="a benchmark", side_px=_SIDE
    )
    began = time.perf_counter()
    rows = []
    with FacesetWriter(folder / "sqlite", about) as writer:
        for number in range(count):
            writer.add(face(number, picture))
    print(f"{count / (time.perf_counter() - began):.0f} faces a second made and written")
    if importlib.util.find_spec("pyarrow") is None:
        return
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(name, pa.binary()) for name in ("pixels", "mask", "landmarks")])
    with (
        pa.ipc.new_file(folder / "arrow", schema) as arrow,
        pq.ParquetWriter(folder / "parquet", schema, compression="none") as parquet,
    ):
        for number in range(count):
            rows.append(packed_picture(face(number, picture), "jpeg")._asdict())
            if len(rows) == _GROUP:
                batch = pa.RecordBatch.from_pylist(rows, schema)
                arrow.write_batch(batch)
                parquet.write_table(pa.Table.from_batches([batch]))
                rows = []


def reader_of(kind: str, path: Path) -> Read:
    """Gives the bytes of one face."""
    if kind == "sqlite":
        faceset = Faceset.open(path)

        def from_faceset(index: int) -> tuple[bytes, bytes, bytes]:
            packed = faceset.packed(index)[1]
            return packed.pixels, packed.mask, packed.landmarks

        return from_faceset
    import pyarrow as pa
    import pyarrow.parquet as pq

    if kind == "arrow":
        stored = pa.ipc.open_file(pa.memory_map(str(path)))

        def from_arrow(index: int) -> tuple[bytes, bytes, bytes]:
            row = stored.get_batch(index // _GROUP).slice(index % _GROUP, 1)
            return row[0][0].as_py(), row[1][0].as_py(), row[2][0].as_py()

        return from_arrow
    table = pq.ParquetFile(path, memory_map=True)

    def from_parquet(index: int) -> tuple[bytes, bytes, bytes]:
        row = table.read_row_group(index // _GROUP).slice(index % _GROUP, 1)
        return row[0][0].as_py(), row[1][0].as_py(), row[2][0].as_py()

    return from_parquet


def measured(kind: str, path: Path, count: int) -> dict[str, float]:
    """Faces a second of processor time, raw and decoded, and memory added by reading, in MB."""
    cv2.setNumThreads(1)
    read = reader_of(kind, path)
    order = np.random.default_rng(0).permutation(count).tolist()
    unpacked_pixels(read(order[0])[0], _SIDE, _WANTED)
    before = psutil.Process().memory_info().rss
    few = order[: _RAW if kind != "parquet" else _RAW // 10]
    began = time.process_time()
    for index in few:
        read(index)
    raw = len(few) / (time.process_time() - began)
    added = psutil.Process().memory_info().rss - before
    began = time.process_time()
    for index in order[:_DECODED]:
        pixels, mask, _ = read(index)
        unpacked_pixels(pixels, _SIDE, _WANTED)
        unpacked_mask(mask, _SIDE, _WANTED)
    decoded = _DECODED / (time.process_time() - began)
    return {
        "raw_per_s": round(raw),
        "decoded_128_px_per_s": round(decoded),
        "memory_added_mb": round(added / 1e6, 1),
    }


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faces", type=int, default=4032)
    parser.add_argument("--only", nargs=2, metavar=("KIND", "FILE"))
    given = parser.parse_args()
    if given.only:
        kind, path = given.only
        print(json.dumps(measured(kind, Path(path), given.faces)))
        return
    results: dict[str, Any] = {"faces": given.faces, "side_px": _SIDE}
    with tempfile.TemporaryDirectory() as name:
        write(Path(name), given.faces)
        for path in sorted(Path(name).iterdir()):
            only = ["--only", path.name, str(path), "--faces", str(given.faces)]
            again = [sys.executable, "-m", "benchmarks.faceset_speed", *only]
            done = subprocess.run(again, check=True, capture_output=True, text=True)
            results[path.name] = json.loads(done.stdout)
            results[path.name]["file_mb"] = round(path.stat().st_size / 1e6, 1)
    ours = results["sqlite"]
    publish(
        "faceset_speed",
        [
            Bar(
                "faces a second at 128 px, shuffled, one core",
                ours["decoded_128_px_per_s"],
                300,
                ">=",
            ),
            Bar("memory added by reading, MB", ours["memory_added_mb"], 16, "<="),
        ],
        results,
    )


if __name__ == "__main__":
    main()
