"""Checkpoints: the whole state of a training in one safetensors file, written in one step.

The last few are kept; a new one is complete on the disk before an old one goes. Each holds a code
over its weights and words, made with a key of this installation: one that is damaged, edited or
from elsewhere is told of, and the one before it is taken.
"""

from __future__ import annotations

import errno
import hmac
import os
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from pydantic import BaseModel, ConfigDict, ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from masquerade.errors import InputError, OutputError, UsageError
from masquerade.provenance.consent.model_file import ModelFile, read_model
from masquerade.provenance.home import sync_folder
from masquerade.provenance.keys import rest_key
from masquerade.train.cost import Cost

_NAME: Final = "step-{:08d}.safetensors"
_NAMES: Final = re.compile(r"^step-(\d{8})\.safetensors$")
_UNFINISHED: Final = ".step-*.safetensors.*"
_KEY: Final = "masquerade.training"
_CODE_KEY: Final = "masquerade.training.code"
_NO_CODE: Final = 64 * "-"  # as long as a code, which takes its place in the file
_PURPOSE: Final = "checkpoints"
_FULL: Final = (errno.ENOSPC, errno.EDQUOT)


class Progress(BaseModel):
    """How far a training is, and of what.

    Attributes:
        run: Hash of all that must be the same for a training to go on.
        step: Iterations done.
        rollbacks: How often it went back to a checkpoint after numbers that were none.
        seconds: Spent so far.
        consents: Ids of the records it is under.
        cost: What an iteration takes, as found out when it began.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    run: str
    step: int = 0
    rollbacks: int = 0
    seconds: float = 0.0
    consents: tuple[str, ...] = ()
    cost: Cost | None = None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a training: its tensors by name, and how far it is."""

    tensors: Mapping[str, Tensor]
    progress: Progress


def write(folder: Path, checkpoint: Checkpoint, *, keep: int) -> Path:
    """Where the checkpoint lies now; older ones than the last few are gone.

    Args:
        folder: Made where it is not there.
        checkpoint: Of the training now.
        keep: How many are kept, with this one.

    Raises:
        OutputError: It cannot be written; those before it are as they were.
    """
    place = folder / _NAME.format(checkpoint.progress.step)
    said = {_KEY: checkpoint.progress.model_dump_json(), _CODE_KEY: _NO_CODE}
    tensors = {name: one.contiguous() for name, one in checkpoint.tensors.items()}

    def fill(fresh: Path) -> None:
        save_file(tensors, fresh, said)
        _authenticate(fresh)

    for left in folder.glob(_UNFINISHED):  # by a process that was killed while it wrote
        left.unlink(missing_ok=True)
    write_whole(place, fill)
    # Later ones were damaged, or it would have gone on from them: none of those that are kept.
    for old in [one for one in _found(folder) if one.name <= place.name][keep:]:
        old.unlink(missing_ok=True)
    return place


def latest(folder: Path, *, run: str, tell: Callable[[str], None]) -> Checkpoint | None:
    """The newest checkpoint of a folder that can be read; None where nothing was learned yet.

    Args:
        folder: Of the training.
        run: What it must be a checkpoint of; see `Progress`.
        tell: Told, in words, of checkpoints that are damaged, or not as they were written here.

    Raises:
        UsageError: It is of another training.
        InputError: There are some, and none can be relied on.
    """
    places = _found(folder)
    for place in places:
        try:
            found = _read(place)
        except (SafetensorError, ValidationError, InputError, OSError, KeyError) as error:
            tell(f"{place.name} is damaged ({error}); the checkpoint before it is taken")
            continue
        if found.progress.run != run and not found.progress.step:
            return None  # another one's beginning, in which nothing was learned
        if found.progress.run != run:
            raise UsageError(
                f"{folder} holds a training of other faces, or with other options",
                "the same facesets and options, to go on with it",
                "give another name after -o, or --anew to begin again",
            )
        return found
    if places:
        raise InputError(
            f"every checkpoint in {folder} is damaged, or not as it was written here",
            "one that can be read, unchanged",
            "restore one from a backup, or add --anew to begin again",
        )
    return None


def remove_all(folder: Path) -> None:
    """Take away every checkpoint of a folder."""
    for place in _found(folder):
        place.unlink(missing_ok=True)


def has_some(folder: Path) -> bool:
    """Whether a folder holds checkpoints, of whichever training."""
    return bool(_found(folder))


def size_bytes(folder: Path) -> int:
    """Bytes that the checkpoints of a folder take, whose place later ones are given."""
    return sum(place.stat().st_size for place in _found(folder))


def write_whole(place: Path, fill: Callable[[Path], object]) -> None:
    """A file that is there as a whole or not at all.

    Args:
        place: Where it is to lie; replaced if it is there.
        fill: Writes it to a path beside.

    Raises:
        OutputError: It cannot be written; what lay there before is as it was.
    """
    fresh = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        fill(fresh)
        with fresh.open("rb+") as file:
            os.fsync(file.fileno())
        fresh.replace(place)
        sync_folder(place.parent)
    except (OSError, SafetensorError) as error:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise _fault(place, error) from error


def _fault(place: Path, error: Exception) -> OutputError:
    if getattr(error, "errno", 0) in _FULL or f"os error {errno.ENOSPC}" in str(error):
        return OutputError(
            f"the disk of {place.parent} is full",
            f"room for {place.name}",
            "free some space and give the same command again: it goes on from the last checkpoint",
        )
    return OutputError(f"{place} cannot be written ({getattr(error, 'strerror', '') or error})")


def _authenticate(fresh: Path) -> None:
    """Puts the code into a file that has room for it."""
    model = read_model(fresh)
    with fresh.open("rb+") as file:
        where = file.read(model.start).index(_NO_CODE.encode())
        file.seek(where)
        file.write(_code(model).encode())


def _code(model: ModelFile) -> str:
    """Over the tensors, and the words that say how far the training is."""
    said = f"{model.sha256}\n{model.metadata[_KEY]}"
    return hmac.digest(rest_key(None, _PURPOSE), said.encode(), "sha256").hex()


def _check_code(place: Path) -> None:
    """Passes when a checkpoint is as this installation wrote it.

    Raises:
        InputError: It is not.
        KeyError: It is no checkpoint.
    """
    model = read_model(place)
    if not hmac.compare_digest(model.metadata.get(_CODE_KEY, "").encode(), _code(model).encode()):
        raise InputError("it was changed, or written elsewhere", "a file as it was written here")


def _read(place: Path) -> Checkpoint:
    _check_code(place)
    with safe_open(place, "pt") as file:
        said = (file.metadata() or {})[_KEY]
        tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118
    return Checkpoint(tensors, Progress.model_validate_json(said))


def _found(folder: Path) -> list[Path]:
    """Checkpoints, the newest first."""
    inside = folder.iterdir() if folder.is_dir() else ()
    return sorted((path for path in inside if _NAMES.match(path.name)), reverse=True)


def prefixed(name: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors with a word before each name."""
    return {f"{name}.{key}": value.detach().to("cpu", copy=False) for key, value in tensors.items()}


def part(name: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Those with that word before their names, without it."""
    start = f"{name}."
    return {key[len(start) :]: one for key, one in tensors.items() if key.startswith(start)}


def is_finite(tensors: Mapping[str, Tensor]) -> bool:
    """Whether every number of the tensors is one."""
    floats = (one for one in tensors.values() if one.is_floating_point())
    return all(bool(torch.isfinite(one).all()) for one in floats)
