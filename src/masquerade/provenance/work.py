"""A job that passed the gates, while its media are made and until they are published."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from masquerade.media.encoding import Encoding
from masquerade.provenance.c2pa.manifest import Statement
from masquerade.provenance.c2pa.signing import Signing
from masquerade.provenance.canonical import canonical_bytes, sha256_hex
from masquerade.provenance.gates.rules import RULES_SHA256
from masquerade.provenance.gates.watch import Watch
from masquerade.provenance.label import Label
from masquerade.provenance.policy import Passed, Request
from masquerade.provenance.watermark.marking import SCHEME, SOUND_SCHEME, Mark, mark_of
from masquerade.types import Draft

Progress: TypeAlias = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True)
class Work:
    """The job.

    Attributes:
        request: What the gates were asked.
        label: The visible label.
        ledger_id: Of the row that will be entered.
        out: The output.
        encoding: Codec and quality.
        passed: What the gates said.
        progress: Told how far it is.
        signing: Who signs.
        watch: Looks at the pictures as they go by.
    """

    request: Request
    label: Label
    ledger_id: str
    out: Path
    encoding: Encoding
    passed: Passed
    progress: Progress
    signing: Signing
    watch: Watch

    @property
    def draft(self) -> Draft:
        """What is made."""
        return self.request.draft

    @property
    def mark(self) -> Mark:
        """The watermark."""
        return mark_of(self.job_key(), home=self.request.home)

    @property
    def statement(self) -> Statement:
        """What the manifest says."""
        return Statement(
            self.draft,
            self.passed,
            self.request.purpose,
            self.label,
            self.ledger_id,
            self.mark.text,
        )

    def job_key(self) -> str:
        """Name of all that decides the bytes of a part, besides its segment."""
        recipe = self.draft.recipe
        inputs = [[item.role, item.sha256] for item in recipe.inputs]
        models = [list(pair) for pair in recipe.models]
        schemes = SCHEME if self.draft.sound is None else f"{SCHEME} {SOUND_SCHEME}"
        marks = [self.label.as_json(), schemes, self.encoding.canonical_json(), RULES_SHA256]
        # Parts that were looked at under another block list are made, and looked at, anew.
        notices = list(self.watch.notices)
        # Not for the pictures, but for their watermark: its id is to lead to one consent.
        request = self.request
        use = [request.purpose, sorted(one.id for one in request.consents), self.out.suffix]
        made = [list(recipe.methods), recipe.version, recipe.options_json, models, inputs]
        return sha256_hex(canonical_bytes([*made, marks, notices, use]))  # type: ignore[list-item]
