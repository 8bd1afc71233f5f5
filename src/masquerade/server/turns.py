"""How much one caller, and all of them, may do at a time: what is held long is counted."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from masquerade.server.problems import TooManyError

_AGAIN_S = 1.0


class Turns:
    """Requests under way that hold memory or a connection; state over a server's life.

    Args:
        what: What they do, for the message.
        each: So many of one caller at a time.
        most: So many of all together.
    """

    def __init__(self, what: str, *, each: int, most: int) -> None:
        self._what, self._each, self._most = what, each, most
        self._held: Counter[str] = Counter()
        self._guard = threading.Lock()

    @contextmanager
    def taken(self, who: str) -> Iterator[None]:
        """A block that counts against a caller while it lasts.

        Raises:
            TooManyError: They, or all, have as many under way as may be.
        """
        with self._guard:
            if self._held[who] >= self._each or self._held.total() >= self._most:
                raise TooManyError(
                    _AGAIN_S,
                    f"{self._held[who]} {self._what} of yours, {self._held.total()} of all, are"
                    " under way",
                    f"at most {self._each} of one key and {self._most} in all",
                )
            self._held[who] += 1
        try:
            yield
        finally:
            with self._guard:
                self._held[who] -= 1
                if not self._held[who]:
                    del self._held[who]
