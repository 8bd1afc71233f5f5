"""Somebody in a video says something else: their lips follow a recording, which is heard instead.

::

    look (who is there?) -> study (their footage: shapes, looks, sound) -> learn to articulate
    speech -> heard -> shapes over time, lips closed where they must
    pieces -> track -> windows -> generate.lipsync -> compose -> frames
    the recording, sample by sample -> the new sound

Whose face is made to speak is a source of the draft, as the one whose face is swapped in would be:
the gates measure the video themselves and ask for that person's record. Who is heard drives it, and
needs a record for the voice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

import masquerade
from masquerade.compose.blend import ComposeOptions
from masquerade.errors import ConsentError, ModelError, UsageError
from masquerade.faces.readers import FaceReader
from masquerade.faces.talker import Talker
from masquerade.generate import lipsync as method
from masquerade.hashing import file_sha256
from masquerade.media.audio import read_audio
from masquerade.media.encoding import Encoding
from masquerade.media.probe import MediaInfo, probe
from masquerade.models.card import card
from masquerade.models.phone_recogniser import PhoneRecogniser
from masquerade.models.speech_content import CARD as CONTENT
from masquerade.pipelines.cast import CastMember
from masquerade.pipelines.findings import Findings, fetch_for_gates, look_into, open_target
from masquerade.pipelines.first_look import find_pieces
from masquerade.pipelines.generate import Plan
from masquerade.pipelines.make import Made, check_out
from masquerade.pipelines.people import Person
from masquerade.pipelines.pieces import Piece
from masquerade.pipelines.render import Rig, Shoot, render_piece
from masquerade.pipelines.request import only_purpose
from masquerade.pipelines.talking_footage import SR, Footage, read_footage
from masquerade.provenance.consent.check import check_face, check_voice
from masquerade.provenance.consent.measured_voice import voices_in
from masquerade.provenance.consent.record import ConsentRecord, Kind
from masquerade.provenance.consent.records import load
from masquerade.provenance.label import Label
from masquerade.provenance.seal import save, seal
from masquerade.speech.articulation import LEAST, Articulation, Lesson
from masquerade.speech.content import SpeechContent
from masquerade.speech.heard import Heard, hear
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

Progress: TypeAlias = Callable[[str, int, int | None], None]
Language: TypeAlias = Literal["en", "other"]
METHOD: Final = "lipsync"
_MEMBER: Final = "0"
_BLOCK_S: Final = 10  # of sound that is handed on at once
_USUAL_FPS: Final = Fraction(25)
_FEW_S: Final = 25.0  # of footage, below which the mouth is known poorly


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
        options: The method's.
        blending: How patches are put into frames.
    """

    speech: Path
    consents: tuple[Path, ...] = ()
    footage: tuple[Path, ...] = ()
    speaker: str = "auto"
    purpose: str = ""
    language: Language = "en"
    options: method.Options = field(default_factory=method.Options)
    blending: ComposeOptions = field(default_factory=ComposeOptions)


def lipsync(
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
    """A sealed video in which somebody says what a recording says.

    Args:
        target: A video in which the person is seen.
        out: Where the result goes; its ending chooses the container.
        request: What they say, and under whose consent.
        encoding: How the result is encoded.
        label: Preset of the visible label.
        label_language: Code of the language it is written in.
        overwrite: Replace `out` if it exists.
        progress: Told (stage, done, total or None).
        tell: Told, before anything is made, what the user should know, in sentences.

    Raises:
        UsageError: The request makes no sense.
        RefusedError: Consent or a policy gate says no.
        InputError: A file cannot be used; FaceError where it is the face.
        ProvenanceError: A mark could not be made.
        OutputError: The result cannot be written.

    Example:
        >>> lipsync(Path("clip.mp4"), Path("out.mp4"), Request(Path("new.wav")))  # doctest: +SKIP
    """
    look = Label(label, label_language)
    look.check()
    check_out(out, target, overwrite=overwrite)
    records = tuple({one.id: one for one in map(load, request.consents)}.values())
    if not records:
        raise ConsentError(
            "no consent record is given for the person who is made to speak",
            "their record, for the face; and one for the voice that is heard",
            "add --consent RECORD; `masquerade consent new --help` says how to make one",
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
    progress: Progress | None = None,
) -> Plan:
    """The draft of a request, ready to be sealed; arguments and errors as for `lipsync`."""
    say = progress or _silent
    info = open_target(target)
    if info.kind != "video":
        raise UsageError(f"{target.name} is a {info.kind}", "a video of somebody")
    spoken = probe(request.speech)
    if not spoken.audio:
        raise UsageError(f"{request.speech.name} holds no sound", "a recording of speech")
    reader = FaceReader.open(progress=progress)
    content = SpeechContent.open(progress=progress)
    fetch_for_gates(say)
    found = look_into(info, (CastMember(request.speaker, ()),), reader, say)
    person = _speaker(found)
    clip = read_footage(target, 0, person, found.people, reader, content, say)
    more = [
        read_footage(path, number, person, (), reader, content, say)
        for number, path in enumerate(request.footage, 1)
    ]
    say("learning how the mouth moves", 0, 0)
    learned = learn((clip, *more))
    heard = hear(read_audio(request.speech, sr=SR, mono=True), content)
    notes = _notes(learned)
    job = _Job(info, found, request, (clip, *more), learned, heard, tuple(records), say)
    return Plan(job.draft(), info, found.people, found.tally, notes)


@dataclass(frozen=True, slots=True)
class Learned:
    """What footage taught.

    Attributes:
        talker: Shapes and looks of the mouth.
        articulation: How it moves with what is said.
        taught_s: Seconds of talking that it was learned from.
    """

    talker: Talker
    articulation: Articulation
    taught_s: float


def learn(footage: Sequence[Footage]) -> Learned:
    """How a person talks.

    Raises:
        InputError: The footage has no sound, or is too short.
    """
    sights = [one for item in footage for one in item.sights]
    talker = Talker.of(sights)
    lessons = []
    for item in footage:
        if item.heard is None or not len(item.heard):
            continue
        times_s = np.array([one.time_s for one in item.sights])
        shapes = np.stack([talker.space.shape_of(one.skull) for one in item.sights])
        within = times_s <= item.heard.times_s()[-1] + 0.1
        lessons.append(Lesson(item.heard, times_s[within], shapes[within]))
    step_s = float(np.median(np.diff([one.time_s for one in footage[0].sights])))
    taught = sum(len(one.times_s) for one in lessons)
    if taught < LEAST:
        raise UsageError(
            "there is no footage in which the person is seen and heard to talk",
            f"at least {LEAST} frames, best two minutes",
            "add videos of the same person talking with --footage",
        )
    return Learned(talker, Articulation.learned(lessons), taught * step_s)


def _speaker(found: Findings) -> Person:
    person = found.wanted[_MEMBER]
    if person is not None:
        return person
    raise UsageError("everyone as the speaker", "one person: auto, left, right, a number, a photo")


def _notes(learned: Learned) -> tuple[str, ...]:
    notes = []
    if learned.taught_s < _FEW_S:
        notes.append(
            f"the mouth was learned from {learned.taught_s:.0f} s of talking; from 30 s it follows"
            " speech well, from two minutes very well: add videos of the same person with --footage"
        )
    return tuple(notes)


@dataclass(frozen=True, slots=True)
class _Job:
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
            "speaker": self.found.places()[_MEMBER],
            "language": request.language,
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
                _key(recipe, piece),
                piece.first,
                piece.last,
                render_piece(shoot, piece, tally, avoid),
                tally.lines_of(piece.index),
            )

    def _shoot(self, onlookers: list[Callable[[Frame], None]]) -> Shoot:
        generator = method.prepare(
            {_MEMBER: self.learned.talker}, self.request.options, lines={_MEMBER: self._lines()}
        )
        rig = Rig(METHOD, generator, method.radius, self.request.blending)
        found = self.found
        return Shoot(self.info, found.reader, rig, found.people, found.wanted, onlookers)

    def _lines(self) -> method.Lines:
        """The shapes of the mouth over the target's time, at its own rate."""
        step = 1 / (self.info.frame_rate or _USUAL_FPS)
        count = int(len(self.heard) * 0.02 / step) + 1
        speech_s = np.arange(count) * float(step)
        shapes = self.learned.articulation(self.heard, speech_s + self.heard.start_s)
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

    def _sound(self) -> DraftSound:
        sound = read_audio(self.request.speech)
        channels = sound.samples.shape[0]
        most = sound.samples.shape[1]
        if self.info.duration_s is not None:
            most = min(most, int(self.info.duration_s * sound.sr))
        size = _BLOCK_S * sound.sr

        def blocks() -> Iterator[Audio]:
            for first in range(0, most, size):
                part = sound.samples[:, first : min(first + size, most)]
                yield Audio(part, sound.sr, Fraction(first, sound.sr))

        pieces = iter([SoundPiece(0, "", blocks())])
        return DraftSound(sound.sr, channels, pieces, most, self._start_s())


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
