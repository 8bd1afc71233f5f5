"""What is kept for long: facesets and trainings of this installation, and how they stand."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from masquerade.errors import OutputError
from masquerade.jobs.disk import writing
from masquerade.jobs.place import studio_folder
from masquerade.jobs.types import Job, State
from masquerade.models.lock import locked
from masquerade.provenance.home import private_folder
from masquerade.server.studio import Studio
from masquerade.server.ui.shelf import clean_name

TRAININGS: Final = ("train", "train_lips", "train_body")
USED_BY: Final = {"train": "swap", "train_lips": "lipsync", "train_body": "body"}
"""The family of methods that uses what a training makes."""
_MOST = 200
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Run:
    """A training: its job, and what lies in its folder so far.

    Attributes:
        job: The job.
        out: The model; there once it is done.
    """

    job: Job
    out: Path

    @property
    def folder(self) -> Path:
        """Where checkpoints, curves and previews lie."""
        from masquerade.provenance.consent.revocation import CHECKPOINTS

        return self.out.with_suffix(CHECKPOINTS)

    @property
    def curves(self) -> Path | None:
        """The picture of the losses."""
        path = self.folder / "losses.png"
        return path if path.is_file() else None

    @property
    def previews(self) -> list[Path]:
        """Sheets of faces, the newest first."""
        return sorted(self.folder.glob("preview-*.png"), reverse=True)


def new_place(studio: Studio, name: str, ending: str) -> Path:
    """Where a new file of that name goes; never onto another.

    Raises:
        OutputError: The folder cannot be made.
    """
    try:
        folder = private_folder(studio_folder(studio.home) / "library")
    except OSError as error:
        raise OutputError(f"nothing can be kept ({error.strerror})") from error
    stem = clean_name(name).replace(".", "-") or "unnamed"
    for number in range(1, _MOST):
        path = folder / f"{stem}{f'-{number}' if number > 1 else ''}{ending}"
        if not path.exists() and not path.with_suffix("").exists():
            return path
    raise OutputError(f"there are {_MOST} files named {stem}", "another name", "choose one")


def kept_of(studio: Studio, *kinds: str) -> list[tuple[Job, Path]]:
    """Jobs of some kinds, with the file that each makes, newest first.

    What came to nothing is left out after a day, and what was made as soon as it is erased.
    """
    found = studio.queue.list_jobs(owner="", kinds=kinds, limit=_MOST)
    listed = [(job, Path(str(job.spec.get("out")))) for job in found]
    return [(job, path) for job, path in listed if _is_shown(job, path)]


def _is_shown(job: Job, path: Path) -> bool:
    if job.state is State.DONE:
        return path.is_file()
    return not job.ended or time.time() - (job.ended_s or 0.0) < _DAY_S


def chosen_from(studio: Studio, *kinds: str) -> dict[str, str]:
    """Files that jobs of some kinds have made, to pick from: file and words."""
    return {
        str(path): f"{job.result.get('person') or path.stem} ({path.name})"
        for job, path in kept_of(studio, *kinds)
        if job.state is State.DONE and path.is_file()
    }


def trainings(studio: Studio) -> list[Run]:
    """Trainings, newest first."""
    return [Run(job, path) for job, path in kept_of(studio, *TRAININGS)]


def picture_of(studio: Studio, job_id: str, name: str) -> Path | None:
    """A picture of a faceset's coverage, or of a training; None where there is none.

    Args:
        studio: Where the jobs are.
        job_id: Of the faceset or training.
        name: ``coverage``, ``curves``, or the number of a preview.
    """
    job = studio.queue.show(job_id, owner="")
    out = Path(str(job.spec.get("out")))
    if job.kind == "faceset" and name == "coverage":
        return _coverage(out)
    if job.kind not in TRAININGS:
        return None
    run = Run(job, out)
    if name == "curves":
        return run.curves
    shown = run.previews
    number = int(name) if name.isascii() and name.isdigit() and len(name) < 9 else len(shown)
    return shown[number] if number < len(shown) else None


def missing_of(studio: Studio, job_id: str) -> list[str]:
    """What a faceset lacks, each in a sentence."""
    out = Path(str(studio.queue.show(job_id, owner="").spec.get("out")))
    if _coverage(out) is None:
        return []
    return [line for line in _words_of(out).read_text("utf-8").splitlines() if line]


def _words_of(faceset_file: Path) -> Path:
    return faceset_file.with_suffix(".coverage.txt")


def _coverage(faceset_file: Path) -> Path | None:
    """The picture of a faceset's coverage, drawn when it is first asked for, words beside it."""
    from masquerade.pipelines.source.inspection import save_picture
    from masquerade.train.collect.look import look
    from masquerade.train.facesets.faceset import Faceset

    if not faceset_file.is_file():
        return None
    picture, words = faceset_file.with_suffix(".coverage.png"), _words_of(faceset_file)
    made_s = words.stat().st_mtime if words.is_file() and picture.is_file() else 0.0
    if made_s < faceset_file.stat().st_mtime:
        with locked(faceset_file.with_suffix(".coverage.lock")):
            with Faceset.open(faceset_file) as opened:
                found = look(opened)
            save_picture(found.picture, picture, overwrite=True)
            with writing(words.name):
                words.write_text("\n".join(found.coverage.missing), "utf-8")
    return picture
