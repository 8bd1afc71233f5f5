"""Pictures of one person out of photos and videos: different ones, and no more than are of use.

Videos are streamed: of the frames seen so far those are kept that differ most from each other, so
memory is bounded however long the video is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from masquerade.faces.coverage import Measures, measure, outliers
from masquerade.faces.detect import PRESENCE, find_faces
from masquerade.faces.embed import embed
from masquerade.faces.landmarks import place_of, read_face
from masquerade.faces.readers import FaceReader
from masquerade.media.as_it_is import as_it_is
from masquerade.media.endings import FOOTAGE_ENDINGS
from masquerade.media.probe import MediaInfo
from masquerade.media.read import read_frames
from masquerade.types import RGB, Face, Frame, InputUse, SourcePicture

VIDEOS: Final = FOOTAGE_ENDINGS
MOST: Final = 500  # pictures of a person that are of use
_LOOKED_AT: Final = 3  # frames looked at for each that is wanted
_AROUND: Final = 0.45  # of the face's size, kept of a frame on each side
_LARGEST_PX: Final = 320.0  # a face from a video is kept at no more than this
_FEW: Final = 8
_CLOSED: Final = 0.04  # distance of the lips, in interocular distances
_BLURRED: Final = 0.45  # of the sharpest so far, below which a frame is left out
_AGAIN: Final = 25  # frames between two searches for a face when there is none


@dataclass(frozen=True, slots=True)
class Seen:
    """One picture of a face, measured."""

    picture: SourcePicture
    measures: Measures


@dataclass(slots=True)
class Spread:
    """Pictures that differ, at most so many; of two alike the sharper one is kept.

    Attributes:
        most: How many are kept at most.
        kept: They, in order of arrival.
        apart: Distance below which two pictures count as alike; grows when there are too many.
    """

    most: int
    kept: list[Seen] = field(default_factory=list)
    apart: float = 0.25
    _places: list[NDArray[np.float64]] = field(default_factory=list)

    def alike(self, measures: Measures) -> int | None:
        """Index of the kept picture this one is like, None where there is none."""
        if not self._places:
            return None
        away = np.linalg.norm(np.stack(self._places) - measures.place(), axis=1)
        nearest = int(away.argmin())
        return nearest if away[nearest] < self.apart else None

    def wants(self, measures: Measures) -> bool:
        """Whether this picture adds something, or is sharper than the one it is like."""
        if self.kept and measures.sharpness < _BLURRED * self._sharpest():
            return False
        like = self.alike(measures)
        return like is None or measures.sharpness > 1.15 * self.kept[like].measures.sharpness

    def add(self, one: Seen) -> None:
        """Keep a picture that is wanted, and thin out what is kept where it has become too much."""
        like = self.alike(one.measures)
        if like is None:
            self.kept.append(one)
            self._places.append(one.measures.place())
        else:
            self.kept[like], self._places[like] = one, one.measures.place()
        while len(self.kept) > self.most:
            self.apart *= 1.25
            self._thin()

    def _sharpest(self) -> float:
        return float(np.quantile([one.measures.sharpness for one in self.kept], 0.9))

    def _thin(self) -> None:
        everything = self.kept
        self.kept, self._places = [], []
        for one in everything:
            like = self.alike(one.measures)
            if like is None:
                self.kept.append(one)
                self._places.append(one.measures.place())
            elif one.measures.sharpness > self.kept[like].measures.sharpness:
                self.kept[like], self._places[like] = one, one.measures.place()


def read_video(
    info: MediaInfo,
    reader: FaceReader,
    *,
    most: int = MOST,
    on_skip: Callable[[str], None] | None = None,
) -> list[Seen]:
    """Frames of a video that show its main person, all different; none where there is nobody.

    Args:
        info: What `probe` said of the video or animation.
        reader: The loaded face networks.
        most: How many frames at most.
        on_skip: Told in words what was left out.

    Raises:
        MediaError: The file is of no use.
    """
    spread = Spread(most)
    with as_it_is(info.path) as known:
        use = InputUse("source", info.path.name, known.sha256, info.path)
        for frame, face in _faces(info, most, reader):
            measures = measure(frame.pixels, face)
            if spread.wants(measures):
                spread.add(Seen(_picture(frame, face, use, reader), measures))
    strangers = {k for k, _ in outliers([one.picture.embedding for one in spread.kept])}
    if strangers and on_skip:
        on_skip(
            f"{info.path.name}: {len(strangers)} of {len(spread.kept)} frames left out, which show"
            " somebody else or the same person unclearly"
        )
    return [one for k, one in enumerate(spread.kept) if k not in strangers]


def fewer(seen: Sequence[Seen], most: int) -> list[Seen]:
    """At most so many of the pictures, those that differ most."""
    spread = Spread(most)
    for one in seen:
        spread.add(one)
    return spread.kept


def calm(seen: Sequence[Seen]) -> list[Seen]:
    """A few pictures with open eyes and lips together, seen from as many sides as there are."""
    if not seen:
        return []
    usual = float(np.quantile([one.measures.eyes for one in seen], 0.8))
    wide = max(_CLOSED, float(np.quantile([one.measures.mouth for one in seen], 0.1)))
    quiet = [one for one in seen if one.measures.eyes > 0.85 * usual and one.measures.mouth <= wide]
    spread = Spread(_FEW, apart=1.0)
    for one in sorted(quiet or seen, key=lambda one: -one.measures.sharpness):
        if spread.wants(one.measures):
            spread.add(one)
    return spread.kept


def _faces(info: MediaInfo, most: int, reader: FaceReader) -> Iterator[tuple[Frame, Face]]:
    """Frames at even steps with the one large face in each, followed from frame to frame."""
    step = max(1, (info.frame_count or 0) // (_LOOKED_AT * most))
    known: Face | None = None
    blank = 0
    for number, frame in enumerate(read_frames(info.path)):
        if number % step:
            continue
        if known is not None:
            known = read_face(frame.pixels, place_of(known.landmarks), reader)
            known = known if known.score >= PRESENCE else None
        if known is None:
            blank += 1
            if blank % _AGAIN == 1:
                known = max(
                    find_faces(frame.pixels, reader), key=lambda one: one.size_px, default=None
                )
        if known is not None:
            blank = 0
            yield frame, known


def _picture(frame: Frame, face: Face, use: InputUse, reader: FaceReader) -> SourcePicture:
    pixels, moved = cut_out(frame.pixels, face)
    return SourcePicture(pixels, moved, embed(frame.pixels, face, reader), use)


def cut_out(image: RGB, face: Face) -> tuple[RGB, Face]:
    """The face with a little around it, made smaller where it is very large.

    Args:
        image: (H, W, 3) uint8.
        face: A face of it.
    """
    reach = _AROUND * face.size_px
    height, width = image.shape[:2]
    x0, y0 = (max(0, int(edge - reach)) for edge in face.box[:2])
    x1, y1 = min(width, int(face.box[2] + reach) + 1), min(height, int(face.box[3] + reach) + 1)
    part = image[y0:y1, x0:x1]
    factor = min(1.0, _LARGEST_PX / max(face.size_px, 1.0))
    if factor < 1:
        size = (max(2, round((x1 - x0) * factor)), max(2, round((y1 - y0) * factor)))
        part = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
    marks = face.landmarks.copy()
    marks[:, :2] = (marks[:, :2] - np.array([x0, y0], np.float32) + 0.5) * factor - 0.5
    marks[:, 2] *= factor
    low, high = marks[:468, :2].min(axis=0), marks[:468, :2].max(axis=0)
    box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    return part.copy(), replace(face, box=box, landmarks=marks.astype(np.float32))
