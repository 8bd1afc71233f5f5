"""Ed25519 keys that sign consent records and ledger rows, and the key for data at rest.

Each installation makes its own on first use and never sends them anywhere. Public keys are written
as ``ed25519:`` and 43 characters of base64, so that they can be read out, mailed and compared.
"""

from __future__ import annotations

import base64
import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from masquerade.errors import ProvenanceError
from masquerade.provenance.canonical import sha256_hex
from masquerade.provenance.home import create_once, home_dir

KEY_FILE = "signing.pem"
LEDGER_FILE = "ledger.sqlite"
_PREFIX = "ed25519:"
_NONCE_BYTES = 12  # AES-GCM, NIST SP 800-38D


def new_key() -> Ed25519PrivateKey:
    """A fresh signing key, held in memory only."""
    return Ed25519PrivateKey.generate()


def signing_key(home: Path | None = None) -> Ed25519PrivateKey:
    """This installation's signing key, made on first use.

    Raises:
        ProvenanceError: It cannot be read or made, or is not an Ed25519 key.
    """
    path = home_dir(home) / KEY_FILE
    pem = create_once(path, lambda: _first_key(path.parent))
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except ValueError as error:
        raise ProvenanceError(f"{path} does not hold a private key", "an Ed25519 key") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ProvenanceError(f"{path} holds another kind of key", "an Ed25519 key")
    return key


def _first_key(home: Path) -> bytes:
    """A new key in PEM, and an empty ledger before it: a key without a ledger then lost one."""
    (home / LEDGER_FILE).touch(mode=0o600)
    return _private_pem(new_key())


def rest_key(home: Path | None, purpose: str) -> bytes:
    """The 32-byte key for data of one purpose at rest, derived from the installation's secret.

    Raises:
        ProvenanceError: The secret cannot be read or made, or has another length.
    """
    path = home_dir(home) / "rest.key"
    secret = create_once(path, lambda: os.urandom(32))
    if len(secret) != 32:
        raise ProvenanceError(f"{path} holds {len(secret)} bytes", "32 bytes")
    return HKDF(SHA256(), 32, salt=None, info=f"masquerade {purpose}".encode()).derive(secret)


def encrypt(data: bytes, key: bytes, context: bytes) -> bytes:
    """`data` under AES-256-GCM: nonce, then ciphertext; `context` must be the same to open it."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, data, context)


def decrypt(data: bytes, key: bytes, context: bytes) -> bytes:
    """What `encrypt` was given.

    Raises:
        ProvenanceError: Another key or context, or changed bytes.
    """
    try:
        return AESGCM(key).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], context)
    except (InvalidTag, ValueError) as error:
        raise ProvenanceError(
            "encrypted data cannot be opened", "data written by this installation, unchanged"
        ) from error


def public_text(key: Ed25519PrivateKey) -> str:
    """The public part of a key as text.

    Example:
        >>> public_text(new_key())[:8]
        'ed25519:'
    """
    raw = key.public_key().public_bytes_raw()
    return _PREFIX + base64.b64encode(raw).decode().rstrip("=")


def key_fingerprint(public: str) -> str:
    """Sixteen hexadecimal digits that stand for a public key in messages.

    Raises:
        ProvenanceError: The text is not a public key.
    """
    return sha256_hex(_public_key(public).public_bytes_raw())[:16]


def sign(data: bytes, key: Ed25519PrivateKey) -> str:
    """The signature of `data` as base64."""
    return base64.b64encode(key.sign(data)).decode()


def is_signed(data: bytes, signature: str, public: str) -> bool:
    """Whether the holder of a public key signed exactly these bytes."""
    try:
        _public_key(public).verify(base64.b64decode(signature, validate=True), data)
    except (InvalidSignature, ValueError, ProvenanceError):
        return False
    return True


def _public_key(public: str) -> Ed25519PublicKey:
    text = public.strip()
    try:
        raw = base64.b64decode(text.removeprefix(_PREFIX) + "=", validate=True)
        if not text.startswith(_PREFIX):
            raise ValueError("no prefix")
        return Ed25519PublicKey.from_public_bytes(raw)
    except ValueError as error:
        raise ProvenanceError(
            f"{text[:60]!r} is not a public key", f"{_PREFIX} and 43 characters of base64"
        ) from error


def _private_pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
