"""What kinds of work share that end in a sealed file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypedDict

from pydantic import Field

from masquerade.jobs.asked import Prose, Work
from masquerade.media.encoding import Encoding
from masquerade.options import Options

if TYPE_CHECKING:
    from masquerade.pipelines.saving import Saving
    from masquerade.provenance.label import Label


class Making(Options):
    """Where a sealed file goes, and how it is stored and labelled."""

    out: Path
    """The file that is made; its ending chooses the container."""
    overwrite: bool = False
    """Replace the file if it exists."""
    label: str = Field("eu", max_length=40)
    """Preset of the label."""
    label_language: str = Field("en", max_length=8)
    """Code of the language of the label."""
    encoding: Encoding = Encoding()
    """How the result is encoded."""

    def saving(self, work: Work) -> Saving:
        """How the file is marked and stored; work that is done again replaces what it left."""
        from masquerade.pipelines.saving import Saving
        from masquerade.provenance.label import Label

        label = Label(self.label, self.label_language)
        return Saving(self.encoding, label, self.overwrite or work.again)


class Consented(Making):
    """The same, under somebody's consent."""

    consents: tuple[Path, ...] = Field((), max_length=64)
    """Consent records of everybody concerned."""
    purpose: Annotated[str, Prose()] = Field("", max_length=400)
    """What it is for; may be left out where the records name just one purpose."""


class SavedSheet(TypedDict):
    """What every pipeline takes that saves one sealed picture of its own."""

    consents: tuple[Path, ...]
    purpose: str
    label: Label
    overwrite: bool
    progress: Callable[[str, int, int | None], None]


class Sheet(Options):
    """Where a sealed picture goes that a pipeline draws by itself, under somebody's consent."""

    out: Path
    """The picture that is made."""
    overwrite: bool = False
    """Replace the picture if it exists."""
    label: str = Field("eu", max_length=40)
    """Preset of the label."""
    label_language: str = Field("en", max_length=8)
    """Code of the language of the label."""
    consents: tuple[Path, ...] = Field((), max_length=64)
    """Consent records of everybody concerned."""
    purpose: Annotated[str, Prose()] = Field("", max_length=400)
    """What it is for; may be left out where the records name just one purpose."""

    def saved(self, work: Work) -> SavedSheet:
        """The same for a pipeline, which tells `work` how far it is."""
        from masquerade.provenance.label import Label

        return {
            "consents": self.consents,
            "purpose": self.purpose,
            "label": Label(self.label, self.label_language),
            "overwrite": self.overwrite or work.again,
            "progress": work.progress,
        }
