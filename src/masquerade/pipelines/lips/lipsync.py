"""Somebody in a video says something else: their lips follow a recording, which is heard instead.

::

    look (who is there, what is said?) -> gates of consent and policy
    -> study (their footage: shapes, looks, sound) -> learn to articulate
    speech -> heard -> shapes over time, lips closed where they must
    pieces -> track -> windows -> generate.lipsync -> compose -> frames
    the recording, as it is or in another voice -> the new sound

Whose face is made to speak is a source of the draft, as the one whose face is swapped in would be:
the gates measure the video themselves and ask for that person's record. Who is heard drives it, and
needs a record for the voice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from masquerade.errors import ConsentError, UsageError
from masquerade.faces.readers import FaceReader
from masquerade.hashing import input_sha256
from masquerade.media.probe import MediaInfo
from masquerade.models.speech_content import SpeechContent
from masquerade.models.store import Progress as FetchProgress
from masquerade.pipelines.cast import CastMember
from masquerade.pipelines.findings import Findings, fetch_for_gates, look_into, open_target
from masquerade.pipelines.generate import Plan
from masquerade.pipelines.lips.covered import check_seen, told_of
from masquerade.pipelines.lips.draft import MEMBER, Request, Work
from masquerade.pipelines.lips.learn import Learned, learn
from masquerade.pipelines.lips.lines import Said, said, shut_s
from masquerade.pipelines.lips.model import LipsModel, open_lips
from masquerade.pipelines.lips.talking import read_footage
from masquerade.pipelines.lips.who_talks import who_talks
from masquerade.pipelines.make import Made, sealed
from masquerade.pipelines.people import Person
from masquerade.pipelines.request import only_purpose
from masquerade.pipelines.saving import USUAL, Saving
from masquerade.pipelines.voice.new_speech import NewSpeech, first_of, new_speech
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.provenance.consent.records import load
from masquerade.provenance.gates.gate import Request as GateRequest
from masquerade.provenance.policy import pass_gates
from masquerade.telling import Progress, Tell, no_progress
from masquerade.types import InputUse

__all__ = ["Request", "lipsync", "plan"]


def lipsync(
    target: Path,
    out: Path,
    request: Request,
    saving: Saving = USUAL,
    *,
    progress: Progress | None = None,
    tell: Tell | None = None,
) -> Made:
    """A sealed video in which somebody says what a recording says.

    Args:
        target: A video in which the person is seen.
        out: Where the result goes; its ending chooses the container.
        request: What they say, and under whose consent.
        saving: How the result is marked and stored.
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
    saving.check(out, target, kind="video")
    asked = _asked(request, progress or no_progress)
    planned = plan(target, asked, progress=progress)
    return sealed(planned, out, asked.records, asked.purpose, saving, progress=progress, tell=tell)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with its speech and its records opened.

    Attributes:
        request: As it was given.
        speech: What is heard.
        records: Those given, and those that the voice and the trained mouth carry.
        purpose: What it is for.
        model: The trained mouth.
    """

    request: Request
    speech: NewSpeech
    records: tuple[ConsentRecord, ...]
    purpose: str
    model: LipsModel | None = None


def _asked(request: Request, say: Progress) -> Asked:
    """The request, opened; no video is looked at yet."""
    given = tuple(map(load, request.consents))
    model = open_lips(request.model) if request.model else None
    carried = model.records if model else ()
    if not given and not carried:
        raise ConsentError(
            "no consent record is given for the person who is made to speak",
            "their record, for the face; and one for the voice that is heard",
            "add --consent RECORD; `masquerade consent new --help` says how to make one",
        )
    speech = new_speech(request.speech, request.text, request.voice, say)
    records = tuple({one.id: one for one in (*given, *carried, *speech.records)}.values())
    purpose = request.purpose or only_purpose(records)
    return Asked(request, speech, records, purpose, model)


def plan(target: Path, asked: Asked, *, progress: Progress | None = None) -> Plan:
    """The draft of a request, ready to be sealed; errors as for `lipsync`.

    Whoever has no consent is told so before the footage is studied.
    """
    say, request = progress or no_progress, asked.request
    info = open_target(target)
    if info.kind != "video":
        raise UsageError(
            f"{target.name} is {'an' if info.kind == 'animation' else 'a'} {info.kind}",
            "a video of somebody",
            "for somebody in a photo there is `masquerade portrait`",
        )
    reader = FaceReader.open(progress=progress)
    content = SpeechContent.open(progress=progress)
    fetch_for_gates(say)
    found, person = _speaker(info, request.speaker, reader, content, say)
    if asked.model:
        asked.model.check_person(person.embedding)
    shown = (target, *request.footage)
    inputs = tuple(
        InputUse("source", one.name, input_sha256(one, "a video of them"), one) for one in shown
    )
    work = Work(
        info,
        found,
        request,
        inputs,
        person.embedding,
        asked.speech,
        asked.records,
        say,
        asked.model,
    )
    say("checking consent and policy", 0, 0)
    pass_gates(GateRequest(work.asked(), asked.records, asked.purpose))
    say("looking whether lips are seen", 0, 0)
    check_seen(info, person, reader)
    footage = tuple(
        read_footage(one, number, person, () if number else found.people, reader, content, say)
        for number, one in enumerate(inputs)
    )
    say("learning how the mouth moves", 0, 0)
    learned = learn(footage, space=asked.model.space if asked.model else None)
    say("listening to what is to be said", 0, 0)
    spoken = _said(work, learned, content)
    notes = (*told_of(footage[0].covered_s, target.name), *learned.notes, *work.speech.damages)
    return Plan(work.draft(footage, learned, spoken), info, found.people, found.tally, notes)


def _said(work: Work, learned: Learned, content: SpeechContent) -> Said:
    """The shapes over the target's time, lips closed where they must be."""
    followed = work.speech.followed
    spoken = said(first_of(followed(), work.most_s), learned, content, step_s=work.step_s)
    end_s = work.start_s + (work.info.duration_s or 0)
    spoken = spoken.held(learned.talker, learned.held, work.start_s, end_s)
    if work.request.language != "en":
        return spoken
    closed = replace(spoken.lines, shut_s=shut_s(first_of(followed(), work.most_s)))
    return replace(spoken, lines=closed)


def _speaker(
    info: MediaInfo, who: str, reader: FaceReader, content: SpeechContent, say: FetchProgress
) -> tuple[Findings, Person]:
    """Who is in the target, and who of them is to speak."""
    named = "largest" if who == "auto" else who
    found = look_into(info, (CastMember(named, ()),), reader, say)
    person = found.wanted[MEMBER]
    if person is None:
        raise UsageError(
            "everyone as the speaker", "one person: auto, left, right, a number, a photo"
        )
    often = [one for one in found.people if one.seen > 1] or list(found.people)
    if who == "auto" and len(often) > 1:
        say("looking whose lips go with the sound", 0, 0)
        person = who_talks(info, often, reader, content)
        found = replace(found, wanted={MEMBER: person})
    return found, person
