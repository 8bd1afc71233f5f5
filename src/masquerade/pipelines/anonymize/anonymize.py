"""Everybody in a file becomes a person who does not exist, or the file is not written.

::

    pieces -> survey (who is where, and where somebody cannot be drawn over)
           -> refuse, or cover those heads, as was decided
           -> a persona for each person -> seal (the shipped consent records) -> save -> account
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final

from masquerade import personas
from masquerade.errors import FaceError, UsageError
from masquerade.faces.readers import FaceReader
from masquerade.generate import anonymize as method
from masquerade.generate import voice_disguise
from masquerade.hashing import file_sha256
from masquerade.media.encoding import Encoding
from masquerade.media.probe import MediaInfo, probe
from masquerade.pipelines.anonymize.account import Anonymized, stretches
from masquerade.pipelines.anonymize.draft import BLENDING, Cast, Request, Work
from masquerade.pipelines.anonymize.render import Account
from masquerade.pipelines.anonymize.stand_ins import SAFE, Candidate, choose
from masquerade.pipelines.anonymize.survey import Survey, survey
from masquerade.pipelines.anonymize.trouble import NOBODY, Trouble
from masquerade.pipelines.cast import mean_embedding, read_sources
from masquerade.pipelines.first_look import find_pieces
from masquerade.pipelines.people import Person, resolve
from masquerade.pipelines.saving import USUAL, Saving
from masquerade.pipelines.voice.disguise import LIMITS, Disguise, planned
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.provenance.consent.records import load
from masquerade.provenance.saved import SaveReport
from masquerade.provenance.seal import save, seal
from masquerade.telling import Progress, Tell, no_progress, no_words
from masquerade.types import Draft, InputUse

__all__ = ["BLENDING", "Request", "anonymize"]

PURPOSE: Final = "anonymisation"
VOICE: Final = (
    "the sound is kept, and voices identify people: whoever knows the speaker hears who it is;"
    " --voice disguise makes them hard to recognise, --drop-sound leaves the sound out"
)


def anonymize(
    target: Path,
    out: Path,
    request: Request,
    saving: Saving = USUAL,
    *,
    progress: Progress | None = None,
    tell: Tell | None = None,
) -> Anonymized:
    """A sealed file in which those who were to be hidden are other people.

    Args:
        target: A picture or a video.
        out: Where the result goes; its ending chooses the container.
        request: Who is to be hidden, and what if that is not possible.
        saving: How the result is marked and stored; its encoding says whether sound is kept.
        progress: Told (stage, done, total or None).
        tell: Told, before anything is made, what the user should know, in sentences.

    Raises:
        UsageError: The request makes no sense.
        FaceError: Somebody cannot be hidden, with times and reasons; nothing is written.
        RefusedError: A policy gate says no.
        InputError: The target cannot be used.
        ProvenanceError: A mark could not be made.
        OutputError: The result cannot be written.

    Example:
        >>> anonymize(Path("clip.mp4"), Path("out.mp4"), Request())  # doctest: +SKIP
    """
    saving.check(out, target)
    _check_request(request)
    info, reader = probe(target), FaceReader.open(progress=progress)
    if info.kind == "audio":
        raise UsageError(f"{target.name} is sound only", "a picture or a video")
    saving.check(out, target, kind=info.kind)
    voice = _disguised(info, request, saving.encoding, progress)
    notes = [VOICE] if info.audio and saving.encoding.audio != "none" and voice is None else []
    for note in notes:
        (tell or no_words)(note)
    damages: list[str] = []
    cut = () if info.kind == "still" else find_pieces(info, on_damage=damages.append)
    seen = survey(
        info, cut, reader, lambda face: method.unfit(face, request.options), tell=progress
    )
    numbers = _to_hide(seen, request, reader)
    trouble = _trouble(seen, numbers)
    if trouble and request.on_failure == "refuse":
        raise _cannot_hide(trouble, info.time_base)
    digest = file_sha256(target)
    cast = _cast(seen, numbers, request, reader, key=bytes.fromhex(digest))
    work = Work(info, cut, seen, numbers, cast, trouble, request, reader, Account(), voice)
    draft = work.draft(InputUse("target", f"target {digest[:12]}", digest, target))
    saved = _saved(draft, out, cast.consents, saving, progress)
    if voice is not None:
        notes += [voice.words, *voice.notes, LIMITS]
    return work.result(saved, (*notes, *damages))


def _saved(
    draft: Draft,
    out: Path,
    consents: Sequence[ConsentRecord],
    saving: Saving,
    progress: Progress | None,
) -> SaveReport:
    """What was made, sealed and saved."""
    sealed = seal(
        draft,
        consents=consents,
        purpose=PURPOSE,
        label_preset=saving.label.preset,
        label_language=saving.label.language,
    )
    return save(sealed, out, encoding=saving.encoding, progress=progress)


def _disguised(
    info: MediaInfo, request: Request, encoding: Encoding, progress: Progress | None
) -> Disguise | None:
    """The voice of a video and the way it is to speak, where that was asked for.

    Raises:
        UsageError: There is no sound, or it is to be left out.
        InputError: It holds no speech.
    """
    if request.voice == "keep":
        return None
    if not info.audio or info.kind != "video" or encoding.audio == "none":
        raise UsageError(
            "the voice is to be disguised, and there is none"
            if not info.audio
            else "the voice is to be disguised, and the sound left out",
            "a video with sound, and either of the two",
            "leave one of the flags out",
        )
    return planned(info.path, voice_disguise.Options(), progress or no_progress)


def _cast(
    seen: Survey, numbers: Sequence[int], request: Request, reader: FaceReader, *, key: bytes
) -> Cast:
    """The personas for these people.

    Raises:
        FaceError: None hides somebody well enough, and nobody decided that they be covered.
    """
    everyone = [_candidate(name, reader) for name in personas.names()]
    chosen = choose(
        {number: seen.people[number] for number in numbers},
        everyone,
        reader,
        key=key,
        options=request.options,
        blending=request.blending,
    )
    for number, one in chosen.items():
        if not one.name and request.on_failure == "refuse":
            raise FaceError(
                f"every persona still resembles person {number + 1} (distance {one.trial:.2f})",
                f"at least {SAFE:.2f}",
                "nothing was written; raise --shape, or --on-failure pixelate covers the head",
            )
    names = {number: one.name for number, one in chosen.items() if one.name}
    used = {one.name: one for one in everyone if one.name in names.values()}
    records = tuple(load(personas.load(name).consent) for name in used)
    return Cast(names, used, records)


def _candidate(name: str, reader: FaceReader) -> Candidate:
    pictures = read_sources([personas.load(name).picture], reader)
    return Candidate(name, pictures, mean_embedding(pictures))


def _check_request(request: Request) -> None:
    """Passes where the request makes sense and shows nothing of those who are to be hidden.

    Raises:
        UsageError: It does not.
    """
    blending = request.blending
    if request.keep and request.only:
        raise UsageError("both --keep and --only are given", "one of them")
    if blending.show != "result":
        raise UsageError(
            f"--show {blending.show} would show the people who are to be hidden",
            "the result",
            "leave --show out",
        )
    if blending.occlusion != "off":
        raise UsageError(
            f"--occlusion {blending.occlusion} could show parts of the people who are to be hidden",
            "off, as it is here by default",
            "leave --occlusion out",
        )


def _to_hide(seen: Survey, request: Request, reader: FaceReader) -> tuple[int, ...]:
    """Numbers of the people to be hidden."""
    people = [one.person for one in seen.people]
    named = {_number(who, people, reader) for who in (*request.keep, *request.only)}
    if request.only:
        return tuple(sorted(named))
    left = tuple(number for number in range(len(people)) if number not in named)
    if not left and not seen.trouble:
        raise FaceError(
            "nobody is to be hidden: no face was found" + (" but those kept" if people else ""),
            "at least one face",
            "nothing was written; check that the file shows the people meant",
        )
    return left


def _number(who: str, people: Sequence[Person], reader: FaceReader) -> int:
    found = resolve(who, people, reader)
    if found is None:
        raise UsageError(f"{who} as a name", "one person: left, right, largest, a number, a photo")
    return next(number for number, person in enumerate(people) if person is found)


def _trouble(seen: Survey, numbers: Sequence[int]) -> dict[int, tuple[Trouble, ...]]:
    """The heads that are to be hidden and cannot be drawn over, by pts."""
    wanted = {NOBODY, *numbers}
    found = {
        pts: tuple(one for one in those if one.person in wanted)
        for pts, those in seen.trouble.items()
    }
    return {pts: those for pts, those in found.items() if those}


def _cannot_hide(trouble: Mapping[int, tuple[Trouble, ...]], time_base: Fraction) -> FaceError:
    flat = [one for pts in sorted(trouble) for one in trouble[pts]]
    told = "; ".join(stretches(flat, time_base))
    return FaceError(
        f"somebody would stay recognisable in {len(trouble)} frames: {told}",
        "every face drawn over in every frame",
        "nothing was written; --on-failure pixelate covers those heads, or cut these parts out",
    )
