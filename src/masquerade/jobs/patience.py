"""A worker outlives its queue's server: what it asks is asked again until there is an answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final, TypeVar

from masquerade.jobs.database import QueueAwayError

Told = TypeVar("Told")

_FIRST_S: Final = 0.5
_MOST_S: Final = 15.0


class Patience:
    """Asks a queue whose server may be away for a while.

    Args:
        stop: Ends the waiting; the error is raised then.
        tell: Told, in a sentence, that it waits, and that it does not any more.
    """

    def __init__(self, stop: threading.Event, tell: Callable[[str], None]) -> None:
        self._stop, self._tell = stop, tell
        self._away = False

    def asked(self, ask: Callable[[], Told]) -> Told:
        """What came of asking; nothing of a call that fails so is kept by the queue.

        Raises:
            QueueAwayError: The worker was told to end while the server was away.
        """
        pause_s = _FIRST_S
        while True:
            try:
                told = ask()
            except QueueAwayError as error:
                self.lost(error)
                if self._stop.wait(pause_s):
                    raise
                pause_s = min(2 * pause_s, _MOST_S)
            else:
                self.found()
                return told

    def lost(self, error: QueueAwayError) -> None:
        """The server did not answer; said once."""
        if not self._away:
            self._tell(f"{error.found}; it is asked again until it answers")
        self._away = True

    def found(self) -> None:
        """The server answered; said where it had not before."""
        if self._away:
            self._tell("the queue's server answers again")
        self._away = False
