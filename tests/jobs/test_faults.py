"""Faults of ours are noted by lines of code; nothing of what was worked on is in the note."""

from __future__ import annotations

from pathlib import Path

from masquerade.errors import UsageError
from masquerade.jobs import faults
from masquerade.jobs.work import kind_of


def test_a_fault_is_noted_without_what_was_worked_on(tmp_path: Path) -> None:
    for _ in range(2):
        try:
            try:
                kind_of("clips/secret.mp4")
            except UsageError as error:
                raise KeyError("clips/secret.mp4") from error
        except KeyError as error:
            faults.note("make", error, home=tmp_path)
    log = tmp_path / faults.FILE
    text = log.read_text()
    assert text.count("make: KeyError") == 2
    assert "after UsageError" in text
    assert "secret" not in text
    assert "test_faults.py:" in text
    assert str(Path.home()) not in text
    assert log.stat().st_mode & 0o077 == 0
