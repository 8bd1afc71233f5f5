"""All that a running server holds; the API and the pages are built on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from masquerade.errors import LimitError
from masquerade.jobs.files import Files
from masquerade.jobs.place import open_files, open_queue
from masquerade.jobs.queue import Queue, new_job_id
from masquerade.jobs.remote import check_remote, hash_of_uploads, jobs_named, uploads_named
from masquerade.jobs.sweep import Keep
from masquerade.jobs.types import Job, Spec, State, Submitted
from masquerade.jobs.work import EXAMINING, digest_of
from masquerade.server import audit
from masquerade.server.caller import Caller, Role
from masquerade.server.keys import Keys
from masquerade.server.links import Links
from masquerade.server.problems import NotAllowedError
from masquerade.server.rates import Rates
from masquerade.server.settings import Settings
from masquerade.server.turns import Turns


@dataclass(frozen=True, slots=True)
class Studio:
    """What every request works with.

    Attributes:
        settings: How the server is run.
        queue: Jobs.
        files: Uploads and results.
        keys: Who may ask.
        links: To results.
        rates: How often each may ask.
        parts: How many parts of files may be on their way.
        streams: How many may listen to progress.
        home: The installation's folder; None for the usual one.
    """

    settings: Settings
    queue: Queue
    files: Files
    keys: Keys
    links: Links
    rates: Rates
    parts: Turns
    streams: Turns
    home: Path | None = None

    @classmethod
    def open(
        cls,
        settings: Settings | None = None,
        *,
        keep: Keep | None = None,
        home: Path | None = None,
    ) -> Studio:
        """A studio on this installation's folder, or on a database server.

        Raises:
            OutputError: The queue cannot be used.
            ProvenanceError: The installation's folder cannot be kept private.
        """
        chosen = settings or Settings()
        queue = open_queue(chosen.queue, home=home)
        return cls(
            chosen,
            queue,
            open_files(queue, keep=keep, upload_mb=chosen.upload_mb, home=home),
            Keys(queue.database),
            Links.open(chosen.link_minutes, home=home),
            Rates(chosen.rate),
            Turns("parts", each=4, most=16),
            Turns("listeners", each=50, most=200),
            home,
        )

    def submit(
        self,
        caller: Caller,
        kind: str,
        spec: Spec,
        *,
        priority: int = 0,
        after: Iterable[str] = (),
        again: bool = False,
    ) -> Submitted:
        """A job of somebody who asks over the network.

        Args:
            caller: Who asks.
            kind: What is to be done.
            spec: What is asked for; files by reference alone.
            priority: Among all jobs; above 0 for an admin only.
            after: Own jobs that must be done before.
            again: Do it even where the same work was done before.

        Raises:
            UsageError: The request makes no sense, or names what is not the caller's.
            InputError: A file is not there.
            LimitError: Too many of the caller's jobs wait already, or there is no room.
        """
        _check_role(caller, kind, priority)
        read = check_remote(kind, spec)
        for upload_id in uploads_named(kind, read):
            self.files.path_of(self.files.upload(upload_id, caller.id))
        needed = [*after, *jobs_named(kind, read)]
        for one in needed:
            self.queue.show(one, owner=caller.id)
        self.files.check_room(0)
        hash_of = hash_of_uploads(self.files, caller.id)
        digest = "" if again else digest_of(kind, read, caller.id, hash_of)
        same = self.queue.same_work(caller.id, digest)
        if same is not None:
            return Submitted(same, is_new=False)
        waiting = self.queue.counts(owner=caller.id)[State.WAITING]
        if waiting >= self.settings.waiting:
            raise LimitError(
                f"{waiting} jobs of yours wait already",
                f"at most {self.settings.waiting}",
                "ask again when some are done, or cancel some",
            )
        job_id = new_job_id()
        audit.note("asked", job_id, caller, home=self.home, kind=kind)
        asked = read.model_dump(mode="json")
        return self.queue.submit(
            kind, asked, owner=caller.id, priority=priority, after=needed, digest=digest,
            job_id=job_id,
        )  # fmt: skip

    def job(self, caller: Caller, job_id: str) -> Job:
        """A job that the caller may see.

        Raises:
            UsageError: There is none.
        """
        return self.queue.show(job_id, owner=caller.sees)

    def close(self) -> None:
        """Lets go of the queue."""
        self.queue.close()


def _check_role(caller: Caller, kind: str, priority: int) -> None:
    """Passes when a caller may ask for such work, as urgently.

    Raises:
        NotAllowedError: They may not.
    """
    if caller.role is Role.EXAMINER and kind not in EXAMINING:
        raise NotAllowedError(
            f"an examiner's key asks for {kind}", "one of " + ", ".join(sorted(EXAMINING)),
            "ask for a creator's key",
        )  # fmt: skip
    if priority > 0 and caller.role is not Role.ADMIN:
        raise NotAllowedError(f"priority {priority}", "0 or less", "leave it out")
