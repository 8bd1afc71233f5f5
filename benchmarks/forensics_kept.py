"""What examinations said, kept on disk, so that a long run can be stopped and goes on.

One line of JSON for each file that was examined. A line counts only for the very same file, by its
SHA-256, and for the very same program: whatever changed meanwhile is examined again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import masquerade
from benchmarks.forensics_cases import Case
from masquerade.forensics.evidence import Applies
from masquerade.pipelines.examine.examine import Examination

_PARTS: Final = ("*.py", "*.json", "*.npz", "*.onnx")


@dataclass(frozen=True, slots=True)
class Said:
    """What an examination said of one file.

    Attributes:
        finding: Of the verdict.
        log10_lr: Of the verdict; None: nothing was weighed.
        applied: Signals that could say something.
        ratios: What those that were weighed are worth, by signal.
    """

    finding: str
    log10_lr: float | None
    applied: tuple[str, ...]
    ratios: dict[str, float]

    @classmethod
    def of(cls, found: Examination) -> Said:
        """The same, of an examination."""
        return cls(
            found.verdict.finding.value,
            found.verdict.log10_lr,
            tuple(one.signal for one in found.evidence if one.applies is not Applies.NO),
            {one.signal: one.log10_lr for one in found.evidence if one.log10_lr is not None},
        )


class Kept:
    """Examinations that were made before, by this program, of these files."""

    def __init__(self, place: Path | None) -> None:
        """Reads what there is.

        Args:
            place: A file that is made if it is missing; None: nothing is kept.
        """
        self._place, self._program = place, program()
        self._known: dict[str, Said] = {}
        if place is not None and place.is_file():
            for line in place.read_text(encoding="utf-8").splitlines():
                self._read(line)

    def _read(self, line: str) -> None:
        """One line; a torn one, as a killed run leaves it, is left out."""
        try:
            told: dict[str, Any] = json.loads(line)
            if told["program"] == self._program:
                said = told["said"]
                said["applied"] = tuple(said["applied"])
                self._known[told["file"]] = Said(**said)
        except (ValueError, KeyError, TypeError):
            return

    def said(self, case: Case, examined: Callable[[Case], Examination]) -> Said:
        """What was said of a file before, or is said of it now."""
        file = hashlib.sha256(case.data).hexdigest()
        if file not in self._known:
            self._known[file] = Said.of(examined(case))
            if self._place is not None:
                self._write(case, file)
        return self._known[file]

    def _write(self, case: Case, file: str) -> None:
        assert self._place is not None
        told = {
            "case": [case.test, case.person, case.how, case.change],
            "file": file,
            "program": self._program,
            "said": asdict(self._known[file]),
        }
        with self._place.open("a", encoding="utf-8") as out:
            out.write("\n" + json.dumps(told))  # whatever a killed run left there is a line apart


def program() -> str:
    """SHA-256 of all code, calibrations and networks of the package."""
    root, total = Path(masquerade.__file__).parent, hashlib.sha256()
    for path in sorted(path for part in _PARTS for path in root.rglob(part)):
        total.update(path.relative_to(root).as_posix().encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()
