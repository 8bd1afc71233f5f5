"""Kinds of work by name: what each takes, and the pipeline that does it."""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final, Literal, Protocol, TypeAlias

from pydantic import BaseModel

import masquerade
from masquerade.errors import InputError, UsageError
from masquerade.hashing import file_sha256
from masquerade.jobs.asked import Prose, Work, options_of
from masquerade.jobs.types import Spec
from masquerade.options import Options
from masquerade.provenance.canonical import Json, canonical_bytes

Gives: TypeAlias = Literal["media", "biometric", "report"]
KINDS: Final = (
    "anonymize",
    "body",
    "body_inspect",
    "evaluate",
    "examine",
    "examine_folder",
    "faceset",
    "gallery",
    "lipsync",
    "make",
    "morph",
    "person",
    "persona_voice",
    "portrait",
    "preview",
    "source",
    "train",
    "train_body",
    "train_lips",
    "verify",
    "voice_build",
    "voice_convert",
    "voice_disguise",
    "voice_speak",
)
"""Every kind of work; each is a file of `masquerade.jobs.kinds`."""
EXAMINING: Final = frozenset({"body_inspect", "evaluate", "examine", "examine_folder", "verify"})
"""Kinds that make nothing but reports."""
REMOTE: Final = tuple(name for name in KINDS if name != "examine_folder")
"""Kinds that can be asked for over the network: folders are this machine's own."""
OUTS: Final = frozenset({"out", "reports"})
"""Fields that name files which are made."""
_HOW: Final = frozenset({"overwrite"})  # does not decide the result


class Kind(Protocol):
    """What a file of `masquerade.jobs.kinds` declares."""

    Spec: type[Options]
    summary: str
    gives: Gives

    def run(self, spec: Options, work: Work) -> Mapping[str, object]:
        """Does the work."""
        ...


def kind_of(name: str) -> Kind:
    """The kind of work of that name.

    Raises:
        UsageError: There is none.
    """
    if name not in KINDS:
        raise UsageError(f"no kind of work is named {name!r}", "one of " + ", ".join(KINDS))
    module: Kind = importlib.import_module(f"masquerade.jobs.kinds.{name}")
    return module


def read_spec(name: str, spec: Spec) -> Options:
    """What is asked for, checked field by field; a method's own options too.

    Raises:
        UsageError: A value does not fit, or is missing.
    """
    kind = kind_of(name)
    read = options_of(kind.Spec, spec)
    method_options(name, read)
    try:
        canonical_bytes(read.model_dump(mode="json"))
    except ValueError as error:  # half a letter, or a number without end
        raise UsageError(
            "a value is no text or number that can be kept", "whole letters, finite numbers"
        ) from error
    return read


def method_options(name: str, read: Options) -> Options | None:
    """The options of the method that a spec names, where it names one.

    Raises:
        UsageError: There is no such method, or an option does not fit.
    """
    of: Callable[[Options], Options] | None = getattr(kind_of(name), "options", None)
    return of(read) if of else None


def do(name: str, spec: Spec, work: Work) -> dict[str, Json]:
    """Does the work and gives what came of it.

    Raises:
        MasqueradeError: As the pipeline does.
    """
    kind = kind_of(name)
    return dict(kind.run(options_of(kind.Spec, spec), work))  # type: ignore[arg-type]


def values_in(value: object, *, field: str = "") -> Iterator[tuple[str, Path | str]]:
    """Each path and each text in a spec with its field's name; free words are left out."""
    if isinstance(value, BaseModel):
        prose = set(_prose_in(type(value)))
        for name in type(value).model_fields:
            if name not in prose:
                yield from values_in(getattr(value, name), field=name)
    elif isinstance(value, Mapping):
        for name, one in value.items():
            yield from values_in(str(name), field=field)
            yield from values_in(one, field=str(name))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from values_in(one, field=field)
    elif isinstance(value, Path | str):
        yield field, value


def prose_of(name: str, spec: Spec) -> frozenset[str]:
    """Names of the fields of a kind of work, and of its method, that hold free words.

    Raises:
        UsageError: A value does not fit, or is missing.
    """
    read = read_spec(name, spec)
    found = method_options(name, read)
    kinds = (type(read),) if found is None else (type(read), type(found))
    return frozenset(field for kind in kinds for field in _prose_in(kind))


def _prose_in(kind: type[BaseModel]) -> Iterator[str]:
    for name, declared in kind.model_fields.items():
        if any(isinstance(mark, Prose) for mark in declared.metadata):
            yield name


def all_values(name: str, read: Options) -> Iterator[tuple[str, Path | str]]:
    """The same of a spec with its method's options, which say what is a path."""
    found = method_options(name, read)
    yield from values_in(read)
    if found is not None:
        yield from values_in(found)


def digest_of(
    name: str, read: Options, owner: str, hash_of: Callable[[Path], str | None] | None = None
) -> str:
    """A hash of all that decides a job's result, so that the same work is not done twice.

    Args:
        name: The kind of work.
        read: What is asked for.
        owner: Who asks.
        hash_of: The hash of what a path stands for, None where it is read as it stands; files of
            this machine where not given.

    Raises:
        InputError: A file cannot be read.
    """
    hashed: dict[str, Json] = {}
    for field, value in all_values(name, read):
        if field not in OUTS and (isinstance(value, Path) or hash_of is None):
            found = (hash_of or _hash)(Path(value))  # a word, such as a style's, may name a file
            if found is not None:
                hashed[str(value)] = found
    spec = read.model_dump(mode="json", exclude=set(_HOW))
    body: Json = [name, masquerade.__version__, owner, spec, hashed]
    text = canonical_bytes(body).decode()
    for named, told in hashed.items() if hash_of else ():  # the same file sent again is the same
        text = text.replace(named, str(told))
    return hashlib.sha256(text.encode()).hexdigest()


def _hash(path: Path) -> str | None:
    """Of a file or of all files in a folder; None where nothing is there (yet)."""
    try:
        if path.is_dir():
            inside = sorted(one for one in path.rglob("*") if one.is_file())
            parts: list[Json] = [[str(one.relative_to(path)), file_sha256(one)] for one in inside]
            return hashlib.sha256(canonical_bytes(parts)).hexdigest()
        return file_sha256(path) if path.is_file() else None
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror})", "a file") from error
