"""The recipe of examining: one file, every signal, a verdict that says how sure it is.

::

    file -> Sample (lazy) -> provenance -> each signal -> Evidence... -> fuse -> Verdict

A signal that fails on a strange file says so as evidence that does not apply; it never stops the
others, and never passes for "clean".
"""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Final

import masquerade
from masquerade import registry
from masquerade.errors import InputError, MasqueradeError, ModelError, ProvenanceError
from masquerade.faces.readers import FaceReader
from masquerade.forensics.evidence import (
    PROPOSITIONS,
    Applies,
    Evidence,
    Figure,
    Finding,
    Verdict,
    silent,
)
from masquerade.forensics.fuse import fuse
from masquerade.forensics.sample import Networks, Sample
from masquerade.hashing import file_digests
from masquerade.pipelines.examine.known_person import known_person
from masquerade.pipelines.examine.origin import origin
from masquerade.pipelines.examine.pictures import pictures
from masquerade.provenance.canonical import unicode_text
from masquerade.telling import no_progress

Tell = Callable[[str, int, int | None], None]
UNKNOWN: Final = "unknown"
_LIBRARIES: Final = ("numpy", "opencv-python-headless", "av", "pillow", "onnxruntime")


@dataclass(frozen=True, slots=True)
class Examination:
    """What came of examining one file.

    Attributes:
        name: The file's name without folder.
        sha256: Of the file.
        sha512: Of the file.
        size_bytes: Of the file.
        kind: Video, animation, still or audio; ``unknown`` where it could not be opened.
        duration_s: Its length; None for stills, and where the file does not say.
        seen: What was looked at, for the report.
        looked_at: The sampling plan in a sentence.
        damages: What could not be read as it should.
        evidence: From provenance and every signal, those that do not apply too.
        verdict: All of it together.
        command: The command line that gives the same again.
    """

    name: str
    sha256: str
    sha512: str
    size_bytes: int
    kind: str
    duration_s: Fraction | None
    seen: tuple[Figure, ...]
    looked_at: str
    damages: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    verdict: Verdict
    command: str

    @property
    def not_tested(self) -> tuple[tuple[str, str], ...]:
        """Signals that could not say anything, with the reason."""
        return tuple((one.signal, one.says) for one in self.evidence if one.applies is Applies.NO)

    def lines(self) -> list[str]:
        """The examination in plain words."""
        lines = [f"{self.name}: {self.verdict.finding}", self.verdict.sentence]
        lines += [f"  {reason}" for reason in self.verdict.reasons]
        lines += [
            f"{one.signal:16} {one.says}" for one in self.evidence if one.applies is not Applies.NO
        ]
        lines += [f"{name:16} not applicable: {why}" for name, why in self.not_tested]
        lines += [f"note: {words}" for words in self.damages]
        return [*lines, self.looked_at]

    def as_json(self) -> dict[str, object]:
        """The examination for programs; equal for the same file, version and ledger."""
        return {
            "masquerade": masquerade.__version__,
            "libraries": dict(libraries()),
            "file": {
                "name": self.name,
                "sha256": self.sha256,
                "sha512": self.sha512,
                "bytes": self.size_bytes,
                "kind": self.kind,
            },
            "propositions": list(PROPOSITIONS),
            "verdict": {
                "finding": self.verdict.finding.value,
                "sentence": self.verdict.sentence,
                "log10_lr": _rounded(self.verdict.log10_lr),
                "strength": self.verdict.strength,
                "reasons": list(self.verdict.reasons),
            },
            "seen": _figures_as_json(self.seen),
            "evidence": [_as_json(one) for one in self.evidence],
            "looked_at": self.looked_at,
            "damages": list(self.damages),
            "command": self.command,
        }


def examine(
    path: Path,
    *,
    signals: Sequence[str] = (),
    person: Path | None = None,
    reader: Networks = FaceReader.open,
    home: Path | None = None,
    tell: Tell | None = None,
) -> Examination:
    """All evidence about one file. Nothing is written, nothing is sent anywhere.

    Args:
        path: Any picture, video or sound.
        signals: Names of the signals to run; all when empty.
        person: An enrolled person's file, to compare with.
        reader: The face networks, or what opens them when a signal asks for faces.
        home: The installation's folder.
        tell: Told (stage, done, total or None).

    Raises:
        InputError: There is no such file, it may not be read, or it changed meanwhile.
        UsageError: There is no such signal.
        ConsentError: The enrolled person's consent does not hold.
        ProvenanceError: This installation's keys, ledger or calibrations cannot be relied on.
        ModelError: Weights that a signal needs cannot be had.

    Example:
        >>> examine(Path("clip.mp4")).verdict.finding.value  # doctest: +SKIP
        'inconclusive'
    """
    say = tell or no_progress
    modules = _modules(signals)
    known = known_person(person, home=home).person if person else None
    command = _command(path, signals, person)
    try:
        sample = Sample(path, reader=reader, person=known, tell=say)
    except InputError as error:
        return _unreadable(path, error, command)
    say("reading its marks", 0, None)
    marks = origin(sample.path, home=home)
    return with_origin(_observed(sample, modules, command, say), marks)


def observe(
    path: Path, *, signals: Sequence[str] = (), reader: Networks = FaceReader.open
) -> Examination:
    """The same without what marks, manifests and this installation's ledger say of the file.

    Whoever has them adds it by `with_origin`; the verdict is that of the signals alone until then.
    Arguments and errors are those of `examine`.
    """
    command = _command(path, signals, None)
    try:
        sample = Sample(path, reader=reader)
    except InputError as error:
        return _unreadable(path, error, command)
    return _observed(sample, _modules(signals), command, no_progress)


def with_origin(seen: Examination, marks: Evidence) -> Examination:
    """An examination with the evidence of its origin before all other."""
    evidence = (marks, *seen.evidence)
    return replace(seen, evidence=evidence, verdict=fuse(evidence))


def _modules(signals: Sequence[str]) -> dict[str, ModuleType]:
    names = list(signals) or registry.names("signals")
    return {name: registry.get(name, "signals") for name in names}


def _observed(
    sample: Sample, modules: Mapping[str, ModuleType], command: str, say: Tell
) -> Examination:
    found: list[Evidence] = []
    for number, (name, module) in enumerate(modules.items()):
        say(f"looking for {name.replace('_', ' ')}", number, len(modules))
        found.append(_run(name, module, sample))
    seen = pictures(sample, found)
    sample.check_unchanged()
    return Examination(
        unicode_text(sample.path.name),
        sample.sha256,
        sample.sha512,
        sample.size_bytes,
        sample.info.kind,
        sample.info.duration_s,
        seen,
        sample.plan.words,
        tuple(sample.damages),
        tuple(found),
        fuse(found),
        command,
    )


def _run(name: str, module: ModuleType, sample: Sample) -> Evidence:
    """A signal's evidence; where the file defeats it, evidence that says so."""
    options = module.Options()
    try:
        evidence: Evidence = module.examine(sample, options)
    except (ModelError, ProvenanceError):
        raise
    except MasqueradeError as error:
        why = f"The file could not be read for this: {_without_folder(error, sample.path)}."
    except Exception as error:  # a file that defeats one signal must not silence the others
        why = f"This signal failed on the file ({type(error).__name__}), which is a fault of ours."
    else:
        return evidence
    told = options.canonical_json()
    return silent(name, module.family, why, limits=module.limits, options_json=told)


def _unreadable(path: Path, error: InputError, command: str) -> Examination:
    """What is said of a file that cannot be opened: its hashes, and why not.

    Raises:
        InputError: Not even its bytes can be read.
    """
    try:
        sha256, sha512 = file_digests(path)
        size_bytes = path.stat().st_size
    except OSError:
        raise error from None
    sentence = "The file cannot be opened as picture, video or sound; nothing is said of it."
    why = _without_folder(error, path)
    verdict = Verdict(Finding.NOT_EXAMINABLE, sentence, reasons=(f"{why}.",))
    name = unicode_text(path.name)
    return Examination(
        name,
        sha256,
        sha512,
        size_bytes,
        UNKNOWN,
        None,
        (),
        "nothing could be looked at",
        (why,),
        (),
        verdict,
        command,
    )


def _without_folder(error: MasqueradeError, path: Path) -> str:
    """What was found, without where the file lies: reports are the same wherever it does."""
    return unicode_text(error.found.replace(str(path), path.name))


def _command(path: Path, signals: Sequence[str], person: Path | None) -> str:
    named = [f"--person {_word(person)}"] if person else []
    return " ".join(
        ["masquerade examine", _word(path), *(f"--signal {name}" for name in signals), *named]
    )


def _word(path: Path) -> str:
    """A file's name as a shell takes it, never as an option."""
    return shlex.quote(f"./{path.name}" if path.name.startswith("-") else path.name)


def libraries() -> tuple[tuple[str, str], ...]:
    """(name, version) of the libraries that decode and measure: others may give other figures."""
    return tuple((name, version(name)) for name in _LIBRARIES)


def _as_json(one: Evidence) -> dict[str, object]:
    return {
        "signal": one.signal,
        "family": one.family.value,
        "version": masquerade.__version__,
        "applies": one.applies.value,
        "says": one.says,
        "value": _rounded(one.value),
        "unit": one.unit,
        "log10_lr": _rounded(one.log10_lr),
        "ci95": None if one.ci95 is None else [_rounded(end) for end in one.ci95],
        "calibration": one.calibration,
        "limits": one.limits,
        "error_rate": one.error_rate,
        "options": json.loads(one.options_json),
        "region": one.region,
        "stretches": [
            [round(float(part.start_s), 3), round(float(part.end_s), 3), round(part.level, 4)]
            for part in one.stretches
        ],
        "figures": _figures_as_json(one.figures),
        "standing": one.standing.value,
        "details": [list(pair) for pair in one.details],
    }


def _figures_as_json(figures: Sequence[Figure]) -> list[dict[str, str]]:
    return [
        {
            "name": figure.name,
            "caption": figure.caption,
            "sha256": hashlib.sha256(figure.png).hexdigest(),
        }
        for figure in figures
    ]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
