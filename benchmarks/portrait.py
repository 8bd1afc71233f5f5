"""How a photo talks: lips against the speech, whose face it stays, what holds still, and how fast.

``python -m benchmarks.portrait [--media DIR] [--photos N] [--clips N]``

Personas of the package say a recording of LibriSpeech. Of each video it is told: how the opening of
the lips that the mesh network sees goes with the one that was asked for; of stretches in which b,
m or p is spoken, in how many lips are seen shut; at which lag sound and lips go together best, by
`masquerade.speech.sync`; how far the identity is from the photo's; how sharp the face stays, and
how unevenly; and whether a pixel of the background moved. The first of them also says sentences of
GRID, and its lips are held against those of the true speakers. Speed is that of drawing at 720
lines, on one core. The last line is JSON.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.lips import best_lag
from benchmarks.media import media_dir
from benchmarks.report import Bar, publish
from masquerade import personas
from masquerade.bodies.matte import person_matte
from masquerade.faces.detect import find_faces
from masquerade.faces.embed import distance, embed
from masquerade.faces.following.track import track
from masquerade.faces.landmarks import place_of, read_face
from masquerade.faces.living.photo import LivingPhoto, living_photo
from masquerade.faces.mouth.shape import on_skull, opening
from masquerade.faces.readers import FaceReader
from masquerade.generate.portrait import Lines, Options, prepare
from masquerade.media.audio import read_audio
from masquerade.media.read import read_frames, read_image
from masquerade.models.generic_lips import GenericLips
from masquerade.models.person_mask import PersonMask
from masquerade.models.speech_content import SpeechContent
from masquerade.models.voice_activity import VoiceActivity
from masquerade.pipelines.portrait.speech import lips_heard, shut_lips
from masquerade.speech.heard import hear
from masquerade.speech.loudness import loudness
from masquerade.speech.sync import footage_lag
from masquerade.speech.voice_activity import speech_spans
from masquerade.types import RGB, Audio, Face, Frame, Patch, Window

Floats = NDArray[np.float32]

_FPS: Final = 25
_LINES_720: Final = 720
_EVERY: Final = 12  # frames from one look at the identity to the next
_SHUT: Final = 0.02  # beyond the photo's own opening, in which lips count as shut


@dataclass(frozen=True, slots=True)
class Networks:
    """All that is needed to study photo and sound."""

    reader: FaceReader
    content: SpeechContent
    lips: GenericLips
    activity: VoiceActivity
    matte: PersonMask

    def lines(self, sound: Audio, seconds: float) -> Lines:
        """What a recording asks for."""
        times_s = np.arange(int(seconds * _FPS)) / _FPS
        return Lines(
            times_s,
            lips_heard(sound, times_s, self.content, self.lips),
            loudness(sound, times_s),
            tuple(speech_spans(sound, self.activity)),
            shut_lips(sound),
        )

    def sitter(self, path: Path, lines: int = 0) -> tuple[LivingPhoto, Face]:
        """A photo taken apart, at its size or with so many lines."""
        pixels = read_image(path).pixels
        if lines:
            scale = lines / pixels.shape[0]
            pixels = np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale), np.uint8)
        face = max(find_faces(pixels, self.reader), key=lambda one: one.size_px)
        face = replace(face, track_id=0, person="0")
        return living_photo(pixels, face, person_matte(pixels, self.matte)), face


def spoken_by(photo: LivingPhoto, face: Face, lines: Lines) -> tuple[list[RGB], float]:
    """The pictures of a photo that says lines, and milliseconds of processor a picture took."""
    generator = prepare({"0": photo}, Options(), lines={"0": lines})
    frames = (
        Frame(photo.picture, number, Fraction(1, _FPS)) for number in range(len(lines.times_s))
    )
    windows = (Window((frame,), ((face,),)) for frame in frames)
    began, made = time.process_time(), []
    for items in generator(windows):
        made += [one.pixels for one in items if isinstance(one, Patch)]
    return made, 1000 * (time.process_time() - began) / max(len(made), 1)


def seen_openings(pictures: Sequence[RGB], face: Face, reader: FaceReader) -> Floats:
    """How far the lips are open in pictures, as the mesh network sees them."""
    place, found = place_of(face.landmarks), []
    for pixels in pictures:
        seen = read_face(pixels, place, reader, passes=2)
        place = place_of(seen.landmarks)
        found.append(opening(on_skull(seen.landmarks)))
    return np.array(found, np.float32)


def sharpness(photo: LivingPhoto, pictures: Sequence[RGB]) -> tuple[float, float]:
    """Mean sharpness of the face in shares of the photo's, and its deviation."""
    low, high = photo.landmarks[:, :2].min(axis=0), photo.landmarks[:, :2].max(axis=0)
    x0, y0, x1, y1 = np.rint([*low, *high]).astype(int)

    def of(pixels: RGB) -> float:
        grey = cv2.cvtColor(np.ascontiguousarray(pixels[y0:y1, x0:x1]), cv2.COLOR_RGB2GRAY)
        return float(np.abs(cv2.Laplacian(grey, cv2.CV_64F)).mean())

    shares = np.array([of(one) for one in pictures]) / of(photo.picture)
    return float(shares.mean()), float(shares.std())


def background_change(photo: LivingPhoto, pictures: Sequence[RGB]) -> int:
    """Greatest change of a pixel beyond the person and the room that they move in."""
    height, width = photo.picture.shape[:2]
    reach = max(1, round(0.25 * photo.unit_px))
    cover = cv2.resize((photo.cover > 0).astype(np.uint8), (width, height))
    away = cv2.dilate(cover, np.ones((2 * reach + 1, 2 * reach + 1))) == 0
    change = [cv2.absdiff(one, photo.picture)[away].max(initial=0) for one in pictures]
    return int(max(change))


def _measured(path: Path, lines: Lines, sound: Audio, nets: Networks) -> dict[str, float]:
    photo, face = nets.sitter(path)
    pictures, _ = spoken_by(photo, face, lines)
    seen = seen_openings(pictures, face, nets.reader)
    asked = np.maximum(lines.lips[:, 0], 0)
    for start, end in lines.shut_s:
        asked[(lines.times_s >= start - 0.02) & (lines.times_s <= end + 0.02)] = 0
    within = np.zeros(len(seen), np.bool_)
    for start, end in lines.spans:
        within |= (lines.times_s > start) & (lines.times_s < end)
    own = embed(photo.picture, face, nets.reader)
    far = [
        distance(
            own, embed(one, read_face(one, place_of(face.landmarks), nets.reader), nets.reader)
        )
        for one in pictures[::_EVERY]
    ]
    rest = min(opening(on_skull(face.landmarks)), _SHUT)
    shut = [
        float(seen[(lines.times_s >= start - 0.02) & (lines.times_s <= end + 0.02)].min(initial=9))
        < rest + _SHUT
        for start, end in lines.shut_s
        if end < lines.times_s[-1]
    ]
    lag = footage_lag(hear(sound, nets.content), lines.times_s, seen)
    even, uneven = sharpness(photo, pictures)
    return {
        "aperture": float(np.corrcoef(seen[within], asked[within])[0, 1]),
        "shut": float(np.mean(shut)) if shut else float("nan"),
        "lag_s": lag.seconds if lag else float("nan"),
        "lag_correlation": lag.correlation if lag else float("nan"),
        "identity_mean": float(np.mean(far)),
        "identity_most": float(np.max(far)),
        "sharpness": even,
        "sharpness_deviation": uneven,
        "background": float(background_change(photo, pictures)),
    }


def _against_speakers(path: Path, clips: Sequence[Path], nets: Networks) -> list[tuple[int, float]]:
    """Best lag in frames, and the correlation there, with the true speaker of each clip."""
    photo, face = nets.sitter(path)
    found = []
    for clip in clips:
        frames = list(read_frames(clip))
        best = max(track(frames, nets.reader), key=lambda one: len(one.faces))
        faces = [best.faces.get(frame.pts) for frame in frames]
        true = [opening(on_skull(one.landmarks)) if one else np.nan for one in faces]
        sound = read_audio(clip, sr=16_000, mono=True)
        sound = replace(sound, start_s=sound.start_s - frames[0].time_s)
        lines = nets.lines(sound, len(frames) / _FPS)
        pictures, _ = spoken_by(photo, face, lines)
        seen = seen_openings(pictures, face, nets.reader)
        count = min(len(seen), len(true))
        lag, peak, _ = best_lag(seen[:count], np.array(true[:count], np.float32))
        found.append((lag, peak))
    return found


def main() -> None:
    """Measures and reports."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--media", type=Path)
    parser.add_argument("--photos", type=int, default=3)
    parser.add_argument("--clips", type=int, default=4)
    asked = parser.parse_args()
    media = media_dir(asked.media)
    cv2.setNumThreads(1)
    nets = Networks(
        FaceReader.open(),
        SpeechContent.open(),
        GenericLips.open(),
        VoiceActivity.open(),
        PersonMask.open(),
    )
    sound = read_audio(media / "speech" / "libri_19" / "19-198-0002.flac", sr=16_000, mono=True)
    lines = nets.lines(sound, sound.samples.shape[1] / sound.sr)
    photos = [personas.load(name).picture for name in personas.names()[: asked.photos]]
    rows = [_measured(path, lines, sound, nets) for path in photos]
    for path, row in zip(photos, rows, strict=True):
        print(path.parent.name, " ".join(f"{k} {v:.3f}" for k, v in row.items()), flush=True)
    clips = sorted((media / "talking" / "grid_others").glob("*.mpg"))[: asked.clips]
    others = _against_speakers(photos[0], clips, nets)
    print("against true speakers", others, flush=True)
    photo, face = nets.sitter(photos[0], _LINES_720)
    short = replace(lines, times_s=lines.times_s[:75], lips=lines.lips[:75])
    short = replace(short, loudness=lines.loudness[:75])
    _, ms = spoken_by(photo, face, short)
    _publish(rows, others, ms)


def _publish(
    rows: Sequence[dict[str, float]], others: Sequence[tuple[int, float]], ms: float
) -> None:
    mean = {key: float(np.mean([row[key] for row in rows])) for key in rows[0]}
    within = float(np.mean([abs(lag) <= 1 for lag, _ in others]))
    lag_s = float(np.abs([row["lag_s"] for row in rows]).max())  # nan where one cannot be told
    bars = [
        Bar("opening seen against opening asked for, correlation", mean["aperture"], 0.9, ">="),
        Bar("b, m and p with lips seen shut, share", mean["shut"], 0.95, ">="),
        Bar("greatest lag of sound against lips, s", lag_s, 0.04),
        Bar("greatest identity distance to the photo", max(r["identity_most"] for r in rows), 0.4),
        Bar("sharpness of the face, share of the photo's", mean["sharpness"], 0.9, ">="),
        Bar("deviation of sharpness over frames", mean["sharpness_deviation"], 0.1),
        Bar("greatest change of the background", max(r["background"] for r in rows), 0),
        Bar("against true speakers: lag within a frame, share", within, 0.95, ">="),
        Bar(
            "against true speakers: correlation",
            float(np.mean([peak for _, peak in others])),
            0.75,
            ">=",
        ),
        Bar("drawing at 720 lines, ms of processor a picture", ms, 40),
    ]
    publish("portrait", bars, {"photos": list(rows), "true_speakers": list(others)})


if __name__ == "__main__":
    main()
