import io
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from masquerade.errors import PolicyError
from masquerade.hashing import BLOCK, block_hashes, file_sha256
from masquerade.media.ahead import ahead
from masquerade.media.audio import read_audio, sound_blocks
from masquerade.media.known_file import KnownFile, expected_of, held_to
from masquerade.media.probe import probe
from masquerade.media.read import read_frames


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large"
    path.write_bytes(np.random.default_rng(0).bytes(2 * BLOCK + 500))
    return path


def _wav(path: Path, samples: np.ndarray) -> Path:
    import wave

    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes((samples * 20_000).astype("<i2").tobytes())
    return path


def test_hashes_are_of_the_whole_and_of_each_part(large: Path) -> None:
    known = block_hashes(large)
    assert (known.sha256, known.size) == (file_sha256(large), 2 * BLOCK + 500)
    assert len(known.blocks) == 3


def test_any_part_is_read_as_it_is(large: Path) -> None:
    data = large.read_bytes()
    with KnownFile(large, block_hashes(large)) as file:
        assert file.read(10) == data[:10]
        assert file.seek(BLOCK - 3) == BLOCK - 3
        assert file.read(BLOCK + 9) == data[BLOCK - 3 : 2 * BLOCK + 6]
        file.seek(-7, io.SEEK_END)
        assert (file.read(), file.tell(), file.read(1)) == (data[-7:], len(data), b"")
        file.seek(0)
        assert io.BufferedReader(file).read() == data


@pytest.mark.parametrize("at", [0, 2 * BLOCK + 499])
def test_a_part_that_changed_is_not_read(large: Path, at: int) -> None:
    known = block_hashes(large)
    with large.open("r+b") as file:
        file.seek(at)
        file.write(bytes([large.read_bytes()[at] ^ 1]))
    with KnownFile(large, known) as file:
        file.seek(at)
        with pytest.raises(PolicyError, match="large was changed while it was worked on"):
            file.read(1)
        with pytest.raises(PolicyError):
            file.check()


@pytest.mark.parametrize("change", ["cut", "longer"])
def test_a_file_of_another_length_is_not_read_beyond_what_it_was(large: Path, change: str) -> None:
    known, data = block_hashes(large), large.read_bytes()
    large.write_bytes(data[:-1] if change == "cut" else data + b"more")
    with KnownFile(large, known) as file, pytest.raises(PolicyError):
        file.read()


def test_sound_is_that_of_the_file_as_it_was_hashed(tmp_path: Path) -> None:
    path = _wav(tmp_path / "a.wav", np.sin(np.arange(48_000) / 9))
    known = block_hashes(path)
    plain = read_audio(path)
    assert np.array_equal(read_audio(path, known=known).samples, plain.samples)
    parts = [block.samples for block in sound_blocks(path, known=known)]
    assert np.array_equal(np.concatenate(parts, axis=1), plain.samples)
    assert probe(path, known=known).audio == probe(path).audio


def test_sound_that_is_exchanged_while_it_plays_ends_the_work(tmp_path: Path) -> None:
    seconds = 90  # three parts of a mebibyte
    path = _wav(tmp_path / "a.wav", np.sin(np.arange(seconds * 16_000) / 9))
    other = _wav(tmp_path / "b.wav", np.cos(np.arange(seconds * 16_000) / 5))
    blocks = sound_blocks(path, known=block_hashes(path))
    next(blocks)
    path.write_bytes(other.read_bytes())
    with pytest.raises(PolicyError, match="changed while it was worked on"):
        list(blocks)


@pytest.fixture(
    params=["a.mp4", "a.png", "deep.png", "a.jpg", "a.webp", "a.tif", "a.avif", "a.gif"]
)
def pictures(
    request: pytest.FixtureRequest,
    make_clip: Callable[..., Path],
    rng: np.random.Generator,
    tmp_path: Path,
) -> Path:
    """A video or a picture of each decoder."""
    if request.param == "a.mp4":
        return make_clip(request.param, count=3)
    path = tmp_path / request.param
    deep = request.param == "deep.png"
    noise = rng.integers(0, 65_536 if deep else 256, (64, 96, 3)).astype("u2" if deep else "u1")
    if deep:
        path.write_bytes(cv2.imencode(".png", noise)[1].tobytes())
    else:
        Image.fromarray(noise).save(path)
    return path


def test_pictures_are_read_as_they_were_or_not_at_all(pictures: Path) -> None:
    plain = [frame.pixels for frame in read_frames(pictures)]
    with held_to({pictures: block_hashes(pictures)}):
        held = [frame.pixels for frame in ahead(read_frames(pictures), 1)]
        assert np.array_equal(held, plain)
        assert probe(pictures).size_wh == (96, 64)
        data = bytearray(pictures.read_bytes())
        data[len(data) // 2] ^= 1
        pictures.write_bytes(data)
        with pytest.raises(PolicyError, match="changed while it was worked on"):
            list(ahead(read_frames(pictures), 1))
    assert expected_of(pictures) is None
