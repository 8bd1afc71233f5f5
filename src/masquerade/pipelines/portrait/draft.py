"""The draft of a talking portrait: pictures of a photo that moves, and the recording as sound."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import masquerade
from masquerade.compose.blend import ComposeOptions
from masquerade.generate import portrait as method
from masquerade.media.as_it_is import sha256_as_held
from masquerade.models import (
    covered_mouth,
    generic_lips,
    person_mask,
    speech_content,
    voice_activity,
)
from masquerade.models.card import card
from masquerade.models.own_weights import own_file
from masquerade.pipelines.generate import Plan
from masquerade.pipelines.pieces import Span
from masquerade.pipelines.portrait.sitter import MEMBER, Sitter
from masquerade.pipelines.portrait.speech import Language, Speech
from masquerade.pipelines.render import Rig, Roles, render_span
from masquerade.pipelines.segment_key import segment_key
from masquerade.pipelines.tally import PieceTally
from masquerade.pipelines.whose_record import covering
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.telling import Progress, no_progress
from masquerade.types import (
    Box,
    Draft,
    DraftSegment,
    DraftSound,
    Face,
    Film,
    Frame,
    IdentityUse,
    InputUse,
    Recipe,
    SoundPiece,
)

if TYPE_CHECKING:
    from pathlib import Path

METHOD: Final = "portrait"
_PIECE_S: Final = 10  # of pictures that are kept together when a job is stopped
_ROOM: Final = 0.08  # around the face, of its size, that it moves within


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for.

    Attributes:
        speech: The recording that is heard; None where a text is said.
        consents: Records of whose face speaks and of whose voice is heard.
        person: Who speaks, of several; see `masquerade.pipelines.people.resolve`.
        purpose: What it is for; may be left out where the records name just one purpose.
        language: Of the recording: where it is English, lips close on its b, m and p.
        options: The method's.
        text: What is said in place of a recording, in English; needs a voice.
        voice: The voice that is heard, an ``.mvoice`` file; the recording's own without one.
    """

    speech: Path | None
    consents: tuple[Path, ...] = ()
    person: str = "auto"
    purpose: str = ""
    language: Language = "en"
    options: method.Options = field(default_factory=method.Options)
    text: str = ""
    voice: Path | None = None


def draft_of(
    sitter: Sitter,
    speech: Speech,
    request: Request,
    records: Sequence[ConsentRecord],
    say: Progress = no_progress,
) -> Plan:
    """The draft: nothing of it is generated yet.

    Args:
        sitter: Who talks.
        speech: What they say.
        request: How.
        records: Of whose face and voice it is.
        say: Told how far it is, where the recording is listened to for whose voice it is.
    """
    recipe = _recipe(sitter, speech, request)
    height, width = sitter.pixels.shape[:2]
    film = Film((width, height), Fraction(request.options.fps))
    onlookers: list[Callable[[Frame], None]] = []
    avoid: dict[int, tuple[Box, ...]] = {}
    draft = Draft(
        recipe=recipe,
        uses=tuple(_uses(sitter, speech, recipe, records, say)),
        target=sitter.info.path,
        kind="video",
        segments=_segments(sitter, speech, request, recipe, film, onlookers, avoid),
        avoid=avoid,
        onlookers=onlookers,
        judge=sitter.found.tally.judge,
        sound=_sound(speech),
        film=film,
    )
    shown = replace(sitter.info, kind="video", time_base=1 / film.frame_rate)
    notes = (*sitter.notes, *speech.new.damages)
    return Plan(draft, shown, sitter.found.people, sitter.found.tally, notes)


def _recipe(sitter: Sitter, speech: Speech, request: Request) -> Recipe:
    path = sitter.info.path
    target = InputUse("target", path.name, sha256_as_held(path), path)
    options = {
        "method": request.options.as_recorded(),
        "person": sitter.found.places()[MEMBER],
        "language": request.language,
        **({"speech": speech.new.said} if speech.new.said else {}),
    }
    ours = (person_mask.CARD, voice_activity.CARD, speech_content.CARD)
    cards = (*sitter.found.reader.cards, *ours)
    return Recipe(
        method=METHOD,
        version=masquerade.__version__,
        options_json=json.dumps(options, sort_keys=True, separators=(",", ":")),
        models=(
            *((name, card(name).sha256) for name in cards),
            (covered_mouth.NAME, own_file(covered_mouth.NAME)[1].sha256),
            (generic_lips.NAME, speech.lips),
            *speech.new.models,
        ),
        inputs=(target, replace(target, role="source"), *speech.new.inputs),
        also=speech.new.also,
    )


def _uses(
    sitter: Sitter,
    speech: Speech,
    recipe: Recipe,
    records: Sequence[ConsentRecord],
    say: Progress,
) -> Iterator[IdentityUse]:
    """Whose face speaks, who else is there, who is heard."""
    photo = recipe.inputs[0].sha256
    seen = IdentityUse("source", "face", sitter.embedding, photo)
    yield replace(seen, consent=covering(records, seen))
    for person in sitter.found.people:
        yield IdentityUse("target", "face", person.embedding, photo)
    yield from speech.new.uses(records, say)


def _segments(
    sitter: Sitter,
    speech: Speech,
    request: Request,
    recipe: Recipe,
    film: Film,
    onlookers: Sequence[Callable[[Frame], None]],
    avoid: dict[int, tuple[Box, ...]],
) -> Iterator[DraftSegment]:
    generator = method.prepare(
        {MEMBER: sitter.photo}, request.options, lines={MEMBER: speech.lines}
    )
    rig = Rig(METHOD, generator, method.radius, ComposeOptions(occlusion="off"), portrays=True)
    tally, step = sitter.found.tally, _PIECE_S * request.options.fps
    for index, first in enumerate(range(0, speech.count, step)):
        last = min(first + step, speech.count) - 1
        frames = _rendered(sitter, rig, film, (index, first, last), onlookers, avoid)
        key = segment_key(recipe, index, first, last)
        lines = tally.lines_of(index)
        yield DraftSegment(index, key, first, last, frames, lines, added=last - first + 1)


def _rendered(
    sitter: Sitter,
    rig: Rig,
    film: Film,
    shown: tuple[int, int, int],
    onlookers: Sequence[Callable[[Frame], None]],
    avoid: dict[int, tuple[Box, ...]],
) -> Iterator[Frame]:
    """The pictures of a segment from a first to a last; onlookers are shown the photo before."""
    index, first, last = shown
    counts = sitter.found.tally.pieces[index] = PieceTally()
    still = Frame(sitter.pixels, first, 1 / film.frame_rate, 1)
    for see in onlookers:
        see(replace(still, pts=last))
    face = replace(sitter.face, track_id=0, person=MEMBER)
    x0, y0, x1, y1 = face.box
    room = _ROOM * face.size_px
    around = (x0 - room, y0 - room, x1 + room, y1 + room)
    avoid.clear()
    avoid.update(dict.fromkeys(range(first, last + 1), (around,)))
    chosen: dict[int, tuple[Face, ...]] = dict.fromkeys(range(first, last + 1), (face,))
    frames = (replace(still, pts=pts) for pts in range(first, last + 1))
    yield from render_span(frames, Roles(chosen, {}), rig, counts, Span(first, last, first, last))


def _sound(speech: Speech) -> DraftSound:
    """What is heard, from its first sample on."""
    new = speech.new
    return DraftSound(new.sr, new.channels, iter([SoundPiece(0, "", new.heard())]))
