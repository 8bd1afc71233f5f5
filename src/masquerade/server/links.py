"""Links to results that work for a while without a key: whoever has one may fetch that one file."""

from __future__ import annotations

import hmac
import secrets
import time
from pathlib import Path
from urllib.parse import quote

from masquerade.jobs.place import studio_folder
from masquerade.provenance.canonical import canonical_bytes
from masquerade.provenance.home import create_once
from masquerade.server.problems import NotAllowedError

_KEY_FILE = "links.key"


class Links:
    """Makes and checks links, under a key that never leaves this installation.

    Args:
        key: 32 bytes.
        minutes: How long a link works.
    """

    def __init__(self, key: bytes, minutes: int) -> None:
        self._key, self._seconds = key, minutes * 60
        self._used: dict[str, int] = {}

    @classmethod
    def open(cls, minutes: int, *, home: Path | None = None) -> Links:
        """With the installation's key, drawn on first use.

        Raises:
            ProvenanceError: It cannot be made or kept private.
        """
        place = studio_folder(home) / _KEY_FILE
        return cls(create_once(place, lambda: secrets.token_bytes(32)), minutes)

    def link(self, job_id: str, name: str, by: str) -> str:
        """The address of a job's file, good from now on for a while.

        Args:
            job_id: The job.
            name: Of the file.
            by: Key of whoever it is made for; stands in the ledger when the file is fetched.
        """
        until = int(time.time()) + self._seconds
        signature = self._signature(job_id, name, by, until)
        return f"/v1/files/{job_id}/{quote(name)}?until={until}&by={by}&signature={signature}"

    def check(self, job_id: str, name: str, by: str, until: int, signature: str) -> None:
        """Passes when a link is one of ours and still good.

        Raises:
            NotAllowedError: It is not.
        """
        wanted = self._signature(job_id, name, by, until)
        if not hmac.compare_digest(wanted.encode(), signature.encode(errors="replace")):
            raise NotAllowedError("the link was not made here", todo="ask for a new one")
        if time.time() > until:
            raise NotAllowedError("the link is not good any more", todo="ask for a new one")

    def is_first(self, until: int, signature: str) -> bool:
        """Whether a good link is used for the first time, as far as this server remembers.

        Players fetch a file in many ranges: the ledger needs to know of one of them.
        """
        now = time.time()
        if signature in self._used:
            return False
        self._used = {one: end for one, end in self._used.items() if end > now} | {signature: until}
        return True

    def _signature(self, job_id: str, name: str, by: str, until: int) -> str:
        text = canonical_bytes([job_id, name, by, until])
        return hmac.digest(self._key, text, "sha256").hex()
