"""The draft of a lip sync: frames with another mouth, and what they say as its sound."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

import masquerade
from masquerade.compose.blend import ComposeOptions
from masquerade.faces.mouth.covered import within
from masquerade.faces.mouth.talker import Talker
from masquerade.generate import lipsync as method
from masquerade.media.probe import MediaInfo
from masquerade.models.card import card
from masquerade.models.covered_mouth import NAME as COVERED
from masquerade.models.generic_lips import NAME as GENERIC
from masquerade.models.own_weights import own_file
from masquerade.models.speech_content import CARD as CONTENT
from masquerade.pipelines.findings import Findings
from masquerade.pipelines.first_look import find_pieces
from masquerade.pipelines.lips.learn import Learned
from masquerade.pipelines.lips.lengthened import Longer, Stretch, render_stretch, stretches
from masquerade.pipelines.lips.lines import Said
from masquerade.pipelines.lips.model import LipsModel
from masquerade.pipelines.lips.talking import Footage
from masquerade.pipelines.render import Rig, Shoot, render_piece
from masquerade.pipelines.segment_key import segment_key
from masquerade.pipelines.voice.new_speech import NewSpeech, first_of
from masquerade.pipelines.whose_record import covering
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.types import (
    Box,
    Draft,
    DraftSegment,
    DraftSound,
    Embedding,
    Frame,
    IdentityUse,
    InputUse,
    Recipe,
    SoundPiece,
)

Language: TypeAlias = Literal["en", "other"]
METHOD: Final = "lipsync"
MEMBER: Final = "0"
_USUAL_FPS: Final = Fraction(25)


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for.

    Attributes:
        speech: The recording that is heard instead; None where a text is said.
        consents: Records of whose face speaks and of whose voice is heard.
        footage: More videos of the person who speaks.
        speaker: Who speaks; see `masquerade.pipelines.people.resolve`.
        purpose: What it is for; may be left out where the records name just one purpose.
        language: Of the recording: where it is English, lips close on its b, m and p.
        longer: What is seen where the recording is longer than the video: nothing, both end
            together (``stop``); its last frame (``hold``); the video back and forth (``loop``).
        options: The method's.
        blending: How patches are put into frames.
        text: What is said in place of a recording, in English; needs a voice.
        voice: An ``.mvoice`` file that the recording is heard in, or the text.
        model: A network that was trained to draw the speaker's mouth.
    """

    speech: Path | None = None
    consents: tuple[Path, ...] = ()
    footage: tuple[Path, ...] = ()
    speaker: str = "auto"
    purpose: str = ""
    language: Language = "en"
    longer: Longer = "stop"
    options: method.Options = field(default_factory=method.Options)
    blending: ComposeOptions = field(default_factory=ComposeOptions)
    text: str = ""
    voice: Path | None = None
    model: Path | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """All that goes into one draft.

    Attributes:
        info: What the target is.
        found: Who is in it.
        request: What is asked for.
        inputs: The target, then all footage, as sources.
        embedding: (128,) whose face it is that speaks.
        speech: What is heard.
        records: All consent records.
        say: Told how far it is.
        model: The trained mouth of whoever speaks.
    """

    info: MediaInfo
    found: Findings
    request: Request
    inputs: tuple[InputUse, ...]
    embedding: Embedding
    speech: NewSpeech
    records: tuple[ConsentRecord, ...]
    say: Callable[[str, int, int], None]
    model: LipsModel | None = None

    def asked(self) -> Draft:
        """The draft for the gates, before anybody's footage is studied: none of its frames.

        Each file of footage is stated to show whoever speaks; the gates measure all of them.
        """
        recipe = self._recipe("")
        uses = self._uses(recipe, (self.embedding,) * len(self.inputs))
        return Draft(recipe, tuple(uses), self.info.path, "video", iter(()), sound=self._sound())

    def draft(self, footage: Sequence[Footage], learned: Learned, spoken: Said) -> Draft:
        """The draft: nothing of it is generated yet."""
        recipe = self._recipe(learned.generic)
        onlookers: list[Callable[[Frame], None]] = []
        avoid: dict[int, tuple[Box, ...]] = {}
        covered_s = footage[0].covered_s
        scene = _Scene(self, recipe, learned.talker, spoken, covered_s, onlookers, avoid)
        return Draft(
            recipe=recipe,
            uses=tuple(self._uses(recipe, [one.embedding for one in footage])),
            target=self.info.path,
            kind="video",
            segments=scene.segments(),
            avoid=avoid,
            onlookers=onlookers,
            judge=self.found.tally.judge,
            sound=self._sound(),
        )

    @property
    def most_s(self) -> Fraction | None:
        """How long what is said may be; None where it may go on after the target's end."""
        return self.info.duration_s if self.request.longer == "stop" else None

    @property
    def step_s(self) -> Fraction:
        """From one frame of the target to the next."""
        return 1 / (self.info.frame_rate or _USUAL_FPS)

    def _recipe(self, generic: str) -> Recipe:
        request, speech = self.request, self.speech
        target = self.inputs[0]
        options = {
            "method": request.options.as_recorded(),
            "compose": json.loads(request.blending.canonical_json()),
            "speaker": self.found.places()[MEMBER],
            "language": request.language,
            "longer": request.longer,
            "mouth": "as anybody's" if generic else "as the person's own",
            **({"speech": speech.said} if speech.said else {}),
            **({"drawn": "by a network trained for it"} if self.model else {}),
        }
        cards = (*self.found.reader.cards, CONTENT)
        covered = (COVERED, own_file(COVERED)[1].sha256)
        lips = ((GENERIC, generic),) if generic else ()
        trained = ((self.model.name, self.model.sha256),) if self.model else ()
        models = ((name, card(name).sha256) for name in cards)
        return Recipe(
            method=METHOD,
            version=masquerade.__version__,
            options_json=json.dumps(options, sort_keys=True, separators=(",", ":")),
            models=tuple(dict.fromkeys((*models, covered, *lips, *trained, *speech.models))),
            inputs=(
                InputUse("target", target.name, target.sha256, target.path),
                *self.inputs,
                *speech.inputs,
            ),
            also=speech.also,
        )

    def _uses(self, recipe: Recipe, seen: Sequence[Embedding]) -> Iterator[IdentityUse]:
        """Whose face speaks, in every file that shows it; who else is there; who is heard."""
        face = covering(self.records, IdentityUse("source", "face", seen[0], ""))
        for one, embedding in zip(self.inputs, seen, strict=False):
            yield IdentityUse("source", "face", embedding, one.sha256, face)
        for person in self.found.people:
            yield IdentityUse("target", "face", person.embedding, recipe.inputs[0].sha256)
        yield from self.speech.uses(self.records, self.say)

    def _sound(self) -> DraftSound:
        """What is heard, from its first sample on; no longer than what is seen."""
        speech = self.speech
        pieces = iter([SoundPiece(0, "", first_of(speech.heard(), self.most_s))])
        return DraftSound(speech.sr, speech.channels, pieces, None, self.start_s)

    @property
    def start_s(self) -> Fraction:
        """Time of the target's first picture."""
        return self.info.start_pts * self.info.time_base


@dataclass(frozen=True, slots=True)
class _Scene:
    """The pictures of one draft."""

    work: Work
    recipe: Recipe
    talker: Talker
    spoken: Said
    covered_s: NDArray[np.float64]
    onlookers: list[Callable[[Frame], None]]
    avoid: dict[int, tuple[Box, ...]]

    def segments(self) -> Iterator[DraftSegment]:
        """The target's pieces, and what is shown after its end."""
        work, avoid = self.work, self.avoid
        tally = work.found.tally
        cut = work.found.cut or find_pieces(work.info, on_damage=tally.damage, progress=work.say)
        beyond = self._beyond(cut[-1].index + 1)
        shoot = self._shoot(beyond)
        for piece in cut:
            yield DraftSegment(
                piece.index,
                segment_key(self.recipe, piece.index, piece.extents),
                piece.first,
                piece.last,
                render_piece(shoot, piece, tally, avoid),
                tally.lines_of(piece.index),
            )
        for one in beyond:
            yield DraftSegment(
                one.index,
                segment_key(self.recipe, one.index, tuple(one.shown)),
                one.shown[0][0],
                one.shown[-1][0],
                render_stretch(shoot, one, tally, avoid),
                tally.lines_of(one.index),
                added=len(one.shown),
            )

    def _beyond(self, first_index: int) -> list[Stretch]:
        """What is shown where the recording goes on after the video's end."""
        info, how = self.work.info, self.work.request.longer
        if how == "stop" or self.spoken.seconds <= (info.duration_s or 0):
            return []
        stop_pts = ceil((float(self.work.start_s) + self.spoken.seconds) / info.time_base)
        return stretches(info, stop_pts, how, first_index)

    def _covered(self, beyond: Sequence[Stretch]) -> NDArray[np.float64]:
        """(m, 2) seconds from when to when the mouth is covered, after the clip's end too."""
        base = self.work.info.time_base
        shown = np.array([one for stretch in beyond for one in stretch.shown], np.int64)
        when, of = shown.reshape(-1, 2).T * float(base)
        again = when[within(of, self.covered_s)]
        return np.concatenate([self.covered_s, np.stack([again, again], axis=1)])

    def _shoot(self, beyond: Sequence[Stretch]) -> Shoot:
        request, found = self.work.request, self.work.found
        lines = self.spoken.later(self.work.start_s)
        model = self.work.model
        generator = method.prepare(
            {MEMBER: self.talker},
            request.options,
            lines={MEMBER: lines},
            drawn_by={MEMBER: model.network} if model else None,
            covered_s={MEMBER: self._covered(beyond)},
        )
        rig = Rig(
            METHOD, generator, method.radius, request.blending, portrays=True, stays_behind=True
        )
        info, wanted = self.work.info, found.wanted
        return Shoot(info, found.reader, rig, found.people, wanted, self.onlookers)
