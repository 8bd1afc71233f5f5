"""What is left of a sealed file's marks after what happens to files on their way.

``python -m benchmarks.robustness [--docs] [--flips N] [--keep DIR]``

Two people who do not exist are swapped by `masquerade swap` itself: a JPEG, a PNG, a WebP, an MP4
of two seconds, and an MKV with its manifest beside it. Each is stripped, encoded again, cut,
lengthened, renamed, robbed of its sidecar or given another's manifest, and bytes of it are flipped
one at a time; then `masquerade verify` says what it finds. ``--docs`` writes the table of
docs/provenance.md. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from fractions import Fraction
from io import StringIO
from pathlib import Path

import av
import cv2
import numpy as np

from benchmarks.report import Bar, publish
from benchmarks.robustness_attacks import ATTACKS, STRIPS, Attack
from masquerade import cli, personas
from masquerade.errors import MasqueradeError
from masquerade.faces.detect import find_faces
from masquerade.faces.puppet import Gesture, moved, puppet
from masquerade.faces.readers import FaceReader
from masquerade.media.read import read_frames, read_image
from masquerade.provenance.c2pa.credentials import read_credentials
from masquerade.provenance.c2pa.formats import sidecar_of
from masquerade.provenance.verify import verify
from masquerade.types import RGB

SEED = 20261122
PAGE = Path(__file__).resolve().parents[1] / "docs" / "provenance.md"
SOURCES = ("ada", "cora")
TARGET = "bela"
SECONDS, RATE = 2, 25
STILLS = ("jpg", "png", "webp")
KINDS = (*STILLS, "mp4", "mkv")
LABEL_LIKENESS = 0.8
STATES = {"intact": "whole", "broken": "BROKEN", "none": "none"}
HEAD = ("What was done", "Manifest", "Row by hash", "Watermark leads to the row",
        "Looks like the row", "Label seen")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seen:
    """What verify found of one file after one attack.

    Attributes:
        kind: The file's ending.
        attack: What was done to it.
        manifest: ``whole``, ``BROKEN``, ``none`` or ``cannot say``.
        by_hash: Whether the ledger has a row of this very file.
        marked: Whether the watermark leads to the row of the sealed file.
        alike: Whether the fingerprint does; None where the file cannot be looked at.
        label: Whether the label is still in the picture; None where nobody can see the picture.
        exit_code: Of verify.
    """

    kind: str
    attack: str
    manifest: str
    by_hash: bool
    marked: bool
    alike: bool
    label: bool | None
    exit_code: int


def main() -> None:
    """Makes, attacks, verifies, reports."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--docs", action="store_true", help="write the table of the docs")
    parser.add_argument("--flips", type=int, default=120, help="bytes flipped in each file")
    parser.add_argument("--keep", type=Path, help="keep the sealed files in this folder")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        place = asked.keep or Path(name)
        place.mkdir(parents=True, exist_ok=True)
        os.environ["MASQUERADE_HOME"] = str(Path(name) / "home")
        sealed = make_all(place)
        seen = [
            attacked(sealed[kind], attack)
            for kind in KINDS
            for attack in ATTACKS
            if kind in attack.kinds
        ]
        flips = {kind: flipped(sealed[kind][0], asked.flips) for kind in KINDS}
    rows = table(seen)
    print("\n".join(" | ".join(row) for row in (HEAD, *rows)))
    if asked.docs:
        write_table(rows)
    _publish(seen, flips)


def make_all(place: Path) -> dict[str, tuple[Path, Path]]:
    """Two sealed files of each kind, by the command line."""
    target = personas.load(TARGET).picture
    clip = make_clip(place / "target.mp4", target)
    made = {}
    for kind in KINDS:
        paths = []
        for name in SOURCES:
            out = place / f"{name}-{kind}.{kind}"
            source = personas.load(name)
            files = [source.picture, target if kind in STILLS else clip, "-o", out]
            words = [*files, "--consent", source.consent, "--purpose", "demonstration", "--json"]
            told = StringIO()
            with redirect_stdout(told):
                code = cli.main(["swap", *map(str, words), "--overwrite"])
            if code:
                raise SystemExit(f"{out.name} could not be made: {told.getvalue()}")
            paths.append(out)
        made[kind] = (paths[0], paths[1])
    return made


def make_clip(path: Path, photo: Path) -> Path:
    """A persona who turns the head, filmed for `SECONDS`."""
    picture = read_image(photo).pixels
    doll = puppet(picture, find_faces(picture, FaceReader.open())[0])
    with av.open(path, "w") as out:
        stream = out.add_stream("libx264", rate=RATE, options={"crf": "14"})
        stream.height, stream.width = (side // 2 * 2 for side in picture.shape[:2])
        stream.pix_fmt = "yuv420p"
        for number in range(SECONDS * RATE):
            turn = 2 * np.pi * number / (SECONDS * RATE)
            pixels = moved(doll, Gesture(yaw_deg=float(9 * np.sin(turn))))
            frame = av.VideoFrame.from_ndarray(
                pixels[: stream.height, : stream.width], format="rgb24"
            )
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def attacked(pair: tuple[Path, Path], attack: Attack) -> Seen:
    """What verify says of a sealed file after an attack, in a folder of its own."""
    sealed = pair[0]
    row = verify(sealed).ledger_row
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        copies = [Path(shutil.copy(path, place)) for path in pair]
        for path in pair:
            if sidecar_of(path).exists():
                shutil.copy(sidecar_of(path), place)
        changed = attack.do(copies[0], copies[1], place)
        report = verify(changed)
        print(f"{sealed.suffix[1:]:5}{attack.name:45}{report.verdict}", flush=True)
        return Seen(
            sealed.suffix[1:],
            attack.name,
            STATES.get(report.credentials.state, "cannot say"),
            report.ledger_state == "found",
            any(one.id == row for one in report.marked),
            any(one.row.id == row for one in report.copies.matches),
            has_label(sealed, changed),
            report.exit_code,
        )


def has_label(sealed: Path, changed: Path) -> bool | None:
    """Whether the top fifth of the picture, where the label is, still looks as it was sealed."""
    try:
        before, after = first_picture(sealed), first_picture(changed)
    except MasqueradeError:
        return None
    height, width = before.shape[:2]
    after = np.asarray(cv2.resize(after, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    top = np.s_[: height // 5, width // 2 :]
    alike = np.corrcoef(before[top].ravel(), after[top].ravel())
    return bool(alike[0, 1] > LABEL_LIKENESS)


def first_picture(path: Path) -> RGB:
    """The first picture of a still or a video."""
    if path.suffix[1:] in STILLS:
        return read_image(path).pixels
    return next(iter(read_frames(path))).pixels


def flipped(path: Path, count: int) -> Counter[str]:
    """What becomes of a file of which one bit is flipped, at `count` places, one at a time.

    Returns:
        Counts of ``found`` (broken, or no manifest any more), ``harmless`` (called whole, and every
        picture is as it was), ``unreadable`` (the manifest is called whole, and no picture can be
        read any more) and ``missed`` (called whole, and a picture is another).
    """
    rng = np.random.default_rng(SEED)
    data = path.read_bytes()
    before = all_pictures(path)
    told: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        copy = Path(shutil.copy(path, name))
        if sidecar_of(path).exists():
            shutil.copy(sidecar_of(path), name)
        places = np.unique(np.concatenate([rng.integers(0, len(data), count), [0, len(data) - 1]]))
        for place in places:
            changed = bytearray(data)
            changed[place] ^= 1 << int(rng.integers(8))
            copy.write_bytes(changed)
            if read_credentials(copy).state != "intact":
                told["found"] += 1
            else:
                after = all_pictures(copy)
                same = "harmless" if after == before else "missed"
                told["unreadable" if after is None else same] += 1
    return told


def all_pictures(path: Path) -> list[bytes] | None:
    """Every picture of a file as bytes; None where it cannot be read."""
    try:
        if path.suffix[1:] in STILLS:
            return [read_image(path).pixels.tobytes()]
        return [frame.pixels.tobytes() for frame in read_frames(path)]
    except MasqueradeError:
        return None


def table(seen: Sequence[Seen]) -> list[tuple[str, ...]]:
    """One row for each attack; a cell says ``yes``, ``no``, or in how many kinds of file."""
    rows: list[tuple[str, ...]] = []
    for attack in ATTACKS:
        those = [one for one in seen if one.attack == attack.name]
        manifest = Counter(one.manifest for one in those)
        words = [
            word if len(manifest) == 1 else f"{word} ({count} of {len(those)})"
            for word, count in manifest.most_common()
        ]
        rows.append(
            (
                f"{attack.name} ({', '.join(one.kind for one in those)})",
                ", ".join(words),
                _cell([one.by_hash for one in those]),
                _cell([one.marked for one in those]),
                _cell([one.alike for one in those]),
                _cell([one.label for one in those]),
            )
        )
    return rows


def _cell(answers: Sequence[bool | None]) -> str:
    known = [answer for answer in answers if answer is not None]
    if not known:
        return "cannot be looked at"
    if len(known) == len(answers) and len(set(known)) == 1:
        return "yes" if known[0] else "no"
    return f"{sum(known)} of {len(answers)}"


def write_table(rows: Sequence[Sequence[str]]) -> None:
    """Puts the table between its marks in docs/provenance.md."""
    text = PAGE.read_text(encoding="utf-8")
    start, end = "<!-- measured: robustness -->\n", "<!-- end of measured -->"
    lines = [HEAD, ["---"] * len(HEAD), *rows]
    body = "".join(f"| {' | '.join(row)} |\n" for row in lines)
    before, _, rest = text.partition(start)
    PAGE.write_text(before + start + body + end + rest.partition(end)[2], encoding="utf-8")


def _publish(seen: Sequence[Seen], flips: dict[str, Counter[str]]) -> None:
    stripped = [one for one in seen if one.attack in STRIPS]
    kept = {attack.name for attack in ATTACKS if attack.keeps_content}
    changed = [one for one in seen if one.attack not in kept]
    total: Counter[str] = sum(flips.values(), Counter())
    bars = [
        Bar("flipped bytes that change a picture and are called whole", total["missed"], 0, "=="),
        Bar("flipped bytes tried", sum(total.values()), 500, ">="),
        Bar(
            "stripped files that the watermark leads back to the ledger, share",
            sum(one.marked for one in stripped) / max(1, len(stripped)),
            1.0,
            "==",
        ),
        Bar(
            "changed files that are called whole",
            sum(one.manifest == "whole" for one in changed),
            0,
            "==",
        ),
    ]
    results = {
        "flips": {kind: dict(counts) for kind, counts in flips.items()},
        "seen": [
            [one.kind, one.attack, one.manifest, one.by_hash, one.marked, one.alike, one.label]
            for one in seen
        ],
    }
    publish("robustness", bars, json.loads(json.dumps(results)))


if __name__ == "__main__":
    main()
