"""A video made of a still has the size and rate that it says, and every mark."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from masquerade.hashing import file_sha256
from masquerade.media.encoding import Encoding
from masquerade.media.probe import probe
from masquerade.provenance.seal import save, seal
from masquerade.provenance.verify import verify
from masquerade.types import DraftSegment, Film, Frame, InputUse

BASE = Fraction(1, 30)


def test_a_still_becomes_a_video_of_its_own_size_and_rate(
    photo: Path, make_draft, record, tmp_path: Path
) -> None:
    draft, stills = make_draft(), [np.full((80, 112, 3), 20 * k, np.uint8) for k in range(6)]

    def pictures():
        for see in draft.onlookers:
            see(Frame(stills[0], 5, BASE, 1))
        for number, pixels in enumerate(stills):
            yield Frame(pixels, number, BASE, 1)

    inputs = tuple(
        InputUse(role, photo.name, file_sha256(photo), photo) for role in ("target", "source")
    )
    film = replace(
        draft,
        recipe=replace(draft.recipe, inputs=inputs),
        target=photo,
        segments=iter([DraftSegment(0, "film", 0, 5, pictures(), added=6)]),
        film=Film((112, 80), Fraction(30)),
    )
    out, told = tmp_path / "film.mp4", []

    save(
        seal(film, consents=[record], purpose="test"),
        out,
        encoding=Encoding(preset="ultrafast"),
        progress=lambda *said: told.append(said),
    )

    assert [one for one in told if one[0] == "frames"][-1] == ("frames", 6, 6)

    info = probe(out)
    assert (info.size_wh, info.frame_rate, info.frame_count) == ((112, 80), 30, 6)
    assert info.pixel_format == "yuv420p"
    assert verify(out).exit_code == 0
