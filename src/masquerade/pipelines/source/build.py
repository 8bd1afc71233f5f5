"""An appearance model built from a person's pictures, under their consent, as a file."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import masquerade
from masquerade.errors import FaceError, UsageError
from masquerade.faces.appearance.build import build
from masquerade.faces.appearance.file import (
    ENDING,
    About,
    AppearanceFile,
    read_appearance,
    write_appearance,
)
from masquerade.faces.appearance.portrait import portraits_of
from masquerade.faces.coverage import Coverage, judge, measure
from masquerade.faces.embed import distance
from masquerade.faces.portrait import identity as identity_of
from masquerade.faces.readers import FaceReader
from masquerade.media.endings import check_folder
from masquerade.pipelines.cast import mean_embedding, read_sources
from masquerade.pipelines.report_file import fill
from masquerade.pipelines.source.material import MOST
from masquerade.pipelines.source.trained import read_trained
from masquerade.provenance.consent.check import FACE_THRESHOLD
from masquerade.provenance.consent.model_consent import mark_model
from masquerade.provenance.consent.record import ANY, ConsentRecord
from masquerade.provenance.consent.records import load_lender
from masquerade.provenance.gates import (
    blocked,
    consent_guardian,
    consent_sources,
    inputs_unchanged,
    unsafe_content,
)
from masquerade.provenance.gates.gate import Request
from masquerade.provenance.model_pictures import is_model
from masquerade.telling import no_progress
from masquerade.types import Draft, IdentityUse, InputUse, Recipe, SourcePicture

METHOD: Final = "swap_appearance"
_GATES: Final = (
    inputs_unchanged.GATE,
    consent_sources.GATE,
    consent_guardian.GATE,
    unsafe_content.GATE,
    blocked.GATE,
)
_MOVING: Final = ("video", "animation", "still")


@dataclass(frozen=True, slots=True)
class Built:
    """What was built.

    Attributes:
        out: The file.
        file: What it holds.
        coverage: What its pictures show together.
        distance: Of the face that it draws to that of its pictures.
        notes: What was left out of it, and why.
        took_s: Seconds it took, reading included.
    """

    out: Path
    file: AppearanceFile
    coverage: Coverage
    distance: float
    notes: tuple[str, ...]
    took_s: float

    def lines(self) -> list[str]:
        """The account in plain words."""
        lines = [f"{self.out}: built in {self.took_s:.1f} s", *told(self.file, self.coverage)]
        lines.append(
            f"the face it draws is {self.distance:.2f} from that of its pictures (up to"
            f" {FACE_THRESHOLD:.2f} counts as the same person)"
        )
        return [*lines, *(f"note: {words}" for words in self.notes)]

    def as_json(self) -> dict[str, object]:
        """The account for programs."""
        return {
            "out": str(self.out),
            **told_json(self.file, self.coverage),
            "distance": round(self.distance, 4),
            "notes": list(self.notes),
            "seconds": round(self.took_s, 2),
        }


def told(file: AppearanceFile, coverage: Coverage) -> list[str]:
    """What an appearance file is, in plain words."""
    model, (low, _, high) = file.model, coverage.ranges["yaw_deg"]
    lines = [
        f"made of {model.count} pictures from {len(file.about.inputs)} files, {len(model.examples)}"
        f" of them kept; {file.size_bytes / 1e6:.1f} MB",
        f"faces of {model.face_px:.0f} px in the middle, heads turned from {low:+.0f} to"
        f" {high:+.0f} degrees",
        f"built under consent {file.about.consent} by {file.about.made_by}",
    ]
    return lines + [f"missing: {words}" for words in coverage.missing]


def told_json(file: AppearanceFile, coverage: Coverage) -> dict[str, object]:
    """The same for programs."""
    return {
        "pictures": file.model.count,
        "kept": len(file.model.examples),
        "bytes": file.size_bytes,
        "consent": file.about.consent,
        "made_by": file.about.made_by,
        "inputs": list(file.about.inputs),
        "missing": list(coverage.missing),
    }


def build_source(
    paths: Sequence[Path],
    out: Path,
    consents: Sequence[Path],
    reader: FaceReader,
    *,
    overwrite: bool = False,
    progress: Callable[[str, int, int | None], None] | None = None,
) -> Built:
    """An appearance model of one person, as a file that carries their consent.

    The gates that look at sources look at these before anything is built, and at what the model
    draws before anything is kept.

    Args:
        paths: Photos, videos, or folders of them.
        out: Where it goes; ends in ``.mface``.
        consents: The one record that covers the person.
        reader: The loaded face networks.
        overwrite: Replace it if it exists.
        progress: Told (what, done, in all).

    Raises:
        UsageError: The request makes no sense.
        RefusedError: Consent or a policy gate says no.
        InputError: A file is of no use, or the model does not look like the person.
        OutputError: It cannot be written.
    """
    began, say = time.monotonic(), progress or no_progress
    _check_out(out, paths, overwrite=overwrite)
    record = load_lender(consents, lent="face")
    say("looking at the source", 0, None)
    notes: list[str] = []
    pictures = read_sources(
        paths, reader, videos=True, most=MOST, on_skip=notes.append, on_fault=notes.append
    )
    say("checking consent and policy", 0, None)
    _pass_gates(pictures, record)
    say("building the model", 0, None)
    measures = [measure(one.pixels, one.face) for one in pictures]
    identity = mean_embedding(pictures)
    about = About(
        made_by=f"Masquerade {masquerade.__version__}",
        consent=record.id,
        inputs=tuple(dict.fromkeys(one.input.sha256 for one in pictures)),
    )
    apart: list[float] = []

    def write(fresh: Path) -> None:
        model = build(pictures)
        apart.append(distance(identity_of(tuple(portraits_of(model)), reader), identity))
        _check_likeness(apart[0])
        write_appearance(fresh, model, about, measures, identity)
        mark_model(fresh, [record], name=out.name)
        fresh.chmod(0o600)  # it is somebody's face
        _pass_gates([read_trained(fresh, reader)], record)

    fill(out, write)
    took_s = time.monotonic() - began
    return Built(out, read_appearance(out), judge(measures), apart[0], tuple(notes), took_s)


def _check_out(out: Path, paths: Sequence[Path], *, overwrite: bool) -> None:
    check_folder(out)
    if out.suffix.lower() != ENDING:
        raise UsageError(f"{out} is to hold an appearance model", f"a name that ends in {ENDING}")
    if out.exists() and not overwrite:
        raise UsageError(f"{out} exists", "a new file", "choose another name, or add --overwrite")
    model = next((path for path in paths if is_model(path)), None)
    if model is not None:
        raise UsageError(
            f"{model.name} is a model already", "photos and videos of one person", "leave it out"
        )


def _pass_gates(pictures: Sequence[SourcePicture], record: ConsentRecord) -> None:
    """Passes when every gate that looks at sources lets these be used.

    Raises:
        RefusedError: One does not.
    """
    inputs = tuple(dict.fromkeys(one.input for one in pictures))
    recipe = Recipe(METHOD, masquerade.__version__, "{}", (), inputs)
    kind = next((one for one in _MOVING if one in record.media), "video")
    draft = Draft(
        recipe=recipe,
        uses=tuple(_uses(pictures, record)),
        target=_place(inputs[0]),
        kind=kind,  # type: ignore[arg-type]
        segments=iter(()),
    )
    purpose = "" if record.purposes[0] == ANY else record.purposes[0]
    request = Request(draft, (record,), purpose)
    for gate in _GATES:
        if gate.check is not None:
            gate.check(request)


def _uses(pictures: Sequence[SourcePicture], record: ConsentRecord) -> Iterator[IdentityUse]:
    for one in pictures:
        yield IdentityUse("source", "face", one.embedding, one.input.sha256, record.id)
    first = pictures[0].input.sha256
    yield IdentityUse("source", "face", mean_embedding(pictures), first, record.id)


def _place(use: InputUse) -> Path:
    if use.path is None:
        raise UsageError(f"it is not known where {use.name} lies", "a file")
    return use.path


def _check_likeness(apart: float) -> None:
    """Passes when the drawn face is that of the pictures.

    Raises:
        FaceError: It is not.
    """
    if not apart <= FACE_THRESHOLD:
        raise FaceError(
            f"the model does not look like its pictures (distance {apart:.2f})",
            f"at most {FACE_THRESHOLD:.2f}",
            "add clear pictures from the front; `masquerade source inspect` says what is missing",
        )
