"""Animations as files: every picture, its exact time, transparency, loops; as Pillow reads them."""

from dataclasses import replace
from fractions import Fraction
from itertools import accumulate
from pathlib import Path

import numpy as np
import pytest

from masquerade.errors import UsageError
from masquerade.media.encoding import Encoding
from masquerade.media.probe import MediaInfo, probe
from masquerade.media.read import read_frames
from masquerade.media.write_animations import write_animation
from masquerade.types import Frame

ENDINGS = [".gif", ".png", ".webp"]
LOSSLESS = Encoding(still_quality=100)
BASE = Fraction(1, 100)


def info_of(**changes) -> MediaInfo:
    info = MediaInfo(Path("made"), "video", "made", size_wh=(45, 30), time_base=BASE)
    return replace(info, **changes)


def frames_at(times, base: Fraction = BASE, last: int = 5, *, alpha: bool = False) -> list[Frame]:
    y, x = np.mgrid[:30, :45]
    opacity = np.where(x + y < 20, 0, 255).astype(np.uint8) if alpha else None
    return [
        Frame(
            np.stack([x // 9 * 30 + n, y // 6 * 40, 0 * x + 9], axis=2).astype(np.uint8),
            pts,
            base,
            last,
            opacity,
        )
        for n, pts in enumerate(times)
    ]


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_picture_is_kept_pixel_by_pixel_for_its_exact_time(tmp_path, ending):
    frames = frames_at([0, 4, 14, 17, 90])
    out = tmp_path / f"out{ending}"
    notes = write_animation(iter(frames), out, info_of(), LOSSLESS)
    made = list(read_frames(out))
    assert [frame.time_s for frame in made] == [frame.time_s for frame in frames]
    assert made[-1].duration * made[-1].time_base == Fraction(5, 100)
    assert not [note for note in notes if "rounded" in note]
    for before, after in zip(frames, made, strict=True):
        np.testing.assert_array_equal(after.pixels, before.pixels)


@pytest.mark.parametrize("ending", ENDINGS)
def test_equal_neighbours_are_not_merged(tmp_path, ending):
    still = frames_at([0])[0]
    frames = [replace(still, pts=pts) for pts in (0, 10, 20)]
    out = tmp_path / f"out{ending}"
    write_animation(frames, out, info_of(), LOSSLESS)
    assert probe(out).frame_count == 3


@pytest.mark.parametrize(("ending", "per_s"), [(".gif", 100), (".webp", 1000)])
def test_rounding_never_adds_up_and_is_said(tmp_path, ending, per_s):
    base = Fraction(1001, 30000)
    frames = frames_at(range(40), base, 1)
    out = tmp_path / f"out{ending}"
    notes = write_animation(frames, out, info_of(time_base=base), LOSSLESS)
    late = [abs(a.time_s - b.time_s) for a, b in zip(frames, read_frames(out), strict=True)]
    assert max(late) <= Fraction(1, 2 * per_s)
    assert "rounded" in " ".join(notes)


def test_apng_keeps_fractions_of_a_second(tmp_path):
    base = Fraction(1001, 30000)
    out = tmp_path / "out.png"
    notes = write_animation(frames_at(range(6), base, 1), out, info_of(time_base=base), LOSSLESS)
    data = out.read_bytes()
    assert data.count(b"fcTL") == 6
    at = data.index(b"fcTL") + 4 + 20
    assert int.from_bytes(data[at : at + 2]) == 1001
    assert int.from_bytes(data[at + 2 : at + 4]) == 30000
    assert notes == ()


@pytest.mark.parametrize("ending", ENDINGS)
def test_transparency_is_kept(tmp_path, ending):
    frames = frames_at([0, 10, 20], alpha=True)
    out = tmp_path / f"out{ending}"
    write_animation(frames, out, info_of(has_alpha=True), LOSSLESS)
    made = list(read_frames(out))
    assert len(made) == 3
    for before, after in zip(frames, made, strict=True):
        np.testing.assert_array_equal(after.alpha, before.alpha)


@pytest.mark.parametrize("loops", [0, 1, 3])
@pytest.mark.parametrize("ending", ENDINGS)
def test_loops_are_kept(tmp_path, ending, loops):
    out = tmp_path / f"out{ending}"
    write_animation(frames_at([0, 10]), out, info_of(loop_count=loops), LOSSLESS)
    assert probe(out).loop_count == loops


@pytest.mark.parametrize(("ending", "loops"), [(".gif", 65535), (".webp", 65535), (".png", 70000)])
def test_more_loops_than_the_format_counts_are_cut_and_said(tmp_path, ending, loops):
    out = tmp_path / f"out{ending}"
    notes = write_animation(frames_at([0, 5]), out, info_of(loop_count=70000), LOSSLESS)
    assert probe(out).loop_count == loops
    assert any("65535 times" in note for note in notes) == (loops != 70000)


def test_gif_of_many_colours_stays_near_them(tmp_path, rng):
    y, x = np.mgrid[:60, :80]
    pixels = np.stack([x * 3, y * 4, x + y], axis=2).clip(0, 255).astype(np.uint8)
    out = tmp_path / "out.gif"
    frames = [Frame(pixels, 0, BASE, 10), Frame(pixels, 10, BASE, 10)]
    write_animation(frames, out, info_of(size_wh=(80, 60)), LOSSLESS)
    made = next(iter(read_frames(out))).pixels
    assert np.abs(made.astype(int) - pixels).mean() < 5


@pytest.mark.parametrize("ending", ENDINGS)
def test_pictures_are_written_while_they_come(tmp_path, rng, ending):
    asked: list[int] = []
    out = tmp_path / f"out{ending}"

    def frames():
        for number in range(40):
            asked.append(number)
            if number == 30:
                assert out.stat().st_size > 20_000
            noise = rng.integers(0, 256, (30, 45, 3)).astype(np.uint8)
            yield Frame(noise, 10 * number, BASE, 10)

    write_animation(frames(), out, info_of(), LOSSLESS)
    assert asked == list(range(40))


@pytest.mark.parametrize(
    ("name", "frames", "error"),
    [
        ("out.jpg", frames_at([0]), UsageError),
        ("out.gif", [], UsageError),
        ("missing/out.gif", frames_at([0]), UsageError),
    ],
)
def test_what_cannot_be_written_is_refused_and_leaves_nothing(tmp_path, name, frames, error):
    with pytest.raises(error):
        write_animation(frames, tmp_path / name, info_of(), LOSSLESS)
    assert not (tmp_path / name).exists()


def test_nothing_stays_when_the_frames_fail(tmp_path):
    def frames():
        yield frames_at([0])[0]
        yield frames_at([10])[0]
        raise RuntimeError("the method failed")

    out = tmp_path / "out.gif"
    with pytest.raises(RuntimeError):
        write_animation(frames(), out, info_of(), LOSSLESS)
    assert not out.exists()


def test_losses_are_said(tmp_path):
    info = info_of(has_alpha=True, bit_depth=10)
    said = " ".join(write_animation(frames_at([0], alpha=True), tmp_path / "a.gif", info, LOSSLESS))
    assert "256 colours" in said
    assert "half-transparent" in said
    assert "10 bits" in said


def test_webp_is_smaller_at_a_lower_quality(tmp_path, rng):
    noise = rng.integers(0, 256, (30, 45, 3)).astype(np.uint8)
    frames = [Frame(noise, pts, BASE, 5) for pts in accumulate([0, 5, 5])]
    sizes = []
    for quality in (100, 50):
        out = tmp_path / f"{quality}.webp"
        write_animation(frames, out, info_of(), Encoding(still_quality=quality))
        sizes.append(out.stat().st_size)
        assert probe(out).frame_count == 3
    assert sizes[1] < sizes[0]
