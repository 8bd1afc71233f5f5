import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from masquerade.errors import UsageError
from masquerade.provenance.watermark.payload import (
    CODE_BITS,
    MESSAGE_BITS,
    crc,
    decode,
    encode,
    generator,
)

IDS = st.integers(0, 2**64 - 1)


def as_soft(bits: np.ndarray) -> np.ndarray:
    return 1.0 - 2.0 * bits.astype(np.float64)


@given(IDS)
@settings(max_examples=20, deadline=None)
def test_an_id_comes_back_from_its_own_bits(payload: int) -> None:
    word = decode(as_soft(encode(payload)))

    assert word is not None
    assert (word.payload, word.corrected) == (payload, 0)


@given(IDS, st.sets(st.integers(0, CODE_BITS - 1), min_size=7, max_size=7))
@settings(max_examples=20, deadline=None)
def test_seven_doubtful_wrong_bits_anywhere_are_corrected(payload: int, places: set[int]) -> None:
    soft = as_soft(encode(payload))
    soft[list(places)] *= -0.5

    word = decode(soft)

    assert word is not None
    assert (word.payload, word.corrected) == (payload, 7)


def test_soft_bits_in_noise_come_back_where_one_in_nine_is_wrong(
    rng: np.random.Generator,
) -> None:
    exact, wrong = 0, []
    for _ in range(12):
        payload = int.from_bytes(rng.bytes(8), "big")
        soft = as_soft(encode(payload)) + rng.normal(0, 0.75, CODE_BITS)
        wrong.append(((soft < 0) != encode(payload)).sum())
        word = decode(soft)
        exact += word is not None and word.payload == payload

    assert np.mean(wrong) > 8  # more than counting errors could correct
    assert exact >= 11


def test_any_two_words_differ_in_at_least_fifteen_bits(rng: np.random.Generator) -> None:
    matrix = generator()
    messages = np.eye(MESSAGE_BITS, dtype=np.uint8)
    pairs = (messages[:, None] ^ messages[None]).reshape(-1, MESSAGE_BITS)
    weights = (np.vstack([messages, pairs[pairs.any(axis=1)]]) @ matrix % 2).sum(axis=1)

    assert weights.min() >= 15
    assert np.array_equal(matrix[:, :MESSAGE_BITS], messages)


@pytest.mark.parametrize(("payload", "check"), [(0, 16299), (1, 14254), (0xDEADBEEF12345678, 6897)])
def test_check_values_stay_what_they_are(payload: int, check: int) -> None:
    assert crc(payload) == check


@pytest.mark.parametrize("payload", [-1, 2**64])
def test_an_id_of_more_than_64_bits_is_refused(payload: int) -> None:
    with pytest.raises(UsageError, match="watermark id"):
        encode(payload)


def test_noise_alone_seldom_decodes_and_never_raises(rng: np.random.Generator) -> None:
    for soft in (np.zeros(CODE_BITS), np.ones(CODE_BITS), rng.normal(size=CODE_BITS)):
        decode(soft)
