"""Hidden folders beside outputs, in which stopped runs keep their finished parts."""

from __future__ import annotations

import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from masquerade.errors import OutputError, UsageError

OLD_DAYS: Final = 7
_NAME: Final = re.compile(r"\.(?P<output>.+)\.parts-[0-9a-f]+")
_STORES: Final = ("*.part", "faces")  # of a video, and of a faceset


@dataclass(frozen=True, slots=True)
class Kept:
    """What one stopped run, or one that is at work, keeps.

    Attributes:
        folder: Where.
        output: Name of the file that was to be made.
        parts: How many are finished; a faceset counts as one.
        size_bytes: Of all files in it.
        touched_s: When it was last written to, in seconds since 1970.
    """

    folder: Path
    output: str
    parts: int
    size_bytes: int
    touched_s: float

    @property
    def age_days(self) -> float:
        """Days since it was last written to."""
        return max(0.0, time.time() - self.touched_s) / 86_400

    @property
    def words(self) -> str:
        """How much it is, in words."""
        parts = "1 finished part" if self.parts == 1 else f"{self.parts} finished parts"
        return f"{parts}, {self.size_bytes / 1e6:.1f} MB"


def folder_for(out: Path, job: str) -> Path:
    """Where a job keeps what it has finished of an output.

    Args:
        out: The output.
        job: Name of all that decides the content, in hexadecimal.
    """
    return out.parent / f".{out.name}.parts-{job[:12]}"


def kept_in(folder: Path) -> list[Kept]:
    """What runs keep beside outputs in a folder, by name; nothing where it cannot be read."""
    try:
        named = [(path, _NAME.fullmatch(path.name)) for path in sorted(folder.iterdir())]
    except OSError:
        return []
    found = [_kept(path, name["output"]) for path, name in named if name]
    return [one for one in found if one is not None]


def kept_of(out: Path) -> list[Kept]:
    """What runs keep that were to make this output, and finished a part of it."""
    return [one for one in kept_in(out.absolute().parent) if one.output == out.name and one.parts]


def left_behind(folder: Path, *, days: int = OLD_DAYS) -> list[Kept]:
    """What no run has touched for so many days.

    Nothing is removed: the same command would still go on from it.
    """
    return [one for one in kept_in(folder) if one.age_days > days]


def remove_kept(folder: Path) -> Kept:
    """Removes what a stopped run kept, and says what it was.

    Args:
        folder: One that `kept_in` names.

    Raises:
        UsageError: It is another folder, or none.
        OutputError: A run is at work in it, or it cannot be removed.
    """
    from masquerade.provenance.home import only_one

    named = folder.absolute()
    for one in kept_in(named.parent):
        if one.folder == named:
            with only_one(named / "lock", what=one.output):
                pass
            try:
                shutil.rmtree(named)
            except OSError as error:
                raise OutputError(f"{folder} cannot be removed ({error.strerror})") from error
            return one
    raise UsageError(
        f"{folder} holds no parts of a stopped run", "a folder named .OUTPUT.parts-NUMBER"
    )


def _kept(folder: Path, output: str) -> Kept | None:
    """None where it is no folder, cannot be read, or is removed by its run this moment."""
    if folder.is_symlink() or not folder.is_dir():
        return None
    try:
        stats = [path.stat() for path in folder.iterdir()]
        return Kept(
            folder,
            output,
            sum(len(list(folder.glob(pattern))) for pattern in _STORES),
            sum(one.st_size for one in stats),
            max(one.st_mtime for one in (folder.stat(), *stats)),
        )
    except OSError:
        return None
