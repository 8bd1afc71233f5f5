"""A photo of somebody becomes a video in which they say what a recording says.

::

    look (who is there?) -> scale -> matte -> the photo taken apart
    speech -> phones, loudness, stretches of speech -> lips, head, breath, lids over time
    the photo, again and again -> windows -> generate.portrait -> frames
    the recording, sample by sample -> the sound

Whose face is made to speak is a source of the draft, as the one whose face is swapped in would be:
the gates measure the photo themselves and ask for that person's record. Who is heard drives it, and
needs a record for the voice.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from masquerade.errors import ConsentError
from masquerade.media.as_it_is import as_it_is
from masquerade.pipelines.generate import Plan
from masquerade.pipelines.make import Made, sealed
from masquerade.pipelines.portrait.draft import Request, draft_of
from masquerade.pipelines.portrait.sitter import find_sitter
from masquerade.pipelines.portrait.speech import read_speech
from masquerade.pipelines.request import only_purpose
from masquerade.pipelines.saving import USUAL, Saving
from masquerade.pipelines.voice.new_speech import NewSpeech, new_speech
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.provenance.consent.records import load_all
from masquerade.telling import Progress, Tell, no_progress

__all__ = ["Request", "plan", "portrait"]


def portrait(
    photo: Path,
    out: Path,
    request: Request,
    saving: Saving = USUAL,
    *,
    progress: Progress | None = None,
    tell: Tell | None = None,
) -> Made:
    """A sealed video in which somebody in a photo says what a recording says.

    Args:
        photo: A picture in which the person faces the camera.
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
        >>> portrait(Path("ada.jpg"), Path("out.mp4"), Request(Path("s.wav")))  # doctest: +SKIP
    """
    saving.check(out, photo, kind="video")
    records = load_all(request.consents)
    if not records:
        raise ConsentError(
            "no consent record is given for the person who is made to speak",
            "their record, for the face; and one for the voice that is heard",
            "add --consent RECORD; `masquerade consent new --help` says how to make one",
        )
    new = new_speech(request.speech, request.text, request.voice, progress or no_progress)
    records = tuple({one.id: one for one in (*records, *new.records)}.values())
    planned = plan(photo, request, records, new=new, progress=progress)
    purpose = request.purpose or only_purpose(records)
    return sealed(planned, out, records, purpose, saving, progress=progress, tell=tell)


def plan(
    photo: Path,
    request: Request,
    records: Sequence[ConsentRecord],
    *,
    new: NewSpeech | None = None,
    progress: Progress | None = None,
) -> Plan:
    """The draft of a request, ready to be sealed; arguments and errors as for `portrait`."""
    say = progress or no_progress
    new = new or new_speech(request.speech, request.text, request.voice, say)
    speech = read_speech(new, request.language, request.options.fps, say)
    with as_it_is(photo):
        sitter = find_sitter(photo, request.person, request.options, say)
        return draft_of(sitter, speech, request, records, say)
