"""What this machine has for running networks, what it lacks, and how fast it is."""

from __future__ import annotations

import os
import platform
import re
import shutil
import stat
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module, metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal, TypeAlias

import numpy as np

from masquerade.errors import ModelError
from masquerade.models.card import card
from masquerade.models.quiet import quiet
from masquerade.models.session import PROVIDERS, Session, open_session
from masquerade.models.store import Verified, cache_dir, cards, verify

State: TypeAlias = Literal["ok", "optional", "missing", "wrong"]
"""`optional`: not there and not needed for what is installed; `missing`: fetched or made when
needed; `wrong`: to be mended."""

_TIMED: Final = ("face_detector_short", "face_detector_full", "face_mesh", "iris", "face_identity")
_CALLS: Final = 9
_EXTRAS: Final = {
    "train": "only for training models of your own; everything else runs without it",
    "speech": "only for methods that work on speech",
    "server": "only for the web interface",
    "ray": "only for work on several machines",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One finding, for a table: what it is about, how it is, and one sentence."""

    section: str
    name: str
    state: State
    detail: str


@dataclass(frozen=True, slots=True)
class Package:
    """A package that Masquerade depends on.

    Attributes:
        name: Of the distribution.
        version: Empty where it is not installed.
        requirement: As the metadata states it.
        extra: The extra that it belongs to; empty where everything needs it.
    """

    name: str
    version: str
    requirement: str
    extra: str


@dataclass(frozen=True, slots=True)
class Runtime:
    """A runtime for networks: the devices it offers, or why it cannot be used."""

    name: str
    devices: tuple[str, ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Speed:
    """Median time of one call with one thread, in milliseconds; None, with a reason, if unknown."""

    name: str
    device: str
    ms: float | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that Masquerade writes to.

    Attributes:
        purpose: What it holds.
        path: Where it is, or will be.
        exists: Whether it is there yet.
        writable: Whether it, or the folder it will be made in, can be written.
        private: Whether only its owner can read it; None where the system has no such modes.
        free_bytes: Free space on its disk.
    """

    purpose: str
    path: Path
    exists: bool
    writable: bool
    private: bool | None
    free_bytes: int


@dataclass(frozen=True, slots=True)
class Report:
    """Everything the doctor found.

    Attributes:
        python: Version of Python.
        system: Operating system and its version.
        processor: Kind of processor and number of cores this process may use.
        pip: Whether pip is there, which brings the weights.
        packages: Each dependency.
        runtimes: Each runtime.
        weights: The file of each card, hashed anew.
        speeds: Of the networks whose weights are here, on each device.
        folders: Cache and home.
    """

    python: str
    system: str
    processor: str
    pip: bool
    packages: tuple[Package, ...]
    runtimes: tuple[Runtime, ...]
    weights: tuple[Verified, ...]
    speeds: tuple[Speed, ...]
    folders: tuple[Folder, ...]

    def rows(self) -> tuple[Row, ...]:
        """Every finding as one row, in the order of the report."""
        return (
            Row("machine", "python", "ok", self.python),
            Row("machine", "system", "ok", self.system),
            Row("machine", "processor", "ok", self.processor),
            *map(_package_row, self.packages),
            _pip_row(self.pip),
            *map(_runtime_row, self.runtimes),
            *map(_weights_row, self.weights),
            *map(_speed_row, self.speeds),
            *map(_folder_row, self.folders),
        )

    @property
    def healthy(self) -> bool:
        """Whether nothing is wrong; weights that are still to be fetched are not wrong."""
        return all(row.state != "wrong" for row in self.rows())


def examine(home: Path) -> Report:
    """A report on this machine; takes a second or two, changes and fetches nothing.

    Args:
        home: The folder of keys and ledger, which need not exist.

    Example:
        >>> examine(Path("home")).rows()[0].name
        'python'
    """
    runtimes = (_litert(), _onnxruntime())
    return Report(
        python=platform.python_version(),
        system=platform.platform(),
        processor=f"{platform.machine()}, {_cores()} cores",
        pip=find_spec("pip") is not None,
        packages=tuple(_packages()),
        runtimes=runtimes,
        weights=tuple(verify(name) for name in cards()),
        speeds=tuple(_speeds({runtime.name: runtime.devices for runtime in runtimes})),
        folders=(_folder("cache", cache_dir()), _folder("home", home)),
    )


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _packages() -> Iterator[Package]:
    """Each distribution that the installed package's metadata names, once."""
    for requirement in metadata.requires("masquerade") or []:
        text, _, marker = requirement.partition(";")
        matched = re.match(r"[A-Za-z0-9._-]+", text)
        if matched is None or "dev" in marker:
            continue
        try:
            version = metadata.version(matched[0])
        except metadata.PackageNotFoundError:
            version = ""
        extra = re.search(r"extra\s*==\s*['\"]([\w-]+)", marker)
        yield Package(matched[0], version, text.strip(), extra[1] if extra else "")


def _litert() -> Runtime:
    try:
        with quiet():
            import_module("ai_edge_litert.interpreter")
    except ImportError as error:
        return Runtime("litert", (), str(error))
    return Runtime("litert", ("cpu",))


def _onnxruntime() -> Runtime:
    try:
        with quiet():
            available = import_module("onnxruntime").get_available_providers()
    except ImportError as error:
        return Runtime("onnxruntime", (), str(error))
    devices = (device for device, provider in PROVIDERS.items() if provider in available)
    return Runtime("onnxruntime", tuple(devices))


def _speeds(devices: dict[str, tuple[str, ...]]) -> Iterator[Speed]:
    for name in _TIMED:
        for device in devices[card(name).runtime]:
            if verify(name).state != "verified":
                yield Speed(name, device, None, "its weights are not here yet")
                continue
            try:
                session = open_session(name, device=device)
            except ModelError as error:
                yield Speed(name, device, None, error.found)
            else:
                yield Speed(name, device, _median_ms(session))


def _median_ms(session: Session) -> float:
    """Median over a few calls on black pictures, after one to warm up."""
    blanks = [np.zeros([side or 1 for side in shape], np.float32) for shape in session.input_shapes]
    session(*blanks)
    times = []
    for _ in range(_CALLS):
        start = time.perf_counter()
        session(*blanks)
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def _folder(purpose: str, path: Path) -> Folder:
    there = next(place for place in (path.absolute(), *path.absolute().parents) if place.exists())
    private = None
    if os.name == "posix" and path.exists():
        private = not stat.S_IMODE(path.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO)
    return Folder(
        purpose=purpose,
        path=path,
        exists=path.is_dir(),
        writable=there.is_dir() and os.access(there, os.W_OK | os.X_OK),
        private=private,
        free_bytes=shutil.disk_usage(there).free,
    )


def _package_row(package: Package) -> Row:
    if package.version:
        return Row("packages", package.name, "ok", f"{package.version} ({package.requirement})")
    if package.extra:
        purpose = _EXTRAS.get(package.extra, f"for the extra {package.extra}")
        how = f"to get it: pip install 'masquerade[{package.extra}]'"
        return Row("packages", package.name, "optional", f"{purpose}; {how}")
    return Row("packages", package.name, "wrong", f"not installed ({package.requirement})")


def _pip_row(there: bool) -> Row:
    if there:
        return Row("packages", "pip", "ok", "there; it brings the weights")
    return Row("packages", "pip", "missing", "not there; weights cannot be fetched without it")


def _runtime_row(runtime: Runtime) -> Row:
    if runtime.problem:
        return Row("runtimes", runtime.name, "wrong", runtime.problem)
    return Row("runtimes", runtime.name, "ok", "runs on " + ", ".join(runtime.devices))


def _weights_row(found: Verified) -> Row:
    states: dict[str, tuple[State, str]] = {
        "verified": ("ok", f"verified, {found.path}"),
        "missing": ("missing", f"fetched on first use from {card(found.name).source_line}"),
        "altered": ("wrong", f"{found.path} is not what its card says"),
    }
    return Row("weights", found.name, *states[found.state])


def _speed_row(speed: Speed) -> Row:
    name = f"{speed.name} on {speed.device}"
    if speed.ms is None:
        return Row("speed", name, "missing", speed.reason)
    return Row("speed", name, "ok", f"{speed.ms:.1f} ms a call")


def _folder_row(folder: Folder) -> Row:
    detail = f"{folder.path}, {folder.free_bytes / 1e9:.1f} GB free"
    if not folder.writable:
        return Row("folders", folder.purpose, "wrong", f"{detail}, cannot be written")
    if folder.purpose == "home" and folder.private is False:
        return Row("folders", folder.purpose, "wrong", f"{detail}, others can read it")
    return Row("folders", folder.purpose, "ok" if folder.exists else "missing", detail)
