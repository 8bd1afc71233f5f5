"""How often the gate of unsafe content refuses what it should not, and what it costs.

Every portrait and persona, and one picture a second of every talking and body clip, none of them
unsafe, are judged. How much of what is unsafe the gate finds is not measured: there is no licensed
material for it. The cost is that of the looks at a moving target and its output, 10 s of 720p, in
seconds of one processor, against those of a swap of that length (``--swap-s``: the user time of
`masquerade swap`).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

from benchmarks.consent_threshold import bounds
from benchmarks.media import media_dir
from benchmarks.report import Bar, publish
from masquerade.media.read import read_frames
from masquerade.models.unsafe_content import UnsafeContent
from masquerade.provenance.fingerprint import pictures_of
from masquerade.provenance.gates import unsafe_content
from masquerade.provenance.gates.rules import rule
from masquerade.provenance.gates.takedown import BlockList
from masquerade.provenance.gates.watch import Stream
from masquerade.types import Frame

_SIZE_WH = (1280, 720)
_LENGTH_S = 10


def judged(paths: list[Path], network: UnsafeContent) -> list[float]:
    """The figure of every picture looked at."""
    return [float(network([one.pixels])[0]) for path in paths for one in pictures_of(path, 1)]


def cost_s(frames: list[Frame], home: Path) -> tuple[float, int]:
    """Seconds of one processor that a stream takes, and how many pictures were looked at."""
    stream = Stream("the output", BlockList.read(home), lambda number: (number * 97 % 256) / 256)
    start = time.process_time()
    for frame in frames:
        stream.see(frame)
    return time.process_time() - start, len(stream.looks)


def _long_720p(path: Path) -> Iterator[Frame]:
    """Ten seconds of a clip at 25 pictures a second and 720p, over and over if need be."""
    read = [cv2.resize(frame.pixels, _SIZE_WH) for frame in islice(read_frames(path), 75)]
    for number in range(25 * _LENGTH_S):
        yield Frame(np.asarray(read[number % len(read)], np.uint8), number, Fraction(1, 25))


def main() -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--swap-s", type=float, required=True, help="time of a 10 s 720p swap")
    given = parser.parse_args()
    media, network = media_dir(), UnsafeContent.open()
    limit = rule(unsafe_content.NAME).numbers["probability"]
    portraits = sorted((media / "portraits").glob("*.jpg"))
    portraits += sorted(path for path in (media / "personas").rglob("*.[jp][pn]g"))
    clips = sorted((media / "talking").rglob("*.mpg")) + sorted((media / "body").glob("*.mp4"))
    still, moving = judged(portraits, network), judged(clips, network)
    refused = sum(one >= limit for one in (*still, *moving))
    unsafe_content.score(np.zeros((8, 8, 3), np.uint8))  # loads the weights
    with TemporaryDirectory() as home:
        looks = {path.stem: cost_s(list(_long_720p(path)), Path(home)) for path in clips[-4:]}
    costs = [2 * took for took, _ in looks.values()]  # target and output
    share = max(costs) / given.swap_s
    publish(
        "policy_gates",
        [Bar("false refusals", refused, 0), Bar("share of a 10 s swap, largest", share, 0.05)],
        {
            "limit": limit,
            "portraits": len(still),
            "pictures_of_clips": len(moving),
            "clips": len(clips),
            "false_refusals": refused,
            "false_refusal_upper_95": round(bounds(refused, len(still) + len(moving))[1], 5),
            "largest_portrait": round(max(still), 4),
            "largest_clip": round(max(moving), 4),
            "found_of_unsafe": "not measured: no licensed material",
            "looks_in_10_s": {name: count for name, (_, count) in looks.items()},
            "cost_s_target_and_output": {
                name: round(2 * took, 3) for name, (took, _) in looks.items()
            },
            "swap_s": given.swap_s,
        },
    )


if __name__ == "__main__":
    main()
