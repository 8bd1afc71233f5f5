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

import errno
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO, Final, final

from masquerade.errors import FaceError, OutputError, ProvenanceError, RefusedError
from masquerade.hashing import file_sha256
from masquerade.media.ahead import ahead
from masquerade.media.probe import MediaInfo, probe
from masquerade.media.write import (
    Encoding,
    check_output,
    encode_segment,
    join,
    write_animation,
    write_still,
)
from masquerade.provenance import fingerprint, ledger
from masquerade.provenance.c2pa.credentials import read_credentials
from masquerade.provenance.c2pa.formats import is_embedded, sidecar_of
from masquerade.provenance.c2pa.manifest import Statement, input_path, networks_said, wording_of
from masquerade.provenance.c2pa.signing import Signing, open_signing
from masquerade.provenance.c2pa.write import sign
from masquerade.provenance.canonical import canonical_bytes, sha256_hex, unicode_text
from masquerade.provenance.consent.record import ConsentRecord
from masquerade.provenance.gates.rules import RULES_SHA256
from masquerade.provenance.gates.watch import Watch
from masquerade.provenance.home import sync_folder
from masquerade.provenance.label import ENGLISH, Clip, Label, clip_of, labelled
from masquerade.provenance.parts import Part, Parts, open_parts
from masquerade.provenance.policy import Passed, Request, pass_gates
from masquerade.provenance.saved import SaveReport
from masquerade.provenance.watermark.marking import SCHEME, Mark, MarkClaim, find_mark, mark_of
from masquerade.types import Draft, DraftSegment, Frame

Progress = Callable[[str, int, int | None], None]

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
    home: Path | None = None,
) -> Sealed:
    """The draft, allowed to be saved.

    Args:
        draft: What is to be made; nothing of it is generated yet.
        consents: The records that cover its sources, and performers where there are some.
        purpose: What it is for, as the records word it.
        label_preset: Name of the visible label.
        label_language: Code of the language it is written in.
        home: The installation's folder instead of the usual one.

    Raises:
        ConsentError: A source is not covered; the message says why.
        PolicyError: Another gate closed.
        ProvenanceError: Keys or ledger cannot be relied on.
    """
    Label(label_preset, label_language, wording_of(draft)).check()
    request = Request(draft, tuple(consents), purpose, home)
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
    passed = pass_gates(sealed.request)
    signing = open_signing(sealed.request.home)
    work = _Work(sealed, out, encoding, passed, progress or _silent, signing, Watch(sealed.request))
    with (
        _plain_faults(out),
        open_parts(out, work.job_key(), home=sealed.request.home) as parts,
        _nothing_kept_if_refused(parts),
    ):
        made = _MAKERS[work.draft.kind](work, parts)
        with made.media:
            work.draft.judge({index: part.tally for index, part in made.parts if part.tally})
            return _publish(_still_allowed(work, made), parts, made)


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
    passed, signing = pass_gates(sealed.request), open_signing(sealed.request.home)
    watch = Watch(sealed.request)
    work = _Work(sealed, draft.target, encoding, passed, _silent, signing, watch)
    info = probe(draft.target)
    segments, clip = _cut(work, info)
    for segment in segments:
        yield _encoded(segment, clip, info, work, 0).frames


def _check_sealed(sealed: Sealed) -> None:
    if type(sealed) is not Sealed or sealed.token is not _TOKEN:
        raise ProvenanceError(
            f"a {type(sealed).__name__} cannot be saved", "a Sealed", "call seal(draft, ...) first"
        )


@dataclass(frozen=True, slots=True)
class _Work:
    sealed: Sealed
    out: Path
    encoding: Encoding
    passed: Passed
    progress: Progress
    signing: Signing
    watch: Watch

    @property
    def draft(self) -> Draft:
        return self.sealed.request.draft

    @property
    def label(self) -> Label:
        sealed = self.sealed
        return Label(sealed.label_preset, sealed.label_language, wording_of(self.draft))

    @property
    def mark(self) -> Mark:
        return mark_of(self.job_key(), home=self.sealed.request.home)

    @property
    def statement(self) -> Statement:
        return Statement(
            self.draft,
            self.passed,
            self.sealed.request.purpose,
            self.label,
            self.sealed.ledger_id,
            self.mark.text,
        )

    def job_key(self) -> str:
        """Name of all that decides the bytes of a part, besides its segment."""
        recipe = self.draft.recipe
        inputs = [[item.role, item.sha256] for item in recipe.inputs]
        models = [list(pair) for pair in recipe.models]
        marks = [self.label.as_json(), SCHEME, self.encoding.canonical_json(), RULES_SHA256]
        # Parts that were looked at under another block list are made, and looked at, anew.
        notices = list(self.watch.notices)
        # Not for the pictures, but for their watermark: its id is to lead to one consent.
        request = self.sealed.request
        use = [request.purpose, sorted(one.id for one in request.consents), self.out.suffix]
        made = [list(recipe.methods), recipe.version, recipe.options_json, models, inputs]
        return sha256_hex(canonical_bytes([*made, marks, notices, use]))  # type: ignore[list-item]


@contextmanager
def _nothing_kept_if_refused(parts: Parts) -> Iterator[None]:
    """Removes finished parts when a gate closes, or nobody could be changed in any of them."""
    try:
        yield
    except (RefusedError, FaceError):
        parts.discard()
        raise


def _still_allowed(work: _Work, made: _Made) -> _Work:
    """The work, past the gates again: hours may have gone by, inputs and consent may have changed.

    Raises:
        RefusedError: They have, or what was made is on a block list by now.
    """
    work.watch.check_again([one for _, part in made.parts for one in part.bare])
    return replace(work, passed=pass_gates(work.sealed.request))


@dataclass(frozen=True, slots=True)
class _Made:
    """Finished media, not signed yet, and the account of it."""

    media: BinaryIO
    parts: tuple[tuple[int, Part], ...]
    notes: tuple[str, ...]
    resumed: int = 0


def _silent(_stage: str, _done: int, _total: int | None) -> None:
    """Progress that nobody asked for."""


def _check_place(out: Path, draft: Draft, encoding: Encoding) -> None:
    """Everything about the output that can be known before hours of work go into it."""
    is_embedded(out)
    _check_inputs(out, draft)
    check_output(probe(draft.target), out, encoding, kind=draft.kind)


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


def _make_video(work: _Work, parts: Parts) -> _Made:
    info = probe(work.draft.target)
    kept: list[tuple[int, str]] = []
    made: list[tuple[int, Part]] = []
    resumed = done = 0
    segments, clip = _cut(work, info)
    for segment in segments:
        part = parts.find(segment)
        resumed += part is not None
        if part is None:
            part = _encoded(segment, clip, info, work, done)
            parts.put(segment, part)
        kept.append((segment.index, segment.key))
        made.append((segment.index, _without_data(part)))
        done += part.frames
        work.progress("frames", done, info.frame_count)
    if not kept:
        raise ProvenanceError("the draft has no frames left", "a draft that was not saved before")
    work.progress("joining", 0, None)
    joined = parts.work_file("joined")
    notes = join(parts.data(kept), info, joined, work.encoding, ending=work.out.suffix)
    return _Made(_without_name(joined), tuple(made), notes, resumed)


def _cut(work: _Work, info: MediaInfo) -> tuple[list[DraftSegment], Clip]:
    """The segments, and what their labels know of the whole; their keys say that too."""
    segments = list(work.draft.segments)
    clip = clip_of(work.draft, segments, info)
    return [replace(one, key=f"{one.key} {clip}") for one in segments], clip


def _encoded(segment: DraftSegment, clip: Clip, info: MediaInfo, work: _Work, done: int) -> Part:
    counts = _Counts(done)
    marked = _marked(segment, work, counts, info.frame_count, clip)
    with closing(ahead(marked, _AHEAD)) as frames:
        data = encode_segment(frames, info, work.encoding)
        _check_through(segment, frames, counts)
    return Part(counts.frames, counts.covered, segment.tally(), *counts.taken(), data)


def _make_animation(work: _Work, parts: Parts) -> _Made:
    info = probe(work.draft.target)
    counts, made = _Counts(0), list[tuple[int, Part]]()
    segments, clip = _cut(work, info)

    def frames() -> Iterator[Frame]:
        for segment in segments:
            yield from _marked(segment, work, counts, info.frame_count, clip)
            made.append((segment.index, Part(0, 0, segment.tally(), (), (), b"")))

    stream = frames()
    joined = parts.work_file("joined")
    notes = write_animation(stream, joined, info, work.encoding, ending=work.out.suffix)
    if next(stream, None) is not None or not counts.frames:
        raise ProvenanceError("not every frame was written", "all frames of the draft")
    total = Part(counts.frames, counts.covered, "", *counts.taken(), b"")
    return _Made(_without_name(joined), ((-1, total), *made), notes)


def _make_still(work: _Work, parts: Parts) -> _Made:
    info = probe(work.draft.target)
    segments, clip = _cut(work, info)
    if len(segments) != 1:
        raise ProvenanceError(f"a still picture of {len(segments)} segments", "one")
    counts = _Counts(0)
    frames = _marked(segments[0], work, counts, 1, clip)
    made = list(frames)
    if len(made) != 1:
        raise ProvenanceError(f"a still picture of {len(made)} frames", "one")
    joined = parts.work_file("joined")
    notes = write_still(made[0], joined, info, work.encoding, ending=work.out.suffix)
    part = Part(counts.frames, counts.covered, segments[0].tally(), *counts.taken(), b"")
    return _Made(_without_name(joined), ((segments[0].index, part),), notes)


_MAKERS = {"video": _make_video, "animation": _make_animation, "still": _make_still}


@dataclass(slots=True)
class _Counts:
    before: int
    frames: int = 0
    covered: int = 0
    prints: list[fingerprint.Print] = field(default_factory=list)
    bare: list[fingerprint.Print] = field(default_factory=list)

    def taken(self) -> tuple[tuple[fingerprint.Print, ...], tuple[fingerprint.Print, ...]]:
        """Fingerprints of the pictures as written, and of what they were before their marks."""
        return tuple(self.prints), tuple(self.bare)


def _marked(
    segment: DraftSegment, work: _Work, counts: _Counts, total: int | None, clip: Clip
) -> Iterator[Frame]:
    """A segment's frames with every mark that goes into pixels: the label, then the watermark."""
    label, avoid = work.label, work.draft.avoid
    bare = work.watch.outputs(segment, counts.bare)

    def with_label() -> Iterator[Frame]:
        for frame, covers in labelled(bare, label, avoid, clip):
            counts.covered += covers
            yield frame

    taken = fingerprint.EachSecond(counts.prints)
    for frame in work.mark.put(with_label()):
        taken.see(frame)
        counts.frames += 1
        work.progress("frames", counts.before + counts.frames, total)
        yield frame


def _check_through(segment: DraftSegment, frames: Iterator[Frame], counts: _Counts) -> None:
    if next(frames, None) is not None or not counts.frames:
        raise ProvenanceError(
            f"segment {segment.index} was not written as a whole", "every frame of the draft"
        )


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


def _publish(work: _Work, parts: Parts, made: _Made) -> SaveReport:
    """Signs, reads back, enters in the ledger, and only then puts the file in its place."""
    home = work.sealed.request.home
    work.progress("signing", 0, None)
    signed = parts.work_file(f"signed{work.out.suffix}")
    manifest = sign(
        made.media,
        signed,
        work.statement,
        title=work.out.name,
        signing=work.signing,
        home=home,
    )
    if manifest is not None:
        sidecar_of(signed).write_bytes(manifest)
    _check_read_back(signed, work, home)
    mark = _read_mark(signed, work, home)
    digest = file_sha256(signed)
    report = _report(work, made, digest, mark, beside=manifest is not None)
    body = _ledger_body(work, made, mark, report)
    ledger.append("output", digest, body, row_id=report.ledger_id, home=home)
    # The sidecar goes first: a stop in between leaves no output without its manifest.
    moves = [(signed, work.out)]
    if report.sidecar is not None:
        moves.insert(0, (sidecar_of(signed), report.sidecar))
    for source, _ in moves:
        _sync(source)
    for source, place in moves:
        source.replace(place)
    sync_folder(work.out.parent)
    return report


def _check_read_back(signed: Path, work: _Work, home: Path | None) -> None:
    found = read_credentials(signed, home=home)
    here = [problem for problem in found.problems if problem.where == "this file"]
    time = work.signing.decision
    if time.ta_url and time.ta_policy == "required" and not found.signed_at:
        raise ProvenanceError(
            f"what the timestamp authority {time.ta_url} gave does not fit the signature",
            "a timestamp in every manifest, as was decided",
            "choose another authority: see `masquerade certificate timestamp --help`",
        )
    claimed = json.loads(found.seal).get("ledger") if found.seal else None
    if here or found.signer != "ours" or claimed != work.sealed.ledger_id:
        words = here[0].words if here else f"{found.state}, signer {found.signer} {found.note}"
        raise ProvenanceError(
            f"the manifest did not read back: {words}",
            "a valid manifest signed by this installation",
            "nothing was written; see `masquerade doctor`",
        )


def _read_mark(signed: Path, work: _Work, home: Path | None) -> MarkClaim:
    """What is to be said of the watermark, now that the file is finished.

    Raises:
        ProvenanceError: What was written cannot be read.
    """
    work.progress("reading the watermark", 0, None)
    seen = find_mark(signed, home=home)
    if seen.state == "unreadable":
        raise ProvenanceError(
            f"what was written cannot be read: {seen.note}", "pictures with a watermark in them"
        )
    return work.mark.claim(is_read_back=work.mark.text in seen.texts)


def _report(work: _Work, made: _Made, digest: str, mark: MarkClaim, *, beside: bool) -> SaveReport:
    return SaveReport(
        path=work.out,
        sidecar=sidecar_of(work.out) if beside else None,
        sha256=digest,
        ledger_id=work.sealed.ledger_id,
        label=work.label,
        watermark=mark.words,
        frames=sum(part.frames for _, part in made.parts),
        segments=sum(index >= 0 for index, _ in made.parts),
        resumed=made.resumed,
        covered_frames=sum(part.covered for _, part in made.parts),
        tallies=tuple((index, part.tally) for index, part in made.parts if part.tally),
        notes=(*made.notes, *work.signing.warnings()),
    )


def _ledger_body(work: _Work, made: _Made, mark: MarkClaim, report: SaveReport) -> str:
    recipe = work.draft.recipe
    consents = {one.record.id: one for one in work.passed.coverage}
    return canonical_bytes(
        {
            "name": unicode_text(work.out.name),
            "kind": work.draft.kind,
            "method": recipe.method,
            "also": list(recipe.also),
            "version": recipe.version,
            "options": recipe.options_json,
            "models": [{"name": name, "sha256": digest} for name, digest in recipe.models],
            "networks": networks_said(recipe),
            "inputs": [{"role": item.role, "sha256": item.sha256} for item in recipe.inputs],
            "purpose": work.sealed.request.purpose,
            "consents": [
                {"id": key, "standing": one.record.standing, "distance": round(one.distance, 4)}
                for key, one in consents.items()
            ],
            "label": report.label.as_json(),
            "watermark": mark.as_json(),
            "frames": report.frames,
            "fingerprint": {
                "scheme": fingerprint.SCHEME,
                "pictures": fingerprint.as_text(
                    [one for _, part in made.parts for one in part.prints]
                ),
            },
        }
    ).decode()


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


@contextmanager
def _plain_faults(out: Path) -> Iterator[None]:
    """Turns what the system says into an error that says what to do."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise OutputError(
                f"the disk of {out.parent} is full", "free space", "free some and run again"
            ) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise OutputError(
                f"no permission to write {out} ({error.strerror})", "a folder you may write to"
            ) from error
        raise OutputError(f"{out} cannot be written ({error.strerror or error})") from error
