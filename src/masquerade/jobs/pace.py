"""How long a stage will still take, by how fast it went so far."""

from __future__ import annotations

import time


class Pace:
    """Time left of the stage that is under way; state over one job."""

    def __init__(self) -> None:
        self._stage, self._first, self._began = "", 0, 0.0

    def eta_s(self, stage: str, done: int, total: int | None) -> float | None:
        """Seconds until the stage is over; None where it cannot be said yet.

        What was done before the stage was first heard of is not this run's speed.
        """
        now = time.monotonic()
        if stage != self._stage or done < self._first:
            self._stage, self._first, self._began = stage, done, now
        made, took_s = done - self._first, now - self._began
        if not total or made <= 0 or took_s <= 0:
            return None
        return round(max(0, total - done) * took_s / made, 1)
