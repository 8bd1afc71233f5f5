import hashlib

import numpy as np
import pytest
from scenes import KEY

from masquerade.errors import UsageError
from masquerade.provenance.watermark.pattern import BAND, TILE, pattern, shift, tile
from masquerade.provenance.watermark.payload import encode


def test_a_key_gives_the_same_pattern_for_ever() -> None:
    made = pattern(KEY)
    parts = (made.sync, made.sync_signs, made.data, made.data_phases, made.data_bits)
    digest = hashlib.sha256(b"".join(np.ascontiguousarray(part).tobytes() for part in parts))

    assert digest.hexdigest()[:16] == "4f31097f98e129aa"


def test_another_key_gives_another_pattern() -> None:
    one, other = (tile(pattern(key), encode(5)) for key in (KEY, bytes(32)))

    assert abs(float(np.mean(one * other))) < 0.05


def test_waves_for_finding_and_for_bits_are_apart_and_in_the_band() -> None:
    made = pattern(KEY)
    waves = np.vstack([made.sync, made.data])
    lengths = np.hypot(*waves.T) / TILE

    assert len(np.unique(waves, axis=0)) == len(waves)
    assert lengths.min() >= BAND[0]
    assert lengths.max() <= BAND[1]


def test_every_bit_has_waves_and_about_as_many_as_the_others() -> None:
    counts = np.bincount(pattern(KEY).data_bits)

    assert len(counts) == 127
    assert counts.max() - counts.min() <= 1


@pytest.mark.parametrize("size", [128, 192, 1024])
def test_a_tile_has_mean_0_and_power_1_at_every_size(size: int) -> None:
    made = tile(pattern(KEY), encode(2**64 - 1), size)

    assert made.shape == (size, size)
    assert abs(float(made.mean())) < 1e-5
    assert float(np.mean(made**2)) == pytest.approx(1, abs=1e-4)


def test_each_id_has_its_own_place_and_keeps_it() -> None:
    places = {shift(KEY, payload) for payload in range(50)}

    assert len(places) > 45
    assert shift(KEY, 5) == (52, 12)
    assert shift(KEY, 5, 160) != shift(bytes(32), 5, 160)


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(UsageError, match="32 bytes"):
        pattern(b"short")
