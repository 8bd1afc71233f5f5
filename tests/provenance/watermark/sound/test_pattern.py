import numpy as np
import pytest
from sounds import KEY

from masquerade.errors import UsageError
from masquerade.provenance.watermark.payload import CODE_BITS
from masquerade.provenance.watermark.sound.pattern import cells, edges_hz, sound_pattern, spread


def test_the_same_key_gives_the_same_pattern_for_ever() -> None:
    made = sound_pattern(KEY)

    assert made.signs[:3, :8].tolist() == sound_pattern(bytes(KEY)).signs[:3, :8].tolist()
    assert not np.array_equal(made.signs, sound_pattern(bytes(32)).signs)
    assert abs(float(made.signs.mean())) < 0.05


def test_every_bit_has_as_many_cells_as_the_others_low_and_high() -> None:
    made = sound_pattern(KEY)
    middle = len(edges_hz()) // 2

    for part in (slice(None), slice(None, middle), slice(middle, None)):
        counts = np.bincount(made.bits[:, part][~made.sync[:, part]], minlength=CODE_BITS)
        assert counts.max() - counts.min() <= 2
    assert (made.sync.sum(axis=0) == len(made.sync) // 4).all()


def test_known_cells_are_alike_for_every_id() -> None:
    made = sound_pattern(KEY)

    changed = cells(made, 1) != cells(made, 2**64 - 2)

    assert not changed[made.sync].any()
    assert changed[~made.sync].mean() > 0.3


def test_bands_share_the_bins_between_them() -> None:
    shares = spread(257, 31.25)

    inside = shares.sum(axis=1)[9:225]
    assert np.allclose(inside, 1, atol=1e-5)
    assert not spread(129, 31.25)[:, edges_hz()[1:] > 4000].any()


@pytest.mark.parametrize("key", [b"", bytes(31), bytes(33)])
def test_a_key_of_another_length_is_refused(key: bytes) -> None:
    with pytest.raises(UsageError, match="32 bytes"):
        sound_pattern(key)
