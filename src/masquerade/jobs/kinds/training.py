"""What kinds of work share that end in a trained network, or in another model of one person."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import Field

from masquerade.jobs.asked import Prose, Work
from masquerade.options import Options

if TYPE_CHECKING:
    from masquerade.train.outcome import Trained


class Modelled(Options):
    """Where a model of one person goes, and by whose consent."""

    out: Path
    """The model."""
    consents: tuple[Path, ...] = Field((), max_length=8)
    """The person's consent record; the model carries it."""
    overwrite: bool = False
    """Replace the model if it exists."""

    def as_of(self, work: Work) -> Self:
        """The same; work that is done again replaces what it left."""
        return self.model_copy(update={"overwrite": self.overwrite or work.again})


class Learned(Modelled):
    """The same, where a network is trained."""

    purpose: Annotated[str, Prose()] = Field("", max_length=400)
    """What it is for; may be left out where the record names just one purpose."""


def told_of(trained: Trained[Any], **found: object) -> Mapping[str, object]:
    """What came of a training, for programs.

    Raises:
        KeyboardInterrupt: It was stopped before its end; it goes on from its last checkpoint.
    """
    if trained.stopped:
        raise KeyboardInterrupt
    return {
        "out": str(trained.product.path) if trained.product else None,
        "iterations": trained.iterations,
        **found,
        "rollbacks": trained.rollbacks,
    }
