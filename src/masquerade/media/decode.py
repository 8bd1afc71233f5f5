"""Decoded pictures of one stream in order of time, past whatever is damaged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from masquerade.errors import LimitError
from masquerade.media.container import Decoder, reason
from masquerade.media.limits import Limits

# A demuxer that gives packet after packet and never a picture is going in circles.
MAX_IDLE_PACKETS: Final = 20_000
# After so many evenly spaced pictures a hole in time means that some are lost.
STEADY: Final = 24


def decoded(
    container: InputContainer,
    stream: VideoStream,
    context: Decoder,
    report: Callable[[str], None],
) -> Iterator[VideoFrame]:
    """Every picture that `context` makes of the packets of `stream`, from where it stands.

    Damage is reported, one sentence for each run of it, and reading goes on behind it.
    """
    packets = _packets(container, stream, report)
    bad = idle = shaky = 0
    for packet in packets:
        frames, failed = _try_decode(context, packet)
        bad += failed
        idle = 0 if frames else idle + 1
        if idle > MAX_IDLE_PACKETS:
            report(f"{idle} packets in a row gave no picture; reading stopped there")
            return
        for frame in frames:
            if bad:
                report(f"{pictures(bad)} lost before {_clock(frame.pts, stream)}")
                bad = 0
            shaky += frame.is_corrupt
            yield frame
    if bad:
        report(f"{pictures(bad)} lost at the end")
    if shaky:
        report(f"{pictures(shaky)} decoded with visible damage")


def timed(
    frames: Iterator[VideoFrame],
    stream: VideoStream,
    limits: Limits,
    report: Callable[[str], None],
) -> Iterator[tuple[VideoFrame, int]]:
    """Each picture with its pts, strictly rising.

    A picture without a pts follows the one before by as much as the last two were apart, at first
    by one average picture. A pts that does not rise is set one unit after the one before.

    Raises:
        LimitError: There are more pictures, or a longer time, than the limits allow.
    """
    first = last = None
    rhythm = _Rhythm(usual_step(stream))
    moved = 0
    for count, frame in enumerate(frames, 1):
        pts = stamp(frame, stream)
        if pts is None:
            pts = (stream.start_time or 0) if last is None else last + rhythm.step
        if last is not None and pts <= last:
            moved += 1
            pts = last + 1
        elif last is not None:
            hole = rhythm.hole(pts - last, pts)
            if hole is not None and not _lists_pictures(stream):
                lost, behind = hole
                report(f"about {pictures(lost)} lost before {_clock(behind, stream)}")
        first = pts if first is None else first
        _check_span(count, pts - first + (frame.duration or 0), stream, limits)
        last = pts
        yield frame, pts
    if moved:
        report(f"{moved} time stamps did not rise and were moved")


@dataclass(slots=True)
class _Rhythm:
    """How far pictures lie apart, to tell lost ones from a variable frame rate.

    Attributes:
        step: Units of the time base from one picture to the next, of late.
        steady: How many pictures in a row were so far apart.
        last: The last gap; one that comes twice is another rate.
        doubt: How many pictures the last gaps have room for, and the pts behind them.
    """

    step: int
    steady: int = 0
    last: int = 0
    doubt: tuple[int, int] | None = None

    def hole(self, gap: int, pts: int) -> tuple[int, int] | None:
        """Pictures lost and the pts behind them, one picture late; None when none are.

        Args:
            gap: From the picture before to this one, above 0.
            pts: Of this picture.
        """
        # Containers that count in milliseconds round every time.
        if abs(gap - self.step) <= 1:
            found, self.doubt, self.last = self.doubt, None, gap
            self.steady += 1
            return found
        lost = round(gap / self.step) - 1
        repeated, self.last = abs(gap - self.last) <= 1, gap
        if lost > 0 and self.steady >= STEADY and not repeated:
            self.doubt = lost + (self.doubt[0] if self.doubt else 0), pts
        else:
            self.step, self.steady, self.doubt = gap, 0, None
        return None


def _lists_pictures(stream: VideoStream) -> bool:
    """True for MP4 with an index: a hole between its pictures is a variable frame rate."""
    return stream.frames > 0 and stream.container.format.name.startswith("mov")


def stamp(frame: VideoFrame, stream: VideoStream) -> int | None:
    """The time stamp that the file gives the picture.

    AVI has none but the order of its packets, so pictures take the times of packets as they come
    out of the decoder; what FFmpeg makes up for AVI with B-frames runs backwards.
    """
    return frame.dts if stream.container.format.name == "avi" else frame.pts


def last_duration(frame: VideoFrame, gap: int, stream: VideoStream) -> int:
    """Units of the time base that the last picture is shown, `gap` after the one before it.

    MP4 and Matroska say so; elsewhere it is as long as the one before.
    """
    stated = frame.duration or 0
    if stated and stream.container.format.name.startswith(("mov", "matroska")):
        return stated
    return gap or stated or usual_step(stream)


def usual_step(stream: VideoStream) -> int:
    """Units of the time base that one average picture lasts; at least 1."""
    rate = stream.average_rate or stream.guessed_rate or Fraction(25)
    base = stream.time_base or Fraction(1, 90_000)
    return max(1, round(1 / (rate * base)))


def pictures(count: int) -> str:
    """So many pictures, in words."""
    return "1 picture" if count == 1 else f"{count} pictures"


def _packets(
    container: InputContainer, stream: VideoStream, report: Callable[[str], None]
) -> Iterator[Packet[VideoStream] | None]:
    """Packets up to the end of the file or to where it cannot be read, then None to flush."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except av.FFmpegError as error:
            report(f"the file cannot be read to its end: {reason(error)}")
            packet = None
        if packet is None or (packet.dts is None and packet.size == 0):
            break
        yield packet
    yield None


def _try_decode(
    context: Decoder, packet: Packet[VideoStream] | None
) -> tuple[list[VideoFrame], int]:
    """The pictures of one packet, and how many packets failed."""
    try:
        return context.decode(packet), 0
    except EOFError:
        return [], 0
    except av.FFmpegError:
        return [], 1


def _check_span(count: int, span: int, stream: VideoStream, limits: Limits) -> None:
    if count > limits.max_frames:
        raise LimitError(
            f"there are more than {limits.max_frames} pictures",
            f"at most {limits.max_frames}",
            "cut the file, or raise max_frames",
        )
    base = stream.time_base or Fraction(1, 90_000)
    if span * base > limits.max_duration_s:
        raise LimitError(
            f"the time stamps span {float(span * base):.0f} s",
            f"at most {limits.max_duration_s} s",
            "the file is damaged or too long: remux or cut it",
        )


def _clock(pts: int | None, stream: VideoStream) -> str:
    if pts is None or stream.time_base is None:
        return "an unknown time"
    return f"{float(pts * stream.time_base):.3f} s"
