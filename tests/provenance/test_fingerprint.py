import io
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from masquerade.media.read import read_image
from masquerade.provenance.fingerprint import (
    LEAST_QUALITY,
    MATCH_BITS,
    EachSecond,
    Print,
    apart,
    as_text,
    fingerprint,
    forms,
    from_text,
    looked_up,
    pictures_of,
    stack,
)
from masquerade.types import RGB, Frame


def _picture(rng: np.random.Generator, size_wh: tuple[int, int] = (320, 180)) -> RGB:
    """Soft blots of colour, as pictures have them."""
    blots = rng.integers(0, 256, (9, 16, 3)).astype(np.uint8)
    return np.asarray(cv2.resize(blots, size_wh, interpolation=cv2.INTER_CUBIC), np.uint8)


def _jpeg(pixels: RGB, quality: int) -> RGB:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return np.array(Image.open(file))


def _far(one: RGB, other: RGB) -> int:
    return int(apart(fingerprint(one).bits, stack([fingerprint(other).bits]))[0])


def test_a_copy_scaled_and_recompressed_is_the_same_picture(rng: np.random.Generator) -> None:
    picture = _picture(rng)
    assert _far(picture, _jpeg(picture, 30)) <= MATCH_BITS
    assert _far(picture, cv2.resize(picture, (160, 90), interpolation=cv2.INTER_AREA)) <= MATCH_BITS
    assert _far(picture, np.clip(picture * 0.8 + 20, 0, 255).astype(np.uint8)) <= MATCH_BITS


def test_two_pictures_are_not_the_same(rng: np.random.Generator) -> None:
    pictures = [_picture(rng) for _ in range(12)]
    nearest = min(_far(one, other) for one in pictures for other in pictures if one is not other)
    assert nearest > 2 * MATCH_BITS


@pytest.mark.parametrize("quarters", range(4))
@pytest.mark.parametrize("mirrored", [False, True])
def test_each_mirrored_and_turned_form_is_found(
    rng: np.random.Generator, quarters: int, mirrored: bool
) -> None:
    picture = _picture(rng, (256, 256))
    turned = np.rot90(picture[:, ::-1] if mirrored else picture, quarters)
    found = apart(fingerprint(picture).bits, stack(forms(np.ascontiguousarray(turned))))
    assert found.min() <= 2
    assert fingerprint(picture).bits == forms(picture)[0]


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_a_plain_picture_tells_nothing(shade: int) -> None:
    plain = np.full((90, 160, 3), shade, np.uint8)
    assert fingerprint(plain).quality < LEAST_QUALITY
    assert not fingerprint(plain).tells


def test_one_picture_of_each_second_is_taken(rng: np.random.Generator) -> None:
    taken = EachSecond()
    picture = _picture(rng)
    for pts in range(60):
        taken.see(Frame(picture, pts, Fraction(1, 25)))
    assert [one.second for one in taken.prints] == [0, 1, 2]


def test_text_and_back_is_the_same(rng: np.random.Generator) -> None:
    prints = (fingerprint(_picture(rng), second=3), Print(4, bytes(32), 0))
    assert from_text(as_text(prints)) == prints


@pytest.mark.parametrize("text", [None, "x", [[1]], [[1, 2, "00"]], [[1, 2, "zz" * 32]], [3]])
def test_text_of_another_kind_is_refused(text: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        from_text(text)


def test_a_file_is_looked_up_several_times_a_second(clip: Path) -> None:
    assert [round(float(frame.time_s), 2) for frame in pictures_of(clip, 4)] == [0, 0.28]
    assert looked_up(clip) == ()  # too plain to tell


@pytest.mark.media
def test_portraits_are_told_apart_and_found_again(media_dir: Path) -> None:
    paths = sorted((media_dir / "portraits").glob("*_a.jpg"))[:15]
    pictures = [read_image(path).pixels for path in paths]
    for number, picture in enumerate(pictures):
        small = cv2.resize(_jpeg(picture, 50), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        assert _far(picture, small) <= MATCH_BITS
        others = stack(fingerprint(one).bits for one in pictures[:number] + pictures[number + 1 :])
        assert apart(fingerprint(picture).bits, others).min() > MATCH_BITS
