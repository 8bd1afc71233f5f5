"""How a result is marked and stored: what every recipe that ends in a sealed file is told alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from masquerade.errors import OutputError, UsageError
from masquerade.media.encoding import Encoding
from masquerade.media.endings import check_ending, check_folder
from masquerade.media.probe import Kind
from masquerade.provenance.c2pa.formats import is_embedded, sidecar_of
from masquerade.provenance.label import Label


@dataclass(frozen=True, slots=True)
class Saving:
    """How a result is marked and stored.

    Attributes:
        encoding: How it is encoded.
        label: The visible label, or the spoken one of a sound without pictures.
        overwrite: Whether a file that exists is replaced.
    """

    encoding: Encoding = field(default_factory=Encoding)
    label: Label = field(default_factory=Label)
    overwrite: bool = False

    def check(self, out: Path, target: Path, *others: Path, kind: Kind | None = None) -> None:
        """Passes when such a label can be drawn, and a result lie at `out`.

        Args:
            out: The output.
            target: The file that is changed.
            others: What else it is made from.
            kind: What the output is to be; None where only the target will tell.

        Raises:
            UsageError: No such label; or `out` exists, is a file that it is made from, or cannot
                hold such media.
            OutputError: There is no such folder, or no letters of that language.
            ProvenanceError: Files of this ending cannot be sealed.
        """
        self.label.check()
        check_out(out, target, *others, overwrite=self.overwrite)
        if kind:
            check_ending(out, kind, self.encoding)


USUAL: Final = Saving()
"""How it is done where nobody says otherwise."""


def check_out(out: Path, target: Path, *others: Path, overwrite: bool) -> None:
    """Passes when an output can be sealed and lie there.

    Args:
        out: The output.
        target: The file that is changed.
        others: What else it is made from.
        overwrite: It may exist.

    Raises:
        UsageError: It exists, or is the target itself or another file that it is made from.
        OutputError: There is no such folder, or another file's manifest lies where its own would.
        ProvenanceError: Files of this ending cannot be sealed.
    """
    check_folder(out)
    is_embedded(out)  # raises where files of this ending cannot be sealed
    for read in (target, *others):
        if out.exists() and read.exists() and out.samefile(read):
            what = "the target itself" if read is target else "a file that it is to be made from"
            raise UsageError(f"{out} is {what}", "another file name for the result")
    if out.exists() and not overwrite:
        raise UsageError(f"{out} exists", "a new file", "choose another name, or add --overwrite")
    if not is_embedded(out) and sidecar_of(out).exists() and not out.exists():
        raise OutputError(
            f"{sidecar_of(out).name} exists and is the manifest of another file",
            "a name whose manifest can lie beside it",
            "choose another name",
        )
