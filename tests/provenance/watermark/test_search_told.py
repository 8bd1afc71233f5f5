"""A search that found nothing says how far it went."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np

from masquerade.provenance.watermark.marking import find_mark


def test_a_clip_without_a_mark_says_how_much_of_it_was_searched(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    path = tmp_path / "plain.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.width = stream.height = 256
        stream.pix_fmt = "gray"
        for _ in range(12):
            pixels = rng.integers(0, 256, (256, 256), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="gray")))
        container.mux(stream.encode(None))
    found = find_mark(path)
    assert found.state == "none"
    assert found.frames > 1
    assert found.note == f"{found.frames} pictures from its start were searched"
