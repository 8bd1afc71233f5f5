"""How often fingerprints take two pictures for one, and miss a copy.

Same: portraits and pictures of clips against their own copies (JPEG, scaling, brightness, crop,
mirror, H.264). Different: portraits of different people, and clips of different scenes. Takes of
one scene are counted apart: a fingerprint does not claim to tell them from each other.
"""

from __future__ import annotations

import argparse
import io
import time
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import cv2
import numpy as np
from PIL import Image

from benchmarks.consent_threshold import bounds
from benchmarks.media import media_dir
from benchmarks.report import Bar, publish
from masquerade.media.read import read_image
from masquerade.provenance.fingerprint import (
    MATCH_BITS,
    apart,
    fingerprint,
    fingerprints,
    forms,
    looked_up,
    pictures_of,
    stack,
)
from masquerade.types import RGB


def jpeg(pixels: RGB, quality: int) -> RGB:
    """The picture through JPEG."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return np.array(Image.open(file))


def scaled(pixels: RGB, factor: float) -> RGB:
    """The picture at another size."""
    return np.asarray(cv2.resize(pixels, None, fx=factor, fy=factor), np.uint8)


def cropped(pixels: RGB, share: float) -> RGB:
    """The picture without that share of its width and height, half of it on each side."""
    height, width = pixels.shape[:2]
    top, left = round(height * share / 2), round(width * share / 2)
    return np.ascontiguousarray(pixels[top : height - top, left : width - left])


ATTACKS: dict[str, Callable[[RGB], RGB]] = {
    "jpeg 30": lambda one: jpeg(one, 30),
    "scale 0.5, jpeg 75": lambda one: jpeg(scaled(one, 0.5), 75),
    "scale 0.3": lambda one: scaled(one, 0.3),
    "brightness x1.2": lambda one: np.clip(one * 1.2, 0, 255).astype(np.uint8),
    "mirrored": lambda one: np.ascontiguousarray(one[:, ::-1]),
    "turned by 90 degrees": lambda one: np.ascontiguousarray(np.rot90(one)),
    "crop 2 %": lambda one: cropped(one, 0.02),
    "crop 5 %": lambda one: cropped(one, 0.05),
    "crop 10 %": lambda one: cropped(one, 0.10),
}
KEPT = ("jpeg 30", "scale 0.5, jpeg 75", "brightness x1.2", "mirrored", "turned by 90 degrees")


def far(one: RGB, listed: bytes) -> int:
    """Bits between a listed picture and the nearest form of another."""
    return min(int(apart(bits, stack([listed]))[0]) for bits in forms(one))


def encoded(path: Path, out: Path, crf: int) -> Path:
    """The clip through H.264 at half its size."""
    frames = list(pictures_of(path, 50))
    height, width = (side // 4 * 2 for side in frames[0].pixels.shape[:2])
    with av.open(out, "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": str(crf)})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 90000)
        for frame in frames:
            small = cv2.resize(frame.pixels, (width, height), interpolation=cv2.INTER_AREA)
            picture = av.VideoFrame.from_ndarray(np.asarray(small, np.uint8), format="rgb24")
            picture.pts, picture.time_base = round(frame.time_s * 90000), Fraction(1, 90000)
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    return out


def clip_misses(clips: list[Path]) -> tuple[int, int]:
    """Pictures of H.264 copies that are not found among their clip's, and how many were tried."""
    missed = tried = 0
    with TemporaryDirectory() as folder:
        for path in clips:
            listed = stack(bits[0] for _, bits in looked_up(path))
            for one in fingerprints(encoded(path, Path(folder) / f"{path.stem}.mp4", 28)):
                missed += int(apart(one.bits, listed).min()) > MATCH_BITS
                tried += 1
    return missed, tried


def took_ms() -> float:
    """Milliseconds of one processor that a picture at 720p takes."""
    grey = np.full((720, 1280, 3), 90, np.uint8)
    start = time.process_time()
    for _ in range(20):
        fingerprint(grey)
    return (time.process_time() - start) * 1000 / 20


def scenes_alike(clips: Sequence[Path]) -> tuple[int, int]:
    """How many pairs of clips are called alike, and how many there are."""
    scenes = [fingerprints(path) for path in clips]
    alike = sum(
        any(int(apart(a.bits, stack(b.bits for b in two)).min()) <= MATCH_BITS for a in one)
        for one, two in combinations(scenes, 2)
    )
    return alike, len(scenes) * (len(scenes) - 1) // 2


def main() -> None:
    """Measure and publish."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    media = media_dir()
    pictures = {
        path.stem: read_image(path).pixels for path in sorted((media / "portraits").glob("*.jpg"))
    }
    bits = {name: fingerprint(pixels).bits for name, pixels in pictures.items()}
    other = [
        far(pictures[one], bits[two])
        for one, two in combinations(pictures, 2)
        if one[:-2] != two[:-2]
    ]
    misses = {
        name: sum(
            far(attack(pixels), bits[which]) > MATCH_BITS for which, pixels in pictures.items()
        )
        for name, attack in ATTACKS.items()
    }
    clips = sorted((media / "talking").rglob("*.mpg"))
    clips_missed, clips_tried = clip_misses(clips[:6] + sorted((media / "body").glob("*.mp4")))
    accepted = sum(one <= MATCH_BITS for one in other)
    kept = max(misses[name] for name in KEPT) / len(pictures)
    publish(
        "fingerprint",
        [
            Bar("false matches, share of pairs of different people", accepted / len(other), 0.001),
            Bar("misses of ordinary copies, largest share", kept, 0.01),
            Bar("misses after H.264 CRF 28 at half size", clips_missed / clips_tried, 0.02),
            Bar("ms of one processor a fingerprint at 720p", took_ms(), 10),
        ],
        {
            "match_bits": MATCH_BITS,
            "pictures": len(pictures),
            "pairs_of_two": len(other),
            "false_matches": accepted,
            "false_match_upper_95": round(bounds(accepted, len(other))[1], 6),
            "nearest_of_two": min(other),
            "misses_of_pictures": misses,
            "h264_missed": [clips_missed, clips_tried],
            "pairs_of_clips_called_alike": scenes_alike(clips),
        },
    )


if __name__ == "__main__":
    main()
