"""The recipe of making: a target file and a cast become a draft, frame by frame.

::

    look (who is there?) -> pieces (cut at shots) -> for each piece:
        track faces -> choose the cast's -> windows -> the method -> compose -> frames

Nothing is generated before the draft is sealed and saved: `plan` checks everything that can be
checked first and gives back streams.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import masquerade
from masquerade import registry
from masquerade.compose.blend import ComposeOptions
from masquerade.errors import UsageError
from masquerade.faces.readers import FaceReader
from masquerade.hashing import file_sha256
from masquerade.media.probe import MediaInfo, probe
from masquerade.models import unsafe_content
from masquerade.models.card import card
from masquerade.models.store import Progress, fetch, verify
from masquerade.options import Options
from masquerade.pipelines.cast import (
    CastMember,
    mean_embedding,
    read_sources,
)
from masquerade.pipelines.first_look import find_pieces, first_look
from masquerade.pipelines.people import Person, resolve, who_is_there
from masquerade.pipelines.pieces import Piece
from masquerade.pipelines.render import Shoot, Tally, render_piece, render_still
from masquerade.provenance.consent.records import ConsentRecord
from masquerade.types import (
    Draft,
    DraftSegment,
    Frame,
    IdentityUse,
    InputUse,
    Recipe,
    SourcePicture,
)


@dataclass(frozen=True, slots=True)
class Job:
    """All that is asked for: method, target, cast, and how.

    Attributes:
        method: Name in the registry, such as ``swap_mesh``.
        target: The file to be changed.
        cast: Who becomes whom; members without sources where the method takes none, and nobody
            where it works on whole pictures.
        consents: The record that covers each member of the cast, in the cast's order; None for a
            member without a source.
        options: The method's own Options.
        blending: How patches are put into frames.
        device: Where networks run.
    """

    method: str
    target: Path
    cast: tuple[CastMember, ...]
    consents: tuple[ConsentRecord | None, ...]
    options: Options
    blending: ComposeOptions
    device: str = "cpu"


@dataclass(frozen=True, slots=True)
class Plan:
    """A draft ready to be sealed, with what is known before the work starts.

    Attributes:
        draft: To be handed to `masquerade.provenance.seal.seal`.
        info: What the target is.
        people: Who was seen in it, left to right.
        tally: What was swapped and what was not, filled while the draft is being saved.
        notes: What the user should know, in sentences.
    """

    draft: Draft
    info: MediaInfo
    people: tuple[Person, ...]
    tally: Tally
    notes: tuple[str, ...]


def plan(job: Job, *, reader: FaceReader | None = None, progress: Progress | None = None) -> Plan:
    """Check a job and make its draft.

    Args:
        job: What to do.
        reader: Loaded face networks, opened for the job's device when not given.
        progress: Told (what, done, in all or 0): weights that are fetched, shots, faces.

    Raises:
        UsageError: The method does not exist, or the cast does not fit the target.
        InputError: A file cannot be used; FaceError where it is the face that is missing.
    """
    module = registry.get(job.method)
    _check_sources(job, module)
    info = probe(job.target)
    if info.kind == "audio":
        raise UsageError(f"{job.target.name} is sound only", "a picture or a video as target")
    say = progress or _silent
    say("getting ready", 0, 0)
    reader = reader or FaceReader.open(device=job.device, progress=progress)
    _fetch_for_gates(say)
    say("looking at the source", 0, 0)
    notes: list[str] = []
    cast = {
        str(number): read_sources(
            member.sources,
            reader,
            videos=True,
            most=registry.pictures(module),
            on_skip=notes.append,
            on_fault=notes.append,
        )
        if member.sources
        else ()
        for number, member in enumerate(job.cast)
    }
    tally = Tally()
    glances, cut = first_look(info, on_damage=tally.damage, progress=progress)
    say("looking for people", 0, 0)
    people = who_is_there(glances, reader)
    wanted = _wanted(job.cast, people, reader)
    avoid: dict[int, tuple[tuple[float, float, float, float], ...]] = {}
    onlookers: list[Callable[[Frame], None]] = []
    shoot = Shoot(
        info=info,
        reader=reader,
        method_name=job.method,
        method=module.prepare(cast, job.options, device=job.device),
        radius=module.radius,
        blending=job.blending,
        people=people,
        wanted=wanted,
        onlookers=onlookers,
    )
    recipe = _recipe(job, cast, _places(wanted, people), reader)
    draft = Draft(
        recipe=recipe,
        uses=tuple(_uses(job, cast, people, recipe)),
        target=job.target,
        kind=info.kind,
        segments=_segments(shoot, recipe, tally, avoid, cut, progress),
        avoid=avoid,
        onlookers=onlookers,
        judge=tally.judge,
    )
    return Plan(draft, info, people, tally, tuple(notes))


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Nobody listens."""


def _fetch_for_gates(progress: Progress) -> None:
    """Weights that a gate will ask for without a word are brought here, where one is told."""
    if verify(unsafe_content.CARD).state == "missing":
        fetch(unsafe_content.CARD, progress=progress)


def _check_sources(job: Job, module: ModuleType) -> None:
    """A method that takes a source gets one for everybody of the cast; no other gets any."""
    if "source" in registry.takes(module):
        if not job.cast:
            raise UsageError("nobody is to be replaced", "a source, or a people map")
        lacking = [member.who for member in job.cast if not member.sources]
        if lacking:
            raise UsageError(f"no source for {lacking[0]}", f"{job.method} takes photos of one")
    elif any(member.sources for member in job.cast):
        raise UsageError(f"{job.method} takes no source", "the target alone")


def _wanted(
    cast: Sequence[CastMember], people: Sequence[Person], reader: FaceReader
) -> dict[str, Person | None]:
    """The person that each member of the cast replaces; None: everyone nobody else replaces."""
    wanted = {str(n): resolve(member.who, people, reader) for n, member in enumerate(cast)}
    chosen = [id(person) for person in wanted.values()]
    if len(set(chosen)) < len(chosen):
        raise UsageError(
            "two entries of the cast mean the same person of the target",
            "one entry for each person",
            "tell them apart by place (left, right, 1, 2) or by photo",
        )
    return wanted


def _places(wanted: Mapping[str, Person | None], people: Sequence[Person]) -> dict[str, int | str]:
    """Whom each member of the cast replaces: a number counted from the left, or everyone."""
    numbers: dict[int, int | str] = {id(one): number for number, one in enumerate(people, 1)}
    return {member: numbers.get(id(person), "everyone") for member, person in wanted.items()}


def _recipe(
    job: Job,
    cast: Mapping[str, Sequence[SourcePicture]],
    places: Mapping[str, int | str],
    reader: FaceReader,
) -> Recipe:
    options = {
        "method": json.loads(job.options.canonical_json()),
        "compose": json.loads(job.blending.canonical_json()),
        "cast": [
            {"person": places[member], "photos": len(photos)} for member, photos in cast.items()
        ],
        "device": job.device,
    }
    target = InputUse("target", job.target.name, file_sha256(job.target), job.target)
    return Recipe(
        method=job.method,
        version=masquerade.__version__,
        options_json=json.dumps(options, sort_keys=True, separators=(",", ":")),
        models=tuple((name, card(name).sha256) for name in reader.cards),
        inputs=(target, *dict.fromkeys(photo.input for some in cast.values() for photo in some)),
    )


def _uses(
    job: Job,
    cast: Mapping[str, Sequence[SourcePicture]],
    people: Sequence[Person],
    recipe: Recipe,
) -> Iterator[IdentityUse]:
    """Each donor photo's own face, so that one stranger's photo among many is found."""
    for pictures, record in zip(cast.values(), job.consents, strict=True):
        if not pictures:
            continue
        consent = record.id if record else ""
        for picture in pictures:
            yield IdentityUse("source", "face", picture.embedding, picture.input.sha256, consent)
        yield IdentityUse(
            "source", "face", mean_embedding(pictures), pictures[0].input.sha256, consent
        )
    for person in people:
        yield IdentityUse("target", "face", person.embedding, recipe.inputs[0].sha256)


def _segments(
    shoot: Shoot,
    recipe: Recipe,
    tally: Tally,
    avoid: dict[int, tuple[tuple[float, float, float, float], ...]],
    cut: tuple[Piece, ...],
    progress: Progress | None,
) -> Iterator[DraftSegment]:
    if shoot.info.kind == "still":
        frames = render_still(shoot, tally, avoid)
        yield DraftSegment(0, _key(recipe, None), 0, 0, frames, tally.lines_of(0))
        return
    # All pieces first: they are but times, and one decoder less is open while frames are made.
    for piece in cut or find_pieces(shoot.info, on_damage=tally.damage, progress=progress):
        yield DraftSegment(
            piece.index,
            _key(recipe, piece),
            piece.first,
            piece.last,
            render_piece(shoot, piece, tally, avoid),
            tally.lines_of(piece.index),
        )


def _key(recipe: Recipe, piece: Piece | None) -> str:
    """Name of a segment's content: equal exactly where the frames would be equal."""
    inputs = [(use.role, use.sha256) for use in recipe.inputs]
    parts = [recipe.method, recipe.version, recipe.options_json, recipe.models, inputs]
    where = [piece.index, [(s.first, s.last) for s in piece.spans]] if piece else []
    return hashlib.sha256(json.dumps([parts, where]).encode()).hexdigest()
