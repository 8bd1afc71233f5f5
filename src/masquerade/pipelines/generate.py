"""The recipe of making: a target file and a cast become a draft, frame by frame.

::

    look (who is there?) -> pieces (cut at shots) -> for each piece:
        track faces -> choose the cast's -> windows -> the method -> compose -> frames

Nothing is generated before the draft is sealed and saved: `plan` checks everything that can be
checked first and gives back streams.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

import masquerade
from masquerade import registry
from masquerade.bodies.hands import CARDS as HANDS
from masquerade.compose.blend import ComposeOptions
from masquerade.errors import InputError
from masquerade.faces.readers import FaceReader
from masquerade.hashing import file_sha256
from masquerade.media.probe import MediaInfo
from masquerade.models.card import card
from masquerade.models.store import Progress
from masquerade.options import Options
from masquerade.pipelines.cast import CastMember, mean_embedding
from masquerade.pipelines.drawn_faces import RULE
from masquerade.pipelines.findings import (
    Findings,
    check_sources,
    fetch_for_gates,
    look_into,
    open_target,
)
from masquerade.pipelines.first_look import find_pieces
from masquerade.pipelines.people import Person
from masquerade.pipelines.pieces import Piece
from masquerade.pipelines.render import Shoot, render_piece, render_still
from masquerade.pipelines.rigs import Casts, Rigs, keeps_hands, read_casts
from masquerade.pipelines.segment_key import segment_key
from masquerade.pipelines.shot_settings import ShotSettings
from masquerade.pipelines.takes import Assigned, Take, assign, take_of_still
from masquerade.pipelines.tally import Tally
from masquerade.provenance.consent.records import ConsentRecord
from masquerade.telling import no_progress
from masquerade.types import (
    Box,
    Draft,
    DraftSegment,
    Frame,
    IdentityUse,
    InputUse,
    NetworkUse,
    Recipe,
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
        settings: Where, by shot, it is done otherwise.
    """

    method: str
    target: Path
    cast: tuple[CastMember, ...]
    consents: tuple[ConsentRecord | None, ...]
    options: Options
    blending: ComposeOptions
    device: str = "cpu"
    settings: ShotSettings = field(default_factory=ShotSettings)

    @property
    def take(self) -> Take:
        """How it is done where no settings say otherwise."""
        return Take(self.method, self.options, self.blending)

    @property
    def methods(self) -> tuple[str, ...]:
        """Every method that is used, its own first."""
        return tuple(dict.fromkeys((self.method, *self.settings.methods)))


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


def plan(
    job: Job,
    *,
    reader: FaceReader | None = None,
    progress: Progress | None = None,
    elsewhere: Elsewhere | None = None,
) -> Plan:
    """Check a job and make its draft.

    Args:
        job: What to do.
        reader: Loaded face networks, opened for the job's device when not given.
        progress: Told (what, done, in all or 0): weights that are fetched, shots, faces.
        elsewhere: Draws the pieces of what moves; None: they are drawn here, one by one.

    Raises:
        UsageError: The method does not exist, or the cast or the settings do not fit the target.
        InputError: A file cannot be used, or was changed meanwhile; FaceError where it is the face
            that is missing.
    """
    say = progress or no_progress
    ground = groundwork(job, reader=reader, progress=progress)
    found = ground.found
    assigned = assigned_to(job, found, say)
    onlookers: list[Callable[[Frame], None]] = []
    avoid: dict[int, tuple[Box, ...]] = {}
    recipe = recipe_of(job, ground)
    shoot = shoot_of(job, ground, assigned, onlookers, target_sha256=recipe.inputs[0].sha256)
    stage = Stage(job, ground, assigned, shoot, avoid)
    if not set(_models(job, found.info)) <= set(recipe.models):
        # What was read meanwhile is then not what the recipe names.
        raise InputError("a file that the method works with was changed", todo="try again")
    draft = Draft(
        recipe=recipe,
        uses=tuple(uses_of(job, ground, recipe)),
        target=job.target,
        kind=found.info.kind,  # type: ignore[arg-type]
        segments=_segments(stage, recipe, say, elsewhere),
        avoid=avoid,
        onlookers=onlookers,
        judge=found.tally.judge,
    )
    return Plan(draft, found.info, found.people, found.tally, ground.notes)


@dataclass(frozen=True, slots=True)
class Groundwork:
    """All that a job stands on, before it is said which frames are made how.

    Attributes:
        networks: Those that the user brings.
        casts: The sources' pictures.
        found: Who is in the target.
        notes: What the user should know, in sentences.
    """

    networks: tuple[NetworkUse, ...]
    casts: Casts
    found: Findings
    notes: tuple[str, ...]


def groundwork(
    job: Job, *, reader: FaceReader | None = None, progress: Progress | None = None
) -> Groundwork:
    """What a job stands on; arguments and errors as for `plan`."""
    say = progress or no_progress
    check_sources(job.method, job.cast, registry.get(job.method))
    networks = networks_of(job)
    info = open_target(job.target)
    say("getting ready", 0, 0)
    reader = reader or FaceReader.open(device=job.device, progress=progress)
    fetch_for_gates(say)
    say("looking at the source", 0, 0)
    notes = [f"network {one.name!r}, on these terms: {one.licence}" for one in networks]
    casts = read_casts(job.cast, job.methods, reader, notes.append)
    found = look_into(info, job.cast, reader, say)
    largest = max((one.size_px for one in found.people), default=0.0)
    return Groundwork(networks, casts.enlarged(largest), found, tuple(notes))


def assigned_to(job: Job, found: Findings, say: Progress) -> Assigned:
    """The pieces with their takes; found now only where settings have to be held against them."""
    if not job.settings.entries:
        return Assigned(found.cut, {})
    if found.info.kind == "still":
        return take_of_still(job.settings.entries, found.info)
    cut = found.cut or find_pieces(found.info, on_damage=found.tally.damage, progress=say)
    return assign(job.settings.entries, cut, found.info)


@dataclass(frozen=True, slots=True)
class Stage:
    """All that the pieces of a draft are drawn of.

    Attributes:
        avoid: Takes up where faces are, by pts, piece by piece.
    """

    job: Job
    ground: Groundwork
    assigned: Assigned
    shoot: Shoot
    avoid: dict[int, tuple[Box, ...]]


Elsewhere: TypeAlias = Callable[
    [Stage, Sequence[tuple[Piece, str]]], Callable[[Piece], Iterator[Frame]]
]
"""Given all pieces with their segments' keys, gives what gives the frames of one of them."""


def shoot_of(
    job: Job,
    ground: Groundwork,
    assigned: Assigned,
    onlookers: list[Callable[[Frame], None]],
    *,
    target_sha256: str,
    secret: bytes | None = None,
) -> Shoot:
    """The methods made ready for every piece of a job; arguments as for `Rigs` and `Shoot`."""
    found = ground.found
    rigs = Rigs(
        ground.casts,
        job.device,
        found.reader,
        ground.networks,
        target_sha256,
        secret,
        is_still=found.info.kind == "still",
    )
    spans = [span for piece in assigned.pieces for span in piece.spans]
    usual = not spans or any(span not in assigned.takes for span in spans)
    return Shoot(
        info=found.info,
        reader=found.reader,
        rig=rigs.of(assigned.whole or job.take) if usual else None,
        people=found.people,
        wanted=found.wanted,
        onlookers=onlookers,
        rigs={span: rigs.of(take) for span, take in assigned.takes.items()},
    )


def networks_of(job: Job) -> tuple[NetworkUse, ...]:
    """The networks that the user brings to any of a job's methods, each once.

    Raises:
        UsageError: One is needed and not named, or not there.
        ModelError: One is not what its card says.
    """
    takes = (job.take, *(one.take for one in job.settings.entries if not one.take.skip))
    used = (registry.networks(registry.get(take.method), take.options) for take in takes)
    return tuple(dict.fromkeys(one for some in used for one in some))


def recipe_of(job: Job, ground: Groundwork) -> Recipe:
    """How a job's output is made, in full."""
    pictures, networks, found = ground.casts.pictures(), ground.networks, ground.found
    places = found.places()
    options: dict[str, object] = {
        "method": job.options.as_recorded(),
        "compose": json.loads(job.blending.canonical_json()),
        "cast": [
            {"person": places[str(member)], "photos": len(some)}
            for member, some in enumerate(pictures)
        ],
        "device": job.device,
    }
    if job.settings.entries:
        options["shots"] = job.settings.as_json()
    target = InputUse("target", job.target.name, file_sha256(job.target), job.target)
    return Recipe(
        method=job.method,
        version=masquerade.__version__,
        options_json=json.dumps(options, sort_keys=True, separators=(",", ":")),
        models=(
            *((name, card(name).sha256) for name in found.reader.cards),
            *_hashes(networks),
            *_models(job, found.info),
        ),
        inputs=(
            target,
            *([replace(target, role="source")] if _portrays(job) else []),
            *dict.fromkeys(one.input for some in pictures for one in some),
        ),
        also=job.methods[1:],
        networks=networks,
    )


def _models(job: Job, info: MediaInfo) -> tuple[tuple[str, str], ...]:
    """What the methods work with besides face networks, and what finds hands, each once."""
    takes = (job.take, *(one.take for one in job.settings.entries if not one.take.skip))
    used = [registry.models(registry.get(take.method), take.options) for take in takes]
    if info.kind == "still" and any(map(keeps_hands, takes)):
        used.append(tuple((name, card(name).sha256) for name in HANDS))
    return tuple(dict.fromkeys(one for some in used for one in some))


def _hashes(networks: tuple[NetworkUse, ...]) -> Iterator[tuple[str, str]]:
    """Network and card are both among what decides the output's pictures."""
    for one in networks:
        yield one.name, one.sha256
        yield f"{one.name}.toml", one.card_sha256


def uses_of(job: Job, ground: Groundwork, recipe: Recipe) -> Iterator[IdentityUse]:
    """Each source photo's own face, so that one stranger's photo among many is found."""
    for pictures, record in zip(ground.casts.pictures(), job.consents, strict=True):
        if not pictures:
            continue
        consent = record.id if record else ""
        for picture in pictures:
            yield IdentityUse("source", "face", picture.embedding, picture.input.sha256, consent)
        yield IdentityUse(
            "source", "face", mean_embedding(pictures), pictures[0].input.sha256, consent
        )
    target = recipe.inputs[0].sha256
    if _portrays(job):
        for wanted, record in zip(ground.found.wanted.values(), job.consents, strict=True):
            for person in (wanted,) if wanted else ground.found.people:
                consent = record.id if record else ""
                yield IdentityUse("source", "face", person.embedding, target, consent)
    for person in ground.found.people:
        yield IdentityUse("target", "face", person.embedding, target)


def _portrays(job: Job) -> bool:
    """Whether any of a job's methods shows those in the target as they never were."""
    return any(registry.portrays_target(registry.get(method)) for method in job.methods)


def _segments(
    stage: Stage, recipe: Recipe, progress: Progress, elsewhere: Elsewhere | None
) -> Iterator[DraftSegment]:
    shoot, avoid, tally = stage.shoot, stage.avoid, stage.ground.found.tally
    if shoot.info.kind == "still":
        frames = render_still(shoot, tally, avoid)
        yield DraftSegment(0, segment_key(recipe, RULE), 0, 0, frames, tally.lines_of(0))
        return
    # All pieces first: they are but times, and one decoder less is open while frames are made.
    cut = stage.assigned.pieces or find_pieces(
        shoot.info, on_damage=tally.damage, progress=progress
    )
    keyed = [(one, segment_key(recipe, RULE, one.index, one.extents)) for one in cut]
    drawn = elsewhere(stage, keyed) if elsewhere else None
    for piece, key in keyed:
        yield DraftSegment(
            piece.index,
            key,
            piece.first,
            piece.last,
            drawn(piece) if drawn else render_piece(shoot, piece, tally, avoid),
            tally.lines_of(piece.index),
        )
