"""Every input is, byte for byte, the file that was measured."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from masquerade.errors import PolicyError
from masquerade.hashing import BlockHashes, block_hashes, file_sha256
from masquerade.media.known_file import held_to
from masquerade.provenance.consent.check import Coverage
from masquerade.provenance.gates.gate import Gate, Request
from masquerade.types import InputUse


def check(request: Request) -> tuple[Coverage, ...]:
    """Nothing to cover, when every input that can be read again has the hash it had.

    Raises:
        PolicyError: An input was changed, or is gone.
    """
    for item, path in _files(request):
        try:
            _check(item, file_sha256(path))
        except OSError as error:
            raise _gone(item) from error
    return ()


@contextmanager
def as_measured(request: Request) -> Iterator[None]:
    """Within the block every input is read as it was measured, part by part, or not at all.

    A file that is exchanged while frames are made, and put back before it is looked at again, would
    pass the gate.

    Raises:
        PolicyError: An input is another one already, or is gone.
    """
    known: dict[Path, BlockHashes] = {}
    for item, path in _files(request):
        try:
            known[path] = block_hashes(path)
        except OSError as error:
            raise _gone(item) from error
        _check(item, known[path].sha256)
    with held_to(known):
        yield


def _files(request: Request) -> Iterator[tuple[InputUse, Path]]:
    """The inputs that can be read again."""
    for item in request.draft.recipe.inputs:
        path = item.path or (request.draft.target if item.role == "target" else None)
        if path is not None:
            yield item, path


def _check(item: InputUse, found: str) -> None:
    if found != item.sha256:
        raise PolicyError(
            f"the input {item.name} was changed while it was worked on",
            f"SHA-256 {item.sha256[:16]}",
            "run the command again",
        )


def _gone(item: InputUse) -> PolicyError:
    return PolicyError(f"the input {item.name} cannot be read any more")


GATE = Gate("inputs are what was measured", "0.1", check)
