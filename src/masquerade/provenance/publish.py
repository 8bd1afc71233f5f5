"""Finished media signed, read back, entered in the ledger, and only then put in their place.

Only `masquerade.provenance.seal` calls this, with work that passed every gate.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO, Final

from masquerade.errors import ProvenanceError
from masquerade.hashing import file_sha256
from masquerade.provenance import fingerprint, ledger
from masquerade.provenance.c2pa.credentials import read_credentials
from masquerade.provenance.c2pa.formats import sidecar_of
from masquerade.provenance.c2pa.manifest import networks_said
from masquerade.provenance.c2pa.write import sign
from masquerade.provenance.canonical import canonical_bytes, unicode_text
from masquerade.provenance.draft_sound import SoundFlow
from masquerade.provenance.home import sync_folder
from masquerade.provenance.parts import Part, Parts
from masquerade.provenance.saved import SaveReport
from masquerade.provenance.watermark.marking import (
    MarkClaim,
    MarkedIn,
    find_mark,
    find_sound_mark,
)
from masquerade.provenance.work import Work

SURE_S: Final = 10
"""From so many seconds on the sound of a video must give its watermark back."""


@dataclass(frozen=True, slots=True)
class Made:
    """Finished media, not signed yet, and the account of it."""

    media: BinaryIO
    parts: tuple[tuple[int, Part], ...]
    notes: tuple[str, ...]
    resumed: int = 0
    sound: SoundFlow | None = None


def publish(work: Work, parts: Parts, made: Made) -> SaveReport:
    """Signs, reads back, enters in the ledger, and only then puts the file in its place.

    Args:
        work: The job, past the gates once more.
        parts: The job's folder.
        made: The media, marked in their pixels.

    Raises:
        ProvenanceError: A mark could not be made, or did not read back.
        OSError: The output cannot be written.
    """
    home = work.request.home
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
    mark = _read_marks(signed, work, made, home)
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


def _check_read_back(signed: Path, work: Work, home: Path | None) -> None:
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
    if here or found.signer != "ours" or claimed != work.ledger_id:
        words = here[0].words if here else f"{found.state}, signer {found.signer} {found.note}"
        raise ProvenanceError(
            f"the manifest did not read back: {words}",
            "a valid manifest signed by this installation",
            "nothing was written; see `masquerade doctor`",
        )


def _read_marks(signed: Path, work: Work, made: Made, home: Path | None) -> MarkClaim:
    """What is to be said of the watermark, now that the file is finished.

    Raises:
        ProvenanceError: What was written cannot be read, or sound that can hold a mark holds none.
    """
    work.progress("reading the watermark", 0, None)
    is_heard = made.sound is not None and _is_heard(signed, work, made.sound, home)
    if work.draft.kind == "sound":
        return work.mark.claim("sound", is_read_back=is_heard, is_heard=is_heard)
    seen = find_mark(signed, home=home)
    if seen.state == "unreadable":
        raise ProvenanceError(
            f"what was written cannot be read: {seen.note}", "pictures with a watermark in them"
        )
    place: MarkedIn = "pictures" if made.sound is None else "both"
    return work.mark.claim(place, is_read_back=work.mark.text in seen.texts, is_heard=is_heard)


def _is_heard(signed: Path, work: Work, sound: SoundFlow, home: Path | None) -> bool:
    """Whether the mark was read in the sound; in a video it may be too short or quiet for that.

    Raises:
        ProvenanceError: It was not, and the sound stands alone, or is long enough.
    """
    heard = find_sound_mark(signed, home=home)
    if work.mark.text in heard.texts:
        return True
    short = sound.seconds < SURE_S or heard.state == "too small"
    if work.draft.kind != "sound" and short and heard.state != "unreadable":
        return False
    raise ProvenanceError(
        f"the watermark did not read back from the sound ({heard.note or heard.state})",
        "sound that holds its watermark in the codec it is written with",
        "nothing was written; raise --audio-kbps, or choose another codec or ending",
    )


def _report(work: Work, made: Made, digest: str, mark: MarkClaim, *, beside: bool) -> SaveReport:
    return SaveReport(
        path=work.out,
        sidecar=sidecar_of(work.out) if beside else None,
        sha256=digest,
        ledger_id=work.ledger_id,
        label=work.label,
        watermark=mark.words,
        frames=sum(part.frames for _, part in made.parts),
        segments=sum(index >= 0 for index, _ in made.parts)
        + (made.sound.pieces if made.sound else 0),
        resumed=made.resumed + (made.sound.resumed if made.sound else 0),
        covered_frames=sum(part.covered for _, part in made.parts),
        tallies=tuple((index, part.tally) for index, part in made.parts if part.tally),
        notes=(*made.notes, *work.signing.warnings()),
        sound_s=made.sound.seconds if made.sound else Fraction(0),
        sound_tallies=tuple(made.sound.tallies.items()) if made.sound else (),
    )


def _ledger_body(work: Work, made: Made, mark: MarkClaim, report: SaveReport) -> str:
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
            "purpose": work.request.purpose,
            "consents": [
                {
                    "id": key,
                    "standing": one.record.standing,
                    "distance": None if one.distance is None else round(one.distance, 4),
                }
                for key, one in consents.items()
            ],
            "label": report.label.as_json(),
            "watermark": mark.as_json(),
            "frames": report.frames,
            **({"sound_s": round(float(report.sound_s), 3)} if made.sound else {}),
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
