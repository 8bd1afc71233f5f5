"""The draft of a whole-body replacement: who is in it, under which records, shot by shot."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final

import masquerade
from masquerade.bodies.fitness import Concern, concerns_of_shot, legs_guessed
from masquerade.bodies.light import curves
from masquerade.bodies.plate import Plate
from masquerade.bodies.skeleton import build_of, head_box, skeleton_of
from masquerade.bodies.track import BodyTrack
from masquerade.compose.blend import ComposeOptions
from masquerade.errors import ConsentError
from masquerade.faces.readers import FaceReader
from masquerade.generate import body as method
from masquerade.media.as_it_is import sha256_as_held
from masquerade.media.probe import MediaInfo
from masquerade.models.card import card
from masquerade.models.matte_edge import NAME as EDGE
from masquerade.models.own_weights import own_file
from masquerade.pipelines.body.added import Added
from masquerade.pipelines.body.bare import bare_concerns
from masquerade.pipelines.body.early import NO_SHOT, no_shot_will_do
from masquerade.pipelines.body.expression import METHOD as FACE_METHOD
from masquerade.pipelines.body.expression import Expressions, FaceModel
from masquerade.pipelines.body.footage import Way
from masquerade.pipelines.body.frames import render_whole
from masquerade.pipelines.body.hidden import Below, Hidden, behind, hanging, hidden_in
from masquerade.pipelines.body.model import BodyModel
from masquerade.pipelines.body.source import BodySource, Lender
from masquerade.pipelines.body.study import ShotStudy, Study
from masquerade.pipelines.body.whose import Performer, Stranger, strangers
from masquerade.pipelines.clock import clock
from masquerade.pipelines.holdout import Holdout, Replaced
from masquerade.pipelines.people import Person
from masquerade.pipelines.pieces import Piece
from masquerade.pipelines.render import Rig
from masquerade.pipelines.segment_key import segment_key
from masquerade.pipelines.tally import Tally
from masquerade.provenance.consent.check import check_face
from masquerade.provenance.consent.record import ConsentRecord, Kind
from masquerade.provenance.gates.gate import Request as GateRequest
from masquerade.provenance.policy import pass_gates
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

METHOD: Final = "body"
_GUESSED: Final = 0.5  # of a shot's frames without feet, from which limbs keep the target's lengths
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
        model: A network that was trained on whoever is to be seen.
        holdout: A matte, a picture or a video: what is white in it stays as it is.
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
    model: Path | None = None
    holdout: Path | None = None


class Stage(method.Script):
    """The acts of a target, shot by shot."""

    def __init__(
        self,
        seen: Study,
        acts: Mapping[int, Callable[[Plate], method.Act]],
        tracks: Mapping[int, BodyTrack],
        concerns: Mapping[int, tuple[Concern, ...]],
        strangers: Sequence[Stranger] = (),
        hidden: Mapping[int, Hidden] | None = None,
    ) -> None:
        self.seen, self.acts, self.tracks, self.concerns = seen, acts, tracks, concerns
        self.hidden = hidden or {}
        self.strangers = tuple(strangers)
        self._playing: tuple[int, method.Act] | None = None  # one place is held in memory

    @classmethod
    def of(cls, seen: Study, source: BodySource, terms: Terms) -> Stage:
        """What is done in each shot.

        Raises:
            ConsentError: Whoever is meant is nobody whom a record covers.
            UsageError: Nobody can be meant by the person named.
            InputError: No shot will do; FaceError where nobody is seen in any.
        """
        request, info = terms.request, terms.info
        acts: dict[int, Callable[[Plate], method.Act]] = {}
        reasons: list[str] = []
        tracks: dict[int, BodyTrack] = {}
        concerns: dict[int, tuple[Concern, ...]] = {}
        hidden: dict[int, Hidden] = {}
        for shot in seen.shots:
            track = shot.chosen(request.person)
            if track is None or shot.packed is None:
                continue
            hidden[shot.first] = hidden_in(track, info.size_wh[1])
            found = shot_concerns(shot, track, source, info)
            grave = [one.words for one in found if one.grave]
            refused = "" if request.force_quality or not grave else f"{NO_SHOT}: {grave[0]}"
            bodies = list(track.bodies.values())
            # Where feet are not seen there is no ground to stay on: the head stays where it was.
            guessed = legs_guessed(bodies, info.size_wh) > _GUESSED
            build = source.figure.build if guessed else build_of(bodies)
            refiner = terms.model.network if terms.model else None
            acts[shot.first] = partial(
                method.Act,
                MEMBER,
                build,
                refused=refused,
                refiner=refiner,
                usual=shot.usual,
                light=curves(source.light, shot.light) if source.light and shot.light else None,
            )
            reasons.append(refused)
            tracks[shot.first], concerns[shot.first] = track, found
        if not acts:
            raise seen.nobody(request.person)
        if all(reasons):
            raise no_shot_will_do(reasons)
        performers = [
            Performer(tracks[shot.first], shot.measured)
            for shot in seen.shots
            if shot.first in tracks
        ]
        return cls(seen, acts, tracks, concerns, strangers(performers, terms.records), hidden)

    def act(self, pts: int) -> method.Act | None:
        """The act a frame belongs to."""
        shot = self.seen.shot(pts)
        act = self._act_of(shot) if shot else None
        unknown = next((one for one in self.strangers if one.first <= pts <= one.last), None)
        return replace(act, refused=unknown.why) if act and unknown else act

    def _act_of(self, shot: ShotStudy) -> method.Act | None:
        """The act of a shot, its place unpacked while the shot goes on."""
        if self._playing is None or self._playing[0] != shot.first:
            make, plate = self.acts.get(shot.first), shot.plate
            if make is None or plate is None:
                return None
            self._playing = shot.first, make(plate)
        return self._playing[1]

    def person(self, pts: int) -> BodyTrack | None:
        """Whoever is replaced in a frame; nobody where it stays as it is."""
        shot, act = self.seen.shot(pts), self.act(pts)
        return self.tracks[shot.first] if shot and act and not act.refused else None

    def replaced(self, pts: int) -> tuple[Replaced, ...]:
        """Whoever is replaced in a frame, to whom no matte leaves their head, or their body."""
        track = self.person(pts)
        if track is None or pts not in track.bodies:
            return ()
        return (Replaced(head_box(track.bodies[pts]), track.cover(pts)),)

    def end(self, pts: int) -> Below | None:
        """Where the person ends in a frame; None where nothing hides their legs."""
        shot = self.seen.shot(pts)
        hidden = self.hidden.get(shot.first) if shot else None
        return hidden.ends.get(pts) if hidden else None

    def cue(self, pts: int) -> method.Cue | None:
        """Where the person is."""
        shot = self.seen.shot(pts)
        track = self.tracks.get(shot.first) if shot else None
        if track is None or pts not in track.bodies:
            return None
        bones = hanging(skeleton_of(track.bodies[pts]), self.end(pts))
        return method.Cue(bones, track.cover(pts))


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
    plate = shot.plate
    assert plate is not None
    others = [one for one in shot.tracks if one is not track]
    found = concerns_of_shot(
        track,
        others,
        plate,
        info.size_wh,
        source=source.range if source else None,
        lost=shot.lost,
    )
    found += hidden_in(track, info.size_wh[1]).concerns()
    if source is None:
        return tuple(found)
    return (*found, *bare_concerns(track, plate, source.figure), *source.concerns)


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked for, of whom, under which records: known before anything is studied."""

    info: MediaInfo
    request: Request
    lenders: tuple[Lender, ...]
    people: tuple[Person, ...]
    records: tuple[ConsentRecord, ...]
    face_cards: tuple[str, ...]
    model: BodyModel | None = None
    holdout: Holdout | None = None

    def check(self, purpose: str, also: tuple[str, ...] = ()) -> None:
        """Passes where the gates let such a job through.

        Args:
            purpose: What it is for.
            also: Further methods that make parts of the output.

        Raises:
            RefusedError: One of them does not.
        """
        recipe = self.recipe(also)
        draft = Draft(recipe, self.uses(recipe), self.info.path, "video", iter(()))
        pass_gates(GateRequest(draft, self.records, purpose, trained_on=self.trained_on))

    @property
    def trained_on(self) -> tuple[ConsentRecord, ...]:
        """Of whoever the trained network has learned."""
        return (self.model.record,) if self.model else ()

    def recipe(self, also: tuple[str, ...] = ()) -> Recipe:
        """How the output is made, in full; `also` as for `check`."""
        request, path = self.request, self.info.path
        target = InputUse("target", path.name, sha256_as_held(path), path)
        options = {
            "method": request.options.as_recorded(),
            "compose": json.loads(request.blending.canonical_json()),
            "person": request.person,
            "force_quality": request.force_quality,
            "way": request.way,
        }
        if self.holdout:
            options["holdout"] = self.holdout.sha256
        return Recipe(
            method=METHOD,
            version=masquerade.__version__,
            options_json=json.dumps(options, sort_keys=True, separators=(",", ":")),
            models=(
                *((name, card(name).sha256) for name in self.face_cards),
                *method.models(request.options),
                (EDGE, own_file(EDGE)[1].sha256),
                *(((self.model.name, self.model.sha256),) if self.model else ()),
            ),
            inputs=(target, *(one.input for one in self.lenders)),
            also=also,
        )

    def uses(self, recipe: Recipe) -> tuple[IdentityUse, ...]:
        """Whose body is lent, and who is seen to perform; the gates measure both again."""
        able = [one for one in self.records if one.kind is not Kind.PERFORMER] or self.records
        lent = (
            IdentityUse("source", "body", face, one.input.sha256, _covering(able, face))
            for one in self.lenders
            for face in one.embeddings
        )
        target = recipe.inputs[0].sha256
        seen = (IdentityUse("target", "body", one.embedding, target) for one in self.people)
        return (*lent, *seen)


@dataclass(frozen=True, slots=True)
class Work:
    """All that goes into one draft."""

    terms: Terms
    source: BodySource
    cut: tuple[Piece, ...]
    stage: Stage
    tally: Tally
    faces: FaceReader
    face: FaceModel

    @property
    def also(self) -> tuple[str, ...]:
        """Methods that make parts of the output besides body."""
        return (FACE_METHOD,) if self.face.looks else ()

    @property
    def info(self) -> MediaInfo:
        """Of the target."""
        return self.terms.info

    def draft(self) -> Draft:
        """The draft: nothing of it is generated yet."""
        recipe = self.terms.recipe(self.also)
        onlookers: list[Callable[[Frame], None]] = []
        avoid: dict[int, tuple[Box, ...]] = {}
        return Draft(
            recipe=recipe,
            uses=self.terms.uses(recipe),
            target=self.info.path,
            kind="video",
            segments=self._segments(recipe, onlookers, avoid),
            avoid=avoid,
            onlookers=onlookers,
            judge=self.tally.judge,
        )

    def notes(self) -> Iterator[str]:
        """What the user should know, in sentences."""
        yield f"{self.source.lender.input.name}: {self.source.way}"
        yield self.face.why
        if self.terms.model:
            yield from self.terms.model.notes()
        for concern in self.source.concerns:
            yield f"{self.source.lender.input.name}: {concern.words}"
        start_s = self.info.start_pts * self.info.time_base
        for shot in self.stage.seen.shots:
            when = clock(shot.first * self.info.time_base - start_s)
            for concern in self.stage.concerns.get(shot.first, ()):
                if concern not in self.source.concerns:
                    yield f"shot at {when}: {concern.words}"
            for one in self.stage.strangers:
                if shot.first <= one.first <= shot.last:
                    begins = clock(one.first * self.info.time_base - start_s)
                    ends = clock(one.last * self.info.time_base - start_s)
                    yield f"from {begins} to {ends} everything stays as it is: {one.why}"
            if shot.first not in self.stage.acts:
                yield f"shot at {when}: nobody is seen, it stays as it is"
        if not any(any(shot.measured.values()) for shot in self.stage.seen.shots):
            yield (
                "no face can be measured above the body, so nobody can tell who is replaced: the"
                " performer's record is taken at its word"
            )

    def _segments(
        self,
        recipe: Recipe,
        onlookers: list[Callable[[Frame], None]],
        avoid: dict[int, tuple[Box, ...]],
    ) -> Iterator[DraftSegment]:
        made = method.prepare(
            {MEMBER: self.source.figure}, self.terms.request.options, script=self.stage
        )
        model, matte = self.terms.model, self.terms.holdout
        rig = Rig(
            METHOD,
            behind(made, self.stage.end),
            method.radius,
            self.terms.request.blending,
            held_out=partial(matte.over, self.stage.replaced) if matte else None,
        )
        looks = self.face.looks
        face = Expressions(looks, self.faces, self.stage.person) if looks else None
        added = Added(self.faces, self._heads, model.name) if model else None
        if added:
            onlookers.append(added.see)
        for piece in self.cut:
            frames = render_whole(
                self.info, piece, rig, self.tally, onlookers, self._heads, avoid, face
            )
            yield DraftSegment(
                piece.index,
                segment_key(recipe, piece.index, piece.extents),
                piece.first,
                piece.last,
                added.watched(frames, piece) if added else frames,
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
