"""Speech that comes in blocks, of which only what is still needed is held."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from masquerade.speech.mono import mono
from masquerade.types import Audio


class Tape:
    """Samples by number, read on for when they are asked for.

    Args:
        blocks: Mono at 16 kHz, without gaps.
    """

    def __init__(self, blocks: Iterator[Audio]) -> None:
        self._blocks = blocks
        self._held = np.zeros(0, np.float32)
        self._first = 0
        self.start_s = Fraction(0)
        self._begun = False

    def reach(self, start: int, count: int) -> bool:
        """Whether there are so many samples from there on, after reading on for them."""
        parts = [self._held]
        end = self._first + len(self._held)
        while end < start + count:
            block = next(self._blocks, None)
            if block is None:
                break
            if not self._begun:
                self.start_s, self._begun = block.start_s, True
            parts.append(mono(block))
            end += len(parts[-1])
        self._held = np.concatenate(parts) if len(parts) > 1 else parts[0]
        return end >= start + count

    def between(self, start: int, end: int) -> NDArray[np.float32]:
        """The samples there, fewer where the sound ends before."""
        self.reach(start, end - start)
        return self._held[start - self._first : end - self._first]

    def cut(self, start: int, longest: int, slack: int, quiet: int) -> int:
        """Where a part ends that begins there: at the quietest place near its longest.

        Args:
            start: Its first sample.
            longest: Samples that it may have.
            slack: How far before that it may be cut.
            quiet: Samples over which it is to be quiet.
        """
        whole = self.between(start, start + longest + 1)
        if len(whole) <= longest:
            return start + len(whole)
        near = whole[longest - slack : longest]
        power = (near[: len(near) // quiet * quiet].reshape(-1, quiet) ** 2).mean(axis=1)
        return start + longest - slack + int(np.argmin(power)) * quiet + quiet // 2

    def forget(self, before: int) -> None:
        """What lies before is not asked for again."""
        if before > self._first:
            self._held = self._held[before - self._first :].copy()
            self._first = before
