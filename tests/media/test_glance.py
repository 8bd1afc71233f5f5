"""A first look: few pictures, spread over the file, at their own times."""

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from masquerade.media.glance import glances
from masquerade.media.probe import probe
from masquerade.media.read import read_frames

MakeClip = Callable[..., Path]


@pytest.mark.parametrize("group", [5, 250])
def test_pictures_are_spread_over_a_video_with_their_own_times(
    make_clip: MakeClip, group: int
) -> None:
    path = make_clip("a.mp4", count=100, options={"g": str(group), "bf": "2"})
    seen = list(glances(probe(path), 5))
    by_pts = {frame.pts: frame for frame in read_frames(path)}
    assert 4 <= len(seen) <= 5
    assert [frame.pts for frame in seen] == sorted({frame.pts for frame in seen})
    assert seen[-1].pts - seen[0].pts > 50 * 512
    for frame in seen:
        assert np.array_equal(frame.pixels, by_pts[frame.pts].pixels)


def test_pictures_of_an_animation_are_spread_and_a_still_gives_its_one(tmp_path: Path) -> None:
    pictures = [Image.new("RGB", (8, 8), (number * 10, 0, 0)) for number in range(20)]
    path = tmp_path / "a.gif"
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=100)
    assert [frame.pts for frame in glances(probe(path), 4)] == [0, 700, 1200, 1700]
    assert [frame.pts for frame in glances(probe(path), 1)] == [0]
    pictures[3].save(tmp_path / "a.png")
    (still,) = glances(probe(tmp_path / "a.png"), 5)
    assert still.pixels[0, 0, 0] == 30


def test_sound_has_nothing_to_look_at(tmp_path: Path, make_clip: MakeClip) -> None:
    path = make_clip("a.mkv", count=2, sound_s=1.0)
    with av.open(str(path)) as source, av.open(str(tmp_path / "b.wav"), "w") as out:
        stream = out.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(audio=0):
            if packet.dts is not None:
                packet.stream = stream
                out.mux(packet)
    assert list(glances(probe(tmp_path / "b.wav"), 3)) == []
