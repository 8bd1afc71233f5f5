"""Files of known origin to examine: real ones, and manipulated ones that exist for a moment only.

Manipulated pictures are made in memory, written into a private folder for the time of one
examination, and deleted. Nobody's face is put in another's place but that of people who do not
exist in volunteers' clips; public figures are blended with themselves alone.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from train.face_material import held_out
from train.self_blend import self_blend

from benchmarks.moving_persona import moving, photo_of
from benchmarks.sound_attacks import encoded
from benchmarks.swap_measured import read_clip, swap
from masquerade.faces.detect import find_faces
from masquerade.faces.readers import FaceReader
from masquerade.generate import swap_appearance, swap_mesh, swap_neural
from masquerade.hashing import file_sha256
from masquerade.media.audio import read_audio
from masquerade.media.read import read_image
from masquerade.types import RGB, Audio, InputUse

PERSONAS = ("a00", "b02", "b11", "c06", "c11", "c16", "c23", "c34", "a01", "c32")
RATE = 25
SIDE_PX = 160


@dataclass(frozen=True, slots=True)
class Case:
    """One file to examine.

    Attributes:
        test: Which question it belongs to.
        made: Whether it was manipulated.
        how: In which way, in a word.
        change: What happened to it afterwards.
        person: Whose face or voice.
        data: The file.
        ending: Of its name.
    """

    test: str
    made: bool
    how: str
    change: str
    person: str
    data: bytes
    ending: str


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to pictures on their way.

    Attributes:
        crf: Of H.264, for videos.
        quality: Of JPEG, from 0 to 100, for stills.
        scale: Of both sides.
        cut: Share of both sides that is cut off, half of it at each end.
        noise: Standard deviation of what is added, in levels.
    """

    crf: int = 18
    quality: int = 95
    scale: float = 1.0
    cut: float = 0.0
    noise: float = 0.0

    def on(self, picture: RGB) -> RGB:
        """The picture as it is stored."""
        high, wide = (round(side * self.cut / 2) for side in picture.shape[:2])
        made = picture[high : picture.shape[0] - high, wide : picture.shape[1] - wide]
        if self.scale != 1:
            size = (round(made.shape[1] * self.scale), round(made.shape[0] * self.scale))
            made = np.asarray(cv2.resize(made, size, interpolation=cv2.INTER_AREA), np.uint8)
        if self.noise:
            chance = np.random.default_rng(5).normal(0, self.noise, made.shape)
            made = np.clip(made + chance, 0, 255).astype(np.uint8)
        return np.ascontiguousarray(made, np.uint8)


VIDEO: Mapping[str, Change] = {
    "as it is": Change(),
    "H.264 CRF 23": Change(crf=23),
    "H.264 CRF 28": Change(crf=28),
    "H.264 CRF 35": Change(crf=35),
    "half size": Change(crf=23, scale=0.5),
    "cropped": Change(crf=23, cut=0.2),
    "noise": Change(crf=23, noise=4),
}
STILL: Mapping[str, Change] = {
    "as it is": Change(),
    "JPEG 75": Change(quality=75),
    "JPEG 50": Change(quality=50),
    "JPEG 30": Change(quality=30),
    "half size": Change(quality=90, scale=0.5),
    "cropped": Change(quality=90, cut=0.2),
    "noise": Change(quality=90, noise=4),
}
SOUND: Mapping[str, Callable[[Audio], Audio]] = {
    "as it is": lambda sound: sound,
    "MP3 64k": lambda sound: encoded(sound, "mp3", "mp3", bit_rate=64_000),
    "Opus 24k": lambda sound: encoded(sound, "libopus", "ogg", bit_rate=24_000, rate=48_000),
}
QUICK = {
    "video": ("as it is", "H.264 CRF 35"),
    "still": ("as it is", "JPEG 50"),
    "sound": ("as it is", "Opus 24k"),
}


def swaps(
    media: Path,
    count: int,
    reader: FaceReader,
    changes: Sequence[str],
    model: Path | None = None,
) -> Iterator[Case]:
    """Volunteers' clips that nothing was learned on, and our swaps of each; a model's too."""
    places = sorted((media / "talking" / "grid_others").glob("*.mpg"))[:count]
    for number, place in enumerate(places):
        clip = read_clip(place, reader)
        photo = photo_of(media, PERSONAS[number % len(PERSONAS)], reader)
        made = {
            "recorded": [frame.pixels for frame in clip.frames],
            "mesh swap": swap(swap_mesh, clip, (photo,), reader)[0],
            "appearance swap": swap(swap_appearance, clip, moving(photo, reader), reader)[0],
        }
        if model is not None:
            use = InputUse("source", model.name, file_sha256(model), model)
            drawn = (replace(photo, input=use),)
            made["trained swap"] = swap(swap_neural, clip, drawn, reader)[0]
        for change in changes:
            for how, pixels in made.items():
                data = video(pixels, VIDEO[change])
                yield Case("swaps", how != "recorded", how, change, place.stem, data, ".mp4")


def blends(train: Path, count: int, reader: FaceReader, changes: Sequence[str]) -> Iterator[Case]:
    """Portraits of people held out from all training, and each blended with itself."""
    chance, found = np.random.default_rng(11), 0
    for place in sorted((train / "faces_real").rglob("*.jpg")):
        if found >= count:
            return
        if not held_out(place.stem):
            continue
        picture = read_image(place).pixels
        faces = find_faces(picture, reader)
        if not faces:
            continue
        found += 1
        blend = self_blend(picture, faces[0].landmarks, chance)
        for change in changes:
            for how, pixels in (("recorded", picture), ("self-blend", blend)):
                data = still(pixels, STILL[change])
                yield Case("self-blends", how != "recorded", how, change, place.stem, data, ".jpg")


def portraits(media: Path, count: int, changes: Sequence[str]) -> Iterator[Case]:
    """Real portraits, and pictures of people who do not exist, at one size; so many of each."""
    for made, folder, pattern in ((False, "portraits", "*_a.jpg"), (True, "personas", "*.*")):
        places = [
            place
            for place in sorted((media / folder).rglob(pattern))
            if place.suffix.lower() in (".jpg", ".jpeg", ".png", ".webp")
        ]
        drawn = np.random.default_rng(13).permutation(len(places))[:count]
        for place in (places[number] for number in sorted(drawn)):
            picture = read_image(place).pixels
            scale = min(1.0, 275 / max(picture.shape[:2]))
            for change in changes:
                data = still(Change(scale=scale).on(picture), STILL[change])
                how = "generated" if made else "recorded"
                yield Case("generated faces", made, how, change, place.stem, data, ".jpg")


def others(
    media: Path, train: Path, count: int, reader: FaceReader, changes: Sequence[str]
) -> Iterator[Case]:
    """Faces that others' networks made, which nothing was learnt from, and real portraits.

    All are cut out alike around the face, and of one size.
    """
    mosaics = sorted((train / "faces_fake").rglob("*.jpg"))
    real = sorted((media / "portraits").rglob("*_a.jpg"))
    for made, places in ((True, mosaics), (False, real)):
        cuts = [
            (f"{place.stem} {number}", cut)
            for place in places
            for number, cut in enumerate(_cut_out(read_image(place).pixels, reader))
        ]
        drawn = np.random.default_rng(17).permutation(len(cuts))[:count]
        for name, picture in (cuts[number] for number in sorted(drawn)):
            for change in changes:
                data = still(picture, STILL[change])
                how = "generated by others" if made else "recorded"
                yield Case("faces of others", made, how, change, name, data, ".jpg")


def _cut_out(picture: RGB, reader: FaceReader) -> Iterator[RGB]:
    """Every face with a twentieth of its size around it, where that is in the picture.

    Small ones are left out: a face that was enlarged looks redrawn to the network.
    """
    for face in find_faces(picture, reader):
        x0, y0, x1, y1 = face.box
        half = 0.55 * max(x1 - x0, y1 - y0)
        left, top = round((x0 + x1) / 2 - half), round((y0 + y1) / 2 - half)
        side = round(2 * half)
        inside = left + side <= picture.shape[1] and top + side <= len(picture)
        if side >= SIDE_PX and min(left, top) >= 0 and inside:
            cut = picture[top : top + side, left : left + side]
            small = cv2.resize(cut, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA)
            yield np.ascontiguousarray(small, np.uint8)


def voices(media: Path, changes: Sequence[str]) -> Iterator[Case]:
    """Sentences as they were recorded and as a neural synthesiser says them; read speech."""
    for place in sorted((media / "audio_pairs").rglob("*.wav")):
        made = "synthesized" in place.stem
        yield from _heard(place, "voice pairs", made, changes)
    for place in sorted((media / "speech").rglob("*.flac")):
        yield from _heard(place, "read speech", False, changes)


def _heard(place: Path, test: str, made: bool, changes: Sequence[str]) -> Iterator[Case]:
    sound = read_audio(place, mono=True)
    for change in changes:
        data = wave(SOUND[change](sound))
        how = "synthesised" if made else "recorded"
        yield Case(test, made, how, change, place.stem, data, ".wav")


def video(pixels: Sequence[RGB], change: Change) -> bytes:
    """The pictures as an MP4 file with H.264, in memory."""
    file = io.BytesIO()
    stored = [change.on(picture) for picture in pixels]
    high, wide = (side // 2 * 2 for side in stored[0].shape[:2])
    options = {"crf": str(change.crf), "preset": "veryfast"}
    with av.open(file, "w", format="mp4") as out:
        stream = out.add_stream("libx264", rate=RATE, options=options)
        stream.width, stream.height, stream.pix_fmt = wide, high, "yuv420p"
        for number, picture in enumerate(stored):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture[:high, :wide]))
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return file.getvalue()


def still(picture: RGB, change: Change) -> bytes:
    """The picture as a JPEG file, in memory."""
    quality = [cv2.IMWRITE_JPEG_QUALITY, change.quality]
    done, data = cv2.imencode(".jpg", change.on(picture)[..., ::-1], quality)
    if not done:
        raise ValueError("a picture was not encoded")
    return data.tobytes()


def wave(sound: Audio) -> bytes:
    """The sound as a WAV file of 16 bit, in memory."""
    file = io.BytesIO()
    samples = np.clip(sound.samples * 32767, -32768, 32767).astype(np.int16)
    with av.open(file, "w", format="wav") as out:
        stream = out.add_stream("pcm_s16le", rate=sound.sr, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), "s16", "mono")
        frame.sample_rate = sound.sr
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return file.getvalue()
