"""How often one caller may ask: a bucket each, that fills with time."""

from __future__ import annotations

import threading
import time

from masquerade.server.problems import TooManyError

_MOST_CALLERS = 100_000


class Rates:
    """Buckets of all callers of one server; state over its life.

    Args:
        per_minute: Requests that fill a bucket, and are filled in again in a minute.
    """

    def __init__(self, per_minute: int) -> None:
        self._most = float(per_minute)
        self._left: dict[str, tuple[float, float]] = {}
        self._guard = threading.Lock()

    def take(self, who: str) -> None:
        """Takes one request out of a caller's bucket.

        Raises:
            TooManyError: It is empty.
        """
        now = time.monotonic()
        with self._guard:
            if len(self._left) > _MOST_CALLERS:
                self._left.clear()  # so that nobody fills memory with made-up addresses
            left, then = self._left.get(who, (self._most, now))
            left = min(self._most, left + (now - then) * self._most / 60)
            if left < 1:
                self._left[who] = left, now
                raise TooManyError((1 - left) * 60 / self._most)
            self._left[who] = left - 1, now
