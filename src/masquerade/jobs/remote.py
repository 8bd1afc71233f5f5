"""What somebody asks over the network, checked: nothing of it may name a file of this machine.

Files are named by reference (`masquerade.jobs.files`), results by a plain file name, and no other
text may hold what a path is made of. A job of theirs works in an empty folder of its own, so that a
plain word names nothing either.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from masquerade.errors import UsageError
from masquerade.jobs.files import REFERENCE, Files
from masquerade.jobs.types import Spec
from masquerade.jobs.work import KINDS, OUTS, REMOTE, all_values, prose_of, read_spec
from masquerade.options import Options
from masquerade.provenance.canonical import Json

_OUT: Final = re.compile(r"\w[\w .()-]{0,99}\.[A-Za-z0-9]{1,12}")
_WORD: Final = re.compile(r"[\w-]{0,100}")  # the name of something installed; no file has it
_REFERENCES: Final = re.compile(
    r"(?<![\w/])(?:upload:up-[0-9a-f]{32}|job:job-[0-9a-f]{32}(?:/[^/\\:,\x00-\x1f]{1,120})?)"
)
_PATHS: Final = re.compile(r"[/\\\x00-\x1f\x7f]|\.\.|^~|^[A-Za-z]:(?!\d)|%2[fF]")
_CLOSED: Final = {
    "people": "a map of people names files of its own",
    "settings": "settings by shot name files of their own",
    "network": "the card of a network names files of its own",
}
_TODO: Final = "upload the file, and name it upload:up-...; or job:job-... for what a job made"


def check_remote(kind: str, spec: Spec) -> Options:
    """What is asked for, of which nothing names a file of this machine.

    Raises:
        UsageError: Something does, or does not fit.
    """
    if kind in KINDS and kind not in REMOTE:
        raise UsageError(f"{kind} reads folders of this machine", "none over the network", _TODO)
    read = read_spec(kind, spec)
    for field, value in all_values(kind, read):
        text = str(value)
        if field in OUTS:
            _check_out(field, text)
        elif field in _CLOSED and isinstance(value, Path):
            if not _WORD.fullmatch(text):
                raise UsageError(f"{field}: {_CLOSED[field]}", "none over the network")
        elif isinstance(value, Path):
            if not REFERENCE.fullmatch(text) and not _WORD.fullmatch(text):
                raise UsageError(f"{field}: {text!r} is no file of yours", "a reference", _TODO)
        else:
            _check_words(field, text)
    return read


def references(kind: str, read: Options) -> list[str]:
    """Every reference in what is asked for, each once."""
    found = (
        reference
        for field, value in all_values(kind, read)
        if field not in OUTS
        for reference in _REFERENCES.findall(str(value))
    )
    return list(dict.fromkeys(found))


def jobs_named(kind: str, read: Options) -> list[str]:
    """Jobs whose results are asked for: what must be done before."""
    found = (REFERENCE.fullmatch(one) for one in references(kind, read))
    return list(dict.fromkeys(one["job"] for one in found if one and one["job"]))


def uploads_named(kind: str, read: Options) -> list[str]:
    """Uploads that are asked for."""
    found = (REFERENCE.fullmatch(one) for one in references(kind, read))
    return list(dict.fromkeys(one["upload"] for one in found if one and one["upload"]))


def hash_of_uploads(files: Files, owner: str) -> Callable[[Path], str | None]:
    """The hash of an upload, for `masquerade.jobs.work.digest_of`."""

    def hash_of(path: Path) -> str | None:
        found = REFERENCE.fullmatch(str(path))
        if found is None or not found["upload"]:
            return None
        upload = files.upload(found["upload"], owner)
        return f"{upload.sha256} {upload.name}"

    return hash_of


def with_paths(kind: str, spec: Spec, files: Files, owner: str) -> dict[str, Json]:
    """The same with paths in place of references, free words as they are; for the worker alone.

    Raises:
        UsageError: A reference is somebody else's.
        InputError: A file is not there.
    """
    words = prose_of(kind, spec)
    told = _put(dict(spec), lambda reference: str(files.resolved(reference, owner)), words)
    assert isinstance(told, dict)
    return told


def _put(value: Json, path_of: Callable[[str], str], words: frozenset[str]) -> Json:
    if isinstance(value, dict):
        return {
            name: one if name in words else _put(one, path_of, words) for name, one in value.items()
        }
    if isinstance(value, list):
        return [_put(one, path_of, words) for one in value]
    if isinstance(value, str):
        return _REFERENCES.sub(lambda found: path_of(found[0]), value)
    return value


def _check_words(field: str, text: str) -> None:
    option = text.partition("=")[0].strip().lower()  # as a preview compares them
    if option in _CLOSED and _REFERENCES.search(text):
        raise UsageError(f"{field}: {_CLOSED[option]}", "none over the network")
    if _PATHS.search(_REFERENCES.sub("", text)):
        raise UsageError(f"{field}: {text!r} could name a file here", "a plain word", _TODO)


def _check_out(field: str, text: str) -> None:
    if not _OUT.fullmatch(text) or ".." in text:
        raise UsageError(
            f"{field}: {text!r} is no plain file name", "such as result.mp4", "leave folders out"
        )
