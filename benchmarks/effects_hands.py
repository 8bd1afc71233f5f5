"""Whether hands in front of a face stay as they are while the face is changed.

Hands of `benchmarks.occluders` are laid over mouths and cheeks. In photos they are found by the
program, or named as somebody would draw around them (``--front``), a little outside; in videos
nothing is said, and they come and go. All pixels of the hand, and of the arm where there is one,
are held against those before. The rival: nothing is looked for. How often hands are found where
there are none is counted on the same photos as they are, and on others of the media.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice, product
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.occluders import occluder
from benchmarks.report import Bar
from masquerade.bodies.hands import HandReader
from masquerade.effects.hands_before import hands_near
from masquerade.faces.detect import find_faces
from masquerade.faces.following.track import track
from masquerade.faces.readers import FaceReader
from masquerade.generate import edit
from masquerade.media.read import read_frames, read_image
from masquerade.pipelines.in_front import Glances, kept_behind
from masquerade.pipelines.windows import windows
from masquerade.types import RGB, Face, Frame, Miss, Patch, Window

HANDS: Final = ("open hand", "hand with bracelet", "own hand", "own pointing hand")
_EFFECTS: Final = ("smile=1", "palsy=1", "lipstick=1", "jaundice=1", "age=40")
_CLIPS: Final = ("talking/grid_s1/bbaf2n.mpg", "talking/grid_others/lbax4n.mpg")
_FRAMES: Final = 40
_SHOWN: Final = range(14, 28)  # frames in which a hand is in front
_LEVELS: Final = 8  # of a compressed video, which nobody sees
_ROUGH: Final = 0.02  # of a face's size, by which somebody draws besides a hand's outline

Flags = NDArray[np.bool_]


def stills(
    photos: Iterable[RGB], media: Path, reader: FaceReader
) -> tuple[list[Bar], dict[str, float]]:
    """Share of a hand's pixels that change in photos: named, found, and neither.

    Args:
        photos: Of one person each.
        media: The folder of test media.
        reader: The face networks.
    """
    shares: dict[str, list[float]] = defaultdict(list)
    seen = found = falsely = count = 0
    hands = HandReader.open()
    for number, photo in enumerate(photos):
        count += 1
        bare = find_faces(photo, reader)[0]
        falsely += bool(hands_near(photo, bare, hands))
        shown, hand = _over(photo, bare, HANDS[number % len(HANDS)], media)
        faces = find_faces(shown, reader)
        seen += bool(faces)
        found += bool(faces) and bool(hands_near(shown, faces[0], hands))
        for said in _EFFECTS if faces else ():
            drawn = _drawn(hand, faces[0])
            ways = {"named": (drawn,), "found": (), "rival": ("none",)}
            for way, front in ways.items():
                options = edit.Options(effect=(said,), front=front)
                window = Window((Frame(shown),), ((faces[0],),))
                ((made,),) = edit.prepare({}, options)(iter([window]))
                least = 0 if way == "named" else _LEVELS
                shares[way].append(_touched(shown, _put(shown, [made]), hand, least=least))
    others = _falsely(media, reader, hands)
    bars = [
        Bar("photos: share of a named hand's pixels that change, most", max(shares["named"]), 0.0),
        Bar("photos: share of faces seen with a hand in front", seen / count, 0.9, ">="),
        Bar("photos: share of hands that are found", found / count, 0.9, ">="),
        Bar("photos: share of a hand's pixels that change, mean", _mean([shares["found"]]), 0.05),
        Bar(
            "photos without hands in which one is found",
            (falsely + others[0]) / (count + others[1]),
            0.01,
        ),
    ]
    results = {f"{way}_mean": float(np.mean(some)) for way, some in shares.items()}
    results |= {f"{way}_median": float(np.median(some)) for way, some in shares.items()}
    return bars, {**results, "without_hands": count + others[1]}


def _falsely(media: Path, reader: FaceReader, hands: HandReader) -> tuple[int, int]:
    """In how many photos of the media, without hands near faces, one is found; of how many."""
    found = count = 0
    for path in sorted((media / "portraits").glob("*.jpg")):
        photo = read_image(path).pixels
        for face in find_faces(photo, reader):
            found += bool(hands_near(photo, face, hands))
            count += 1
    return found, count


def videos(media: Path, reader: FaceReader) -> tuple[list[Bar], dict[str, dict[str, float]]]:
    """Share of a hand's pixels that are changed by more than eight levels in clips.

    Args:
        media: The folder of test media.
        reader: The face networks.
    """
    kept: dict[str, list[float]] = defaultdict(list)
    rival: dict[str, list[float]] = defaultdict(list)
    for clip in _CLIPS:
        for hand in HANDS:
            _clip(media / clip, hand, media, reader, kept, rival)
    bars = [
        Bar("videos: share of a hand's pixels that change, mean", _mean(kept.values()), 0.05),
    ]
    results = {
        name: {"kept": float(np.mean(found)), "rival": float(np.mean(rival[name]))}
        for name, found in kept.items()
    }
    return bars, results


def _clip(
    path: Path,
    hand: str,
    media: Path,
    reader: FaceReader,
    kept: dict[str, list[float]],
    rival: dict[str, list[float]],
) -> None:
    frames = list(islice(read_frames(path), _FRAMES))
    bare = max(track(frames, reader), key=lambda one: len(one.faces))
    hands: dict[int, Flags] = {}
    for n in _SHOWN:
        frame = frames[n]
        move = 0.03 * (n - _SHOWN[len(_SHOWN) // 2])
        pixels, hands[frame.pts] = _over(frame.pixels, bare.faces[frame.pts], hand, media, move)
        frames[n] = replace(frame, pixels=pixels)
    glances = Glances()
    found = max(track(frames, reader, see=glances.see), key=lambda one: len(one.faces))
    known = glances.known([found])
    frames = [frame for frame in frames if frame.pts in found.faces]
    faces = {
        frame.pts: (replace(found.faces[frame.pts], track_id=found.track_id),) for frame in frames
    }
    for said, (where, front) in product(_EFFECTS, ((kept, ()), (rival, ("none",)))):
        several = list(windows(frames, faces, edit.radius))
        made = edit.prepare({}, edit.Options(effect=(said,), front=front))(iter(several))
        for window, items in zip(several, made, strict=True):
            frame = window.frame
            if frame.pts not in hands:
                continue
            patches = [
                kept_behind(one, window, known, (), always=True)
                if isinstance(one, Patch) and where is kept
                else one
                for one in items
            ]
            after = _put(frame.pixels, patches)
            share = _touched(frame.pixels, after, hands[frame.pts], least=_LEVELS)
            where[f"{hand}, {said.partition('=')[0]}"].append(share)


def _over(photo: RGB, face: Face, name: str, media: Path, aside: float = 0.0) -> tuple[RGB, Flags]:
    """The photo with a hand over the lower half of the face, and where the hand surely is."""
    marks = face.landmarks[:, :2]
    x, y = np.rint(marks[50]).astype(int)
    skin = photo[y - 2 : y + 3, x - 2 : x + 3].reshape(-1, 3).mean(axis=0).astype(np.float32)
    one = occluder(name, media, skin)
    tall = float(np.linalg.norm(marks[10] - marks[152]))
    scale = one.size * tall / max(one.alpha.shape)
    rows, columns = np.nonzero(one.alpha > 0.5)
    own = name.startswith("own")  # fingers, of a hand from below
    anchor = columns.mean(), np.percentile(rows, 25) if own else rows.mean()
    to = marks[17] + np.array([aside * tall, 0], np.float32)
    matrix = np.array(
        [[scale, 0, to[0] - scale * anchor[0]], [0, scale, to[1] - scale * anchor[1]]]
    )
    size = photo.shape[1], photo.shape[0]
    laid = [
        cv2.warpAffine(each, matrix, size, flags=cv2.INTER_AREA) for each in (one.pixels, one.alpha)
    ]
    alpha = laid[1][..., None]
    mixed = np.clip(np.rint(photo + alpha * (laid[0] - photo)), 0, 255).astype(np.uint8)
    return mixed, np.asarray(laid[1] > 0.9)


def _drawn(hand: Flags, face: Face) -> str:
    """What somebody would say of where a hand is: a rough outline around it."""
    rough = _ROUGH * face.size_px
    wide = 2 * round(2 * rough) + 1
    near = cv2.dilate(hand.astype(np.uint8), np.ones((wide, wide), np.uint8))
    found, _ = cv2.findContours(near, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    corners = cv2.approxPolyDP(max(found, key=cv2.contourArea), rough, closed=True)[:, 0]
    return " ".join(f"{x},{y}" for x, y in corners.tolist())


def _put(photo: RGB, items: Sequence[Patch | Miss]) -> RGB:
    whole = photo.astype(np.float32)
    for one in items:
        if isinstance(one, Patch):
            x0, y0, x1, y1 = one.box
            share = one.mask if one.visible is None else one.mask * one.visible
            whole[y0:y1, x0:x1] += share[..., None] * (one.pixels - whole[y0:y1, x0:x1])
    return np.rint(whole).astype(np.uint8)


def _touched(before: RGB, after: RGB, hand: Flags, *, least: int) -> float:
    return float((cv2.absdiff(before, after).max(axis=2)[hand] > least).mean())


def _mean(found: Iterable[list[float]]) -> float:
    return float(np.mean([np.mean(one) for one in found]))
