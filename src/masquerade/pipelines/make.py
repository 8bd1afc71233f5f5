"""From a request to a sealed file: plan, seal, save, and an account of what was done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from masquerade import registry
from masquerade.compose.blend import ComposeOptions
from masquerade.faces.embed import SAME_PERSON
from masquerade.media.encoding import Encoding
from masquerade.options import Options
from masquerade.pipelines.clock import clock
from masquerade.pipelines.drawn_elsewhere import over
from masquerade.pipelines.executor import Executor
from masquerade.pipelines.findings import open_target
from masquerade.pipelines.generate import Plan, plan
from masquerade.pipelines.request import AUTO, Request, read_request
from masquerade.pipelines.saving import Saving
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.provenance.label import Label
from masquerade.provenance.saved import SaveReport
from masquerade.provenance.seal import save, seal
from masquerade.telling import Progress, Tell, no_words
from masquerade.types import Miss

_MAX_LINES = 12


@dataclass(frozen=True, slots=True)
class Made:
    """What came of a request: the sealed file, and every frame accounted for.

    Attributes:
        out: The file.
        plan: What was planned; its tally says what came of each frame.
        saved: How it was sealed.
    """

    out: Path
    plan: Plan
    saved: SaveReport

    @property
    def misses(self) -> list[Miss]:
        """Faces that were meant but stayed as they were."""
        return self.plan.tally.misses

    def lines(self, took_s: float) -> list[str]:
        """The account in plain words."""
        tally = self.plan.tally
        if self.plan.info.kind == "still":
            lines = [f"{self.out}: changed in {took_s:.1f} s"]
        else:
            speed = tally.frames / took_s if took_s > 0 else 0.0
            lines = [
                f"{self.out}: {tally.swapped} of {tally.frames} frames changed"
                f" in {took_s:.1f} s ({speed:.1f} frames/s)"
            ]
        if tally.empty:
            lines.append(f"nobody meant was seen in {tally.empty} frames; they are as they were")
        if tally.skipped:
            lines.append(f"{tally.skipped} frames are as they were, as the settings by shot say")
        if tally.corrected:
            lines.append(f"areas of the settings by shot counted in {tally.corrected} frames")
        if tally.moved is not None:
            lines.append(
                f"identity: {tally.moved:.2f} from what it was; above {SAME_PERSON:g} it would be"
                " taken for another person"
            )
        lines += self._held()
        lines += [f"not changed: {words}" for words in self._missed()]
        lines += [f"weak: {words}" for words in self._weak()]
        lines += [f"note: {note}" for note in (*self.plan.notes, *tally.damages)]
        return [*lines, *self.saved.lines()]

    def _weak(self) -> list[str]:
        """New faces that are more like the target than like the source, the first few of them."""
        weak, start_s = self.plan.tally.weak, self.plan.info.start_pts * self.plan.info.time_base
        moves = self.plan.info.kind != "still"
        words = [
            (f"from {clock(one.time_s - start_s)} on " if moves else "")
            + f"the new face is nearer to the target's identity ({one.to_target:.2f}) than to the"
            f" source's ({one.to_source:.2f})"
            for one in weak[:_MAX_LINES]
        ]
        more = len(weak) - _MAX_LINES
        return words + ([f"and {more} more faces"] if more > 0 else [])

    def _held(self) -> list[str]:
        """What is said of hands that were found before faces."""
        tally = self.plan.tally
        held = tally.held
        if not held:
            return []
        if self.plan.info.kind != "still":
            return [
                f"hands before a face were found in {len({pts for pts, _ in held})} frames, and"
                " left as they are"
            ]
        boxes = dict.fromkeys(box for _, box in held)
        places = ", ".join(f'"{x0},{y0} {x1},{y1}"' for x0, y0, x1, y1 in boxes)
        return [
            f"found before the face and left as it is: a hand at {places}; if it is none, say"
            f" {'--front none' if tally.moved is not None else '--occlusion off'}"
        ]

    def _missed(self) -> list[str]:
        """Misses as stretches of time, the first few of them."""
        base, start = self.plan.info.time_base, self.plan.info.start_pts
        stretches = [
            f"{clock((run[0].pts - start) * base)} to {clock((run[-1].pts - start) * base)}"
            f" ({len({miss.pts for miss in run})} frames): {_plain(run[0].reason)}"
            for run in _stretches(self.misses, base)
        ]
        more = len(stretches) - _MAX_LINES
        return stretches[:_MAX_LINES] + ([f"and {more} more stretches"] if more > 0 else [])

    def as_json(self) -> dict[str, object]:
        """The account for programs."""
        tally, base = self.plan.tally, self.plan.info.time_base
        return {
            "out": str(self.out),
            "frames": tally.frames,
            "changed": tally.swapped,
            "nobody_meant": tally.empty,
            "skipped": tally.skipped,
            "corrected": tally.corrected,
            "misses": [
                {"time_s": float(miss.pts * base), "track": miss.track_id, "reason": miss.reason}
                for miss in self.misses
            ],
            "weak": [
                {"time_s": float(one.time_s), "track": one.track_id, "to_source": one.to_source}
                for one in tally.weak
            ],
            "identity_moved": None if tally.moved is None else round(tally.moved, 3),
            "people_seen": len(self.plan.people),
            "hands_before": [
                {"time_s": float(pts * base), "box": list(box)} for pts, box in tally.held
            ],
            "notes": [*self.plan.notes, *tally.damages],
            "seal": self.saved.as_json(),
        }


def make(
    method: str,
    *,
    target: Path,
    out: Path,
    sources: Sequence[Path] = (),
    consents: Sequence[Path] = (),
    people: Path | None = None,
    person: str = AUTO,
    purpose: str = "",
    options: Options | None = None,
    blending: ComposeOptions | None = None,
    encoding: Encoding | None = None,
    label: str = "eu",
    label_language: str = "en",
    device: str = "cpu",
    settings: Path | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
    tell: Tell | None = None,
    executor: Executor | None = None,
) -> Made:
    """A new file made from a target and a cast, consent-checked, sealed, saved.

    Args:
        method: Name in the registry, such as ``swap_mesh``.
        target: The file to change.
        out: Where the result goes; its ending chooses the container.
        sources: Photos and videos of who will be seen, or folders of them; none for a method
            that takes none.
        consents: Consent records: the source's, and performers' where there are any.
        people: A people map instead of sources: who becomes whom.
        person: Whom to replace; see `masquerade.pipelines.people.resolve`.
        purpose: What it is for; may be left out where the record names just one purpose.
        options: The method's Options; its defaults when not given.
        blending: How patches are put into frames.
        encoding: How the result is encoded.
        label: Preset of the visible label.
        label_language: Code of the language it is written in, such as ``de``.
        device: Where networks run.
        settings: A file of settings by shot; see `masquerade.pipelines.shot_settings`.
        overwrite: Replace `out` if it exists.
        progress: Told (stage, done, total or None).
        tell: Told, before the work starts, what the user should know, in sentences.
        executor: Where pieces of a video are drawn; None: here. The file is the same.

    Raises:
        UsageError: The request makes no sense.
        RefusedError: Consent or a policy gate says no.
        InputError: A file cannot be used.
        ProvenanceError: A mark could not be made.
        OutputError: The result cannot be written.

    Example:
        >>> made = make("swap_mesh", target=Path("clip.mp4"), out=Path("out.mp4"),
        ...             sources=[Path("ada.jpg")], consents=[Path("ada.consent")])  # doctest: +SKIP
    """
    saving = Saving(encoding or Encoding(), Label(label, label_language), overwrite)
    module, around = registry.get(method), (people, settings)
    named = registry.files(module, options or module.Options())
    also = (*named, *consents, *(path for path in around if path is not None))
    saving.check(out, target, *sources, *also)
    request = Request(
        method=method,
        target=target,
        sources=tuple(sources),
        consents=tuple(consents),
        people=people,
        person=person,
        purpose=purpose,
        options=options,
        blending=blending,
        device=device,
        settings=settings,
    )
    asked = read_request(request)
    saving.check(out, target, kind=open_target(target).kind)
    planned = plan(asked.job, progress=progress, elsewhere=over(executor) if executor else None)
    return sealed(planned, out, asked.records, asked.purpose, saving, progress=progress, tell=tell)


def sealed(
    planned: Plan,
    out: Path,
    records: Sequence[ConsentRecord],
    purpose: str,
    saving: Saving,
    *,
    progress: Progress | None = None,
    tell: Tell | None = None,
    trained_on: Sequence[ConsentRecord] = (),
) -> Made:
    """What was planned, made, sealed and saved, with the account of every frame.

    Args:
        planned: A plan whose draft nobody has read yet.
        out: Where the result goes; its ending chooses the container.
        records: Consent records of everybody concerned.
        purpose: What it is for, as the records word it.
        saving: How the result is marked and stored.
        progress: Told (stage, done, total or None).
        tell: Told, before anything is made, what the user should know, in sentences.
        trained_on: Records of whoever a network that makes it has learned.

    Raises:
        RefusedError: Consent or a policy gate says no.
        ProvenanceError: A mark could not be made.
        OutputError: The result cannot be written.
    """
    for note in planned.notes:
        (tell or no_words)(note)
    if progress:
        progress("checking consent and policy", 0, None)
    ready = seal(
        planned.draft,
        consents=records,
        purpose=purpose,
        label_preset=saving.label.preset,
        label_language=saving.label.language,
        trained_on=trained_on,
    )
    saved = save(ready, out, encoding=saving.encoding, progress=progress)
    for index, text in saved.tallies:
        planned.tally.restore(index, text)
    return Made(out, planned, saved)


def _stretches(misses: Sequence[Miss], base: Fraction) -> list[list[Miss]]:
    """Misses for one reason that follow each other within a second, in order of their beginning."""
    found: list[list[Miss]] = []
    latest: dict[str, list[Miss]] = {}
    for miss in misses:
        run = latest.get(_plain(miss.reason))
        if run is None or (miss.pts - run[-1].pts) * base > 1:
            run = latest[_plain(miss.reason)] = []
            found.append(run)
        run.append(miss)
    return found


def _plain(reason: str) -> str:
    """A reason without its figures, so that neighbouring frames fall together."""
    return reason.partition(":")[0]
