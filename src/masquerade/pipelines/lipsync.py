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

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from masquerade.errors import ConsentError, UsageError
from masquerade.faces.readers import FaceReader
from masquerade.media.audio import read_audio
from masquerade.media.encoding import Encoding
from masquerade.media.probe import MediaInfo, probe
from masquerade.models.speech_content import SpeechContent
from masquerade.models.store import Progress as FetchProgress
from masquerade.pipelines.cast import CastMember
from masquerade.pipelines.findings import Findings, fetch_for_gates, look_into, open_target
from masquerade.pipelines.generate import Plan
from masquerade.pipelines.lipsync_draft import MEMBER, Request, Work
from masquerade.pipelines.lipsync_learn import learn
from masquerade.pipelines.make import Made, check_out
from masquerade.pipelines.people import Person
from masquerade.pipelines.request import only_purpose
from masquerade.pipelines.talking_footage import SR, read_footage
from masquerade.pipelines.who_talks import who_talks
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.provenance.consent.records import load
from masquerade.provenance.label import Label
from masquerade.provenance.seal import save, seal
from masquerade.speech.heard import hear

__all__ = ["Request", "lipsync", "plan"]

Progress: TypeAlias = Callable[[str, int, int | None], None]


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
    found, person = _speaker(info, request.speaker, reader, content, say)
    clip = read_footage(target, 0, person, found.people, reader, content, say)
    more = [
        read_footage(path, number, person, (), reader, content, say)
        for number, path in enumerate(request.footage, 1)
    ]
    say("learning how the mouth moves", 0, 0)
    learned = learn((clip, *more))
    heard = hear(read_audio(request.speech, sr=SR, mono=True), content)
    work = Work(info, found, request, (clip, *more), learned, heard, tuple(records), say)
    return Plan(work.draft(), info, found.people, found.tally, learned.notes)


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


def _silent(_stage: str, _done: int, _total: int | None) -> None:
    """Nobody listens."""


def _nobody(_words: str) -> None:
    """Told what nobody asked for."""
