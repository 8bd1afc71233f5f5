"""What somebody asks for, read: the cast, its consent records, the settings; no media is opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Final

from masquerade import registry
from masquerade.compose.blend import ComposeOptions
from masquerade.errors import ConsentError, MediaError, UsageError
from masquerade.options import Options
from masquerade.pipelines.cast import CastMember, read_people_map
from masquerade.pipelines.generate import Job
from masquerade.pipelines.nearby_consent import nearby
from masquerade.pipelines.shot_settings import ShotSettings, read_shot_settings
from masquerade.pipelines.source.trained import record_of_source
from masquerade.pipelines.takes import Take
from masquerade.provenance.consent.record import ANY, ConsentRecord, Kind
from masquerade.provenance.consent.records import load, load_all
from masquerade.provenance.model_pictures import is_model
from masquerade.types import Need

AUTO: Final = "auto"


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for, as it was given.

    Attributes:
        method: Name in the registry, such as ``swap_mesh``.
        target: The file to change.
        sources: Photos and videos of who will be seen, or folders of them.
        consents: Consent records: the source's, and performers' where there are any.
        people: A people map instead of sources: who becomes whom.
        person: Whom to replace; see `masquerade.pipelines.people.resolve`.
        purpose: What it is for; empty where the record names just one purpose.
        options: The method's Options; None for its defaults.
        blending: How patches are put into frames; None for the defaults.
        device: Where networks run.
        settings: A file of settings by shot.
    """

    method: str
    target: Path
    sources: tuple[Path, ...] = ()
    consents: tuple[Path, ...] = ()
    people: Path | None = None
    person: str = AUTO
    purpose: str = ""
    options: Options | None = None
    blending: ComposeOptions | None = None
    device: str = "cpu"
    settings: Path | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A request read.

    Attributes:
        records: All consent records that the job rests on, each once.
        purpose: What it is for, as stated or as the records name it.
    """

    job: Job
    records: tuple[ConsentRecord, ...]
    purpose: str


def read_request(request: Request) -> Asked:
    """The job that is asked for.

    Raises:
        UsageError: The request makes no sense.
        ConsentError: Somebody has no record.
        InputError: A source or a record cannot be used.
    """
    module = registry.get(request.method)
    _check_method(request.method, module)
    cast = _cast_of(request, module)
    covering, used = _records(cast, request.consents, portrayed=registry.portrays_target(module))
    usual = Take(
        request.method, request.options or module.Options(), request.blending or ComposeOptions()
    )
    job = Job(
        method=request.method,
        target=request.target,
        cast=cast,
        consents=covering,
        options=usual.options,
        blending=usual.blending,
        device=request.device,
        settings=read_shot_settings(request.settings, usual)
        if request.settings
        else ShotSettings(),
    )
    return Asked(job, used, request.purpose or only_purpose(used))


def _check_method(name: str, module: ModuleType) -> None:
    """Passes where a method changes faces or whole pictures, one by one.

    Raises:
        UsageError: It has a command of its own.
    """
    if registry.makes(module) == "sound" or Need.AUDIO in module.needs:
        raise UsageError(
            f"{name} works with sound",
            "a method that changes pictures alone",
            "use the command of that name: `masquerade lipsync`, `masquerade voice`",
        )
    if Need.POSE in module.needs:
        raise UsageError(
            f"{name} works with whole people",
            "a method that changes faces or whole pictures",
            f"use `masquerade {name}`",
        )
    if getattr(module, "conceals", False):
        raise UsageError(
            f"{name} hides who is there, and looks through the whole file before it does",
            "a method that a file's faces are changed with one by one",
            f"use `masquerade {name}`, or masquerade.pipelines.{name}",
        )


def _cast_of(request: Request, module: ModuleType) -> tuple[CastMember, ...]:
    """Who becomes whom.

    Raises:
        UsageError: The method takes no source, or takes one and none is given.
        InputError: A source cannot be used.
    """
    if "source" not in registry.takes(module):
        named = (*request.sources, request.people)
        return _cast_without_source(request.method, module.needs, named, request.person)
    given = (*request.sources, *registry.sources(module, request.options or module.Options()))
    if not given and request.people is None and hasattr(module, "sources"):
        raise UsageError(
            f"no source is given to {request.method}",
            "the model that stands for them, then the target",
            "name it with --model",
        )
    return _cast(given, request.people, request.person)


def _cast(sources: Sequence[Path], people: Path | None, person: str) -> tuple[CastMember, ...]:
    if people is not None:
        if sources:
            raise UsageError("both a source and a people map are given", "one of them")
        if person != AUTO:
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
    if person != AUTO:
        raise UsageError(f"{method} works on whole pictures", "no --person", "leave it out")
    return ()


def _records(
    cast: Sequence[CastMember], consents: Sequence[Path], *, portrayed: bool
) -> tuple[tuple[ConsentRecord | None, ...], tuple[ConsentRecord, ...]]:
    """The record that is to cover each of the cast, and all the job rests on, each once."""
    given = load_all(consents)
    covering = tuple(_record_of(one, given) if one.sources or portrayed else None for one in cast)
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
    model = next((path for path in member.sources if is_model(path)), None)
    if not covering and model is not None:
        return record_of_source(model)
    if len(covering) != 1:
        names = ", ".join(path.name for path in member.sources) or "the target"
        todo = "name each person's record in the people map: consent = FILE"
        if not member.sources:
            todo = "give the record of whoever is changed, and no other"
        if not covering:
            todo = "add --consent RECORD; `masquerade consent new --help` says how to make one"
            beside = nearby(member.sources)
            if beside is not None:
                todo = f"{beside} lies beside it: if it is the record, add --consent {beside}"
        raise ConsentError(
            f"{len(covering)} consent records for the face in {names}",
            "one record of kind subject, persona or estate",
            todo,
        )
    return covering[0]


def only_purpose(records: Sequence[ConsentRecord]) -> str:
    """The one purpose the sources' records name; that of performers is stated by nobody else.

    A record for any purpose covers the one that another record names.
    """
    sources = [record for record in records if record.kind is not Kind.PERFORMER]
    if not sources:
        return "unstated"
    purposes = {purpose for record in sources for purpose in record.purposes} - {ANY}
    if len(purposes) > 1:
        raise UsageError(
            "the consent records name several purposes: " + ", ".join(sorted(purposes)),
            "one of them",
            "add --purpose PURPOSE",
        )
    return purposes.pop() if purposes else "unstated"
