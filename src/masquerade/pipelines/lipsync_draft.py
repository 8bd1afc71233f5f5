"""The draft of a lip sync: frames with another mouth, and the recording as its sound."""

from __future__ import annotations

import hashlib
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
from masquerade.errors import ConsentError, ModelError
from masquerade.generate import lipsync as method
from masquerade.hashing import file_sha256
from masquerade.media.audio import read_audio
from masquerade.media.probe import MediaInfo
from masquerade.models.card import card
from masquerade.models.phone_recogniser import PhoneRecogniser
from masquerade.models.speech_content import CARD as CONTENT
from masquerade.pipelines.findings import Findings
from masquerade.pipelines.first_look import find_pieces
from masquerade.pipelines.lengthened import Longer, Stretch, render_stretch, stretches
from masquerade.pipelines.lipsync_learn import Learned
from masquerade.pipelines.render import Rig, Shoot, render_piece
from masquerade.pipelines.talking_footage import SR, Footage
from masquerade.provenance.consent.check import check_face, check_voice
from masquerade.provenance.consent.measured_voice import voices_in
from masquerade.provenance.consent.record import ConsentRecord, Kind
from masquerade.speech.heard import Heard
from masquerade.speech.phones import BILABIALS, phones
from masquerade.types import (
    Audio,
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
_BLOCK_S: Final = 10  # of sound that is handed on at once
_USUAL_FPS: Final = Fraction(25)


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for.

    Attributes:
        speech: The recording that is heard instead.
        consents: Records of whose face speaks and of whose voice is heard.
        footage: More videos of the person who speaks.
        speaker: Who speaks; see `masquerade.pipelines.people.resolve`.
        purpose: What it is for; may be left out where the records name just one purpose.
        language: Of the recording: where it is English, lips close on its b, m and p.
        longer: What is seen where the recording is longer than the video: nothing, both end
            together (``stop``); its last frame (``hold``); the video back and forth (``loop``).
        options: The method's.
        blending: How patches are put into frames.
    """

    speech: Path
    consents: tuple[Path, ...] = ()
    footage: tuple[Path, ...] = ()
    speaker: str = "auto"
    purpose: str = ""
    language: Language = "en"
    longer: Longer = "stop"
    options: method.Options = field(default_factory=method.Options)
    blending: ComposeOptions = field(default_factory=ComposeOptions)


@dataclass(frozen=True, slots=True)
class Work:
    """All that goes into one draft."""

    info: MediaInfo
    found: Findings
    request: Request
    footage: tuple[Footage, ...]
    learned: Learned
    heard: Heard
    records: tuple[ConsentRecord, ...]
    say: Callable[[str, int, int], None]

    def draft(self) -> Draft:
        """The draft: nothing of it is generated yet."""
        speech = InputUse(
            "driving", self.request.speech.name, file_sha256(self.request.speech),
            self.request.speech,
        )  # fmt: skip
        recipe = self._recipe(speech)
        onlookers: list[Callable[[Frame], None]] = []
        avoid: dict[int, tuple[Box, ...]] = {}
        return Draft(
            recipe=recipe,
            uses=tuple(self._uses(recipe, speech)),
            target=self.info.path,
            kind="video",
            segments=self._segments(recipe, onlookers, avoid),
            avoid=avoid,
            onlookers=onlookers,
            judge=self.found.tally.judge,
            sound=self._sound(),
        )

    def _recipe(self, speech: InputUse) -> Recipe:
        request = self.request
        target = self.footage[0].input
        options = {
            "method": request.options.as_recorded(),
            "compose": json.loads(request.blending.canonical_json()),
            "speaker": self.found.places()[MEMBER],
            "language": request.language,
            "longer": request.longer,
        }
        cards = (*self.found.reader.cards, CONTENT)
        return Recipe(
            method=METHOD,
            version=masquerade.__version__,
            options_json=json.dumps(options, sort_keys=True, separators=(",", ":")),
            models=tuple((name, card(name).sha256) for name in cards),
            inputs=(
                InputUse("target", target.name, target.sha256, target.path),
                *(one.input for one in self.footage),
                speech,
            ),
        )

    def _uses(self, recipe: Recipe, speech: InputUse) -> Iterator[IdentityUse]:
        """Whose face speaks, in every file that shows it; who else is there; who is heard."""
        face = _covering_face(self.records, self.footage[0].embedding)
        for one in self.footage:
            yield IdentityUse("source", "face", one.embedding, one.input.sha256, face)
        for person in self.found.people:
            yield IdentityUse("target", "face", person.embedding, recipe.inputs[0].sha256)
        assert speech.path is not None
        for voice in voices_in(speech.path, speech.sha256):
            record = _covering_voice(self.records, voice.embedding)
            yield IdentityUse("driving", "voice", voice.embedding, speech.sha256, record)

    def _segments(
        self,
        recipe: Recipe,
        onlookers: list[Callable[[Frame], None]],
        avoid: dict[int, tuple[Box, ...]],
    ) -> Iterator[DraftSegment]:
        tally = self.found.tally
        shoot = self._shoot(onlookers)
        cut = self.found.cut or find_pieces(self.info, on_damage=tally.damage, progress=self.say)
        for piece in cut:
            yield DraftSegment(
                piece.index,
                _key(recipe, piece.index, [(one.first, one.last) for one in piece.spans]),
                piece.first,
                piece.last,
                render_piece(shoot, piece, tally, avoid),
                tally.lines_of(piece.index),
            )
        for one in self._beyond(cut[-1].index + 1):
            yield DraftSegment(
                one.index,
                _key(recipe, one.index, one.shown),
                one.shown[0][0],
                one.shown[-1][0],
                render_stretch(shoot, one, tally, avoid),
                tally.lines_of(one.index),
            )

    def _beyond(self, first_index: int) -> list[Stretch]:
        """What is shown where the recording goes on after the video's end."""
        how = self.request.longer
        if how == "stop" or self._speech_s() <= (self.info.duration_s or 0):
            return []
        stop_pts = ceil((self._start_s() + self._speech_s()) / self.info.time_base)
        return stretches(self.info, stop_pts, how, first_index)

    def _shoot(self, onlookers: list[Callable[[Frame], None]]) -> Shoot:
        generator = method.prepare(
            {MEMBER: self.learned.talker}, self.request.options, lines={MEMBER: self._lines()}
        )
        rig = Rig(METHOD, generator, method.radius, self.request.blending, portrays=True)
        found = self.found
        return Shoot(self.info, found.reader, rig, found.people, found.wanted, onlookers)

    def _lines(self) -> method.Lines:
        """The shapes of the mouth over the target's time, at its own rate."""
        step = 1 / (self.info.frame_rate or _USUAL_FPS)
        count = int(len(self.heard) * 0.02 / step) + 1
        speech_s = np.asarray(np.arange(count) * float(step), np.float64)
        shapes = self.learned.articulation(self.heard, speech_s + self.heard.start_s)
        rest = self.learned.talker.space.rest
        shapes = rest + np.float32(self.learned.livelier) * (shapes - rest)
        return method.Lines(speech_s + float(self._start_s()), shapes, self._shut_s())

    def _shut_s(self) -> NDArray[np.float64]:
        """(m, 2) seconds of the target's time during which lips are closed."""
        if self.request.language != "en":
            return np.zeros((0, 2))
        sound = read_audio(self.request.speech, sr=SR, mono=True)
        later = float(self._start_s() - sound.start_s)
        found = [
            (one.start_s + later, one.end_s + later)
            for one in phones(sound, PhoneRecogniser.open())
            if one.name in BILABIALS
        ]
        return np.array(found, np.float64).reshape(-1, 2)

    def _start_s(self) -> Fraction:
        return self.info.start_pts * self.info.time_base

    def _speech_s(self) -> Fraction:
        """How long the recording lasts."""
        return Fraction(len(self.heard), 50)

    def _sound(self) -> DraftSound:
        """The recording, from its first sample on; no longer than what is seen."""
        sound = read_audio(self.request.speech)
        most = sound.samples.shape[1]
        if self.request.longer == "stop" and self.info.duration_s is not None:
            most = min(most, int(self.info.duration_s * sound.sr))
        size = _BLOCK_S * sound.sr

        def blocks() -> Iterator[Audio]:
            for first in range(0, most, size):
                part = sound.samples[:, first : min(first + size, most)]
                yield Audio(part, sound.sr, Fraction(first, sound.sr))

        pieces = iter([SoundPiece(0, "", blocks())])
        return DraftSound(sound.sr, sound.samples.shape[0], pieces, most, self._start_s())


def _covering_face(records: Sequence[ConsentRecord], embedding: Embedding) -> str:
    """The record that seems to be theirs; whether it covers them is for the gates to say."""
    able = [one for one in records if "face" in one.modality and one.kind is not Kind.PERFORMER]
    return _first_that(able or records, lambda one: check_face(one, embedding))


def _covering_voice(records: Sequence[ConsentRecord], embedding: Embedding) -> str:
    able = [one for one in records if "voice" in one.modality]
    return _first_that(able or records, lambda one: check_voice(one, embedding))


def _first_that(records: Sequence[ConsentRecord], check: Callable[[ConsentRecord], float]) -> str:
    for one in records:
        try:
            check(one)
        except (ConsentError, ModelError):
            continue
        return one.id
    return records[0].id


def _key(recipe: Recipe, index: int, shown: Sequence[tuple[int, int]]) -> str:
    """Name of a segment's content: equal exactly where the frames would be equal."""
    inputs = [(use.role, use.sha256) for use in recipe.inputs]
    made = [recipe.method, recipe.version, recipe.options_json, recipe.models, inputs]
    return hashlib.sha256(json.dumps([made, index, list(shown)]).encode()).hexdigest()
