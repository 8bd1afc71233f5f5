"""From a request to a sealed file: plan, seal, save, and an account of what was done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias

from masquerade import registry
from masquerade.compose.blend import ComposeOptions
from masquerade.errors import ConsentError, MediaError, UsageError
from masquerade.media.encoding import Encoding
from masquerade.media.endings import check_folder
from masquerade.options import Options
from masquerade.pipelines.cast import CastMember, read_people_map
from masquerade.pipelines.generate import Job, Plan, plan
from masquerade.provenance.c2pa.formats import is_embedded
from masquerade.provenance.consent.record import ANY, ConsentRecord, Kind
from masquerade.provenance.consent.records import load
from masquerade.provenance.label import Label
from masquerade.provenance.saved import SaveReport
from masquerade.provenance.seal import save, seal
from masquerade.types import Miss, Need

Progress: TypeAlias = Callable[[str, int, int | None], None]
_MAX_LINES = 12
_AUTO = "auto"


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
        lines += [f"not changed: {words}" for words in self._missed()]
        lines += [f"note: {note}" for note in (*self.plan.notes, *tally.damages)]
        return [*lines, *self.saved.lines()]

    def _missed(self) -> list[str]:
        """Misses as stretches of time, the first few of them."""
        base = self.plan.info.time_base
        stretches = [
            f"{_clock(run[0].pts * base)} to {_clock(run[-1].pts * base)}"
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
            "misses": [
                {"time_s": float(miss.pts * base), "track": miss.track_id, "reason": miss.reason}
                for miss in self.misses
            ],
            "people_seen": len(self.plan.people),
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
    person: str = _AUTO,
    purpose: str = "",
    options: Options | None = None,
    blending: ComposeOptions | None = None,
    encoding: Encoding | None = None,
    label: str = "eu",
    label_language: str = "en",
    device: str = "cpu",
    overwrite: bool = False,
    progress: Progress | None = None,
    tell: Callable[[str], None] | None = None,
) -> Made:
    """A new file made from a target and a cast, consent-checked, sealed, saved.

    Args:
        method: Name in the registry, such as ``swap_mesh``.
        target: The file to change.
        out: Where the result goes; its ending chooses the container.
        sources: Photos and videos of the identity donor, or folders of them; none for a method
            that takes none.
        consents: Consent records: the donor's, and performers' where there are any.
        people: A people map instead of sources: who becomes whom.
        person: Whom to replace; see `masquerade.pipelines.people.resolve`.
        purpose: What it is for; may be left out where the record names just one purpose.
        options: The method's Options; its defaults when not given.
        blending: How patches are put into frames.
        encoding: How the result is encoded.
        label: Preset of the visible label.
        label_language: Code of the language it is written in, such as ``de``.
        device: Where networks run.
        overwrite: Replace `out` if it exists.
        progress: Told (stage, done, total or None).
        tell: Told, before the work starts, what the user should know, in sentences.

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
    module = registry.get(method)
    Label(label, label_language).check()
    _check_out(out, target, overwrite=overwrite)
    if "source" in registry.takes(module):
        cast = _cast(sources, people, person)
    else:
        cast = _cast_without_source(method, module.needs, (*sources, people), person)
    covering, used = _records(cast, consents)
    job = Job(
        method=method,
        target=target,
        cast=cast,
        consents=covering,
        options=options or module.Options(),
        blending=blending or ComposeOptions(),
        device=device,
    )
    planned = plan(job, progress=progress)
    if tell:
        for note in planned.notes:
            tell(note)
    stated = purpose or _only_purpose(used)
    if progress:
        progress("checking consent and policy", 0, None)
    sealed = seal(
        planned.draft,
        consents=used,
        purpose=stated,
        label_preset=label,
        label_language=label_language,
    )
    saved = save(sealed, out, encoding=encoding or Encoding(), progress=progress)
    for index, text in saved.tallies:
        planned.tally.restore(index, text)
    return Made(out, planned, saved)


def _check_out(out: Path, target: Path, *, overwrite: bool) -> None:
    check_folder(out)
    is_embedded(out)  # raises where files of this ending cannot be sealed
    if out.exists() and target.exists() and out.samefile(target):
        raise UsageError(f"{out} is the target itself", "another file name for the result")
    if out.exists() and not overwrite:
        raise UsageError(f"{out} exists", "a new file", "choose another name, or add --overwrite")


def _cast(sources: Sequence[Path], people: Path | None, person: str) -> tuple[CastMember, ...]:
    if people is not None:
        if sources:
            raise UsageError("both a source and a people map are given", "one of them")
        if person != _AUTO:
            raise UsageError("both --person and a people map are given", "one of them")
        return read_people_map(people)
    if not sources:
        raise UsageError(
            "no source is given", "photos of the source, then the target", "see --help"
        )
    for path in sources:
        if not path.exists():
            raise MediaError(
                f"there is no file {path}",
                "photos or a video, or a folder of them",
                "check the name",
            )
    return (CastMember(person, tuple(sources)),)


def _cast_without_source(
    method: str, needs: frozenset[Need], given: Sequence[Path | None], person: str
) -> tuple[CastMember, ...]:
    """Whom a method works on that takes the target alone; nobody where it wants no faces."""
    names = ", ".join(path.name for path in given if path is not None)
    if names:
        raise UsageError(f"{method} takes no source, yet was given {names}", "the target alone")
    if {Need.FACES, Need.MESH} & needs:
        return (CastMember(person, ()),)
    if person != _AUTO:
        raise UsageError(f"{method} works on whole pictures", "no --person", "leave it out")
    return ()


def _records(
    cast: Sequence[CastMember], consents: Sequence[Path]
) -> tuple[tuple[ConsentRecord | None, ...], tuple[ConsentRecord, ...]]:
    """The record that is to cover each of the cast, and all the job rests on, each once."""
    given = tuple({one.id: one for one in map(load, consents)}.values())
    covering = tuple(_record_of(one, given) if one.sources else None for one in cast)
    used = {one.id: one for one in covering if one is not None}
    for record in given:
        if record.id not in used and record.kind is not Kind.PERFORMER:
            raise UsageError(
                f"consent {record.id} ({record.subject}) is for nobody in this job",
                "records of sources, and of performers in the target",
                "leave it out",
            )
        used[record.id] = record
    return covering, tuple(used.values())


def _record_of(member: CastMember, records: Sequence[ConsentRecord]) -> ConsentRecord:
    """The record that is to cover a member of the cast; whether it does is the seal's to check."""
    if member.consent is not None:
        return load(member.consent)
    covering = [record for record in records if record.kind is not Kind.PERFORMER]
    if len(covering) != 1:
        names = ", ".join(path.name for path in member.sources)
        todo = "name each person's record in the people map: consent = FILE"
        if not covering:
            todo = "add --consent RECORD; `masquerade consent new --help` says how to make one"
        raise ConsentError(
            f"{len(covering)} consent records for the face in {names}",
            "one record of kind subject, persona or estate",
            todo,
        )
    return covering[0]


def _only_purpose(records: Sequence[ConsentRecord]) -> str:
    """The one purpose the sources' records name; that of performers is stated by nobody else."""
    sources = [record for record in records if record.kind is not Kind.PERFORMER]
    if not sources:
        return "unstated"
    purposes = {purpose for record in sources for purpose in record.purposes}
    if len(purposes) != 1:
        raise UsageError(
            "the consent records name several purposes: " + ", ".join(sorted(purposes)),
            "one of them",
            "add --purpose PURPOSE",
        )
    only = purposes.pop()
    return "unstated" if only == ANY else only


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


def _clock(time_s: Fraction) -> str:
    minutes, seconds = divmod(float(time_s), 60)
    return f"{int(minutes)}:{seconds:05.2f}"
