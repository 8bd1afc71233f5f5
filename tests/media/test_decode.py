import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from masquerade.errors import InputError, LimitError, MediaError
from masquerade.media.audio import read_audio
from masquerade.media.limits import Limits
from masquerade.media.probe import probe
from masquerade.media.read import read_frames

MakeClip = Callable[..., Path]
OPTIONS = {"bf": "2", "g": "20"}


def read_all(path: Path) -> tuple[int, list[str]]:
    """How many frames could be read, and what was said of the damage."""
    said: list[str] = []
    return sum(1 for _ in read_frames(path, on_damage=said.append)), said


def cut_to(path: Path, share: float) -> Path:
    data = path.read_bytes()
    path.write_bytes(data[: round(len(data) * share)])
    return path


def overwritten(path: Path, at: float, count: int) -> Path:
    data = bytearray(path.read_bytes())
    start = round(len(data) * at)
    data[start : start + count] = random.Random(1).randbytes(count)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.avi", "a.ts", "a.webm"])
def test_undamaged_files_report_nothing(make_clip: MakeClip, name: str) -> None:
    codec = "libvpx" if name.endswith("webm") else "libx264"
    options = {} if codec == "libvpx" else OPTIONS
    assert read_all(make_clip(name, codec=codec, count=60, options=options)) == (60, [])


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
@pytest.mark.parametrize(("early", "late"), [(512, 1024), (1024, 256), (512, 2048)])
def test_a_change_of_the_frame_rate_is_no_damage(
    make_clip: MakeClip, name: str, early: int, late: int
) -> None:
    pts = [number * early for number in range(40)]
    pts += [pts[-1] + number * late for number in range(1, 21)]
    assert read_all(make_clip(name, count=60, pts=pts, options=OPTIONS)) == (60, [])


@pytest.mark.parametrize(("name", "said"), [("a.mp4", 0), ("a.mkv", 1)])
def test_a_hole_is_a_loss_unless_an_index_lists_every_picture(
    make_clip: MakeClip, name: str, said: int
) -> None:
    pts = [number * 512 for number in range(80) if number not in (50, 51)]
    count, words = read_all(make_clip(name, count=78, pts=pts, options=OPTIONS))
    assert (count, len(words)) == (78, said)
    assert not said or words[0] == "about 2 pictures lost before 2.080 s"


def test_a_truncated_mp4_with_its_index_is_read_to_where_it_ends(make_clip: MakeClip) -> None:
    how = {"count": 100, "options": OPTIONS, "container_options": {"movflags": "faststart"}}
    count, said = read_all(cut_to(make_clip("a.mp4", **how), 0.6))
    assert 20 < count < 95
    assert f"about {100 - count} pictures lost at the end" in said[-1]
    assert "the file states 4.000 s" in said[-1]


def test_a_truncated_mp4_without_its_index_is_one_error(make_clip: MakeClip) -> None:
    path = cut_to(make_clip("a.mp4", count=100), 0.8)
    with pytest.raises(MediaError, match="index is damaged or missing"):
        probe(path)
    with pytest.raises(MediaError, match="index is damaged or missing"):
        read_all(path)


def test_a_truncated_matroska_is_read_to_where_it_ends(make_clip: MakeClip) -> None:
    count, said = read_all(cut_to(make_clip("a.mkv", count=100, options=OPTIONS), 0.6))
    assert 20 < count < 95
    assert "lost at the end" in said[-1]


@pytest.mark.parametrize("name", ["a.mkv", "a.ts", "a.mp4"])
def test_damage_in_the_middle_is_counted_and_passed(make_clip: MakeClip, name: str) -> None:
    how = {"count": 150, "options": {**OPTIONS, "crf": "10"}}
    path = overwritten(make_clip(name, **how), 0.5, 4000)
    count, said = read_all(path)
    assert 60 < count < 150
    assert any("lost before" in text for text in said)
    last = list(read_frames(path))[-1]
    assert last.time_s > 5.8


def test_a_video_without_one_good_picture_is_one_error(make_clip: MakeClip) -> None:
    path = make_clip("a.mp4", count=30, container_options={"movflags": "faststart"})
    data = bytearray(path.read_bytes())
    start = data.index(b"mdat") + 4
    data[start:] = bytes(len(data) - start)
    path.write_bytes(data)
    with pytest.raises(MediaError, match=r"no picture of .*a\.mp4 can be decoded"):
        probe(path)
    with pytest.raises(MediaError, match=r"no picture of .*a\.mp4 can be decoded"):
        read_all(path)


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.avi", "a.ts"])
def test_random_damage_is_an_input_error_or_a_partial_read(make_clip: MakeClip, name: str) -> None:
    whole = make_clip(name, count=20, options=OPTIONS).read_bytes()
    limits = Limits(max_pixels=1_000_000, max_frames=500, max_duration_s=3600)
    path = make_clip(name, count=1)
    for seed in range(40):
        rng = random.Random(seed)
        data = bytearray(whole)
        reach = rng.choice([600, len(data)])
        for _ in range(rng.randrange(1, 30)):
            data[rng.randrange(min(reach, len(data)))] = rng.randrange(256)
        path.write_bytes(data[: rng.choice([len(data), rng.randrange(1, len(data))])])
        for read in (
            lambda: probe(path, limits=limits),
            lambda: sum(1 for _ in read_frames(path, limits=limits)),
            lambda: sum(1 for _ in read_frames(path, start_pts=2000, limits=limits)),
            lambda: read_audio(path, limits=limits),
        ):
            with suppress(InputError):
                read()


@pytest.mark.parametrize("step", [0x7FFFFFFF, 0x80000001])
def test_a_table_of_absurd_times_is_one_clear_error(make_clip: MakeClip, step: int) -> None:
    path = make_clip("a.mp4", count=12, options=OPTIONS)
    data = bytearray(path.read_bytes())
    entry = data.index(b"stts") + 12  # behind its name, version and count of entries
    data[entry + 4 : entry + 8] = step.to_bytes(4, "big")
    path.write_bytes(data)
    with pytest.raises(LimitError, match="time stamps span"):
        list(read_frames(path))
