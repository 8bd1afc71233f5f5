"""A command line as a job: the same flags, read by the same parser, done by a worker later."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, TypeAlias

from pydantic import BaseModel

from masquerade import registry
from masquerade.cli.flags import read_flags
from masquerade.errors import UsageError
from masquerade.provenance.canonical import Json

Spec: TypeAlias = dict[str, Json]


def asked(given: argparse.Namespace) -> tuple[str, Spec]:
    """Kind and spec of the job that a command line asks for.

    Raises:
        UsageError: The command is none that can wait.
    """
    if getattr(given, "cluster", ""):
        raise UsageError(
            "--cluster is not part of a job",
            "where it is done is its worker's to say",
            "leave it out; start `masquerade jobs worker --cluster PLACE`",
        )
    if given.module == "masquerade.cli.make":
        return "make", _make(given)
    name = _command(given)
    if name not in READERS:
        raise UsageError(
            f"`masquerade {name}` cannot be a job",
            "a method, or one of " + ", ".join(sorted(READERS)),
            "give it without `jobs submit`",
        )
    kind, reader = READERS[name]
    spec = reader(given)
    return ("examine_folder" if kind == "examine" and "out" in spec else kind), spec


def _command(given: argparse.Namespace) -> str:
    """The words of a command, such as ``train swap``."""
    action = getattr(given, "action", "")
    if given.command == "body" and str(given.files[0]) == "inspect":
        action = "inspect"
    return f"{given.command} {action}".strip()


def _make(given: argparse.Namespace) -> Spec:
    return _made(given) | _request(given)


def _request(given: argparse.Namespace) -> Spec:
    """Which method, on which files, for whom."""
    return {
        "method": given.method,
        "target": str(given.inputs[-1]),
        "sources": _names(given.inputs[:-1]),
        "consents": _names(given.consent),
        "people": _name(given.people),
        "person": given.person,
        "purpose": given.purpose,
        "settings": _name(given.settings),
        "options": _flags(given, registry.get(given.method).Options),
        "blending": _blending(given),
        "device": given.device,
    }


def _anonymize(given: argparse.Namespace) -> Spec:
    from masquerade.generate.anonymize import Options
    from masquerade.pipelines.anonymize.anonymize import BLENDING

    blending = BLENDING.model_copy(update=_blending(given))
    return _made(given) | {
        "target": str(given.target),
        "keep": list(given.keep),
        "only": list(given.only),
        "on_failure": given.on_failure,
        "voice": given.voice,
        "drop_sound": given.drop_sound,
        "options": _flags(given, Options),
        "blending": blending.model_dump(mode="json"),
    }


def _lipsync(given: argparse.Namespace) -> Spec:
    from masquerade.generate.lipsync import Options

    return _made(given) | {
        "target": str(given.target),
        "speech": _name(given.speech),
        "text": getattr(given, "text", ""),
        "voice": _name(getattr(given, "voice", None)),
        "footage": _names(given.footage),
        "model": _name(given.model),
        "speaker": given.speaker,
        "consents": _names(given.consent),
        "purpose": given.purpose,
        "language": given.language,
        "longer": given.longer,
        "options": _flags(given, Options),
        "blending": _blending(given),
    }


def _portrait(given: argparse.Namespace) -> Spec:
    from masquerade.generate.portrait import Options

    return _made(given) | {
        "target": str(given.photo),
        "speech": _name(given.speech),
        "text": given.text,
        "voice": _name(given.voice),
        "consents": _names(given.consent),
        "person": given.person,
        "purpose": given.purpose,
        "language": given.language,
        "options": _flags(given, Options),
    }


def _body(given: argparse.Namespace) -> Spec:
    from masquerade.generate.body import Options
    from masquerade.pipelines.body.replace import BLENDING

    files: list[Path] = given.files
    if len(files) > 2:
        raise UsageError("a job makes one video", "a photo, then the video", "see --help")
    blending = BLENDING.model_copy(update=_blending(given))
    return _made(given) | {
        "target": str(files[-1]),
        "source": str(files[0]) if len(files) == 2 else None,
        "source_video": _name(given.source_video),
        "model": _name(given.model),
        "holdout": _name(given.holdout),
        "way": given.way,
        "consents": _names(given.consent),
        "person": given.person,
        "purpose": given.purpose,
        "force_quality": given.force_quality,
        "options": _flags(given, Options),
        "blending": blending.model_dump(mode="json"),
    }


def _body_inspect(given: argparse.Namespace) -> Spec:
    files: list[Path] = given.files[1:]
    if len(files) > 2 or (given.source_video and len(files) > 1):
        raise UsageError(
            f"{len(files)} files to inspect",
            "a video, and perhaps a photo of the source; with --source-video none, or a video",
        )
    if given.out is None:
        raise UsageError("a job of `body inspect` writes a picture", "a name for it", "add -o")
    return {
        "target": str(files[0]) if files else None,
        "source": str(files[1]) if len(files) > 1 else None,
        "source_video": _name(given.source_video),
        "person": given.person,
        "out": str(given.out),
        "overwrite": given.overwrite,
    }


def _examine(given: argparse.Namespace) -> Spec:
    if given.file is None or given.watch or given.check:
        raise UsageError("a job examines what is there", "the name of a file or a folder")
    spec: Spec = {
        "target": str(given.file),
        "signals": list(given.signal),
        "person": _name(given.person),
        "overwrite": given.overwrite,
    }
    if not given.file.is_dir():
        return spec | {"reports": _names(given.out)}
    if len(given.out) != 1:
        raise UsageError(f"{given.file} is a folder", "one folder for reports", "name it: -o DIR")
    return spec | {"out": str(given.out[0])}


def _evaluate(given: argparse.Namespace) -> Spec:
    return {
        "target": str(given.target),
        "output": str(given.output),
        "sources": _names(given.source),
        "out": _name(given.picture),
        "frames": given.frames,
        "overwrite": given.overwrite,
    }


def _gallery(given: argparse.Namespace) -> Spec:
    return {
        "target": str(given.photo),
        "out": str(given.out),
        "of": given.of,
        "consents": _names(given.consent),
        "purpose": given.purpose,
        "label": given.label,
        "label_language": given.label_language,
        "overwrite": given.overwrite,
    }


def _morph(given: argparse.Namespace) -> Spec:
    return {
        "photos": _names(given.photos),
        "share": given.share,
        "out": str(given.out),
        "consents": _names(given.consent),
        "purpose": given.purpose,
        "label": given.label,
        "label_language": given.label_language,
        "overwrite": given.overwrite,
    }


def _persona_voice(given: argparse.Namespace) -> Spec:
    return {"name": given.name, "out": str(given.out), "overwrite": given.overwrite}


def _person(given: argparse.Namespace) -> Spec:
    return {
        "name": given.name,
        "inputs": _names(given.inputs),
        "out": str(given.out),
        "consents": [str(given.consent)] if given.consent else [],
        "overwrite": given.overwrite,
    }


def _preview(given: argparse.Namespace) -> Spec:
    from masquerade.pipelines.clock import seconds_of

    for flag in ("write_settings", "choose"):
        if getattr(given, flag):
            raise UsageError(
                f"--{flag.replace('_', '-')} in a job", "a sheet alone", "leave it out"
            )
    if given.out is None:
        raise UsageError("a job says where its sheet goes", "-o SHEET", "add it")
    spec = _request(given) | {
        "out": str(given.out),
        "overwrite": given.overwrite,
        "label": given.label,
        "label_language": given.label_language,
        "shots": given.shots,
        "at": [float(seconds_of(one)) for one in given.at],
        "compare": list(given.compare),
    }
    return spec if given.count is None else spec | {"count": given.count}


def _verify(given: argparse.Namespace) -> Spec:
    return {"target": str(given.file)}


def _source(given: argparse.Namespace) -> Spec:
    return {
        "inputs": _names(given.inputs),
        "out": str(given.out),
        "consents": _names(given.consent),
        "overwrite": given.overwrite,
    }


def _faceset(given: argparse.Namespace) -> Spec:
    from masquerade.train.collect.limits import Collecting, Limits

    return _source(given) | {
        "purpose": given.purpose,
        "method": given.method,
        "photos": _names(given.reference),
        "limits": _flags(given, Limits),
        "how": _flags(given, Collecting),
    }


def _train(given: argparse.Namespace) -> Spec:
    from masquerade.train.swap.options import TrainOptions

    _check_goes_on(given)
    return {
        "source": str(given.source),
        "target": str(given.target),
        "out": str(given.out),
        "start": given.start,
        "options": _flags(given, TrainOptions),
        "overwrite": given.overwrite,
    }


def _train_lips(given: argparse.Namespace) -> Spec:
    from masquerade.train.lips.options import LipsOptions

    spec = _trained(given) | {"footage": _names(given.footage), "person": given.person}
    return spec | {"options": _flags(given, LipsOptions)}


def _train_body(given: argparse.Namespace) -> Spec:
    from masquerade.train.body.options import BodyTrainOptions

    spec = _trained(given) | {"video": str(given.video)}
    return spec | {"options": _flags(given, BodyTrainOptions)}


def _trained(given: argparse.Namespace) -> Spec:
    """Where a network goes that is trained on one person, by which consent, and what for."""
    _check_goes_on(given)
    return {
        "out": str(given.out),
        "consents": _names(given.consent),
        "purpose": given.purpose,
        "overwrite": given.overwrite,
    }


def _check_goes_on(given: argparse.Namespace) -> None:
    if given.anew:
        raise UsageError(
            "--anew in a job, which goes on after a stop", "a training that goes on",
            "remove its checkpoints, or name another -o",
        )  # fmt: skip


def _voice_build(given: argparse.Namespace) -> Spec:
    return {
        "inputs": _names(given.recordings),
        "out": str(given.out),
        "consents": _names(given.consent),
        "overwrite": given.overwrite,
    }


def _voice_convert(given: argparse.Namespace) -> Spec:
    from masquerade.generate.voice_convert import Options

    return _with_voice(given) | {"target": str(given.target), "options": _flags(given, Options)}


def _voice_speak(given: argparse.Namespace) -> Spec:
    from masquerade.cli.voice_speak import text_of
    from masquerade.generate.voice_speak import Options

    return _with_voice(given) | {"text": text_of(given), "options": _flags(given, Options)}


def _voice_disguise(given: argparse.Namespace) -> Spec:
    from masquerade.generate.voice_disguise import Options

    return _made(given) | {"target": str(given.target), "options": _flags(given, Options)}


def _with_voice(given: argparse.Namespace) -> Spec:
    """With whose voice, by which consent, and what for."""
    return _made(given) | {
        "voice": str(given.voice),
        "consents": _names(given.consent),
        "purpose": given.purpose,
    }


def _made(given: argparse.Namespace) -> Spec:
    """Where a sealed file goes, and how."""
    from masquerade.media.encoding import Encoding

    return {
        "out": str(given.out),
        "overwrite": given.overwrite,
        "label": given.label,
        "label_language": given.label_language,
        "encoding": _flags(given, Encoding),
    }


def _blending(given: argparse.Namespace) -> Spec:
    from masquerade.compose.blend import ComposeOptions

    return _flags(given, ComposeOptions)


def _flags(given: argparse.Namespace, options: type[BaseModel]) -> Spec:
    """What was given of some options; the rest keeps its defaults."""
    return read_flags(given, options).model_dump(mode="json", exclude_unset=True)


def _names(paths: list[Path]) -> list[Json]:
    return [str(path) for path in paths]


def _name(path: Path | None) -> str | None:
    return None if path is None else str(path)


READERS: Final[Mapping[str, tuple[str, Callable[[argparse.Namespace], Spec]]]] = {
    "anonymize": ("anonymize", _anonymize),
    "body": ("body", _body),
    "body inspect": ("body_inspect", _body_inspect),
    "dub": ("lipsync", _lipsync),
    "portrait": ("portrait", _portrait),
    "lipsync": ("lipsync", _lipsync),
    "evaluate swap": ("evaluate", _evaluate),
    "examine": ("examine", _examine),
    "morph": ("morph", _morph),
    "personas voice": ("persona_voice", _persona_voice),
    "train body": ("train_body", _train_body),
    "train lips": ("train_lips", _train_lips),
    "gallery": ("gallery", _gallery),
    "person enrol": ("person", _person),
    "preview": ("preview", _preview),
    "verify": ("verify", _verify),
    "source build": ("source", _source),
    "faceset build": ("faceset", _faceset),
    "train swap": ("train", _train),
    "voice build": ("voice_build", _voice_build),
    "voice convert": ("voice_convert", _voice_convert),
    "voice disguise": ("voice_disguise", _voice_disguise),
    "voice speak": ("voice_speak", _voice_speak),
}
"""Commands that can wait, each with its kind of work and what reads it."""
