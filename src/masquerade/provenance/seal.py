"""The one way out: a draft is sealed, and only what is sealed can be saved.

::

    seal   gates (consent, policy) -> Sealed
    save   gates again -> for each segment: frames -> looked at -> label -> watermark -> encode
           -> part
           -> join -> gates once more -> C2PA manifest -> manifest and watermark read back
           -> ledger row -> rename

Every step either succeeds or raises, and nothing at the output's place changes before the last
one. No option, flag or variable leaves a step out. A `Sealed` that was forged gains nothing:
`save` does not rely on it, it passes the gates again with the draft that it holds.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO, Final, final

from masquerade.errors import FaceError, MasqueradeError, OutputError, ProvenanceError, RefusedError
from masquerade.media.ahead import ahead
from masquerade.media.probe import MediaInfo, filmed, probe
from masquerade.media.write import (
    Encoding,
    SoundTrack,
    check_output,
    check_sound_output,
    encode_segment,
    join,
    write_animation,
    write_sound,
    write_still,
)
from masquerade.provenance import ledger
from masquerade.provenance.c2pa.formats import is_embedded, sidecar_of
from masquerade.provenance.c2pa.manifest import input_path, wording_of
from masquerade.provenance.c2pa.signing import open_signing
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.provenance.draft_sound import SoundFlow, sound_shape, with_marks
from masquerade.provenance.gates.inputs_unchanged import as_measured
from masquerade.provenance.gates.watch import Watch
from masquerade.provenance.label import ENGLISH, Clip, Label
from masquerade.provenance.marked_frames import Counts, check_through, cut, marked
from masquerade.provenance.parts import Part, Parts, open_parts
from masquerade.provenance.policy import Request, pass_gates
from masquerade.provenance.publish import Made, publish
from masquerade.provenance.saved import SaveReport
from masquerade.provenance.work import Progress, Work
from masquerade.provenance.write_faults import plain_faults
from masquerade.telling import no_progress
from masquerade.types import Draft, DraftSegment, Frame

_AHEAD: Final = 3  # finished frames that wait for the encoder


class _Token:
    """Only this module has one."""


_TOKEN = _Token()


@final
@dataclass(frozen=True, slots=True)
class Sealed:
    """A draft that passed every gate, ready for `save`. Only `seal` makes one."""

    request: Request
    label_preset: str
    ledger_id: str
    token: _Token = field(repr=False)
    label_language: str = ENGLISH

    def __post_init__(self) -> None:
        if self.token is not _TOKEN:
            raise ProvenanceError(
                "a Sealed was made by hand", "one given back by seal()", "call seal(draft, ...)"
            )


def seal(
    draft: Draft,
    *,
    consents: Sequence[ConsentRecord],
    purpose: str,
    label_preset: str = "eu",
    label_language: str = ENGLISH,
    trained_on: Sequence[ConsentRecord] = (),
    home: Path | None = None,
) -> Sealed:
    """The draft, allowed to be saved.

    Args:
        draft: What is to be made; nothing of it is generated yet.
        consents: The records that cover its sources, and performers where there are some.
        purpose: What it is for, as the records word it.
        label_preset: Name of the visible label.
        label_language: Code of the language it is written in.
        trained_on: Records of further people whom that which makes it has learned; those in a
            model among the inputs are found there.
        home: The installation's folder instead of the usual one.

    Raises:
        ConsentError: A source is not covered; the message says why.
        PolicyError: Another gate closed.
        ProvenanceError: Keys or ledger cannot be relied on.
    """
    _label_of(draft, label_preset, label_language).check()
    request = Request(draft, tuple(consents), purpose, home, tuple(trained_on))
    pass_gates(request)
    return Sealed(request, label_preset, ledger.new_row_id(), _TOKEN, label_language)


def save(
    sealed: Sealed,
    out: Path,
    *,
    encoding: Encoding,
    progress: Progress | None = None,
) -> SaveReport:
    """What was written: labelled, signed, entered in the ledger, at `out` in one step.

    A run that is killed leaves encrypted parts beside `out`; the same call goes on from them.

    Args:
        sealed: From `seal`.
        out: The output; replaced if it exists, and only once the new file is complete.
        encoding: Codec and quality.
        progress: Called with a stage, how much of it is done, and of how much if that is known.

    Raises:
        RefusedError: A gate closed since.
        FaceError: Nothing was changed in any frame.
        OutputError: The output cannot be written.
        ProvenanceError: A mark could not be made, or did not read back.
    """
    _check_sealed(sealed)
    out = Path(out)
    if sealed.request.draft.conceals:
        encoding = encoding.model_copy(update={"tags": "drop"})
    _check_place(out, sealed.request.draft, encoding)
    work = _work_of(sealed, out, encoding, progress or no_progress)
    with (
        plain_faults(out),
        as_measured(sealed.request),
        open_parts(out, work.job_key(), home=sealed.request.home) as parts,
        _nothing_kept_if_refused(parts),
    ):
        made = _MAKERS[work.draft.kind](work, parts)
        with made.media:
            _judge(work, made, parts)
            return publish(_still_allowed(work, made), parts, made)


def rehearse(sealed: Sealed, *, encoding: Encoding) -> Iterator[int]:
    """The segments of a video, made, looked at, marked and encoded as `save` does; nothing is kept.

    For measuring how long a job takes: frames of each segment are given when it is through.

    Raises:
        RefusedError: A gate closed.
        ProvenanceError: The draft is no video, or was saved before.
    """
    _check_sealed(sealed)
    draft = sealed.request.draft
    if draft.kind != "video":
        raise ProvenanceError(f"a rehearsal of a {draft.kind}", "a video")
    work = _work_of(sealed, draft.target, encoding, no_progress)
    info = _pictured(draft)
    segments, clip = cut(work, info)
    for segment in segments:
        yield _encoded(segment, clip, info, work, (0, info.frame_count)).frames


def _work_of(sealed: Sealed, out: Path, encoding: Encoding, progress: Progress) -> Work:
    """The work of a draft, past the gates.

    Raises:
        RefusedError: A gate closed.
        ProvenanceError: Keys, ledger or signer cannot be relied on.
    """
    request = sealed.request
    passed = pass_gates(request)  # before anything else of a Sealed that may be forged is read
    return Work(
        request=request,
        label=_label_of(request.draft, sealed.label_preset, sealed.label_language),
        ledger_id=sealed.ledger_id,
        out=out,
        encoding=encoding,
        passed=passed,
        progress=progress,
        signing=open_signing(request.home),
        watch=Watch(request),
    )


def _check_sealed(sealed: Sealed) -> None:
    if type(sealed) is not Sealed or sealed.token is not _TOKEN:
        raise ProvenanceError(
            f"a {type(sealed).__name__} cannot be saved", "a Sealed", "call seal(draft, ...) first"
        )


@contextmanager
def _nothing_kept_if_refused(parts: Parts) -> Iterator[None]:
    """Removes finished parts when a gate closes, or nobody could be changed in any of them."""
    try:
        yield
    except (RefusedError, FaceError):
        parts.discard()
        raise


def _judge(work: Work, made: Made, parts: Parts) -> None:
    """Passes when the draft is content with what came of it; else nothing is kept.

    Raises:
        MasqueradeError: It is not.
    """
    try:
        work.draft.judge({index: part.tally for index, part in made.parts if part.tally})
        if made.sound is not None:
            made.sound.sound.judge(made.sound.tallies)
    except MasqueradeError:
        parts.discard()
        raise


def _still_allowed(work: Work, made: Made) -> Work:
    """The work, past the gates again: hours may have gone by, inputs and consent may have changed.

    Raises:
        RefusedError: They have, or what was made is on a block list by now.
    """
    work.watch.check_again([one for _, part in made.parts for one in part.bare])
    return replace(work, passed=pass_gates(work.request))


def _check_place(out: Path, draft: Draft, encoding: Encoding) -> None:
    """Everything about the output that can be known before hours of work go into it."""
    is_embedded(out)
    _check_inputs(out, draft)
    shape = sound_shape(draft)
    if draft.kind == "sound":
        assert shape is not None  # sound_shape says so
        check_sound_output(_made_from(draft), out, encoding, shape)
    else:
        check_output(_pictured(draft), out, encoding, kind=draft.kind, sound=shape)


def _made_from(draft: Draft) -> MediaInfo | None:
    """The sound that a draft changes; None where it is new as a whole."""
    return probe(draft.target) if wording_of(draft) == "AI MODIFIED" else None


def _pictured(draft: Draft) -> MediaInfo:
    """What the pictures of a draft are like."""
    return filmed(probe(draft.target), draft.film)


def _label_of(draft: Draft, preset: str, language: str) -> Label:
    return Label(preset, language, wording_of(draft), is_heard=draft.kind == "sound")


def _check_inputs(out: Path, draft: Draft) -> None:
    """Every input can become an ingredient, and none of them is where the output goes."""
    for item in draft.recipe.inputs:
        path = input_path(draft, item)
        for place in (out, sidecar_of(out)):
            if place.exists() and path.exists() and place.samefile(path):
                raise OutputError(
                    f"{place} is an input of this job", "another place", "choose another name"
                )
    if not is_embedded(out) and sidecar_of(out).exists() and not out.exists():
        raise OutputError(
            f"{sidecar_of(out).name} exists and is the manifest of another file",
            "a name whose manifest can lie beside it",
            "choose another name",
        )


def _make_video(work: Work, parts: Parts) -> Made:
    info = _pictured(work.draft)
    kept: list[tuple[int, str]] = []
    made: list[tuple[int, Part]] = []
    resumed = done = 0
    segments, clip = cut(work, info)
    total = _count(segments, info, is_film=work.draft.film is not None)
    for segment in segments:
        part = parts.find(segment)
        resumed += part is not None
        if part is None:
            part = _encoded(segment, clip, info, work, (done, total))
            parts.put(segment, part)
        kept.append((segment.index, segment.key))
        made.append((segment.index, _without_data(part)))
        done += part.frames
        work.progress("frames", done, total)
    if not kept:
        raise ProvenanceError("the draft has no frames left", "a draft that was not saved before")
    work.progress("joining", 0, None)
    joined = parts.work_file("joined")
    flow = _flow(work, parts)
    notes = join(
        parts.data(kept),
        info,
        joined,
        work.encoding,
        ending=work.out.suffix,
        sound=_track(flow, work)[0] if flow else None,
    )
    return Made(_without_name(joined), tuple(made), notes, resumed, flow)


def _make_sound(work: Work, parts: Parts) -> Made:
    flow = _flow(work, parts)
    assert flow is not None
    info = _made_from(work.draft)
    joined = parts.work_file("joined")
    track, later_s = _track(flow, work)
    notes = write_sound(track, info, joined, work.encoding, ending=work.out.suffix, moved_s=later_s)
    return Made(_without_name(joined), (), notes, sound=flow)


def _flow(work: Work, parts: Parts) -> SoundFlow | None:
    sound = work.draft.sound
    return SoundFlow(sound, parts, work.progress) if sound else None


def _track(flow: SoundFlow, work: Work) -> tuple[SoundTrack, Fraction]:
    """The sound of a draft with its marks, and by how many seconds it comes later for them."""
    marked, later_s = with_marks(flow.blocks(), work.label, work.mark)
    sound = flow.sound
    return SoundTrack(marked, sound.sr, sound.channels, sound.start_s), later_s


def _count(segments: Sequence[DraftSegment], info: MediaInfo, *, is_film: bool) -> int | None:
    """Frames in all: the target's, and those that come besides; None where nobody knows.

    Of a film that is made of a still, all come besides.
    """
    known = 0 if is_film else info.frames_told
    return None if known is None else known + sum(one.added for one in segments) or None


def _encoded(
    segment: DraftSegment,
    clip: Clip,
    info: MediaInfo,
    work: Work,
    done_of: tuple[int, int | None],
) -> Part:
    done, total = done_of
    counts = Counts(done)
    with closing(ahead(marked(segment, work, counts, total, clip), _AHEAD)) as frames:
        data = encode_segment(frames, info, work.encoding)
        check_through(segment, frames, counts)
    return Part(counts.frames, counts.covered, segment.tally(), *counts.taken(), data)


def _make_animation(work: Work, parts: Parts) -> Made:
    info = probe(work.draft.target)
    counts, made = Counts(0), list[tuple[int, Part]]()
    segments, clip = cut(work, info)

    def frames() -> Iterator[Frame]:
        for segment in segments:
            yield from marked(segment, work, counts, info.frame_count, clip)
            made.append((segment.index, Part(0, 0, segment.tally(), (), (), b"")))

    stream = frames()
    joined = parts.work_file("joined")
    notes = write_animation(stream, joined, info, work.encoding, ending=work.out.suffix)
    if next(stream, None) is not None or not counts.frames:
        raise ProvenanceError("not every frame was written", "all frames of the draft")
    total = Part(counts.frames, counts.covered, "", *counts.taken(), b"")
    return Made(_without_name(joined), ((-1, total), *made), notes)


def _make_still(work: Work, parts: Parts) -> Made:
    info = probe(work.draft.target)
    segments, clip = cut(work, info)
    if len(segments) != 1:
        raise ProvenanceError(f"a still picture of {len(segments)} segments", "one")
    counts = Counts(0)
    frames = marked(segments[0], work, counts, 1, clip)
    made = list(frames)
    if len(made) != 1:
        raise ProvenanceError(f"a still picture of {len(made)} frames", "one")
    joined = parts.work_file("joined")
    notes = write_still(made[0], joined, info, work.encoding, ending=work.out.suffix)
    part = Part(counts.frames, counts.covered, segments[0].tally(), *counts.taken(), b"")
    return Made(_without_name(joined), ((segments[0].index, part),), notes)


_MAKERS: Final = {
    "video": _make_video,
    "animation": _make_animation,
    "still": _make_still,
    "sound": _make_sound,
}


def _without_data(part: Part) -> Part:
    return replace(part, data=b"")


def _without_name(path: Path) -> BinaryIO:
    """The file, open for reading; where the system can, its name is gone, so that a kill frees it.

    Unsigned media should not lie around.
    """
    file = path.open("rb")
    if os.name == "posix":
        path.unlink()
    return file
