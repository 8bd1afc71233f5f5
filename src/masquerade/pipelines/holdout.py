"""A holdout matte: what is white in it stays as it is, in front of whoever is put in.

Compositors draw one by hand (rotoscoping) where no rule tells what is in front: a glass in the
person's own colour, smoke, a railing. It never keeps a head: with somebody else's body under it, a
head would be shown as it never was, and its owner has agreed to be replaced, not to that. Nor does
it keep a body under somebody else's head.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from masquerade.bodies.track import Cover
from masquerade.errors import UsageError
from masquerade.hashing import BlockHashes
from masquerade.media.as_it_is import as_it_is
from masquerade.media.known_file import held_to
from masquerade.media.probe import MediaInfo, probe
from masquerade.media.read import read_frames, read_image
from masquerade.types import Box, Frame, Mask, Miss, Patch

_BLACK, _WHITE = 12, 243  # below and above which compression made a grey of black or white
_ASPECT: Final = 0.01  # by which its shape may differ from the video's
_FRAMES: Final = 2  # by which it may be shorter
_USUAL_S: Final = Fraction(1, 25)  # of a picture, where a file does not say
_LATE: Final = Fraction(1, 3)  # of a picture, by which clocks may be apart
_LEFT: Final = 0.02  # of a patch, that has to be seen for it to be one
_OWN: Final = 1 / 3  # of the body of who is replaced, beside the head, that may be kept
_ALL_HELD = "the holdout matte keeps all of the person"
_OWN_BODY = (
    "the holdout matte keeps much of the body of who is replaced, and the head that is seen would"
    " be another's: it is for what is in front of them"
)


@dataclass(frozen=True, slots=True)
class Replaced:
    """Whoever is replaced in a frame.

    Attributes:
        head: Around their head, which no matte keeps.
        cover: Which pixels are theirs.
    """

    head: Box
    cover: Cover


@dataclass(frozen=True, slots=True)
class Holdout:
    """A matte that fits a video.

    Attributes:
        path: A picture, which holds throughout, or a video of as many pictures.
        known: What the file holds; it is read as it was, or not at all.
        step_s: How long each picture is shown; None: it is one picture.
        begins_s: When its first picture is shown, on its own clock.
        time_base: Of its pictures.
        target_begins_s: When the video's first picture is shown, on the video's clock.
    """

    path: Path
    known: BlockHashes
    step_s: Fraction | None
    begins_s: Fraction
    time_base: Fraction
    target_begins_s: Fraction

    @property
    def sha256(self) -> str:
        """Of the file."""
        return self.known.sha256

    def over(self, replaced: Callable[[int], Sequence[Replaced]]) -> HeldOut:
        """The same for consecutive frames.

        Args:
            replaced: Who is replaced in the frame of a pts.
        """
        return HeldOut(self, replaced)


def open_holdout(path: Path, target: MediaInfo) -> Holdout:
    """A matte for a video, checked.

    Args:
        path: Of the matte.
        target: The video.

    Raises:
        UsageError: It has another shape than the video, ends before it, or is sound.
        InputError: It cannot be read.
    """
    with as_it_is(path) as known:
        info = probe(path)
    if info.kind == "audio":
        raise UsageError(f"the holdout matte {path.name} is sound", "a picture or a video")
    wide, high = info.size_wh
    target_wide, target_high = target.size_wh
    if abs(wide * target_high / (high * target_wide) - 1) > _ASPECT:
        raise UsageError(
            f"the holdout matte {path.name} is {wide} x {high}, the video"
            f" {target_wide} x {target_high}",
            "the same shape; its size may differ",
            "export it from a timeline with the video's settings",
        )
    step = None if info.kind == "still" else 1 / (info.frame_rate or 1 / _USUAL_S)
    lasts, wanted = info.duration_s, target.duration_s
    if step and lasts is not None and wanted is not None and lasts < wanted - _FRAMES * step:
        raise UsageError(
            f"the holdout matte {path.name} lasts {float(lasts):.2f} s, the video"
            f" {float(wanted):.2f} s",
            "a picture of the matte for each of the video, or one picture for all",
            "export it over the video's whole length",
        )
    return Holdout(
        path,
        known,
        step,
        info.start_pts * info.time_base,
        info.time_base,
        target.start_pts * target.time_base,
    )


@dataclass(slots=True)
class HeldOut:
    """A matte beside frames that come in order."""

    matte: Holdout
    replaced: Callable[[int], Sequence[Replaced]]
    _pictures: Iterator[Frame] | None = None
    _now: Frame | None = None
    _next: Frame | None = None
    _sized: dict[tuple[int, int], Mask] = field(default_factory=dict)

    def keep(self, patches: Sequence[Patch], frame: Frame) -> tuple[list[Patch], list[Miss]]:
        """The patches of the next frame behind what the matte keeps, and those that are left out:
        it hides all of them, or would put a head on another's body.
        """
        kept: list[Patch] = []
        hidden: list[Miss] = []
        if not patches:
            return kept, hidden
        people = self.replaced(frame.pts)
        stays = self._stays(frame, people)
        if any(_own_share(stays, one) > _OWN for one in people):
            return kept, [Miss(frame.pts, one.track_id, _OWN_BODY) for one in patches]
        for one in patches:
            x0, y0, x1, y1 = one.box
            open_ = 1 - stays[y0:y1, x0:x1]
            if one.visible is not None:
                open_ = np.minimum(open_, one.visible)
            if float((one.mask * open_).sum()) < _LEFT * float(one.mask.sum()):
                hidden.append(Miss(frame.pts, one.track_id, _ALL_HELD))
            else:
                kept.append(replace(one, visible=np.asarray(open_, np.float32)))
        return kept, hidden

    def _stays(self, frame: Frame, people: Sequence[Replaced]) -> Mask:
        """(H, W) in [0, 1] what stays as it is."""
        stays = self._of(self._picture(frame.time_s), frame.size_wh)
        if not people:
            return stays
        stays = stays.copy()
        for one in people:
            _without_head(stays, one.head)
        return stays

    def _of(self, picture: Frame, size_wh: tuple[int, int]) -> Mask:
        if self.matte.step_s is None and size_wh in self._sized:
            return self._sized[size_wh]
        grey = cv2.cvtColor(picture.pixels, cv2.COLOR_RGB2GRAY)
        if picture.alpha is not None:  # some programs keep the shape there, and all is white
            grey = np.rint(grey * (picture.alpha / np.float32(255))).astype(np.uint8)
        if (grey.shape[1], grey.shape[0]) != size_wh:
            grey = cv2.resize(grey, size_wh, interpolation=cv2.INTER_LINEAR)
        share = (grey.astype(np.float32) - _BLACK) / np.float32(_WHITE - _BLACK)
        self._sized = {size_wh: np.clip(share, 0, 1)}
        return self._sized[size_wh]

    def _only(self) -> Frame:
        with held_to({self.matte.path: self.matte.known}):
            return read_image(self.matte.path)

    def _picture(self, time_s: Fraction) -> Frame:
        """What the matte shows at a time of the video."""
        step = self.matte.step_s
        if step is None:
            self._now = self._now or self._only()
            return self._now
        wanted = time_s - self.matte.target_begins_s + self.matte.begins_s + _LATE * step
        if self._pictures is None:
            first = (wanted - 2 * step) / self.matte.time_base
            start = max(int(first), int(self.matte.begins_s / self.matte.time_base))
            self._pictures = read_frames(self.matte.path, start_pts=start)
            with held_to({self.matte.path: self.matte.known}):  # which is asked when it is opened
                self._now = self._next = next(self._pictures, None)
        while self._next is not None and self._next.time_s <= wanted:
            self._now, self._next = self._next, next(self._pictures, None)
        now = self._now  # the last one is borne a little longer, as `open_holdout` does
        if now is None or (self._next is None and wanted > now.time_s + (1 + _FRAMES) * step):
            raise UsageError(
                f"the holdout matte {self.matte.path.name} has no picture at"
                f" {float(time_s - self.matte.target_begins_s):.2f} s",
                "one for each of the video",
            )
        return now


def _without_head(mask: Mask, head: Box) -> None:
    """Empties a mask of a frame where a head is."""
    x0, y0, x1, y1 = head
    centre = round((x0 + x1) / 2), round((y0 + y1) / 2)
    axes = max(round((x1 - x0) / 2), 1), max(round((y1 - y0) / 2), 1)
    cv2.ellipse(mask, centre, axes, 0, 0, 360, 0.0, -1, cv2.LINE_AA)


def _own_share(stays: Mask, one: Replaced) -> float:
    """How much of somebody's body, beside the head, stays as it is."""
    theirs = one.cover.in_frame((stays.shape[0], stays.shape[1]))
    _without_head(theirs, one.head)
    return float((theirs * stays).sum()) / max(float(theirs.sum()), 1.0)
