"""A whole person in a video is replaced: they are still heard to move, and somebody else is seen.

::

    look (whose faces are there?) -> shots -> follow everybody, and the camera -> the place behind
    source -> figure; what will go wrong is told, and a shot that will not do stays as it is
    pieces -> generate.body -> compose -> frames

Who is seen lends their body, and needs a record that covers it; who is replaced lends their
movements, and needs a performer's. The gates measure the faces of both themselves.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

import masquerade
from masquerade.bodies.fitness import Concern, concerns_of_shot
from masquerade.bodies.pose import BodyReader
from masquerade.bodies.skeleton import build_of, skeleton_of
from masquerade.bodies.track import BodyTrack
from masquerade.compose.blend import ComposeOptions
from masquerade.errors import ConsentError, FaceError, UsageError
from masquerade.faces.readers import FaceReader
from masquerade.generate import body as method
from masquerade.hashing import file_sha256
from masquerade.media.encoding import Encoding
from masquerade.media.probe import MediaInfo
from masquerade.models.card import card
from masquerade.models.store import Progress as FetchProgress
from masquerade.pipelines.body_footage import (
    Footage,
    Poses,
    Way,
    faces_there,
    read_footage,
    source_from,
)
from masquerade.pipelines.body_frames import render_whole
from masquerade.pipelines.body_source import BodySource, read_photo_source
from masquerade.pipelines.body_study import ShotStudy, Study, study
from masquerade.pipelines.clock import clock
from masquerade.pipelines.findings import fetch_for_gates, open_target
from masquerade.pipelines.first_look import find_pieces, first_look
from masquerade.pipelines.generate import Plan
from masquerade.pipelines.make import Made, check_out
from masquerade.pipelines.people import Person
from masquerade.pipelines.pieces import Piece
from masquerade.pipelines.render import Rig, Tally
from masquerade.pipelines.request import only_purpose
from masquerade.provenance.consent.check import check_face
from masquerade.provenance.consent.record import ConsentRecord, Kind
from masquerade.provenance.consent.records import load
from masquerade.provenance.label import Label
from masquerade.provenance.seal import save, seal
from masquerade.types import (
    Box,
    Draft,
    DraftSegment,
    Embedding,
    Frame,
    IdentityUse,
    InputUse,
    Recipe,
)

Progress: TypeAlias = Callable[[str, int, int | None], None]
METHOD: Final = "body"
MEMBER: Final = "0"
BLENDING: Final = ComposeOptions(
    blend="feather",
    light=0.0,
    relight=0.0,
    colour="none",
    occlusion="off",
    compression=0.0,
    motion=0.0,
)
"""How people are put in where nothing else is asked: in their own colours, with the frame's noise,
sharpness; smear would be told from where the patch lies, which follows arms and legs."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for.

    Attributes:
        source: A photo of the whole person who is to be seen; None where a video is given.
        source_video: A video of them.
        way: Whether they are drawn from one picture or from moments of the video.
        consents: Records of who is seen, and of who is replaced.
        person: Who is replaced: largest, left, right, or a number from the left.
        purpose: What it is for; may be left out where the records name just one purpose.
        force_quality: Shots that will look wrong are made all the same. Nothing else is forced.
        options: The method's.
        blending: How people are put into frames.
    """

    source: Path | None
    consents: tuple[Path, ...] = ()
    source_video: Path | None = None
    way: Way = "auto"
    person: str = "auto"
    purpose: str = ""
    force_quality: bool = False
    options: method.Options = field(default_factory=method.Options)
    blending: ComposeOptions = BLENDING


def replace_body(
    target: Path,
    out: Path,
    request: Request,
    *,
    encoding: Encoding | None = None,
    label: str = "eu",
    label_language: str = "en",
    overwrite: bool = False,
    progress: Progress | None = None,
    tell: Callable[[str], None] | None = None,
) -> Made:
    """A sealed video in which somebody else is seen, who moves as the person did.

    Args:
        target: A video of the person.
        out: Where the result goes; its ending chooses the container.
        request: Who is to be seen, and under whose consent.
        encoding: How the result is encoded.
        label: Preset of the visible label.
        label_language: Code of the language it is written in.
        overwrite: Replace `out` if it exists.
        progress: Told (stage, done, total or None).
        tell: Told, before anything is made, what the user should know, in sentences.

    Raises:
        UsageError: The request makes no sense.
        RefusedError: Consent or a policy gate says no.
        InputError: A file cannot be used, or no shot will do; FaceError where it is the face.
        ProvenanceError: A mark could not be made.
        OutputError: The result cannot be written.

    Example:
        >>> replace_body(Path("a.mp4"), Path("b.mp4"), Request(Path("c.jpg")))  # doctest: +SKIP
    """
    look = Label(label, label_language)
    look.check()
    check_out(out, target, overwrite=overwrite)
    records = tuple({one.id: one for one in map(load, request.consents)}.values())
    if not records:
        raise ConsentError(
            "no consent record is given",
            "one of the person who is to be seen, and a performer's of who is replaced",
            "add --consent RECORD twice; `masquerade consent new --body` makes one",
        )
    planned = plan(target, request, records, progress=progress)
    for note in planned.notes if tell else ():
        (tell or _nobody)(note)
    sealed = seal(
        planned.draft,
        consents=records,
        purpose=request.purpose or only_purpose(records),
        label_preset=look.preset,
        label_language=look.language,
    )
    saved = save(sealed, out, encoding=encoding or Encoding(), progress=progress)
    for index, text in saved.tallies:
        planned.tally.restore(index, text)
    return Made(out, planned, saved)


def plan(
    target: Path,
    request: Request,
    records: Sequence[ConsentRecord],
    *,
    progress: FetchProgress | None = None,
) -> Plan:
    """The draft of a request, ready to be sealed; arguments and errors as for `replace_body`."""
    say = progress or _silent
    _check_sources(request)
    info = open_target(target)
    if info.kind != "video":
        raise UsageError(f"{target.name} is a {info.kind}", "a video of somebody")
    faces, bodies = FaceReader.open(progress=progress), BodyReader.open(progress=progress)
    fetch_for_gates(say)
    say("looking at the source", 0, 0)
    photo = read_photo_source(request.source, bodies, faces) if request.source else None
    footage = None
    if request.source_video:
        footage = read_footage(request.source_video, bodies, faces, say)
    tally = Tally()
    looks, cut = first_look(info, on_damage=tally.damage, progress=say)
    people = faces_there(looks, faces)
    cut = cut or find_pieces(info, on_damage=tally.damage, progress=say)
    seen = study(info, cut, bodies, say)
    source = _source(photo, footage, seen, request)
    stage = _Stage.of(seen, request, source, info)
    lenders = tuple(one for one in (photo, footage) if one is not None)
    work = _Work(
        info, request, source, people, cut, stage, tuple(records), lenders, faces.cards, tally
    )
    return Plan(work.draft(), info, people, tally, tuple(work.notes()))


def _check_sources(request: Request) -> None:
    if request.source is None and request.source_video is None:
        raise UsageError(
            "no source is given", "a photo of the whole person, or --source-video", "see --help"
        )
    if request.way == "video" and request.source_video is None:
        raise UsageError("--way video without a video", "--source-video VIDEO")


def _source(
    photo: BodySource | None, footage: Footage | None, seen: Study, request: Request
) -> BodySource:
    """Whoever is to be seen, in the way that serves this target."""
    shots = []
    for shot in seen.shots:
        track = shot.chosen(request.person)
        if track is not None:
            shots.append(Poses(tuple(track.bodies), tuple(track.bodies.values())))
    if footage is not None and shots:
        return source_from(footage, photo, shots, request.way)
    if photo is None:
        raise FaceError("nobody is seen in any shot", "a person, most of them in the picture")
    return photo


class _Stage(method.Script):
    """The acts of a target, shot by shot."""

    def __init__(
        self,
        seen: Study,
        acts: Mapping[int, method.Act],
        tracks: Mapping[int, BodyTrack],
        concerns: Mapping[int, tuple[Concern, ...]],
    ) -> None:
        self.seen, self.acts, self.tracks, self.concerns = seen, acts, tracks, concerns

    @classmethod
    def of(cls, seen: Study, request: Request, source: BodySource, info: MediaInfo) -> _Stage:
        """What is done in each shot.

        Raises:
            UsageError: Nobody can be meant by the person named.
            FaceError: Nobody is seen in any shot.
        """
        acts: dict[int, method.Act] = {}
        tracks: dict[int, BodyTrack] = {}
        concerns: dict[int, tuple[Concern, ...]] = {}
        for shot in seen.shots:
            track = shot.chosen(request.person)
            if track is None or shot.plate is None:
                continue
            found = shot_concerns(shot, track, source, info)
            grave = [one.words for one in found if one.grave]
            refused = (
                "" if request.force_quality or not grave else f"the shot will not do: {grave[0]}"
            )
            build = build_of(list(track.bodies.values()))
            acts[shot.first] = method.Act(MEMBER, build, shot.plate, refused)
            tracks[shot.first], concerns[shot.first] = track, found
        if not acts:
            raise FaceError("nobody is seen in any shot", "a person, most of them in the picture")
        return cls(seen, acts, tracks, concerns)

    def act(self, pts: int) -> method.Act | None:
        """The act a frame belongs to."""
        shot = self.seen.shot(pts)
        return self.acts.get(shot.first) if shot else None

    def cue(self, pts: int) -> method.Cue | None:
        """Where the person is."""
        shot = self.seen.shot(pts)
        track = self.tracks.get(shot.first) if shot else None
        if track is None or pts not in track.bodies:
            return None
        return method.Cue(skeleton_of(track.bodies[pts]), track.cover(pts))


def shot_concerns(
    shot: ShotStudy, track: BodyTrack, source: BodySource | None, info: MediaInfo
) -> tuple[Concern, ...]:
    """What will go wrong in a shot, the worst first.

    Args:
        shot: The shot.
        track: Whoever is replaced in it.
        source: Who is to be seen, where that is known yet.
        info: Of the target.
    """
    assert shot.plate is not None
    others = [one for one in shot.tracks if one is not track]
    found = concerns_of_shot(
        track,
        others,
        shot.plate,
        info.size_wh,
        source=source.range if source else None,
        lost=shot.lost,
    )
    return (*found, *(source.concerns if source else ()))


@dataclass(frozen=True, slots=True)
class _Work:
    """All that goes into one draft."""

    info: MediaInfo
    request: Request
    source: BodySource
    people: tuple[Person, ...]
    cut: tuple[Piece, ...]
    stage: _Stage
    records: tuple[ConsentRecord, ...]
    lenders: tuple[BodySource | Footage, ...]
    face_cards: tuple[str, ...]
    tally: Tally

    def draft(self) -> Draft:
        """The draft: nothing of it is generated yet."""
        recipe = self._recipe()
        onlookers: list[Callable[[Frame], None]] = []
        avoid: dict[int, tuple[Box, ...]] = {}
        return Draft(
            recipe=recipe,
            uses=tuple(self._uses(recipe)),
            target=self.info.path,
            kind="video",
            segments=self._segments(recipe, onlookers, avoid),
            avoid=avoid,
            onlookers=onlookers,
            judge=self.tally.judge,
        )

    def notes(self) -> Iterator[str]:
        """What the user should know, in sentences."""
        yield f"{self.source.input.name}: {self.source.way}"
        for concern in self.source.concerns:
            yield f"{self.source.input.name}: {concern.words}"
        start_s = self.info.start_pts * self.info.time_base
        for shot in self.stage.seen.shots:
            when = clock(shot.first * self.info.time_base - start_s)
            for concern in self.stage.concerns.get(shot.first, ()):
                if concern not in self.source.concerns:
                    yield f"shot at {when}: {concern.words}"
            if shot.first not in self.stage.acts:
                yield f"shot at {when}: nobody is seen, it stays as it is"
        if not self.people:
            yield (
                "no face is seen in the target, so nobody can tell who is replaced: the"
                " performer's record is taken at its word"
            )

    def _recipe(self) -> Recipe:
        request = self.request
        target = InputUse(
            "target", self.info.path.name, file_sha256(self.info.path), self.info.path
        )
        options = {
            "method": request.options.as_recorded(),
            "compose": json.loads(request.blending.canonical_json()),
            "person": request.person,
            "force_quality": request.force_quality,
            "way": request.way,
        }
        return Recipe(
            method=METHOD,
            version=masquerade.__version__,
            options_json=json.dumps(options, sort_keys=True, separators=(",", ":")),
            models=(
                *((name, card(name).sha256) for name in self.face_cards),
                *method.models(request.options),
            ),
            inputs=(target, *(one.input for one in self.lenders)),
        )

    def _uses(self, recipe: Recipe) -> Iterator[IdentityUse]:
        """Whose body is lent, and who is seen to perform; the gates measure both again."""
        lends = [one for one in self.records if one.kind is not Kind.PERFORMER]
        for lender in self.lenders:
            for embedding in lender.embeddings:
                record = _covering(lends or self.records, embedding)
                yield IdentityUse("source", "body", embedding, lender.input.sha256, record)
        for person in self.people:
            yield IdentityUse("target", "body", person.embedding, recipe.inputs[0].sha256)

    def _segments(
        self,
        recipe: Recipe,
        onlookers: list[Callable[[Frame], None]],
        avoid: dict[int, tuple[Box, ...]],
    ) -> Iterator[DraftSegment]:
        made = method.prepare({MEMBER: self.source.figure}, self.request.options, script=self.stage)
        rig = Rig(METHOD, made, method.radius, self.request.blending)
        for piece in self.cut:
            yield DraftSegment(
                piece.index,
                _key(recipe, piece),
                piece.first,
                piece.last,
                render_whole(self.info, piece, rig, self.tally, onlookers, self._heads, avoid),
                self.tally.lines_of(piece.index),
            )

    def _heads(self, pts: int) -> tuple[Box, ...]:
        """Where heads are in a frame, which a label must not cover."""
        shot = self.stage.seen.shot(pts)
        found: list[Box] = []
        for track in shot.tracks if shot else ():
            if pts in track.bodies:
                x0, y0 = (float(v) for v in track.bodies[pts].joints[:11, :2].min(axis=0))
                x1, y1 = (float(v) for v in track.bodies[pts].joints[:11, :2].max(axis=0))
                room = 0.6 * max(x1 - x0, y1 - y0)
                found.append((x0 - room, y0 - 1.5 * room, x1 + room, y1 + room))
        return tuple(found)


def _covering(records: Sequence[ConsentRecord], embedding: Embedding) -> str:
    """The record that seems to be theirs; whether it covers them is for the gates to say."""
    for one in records:
        try:
            check_face(one, embedding)
        except ConsentError:
            continue
        return one.id
    return records[0].id


def _key(recipe: Recipe, piece: Piece) -> str:
    """Name of a segment's content: equal exactly where the frames would be equal."""
    inputs = [(use.role, use.sha256) for use in recipe.inputs]
    made = [recipe.method, recipe.version, recipe.options_json, recipe.models, inputs]
    where = [piece.index, [(one.first, one.last) for one in piece.spans]]
    return hashlib.sha256(json.dumps([made, where]).encode()).hexdigest()


def _silent(_stage: str, _done: int, _total: int | None) -> None:
    """Nobody listens."""


def _nobody(_words: str) -> None:
    """Told what nobody asked for."""
