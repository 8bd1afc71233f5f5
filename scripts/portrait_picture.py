"""The picture of `docs/portrait.md`: frames of sealed talking portraits of three personas.

    python scripts/portrait_picture.py [--voice NAME.mvoice] [-o docs/img/portrait.webp]

Each says the same sentence in the voice of a persona, which is made first where no file of one is
given. Of each video are shown, from the left: its first frame, the mouth open widest, the head
turned furthest to either side, the eyes shut.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import cv2
import numpy as np
from PIL import Image

from masquerade import personas
from masquerade.faces.following.track import track
from masquerade.faces.mesh import interocular_px
from masquerade.faces.mouth.shape import on_skull, opening
from masquerade.faces.readers import FaceReader
from masquerade.media.read import read_frames
from masquerade.pipelines.portrait.portrait import Request, portrait
from masquerade.pipelines.voice.persona import make_persona_voice
from masquerade.types import RGB, Points

PICTURE: Final = Path(__file__).resolve().parents[1] / "docs" / "img" / "portrait.webp"
_SHOWN: Final = ("ada", "cora", "hugo")
_VOICE: Final = "hugo"
_TEXT: Final = (
    "Good morning, and welcome to the museum. Nobody has ever met me, since I was made up."
    " Please begin your visit beside the big map."
)
_SIDE: Final = 220
_QUALITY: Final = 80
_LIDS: Final = ((159, 145), (386, 374))


def main() -> None:
    """Make the videos and the picture."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--voice", type=Path, help="a persona's voice, made before")
    parser.add_argument("-o", "--out", type=Path, default=PICTURE)
    asked = parser.parse_args()
    with TemporaryDirectory() as folder:
        work = Path(folder)
        voice = asked.voice or work / f"{_VOICE}.mvoice"
        if asked.voice is None:
            make_persona_voice(_VOICE, voice)
        rows = [shown(spoken(name, voice, work)) for name in _SHOWN]
    picture = np.concatenate(rows)
    Image.fromarray(picture).save(asked.out, quality=_QUALITY)
    print(f"{asked.out}: {picture.shape[1]} x {picture.shape[0]}")


def spoken(name: str, voice: Path, work: Path) -> Path:
    """A sealed video of a persona."""
    one, out = personas.load(name), work / f"{name}.mp4"
    request = Request(None, (one.consent,), purpose="documentation", text=_TEXT, voice=voice)
    portrait(one.picture, out, request)
    return out


def shown(video: Path) -> RGB:
    """(220, 1100, 3) five moments of a video in a row."""
    frames = list(read_frames(video))
    best = max(track(frames, FaceReader.open()), key=lambda one: len(one.faces))
    seen = [frame for frame in frames if frame.pts in best.faces]
    marks = [best.faces[frame.pts].landmarks for frame in seen]
    chosen = (0, *moments(marks))
    return np.concatenate([_square(seen[number].pixels) for number in chosen], axis=1)


def moments(marks: Sequence[Points]) -> tuple[int, int, int, int]:
    """Numbers of the frames with the widest mouth, the head at either side, and the eyes shut."""
    mouths = [opening(on_skull(one)) for one in marks]
    noses = [float(one[1, 0] - one[[33, 263], 0].mean()) / interocular_px(one) for one in marks]
    lids = [
        sum(float(np.linalg.norm(one[a] - one[b])) for a, b in _LIDS) / interocular_px(one)
        for one in marks
    ]
    return (
        int(np.argmax(mouths)),
        int(np.argmin(noses)),
        int(np.argmax(noses)),
        int(np.argmin(lids)),
    )


def _square(pixels: RGB) -> RGB:
    """(220, 220, 3) the upper part of a frame, above the card that says what was made."""
    width = pixels.shape[1]
    side = round(0.95 * width)
    part = pixels[:side, width - side :]
    return np.asarray(cv2.resize(part, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA), np.uint8)


if __name__ == "__main__":
    main()
