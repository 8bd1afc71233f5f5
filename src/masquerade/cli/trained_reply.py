"""What every training says at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from masquerade.cli.reply import Reply

if TYPE_CHECKING:
    from pathlib import Path

    from masquerade.train.outcome import Trained

_STOPPED = 130  # as of every command that Ctrl-C ends


def trained_reply(
    trained: Trained[Any], lines: list[str], out: Path | None, found: dict[str, object]
) -> Reply:
    """The end of a training, in words and as data.

    Args:
        trained: What came of it.
        lines: What its kind has to say.
        out: The model; None where none was written.
        found: Figures of its kind.
    """
    if trained.rollbacks:
        lines.append(f"went back {trained.rollbacks} times after numbers that are none")
    if trained.stopped:
        lines.append("stopped on request; the same command goes on from here")
    data = {"out": str(out) if out else None, "iterations": trained.iterations, **found}
    data |= {"rollbacks": trained.rollbacks, "stopped": trained.stopped}
    return Reply(tuple(lines), data, _STOPPED if trained.stopped else 0)
