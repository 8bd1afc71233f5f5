"""Films a person who does not exist, puts another such person in, seals and verifies the clip.

    python examples/demo.py [FOLDER]

Writes into FOLDER (``demo`` when not given): ``before.mp4``, the photo of one persona moved by the
mesh; ``after.mp4``, the other persona swapped in by the same code as ``masquerade swap``;
``sheet.jpg``, moments of both; ``report.html``, all of it on a page. Every picture goes through
the one way out: consent checked, labelled, signed, entered in the ledger.
"""

from __future__ import annotations

import html
import json
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Literal, TypeAlias

import cv2
import numpy as np

from masquerade import __version__, cli, personas
from masquerade.cli.progress import Progress
from masquerade.faces.detect import find_faces
from masquerade.faces.embed import embed
from masquerade.faces.puppet import Gesture, moved, puppet
from masquerade.faces.readers import FaceReader
from masquerade.hashing import file_sha256
from masquerade.media.encoding import Encoding
from masquerade.media.read import read_frames, read_image
from masquerade.models import unsafe_content
from masquerade.models.card import card
from masquerade.models.store import locate
from masquerade.personas import Persona
from masquerade.provenance.consent.records import load
from masquerade.provenance.saved import SaveReport
from masquerade.provenance.seal import save, seal
from masquerade.types import RGB, Draft, DraftSegment, Face, Frame, IdentityUse, InputUse, Recipe

Kind: TypeAlias = Literal["video", "still"]
FILMED, SWAPPED_IN = "bela", "ada"
SECONDS, RATE = 3, 25
FRAME_MS = 1000 // RATE
PURPOSE = "demonstration"
LABEL_PX = 80
SHOWN = (0, 14, 24, 36, 50, 62)  # frames on the sheet


def gesture_at(time_s: float) -> Gesture:
    """What the head does at a time: turns, nods, says a few syllables, blinks twice."""
    turn = 2 * np.pi * time_s / SECONDS
    start = np.clip(time_s / 0.4, 0, 1) * np.clip((SECONDS - time_s) / 0.4, 0, 1)
    yaw = 12 * np.sin(turn) * start
    syllables = np.sin(2 * np.pi * 2.3 * time_s) ** 2 * np.sin(np.pi * time_s / SECONDS)
    speaking = np.clip((time_s - 0.5) / 0.2, 0, 1) * np.clip((2.4 - time_s) / 0.2, 0, 1)
    blink = max(np.clip(1 - abs(time_s - at) / 0.12, 0, 1) for at in (0.95, 2.2))
    return Gesture(
        yaw_deg=float(yaw),
        pitch_deg=float(4 * np.sin(2 * turn) * start),
        roll_deg=float(2.5 * np.sin(turn + 0.8) * start),
        blink=float(blink * blink * (3 - 2 * blink)),
        mouth=float(0.6 * syllables * speaking),
        gaze_x=float(-0.35 * yaw / 12),
    )


def filmed(picture: RGB, face: Face) -> Iterator[Frame]:
    """The photo's head moving for `SECONDS`."""
    doll = puppet(picture, face)
    for number in range(SECONDS * RATE):
        pixels = moved(doll, gesture_at(number / RATE))
        yield Frame(pixels, number * FRAME_MS, Fraction(1, 1000), FRAME_MS)


def sealed(
    kind: Kind,
    frames: Iterator[Frame],
    shown: tuple[Persona, ...],
    out: Path,
    reader: FaceReader,
) -> SaveReport:
    """Frames made here, saved by the one way out under the personas' consent."""
    inputs, uses = [], []
    for persona in shown:
        picture = read_image(persona.picture).pixels
        face = find_faces(picture, reader)[0]
        sha256 = file_sha256(persona.picture)
        inputs.append(InputUse("source", f"{persona.name}.jpg", sha256, persona.picture))
        record = load(persona.consent)
        found = embed(picture, face, reader)
        uses.append(IdentityUse("source", "face", found, sha256, record.id))
    recipe = Recipe(
        method=f"demo_{kind}",
        version=__version__,
        options_json=json.dumps({"seconds": SECONDS, "rate": RATE}),
        models=tuple((name, card(name).sha256) for name in reader.cards),
        inputs=tuple(inputs),
    )
    last = (SECONDS * RATE - 1) * FRAME_MS if kind == "video" else 0
    segment = DraftSegment(0, f"{kind} {recipe.version}", 0, last, frames)
    draft = Draft(recipe, tuple(uses), shown[0].picture, kind, iter([segment]))
    records = [load(persona.consent) for persona in shown]
    # The small label on what is filmed leaves room for that of the swap, which lies over it.
    label = "minimal" if kind == "video" else "eu"
    made = seal(draft, consents=records, purpose=PURPOSE, label_preset=label)
    return save(made, out, encoding=Encoding())


def sheet(photo: RGB, before: Path, after: Path) -> RGB:
    """Moments of both clips, one above the other, the photo that was swapped in at the left."""
    height, width = 320, 256
    rows = []
    for path in (before, after):
        frames = [frame.pixels for n, frame in enumerate(read_frames(path)) if n in SHOWN]
        small = [cv2.resize(f, (width, height), interpolation=cv2.INTER_AREA) for f in frames]
        rows.append(np.hstack(small))
    picture = np.vstack(rows)
    left = np.full((2 * height, width, 3), 32, np.uint8)
    left[height // 2 : height // 2 + height] = cv2.resize(
        photo, (width, height), interpolation=cv2.INTER_AREA
    )
    row = np.hstack([left, picture])
    band = np.full((LABEL_PX, row.shape[1], 3), 32, np.uint8)  # the sheet's own label goes here
    return np.ascontiguousarray(np.vstack([band, row]))


def page(filmed_one: Persona, other: Persona, report: SaveReport) -> str:
    """The report as HTML; it needs nothing but the files beside it."""
    facts = "".join(
        f"<tr><td>{html.escape(p.name)}<td>{html.escape(p.looks)}<td>{p.nearest_real_face:.2f}"
        f"<td>{p.compared_real_faces}"
        for p in (filmed_one, other)
    )
    lines = "".join(f"<li>{html.escape(line)}" for line in report.lines())
    return f"""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Masquerade: a swap between two people who do not
exist</title>
<style>body{{font:16px/1.5 system-ui;margin:2em auto;max-width:70em;padding:0 1em}}
video{{width:24em;max-width:48%}} img{{max-width:100%}} td,th{{padding:.2em 1em .2em 0;
text-align:left}}</style>
<h1>{html.escape(other.name)} in the place of {html.escape(filmed_one.name)}</h1>
<p>Neither of them exists. Both clips are sealed: <code>masquerade verify after.mp4</code>.</p>
<p><video src="before.mp4" autoplay loop muted controls></video>
<video src="after.mp4" autoplay loop muted controls></video></p>
<p><img src="sheet.jpg" alt="The photo at the left; above the clip before, below after"></p>
<h2>The sheet's seal</h2><ul>{lines}</ul>
<h2>Why they are nobody</h2>
<table><tr><th>persona<th>looks<th>distance to the nearest real face<th>of so many{facts}</table>
<p>Two photos of one person lie nearer than 0.6 to each other.</p>
"""


def main() -> int:
    """Makes everything; the exit code is that of the command that failed, or 0."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "demo")
    folder.mkdir(parents=True, exist_ok=True)
    before, after = folder / "before.mp4", folder / "after.mp4"
    target, source = personas.load(FILMED), personas.load(SWAPPED_IN)
    with Progress() as progress:
        reader = FaceReader.open(progress=progress)
        locate(unsafe_content.CARD, progress=progress)
    picture = read_image(target.picture).pixels
    face = find_faces(picture, reader)[0]
    print(f"filming {target.name}: {target.looks}")
    sealed("video", filmed(picture, face), (target,), before, reader)
    print(f"swapping {source.name} in: {source.looks}")
    swap = ["swap", str(source.picture), str(before), "-o", str(after), "--overwrite"]
    code = cli.main([*swap, "--consent", str(source.consent), "--purpose", PURPOSE])
    code = code or cli.main(["verify", str(after)])
    if code:
        return code
    photo = read_image(source.picture).pixels
    pictures = iter([Frame(sheet(photo, before, after))])
    report = sealed("still", pictures, (source, target), folder / "sheet.jpg", reader)
    report_page = folder / "report.html"
    report_page.write_text(page(target, source, report), encoding="utf-8")
    print("\nlook at:", *(path.resolve() for path in (report_page, report.path, before, after)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
