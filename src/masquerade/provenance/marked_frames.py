"""The frames of a draft with every mark that goes into pixels, for the seal to write."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from masquerade.errors import ProvenanceError
from masquerade.media.probe import MediaInfo
from masquerade.provenance import fingerprint
from masquerade.provenance.label import Clip, clip_of, labelled
from masquerade.provenance.work import Work
from masquerade.types import DraftSegment, Frame


def cut(work: Work, info: MediaInfo) -> tuple[list[DraftSegment], Clip]:
    """The segments, and what their labels know of the whole; their keys say that too."""
    segments = list(work.draft.segments)
    clip = clip_of(work.draft, segments, info)
    return [replace(one, key=f"{one.key} {clip}") for one in segments], clip


@dataclass(slots=True)
class Counts:
    """What was counted and seen of the frames that went through.

    Attributes:
        before: Frames that were done before these.
        frames: How many went through.
        covered: In how many of them the label covers a face.
        prints: Fingerprints of them as written.
        bare: Fingerprints of what they were before their marks.
    """

    before: int
    frames: int = 0
    covered: int = 0
    prints: list[fingerprint.Print] = field(default_factory=list)
    bare: list[fingerprint.Print] = field(default_factory=list)

    def taken(self) -> tuple[tuple[fingerprint.Print, ...], tuple[fingerprint.Print, ...]]:
        """Fingerprints of the pictures as written, and of what they were before their marks."""
        return tuple(self.prints), tuple(self.bare)


def marked(
    segment: DraftSegment, work: Work, counts: Counts, total: int | None, clip: Clip
) -> Iterator[Frame]:
    """A segment's frames with every mark that goes into pixels: the label, then the watermark."""
    label, avoid = work.label, work.draft.avoid
    bare = work.watch.outputs(segment, counts.bare)

    def with_label() -> Iterator[Frame]:
        for frame, covers in labelled(bare, label, avoid, clip):
            counts.covered += covers
            yield frame

    taken = fingerprint.EachSecond(counts.prints)
    for frame in work.mark.put(with_label()):
        taken.see(frame)
        counts.frames += 1
        work.progress("frames", counts.before + counts.frames, total)
        yield frame


def check_through(segment: DraftSegment, frames: Iterator[Frame], counts: Counts) -> None:
    """Passes when a segment was written as a whole.

    Raises:
        ProvenanceError: Frames are left, or there were none.
    """
    if next(frames, None) is not None or not counts.frames:
        raise ProvenanceError(
            f"segment {segment.index} was not written as a whole", "every frame of the draft"
        )
