"""Where independent pieces of work are done: the one thing that a pipeline knows of a cluster.

A pipeline hands over a function that makes a worker ready, what it needs for that, and a list of
pieces. What comes back does not depend on where it was done. Implementations lie in
`masquerade.distributed`; none is given where a pipeline works by itself, as it usually does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

from masquerade.types import Resources

Asked = TypeVar("Asked")
One = TypeVar("One")
Given = TypeVar("Given")


class Executor(Protocol):
    """A place for pieces of work."""

    def each(
        self,
        opener: Callable[[Asked], Callable[[One], Given]],
        asked: Asked,
        ones: Sequence[One],
        *,
        resources: Resources,
    ) -> Iterator[Given]:
        """What comes of each piece, in their order; some are worked on before they are asked for.

        Closing the iterator gives up what is not done. A piece whose worker is lost is done again.

        Args:
            opener: A function of a module of the package, called once in each process that works;
                gives the function that does one piece.
            asked: For the opener.
            ones: The pieces.
            resources: What one piece takes.

        Raises:
            MasqueradeError: As `opener`, or what it gave, raised it; or there is nowhere to work.
        """
        ...
