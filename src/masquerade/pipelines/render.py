"""One piece of a target, rendered: tracks, windows, the method's patches, composed frames."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

from masquerade.bodies.hands import HandReader
from masquerade.compose.blend import ComposeOptions, ShotLook, compose
from masquerade.effects.hands_before import HandsBefore
from masquerade.errors import MasqueradeError
from masquerade.faces.detect import find_faces
from masquerade.faces.embed import distance, embed
from masquerade.faces.following.track import LEAST_FRAMES, track
from masquerade.faces.occlusion.corrections import Correction
from masquerade.faces.readers import FaceReader
from masquerade.media.ahead import ahead
from masquerade.media.probe import MediaInfo
from masquerade.media.read import read_frames, read_image
from masquerade.pipelines.drawn_faces import Identities
from masquerade.pipelines.holdout import HeldOut
from masquerade.pipelines.in_front import Glances, InFront, Known
from masquerade.pipelines.memory import give_back
from masquerade.pipelines.people import Person, belongs, measured_before
from masquerade.pipelines.pieces import Piece, Span
from masquerade.pipelines.spectacles import Spectacles
from masquerade.pipelines.tally import PieceTally, Tally
from masquerade.pipelines.windows import windows
from masquerade.types import Box, Face, Frame, Generator, Miss, Patch, Track, Window

_IDS_PER_PIECE = 1000
_TIDY = 25  # frames between two times memory is handed back
_AHEAD = 3  # decoded frames that wait for the tracker
_UNKNOWN = "the face was never clear enough to tell whose it is"
_BRIEF = f"the face was seen in fewer than {LEAST_FRAMES} frames of the shot"
_STRANGER = "nobody knows whose face it is, so that no record covers it"


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
        counts.add(frame, rig.corrections, missed, is_changed=bool(patches))
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
