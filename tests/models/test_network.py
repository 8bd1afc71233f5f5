"""What networks with a card share."""

import numpy as np
import pytest

from masquerade.errors import UsageError
from masquerade.models import network
from masquerade.models.network import PictureNetwork


class _Named(PictureNetwork):
    card = "iris"

    def __call__(self, picture: np.ndarray) -> tuple[int, ...]:
        return self._input.tensor(picture).shape


def test_a_network_is_opened_by_its_card(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, dict[str, object]]] = []
    monkeypatch.setattr(network, "open_session", lambda name, **how: asked.append((name, how)))
    _Named.open(threads=3)
    assert asked == [("iris", {"device": "cpu", "threads": 3, "progress": None})]


def test_pictures_are_taken_as_the_card_says() -> None:
    one = _Named(None)  # type: ignore[arg-type]
    assert one(np.zeros((64, 64, 3), np.uint8)) == (1, 64, 64, 3)
    with pytest.raises(UsageError, match="64"):
        one(np.zeros((63, 64, 3), np.uint8))
