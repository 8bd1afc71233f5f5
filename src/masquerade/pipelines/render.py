"""One piece of a target, rendered: tracks, windows, the method's patches, composed frames."""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from masquerade.bodies.hands import HandReader
from masquerade.compose.blend import ComposeOptions, ShotLook, compose
from masquerade.effects.hands_before import HandsBefore
from masquerade.errors import FaceError, MasqueradeError
from masquerade.faces.detect import find_faces
from masquerade.faces.embed import distance, embed
from masquerade.faces.following.track import LEAST_FRAMES, track
from masquerade.faces.occlusion.corrections import Correction
from masquerade.faces.readers import FaceReader
from masquerade.media.ahead import ahead
from masquerade.media.probe import MediaInfo
from masquerade.media.read import read_frames, read_image
from masquerade.pipelines.drawn_faces import Drawn, Identities
from masquerade.pipelines.holdout import HeldOut
from masquerade.pipelines.in_front import Glances, InFront, Known
from masquerade.pipelines.memory import give_back
from masquerade.pipelines.people import Person, belongs, measured_before
from masquerade.pipelines.pieces import Piece, Span
from masquerade.pipelines.spectacles import Spectacles
from masquerade.pipelines.windows import windows
from masquerade.types import Box, Face, Frame, Generator, Miss, Patch, PixelBox, Track, Window

_IDS_PER_PIECE = 1000
_TIDY = 25  # frames between two times memory is handed back
_AHEAD = 3  # decoded frames that wait for the tracker
_UNKNOWN = "the face was never clear enough to tell whose it is"
_BRIEF = f"the face was seen in fewer than {LEAST_FRAMES} frames of the shot"
_STRANGER = "nobody knows whose face it is, so that no record covers it"


Held: TypeAlias = tuple[int, PixelBox]
"""The time of a frame, and a part of it that stays as it is in front of a face."""


@dataclass(frozen=True, slots=True)
class Rig:
    """A method made ready, and how its patches are put into frames.

    Attributes:
        method_name: Its name in the registry.
        corrections: What people said lies in front of the face, or is the face.
        identities: Whose faces it may draw, where that has to be measured.
        portrays: Whether those of the target whom it changes have to consent.
        stays_behind: Whether its patches stay behind what is in front of the face though they are
            of the frame's own light, which `Patch.face_px` 0 says.
        reader: Tells how far identities move, where whoever is changed has to consent.
        hands: Finds hands before faces in pictures that do not move.
        held_out: Gives, for each span, what a matte by hand keeps in front; None: there is none.
    """

    method_name: str
    method: Generator
    radius: int
    blending: ComposeOptions
    corrections: tuple[Correction, ...] = ()
    identities: Identities | None = None
    portrays: bool = False
    stays_behind: bool = False
    reader: FaceReader | None = None
    hands: HandReader | None = None
    held_out: Callable[[], HeldOut] | None = None


@dataclass(frozen=True, slots=True)
class Shoot:
    """What stays the same for every piece of a job.

    Attributes:
        rig: How frames are made; None: they stay as they are.
        wanted: The person of the target that each member of the cast replaces; None: everyone
            whom no other member replaces.
        onlookers: Shown every picture of a target that moves, before what is made of it is given.
        rigs: Of those spans that are made in another way.
    """

    info: MediaInfo
    reader: FaceReader
    rig: Rig | None
    people: tuple[Person, ...]
    wanted: Mapping[str, Person | None]
    onlookers: Sequence[Callable[[Frame], None]] = ()
    rigs: Mapping[Span, Rig | None] = field(default_factory=dict)

    def rig_of(self, span: Span) -> Rig | None:
        """How the frames of a span are made; None: they stay as they are."""
        return self.rigs.get(span, self.rig)

    @property
    def portrays(self) -> bool:
        """Whether those who are changed have to consent: nobody may be whom no record is for."""
        return any(rig is not None and rig.portrays for rig in (self.rig, *self.rigs.values()))


@dataclass(slots=True)
class Tally:
    """What came of every frame, collected by piece while the frames stream by.

    `lines_of` gives a piece's tally as JSON, so that it can be kept beside finished work and be
    `restore`d when that work is taken up again.
    """

    pieces: dict[int, PieceTally] = field(default_factory=dict)
    damages: list[str] = field(default_factory=list)

    def damage(self, words: str) -> None:
        """Note damage of the target, in words; the same damage only once."""
        if words not in self.damages:
            self.damages.append(words)

    def lines_of(self, index: int) -> Callable[[], str]:
        """A function that gives the tally of piece `index` as JSON, once it is rendered."""
        return lambda: json.dumps(self.pieces[index].as_json()) if index in self.pieces else ""

    def restore(self, index: int, text: str) -> None:
        """Take up the tally of a piece rendered in an earlier run."""
        if index not in self.pieces and text:
            self.pieces[index] = PieceTally.from_json(json.loads(text))

    @property
    def frames(self) -> int:
        """Frames rendered or passed through."""
        return sum(piece.frames for piece in self.pieces.values())

    @property
    def swapped(self) -> int:
        """Frames in which at least one face was changed."""
        return sum(piece.swapped for piece in self.pieces.values())

    @property
    def empty(self) -> int:
        """Frames that stayed as they were because none of the people meant was seen."""
        return sum(piece.empty for piece in self.pieces.values())

    @property
    def skipped(self) -> int:
        """Frames that stayed as they were because settings by shot say so."""
        return sum(piece.skipped for piece in self.pieces.values())

    @property
    def corrected(self) -> int:
        """Frames in which an area that people drew said what stays in front."""
        return sum(piece.corrected for piece in self.pieces.values())

    @property
    def held(self) -> list[Held]:
        """Hands before faces that were found and left as they are, in order of time."""
        return [one for index in sorted(self.pieces) for one in self.pieces[index].held]

    @property
    def misses(self) -> list[Miss]:
        """Faces that were seen and meant but stayed as they were, in order of time."""
        return [miss for index in sorted(self.pieces) for miss in self.pieces[index].misses]

    @property
    def moved(self) -> float | None:
        """How far the identity of a face that was changed moved at most; None: not measured."""
        return max((one for piece in self.pieces.values() for one in piece.moved), default=None)

    @property
    def weak(self) -> list[Drawn]:
        """New faces that are more like the target than like the source, in order of time."""
        drawn = (one for index in sorted(self.pieces) for one in self.pieces[index].drawn)
        return [one for one in drawn if one.is_weak]

    def judge(self, tallies: Mapping[int, str]) -> None:
        """Passes when something was changed in at least one frame.

        Args:
            tallies: Of all pieces, as `lines_of` gave them, in this run or an earlier one.

        Raises:
            FaceError: Nothing was; the message lists the reasons.
        """
        for index, text in tallies.items():
            self.restore(index, text)
        if self.swapped:
            return
        reasons = Counter(miss.reason.partition(":")[0] for miss in self.misses)
        if self.empty:
            reasons["nobody meant was seen"] = self.empty
        if self.skipped:
            reasons["left as it is by the settings"] = self.skipped
        told = "; ".join(f"{why} (in {count})" for why, count in reasons.most_common())
        raise FaceError(
            f"nothing was changed in any of {self.frames} frames: {told or 'no reason is known'}",
            "at least one frame that can be changed",
            "nothing was written; choose another target, another --person, or other options",
        )


@dataclass(slots=True)
class PieceTally:
    """The tally of one piece."""

    frames: int = 0
    swapped: int = 0
    empty: int = 0
    misses: list[Miss] = field(default_factory=list)
    skipped: int = 0
    drawn: list[Drawn] = field(default_factory=list)
    corrected: int = 0
    moved: list[float] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)

    def add(self, frame: Frame, rig: Rig, missed: Sequence[Miss], *, is_changed: bool) -> None:
        """Take up one more frame.

        Args:
            frame: As it is given.
            rig: How it was made.
            missed: Faces of it that were not drawn.
            is_changed: Whether any was.
        """
        self.frames += 1
        self.swapped += is_changed
        self.corrected += is_changed and any(one.holds(frame.time_s) for one in rig.corrections)
        self.empty += not (is_changed or missed)
        self.misses += missed

    def as_json(self) -> dict[str, object]:
        """Plain values for JSON."""
        missed = [[miss.pts, miss.track_id, miss.reason] for miss in self.misses]
        return {
            "frames": self.frames,
            "swapped": self.swapped,
            "empty": self.empty,
            "misses": missed,
            "skipped": self.skipped,
            "drawn": [one.as_json() for one in self.drawn],
            "corrected": self.corrected,
            "moved": self.moved,
            "held": self.held,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, object]) -> PieceTally:
        """The tally that `as_json` wrote."""
        missed, drawn, moved = values["misses"], values["drawn"], values["moved"]
        held = values["held"]
        assert isinstance(moved, list)
        assert isinstance(held, list)
        assert isinstance(missed, list)
        assert isinstance(drawn, list)
        return cls(
            int(str(values["frames"])),
            int(str(values["swapped"])),
            int(str(values["empty"])),
            [Miss(int(pts), int(track_id), str(reason)) for pts, track_id, reason in missed],
            int(str(values["skipped"])),
            [Drawn.from_json(one) for one in drawn],
            int(str(values["corrected"])),
            [float(one) for one in moved],
            [(int(pts), _pixel_box(box)) for pts, box in held],
        )


def _pixel_box(edges: Sequence[int]) -> PixelBox:
    x0, y0, x1, y1 = (int(edge) for edge in edges)
    return x0, y0, x1, y1


def render_still(shoot: Shoot, tally: Tally, avoid: dict[int, tuple[Box, ...]]) -> Iterator[Frame]:
    """The one frame of a still picture, with the cast's faces in it."""
    frame = read_image(shoot.info.path)
    tracks = still_tracks(frame, shoot.reader)
    avoid[frame.pts] = tuple(one.faces[frame.pts].box for one in tracks)
    counts = tally.pieces[0] = PieceTally()
    span = Span(frame.pts, frame.pts, frame.pts, frame.pts)
    glances = Glances()
    glances.see_still(frame, tracks)
    roles = with_bare_faces(choose(tracks, shoot), tracks, glances)
    yield from _made([frame], roles, shoot, counts, span)


def still_tracks(frame: Frame, reader: FaceReader) -> list[Track]:
    """The faces of one picture, a track each."""
    return [
        Track(number, {frame.pts: face}, embed(frame.pixels, face, reader))
        for number, face in enumerate(find_faces(frame.pixels, reader))
    ]


def render_piece(
    shoot: Shoot, piece: Piece, tally: Tally, avoid: dict[int, tuple[Box, ...]]
) -> Iterator[Frame]:
    """The finished frames of one piece, in order, with their own times."""
    give_back()
    counts = tally.pieces[piece.index] = PieceTally()
    avoid.clear()
    path, first_id = shoot.info.path, piece.index * _IDS_PER_PIECE
    plans: list[tuple[Span, Roles]] = []
    for span in piece.spans:
        context = read_frames(path, start_pts=span.before, stop_pts=span.after + 1)
        seen = _shown(context, shoot.onlookers, span)
        rig, glances = shoot.rig_of(span), Glances()
        looking = rig is not None and rig.blending.occlusion == "auto"
        with closing(ahead(seen, _AHEAD)) as decoded:
            watch = glances.see if looking else None
            tracks = track(decoded, shoot.reader, first_id=first_id, see=watch)
        first_id += len(tracks)
        _note_boxes(tracks, avoid)
        plans.append((span, with_bare_faces(choose(tracks, shoot), tracks, glances)))
    for span, roles in plans:
        frames = read_frames(path, start_pts=span.before, stop_pts=span.after + 1)
        yield from _made(frames, roles, shoot, counts, span)


def _shown(
    frames: Iterable[Frame], onlookers: Sequence[Callable[[Frame], None]], span: Span
) -> Iterator[Frame]:
    """The same frames; the span's own are shown to the onlookers first, each once."""
    for frame in frames:
        if span.first <= frame.pts <= span.last:
            for see in onlookers:
                see(frame)
        yield frame


def _note_boxes(tracks: Iterable[Track], avoid: dict[int, tuple[Box, ...]]) -> None:
    for one in tracks:
        for pts, face in one.faces.items():
            avoid[pts] = (*avoid.get(pts, ()), face.box)


@dataclass(frozen=True, slots=True)
class Roles:
    """Who is to be changed in one span.

    Attributes:
        chosen: By pts, the faces to change, each marked with the member of the cast it becomes.
        missed: By pts, the faces that may be meant but stay as they are: seen too briefly, or so
            that nobody can tell whose they are.
        known: By `track_id`, what chosen faces look like with nothing in front of them.
        wearers: `track_id` of those who wear spectacles.
    """

    chosen: dict[int, tuple[Face, ...]]
    missed: dict[int, tuple[Miss, ...]]
    known: Mapping[int, Known] = field(default_factory=dict)
    wearers: frozenset[int] = frozenset()


def choose(tracks: Iterable[Track], shoot: Shoot) -> Roles:
    """Who of the tracks of one span is changed into whom."""
    roles = Roles({}, {})
    for one in tracks:
        member = _member_for(one, shoot)
        stranger = shoot.portrays and not measured_before(one, shoot.people)
        for pts, face in one.faces.items():
            if member is not None and stranger:
                miss = Miss(pts, one.track_id, _STRANGER)
                roles.missed[pts] = (*roles.missed.get(pts, ()), miss)
            elif member is not None and not one.brief:
                marked = replace(face, person=member, track_id=one.track_id)
                roles.chosen[pts] = (*roles.chosen.get(pts, ()), marked)
            elif member is not None or (one.embedding is None and shoot.wanted):
                miss = Miss(pts, one.track_id, _BRIEF if one.brief else _UNKNOWN)
                roles.missed[pts] = (*roles.missed.get(pts, ()), miss)
    return roles


def with_bare_faces(roles: Roles, tracks: Iterable[Track], glances: Glances) -> Roles:
    """The same, with what was learned of the chosen faces meanwhile."""
    wanted = {face.track_id for faces in roles.chosen.values() for face in faces}
    chosen = [one for one in tracks if one.track_id in wanted]
    return replace(roles, known=glances.known(chosen), wearers=glances.wearers(chosen))


def _member_for(one: Track, shoot: Shoot) -> str | None:
    for member, person in shoot.wanted.items():
        if person is not None and belongs(one, person, shoot.people):
            return member
    return next((member for member, person in shoot.wanted.items() if person is None), None)


def _made(
    frames: Iterable[Frame], roles: Roles, shoot: Shoot, counts: PieceTally, span: Span
) -> Iterator[Frame]:
    rig = shoot.rig_of(span)
    if rig is not None:
        yield from render_span(frames, roles, rig, counts, span)
        return
    for frame in frames:
        if span.first <= frame.pts <= span.last:
            counts.frames += 1
            counts.skipped += 1
            yield frame


def render_span(
    frames: Iterable[Frame], roles: Roles, rig: Rig, counts: PieceTally, span: Span
) -> Iterator[Frame]:
    """The finished frames of one span; those of its context are made too, and not given.

    Args:
        frames: Of the span and its context, in order.
        roles: From `choose`.
        rig: How they are made.
        counts: Takes up what came of them.
        span: Which of them are wanted.

    Raises:
        MasqueradeError: The method gave too few lists or too many.
        ConsentError: It draws somebody who is not the source.
    """
    waiting: deque[Window] = deque()
    look = ShotLook()
    looks = rig.identities.over(roles.chosen, span) if rig.identities else None
    seen = rig.blending.occlusion == "auto"
    front = InFront(
        roles.known if seen else {},
        rig.corrections,
        Spectacles(roles.wearers) if seen else None,
        HandsBefore(rig.hands) if rig.hands else None,
        always=rig.stays_behind,
    )
    held_out = rig.held_out() if rig.held_out else None

    def feed() -> Iterator[Window]:
        for window in windows(frames, roles.chosen, rig.radius):
            if window.frame.pts > span.last:  # later frames are neighbours only
                return
            waiting.append(window)
            yield window

    fed = feed()
    for made in rig.method(fed):
        if not waiting:
            raise _out_of_step(rig, "gave more lists than it was given windows")
        window = waiting.popleft()
        patches = front.keep([item for item in made if isinstance(item, Patch)], window)
        frame = window.frame
        patches, hidden = held_out.keep(patches, frame) if held_out else (patches, [])
        if patches:  # frames of the context too: what they settle must be settled at the border
            frame = compose(frame, patches, rig.blending, look=look)
        if frame.pts < span.first:
            continue
        _note_moved(counts, rig, window, frame, patches)
        missed = [*(item for item in made if isinstance(item, Miss)), *hidden]
        if looks and patches:
            left = {item.track_id for item in missed}
            looks.see(window.frame, frame, [f for f in window.faces if f.track_id not in left])
        missed += roles.missed.get(frame.pts, ())
        if counts.frames % _TIDY == 0:
            give_back()
        counts.add(frame, rig, missed, is_changed=bool(patches))
        counts.held += [(frame.pts, box) for one in patches for box in one.held]
        yield frame
    if waiting or next(fed, None) is not None:
        raise _out_of_step(rig, "ended before its windows did")
    if looks:
        counts.drawn += looks.judged()


def _note_moved(
    counts: PieceTally, rig: Rig, window: Window, made: Frame, patches: Sequence[Patch]
) -> None:
    """Note once a piece how far the identity of the largest changed face moved, where asked."""
    if not (rig.portrays and rig.reader and patches and window.faces) or counts.moved:
        return
    changed = {patch.track_id for patch in patches}
    faces = [face for face in window.faces if face.track_id in changed] or window.faces
    face = max(faces, key=lambda one: one.size_px)
    before = embed(window.frame.pixels, face, rig.reader)
    counts.moved.append(distance(before, embed(made.pixels, face, rig.reader)))


def _out_of_step(rig: Rig, what: str) -> MasqueradeError:
    return MasqueradeError(
        f"the method {rig.method_name} {what}",
        "one list for each window, in order",
        "report it to the method's maker; nothing was written",
    )
