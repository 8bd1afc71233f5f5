"""What is not needed any more is erased by age: what was sent, what was made, whose face it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pydantic import Field

from masquerade.errors import UsageError
from masquerade.jobs.database import Database
from masquerade.jobs.endings import DATA_ENDINGS
from masquerade.jobs.erase import erase
from masquerade.jobs.files import Files, Upload
from masquerade.jobs.queue import Queue
from masquerade.jobs.types import ENDED, Job, State
from masquerade.jobs.work import KINDS, kind_of
from masquerade.options import Options

_DAY_S: Final = 86_400.0
_MOST: Final = 100_000


class Keep(Options):
    """How long files are kept that came, or were made, over the network; and how much room."""

    quota_gb: float = Field(100.0, gt=0, le=1_000_000)
    """Room that uploads and results may take together, in gigabytes."""
    inputs_days: float = Field(7.0, ge=0, le=3650)
    """Days that an upload is kept after it was last used."""
    results_days: float = Field(30.0, ge=0, le=3650)
    """Days that results are kept."""
    biometric_days: float = Field(7.0, ge=0, le=3650)
    """Days that facesets, models of looks and voices, and trained networks are kept."""
    log_days: float = Field(365.0, ge=1, le=3650)
    """Days that the account of a job is kept, without its files."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep erased.

    Attributes:
        uploads: How many.
        results: Of how many jobs.
        jobs: How many accounts of jobs.
    """

    uploads: int
    results: int
    jobs: int

    @property
    def words(self) -> str:
        """The same in words; empty where it was nothing."""
        if not (self.uploads or self.results or self.jobs):
            return ""
        return (
            f"erased by age: {self.uploads} uploads, results of {self.results} jobs,"
            f" {self.jobs} accounts"
        )


def sweep(queue: Queue, files: Files, keep: Keep) -> Swept:
    """Erases what is older than it may be; nothing that a job still needs."""
    now_s = queue.database.now_s()
    open_jobs = queue.list_jobs(states=[State.WAITING, State.RUNNING], limit=_MOST)
    needed = " ".join(str(job.spec) for job in open_jobs)
    uploads = 0
    for upload in files.uploads(None):
        if upload.id not in needed and _is_old(queue.database, upload, now_s, keep):
            files.remove(upload)
            uploads += 1
    results = accounts = 0
    for job in queue.list_jobs(states=sorted(ENDED), limit=_MOST):
        age_days = (now_s - (job.ended_s or now_s)) / _DAY_S
        if job.id in needed:
            continue
        if not job.folder and age_days > _days_of(job, keep):
            results += forget_results(queue, files, job)
        if age_days > keep.log_days:
            queue.remove(job.id)
            accounts += 1
    return Swept(uploads, results, accounts)


def forget_results(queue: Queue, files: Files, job: Job) -> bool:
    """Erases what a job made, parts that a stopped one kept too; False where nothing was there.

    Raises:
        UsageError: It has not ended.
    """
    if not job.ended:
        raise UsageError(f"{job.id} is {job.state}", "a job that has ended", "cancel it first")
    folder = files.job_folder(job.id)
    if not folder.exists():
        return False
    erase(folder)
    queue.forget_digest(job.id)
    return True


def _days_of(job: Job, keep: Keep) -> float:
    if job.kind not in KINDS:  # of another version: it could be anything
        return min(keep.biometric_days, keep.results_days)
    return keep.biometric_days if kind_of(job.kind).gives == "biometric" else keep.results_days


def _is_old(database: Database, upload: Upload, now_s: float, keep: Keep) -> bool:
    with database.reading() as connection:
        rows = connection.rows("SELECT used_s FROM uploads WHERE id = ?", (upload.id,))
    if not rows:
        return False
    models = any(upload.name.lower().endswith(ending) for ending in DATA_ENDINGS)
    days = min(keep.biometric_days, keep.inputs_days) if models else keep.inputs_days
    return bool((now_s - rows[0][0]) / _DAY_S > days)
