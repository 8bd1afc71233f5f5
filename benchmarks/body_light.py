"""How much of a known cast is taken away where a person is put into another place.

``python -m benchmarks.body_light [--media DIR] [--every N] [--out SHEETS]``

Each of the two people of media/body is drawn from one picture of their clip into a frame of the
other's clip and of their own, with the picture as it is and recoloured by a known light; with the
place's light taken on, and without. What counts is how far the figure's colours (CIE Lab) are from
those of the same figure without the cast: a match that sees the cast brings both to the same.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.body import CLIPS, Clip, read_clip
from benchmarks.media import media_dir
from benchmarks.report import Bar, publish
from masquerade.bodies.figure import PhotoFigure, shown
from masquerade.bodies.light import Curves, Light, curves, relit
from masquerade.bodies.pose import BodyReader
from masquerade.bodies.puppet import InLight, Puppet
from masquerade.bodies.skeleton import build_of
from masquerade.bodies.track import BodyTrack
from masquerade.compose.blend import compose
from masquerade.faces.readers import FaceReader
from masquerade.generate.body import Act, Options, drawn
from masquerade.pipelines.body.face import face_at_head
from masquerade.pipelines.body.light import light_of_photo, light_of_shot
from masquerade.pipelines.body.replace import BLENDING
from masquerade.types import Face, Patch

CASTS: Final = {
    "warm": (1.15, 1.0, 0.7),
    "cool": (0.78, 1.0, 1.18),
    "green": (0.85, 1.08, 0.85),
    "dark": (0.6, 0.6, 0.6),
    "bright": (1.3, 1.3, 1.3),
}
_MARK: Final = (3.0, 3.0, 3.0)  # a cast that tells the figure from the place
_TOLD: Final = 12  # levels by which it does


@dataclass(frozen=True, slots=True)
class Lit:
    """A figure whose pictures were taken in another light."""

    plain: PhotoFigure
    by: Curves

    @property
    def build(self) -> NDArray[np.float32]:
        """(14,) lengths of their bones in torsos."""
        return self.plain.build

    def puppet(self, pts: int, torso_px: float) -> Puppet:
        """The puppet in that light."""
        return InLight().puppet(self.plain.puppet(pts, torso_px), self.by)


@dataclass(frozen=True, slots=True)
class Source:
    """One picture of a clip's person, and their face where it is seen."""

    clip: Clip
    number: int
    face: Face | None

    def light(self, by: Curves) -> Light:
        """The light of the picture recoloured."""
        picture = self.clip.frames[self.number].pixels
        people = self.clip.covers[self.number].in_frame(picture.shape[:2])
        found = light_of_photo(relit(picture, by), people, self.face)
        assert found is not None
        return found


def cast(gains: tuple[float, float, float]) -> Curves:
    """What levels become in a light with such factors of red, green and blue."""
    share = np.arange(256)[:, None] / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4) * gains
    small = linear <= 0.0031308
    made = np.where(small, linear * 12.92, 1.055 * np.maximum(linear, 0) ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(np.clip(made, 0, 1) * 255), np.uint8)[None]


def source_of(clip: Clip, reader: FaceReader) -> Source:
    """The picture with the straightest body whose face is seen; else the straightest."""
    order = sorted(range(len(clip.frames)), key=lambda n: clip.bodies[n].yaw_deg)
    for number in order:
        face = face_at_head(clip.frames[number].pixels, clip.bodies[number], reader)
        if face is not None:
            return Source(clip, number, face)
    return Source(clip, order[0], None)


def place_of(clip: Clip, reader: FaceReader) -> Light:
    """The light of a whole clip."""
    times = [one.pts for one in clip.frames]
    track = BodyTrack(
        0,
        dict(zip(times, clip.bodies, strict=True)),
        {
            pts: cv2.imencode(".png", np.rint(one.mask * 255).astype(np.uint8))[1].tobytes()
            for pts, one in zip(times, clip.covers, strict=True)
        },
        {pts: one.crop_from_frame for pts, one in zip(times, clip.covers, strict=True)},
    )
    found = light_of_shot({one.pts: one.pixels for one in clip.frames}, track, reader)
    assert found is not None
    return found


def measure(source: Source, target: Clip, place: Light, out: Path | None) -> dict[str, Any]:
    """Distances in Lab without and with the match, by cast."""
    number = len(target.frames) // 2
    frame, cue = target.frames[number], target.cue(number)
    clip, at = source.clip, source.number
    photo = shown(clip.frames[at].pixels, clip.bodies[at], clip.covers[at])
    assert photo is not None
    figure, build = PhotoFigure(photo, clip.bodies[at]), build_of(list(target.bodies))

    def made(gains: tuple[float, float, float], *, match: bool) -> Patch:
        by = cast(gains)
        light = curves(source.light(by), place) if match else None
        act = Act("0", build, target.plate, light=light)
        return drawn(frame, cue, act, Lit(figure, by), Options())

    plain, matched = (made((1.0, 1.0, 1.0), match=match) for match in (False, True))
    marked = made(_MARK, match=False).pixels
    inside = cv2.absdiff(marked, plain.pixels).max(axis=2) > _TOLD
    found: dict[str, Any] = {"unchanged": _apart(matched, plain, inside)}
    rows = [[plain, matched]]
    for name, gains in CASTS.items():
        rows.append([made(gains, match=match) for match in (False, True)])
        before, after = (
            _apart(one, like, inside) for one, like in zip(rows[-1], rows[0], strict=True)
        )
        found[name] = {"before": before, "after": after, "removed": 1 - after / before}
    if out:
        out.mkdir(parents=True, exist_ok=True)
        sheet = [np.vstack([compose(frame, [one], BLENDING).pixels for one in row]) for row in rows]
        small = cv2.resize(np.hstack(sheet), None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
        cv2.imwrite(str(out / f"{clip.name}_in_{target.name}.png"), small[..., ::-1])
    return found


def _apart(one: Patch, other: Patch, inside: NDArray[np.bool_]) -> float:
    lab = [
        cv2.cvtColor(patch.pixels.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[inside]
        for patch in (one, other)
    ]
    return float(np.linalg.norm(lab[0] - lab[1], axis=1).mean())


def main() -> None:
    """Measures both people in both places, prints bars and JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--media", type=Path)
    parser.add_argument("--every", type=int, default=16, help="take every n-th frame")
    parser.add_argument("--out", type=Path, help="folder for sheets: without the match, with it")
    given = parser.parse_args()
    cv2.setNumThreads(1)
    bodies, faces = BodyReader.open(), FaceReader.open()
    folder = media_dir(given.media) / "body"
    clips = [read_clip(folder / f"{name}.mp4", given.every, bodies) for name in CLIPS]
    sources = [source_of(clip, faces) for clip in clips]
    places = [place_of(clip, faces) for clip in clips]
    found = {
        f"{source.clip.name} in {clip.name}": measure(source, clip, place, given.out)
        for source in sources
        for clip, place in zip(clips, places, strict=True)
    }
    bars = [
        Bar(
            f"share of a {name} cast removed, the least",
            min(one[name]["removed"] for one in found.values()),
            0.5,
            ">=",
        )
        for name in CASTS
    ]
    publish("body_light", bars, found)


if __name__ == "__main__":
    main()
