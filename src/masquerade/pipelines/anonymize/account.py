"""What came of hiding people: who became whom, how far from themselves they are, who is covered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

from masquerade.faces.embed import SAME_PERSON
from masquerade.media.probe import MediaInfo
from masquerade.pipelines.anonymize.render import Account
from masquerade.pipelines.anonymize.trouble import NOBODY, Trouble
from masquerade.provenance.saved import SaveReport

_MAX_LINES: Final = 12


@dataclass(frozen=True, slots=True)
class Hidden:
    """Somebody who was hidden, and what is left of them.

    Attributes:
        number: Counted from the left among all who were seen.
        persona: Who stands for them; empty where they are covered throughout.
        distances: Of the output to the person, in the frames that were measured.
    """

    number: int
    persona: str
    frames: int
    distances: tuple[float, ...]

    @property
    def known(self) -> float:
        """Share of the measured frames in which they still count as themselves."""
        return sum(d < SAME_PERSON for d in self.distances) / max(1, len(self.distances))

    @property
    def words(self) -> str:
        """One line on them."""
        who = f"person {self.number}"
        if not self.distances:
            return f"{who}: covered in {self.frames} frames"
        order = sorted(self.distances)
        return (
            f"{who} is {self.persona} now: distance to themselves {order[len(order) // 2]:.2f}"
            f" (least {order[0]:.2f}; below 0.60 in {self.known:.1%} of {len(order)} frames"
            " measured)"
        )


@dataclass(frozen=True, slots=True)
class Anonymized:
    """What came of a request.

    Attributes:
        out: The file.
        info: What the target was.
        hidden: Everybody who was hidden.
        kept: Numbers of those who stayed as they are.
        account: What was done in how many frames.
        trouble: Heads that were covered, by pts.
        notes: What the user should know.
    """

    out: Path
    info: MediaInfo
    hidden: tuple[Hidden, ...]
    kept: tuple[int, ...]
    account: Account
    trouble: tuple[Trouble, ...]
    notes: tuple[str, ...]
    saved: SaveReport

    def lines(self, took_s: float) -> list[str]:
        """The account in plain words."""
        done = self.account
        lines = [
            f"{self.out}: {done.frames} frames in {took_s:.1f} s; faces drawn over in"
            f" {done.swapped}, heads covered in {done.covered}"
        ]
        lines += [one.words for one in self.hidden]
        if self.kept:
            lines.append("kept as they are: person " + ", ".join(map(str, self.kept)))
        lines += [f"covered: {words}" for words in stretches(self.trouble, self.info.time_base)]
        lines += [f"note: {note}" for note in self.notes]
        return [*lines, *self.saved.lines()]

    def as_json(self) -> dict[str, object]:
        """The account for programs."""
        base = self.info.time_base
        return {
            "out": str(self.out),
            "frames": self.account.frames,
            "drawn_over": self.account.swapped,
            "covered": self.account.covered,
            "people": [
                {
                    "person": one.number,
                    "persona": one.persona,
                    "frames": one.frames,
                    "measured": len(one.distances),
                    "distance_median": _median(one.distances),
                    "distance_least": min(one.distances, default=None),
                    "share_below_0.6": round(one.known, 4),
                }
                for one in self.hidden
            ],
            "kept": list(self.kept),
            "trouble": [
                {"time_s": float(t.pts * base), "person": t.person + 1, "reason": t.reason}
                for t in self.trouble
            ],
            "notes": list(self.notes),
            "seal": self.saved.as_json(),
        }


def stretches(trouble: Sequence[Trouble], time_base: Fraction) -> list[str]:
    """Trouble as stretches of time, the first few of them.

    Args:
        trouble: In order of time.
        time_base: Seconds per unit of pts.
    """
    runs: list[list[Trouble]] = []
    latest: dict[tuple[int, str], list[Trouble]] = {}
    for one in trouble:
        key = (one.person, one.reason.partition(":")[0])
        run = latest.get(key)
        if run is None or (one.pts - run[-1].pts) * time_base > 1:
            run = latest[key] = []
            runs.append(run)
        run.append(one)
    words = [_stretch(run, time_base) for run in runs]
    more = len(words) - _MAX_LINES
    return words[:_MAX_LINES] + ([f"and {more} more stretches"] if more > 0 else [])


def _stretch(run: Sequence[Trouble], time_base: Fraction) -> str:
    first, last = run[0], run[-1]
    who = "somebody" if first.person == NOBODY else f"person {first.person + 1}"
    times = f"{_clock(first.pts * time_base)} to {_clock(last.pts * time_base)}"
    return f"{times} ({len({t.pts for t in run})} frames), {who}: {first.reason.partition(':')[0]}"


def _clock(time_s: Fraction) -> str:
    minutes, seconds = divmod(float(time_s), 60)
    return f"{int(minutes)}:{seconds:05.2f}"


def _median(values: Sequence[float]) -> float | None:
    return sorted(values)[len(values) // 2] if values else None
