"""What was looked at, as pictures for a report: the file's own pixels, or its sound's spectrum.

Faces are marked where a signal looked for them; for the picture alone nobody looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Final

import cv2
import numpy as np

from masquerade.errors import MediaError
from masquerade.forensics.drawing import png, strip
from masquerade.forensics.evidence import Evidence, Figure
from masquerade.forensics.sample import Sample
from masquerade.forensics.spectrum_picture import spectrum_figures

_SIDE_PX: Final = 640
_SHOWN: Final = 6
_BOX: Final = (20, 90, 220)


def pictures(sample: Sample, evidence: Sequence[Evidence] = ()) -> tuple[Figure, ...]:
    """A still with its faces marked, some pictures of a video, or a sound's spectrum over time.

    Args:
        sample: The file under examination.
        evidence: What signals found in it: where it sounds conspicuous is marked in the spectrum.
    """
    try:
        if sample.info.kind == "still":
            return (_still(sample),)
        if sample.info.kind == "audio":
            return spectrum_figures(sample.sound, evidence)
        return _moving(sample)
    except (MediaError, IndexError):  # it is told elsewhere that nothing can be decoded
        return ()


def _still(sample: Sample) -> Figure:
    picture = sample.still.pixels
    scale = min(1.0, _SIDE_PX / max(picture.shape[:2]))
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    small = np.array(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    if not sample.looked_for_faces:  # the networks need not be there for signals without faces
        return Figure("seen", png(small), "The picture that was examined.")
    for face in sample.still_faces:
        x0, y0, x1, y1 = (round(value * scale) for value in face.box)
        cv2.rectangle(small, (x0, y0), (x1, y1), _BOX, 2)
    faces = len(sample.still_faces)
    found = f"{faces} face{'s' if faces > 1 else ''} found" if faces else "no face found"
    return Figure("seen", png(small), f"The picture that was examined; {found}.")


def _moving(sample: Sample) -> tuple[Figure, ...]:
    """Pictures spread over what moves; none where none can be decoded."""
    every = list(sample.glances)
    if not every:
        return ()
    some = list(islice(every, 0, None, max(1, -(-len(every) // _SHOWN))))
    words = [f"{float(frame.time_s):.1f} s" for frame in some]
    shown = strip([frame.pixels for frame in some], words)
    if not sample.looked_for_faces:
        return (Figure("seen", shown, "Pictures from the file, evenly spread."),)
    found = "faces were followed" if sample.lines else "no face was found"
    return (Figure("seen", shown, f"Pictures from the file, evenly spread; {found}."),)
