from fractions import Fraction

import numpy as np
import pytest

from masquerade.errors import OutputError
from masquerade.provenance.label.plate import Ground, Plate, draw_card, draw_plate, stamp
from masquerade.provenance.label.presets import PRESETS, preset
from masquerade.provenance.label.words import languages, words
from masquerade.types import Frame

SIZES = [(48, 48), (64, 1280), (1280, 64), (640, 360)]


def _plate(language: str, name: str, size_wh: tuple[int, int], aspect: float = 1.0) -> Plate:
    return draw_plate(words(language), "AI MODIFIED", Ground(size_wh, aspect), preset(name))


def _luminance(shade: float) -> float:
    """Relative luminance of a grey, as WCAG 2.2 defines it."""
    value = shade / 255
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _contrast(one: float, other: float) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("name", ["eu", "minimal"])
@pytest.mark.parametrize("size_wh", SIZES)
def test_words_are_drawn_inside_every_picture(
    language: str, name: str, size_wh: tuple[int, int]
) -> None:
    plate = _plate(language, name, size_wh)
    w, h = plate.size_wh
    assert w <= size_wh[0]
    assert h <= size_wh[1]
    assert w % 2 == h % 2 == 0
    inner = plate.colour[2:-2, 2:-2, 0]
    assert 0.03 < float((inner > 128).mean()) < 0.5
    assert float(plate.opacity.min()) >= 0.6


@pytest.mark.parametrize("name", sorted(PRESETS))
@pytest.mark.parametrize("size_wh", [(640, 360), (1280, 720), (7680, 4320), (1080, 1920)])
def test_letters_are_no_smaller_than_a_fiftieth_of_the_picture(
    name: str, size_wh: tuple[int, int]
) -> None:
    plate = _plate("en", name, size_wh)
    h = plate.size_wh[1]
    ink = plate.colour[h // 6 : -h // 6, 4:-4, 0] > 128
    rows = np.nonzero(ink.any(axis=1))[0]
    assert rows[-1] - rows[0] + 1 >= 0.02 * min(size_wh)


@pytest.mark.parametrize("name", sorted(PRESETS))
@pytest.mark.parametrize("shade", [0, 60, 128, 200, 255])
def test_text_has_contrast_on_every_ground(name: str, shade: int) -> None:
    frame = Frame(np.full((360, 640, 3), shade, np.uint8))
    plate = _plate("en", name, (640, 360))
    w, h = plate.size_wh
    made = stamp(frame, plate, (0, 0, w, h)).pixels[3 : h - 3, 3 : w - 3, 0]
    assert _contrast(np.percentile(made, 99), np.median(made)) >= 4.5


def test_text_has_contrast_on_a_busy_ground() -> None:
    noise = np.random.default_rng(3).integers(0, 256, (360, 640, 3), dtype=np.uint8)
    plate = _plate("en", "minimal", (640, 360))
    w, h = plate.size_wh
    made = stamp(Frame(noise), plate, (0, 0, w, h)).pixels[:h, :w]
    behind = made[plate.colour[..., 0] == 0]
    assert _contrast(255, float(np.percentile(behind, 99))) >= 4.5


@pytest.mark.parametrize("language", ["en", "de", "el", "ja"])
def test_every_wording_of_a_language_has_a_plate_of_one_size(language: str) -> None:
    ground = Ground((640, 360))
    one = draw_plate(words(language), "AI GENERATED", ground, preset("eu"))
    other = draw_plate(words(language), "AI MODIFIED", ground, preset("eu"))
    assert one.size_wh == other.size_wh
    assert not np.array_equal(one.colour, other.colour)


def test_a_tiny_picture_says_ai_alone_and_keeps_room() -> None:
    w, h = _plate("en", "eu", (64, 64)).size_wh
    assert w * h < 0.25 * 64 * 64


@pytest.mark.parametrize("aspect", [Fraction(64, 45), Fraction(8, 9), Fraction(1, 2), Fraction(2)])
def test_letters_keep_their_shape_where_pixels_are_not_square(aspect: Fraction) -> None:
    stored = (round(720 / aspect / 2) * 2, 576)
    plain = _plate("en", "eu", (720, 576))
    squeezed = _plate("en", "eu", stored, float(aspect))
    assert squeezed.size_wh[1] == plain.size_wh[1]
    assert abs(squeezed.size_wh[0] * aspect - plain.size_wh[0]) <= 2 + 2 * aspect


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("size_wh", [(640, 360), (360, 640), (1920, 1080)])
def test_a_card_leaves_most_of_the_picture(language: str, size_wh: tuple[int, int]) -> None:
    cards = draw_card(words(language), "AI MODIFIED", ("face",), Ground(size_wh))
    assert cards
    for card in cards:
        assert card.size_wh[0] <= size_wh[0]
        assert card.size_wh[1] <= 0.37 * size_wh[1]
    widths = [card.size_wh[0] * card.size_wh[1] for card in cards]
    assert widths == sorted(widths, reverse=True)


def test_a_card_nobody_could_read_is_not_drawn() -> None:
    assert draw_card(words("en"), "AI MODIFIED", (), Ground((96, 64))) == ()


@pytest.mark.parametrize("size_wh", [(32, 200), (200, 47), (1, 1)])
def test_too_small_a_picture_is_refused(size_wh: tuple[int, int]) -> None:
    with pytest.raises(OutputError, match="cannot carry a label"):
        _plate("en", "eu", size_wh)


def test_what_is_transparent_does_not_shine_through() -> None:
    frame = Frame(np.full((360, 640, 3), 255, np.uint8), alpha=np.zeros((360, 640), np.uint8))
    plate = _plate("en", "minimal", (640, 360))
    w, h = plate.size_wh
    made = stamp(frame, plate, (0, 0, w, h))
    assert np.median(made.pixels[:h, :w]) == 0
    assert made.alpha is not None
    assert (made.alpha[:h, :w] == 255).all()
