"""A whole person in a video is replaced: they are still heard to move, and somebody else is seen.

::

    look (whose faces are there?) -> gates of consent and policy
    shots -> follow everybody, and the camera -> the place behind
    source -> figure; what will go wrong is told, and a shot that will not do stays as it is
    pieces -> generate.body -> compose -> frames

Who is seen lends their body, and needs a record that covers it; who is replaced lends their
movements, and needs a performer's. The gates measure the faces of both themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from masquerade.bodies.pose import BodyReader
from masquerade.errors import ConsentError, UsageError
from masquerade.faces.readers import FaceReader
from masquerade.media.as_it_is import as_it_is
from masquerade.media.probe import MediaInfo
from masquerade.models.store import Progress as FetchProgress
from masquerade.pipelines.body.draft import BLENDING, METHOD, Request, Stage, Terms, Work
from masquerade.pipelines.body.early import check_performers, check_photo
from masquerade.pipelines.body.expression import LEFT_STILL, face_model
from masquerade.pipelines.body.footage import (
    Footage,
    Poses,
    faces_there,
    facing,
    read_footage,
    read_lender,
    source_from,
)
from masquerade.pipelines.body.model import BodyModel, open_body
from masquerade.pipelines.body.source import BodySource, read_photo_source
from masquerade.pipelines.body.study import Study, check_who, shots_of, study
from masquerade.pipelines.findings import fetch_for_gates, open_target
from masquerade.pipelines.first_look import find_pieces, first_look
from masquerade.pipelines.generate import Plan
from masquerade.pipelines.holdout import open_holdout
from masquerade.pipelines.make import Made, sealed
from masquerade.pipelines.request import only_purpose
from masquerade.pipelines.saving import USUAL, Saving
from masquerade.pipelines.tally import Tally
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.provenance.consent.records import load_all
from masquerade.telling import Progress, Tell, no_progress

__all__ = ["BLENDING", "METHOD", "Request", "plan", "replace_body"]


def replace_body(
    target: Path,
    out: Path,
    request: Request,
    saving: Saving = USUAL,
    *,
    progress: Progress | None = None,
    tell: Tell | None = None,
) -> Made:
    """A sealed video in which somebody else is seen, who moves as the person did.

    Args:
        target: A video of the person.
        out: Where the result goes; its ending chooses the container.
        request: Who is to be seen, and under whose consent.
        saving: How the result is marked and stored.
        progress: Told (stage, done, total or None).
        tell: Told, before anything is made, what the user should know, in sentences.

    Raises:
        UsageError: The request makes no sense.
        RefusedError: Consent or a policy gate says no.
        InputError: A file cannot be used, or no shot will do; FaceError where it is the face.
        ProvenanceError: A mark could not be made.
        OutputError: The result cannot be written.

    Example:
        >>> replace_body(Path("a.mp4"), Path("b.mp4"), Request(Path("c.jpg")))  # doctest: +SKIP
    """
    saving.check(out, target, kind="video")
    records = load_all(request.consents)
    if not records:
        raise ConsentError(
            "no consent record is given",
            "one of the person who is to be seen, and a performer's of who is replaced",
            "add --consent RECORD twice; `masquerade consent new --body` makes one",
        )
    model = open_body(request.model) if request.model else None
    planned = plan(target, request, records, model=model, progress=progress)
    purpose = request.purpose or only_purpose(records)
    return sealed(
        planned,
        out,
        records,
        purpose,
        saving,
        progress=progress,
        tell=tell,
        trained_on=(model.record,) if model else (),
    )


def plan(
    target: Path,
    request: Request,
    records: Sequence[ConsentRecord],
    *,
    model: BodyModel | None = None,
    progress: FetchProgress | None = None,
) -> Plan:
    """The draft of a request, ready to be sealed; arguments and errors as for `replace_body`."""
    _check_sources(request)
    check_who(request.person)
    with as_it_is(target):  # the place behind whoever is replaced is drawn from it too
        return _planned(target, request, records, model, progress)


def _planned(
    target: Path,
    request: Request,
    records: Sequence[ConsentRecord],
    model: BodyModel | None,
    progress: FetchProgress | None,
) -> Plan:
    """The same, of a target that is held."""
    say = progress or no_progress
    info = _open_video(target)
    holdout = open_holdout(request.holdout, info) if request.holdout else None
    faces, bodies = FaceReader.open(progress=progress), BodyReader.open(progress=progress)
    fetch_for_gates(say)
    say("looking at the source", 0, 0)
    photo = read_photo_source(request.source, bodies, faces) if request.source else None
    video = read_lender(request.source_video, bodies, faces) if request.source_video else None
    lenders = tuple(one for one in (photo.lender if photo else None, video) if one)
    if model:
        model.check_person([face for one in lenders for face in one.embeddings])
    tally = Tally()
    looks, cut = first_look(info, on_damage=tally.damage, progress=say)
    people = faces_there(looks, faces)
    terms = Terms(info, request, lenders, people, tuple(records), faces.cards, model, holdout)
    say("checking consent and policy", 0, 0)
    terms.check(request.purpose or only_purpose(records))
    if photo and not video and not request.force_quality:
        check_photo(photo)
    cut = cut or find_pieces(info, on_damage=tally.damage, progress=say)
    say("looking at the shots", 0, 0)
    check_performers(
        info,
        shots_of(cut),
        terms.records,
        (bodies, faces),
        source=None if video else photo.range if photo else None,
        force_quality=request.force_quality,
    )
    footage = read_footage(video, bodies, say) if video else None
    seen = study(info, cut, bodies, say, who=request.person, faces=faces)
    source = _source(photo, footage, seen, request)
    stage = Stage.of(seen, source, terms)
    face = face_model(source.portraits, records) if request.options.face == "auto" else LEFT_STILL
    work = Work(terms, source, cut, stage, tally, faces, face)
    if work.also:
        terms.check(request.purpose or only_purpose(records), work.also)
    return Plan(work.draft(), info, people, tally, tuple(work.notes()))


def _open_video(target: Path) -> MediaInfo:
    info = open_target(target)
    if info.kind != "video":
        raise UsageError(
            f"{target.name} is a {info.kind}",
            "a video of somebody: what lies behind them is told by frames in which they move",
            "film it; faces alone are replaced in stills too, by `masquerade swap`",
        )
    return info


def _check_sources(request: Request) -> None:
    if request.source is None and request.source_video is None:
        raise UsageError(
            "no source is given", "a photo of the whole person, or --source-video", "see --help"
        )
    if request.way == "video" and request.source_video is None:
        raise UsageError("--way video without a video", "--source-video VIDEO")


def _source(
    photo: BodySource | None, footage: Footage | None, seen: Study, request: Request
) -> BodySource:
    """Whoever is to be seen, in the way that serves this target."""
    shots = []
    for shot in seen.shots:
        track = shot.chosen(request.person)
        if track is not None:
            shots.append(Poses(tuple(track.bodies), tuple(track.bodies.values())))
    if footage is not None and shots:
        return source_from(footage, photo, shots, request.way)
    if photo is None:
        raise seen.nobody(request.person)
    return facing(photo, shots)
