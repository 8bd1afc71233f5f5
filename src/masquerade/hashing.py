"""Files that a user names: regular ones only, and the hash by which they are named everywhere.

A pipe, a socket or a device such as ``/dev/zero`` would keep a reader waiting, or never end.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from masquerade.errors import InputError

BLOCK = 1 << 20
"""Bytes of the parts by which a file is known again."""
_AT_ONCE = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes in hex, read in pieces.

    Raises:
        OSError: The file cannot be read, or is a pipe, socket or device.
    """
    with _opened(path) as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def input_sha256(path: Path, expected: str) -> str:
    """The same for a file that a user names; `expected` says in words what it is to be.

    Raises:
        InputError: The file cannot be read, or is a pipe, socket or device.
    """
    try:
        return file_sha256(path)
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror}", expected, "check the name"
        ) from error


@dataclass(frozen=True, slots=True)
class BlockHashes:
    """What a file held at one moment, so that each part of it is known again when it is read.

    Attributes:
        sha256: Of the whole, in hex.
        size: In bytes.
        blocks: SHA-256 of each `BLOCK` bytes, the last of what is left.
    """

    sha256: str
    size: int
    blocks: tuple[bytes, ...]


def block_hashes(path: Path) -> BlockHashes:
    """Hashes of a file and of its parts, read once; 32 bytes of memory for each MiB.

    Raises:
        OSError: The file cannot be read, or is a pipe, socket or device.
    """
    whole, blocks, size = hashlib.sha256(), [], 0
    with _opened(path) as handle:
        while block := handle.read(BLOCK):
            whole.update(block)
            blocks.append(hashlib.sha256(block).digest())
            size += len(block)
    return BlockHashes(whole.hexdigest(), size, tuple(blocks))


def file_digests(path: Path) -> tuple[str, str]:
    """SHA-256 and SHA-512 of a file's bytes in hex, read once.

    Raises:
        OSError: The file cannot be read, or is a pipe, socket or device.
    """
    short, long = hashlib.sha256(), hashlib.sha512()
    with _opened(path) as handle:
        while block := handle.read(1 << 20):
            short.update(block)
            long.update(block)
    return short.hexdigest(), long.hexdigest()


def small_bytes(path: Path, *, max_bytes: int = 1_000_000) -> bytes:
    """All bytes of a file that is small by its nature, such as a record or a certificate.

    Raises:
        OSError: The file cannot be read, is a pipe, socket or device, or is larger than that.
    """
    with _opened(path) as handle:
        data = handle.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise OSError(errno.EFBIG, f"it is larger than {max_bytes} bytes", str(path))
    return data


def _opened(path: Path) -> BufferedReader:
    try:
        handle = open(path, "rb", opener=lambda name, flags: os.open(name, flags | _AT_ONCE))  # noqa: SIM115
    except ValueError as error:  # a zero byte in the name
        raise OSError(errno.EINVAL, "no file can have this name", str(path)) from error
    if stat.S_ISREG(os.fstat(handle.fileno()).st_mode):
        return handle
    handle.close()
    raise OSError(errno.EINVAL, "it is a pipe, socket or device", str(path))
