"""What every network that runs by its card shares: how it is opened, and how it is given pictures.

A file of a network names its card, and says in `__call__` what goes in and what comes out.
"""

from __future__ import annotations

from typing import ClassVar, Self

from masquerade.models.card import card
from masquerade.models.session import Session, open_session
from masquerade.models.store import Progress


class Network:
    """A network with its weights loaded.

    Args:
        session: The loaded weights.
    """

    card: ClassVar[str]
    """Name of the card that its weights come by."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @classmethod
    def open(
        cls, *, device: str = "cpu", threads: int = 1, progress: Progress | None = None
    ) -> Self:
        """The network with its weights loaded, fetched on first use as `progress` is told.

        Args:
            device: As in `masquerade.models.session.open_session`.
            threads: Likewise.
            progress: Told of the fetch.
        """
        session = open_session(cls.card, device=device, threads=threads, progress=progress)
        return cls(session)


class PictureNetwork(Network):
    """A network that takes pictures, in the form that its card says.

    Args:
        session: The loaded weights.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._input = card(self.card).pictures
