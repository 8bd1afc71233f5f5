from collections.abc import Callable

import cv2
import numpy as np
import pytest
from scenes import KEY, jpeg, photo

from masquerade.errors import UsageError
from masquerade.media.colour import rgb_from_planes
from masquerade.provenance.watermark.chance import FALSE_ALARM
from masquerade.provenance.watermark.decode import LOOKS, detect, detect_all
from masquerade.provenance.watermark.embed import Marker, chip_size
from masquerade.types import Colour, Frame, Planes

ID = 0xFEDCBA9876543210
SIZE = (480, 360)


@pytest.fixture(scope="module")
def marked() -> np.ndarray:
    return Marker(ID, KEY, SIZE).mark(Frame(photo(*SIZE))).pixels


def turned(pixels: np.ndarray, degrees: float) -> np.ndarray:
    height, width = pixels.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    return cv2.warpAffine(pixels, turn, (width, height))[12:-12, 12:-12]


def scaled(pixels: np.ndarray, factor: float) -> np.ndarray:
    return cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)


@pytest.mark.parametrize(
    "attack",
    [
        pytest.param(lambda p: p, id="nothing"),
        pytest.param(lambda p: jpeg(p, 50), id="jpeg"),
        pytest.param(lambda p: np.ascontiguousarray(p[70:350, 37:417]), id="crop"),
        pytest.param(lambda p: scaled(p, 0.5), id="half"),
        pytest.param(lambda p: jpeg(scaled(p, 0.83), 85), id="scaled"),
        pytest.param(lambda p: turned(p, 1.0), id="turned"),
        pytest.param(lambda p: cv2.convertScaleAbs(p, alpha=0.8, beta=20), id="pale"),
        pytest.param(lambda p: np.repeat(p[..., 1:2], 3, axis=2), id="gray"),
    ],
)
def test_the_id_comes_back_after(
    marked: np.ndarray, attack: Callable[[np.ndarray], np.ndarray]
) -> None:
    found = detect(attack(marked), KEY)

    assert found.payload == ID
    assert found.p_value <= FALSE_ALARM


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("turns", range(4))
def test_mirrors_and_quarter_turns_are_seen(marked: np.ndarray, mirrored: bool, turns: int) -> None:
    seen = marked[:, ::-1] if mirrored else marked
    found = detect(np.ascontiguousarray(np.rot90(seen, -turns)), KEY)

    assert found.payload == ID
    assert (found.mirrored, found.quarter_turns) == (mirrored, turns)


def test_scale_and_angle_are_told(marked: np.ndarray) -> None:
    found = detect(turned(scaled(marked, 0.8), -1.5), KEY)

    assert found.scale == pytest.approx(0.8 * chip_size(SIZE), rel=0.01)
    assert found.angle_deg == pytest.approx(1.5, abs=0.3)


def test_another_key_sees_nothing(marked: np.ndarray) -> None:
    assert detect(marked, bytes(32)).payload is None


@pytest.mark.parametrize("seed", range(6))
def test_an_unmarked_picture_has_no_id(seed: int) -> None:
    found = detect(photo(320, 240, seed), KEY)

    assert not found.is_found
    assert found.p_value == 1


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((1, 1, 3), np.uint8),
        np.full((300, 200, 3), 255, np.uint8),
        np.zeros((17, 1000, 3), np.uint8),
        np.tile(np.array([[0, 255], [255, 0]], np.uint8)[..., None], (100, 100, 3)),
        np.random.default_rng(1).integers(0, 256, (200, 300, 3), np.uint8),
    ],
    ids=["one pixel", "white", "sliver", "checkers", "noise"],
)
def test_hostile_pictures_give_no_id_and_no_fault(pixels: np.ndarray) -> None:
    assert not detect(pixels, KEY).is_found


def test_frames_are_pooled_until_the_id_is_found() -> None:
    marker = Marker(ID, KEY, (320, 240))
    rng = np.random.default_rng(3)
    frames = []
    for number in range(40):
        shifted = np.roll(photo(320, 240), (number, 2 * number), axis=(0, 1))
        pixels = marker.mark(Frame(shifted)).pixels
        noisy = np.clip(pixels + rng.normal(0, 30, pixels.shape), 0, 255).astype(np.uint8)
        frames.append(Frame(jpeg(noisy, 25), pts=number))

    assert not detect(frames[0].pixels, KEY).is_found
    found = detect(iter(frames), KEY)
    assert found.payload == ID
    assert found.frames > 1


def test_no_more_frames_are_taken_than_needed() -> None:
    marked = Marker(ID, KEY, (320, 240)).mark(Frame(photo(320, 240)))
    taken = []

    def frames():
        for number in range(10_000):
            taken.append(number)
            yield marked

    assert detect(frames(), KEY).payload == ID
    assert len(taken) <= LOOKS[0][0] * LOOKS[0][1]


@pytest.mark.parametrize("count", [0, 1, 5])
def test_short_clips_are_looked_at_too(marked: np.ndarray, count: int) -> None:
    found = detect([Frame(marked)] * count, KEY)

    assert found.payload == (ID if count else None)
    assert found.frames == (count + 1) // 2


def test_frames_of_another_size_do_not_disturb(marked: np.ndarray) -> None:
    frames = [Frame(marked), Frame(photo(64, 64)), Frame(marked), Frame(photo(8, 8))]

    assert detect(frames, KEY).payload == ID


def test_a_mark_under_a_mark_is_read_too(marked: np.ndarray) -> None:
    again = Marker(12345, KEY, SIZE).mark(Frame(marked)).pixels

    found = detect_all(jpeg(again, 70), [KEY])

    assert {one.payload for one in found} == {ID, 12345}
    assert all(one.p_value <= FALSE_ALARM for one in found)


def test_of_several_keys_the_one_that_fits_is_told(marked: np.ndarray) -> None:
    found = detect_all([Frame(marked)], [bytes(32), KEY])

    assert [(one.payload, one.key_number) for one in found] == [(ID, 1)]


def test_marks_of_two_keys_are_both_read(marked: np.ndarray) -> None:
    other = bytes(reversed(KEY))
    again = Marker(7, other, SIZE).mark(Frame(marked)).pixels

    found = detect_all(again, [other, KEY])

    assert [(one.payload, one.key_number) for one in found] == [(7, 0), (ID, 1)]


def test_no_key_is_refused() -> None:
    with pytest.raises(UsageError, match="no watermark key"):
        detect_all(np.zeros((9, 9, 3), np.uint8), [])


@pytest.mark.parametrize(
    ("size_wh", "outcome"),
    [((1, 1), "too small"), ((8, 8), "too small"), ((90, 90), "too small"), ((160, 120), "none")],
)
def test_too_small_is_told_apart_from_none(size_wh: tuple[int, int], outcome: str) -> None:
    pixels = photo(*size_wh)
    still, clip = detect(pixels, KEY), detect([Frame(pixels)] * 3, KEY)

    assert (still.outcome, clip.outcome) == (outcome, outcome)
    assert ("too small" in still.words) == (outcome == "too small")


def test_a_find_says_how_sure_it_is(marked: np.ndarray) -> None:
    found = detect(marked, KEY)

    assert found.outcome == "found"
    assert "1 frame; the chance" in found.words


def test_pictures_with_alpha_keep_the_id() -> None:
    pixels = photo(400, 300)
    frame = Frame(pixels, alpha=np.full((300, 400), 128, np.uint8))

    assert detect(Marker(ID, KEY, (400, 300)).mark(frame).pixels, KEY).payload == ID


def test_gray_pictures_of_one_channel_are_read(marked: np.ndarray) -> None:
    gray = cv2.cvtColor(marked, cv2.COLOR_RGB2GRAY)

    assert detect(gray, KEY).payload == ID


def test_ten_bit_planes_keep_the_id() -> None:
    luma = photo(400, 300)[..., 1].astype(np.uint16) * 4
    planes = Planes("gray10le", (luma,), Colour(1, 1, 1, True))
    frame = Frame(rgb_from_planes(planes), planes=planes)

    made = Marker(ID, KEY, (400, 300)).mark(frame).planes

    assert made is not None
    assert detect(rgb_from_planes(made), KEY).payload == ID


def test_short_animations_are_read(marked: np.ndarray) -> None:
    frames = [
        Frame(marked, pts=number, alpha=np.full(SIZE[::-1], 255, np.uint8)) for number in (0, 1)
    ]

    assert [one.payload for one in detect_all(iter(frames), [KEY])] == [ID]
