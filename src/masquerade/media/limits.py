"""How large a file may be before it is refused."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds against hostile input; what lies beyond raises `LimitError`.

    Attributes:
        max_pixels: Width times height of one picture.
        max_side_px: Width and height of one picture; decoders fail on longer rows.
        max_duration_s: Length as the header claims it, and as it is found while reading.
        max_bytes: Size of the file.
        max_frames: Pictures in one stream.
        max_streams: Streams in one container.
        max_notes: Chunks of a PNG that hold no pixels.
    """

    max_pixels: int = 1 << 27
    max_side_px: int = 1 << 17
    max_duration_s: int = 12 * 3600
    max_bytes: int = 64 << 30
    max_frames: int = 5_000_000
    max_streams: int = 64
    max_notes: int = 10_000


DEFAULT_LIMITS = Limits()
