import numpy as np
import pytest

from masquerade.errors import UsageError
from masquerade.generate import edit


def test_an_effect_must_be_named() -> None:
    with pytest.raises(UsageError, match="no effect is named"):
        edit.prepare({}, edit.Options())


def test_another_device_is_refused() -> None:
    with pytest.raises(UsageError, match="cuda"):
        edit.prepare({}, edit.Options(effect=("smile=1",)), device="cuda")


def test_what_is_not_changed_is_masked_out() -> None:
    from tests.effects.test_effects import portrait

    before = portrait()
    after = before.with_pixels(before.pixels.copy())
    after.pixels[100:110, 100:120] ^= 255

    mask = edit._changed(before, after)

    assert mask.dtype == np.float32
    assert mask[100:110, 100:120].min() > 0.99
    assert mask[:60].max() == 0
