"""How fast `masquerade style` paints, how still videos stay, and whether strips leave a trace.

``python -m benchmarks.style [--media DIR] [--frames N] [--clips N]``

A still of 1920 x 1080 is painted in a preset's style and in that of a picture. Videos of people who
talk are painted frame by frame, which is the rival, and steadied; the warping error is the root of
the mean squared difference between a painted frame and the one before moved along the optical flow
of the unpainted video, where that flow leads there and back to within a pixel (Ruder et al., 2016;
another search for the flow than the one that steadies). A picture is painted whole and in strips.
The last line is JSON.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from itertools import islice, pairwise
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from benchmarks.media import media_dir
from benchmarks.report import Bar, publish
from masquerade.media.read import read_frames, read_image
from masquerade.models.style.network import StyleNetwork
from masquerade.models.style.weights import preset_styles
from masquerade.painting.painter import Painter
from masquerade.painting.steady import Steady
from masquerade.painting.wishes import read_wishes
from masquerade.types import RGB

_FULL: Final = (1920, 1080)
_AMOUNT: Final = 0.9  # what `masquerade style` takes where nothing is said
_STRIPED: Final = (1200, 900)
_PRESETS: Final = ("ink", "candy", "woodcut")


def main(arguments: Sequence[str] | None = None) -> None:
    """Paint, measure, publish."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--media", type=Path)
    parser.add_argument("--frames", type=int, default=25, help="of each clip; default 25")
    parser.add_argument("--clips", type=int, default=2, help="default 2")
    given = parser.parse_args(arguments)
    media = media_dir(given.media)
    photo, *_, other = sorted((media / "personas").glob("*.jpg"))
    still = cv2.resize(read_image(photo).pixels, _FULL, interpolation=cv2.INTER_CUBIC)
    seconds = {
        name: _seconds(Painter.of(read_wishes([style])), np.asarray(still, np.uint8))
        for name, style in (("preset", _PRESETS[0]), ("picture", str(other)))
    }
    shares, errors = [], []
    clips = [next(iter(sorted(one.glob("*.mpg")))) for one in sorted((media / "talking").iterdir())]
    for clip in clips[: given.clips]:
        frames = [one.pixels for one in islice(read_frames(clip), given.frames)]
        for style in _PRESETS:
            apart, steady = _errors(frames, Painter.of(read_wishes([style])))
            shares.append(steady / apart)
            errors.append(
                {"clip": clip.parent.name, "style": style, "frames": apart, "steady": steady}
            )
    seam = _strips(np.asarray(cv2.resize(still, _STRIPED), np.uint8))
    bars = [
        *(Bar(f"1080p still, {name}: seconds", took, 3.0) for name, took in seconds.items()),
        Bar("warping error, share of frame by frame", float(np.mean(shares)), 0.5),
        Bar("strips against the whole: PSNR in dB", seam, 35.0, ">="),
    ]
    publish("style", bars, {"seconds": seconds, "warping": errors, "worst": max(shares)})


def _seconds(painter: Painter, still: RGB) -> float:
    painter(still)
    took = []
    for _ in range(3):
        began = time.perf_counter()
        painter(still)
        took.append(time.perf_counter() - began)
    return float(np.median(took))


def _errors(frames: Sequence[RGB], paint: Callable[[RGB], RGB]) -> tuple[float, float]:
    """Warping error of each frame by itself, and steadied."""
    steady = Steady(_AMOUNT)
    apart = [paint(one) for one in frames]
    held = [steady.held(paint(steady.calmed(one))) for one in frames]
    return _warping(frames, apart), _warping(frames, held)


def _warping(frames: Sequence[RGB], painted: Sequence[RGB]) -> float:
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    errors = []
    for (before, now), (old, new) in zip(pairwise(frames), pairwise(painted), strict=True):
        greys = [cv2.cvtColor(one, cv2.COLOR_RGB2GRAY) for one in (before, now)]
        empty = np.zeros((*greys[0].shape, 2), np.float32)
        back = search.calc(greys[1], greys[0], empty.copy())
        forth = search.calc(greys[0], greys[1], empty.copy())
        rows, columns = np.indices(greys[0].shape, np.float32)
        at = columns + back[..., 0], rows + back[..., 1]
        border = cv2.BORDER_REPLICATE
        astray = back + cv2.remap(forth, *at, cv2.INTER_LINEAR, borderMode=border)
        moved = cv2.remap(old, *at, cv2.INTER_LINEAR, borderMode=border).astype(np.float32)
        sure = np.hypot(astray[..., 0], astray[..., 1]) < 1
        errors.append(float(((new - moved) ** 2).mean(axis=2)[sure].mean()))
    return float(np.sqrt(np.mean(errors)))


def _strips(picture: RGB) -> float:
    """PSNR in dB of a picture painted in strips against the same painted whole; 99 at most."""
    weights = preset_styles()
    network = StyleNetwork(weights.layers, weights.preset(0))
    whole, striped = network(picture), network(picture, whole_pixels=1)
    wrong = float(((whole.astype(np.float32) - striped) ** 2).mean())
    return min(99.0, 10 * float(np.log10(255**2 / max(wrong, 1e-9))))


if __name__ == "__main__":
    main()
