"""What was done to make a file, for people: how much was changed, its marks, what to know."""

from __future__ import annotations

from typing import Any

from masquerade.jobs.types import Job
from masquerade.server.ui.advice import in_page_words, sentence

_COUNTED = (
    ("frames", "Frames"),
    ("changed", "Frames that were changed"),
    ("drawn_over", "Faces drawn over"),
    ("covered", "Faces covered with blocks"),
    ("nobody_meant", "Frames with nobody to change"),
    ("skipped", "Faces that stayed as they are"),
    ("people_seen", "People seen"),
)


def to_know(job: Job) -> list[str]:
    """What whoever asked for it has to know, in sentences."""
    seal: Any = job.result.get("seal") or {}
    told = [*_listed(job.result.get("notes")), *_listed(seal.get("notes"))]
    return [f"{sentence(one).rstrip('.')}." for one in map(in_page_words, told) if one]


def account(job: Job) -> list[tuple[str, object]]:
    """Names and values of what was done."""
    told: Any = job.result
    seal: Any = told.get("seal") or {}
    rows: list[tuple[str, object]] = [
        (words, f"{told[name]:,}")
        for name, words in _COUNTED
        if isinstance(told.get(name), int) and told[name] > 0
    ]
    if seal.get("label"):
        rows.append(("Label that people see", seal["label"]))
    if seal.get("watermark"):
        mark, _, how = str(seal["watermark"]).partition(", ")
        read = how.removeprefix("and ")
        rows.append(("Watermark", f"{mark} ({read})" if read else mark))
    if seal.get("ledger"):
        rows.append(("Row in the ledger", seal["ledger"]))
    if seal.get("sha256"):
        rows.append(("SHA-256 of the file", seal["sha256"]))
    return rows


def _listed(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []
